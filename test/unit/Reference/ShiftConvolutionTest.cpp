//===- ShiftConvolutionTest.cpp - Exact sums against the formula ----------===//
// SPDX-License-Identifier: Apache-2.0
// Random convolutions against design.md's formula, evaluated output by output
// on unbounded integers (here 128 bits), written without the kernels' helpers.
//===----------------------------------------------------------------------===//
#include "shift/Reference/ShiftKernels.h"
#include "shift/Support/ConvWindow.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace shift;
using namespace shift::reference;

namespace {

/// A random convolution over two spatial dimensions.
struct Case {
  Tensor x, bias;
  ShiftWeights weights;
  ShiftConvolution convolution;
  Shape weightShape;
};

class Generator {
public:
  explicit Generator(uint32_t seed) : engine(seed) {}

  int64_t integer(int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(engine);
  }
  bool flip() { return integer(0, 1) == 1; }

  /// Falling exponents within lo..hi that span at most 23.
  void addTerms(ShiftWeights &weights, int lo, int hi) {
    int64_t next = hi + 1;
    int64_t least = lo;
    for (int64_t t = 0; t < weights.perWeight; ++t) {
      Term term;
      if (next > least && integer(0, 3) != 0) {
        term.exponent = static_cast<int8_t>(integer(least, next - 1));
        term.sign = flip() ? 1 : -1;
        if (t == 0)
          least = std::max<int64_t>(lo, term.exponent - 23);
        next = term.exponent;
      } else {
        next = least;
      }
      weights.terms.push_back(term);
    }
  }

  FixedPoint format() {
    FixedPoint format;
    format.storageBits = flip() ? 8 : 16;
    format.bits = static_cast<int>(integer(4, format.storageBits));
    format.isSigned = flip();
    format.fraction = static_cast<int>(integer(-6, 12));
    return format;
  }

  static DType storage(const FixedPoint &format) {
    if (format.storageBits == 8)
      return format.isSigned ? DType::I8 : DType::U8;
    return format.isSigned ? DType::I16 : DType::U16;
  }

