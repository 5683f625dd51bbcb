//===- RandomLayers.cpp - Modules of random layers ------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "RandomLayers.h"
#include "CompareEngines.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "shift/Conversion/Kernels/Passes.h"
#include "shift/Support/ConvWindow.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::shift;

namespace shift::test {

int64_t Layer::weightsPerChannel() const {
  int64_t count = 1;
  for (int64_t size : ArrayRef(w).drop_front())
    count *= size;
  return count;
}

RandomLayers::RandomLayers(uint32_t seed)
    : random(seed), context(createContext()), b(context.get()),
      loc(b.getUnknownLoc()), module(ModuleOp::create(loc)) {
  b.setInsertionPointToEnd(module->getBody());
  main = func::FuncOp::create(b, loc, "main", b.getFunctionType({}, {}));
  b.setInsertionPointToStart(main.addEntryBlock());
}

int64_t RandomLayers::pick(int64_t lo, int64_t hi) {
  return std::uniform_int_distribution<int64_t>(lo, hi)(random);
}

std::vector<float> RandomLayers::pickNormal(int64_t count, float deviation) {
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(count);
  for (float &value : values)
    value = normal(random);
  return values;
}

Type RandomLayers::pickFixedType() {
  static const int bitChoices[] = {8, 8, 10, 12, 16, 16, 5, 32};
  FixedPoint format;
  format.bits = bitChoices[pick(0, 7)];
  format.storageBits = format.bits <= 8 ? 8 : format.bits <= 16 ? 16 : 32;
  format.isSigned = format.storageBits != 8 || pick(0, 1);
  format.fraction = pick(-3, 12);
  return getFixedType(format);
}

Type RandomLayers::getFixedType(const FixedPoint &format) {
  return getFixedPointType(context.get(), format);
}

Type RandomLayers::getFloatType() { return b.getF32Type(); }

PowerOfTwoOptions RandomLayers::pickRounding() {
  static const std::pair<int, int> ranges[] = {
      {-15, 0}, {0, 15}, {-10, 5}, {-10, 5}, {-24, 2}, {-3, -3}, {-7, 0}};
  PowerOfTwoOptions options;
  auto [lo, hi] = ranges[pick(0, 6)];
  options.range = {lo, hi};
  options.rounding = pick(0, 1) ? Rounding::Nearest : Rounding::Log;
  options.underflow = pick(0, 1) ? Underflow::Zero : Underflow::Raise;
  options.terms = pick(0, 1) ? 1 : pick(2, 3);
  options.window = pick(0, 1) ? 0 : pick(1, 8);
  return options;
}

void RandomLayers::pickWindow(Layer &layer, ArrayRef<int64_t> extra,
                              int64_t maxPad) {
  layer.y = {layer.x[0], layer.w[0], 0, 0};
  layer.x.resize(4);
  for (int i = 0; i < 2; ++i) {
    layer.strides[i] = pick(0, 1) ? 1 : pick(1, 3);
    layer.dilations[i] = pick(0, 2) ? 1 : pick(1, 3);
    int64_t before = pick(0, maxPad);
    int64_t after = pick(0, 1) ? before : pick(0, maxPad + 1);
    layer.pads[i] = before;
    layer.pads[i + 2] = after;
    ConvWindow window{layer.w[2 + i], layer.strides[i], layer.dilations[i],
                      before, after};
    int64_t least = std::max<int64_t>(1, window.extent() - before - after);
    layer.x[2 + i] = least + extra[i];
    layer.y[2 + i] = convOutputSize(layer.x[2 + i], window);
  }
}

Layer RandomLayers::pickShape(int64_t maxChannels) {
  Layer layer;
  layer.isLinear = pick(0, 7) == 0;
  if (layer.isLinear) {
    layer.w = {pick(1, 2 * maxChannels), pick(1, 90)};
    layer.x = {pick(1, 9), layer.w[1]};
    layer.y = {layer.x[0], layer.w[0]};
    return layer;
  }
  bool isDepthwise = pick(0, 4) == 0;
  layer.group = isDepthwise ? pick(2, 35) : pick(0, 4) ? 1 : pick(2, 4);
  int64_t inputs = isDepthwise ? 1 : pick(1, maxChannels);
  int64_t outputs = isDepthwise ? pick(1, 2) : pick(1, maxChannels);
  layer.w = {outputs * layer.group, inputs, pick(1, 5), pick(1, 5)};
  if (pick(0, 2) == 0)
    layer.w[2] = layer.w[3] = pick(0, 1) ? 1 : 3;
  layer.x = {pick(0, 5) ? 1 : 2, inputs * layer.group};
  bool isPixel = pick(0, 9) == 0;
  pickWindow(layer, {isPixel ? 0 : pick(0, 9), isPixel ? 0 : pick(0, 40)});
  return layer;
}

void RandomLayers::pickEpilogue(Layer &layer) {
  layer.hasBias = pick(0, 2) != 0;
  if (pick(0, 1))
    layer.lower = 0.0f;
  if (pick(0, 3) == 0)
    layer.upper = 1.75f;
}

std::vector<float> RandomLayers::pickWeights(const Layer &layer) {
  const int64_t perChannel = layer.weightsPerChannel();
  if (!layer.rounding)
    return pickNormal(layer.w[0] * perChannel, 0.5f);
  std::vector<float> values(layer.w[0] * perChannel);
  const auto [lo, hi] = layer.rounding->range;
  std::normal_distribution<float> normal(0, std::ldexp(1.0f, hi - 1));
  int kind = pick(0, 4);
  for (int64_t c = 0; c < layer.w[0]; ++c) {
    float sign = pick(0, 1) ? 1.0f : -1.0f;
    int64_t border = pick(-1, 1) + (int64_t{1} << pick(3, 8));
    for (int64_t i = 0; i < perChannel; ++i) {
      float &value = values[c * perChannel + i];
      if (kind == 0) // one of each exponent, then up to two of the least
        value = i <= hi - lo              ? sign * std::ldexp(1.0f, hi - i)
                : i < hi - lo + 1 + c % 3 ? sign * std::ldexp(1.0f, lo)
                                          : 0.0f;
      else if (kind == 1) // 2^n - 1, 2^n or 2^n + 1 equal weights
        value = i < border ? sign * std::ldexp(1.0f, hi) : 0.0f;
      else
        value = pick(0, 9) ? normal(random) : 0.0f;
    }
    if (pick(0, 9) == 0)
      std::fill_n(values.begin() + c * perChannel, perChannel, 0.0f);
  }
  return values;
}

Value RandomLayers::makeFloatConstant(ArrayRef<int64_t> shape,
                                      ArrayRef<float> values) {
  auto type = RankedTensorType::get(shape, b.getF32Type());
  return onnx::ConstantOp::create(b, loc, type,
                                  DenseElementsAttr::get(type, values),
                                  StringAttr(), StringAttr());
}

Value RandomLayers::makeRoundedWeights(const Layer &layer) {
  const PowerOfTwoOptions &options = *layer.rounding;
  RoundedWeights rounded =
      roundWeights(layer.weights.data(), layer.w[0], layer.weightsPerChannel(),
                   options, "w");
  auto element = Pow2Type::get(context.get(), options.range.lo,
                               options.range.hi, options.terms, options.window);
  return createWeight(b, loc, layer.w, element, rounded.terms,
                      rounded.windowTops, b.getStringAttr("w"));
}

Value RandomLayers::addInput(const Layer &layer) {
  auto argument = [&](Type element) {
    return main.getBody().addArgument(RankedTensorType::get(layer.x, element),
                                      loc);
  };
  std::optional<FixedPoint> format = getFixedPoint(layer.input);
  if (!saturatesInputs || !format || format->bits == format->storageBits)
    return argument(layer.input);
  format->bits = format->storageBits;
  auto saturated = RequantizeOp::create(
      b, loc, RankedTensorType::get(layer.x, layer.input), /*inside=*/Type(),
      argument(getFixedType(*format)), FloatAttr(), FloatAttr(), StringAttr());
  return saturated.getResult();
}

void RandomLayers::addResult(Operation *layer) {
  results.push_back(layer->getResult(0));
}

Operation *RandomLayers::add(const Layer &layer) {
  Value x = addInput(layer);
  Type result = RankedTensorType::get(layer.y, layer.output);
  Value weights = layer.rounding ? makeRoundedWeights(layer)
                                 : makeFloatConstant(layer.w, layer.weights);
  Value bias;
  if (layer.hasBias)
    bias = makeFloatConstant({layer.w[0]}, pickNormal(layer.w[0], 3));
  auto limit = [&](std::optional<float> value) {
    return value ? b.getF32FloatAttr(*value) : FloatAttr();
  };
  FloatAttr lower = limit(layer.lower), upper = limit(layer.upper);
  auto dilations = b.getDenseI64ArrayAttr(layer.dilations);
  auto group = b.getI64IntegerAttr(layer.group);
  auto pads = b.getDenseI64ArrayAttr(layer.pads);
  auto strides = b.getDenseI64ArrayAttr(layer.strides);
  Operation *op;
  if (layer.isLinear)
    op = LinearOp::create(b, loc, result, /*inside=*/Type(), x, weights, bias,
                          lower, upper, StringAttr());
  else if (layer.rounding)
    op = Conv2DOp::create(b, loc, result, /*inside=*/Type(), x, weights, bias,
                          dilations, group, pads, strides, lower, upper,
                          StringAttr());
  else
    op = onnx::ConvOp::create(b, loc, result, x, weights, bias, dilations,
                              group, pads, strides, StringAttr());
  addResult(op);
  return op;
}

void RandomLayers::addTwins(Operation *layer, ArrayRef<StringRef> strategies) {
  for (StringRef strategy : strategies) {
    Operation *twin = b.clone(*layer);
    twin->setAttr(strategyAttrName, b.getStringAttr(strategy));
    addResult(twin);
  }
}

ModuleOp RandomLayers::finish() {
  func::ReturnOp::create(b, loc, results);
  main.setFunctionType(b.getFunctionType(main.getBody().getArgumentTypes(),
                                         ValueRange(results).getTypes()));
  EXPECT_TRUE(succeeded(module->verify()));
  return *module;
}

} // namespace shift::test
