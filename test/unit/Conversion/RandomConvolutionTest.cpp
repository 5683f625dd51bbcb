//===- RandomConvolutionTest.cpp - Random convolutions, all engines -------===//
// SPDX-License-Identifier: Apache-2.0
// Random shapes, strides, dilations, groups, pads, ranges, both rounding rules,
// one to three terms, 8 to 32 bits, signed and unsigned, fixed-point and float
// inputs and outputs: the compiled code gives the interpreter's bits. Many
// convolutions make one module, to compile it once.
//===----------------------------------------------------------------------===//
#include "CompareEngines.h"
#include "RandomLayers.h"
#include "shift/Support/ConvWindow.h"

#include <gtest/gtest.h>

using namespace mlir;
using ::shift::ConvWindow;
using ::shift::FixedPoint;
using ::shift::PowerOfTwoOptions;
using ::shift::test::Fill;
using ::shift::test::Layer;
using ::shift::test::RandomLayers;

namespace {
/// The kind of a layer's input and output.
enum class Kind { Fixed, FixedToFloat, Float, PlainFloat };

/// What layers of fixed point ask for besides the cost model's choice.
constexpr StringRef strategies[] = {"shift", "dot16", "dot8"};

class NetworkMaker : public RandomLayers {
public:
  using RandomLayers::RandomLayers;

  void addConvolution(Kind kind) {
    Layer layer;
    layer.group = pick(0, 3) == 0 ? pick(2, 4) : 1;
    bool isDepthwise = pick(0, 5) == 0;
    int64_t inputs = isDepthwise ? 1 : pick(1, 9);
    if (isDepthwise)
      layer.group = pick(3, 9);
    int64_t outputs = isDepthwise ? pick(1, 2) : pick(1, 14);
    layer.x = {pick(1, 2), inputs * layer.group};
    layer.w = {outputs * layer.group, inputs, pick(1, 4), pick(1, 5)};
    if (pick(0, 3) == 0)
      layer.w[2] = layer.w[3] = 1;
    pickWindow(layer, {pick(0, 17), pick(0, 17)});
    addRandom(kind, layer);
  }

  /// A square window of `size` with stride `stride` and padding size / 2.
  void addLayer(int64_t inputs, int64_t outputs, int64_t size, int64_t stride,
                int64_t height, int64_t width, int64_t group = 1) {
    int64_t pad = size / 2;
    ConvWindow window{size, stride, 1, pad, pad};
    Layer layer;
    layer.x = {1, inputs, height, width};
    layer.w = {outputs, inputs / group, size, size};
    layer.y = {1, outputs, ::shift::convOutputSize(height, window),
               ::shift::convOutputSize(width, window)};
    layer.strides = {stride, stride};
    layer.pads.assign(4, pad);
    layer.group = group;
    addRandom(Kind::Fixed, layer);
  }

  /// Groups of one input channel, images from one pixel to several bands.
  void addDepthwise(Kind kind) {
    int64_t multiplier = pick(0, 2) ? 1 : pick(2, 5);
    Layer layer;
    layer.group = pick(1, 5);
    layer.x = {pick(1, 2), layer.group};
    layer.w = {layer.group * multiplier, 1, pick(1, 5), pick(2, 5)};
    auto pickSize = [&] { return pick(0, 2) ? pick(0, 20) : pick(30, 130); };
    pickWindow(layer, {pickSize(), pickSize()}, /*maxPad=*/4);
    addRandom(kind, layer);
  }

  void addLinear(Kind kind) {
    Layer layer;
    layer.isLinear = true;
    layer.w = {pick(1, 40), pick(1, 70)};
    layer.x = {pick(1, 70), layer.w[1]};
    layer.y = {layer.x[0], layer.w[0]};
    addRandom(kind, layer);
  }

  /// Only activations of 8 bits and weights that span up to 7 exponents.
  bool isNarrow = false;
  /// Of these, such as bring sums to the borders of int16.
  bool isHeavy = false;