  std::mt19937 engine;
};

/// A quotient rounded to minus infinity.
int128 floorDivide(int128 a, int128 b) {
  int128 q = a / b;
  return a % b < 0 ? q - 1 : q;
}

/// bias * 2^scale rounded half to even; exact in float64 for the biases used.
int128 halfEven(float bias, int scale) {
  return static_cast<int128>(std::nearbyint(std::ldexp(double(bias), scale)));
}

Case randomCase(Generator &random, bool floatInput, bool floatOutput) {
  Case test;
  int64_t group = random.integer(1, 3);
  int64_t inputs = group * random.integer(1, 3);
  int64_t outputs = group * random.integer(1, 3);
  ShiftConvolution &conv = test.convolution;
  conv.group = group;
  Shape image{random.integer(1, 2), inputs, 0, 0};
  conv.shape = {image[0], outputs, 0, 0};
  conv.windows = {Shape(2), Shape(2), Shape(2), Shape(4)};
  for (int d = 0; d < 2; ++d) {
    ConvWindow window{random.integer(1, 4), random.integer(1, 3),
                      random.integer(1, 2), random.integer(0, 3),
                      random.integer(0, 3)};
    int64_t least = window.extent() - window.padBegin - window.padEnd;
    image[d + 2] = std::max<int64_t>(1, least) + random.integer(0, 5);
    conv.windows.kernel[d] = window.kernel;
    conv.windows.strides[d] = window.stride;
    conv.windows.dilations[d] = window.dilation;
    conv.windows.pads[d] = window.padBegin;
    conv.windows.pads[d + 2] = window.padEnd;
    conv.shape[d + 2] = convOutputSize(image[d + 2], window);
  }
  test.weightShape = {outputs, inputs / group, conv.windows.kernel[0],
                      conv.windows.kernel[1]};
  int lo = static_cast<int>(random.integer(-12, 0));
  int hi = lo + static_cast<int>(random.integer(0, 15));
  test.weights.lo = lo;
  test.weights.perWeight = random.integer(1, 3);
  int64_t perChannel = product(test.weightShape) / outputs;
  for (int64_t c = 0; c < outputs; ++c) {
    bool isEmpty = random.integer(0, 5) == 0;
    // A window of the channel's own.
    int top = static_cast<int>(random.integer(lo, hi));
    int bottom = static_cast<int>(random.integer(lo, top));
    for (int64_t i = 0; i < perChannel; ++i) {
      if (isEmpty)
        test.weights.terms.resize(test.weights.terms.size() +
                                  test.weights.perWeight);
      else
        random.addTerms(test.weights, bottom, top);
    }
  }
  if (floatInput) {
    test.x = Tensor(DType::F32, image);
    for (int64_t i = 0; i < test.x.size(); ++i)
      test.x.data<float>()[i] =
          std::normal_distribution<float>(0, 3)(random.engine);
  } else {
    conv.in = random.format();
    std::vector<int64_t> q(product(image));
    for (int64_t &value : q)
      value = random.integer(conv.in->qMin(), conv.in->qMax());
    test.x = tensorOfIntegers(q, Generator::storage(*conv.in), image);
  }
  if (!floatOutput) {
    conv.out = random.format();
    conv.dtype = Generator::storage(*conv.out);
  }
  if (random.flip()) {
    // Eighths give ties of the rounded bias.
    test.bias = Tensor(DType::F32, {outputs});
    for (int64_t c = 0; c < outputs; ++c)
      test.bias.data<float>()[c] =
          static_cast<float>(random.integer(-4000, 4000)) / 128;
  }
  if (random.flip())
    conv.clamp.min = 0.0f;
  if (random.flip())
    conv.clamp.max = 6.0f;
  return test;
}

/// Calls visit(term, input index) for the taps of one output in order, terms
/// innermost, -1 for a tap outside the image.
template <typename Function>
void forTaps(const Case &test, const Shape &at, Function &&visit) {
  const Windows &w = test.convolution.windows;
  const Shape &x = test.x.shape, &shape = test.weightShape;
  int64_t first = at[1] / (shape[0] / test.convolution.group) * shape[1];
  for (int64_t ky = 0; ky < shape[2]; ++ky)
    for (int64_t kx = 0; kx < shape[3]; ++kx)
      for (int64_t ci = 0; ci < shape[1]; ++ci) {
        int64_t y = at[2] * w.strides[0] + ky * w.dilations[0] - w.pads[0];
        int64_t z = at[3] * w.strides[1] + kx * w.dilations[1] - w.pads[1];
        bool inside = y >= 0 && z >= 0 && y < x[2] && z < x[3];
        int64_t index =
            inside ? ((at[0] * x[1] + first + ci) * x[2] + y) * x[3] + z : -1;
        int64_t k = ((at[1] * shape[1] + ci) * shape[2] + ky) * shape[3] + kx;
        for (int64_t t = 0; t < test.weights.perWeight; ++t)
          visit(test.weights.terms[k * test.weights.perWeight + t], index);
      }
}

/// The formula for one output with fixed-point input.
double expectFixed(const Case &test, const std::vector<int64_t> &q,
                   const Shape &at) {
  const ShiftConvolution &conv = test.convolution;
  int lo = test.weights.lo, fIn = conv.in->fraction;
  int128 sum = 0; // in units of 2^(lo - fIn)
  forTaps(test, at, [&](Term term, int64_t index) {
    if (term.sign != 0 && index >= 0)
      sum += int128(term.sign) * q[index] * (int128(1) << (term.exponent - lo));
  });
  int64_t perChannel = int64_t(test.weights.terms.size()) / test.weightShape[0];
  int e = 1000;
  for (int64_t i = 0; i < perChannel; ++i) {
    Term term = test.weights.terms[at[1] * perChannel + i];
    if (term.sign != 0)
      e = std::min<int>(e, term.exponent);
  }
  if (e == 1000) {
    EXPECT_EQ(int64_t(sum), 0);
    e = conv.out ? fIn - conv.out->fraction : lo;
  } else {
    sum >>= e - lo;
  }
  float bias = test.bias.size() > 0 && !test.bias.bytes.empty()
                   ? test.bias.data<float>()[at[1]]
                   : 0;
  if (!conv.out) {
    int128 acc = sum + halfEven(bias, fIn - e);
    float value =
        std::ldexp(static_cast<float>(static_cast<long double>(acc)), e - fIn);
    value = conv.clamp.min && value < *conv.clamp.min ? *conv.clamp.min : value;
    return conv.clamp.max && value > *conv.clamp.max ? *conv.clamp.max : value;
  }
  int fOut = conv.out->fraction, r = fIn - e - fOut;
  int128 acc;
  if (r >= 0) {
    int128 unit = int128(1) << r;
    acc = floorDivide(2 * (sum + halfEven(bias, fIn - e)) + unit, 2 * unit);
  } else {
    acc = sum * (int128(1) << -r) + halfEven(bias, fOut);
  }
  auto bound = [&](float value) {
    int128 fixed = halfEven(value, fOut);
    return std::clamp<int128>(fixed, conv.out->qMin(), conv.out->qMax());
  };
  acc = std::clamp<int128>(acc, conv.out->qMin(), conv.out->qMax());
  if (conv.clamp.min)
    acc = std::max(acc, bound(*conv.clamp.min));
  if (conv.clamp.max)
    acc = std::min(acc, bound(*conv.clamp.max));
  return double(acc);
}

/// Every index of a shape of rank 4, in row order.
std::vector<Shape> allIndices(const Shape &shape) {
  std::vector<Shape> result;
  for (int64_t a = 0; a < shape[0]; ++a)
    for (int64_t b = 0; b < shape[1]; ++b)
      for (int64_t c = 0; c < shape[2]; ++c)
        for (int64_t d = 0; d < shape[3]; ++d)
          result.push_back({a, b, c, d});
  return result;
}

const Tensor *biasOf(const Case &test) {
  return test.bias.bytes.empty() ? nullptr : &test.bias;
}

void checkFixed(const Case &test) {
  Tensor y;
  ASSERT_EQ(
      shiftConvolution(test.x, test.weights, biasOf(test), test.convolution, y),
      "");
  std::vector<int64_t> q = integersOf(test.x);
  Tensor values = cast(y, DType::F64);
  int64_t i = 0;
  for (const Shape &at : allIndices(y.shape))
    ASSERT_EQ(values.data<double>()[i++], expectFixed(test, q, at))
        << "output " << at[0] << " " << at[1] << " " << at[2] << " " << at[3];
}

TEST(ShiftConvolutionTest, FixedPointEqualsTheFormula) {
  Generator random(1);
  int left = 0, right = 0;
  for (int i = 0; i < 400; ++i) {
    SCOPED_TRACE(i);
    Case test = randomCase(random, false, false);
    int r = test.convolution.in->fraction - test.weights.lo -
            test.convolution.out->fraction;
    ++(r < 0 ? left : right);
    checkFixed(test);
    if (HasFatalFailure())
      return;
  }
  EXPECT_GT(left, 10);
  EXPECT_GT(right, 100);
}

TEST(ShiftConvolutionTest, FloatOutputEqualsTheFormula) {
  Generator random(2);
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE(i);
    checkFixed(randomCase(random, false, true));
    if (HasFatalFailure())
      return;
  }
}

