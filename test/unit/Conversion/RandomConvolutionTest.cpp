//===- RandomConvolutionTest.cpp - Random convolutions, all engines -------===//
// SPDX-License-Identifier: Apache-2.0
// Random shapes, strides, dilations, groups, pads, ranges, both rounding rules,
// one to three terms, 8 to 32 bits, signed and unsigned, fixed-point and float
// inputs and outputs: the compiled code gives the interpreter's bits. Many
// convolutions make one module, to compile it once.
//===----------------------------------------------------------------------===//
#include "CompareEngines.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "shift/Support/ConvWindow.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::shift;
using ::shift::ConvWindow;
using ::shift::FixedPoint;
using ::shift::test::Fill;

namespace {
/// The kind of a layer's input and output.
enum class Kind { Fixed, FixedToFloat, Float, PlainFloat };

class NetworkMaker {
public:
  NetworkMaker(uint32_t seed) : random(seed), b(context.get()) {
    loc = b.getUnknownLoc();
    module = ModuleOp::create(loc);
    b.setInsertionPointToEnd(module->getBody());
    main = func::FuncOp::create(b, loc, "main", b.getFunctionType({}, {}));
    b.setInsertionPointToStart(main.addEntryBlock());
  }

  int64_t pick(int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(random);
  }

  void addConvolution(Kind kind) {
    int64_t group = pick(0, 3) == 0 ? pick(2, 4) : 1;
    bool isDepthwise = pick(0, 5) == 0;
    int64_t perGroup = isDepthwise ? 1 : pick(1, 9);
    if (isDepthwise)
      group = pick(3, 9);
    int64_t outPerGroup = isDepthwise ? pick(1, 2) : pick(1, 14);
    SmallVector<int64_t> x{pick(1, 2), perGroup * group, 0, 0};
    SmallVector<int64_t> w{outPerGroup * group, perGroup, pick(1, 4),
                           pick(1, 5)};
    if (pick(0, 3) == 0)
      w[2] = w[3] = 1;
    SmallVector<int64_t> y{x[0], w[0], 0, 0};
    SmallVector<int64_t> strides, dilations, pads(4);
    for (int i = 0; i < 2; ++i) {
      strides.push_back(pick(0, 1) ? 1 : pick(1, 3));
      dilations.push_back(pick(0, 2) ? 1 : pick(1, 3));
      pads[i] = pick(0, 2);
      pads[i + 2] = pick(0, 1) ? pads[i] : pick(0, 3);
      ConvWindow window{w[2 + i], strides[i], dilations[i], pads[i],
                        pads[i + 2]};
      int64_t least =
          std::max<int64_t>(1, window.extent() - pads[i] - pads[i + 2]);
      x[2 + i] = least + pick(0, 17);
      y[2 + i] = ::shift::convOutputSize(x[2 + i], window);
    }
    build(kind, x, w, y, strides, dilations, pads, group);
  }

  /// A square window of `size` with stride `stride` and padding size / 2.
  void addLayer(int64_t inputs, int64_t outputs, int64_t size, int64_t stride,
                int64_t height, int64_t width, int64_t group = 1) {
    int64_t pad = size / 2;
    ConvWindow window{size, stride, 1, pad, pad};
    build(Kind::Fixed, {1, inputs, height, width},
          {outputs, inputs / group, size, size},
          {1, outputs, ::shift::convOutputSize(height, window),
           ::shift::convOutputSize(width, window)},
          {stride, stride}, {1, 1}, {pad, pad, pad, pad}, group);
  }