  /// A 3x3 or 1x1 convolution of 8-bit activations, read as float32, which
  /// hides no bit of a sum. `magnitude` 0: random weights.
  void addEightBit(bool isSigned, int bits, int64_t inputs, int64_t kernel,
                   const PowerOfTwoOptions &options, float magnitude = 0) {
    FixedPoint format;
    format.storageBits = 8;
    format.bits = bits;
    format.isSigned = isSigned;
    format.fraction = 0;
    int64_t outputs = pick(17, 40), count = outputs * inputs * kernel * kernel;
    Layer layer;
    layer.x = {1, inputs, 6, 13};
    layer.w = {outputs, inputs, kernel, kernel};
    layer.y = {1, outputs, 6, 13};
    layer.pads.assign(4, kernel / 2);
    layer.input = getFixedType(format);
    layer.output = getFloatType();
    layer.rounding = options;
    layer.weights =
        magnitude != 0
            ? std::vector<float>(count, magnitude)
            : pickNormal(count, std::ldexp(1.0f, options.range.hi - 1));
    add(layer);
  }

private:
  Type pickType() {
    FixedPoint format;
    static const int storages[] = {8, 16, 16, 32};
    format.storageBits = isNarrow ? 8 : storages[pick(0, 3)];
    format.isSigned = format.storageBits != 8 || pick(0, 1);
    format.bits = format.storageBits == 8    ? pick(4, 8)
                  : format.storageBits == 16 ? pick(8, 16)
                                             : 32;
    format.fraction = pick(-3, 12);
    return getFixedType(format);
  }

  std::vector<float> pickValues(const Layer &layer) {
    int64_t perChannel = layer.weightsPerChannel();
    std::vector<float> values = pickNormal(layer.w[0] * perChannel, 0.5);
    for (float &value : values)
      if (pick(0, 9) == 0)
        value = 0.0f;
    // The largest weights of a window of 7, with one sign for whole quads, and
    // the smallest one to make them large.
    if (isHeavy)
      for (size_t i = 0; i < values.size(); ++i)
        values[i] = i % perChannel == 0 ? 1.0f / 64
                    : pick(0, 7)        ? (i / 9 % 3 ? 1.0f : -1.0f)
                                        : 0.5f;
    // Now and then a channel without weights.
    if (pick(0, 3) == 0)
      std::fill_n(values.begin(), perChannel, 0.0f);
    return values;
  }

  PowerOfTwoOptions pickOptions() {
    PowerOfTwoOptions options;
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
    return options;
  }

  /// Adds a layer that has shapes.
  void addRandom(Kind kind, Layer &layer) {
    bool isFixed = kind == Kind::Fixed || kind == Kind::FixedToFloat;
    layer.input = isFixed ? pickType() : getFloatType();
    layer.output = kind == Kind::Fixed ? pickType() : getFloatType();
    layer.weights = pickValues(layer);
    if (kind != Kind::PlainFloat)
      layer.rounding = pickOptions();
    pickEpilogue(layer);
    Operation *op = add(layer);
    if (isFixed)
      addTwins(op, strategies);
  }
};

void compare(ModuleOp module, uint32_t seed) {
  ::shift::test::expectEqualEngines(
      module, seed, ::shift::test::machineOptions(),
      {Fill::Random, Fill::Lowest, Fill::Highest});
}

void run(Kind kind, uint32_t seed, int convolutions, int linears = 0) {
  NetworkMaker maker(seed);
  for (int i = 0; i < convolutions; ++i)
    maker.addConvolution(kind);
  for (int i = 0; i < linears; ++i)
    maker.addLinear(kind);
  compare(maker.finish(), seed);
}

/// Convolutions whose sums would leave 16 bits if they were added in one go.
void addEightBitBounds(NetworkMaker &maker, bool isSigned) {
  PowerOfTwoOptions options;
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
  compare(maker.finish(), 5);
}

TEST(RandomConvolutionTest, Depthwise) {
  for (bool isNarrow : {true, false}) {
    NetworkMaker maker(isNarrow ? 9 : 10);
    maker.isNarrow = isNarrow;
    for (int i = 0; i < 14; ++i)
      maker.addDepthwise(i % 4 ? Kind::Fixed : Kind::FixedToFloat);
    compare(maker.finish(), 9);
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
  compare(maker.finish(), 6);
}

TEST(RandomConvolutionTest, HeavyWeights) {
  NetworkMaker maker(7);
  maker.isNarrow = maker.isHeavy = true;
  maker.addLayer(48, 7, 3, 1, 6, 7);
  maker.addLayer(70, 6, 1, 1, 8, 8);
  maker.addLayer(12, 5, 5, 2, 9, 9);
  for (int i = 0; i < 3; ++i)
    maker.addLinear(Kind::Fixed);
  compare(maker.finish(), 7);
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
