//===- FixedLayer.cpp - Fixed-point layers of constant weights ------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/FixedLayer.h"
#include "dialects/Shift/IR/ShiftCertificate.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;
using ::shift::FixedPoint;
using ::shift::int128;

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

FixedPoint FixedLayer::inputFormat() const {
  return *getFixedPoint(elementOf(input));
}

std::optional<FixedPoint> FixedLayer::resultFormat() const {
  return getFixedPoint(elementOf(result));
}

std::string FixedLayer::key() const {
  std::string key;
  llvm::raw_string_ostream os(key);
  os << typeKey(input) << '_' << typeKey(result) << '_'
     << shapeKey(shapeOf(input)) << '_' << shapeKey(shapeOf(weights)) << ' '
     << layer.key();
  if (clampMin)
    os << " min" << floatKey(*clampMin);
  if (clampMax)
    os << " max" << floatKey(*clampMax);
  if (added)
    os << (added->isLeft ? " add " : " added to ") << added->formats.key();
  return key;
}

void FixedLayer::addOutputTo(SmallVectorImpl<Value> &args, StepInfo &info,
                             Lowering &lowering) const {
  if (added) {
    info.inPlace.push_back(args.size());
    args.push_back(lowering.buffer(added->other));
  }
  args.push_back(lowering.output(stored()));
}

/// The add that is computed with `op`, if there is one.
static std::optional<AddedTensor> describeAdded(Operation *op) {
  AddOp add = getFusedAdd(op);
  if (!add)
    return std::nullopt;
  bool isLeft = add.getLhs() == op->getResult(0);
  return AddedTensor{isLeft ? add.getRhs() : add.getLhs(), add.getResult(),
                     describeAdd(add), isLeft};
}

FixedLayer mlir::shift::kernels::describeFixedLayer(Operation *op) {
  FixedLayer layer;
  layer.op = op;
  auto fill = [&](auto typed) {
    layer.input = typed.getInput();
    layer.weights = typed.getWeights();
    layer.bias = typed.getBias();
    layer.result = typed.getResult();
    layer.clampMin = toFloat(typed.getClampMin());
    layer.clampMax = toFloat(typed.getClampMax());
    layer.added = describeAdded(op);
  };
  if (auto conv = dyn_cast<Conv2DOp>(op)) {
    fill(conv);
    layer.layer = convLayer({shapeOf(layer.input), shapeOf(layer.result),
                             shapeOf(layer.weights).drop_front(2),
                             conv.getStrides(), conv.getDilations(),
                             conv.getPads(), int64_t(conv.getGroup())},
                            /*channelsLast=*/false);
    return layer;
  }
  fill(cast<LinearOp>(op));
  ArrayRef<int64_t> shape = shapeOf(layer.weights);
  layer.layer =
      linearLayer(countOf(layer.input) / std::max<int64_t>(shape[1], 1),
                  shape[1], shape[0]);
  return layer;
}

bool mlir::shift::kernels::isConstantFixedLayer(Operation *op,
                                                std::string &reason) {
  return ConstantLayer::is(op, reason);
}

//===----------------------------------------------------------------------===//
// Certificate
//===----------------------------------------------------------------------===//

FailureOr<SumCertificate>
mlir::shift::kernels::certifySums(const FixedLayer &layer,
                                  std::string &reason) {
  ConstantLayer constants = *ConstantLayer::get(layer.op, reason);
  SumCertificate result;
  for (int64_t channel = 0; channel < constants.channels(); ++channel) {
    ChannelSum sum = constants.sumOf(channel);
    if (sum.bound.overflow) {
      reason = "channel " + std::to_string(channel) +
               " needs an accumulator of more than 128 bits";
      return failure();
    }
    result.boundBits =
        std::max(result.boundBits, ::shift::accumulatorBits(sum.bound));
    result.exponent.push_back(sum.exponent);
    result.left.push_back(std::max(-sum.shift, 0));
    result.right.push_back(std::max(sum.shift, 0));
    result.biasError = std::max(result.biasError, std::fabs(sum.bias.error));
    int128 half = sum.shift > 0 ? int128(1) << (sum.shift - 1) : 0;
    result.add.push_back(sum.bias.value + half);
    result.unit.push_back(sum.exponent - layer.inputFormat().fraction);
  }
  if (CertificateAttr certificate = getCertificate(layer.op))
    result.boundBits = certificate.getBoundBits();
  return result;
}

void mlir::shift::kernels::describeSums(StepInfo &info, const FixedLayer &layer,
                                        const SumCertificate &certificate,
                                        int width, const Twine &how) {
  info.macs = layer.layer.macs();
  info.accumulatorBits = width;
  info.boundBits = certificate.boundBits;
  info.describeWeights(getWeightOp(layer.weights));
  if (layer.bias)
    info.error += (info.error.empty() ? "bias " : ", bias ") +
                  llvm::formatv("{0:e1}", certificate.biasError).str();
  info.reason =
      (how + ", the worst case takes " + Twine(certificate.boundBits) + " bits")
          .str();
}