TEST(ShiftConvolutionTest, FloatInputAddsTermsInOrder) {
  Generator random(3);
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE(i);
    Case test = randomCase(random, true, true);
    Tensor y;
    ASSERT_EQ(shiftConvolution(test.x, test.weights, biasOf(test),
                               test.convolution, y),
              "");
    int64_t k = 0;
    for (const Shape &at : allIndices(y.shape)) {
      float acc = 0;
      forTaps(test, at, [&](Term term, int64_t index) {
        if (index >= 0)
          acc = std::fma(std::ldexp(float(term.sign), term.exponent),
                         test.x.data<float>()[index], acc);
      });
      if (!test.bias.bytes.empty())
        acc = acc + test.bias.data<float>()[at[1]];
      if (test.convolution.clamp.min && acc < *test.convolution.clamp.min)
        acc = *test.convolution.clamp.min;
      if (test.convolution.clamp.max && acc > *test.convolution.clamp.max)
        acc = *test.convolution.clamp.max;
      ASSERT_EQ(y.data<float>()[k++], acc);
    }
  }
}

/// One weight, one tap, one value.
Case single(int64_t q, int exponent, FixedPoint in, FixedPoint out) {
  Case test;
  test.x = Tensor::of<int32_t>({1, 1, 1, 1}, {int32_t(q)});
  test.weights.terms = {{1, int8_t(exponent)}};
  test.weights.lo = exponent;
  test.convolution.in = in;
  test.convolution.out = out;
  test.convolution.windows = {{1, 1}, {1, 1}, {1, 1}, {0, 0, 0, 0}};
  test.convolution.dtype = DType::I32;
  test.convolution.shape = {1, 1, 1, 1};
  test.weightShape = {1, 1, 1, 1};
  return test;
}

int64_t runSingle(const Case &test) {
  Tensor y;
  EXPECT_EQ(
      shiftConvolution(test.x, test.weights, biasOf(test), test.convolution, y),
      "");
  return integersOf(y)[0];
}

