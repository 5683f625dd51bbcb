//===- LayerRounding.cpp - Rounds the weights of layers, once -------------===//
// SPDX-License-Identifier: Apache-2.0
// A layer that wants an initializer's transpose rounds the transposed weights;
// the numbers of stochastic rounding still count the initializer's elements.
//===----------------------------------------------------------------------===//
#include "LayerRounding.h"
#include "dialects/ONNX/IR/ONNXConstants.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace mlir::shift;

static std::string nameOf(onnx::ConstantOp constant) {
  return constant.getName() ? constant.getName()->str() : "constant";
}

/// `values`, stored columns x rows, as rows x columns.
static std::vector<float> transpose(const std::vector<float> &values,
                                    int64_t rows, int64_t columns) {
  std::vector<float> result;
  result.reserve(values.size());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      result.push_back(values[column * rows + row]);
  return result;
}

FailureOr<WeightOp> LayerRounding::round(OpBuilder &builder, Operation *user,
                                         onnx::ConstantOp weights,
                                         ArrayRef<int64_t> shape,
                                         bool transposed, float factor) {
  Key key{weights, shape.vec(), transposed, factor};
  if (auto found = made.find(key); found != made.end())
    return found->second;
  std::optional<std::vector<float>> values = onnx::getFloats(weights);
  if (!values)
    return user->emitError("initializer '")
           << nameOf(weights) << "' has no float32 data";
  if (factor != 1)
    for (float &value : *values)
      value *= factor;
  int64_t bad = ::shift::findNonFinite(values->data(), values->size());
  if (bad >= 0)
    return user->emitError("initializer '")
           << nameOf(weights) << "' holds "
           << (std::isnan((*values)[bad]) ? "NaN" : "infinity")
           << " at element " << bad << "; power-of-two weights must be finite";

  int64_t channels = shape.front();
  int64_t perChannel = values->size() / std::max<int64_t>(channels, 1);
  ::shift::PowerOfTwoOptions layerOptions = options;
  layerOptions.isStoredTransposed = transposed;
  if (transposed)
    values = transpose(*values, channels, perChannel);
  ::shift::RoundedWeights rounded = ::shift::roundWeights(
      values->data(), channels, perChannel, layerOptions, nameOf(weights));
  auto element = Pow2Type::get(user->getContext(), options.range.lo,
                               options.range.hi, options.terms, options.window);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfter(weights);
  WeightOp weight =
      createWeight(builder, weights.getLoc(), shape, element, rounded.terms,
                   rounded.windowTops, builder.getStringAttr(nameOf(weights)));
  made[key] = weight;
  report(user, weight, rounded);
  return weight;
}

void LayerRounding::report(Operation *user, WeightOp weight,
                           const ::shift::RoundedWeights &rounded) {
  int64_t count = cast<ShapedType>(weight.getType()).getNumElements();
  sums.weights += count;
  sums.packedBits += count * weight.getBits();
  sums.saturated += rounded.saturated;
  sums.underflowed += rounded.underflowed;
  if (rounded.saturated > 0) {
    std::string text;
    llvm::raw_string_ostream(text)
        << "initializer '" << weight.getName().value_or("weights") << "' has "
        << rounded.saturated << " of " << count
        << " weights above its range, the largest "
        << llvm::format("%g", double(rounded.maxAbs)) << "; they saturate";
    mlir::emitWarning(user->getLoc()) << text;
  }
  RoundingError error{std::nullopt, rounded.saturated, rounded.underflowed};
  if (rounded.errorPower > 0)
    error.sqnr = 10 * std::log10(rounded.signalPower / rounded.errorPower);
  setRoundingError(weight, error);
  remark::passed(user->getLoc(), remark::RemarkOpts::name("Rounded")
                                     .category("shift-quantize")
                                     .function(weight.getName().value_or("")))
      << llvm::formatv("{0}: {1}, {2} bits a weight",
                       weight.getName().value_or("weights"), error.show(),
                       weight.getBits())
             .str();
}
