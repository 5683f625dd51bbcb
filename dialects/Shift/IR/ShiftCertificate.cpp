//===- ShiftCertificate.cpp - Worst cases of exact sums -------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftCertificate.h"
#include "dialects/Shift/IR/ShiftVerify.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

#include <cstring>

using namespace mlir;
using namespace mlir::shift;
using ::shift::AccumulatorBound;
using ::shift::int128;

/// The bias as numbers, zeros without one; none if it is not a constant.
static std::optional<std::vector<float>> biasValues(Value bias,
                                                    int64_t channels) {
  if (!bias)
    return std::vector<float>(channels, 0.0f);
  ElementsAttr attr;
  if (!matchPattern(bias, m_Constant(&attr)))
    return std::nullopt;
  std::vector<uint8_t> bytes = getRawBytes(attr);
  if (int64_t(bytes.size()) != channels * int64_t(sizeof(float)))
    return std::nullopt;
  std::vector<float> values(channels);
  memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// The bias of a conv2d or linear, none if it is not a constant.
static std::optional<std::vector<float>> biasOf(Operation *op) {
  Value bias = op->getNumOperands() > 2 ? op->getOperand(2) : Value();
  return biasValues(bias, shapeOf(op->getOperand(1))[0]);
}

bool ConstantLayer::is(Operation *op, std::string &reason) {
  if (!isa<Conv2DOp, LinearOp>(op) ||
      !getFixedPoint(op->getOperand(0).getType()))
    return false;
  if (!getWeightOp(op->getOperand(1)))
    reason = "weights are not a constant";
  else if (!biasOf(op))
    reason = "the bias is not a constant";
  else
    return true;
  return false;
}

std::optional<ConstantLayer> ConstantLayer::get(Operation *op,
                                                std::string &reason) {
  if (!is(op, reason))
    return std::nullopt;
  Value weights = op->getOperand(1);
  auto type = cast<Pow2Type>(getElementTypeOrSelf(weights));
  ConstantLayer layer;
  layer.in = *getFixedPoint(op->getOperand(0).getType());
  layer.out = getFixedPoint(op->getResult(0).getType());
  layer.lo = int(type.getLo());
  layer.tapsPerChannel =
      ShapedType::getNumElements(shapeOf(weights).drop_front());
  layer.termsPerTap = type.getTerms();
  layer.terms = getTerms(getWeightOp(weights));
  layer.bias = *biasOf(op);
  return layer;
}

ChannelSum ConstantLayer::sumOf(int64_t channel) const {
  ArrayRef<::shift::Term> own = termsOf(channel);
  ChannelSum sum;
  sum.exponent = ::shift::channelExponent(
      own.data(), own.size(), out ? in.fraction - out->fraction : lo);
  sum.shift = out ? in.fraction - sum.exponent - out->fraction : 0;
  int unit = out ? ::shift::biasUnit(sum.exponent, in.fraction, out->fraction)
                 : sum.exponent - in.fraction;
  sum.bias = ::shift::roundBias(bias[channel], unit);
  int128 addend = sum.bias.value < 0 ? -sum.bias.value : sum.bias.value;
  AccumulatorBound weight =
      ::shift::weightMagnitude(own.data(), own.size(), sum.exponent);
  sum.sum = ::shift::accumulatorBound(in.maxAbsQ(), weight, 0, 0);
  sum.bound =
      ::shift::accumulatorBound(in.maxAbsQ(), weight, addend, sum.shift);
  sum.bound.overflow |= sum.bias.overflow;
  return sum;
}

void ConstantLayer::countProducts(int64_t channel, int exponent,
                                  std::vector<uint8_t> &fits16,
                                  std::vector<uint8_t> &fits32) const {
  ArrayRef<::shift::Term> own = termsOf(channel);
  uint64_t limit16 = ::shift::magnitudeLimit(in.maxAbsQ(), 16);
  uint64_t limit32 = ::shift::magnitudeLimit(in.maxAbsQ(), 32);
  // Anything from 2^32 on is as good as more: not even one product fits.
  auto magnitudeOf = [&](::shift::Term term) {
    return term.sign == 0
               ? 0
               : uint64_t{1} << std::min(term.exponent - exponent, 32);
  };
  SmallVector<uint64_t, 64> magnitudes;
  int64_t chunk = getCertificateChunk(tapsPerChannel);
  for (int64_t first = 0; first < tapsPerChannel; first += chunk) {
    int64_t count = std::min(chunk, tapsPerChannel - first);
    magnitudes.assign(count, 0);
    for (int64_t i = 0; i < count * termsPerTap; ++i)
      magnitudes[i / termsPerTap] += magnitudeOf(own[first * termsPerTap + i]);
    fits16.push_back(
        ::shift::productsThatFit(magnitudes.data(), count, limit16));
    fits32.push_back(
        ::shift::productsThatFit(magnitudes.data(), count, limit32));
  }
}

FailureOr<CertificateAttr> ConstantLayer::certify(MLIRContext *context,
                                                  int64_t &channel) const {
  int sumBits = 1, boundBits = 1;
  std::vector<uint8_t> fits16, fits32;
  for (channel = 0; channel < channels(); ++channel) {
    ChannelSum sum = sumOf(channel);
    if (sum.bound.overflow)
      return failure();
    sumBits = std::max(sumBits, ::shift::accumulatorBits(sum.sum));
    boundBits = std::max(boundBits, ::shift::accumulatorBits(sum.bound));
    countProducts(channel, sum.exponent, fits16, fits32);
  }
  int64_t chunk = getCertificateChunk(taps());
  auto type = RankedTensorType::get(
      {channels(), int64_t(llvm::divideCeil(taps(), chunk))},
      IntegerType::get(context, 8, IntegerType::Unsigned));
  auto fits = [&](ArrayRef<uint8_t> counts) {
    return cast<DenseIntElementsAttr>(DenseElementsAttr::get(type, counts));
  };
  return CertificateAttr::get(context, sumBits, boundBits, chunk, fits(fits16),
                              fits(fits32));
}

int64_t mlir::shift::leastProducts(Operation *op, DenseIntElementsAttr fits) {
  int64_t chunk = getCertificate(op).getChunk(), least = chunk;
  int64_t taps =
      ShapedType::getNumElements(shapeOf(op->getOperand(1)).drop_front());
  int64_t first = 0;
  for (uint8_t count : fits.getValues<uint8_t>()) {
    if (count < std::min(chunk, taps - first))
      least = std::min<int64_t>(least, count);
    first = first + chunk < taps ? first + chunk : 0;
  }
  return least;
}

LogicalResult mlir::shift::checkCertificate(Operation *op) {
  CertificateAttr found = getCertificate(op);
  if (!found)
    return success();
  std::string reason;
  std::optional<ConstantLayer> layer = ConstantLayer::get(op, reason);
  int64_t channel = 0;
  if (layer && layer->certify(op->getContext(), channel) == found)
    return success();
  return op->emitOpError("expected the certificate of its weights and formats, "
                         "got another; run certify-accumulators again");
}