TEST(ShiftConvolutionTest, TiesOfTheSumGoUpAndOfTheBiasToEven) {
  FixedPoint in{16, 32, true, 1}, out{16, 32, true, 0};
  EXPECT_EQ(runSingle(single(1, 0, in, out)), 1);   // 0.5
  EXPECT_EQ(runSingle(single(-1, 0, in, out)), 0);  // -0.5
  EXPECT_EQ(runSingle(single(-3, 0, in, out)), -1); // -1.5
  Case test = single(0, 0, in, out);
  test.bias = Tensor::of<float>({1}, {1.25f}); // 2.5 units: 2, so 1.0
  EXPECT_EQ(runSingle(test), 1);
  test.bias = Tensor::of<float>({1}, {1.75f}); // 3.5 units: 4, so 2.0
  EXPECT_EQ(runSingle(test), 2);
}

TEST(ShiftConvolutionTest, SaturatesToTheBitsNotTheStorage) {
  FixedPoint in{16, 32, true, 0}, out{10, 32, true, 0};
  EXPECT_EQ(runSingle(single(20000, 2, in, out)), 511);
  EXPECT_EQ(runSingle(single(-20000, 2, in, out)), -512);
}

TEST(ShiftConvolutionTest, ChannelWithoutWeightsGivesItsBias) {
  FixedPoint in{16, 32, true, 3}, out{16, 32, true, 5};
  Case test = single(100, 0, in, out);
  test.weights.terms = {{}};
  test.bias = Tensor::of<float>({1}, {2.5f});
  EXPECT_EQ(runSingle(test), 80);
}

TEST(ShiftConvolutionTest, WideExponentsStayExact) {
  // 2^60 * 3 - 2^60 * 3 + 1: lost in float64, kept in 128 bits.
  FixedPoint in{32, 32, true, 0}, out{32, 32, true, 0};
  Case test = single(0, 0, in, out);
  test.x = Tensor::of<int32_t>({1, 3, 1, 1}, {2000000001, 2000000001, 1});
  test.weights.terms = {{1, 60}, {-1, 60}, {1, 0}};
  EXPECT_EQ(runSingle(test), 1);
}

TEST(ShiftConvolutionTest, EverySumWidthIsExact) {
  // q1 * 2^p + q2 crosses the limits of 32 and 64 bits.
  FixedPoint in{32, 32, true, 0};
  for (int32_t q1 : {32767, -32768, 1 << 30, -(1 << 30), INT32_MIN})
    for (int32_t q2 : {1, -1, INT32_MAX})
      for (int p = 0; p <= 80; ++p) {
        Case test = single(0, 0, in, in);
        test.x = Tensor::of<int32_t>({1, 2, 1, 1}, {q1, q2});
        test.weights.terms = {{1, int8_t(p)}, {1, 0}};
        test.convolution.out = std::nullopt;
        test.convolution.dtype = DType::F32;
        Tensor y;
        ASSERT_EQ(shiftConvolution(test.x, test.weights, nullptr,
                                   test.convolution, y),
                  "");
        int128 sum = int128(q1) * (int128(1) << p) + q2;
        ASSERT_EQ(y.data<float>()[0], static_cast<float>(sum)) << p;
      }
}

TEST(ShiftConvolutionTest, OverflowOf128BitsNamesTheChannel) {
  FixedPoint in{32, 32, true, 0}, out{32, 32, true, 0};
  Case test = single(2000000000, 0, in, out);
  test.x = Tensor::of<int32_t>({1, 2, 1, 1}, {2000000000, 1});
  test.weights.terms = {{1, 127}, {1, -126}};
  Tensor y;
  EXPECT_EQ(
      shiftConvolution(test.x, test.weights, nullptr, test.convolution, y),
      "channel 0: expected a sum below 2^120, got an overflow");
}

TEST(ShiftConvolutionTest, InfiniteBiasNamesTheChannel) {
  FixedPoint in{16, 32, true, 0}, out{16, 32, true, 0};
  Case test = single(1, 0, in, out);
  test.bias = Tensor::of<float>({1}, {INFINITY});
  Tensor y;
  EXPECT_EQ(
      shiftConvolution(test.x, test.weights, &test.bias, test.convolution, y),
      "channel 0: expected a finite bias below 2^120 units, got inf");
}

TEST(ShiftConvolutionTest, ZeroTimesInfinityIsNan) {
  Case test = single(0, 0, {}, {});
  test.x = Tensor::of<float>({1, 1, 1, 1}, {INFINITY});
  test.weights.terms = {{}};
  test.convolution.in = test.convolution.out = std::nullopt;
  Tensor y;
  EXPECT_EQ(
      shiftConvolution(test.x, test.weights, nullptr, test.convolution, y), "");
  EXPECT_TRUE(std::isnan(y.data<float>()[0]));
}

} // namespace