  /// Groups of one input channel, images from one pixel to several bands.
  void addDepthwise(Kind kind) {
    int64_t group = pick(1, 5), multiplier = pick(0, 2) ? 1 : pick(2, 5);
    SmallVector<int64_t> x{pick(1, 2), group, 0, 0};
    SmallVector<int64_t> w{group * multiplier, 1, pick(1, 5), pick(2, 5)};
    SmallVector<int64_t> y{x[0], w[0], 0, 0};
    SmallVector<int64_t> strides, dilations, pads(4);
    for (int i = 0; i < 2; ++i) {
      strides.push_back(pick(0, 2) ? pick(1, 2) : 3);
      dilations.push_back(pick(0, 2) ? 1 : pick(2, 3));
      pads[i] = pick(0, 4);
      pads[i + 2] = pick(0, 1) ? pads[i] : pick(0, 4);
      ConvWindow window{w[2 + i], strides[i], dilations[i], pads[i],
                        pads[i + 2]};
      int64_t least =
          std::max<int64_t>(1, window.extent() - pads[i] - pads[i + 2]);
      x[2 + i] = least + (pick(0, 2) ? pick(0, 20) : pick(30, 130));
      y[2 + i] = ::shift::convOutputSize(x[2 + i], window);
    }
    build(kind, x, w, y, strides, dilations, pads, group);
  }

  void addLinear(Kind kind) {
    SmallVector<int64_t> w{pick(1, 40), pick(1, 70)};
    SmallVector<int64_t> x{pick(1, 70), w[1]}, y{x[0], w[0]};
    Value input = argument(x, inputElement(kind));
    Value weights = makeWeights(w);
    Type result = RankedTensorType::get(y, outputElement(kind));
    auto op = LinearOp::create(b, loc, result, input, weights, bias(w[0]),
                               clampMin(), FloatAttr(), StringAttr());
    results.push_back(op);
  }

  /// Only activations of 8 bits and weights that span up to 7 exponents.
  bool isNarrow = false;
  /// Of these, such as bring sums to the borders of int16.
  bool isHeavy = false;

  /// A 3x3 or 1x1 convolution of 8-bit activations, read as float32, which
  /// hides no bit of a sum. `magnitude` 0: random weights.
  void addEightBit(bool isSigned, int bits, int64_t inputs, int64_t kernel,
                   const ::shift::PowerOfTwoOptions &options,
                   float magnitude = 0) {
    FixedPoint format;
    format.storageBits = 8;
    format.bits = bits;
    format.isSigned = isSigned;
    format.fraction = 0;
    Type element = getFixedPointType(context.get(), format);
    int64_t outputs = pick(17, 40);
    SmallVector<int64_t> w{outputs, inputs, kernel, kernel};
    std::normal_distribution<float> normal(
        0, std::ldexp(1.0f, options.range.hi - 1));
    std::vector<float> values(outputs * inputs * kernel * kernel);
    for (float &value : values)
      value = magnitude != 0 ? magnitude : normal(random);
    Value input = argument({1, inputs, 6, 13}, element);
    Type result = RankedTensorType::get({1, outputs, 6, 13}, b.getF32Type());
    SmallVector<int64_t> ones{1, 1}, pads(4, kernel / 2);
    results.push_back(Conv2DOp::create(
        b, loc, result, input, roundedWeights(w, values, options), Value(),
        b.getDenseI64ArrayAttr(ones), b.getI64IntegerAttr(1),
        b.getDenseI64ArrayAttr(pads), b.getDenseI64ArrayAttr(ones), FloatAttr(),
        FloatAttr(), StringAttr()));
  }

  ModuleOp finish() {
    func::ReturnOp::create(b, loc, results);
    SmallVector<Type> types;
    for (Value result : results)
      types.push_back(result.getType());
    main.setFunctionType(
        b.getFunctionType(main.getBody().getArgumentTypes(), types));
    EXPECT_TRUE(succeeded(module->verify()));
    return *module;
  }

private:
  Value argument(ArrayRef<int64_t> shape, Type element) {
    return main.getBody().addArgument(RankedTensorType::get(shape, element),
                                      loc);
  }

  Type fixedElement() {
    FixedPoint format;
    static const int storages[] = {8, 16, 16, 32};
    format.storageBits = isNarrow ? 8 : storages[pick(0, 3)];
    format.isSigned = format.storageBits != 8 || pick(0, 1);
    format.bits = format.storageBits == 8    ? pick(4, 8)
                  : format.storageBits == 16 ? pick(8, 16)
                                             : 32;
    format.fraction = pick(-3, 12);
    return getFixedPointType(context.get(), format);
  }