int mlir::shift::kernels::sumWidth(int bits) {
  return bits <= 32 ? 32 : bits <= 64 ? 64 : 128;
}

//===----------------------------------------------------------------------===//
// Epilogue
//===----------------------------------------------------------------------===//

/// Appends the little-endian bytes of each value in `width` bits.
template <typename Values>
static void append(std::vector<char> &bytes, const Values &values, int width) {
  for (int128 value : values)
    for (int i = 0; i < width / 8; ++i)
      bytes.push_back(char(uint8_t(value >> (8 * i))));
}

EpilogueTables::EpilogueTables(const FixedLayer &layer,
                               const SumCertificate &certificate, int width)
    : width(width), isFloat(isFloatTensor(layer.result)) {
  auto isSome = [](int shift) { return shift != 0; };
  hasLeft = llvm::any_of(certificate.left, isSome);
  hasRight = llvm::any_of(certificate.right, isSome);
  append(words, certificate.add, width);
  if (hasLeft)
    append(words, certificate.left, width);
  if (hasRight)
    append(words, certificate.right, width);
  if (isFloat)
    for (int unit : certificate.unit)
      scales.push_back(int64_t(unit) << 52);
}

void EpilogueTables::addTo(SmallVectorImpl<Value> &args,
                           Lowering &lowering) const {
  Builder b(lowering.getModule().getContext());
  args.push_back(
      lowering.constant(ArrayRef<char>(words), b.getIntegerType(width)));
  if (isFloat)
    args.push_back(
        lowering.constant(ArrayRef<int64_t>(scales), b.getI64Type()));
}

std::string EpilogueTables::key() const {
  return "acc" + std::to_string(width) + (hasLeft ? "l" : "") +
         (hasRight ? "r" : "");
}

void Epilogue::nameBuffers(KernelBuilder &kb) const {
  kb.named(words, "channelTable");
  if (scales)
    kb.named(scales, "scales");
  if (other)
    kb.named(other, "added");
}

Val Epilogue::emit(KernelBuilder &kb, Val sums, Val channel) const {
  int64_t lanes = KernelBuilder::lanesOf(sums.type());
  int64_t channels = shapeOf(layer.weights)[0];
  auto entry = [&](int64_t table, StringRef name) {
    Val word = kb.named(kb.load(words, channel + table * channels), name);
    return kb.broadcast(word, lanes);
  };
  Val value = kb.named(sums, "sum");
  if (tables.hasLeft)
    value = kb.shl(value, entry(1, "leftShift"));
  value = kb.named(value + entry(0, "addend"), "total");
  std::optional<FixedPoint> format = layer.resultFormat();
  if (!format) {
    // One float32 rounding of the sum; the scaling, exact but for subnormal
    // results, is an addition to the exponent in float64, so that it too rounds
    // once and takes no multiplication.
    Val number = kb.convert(emitAccumulatorToFloat(kb, value), kb.f64());
    Val bits = kb.bitcast(number, kb.i(64));
    Val zero = kb.constant(bits.type(), 0);
    Val scale = kb.broadcast(kb.load(scales, channel), lanes);
    bits = kb.select(kb.compare(arith::CmpIPredicate::eq, bits, zero), zero,
                     bits + scale);
    return emitFloatClamp(kb, kb.convert(kb.bitcast(bits, kb.f64()), kb.f32()),
                          layer.clampMin, layer.clampMax);
  }
  if (tables.hasRight)
    value = kb.named(kb.shr(value, entry(tables.hasLeft ? 2 : 1, "rightShift")),
                     "shifted");
  return emitSaturate(
      kb, value, fixedRange(*format, layer.clampMin, layer.clampMax), *format);
}

Val Epilogue::emitAdd(KernelBuilder &kb, Val own, Val at) const {
  const AddedTensor &added = *layer.added;
  Val rest = kb.load(other, at, KernelBuilder::lanesOf(own.type()));
  return emitFixedAdd(kb, added.formats, added.isLeft ? own : rest,
                      added.isLeft ? rest : own);
}

void Epilogue::prefetch(KernelBuilder &kb, Val batch, Val channel, Val channels,
                        Val first) const {
  const ConvLayer &conv = layer.layer;
  if (!layer.added || conv.outPosition != 1)
    return;
  constexpr int64_t lineBytes = 64;
  int64_t line =
      lineBytes / (storageOf(layer.added->other).getIntOrFloatBitWidth() / 8);
  Val base = batch * conv.outBatch + channel * conv.outChannel + first;
  // The first row's lines from its start on, and the one that its end lies in.
  kb.loop(kb.index(0), channels, 1, [&](Val i) {
    for (int64_t at = 0; at < conv.panel.block + line; at += line)
      kb.prefetch(other, base + i * conv.outChannel +
                             std::min(at, conv.panel.block - 1));
  });
}