  Type inputElement(Kind kind) {
    return kind == Kind::Float || kind == Kind::PlainFloat
               ? Type(b.getF32Type())
               : fixedElement();
  }

  Type outputElement(Kind kind) {
    return kind == Kind::Fixed ? fixedElement() : Type(b.getF32Type());
  }

  Value makeWeights(ArrayRef<int64_t> shape) {
    int64_t count = 1;
    for (int64_t size : shape)
      count *= size;
    std::normal_distribution<float> normal(0, 0.5);
    std::vector<float> values(count);
    for (float &value : values)
      value = pick(0, 9) ? normal(random) : 0.0f;
    // The largest weights of a window of 7, with one sign for whole quads, and
    // the smallest one to make them large.
    if (isHeavy)
      for (int64_t i = 0; i < count; ++i)
        values[i] = i % (count / shape[0]) == 0 ? 1.0f / 64
                    : pick(0, 7)                ? (i / 9 % 3 ? 1.0f : -1.0f)
                                                : 0.5f;
    // Now and then a channel without weights.
    if (pick(0, 3) == 0)
      std::fill(values.begin(), values.begin() + count / shape[0], 0.0f);
    ::shift::PowerOfTwoOptions options;
    options.range.lo = pick(-24, -3);
    options.range.hi = options.range.lo + pick(0, 26);
    options.rounding =
        pick(0, 1) ? ::shift::Rounding::Nearest : ::shift::Rounding::Log;
    options.underflow =
        pick(0, 1) ? ::shift::Underflow::Zero : ::shift::Underflow::Raise;
    options.terms = pick(0, 1) ? 1 : pick(2, 3);
    options.window = pick(0, 2) == 0 ? pick(1, 8) : 0;
    if (isNarrow) {
      options.range = {-12, 6};
      options.terms = 1;
      options.window = isHeavy ? 7 : pick(4, 7);
    }
    return roundedWeights(shape, values, options);
  }

  Value roundedWeights(ArrayRef<int64_t> shape, ArrayRef<float> values,
                       const ::shift::PowerOfTwoOptions &options) {
    int64_t count = values.size();
    ::shift::RoundedWeights rounded = ::shift::roundWeights(
        values.data(), shape[0], count / shape[0], options, "w");
    auto element =
        Pow2Type::get(context.get(), options.range.lo, options.range.hi,
                      options.terms, options.window);
    return createWeight(b, loc, shape, element, rounded.terms,
                        rounded.windowTops, b.getStringAttr("w"));
  }

  Value floatConstant(ArrayRef<int64_t> shape, float deviation) {
    auto type = RankedTensorType::get(shape, b.getF32Type());
    std::normal_distribution<float> normal(0, deviation);
    std::vector<float> values(type.getNumElements());
    for (float &value : values)
      value = normal(random);
    return onnx::ConstantOp::create(
        b, loc, type, DenseElementsAttr::get(type, ArrayRef<float>(values)),
        StringAttr(), StringAttr());
  }

  Value bias(int64_t channels) {
    return pick(0, 2) ? floatConstant({channels}, 3) : Value();
  }

  FloatAttr clampMin() {
    return pick(0, 1) ? b.getF32FloatAttr(0) : FloatAttr();
  }

  void build(Kind kind, ArrayRef<int64_t> x, ArrayRef<int64_t> w,
             ArrayRef<int64_t> y, ArrayRef<int64_t> strides,
             ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads,
             int64_t group) {
    Value input = argument(x, inputElement(kind));
    Type result = RankedTensorType::get(y, outputElement(kind));
    if (kind == Kind::PlainFloat) {
      Value weights = floatConstant(w, 0.5f);
      results.push_back(onnx::ConvOp::create(
          b, loc, result, input, weights, bias(w[0]),
          b.getDenseI64ArrayAttr(dilations), b.getI64IntegerAttr(group),
          b.getDenseI64ArrayAttr(pads), b.getDenseI64ArrayAttr(strides),
          StringAttr()));
      return;
    }
    Value weights = makeWeights(w);
    FloatAttr clampMax = pick(0, 3) ? FloatAttr() : b.getF32FloatAttr(1.75f);
    results.push_back(Conv2DOp::create(
        b, loc, result, input, weights, bias(w[0]),
        b.getDenseI64ArrayAttr(dilations), b.getI64IntegerAttr(group),
        b.getDenseI64ArrayAttr(pads), b.getDenseI64ArrayAttr(strides),
        clampMin(), clampMax, StringAttr()));
  }

  std::mt19937 random;
  std::unique_ptr<MLIRContext> context = ::shift::test::createContext();
  OpBuilder b;
  Location loc = UnknownLoc::get(context.get());
  OwningOpRef<ModuleOp> module;
  func::FuncOp main;
  SmallVector<Value> results;
};

/// Every choice of strategies that differs for convolutions of fixed point.
const std::vector<std::string> strategyLists[] = {
    {"*=shift"}, {"*=dot16"}, {"*=dot8"}};

void compareStrategies(ModuleOp module, uint32_t seed) {
  ::shift::test::ModelComparison comparison(
      module, seed, {Fill::Random, Fill::Lowest, Fill::Highest});
  for (const std::vector<std::string> &strategies : strategyLists) {
    ::shift::cpu::CPUOptions options = ::shift::test::machineOptions();
    options.strategies = strategies;
    comparison.expectEqual(options);
    EXPECT_FALSE(::testing::Test::HasFailure()) << strategies.front();
  }
}

void run(Kind kind, uint32_t seed, int convolutions, int linears = 0) {
  NetworkMaker maker(seed);
  for (int i = 0; i < convolutions; ++i)
    maker.addConvolution(kind);
  for (int i = 0; i < linears; ++i)
    maker.addLinear(kind);
  ModuleOp module = maker.finish();
  ::shift::test::expectEqualEngines(module, seed);
  if (kind == Kind::Fixed || kind == Kind::FixedToFloat)
    compareStrategies(module, seed);
}

/// Convolutions whose sums would leave 16 bits if they were added in one go.
void addEightBitBounds(NetworkMaker &maker, bool isSigned) {
  ::shift::PowerOfTwoOptions options;
  options.range = {-10, 5};
  // 255 * 128 fits, 255 * 129 does not; 128 * 255 and 128 * 256 with a sign.
  for (int64_t inputs : {127, 128, 129, 255, 256, 257, 700})
    for (float weight : {1.0f, -1.0f})
      maker.addEightBit(isSigned, 8, inputs, 1, options, weight);
  for (int bits : {4, 8})
    for (int window : {0, 7})
      for (int terms : {1, 3})
        for (auto [lo, hi] : {std::pair(-15, 0), std::pair(0, 15)}) {
          options.range = {lo, hi};
          options.window = window;
          options.terms = terms;
          maker.addEightBit(isSigned, bits, 9, 3, options);
          maker.addEightBit(isSigned, bits, 40, 3, options);
          maker.addEightBit(isSigned, bits, 300, 1, options);
        }
}
} // namespace

TEST(RandomConvolutionTest, EightBitSumsAtTheirBounds) {
  using ::shift::test::Fill;
  for (bool isSigned : {false, true}) {
    NetworkMaker maker(isSigned ? 6 : 5);
    addEightBitBounds(maker, isSigned);
    ModuleOp module = maker.finish();
    ::shift::test::expectEqualEngines(
        module, 7, {}, {Fill::Random, Fill::Lowest, Fill::Highest});
  }
}

TEST(RandomConvolutionTest, FixedPointToFixedPoint) {
  run(Kind::Fixed, 1, 60, 12);
}

TEST(RandomConvolutionTest, EveryInstructionSetCompiles) {
  NetworkMaker maker(8);
  for (int i = 0; i < 12; ++i)
    maker.addConvolution(Kind::Fixed);
  maker.addEightBit(/*isSigned=*/false, 8, 40, 3, {});
  // Runs on what the machine has.
  ::shift::cpu::CPUOptions options = ::shift::test::machineOptions();
  options.isas = {"baseline", "avx2", "avx512", "avx512vnni"};
  ::shift::test::expectEqualEngines(maker.finish(), 8, options);
}

TEST(RandomConvolutionTest, FixedPointToFloat) {
  run(Kind::FixedToFloat, 2, 40, 8);
}

TEST(RandomConvolutionTest, NarrowWeights) {
  NetworkMaker maker(5);
  maker.isNarrow = true;
  for (int i = 0; i < 24; ++i)
    maker.addConvolution(i % 3 ? Kind::Fixed : Kind::FixedToFloat);
  for (int i = 0; i < 6; ++i)
    maker.addLinear(Kind::Fixed);
  compareStrategies(maker.finish(), 5);
}

TEST(RandomConvolutionTest, Depthwise) {
  for (bool isNarrow : {true, false}) {
    NetworkMaker maker(isNarrow ? 9 : 10);
    maker.isNarrow = isNarrow;
    for (int i = 0; i < 14; ++i)
      maker.addDepthwise(i % 4 ? Kind::Fixed : Kind::FixedToFloat);
    compareStrategies(maker.finish(), 9);
  }
}

TEST(RandomConvolutionTest, DepthwiseFloat) {
  NetworkMaker maker(11);
  for (int i = 0; i < 20; ++i)
    maker.addDepthwise(i % 2 ? Kind::Float : Kind::PlainFloat);
  ::shift::test::expectEqualEngines(maker.finish(), 11);
}

// Several chunks of taps, several sets of kept sums, last blocks of every kind.
TEST(RandomConvolutionTest, LargeLayers) {
  NetworkMaker maker(6);
  maker.isNarrow = true;
  maker.addLayer(48, 20, 3, 1, 40, 52);
  maker.addLayer(50, 13, 1, 1, 40, 52);
  maker.addLayer(64, 9, 1, 1, 45, 47);
  maker.addLayer(64, 280, 3, 1, 5, 9);
  maker.addLayer(40, 8, 1, 2, 37, 53);
  maker.addLayer(3, 16, 7, 2, 61, 83);
  maker.addLayer(16, 16, 3, 2, 31, 33, 16);
  maker.addLayer(600, 7, 1, 1, 1, 1);
  compareStrategies(maker.finish(), 6);
}

TEST(RandomConvolutionTest, HeavyWeights) {
  NetworkMaker maker(7);
  maker.isNarrow = maker.isHeavy = true;
  maker.addLayer(48, 7, 3, 1, 6, 7);
  maker.addLayer(70, 6, 1, 1, 8, 8);
  maker.addLayer(12, 5, 5, 2, 9, 9);
  for (int i = 0; i < 3; ++i)
    maker.addLinear(Kind::Fixed);
  compareStrategies(maker.finish(), 7);
}

// Machines without AVX-512 compile its code and run what they have.
TEST(RandomConvolutionTest, EveryInstructionSet) {
  for (const char *strategy : {"*=dot16", "*=dot8"}) {
    NetworkMaker maker(8);
    maker.isNarrow = true;
    maker.addLayer(48, 20, 3, 1, 12, 13);
    maker.addLayer(40, 8, 1, 2, 37, 53);
    maker.addLayer(16, 16, 3, 2, 31, 33, 16);
    maker.addLinear(Kind::FixedToFloat);
    ::shift::cpu::CPUOptions options = ::shift::test::machineOptions();
    options.strategies = {strategy};
    options.isas = ::shift::cpu::allInstructionSets();
    ::shift::test::expectEqualEngines(maker.finish(), 8, options);
  }
}

TEST(RandomConvolutionTest, FloatActivations) { run(Kind::Float, 3, 40, 8); }

TEST(RandomConvolutionTest, FloatWeights) { run(Kind::PlainFloat, 4, 40); }
