//===- FloatMathTest.cpp - Our exp, log, tanh, sigmoid, pow ---------------===//
// SPDX-License-Identifier: Apache-2.0
// Sweeps over all of float32 in a prime stride, against the C library in
// float64, and the special cases one by one.
//===----------------------------------------------------------------------===//
#include "shift/Support/FloatMath.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <random>

using namespace shift;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float largest = std::numeric_limits<float>::max();

float fromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

/// Position of a float among all floats; neighbours differ by 1, +0 and -0 by
/// nothing.
int64_t position(float value) {
  int64_t magnitude = bitsOf(value) & 0x7FFFFFFFu;
  return bitsOf(value) >> 31 ? -magnitude : magnitude;
}

/// Distance in ulp; NaN must meet NaN of the fixed bits.
int64_t distance(float got, float want) {
  if (std::isnan(want))
    return bitsOf(got) == 0x7FC00000u ? 0 : INT64_MAX;
  if (std::isnan(got))
    return INT64_MAX;
  if (want == 0 && std::signbit(got) != std::signbit(want))
    return INT64_MAX;
  return std::llabs(position(got) - position(want));
}

/// The largest distance over all floats whose bits are multiples of a prime:
/// 5.4 million, every exponent and both signs.
template <typename Function, typename Oracle>
void sweep(Function function, Oracle oracle, int64_t allowed) {
  int64_t worst = 0;
  float worstAt = 0;
  for (uint64_t bits = 0; bits <= 0xFFFFFFFFu; bits += 797) {
    float x = fromBits(static_cast<uint32_t>(bits));
    int64_t error = distance(
        function(x), static_cast<float>(oracle(static_cast<double>(x))));
    if (error > worst) {
      worst = error;
      worstAt = x;
    }
  }
  EXPECT_LE(worst, allowed) << "at " << worstAt;
}

double sigmoidOracle(double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}

TEST(FloatMathTest, ExpIsWithinTwoUlp) {
  sweep([](float x) { return math::exp(x); },
        [](double x) { return std::exp(x); }, 2);
}

TEST(FloatMathTest, LogIsWithinTwoUlp) {
  sweep([](float x) { return math::log(x); },
        [](double x) { return std::log(x); }, 2);
}

TEST(FloatMathTest, TanhIsWithinTwoUlp) {
  sweep([](float x) { return math::tanh(x); },
        [](double x) { return std::tanh(x); }, 2);
}

TEST(FloatMathTest, SigmoidIsWithinTwoUlp) {
  sweep([](float x) { return math::sigmoid(x); }, sigmoidOracle, 2);
}

/// The largest error among neighbours of `center`.
template <typename Function, typename Oracle>
int64_t worstAround(float center, Function function, Oracle oracle) {
  int64_t worst = 0;
  for (int64_t step = -20000; step <= 20000; ++step) {
    float x = fromBits(static_cast<uint32_t>(bitsOf(center) + step));
    worst = std::max(
        worst, distance(function(x), static_cast<float>(oracle(double(x)))));
  }
  return worst;
}

TEST(FloatMathTest, BordersAreWithinTwoUlp) {
  auto exponential = [](float x) { return math::exp(x); };
  auto exponentialOracle = [](double x) { return std::exp(x); };
  // Overflow, first subnormal, underflow.
  for (float center : {88.722839f, -87.336548f, -103.27893f, -103.97208f})
    EXPECT_LE(worstAround(center, exponential, exponentialOracle), 2);
  for (float center : {-88.0f, -103.97208f, 17.0f})
    EXPECT_LE(
        worstAround(
            center, [](float x) { return math::sigmoid(x); }, sigmoidOracle),
        2);
  for (float center : {0.625f, -0.625f, 9.0109f})
    EXPECT_LE(worstAround(
                  center, [](float x) { return math::tanh(x); },
                  [](double x) { return std::tanh(x); }),
              2);
  for (float center : {1.0f, 0.70710678f, 1.41421356f, 0x1p-126f})
    EXPECT_LE(worstAround(
                  center, [](float x) { return math::log(x); },
                  [](double x) { return std::log(x); }),
              2);
}

TEST(FloatMathTest, SpecialValues) {
  EXPECT_EQ(math::exp(0.0f), 1.0f);
  EXPECT_EQ(math::exp(infinity), infinity);
  EXPECT_EQ(math::exp(-infinity), 0.0f);
  EXPECT_EQ(math::log(1.0f), 0.0f);
  EXPECT_EQ(math::log(0.0f), -infinity);
  EXPECT_EQ(math::log(-0.0f), -infinity);
  EXPECT_EQ(math::log(infinity), infinity);
  EXPECT_EQ(bitsOf(math::log(-1.0f)), 0x7FC00000u);
  EXPECT_EQ(bitsOf(math::log(-infinity)), 0x7FC00000u);
  EXPECT_EQ(math::tanh(infinity), 1.0f);
  EXPECT_EQ(math::tanh(-infinity), -1.0f);
  EXPECT_EQ(bitsOf(math::tanh(-0.0f)), 0x80000000u);
  EXPECT_EQ(math::tanh(0x1p-149f), 0x1p-149f);
  EXPECT_EQ(math::sigmoid(0.0f), 0.5f);
  EXPECT_EQ(math::sigmoid(-infinity), 0.0f);
  EXPECT_EQ(math::sigmoid(infinity), 1.0f);
  // NaN results have fixed bits whatever the NaN that came in.
  for (uint32_t bits : {0x7F800001u, 0xFFFFFFFFu}) {
    EXPECT_EQ(bitsOf(math::exp(fromBits(bits))), 0x7FC00000u);
    EXPECT_EQ(bitsOf(math::sigmoid(fromBits(bits))), 0x7FC00000u);
    EXPECT_EQ(bitsOf(math::pow(fromBits(bits), 2.0f)), 0x7FC00000u);
  }
}

TEST(FloatMathTest, PowSpecialCasesFollowIeee) {
  const float values[] = {0.0f,     -0.0f,       1.0f,          -1.0f,
                          2.0f,     -2.0f,       0.5f,          -0.5f,
                          3.0f,     -3.0f,       1.5f,          -1.5f,
                          infinity, -infinity,   std::nanf(""), 0x1p-149f,
                          largest,  -largest,    0x1p24f,       16777215.0f,
                          0x1p25f,  -16777215.f, -8388607.5f,   8388607.0f,
                          1e-40f,   -1e-40f,     0x1.fffffep-1f};
  for (float x : values)
    for (float y : values) {
      float want = static_cast<float>(
          std::pow(static_cast<double>(x), static_cast<double>(y)));
      EXPECT_LE(distance(math::pow(x, y), want), 4)
          << x << " ^ " << y << " gave " << math::pow(x, y);
    }
}

/// The largest error of pow over `count` pairs: x from `base`, y such that the
/// result covers all exponents and both ends.
template <typename Base>
int64_t worstPow(Base base, int count) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> exponents(-152.0, 130.0);
  int64_t worst = 0;
  for (int i = 0; i < count; ++i) {
    float x = base(random);
    float y = static_cast<float>(exponents(random) /
                                 std::log2(static_cast<double>(x)));
    if (!std::isfinite(y))
      continue;
    float want = static_cast<float>(
        std::pow(static_cast<double>(x), static_cast<double>(y)));
    worst = std::max(worst, distance(math::pow(x, y), want));
  }
  return worst;
}

TEST(FloatMathTest, PowIsWithinTwoUlp) {
  EXPECT_LE(worstPow(
                [](std::mt19937 &random) {
                  return fromBits(random() % 0x7F7FFFFFu + 1);
                },
                2000000),
            2);
  EXPECT_LE(worstPow(
                [](std::mt19937 &random) {
                  return 0.5f + 1.5f * (random() & 0xFFFFFF) * 0x1p-24f;
                },
                2000000),
            2);
}

/// Operations over types that convert to nothing and live in an object, as an
/// IR builder's do: the templates may use nothing else.
class WrappedOps {
public:
  template <int kind, typename Value>
  struct Wrapped {
    Value value;
  };
  using Float = Wrapped<0, float>;
  using Int = Wrapped<1, int32_t>;
  using Bool = Wrapped<2, bool>;

  Float constant(float a) { return {a}; }
  Int integer(int32_t a) { return {a}; }
  Float add(Float a, Float b) { return count(Float{a.value + b.value}); }
  Float sub(Float a, Float b) { return count(Float{a.value - b.value}); }
  Float mul(Float a, Float b) { return count(Float{a.value * b.value}); }
  Float div(Float a, Float b) { return count(Float{a.value / b.value}); }
  Bool less(Float a, Float b) { return {a.value < b.value}; }
  Bool equal(Float a, Float b) { return {a.value == b.value}; }
  Bool isNan(Float a) { return {a.value != a.value}; }
  Bool both(Bool a, Bool b) { return {a.value && b.value}; }
  Bool either(Bool a, Bool b) { return {a.value || b.value}; }
  Bool negate(Bool a) { return {!a.value}; }
  Float select(Bool c, Float a, Float b) { return c.value ? a : b; }
  Int selectInt(Bool c, Int a, Int b) { return c.value ? a : b; }
  Int bits(Float a) { return {math::FloatOps::bits(a.value)}; }
  Float fromBits(Int a) { return {math::FloatOps::fromBits(a.value)}; }
  Int truncate(Float a) {
    EXPECT_LT(std::fabs(a.value), 0x1p24f);
    return {static_cast<int32_t>(a.value)};
  }
  Float toFloat(Int a) { return {static_cast<float>(a.value)}; }
  Int addInt(Int a, Int b) {
    return {math::FloatOps::addInt(a.value, b.value)};
  }
  Int subInt(Int a, Int b) {
    return {math::FloatOps::subInt(a.value, b.value)};
  }
  Int andInt(Int a, Int b) { return {a.value & b.value}; }
  Int orInt(Int a, Int b) { return {a.value | b.value}; }
  Int shiftLeft(Int a, int n) {
    return {math::FloatOps::shiftLeft(a.value, n)};
  }
  Int shiftRight(Int a, int n) { return {a.value >> n}; }
  Bool equalInt(Int a, Int b) { return {a.value == b.value}; }

  int operations = 0;

private:
  Float count(Float value) {
    ++operations;
    return value;
  }
};

TEST(FloatMathTest, OtherValueTypesGiveTheSameBits) {
  WrappedOps ops;
  for (uint64_t bits = 0; bits <= 0xFFFFFFFFu; bits += 99991) {
    float x = fromBits(static_cast<uint32_t>(bits));
    float y = fromBits(static_cast<uint32_t>(bits * 2654435761u));
    WrappedOps::Float wrapped{x};
    ASSERT_EQ(bitsOf(math::exp(ops, wrapped).value), bitsOf(math::exp(x)));
    ASSERT_EQ(bitsOf(math::log(ops, wrapped).value), bitsOf(math::log(x)));
    ASSERT_EQ(bitsOf(math::tanh(ops, wrapped).value), bitsOf(math::tanh(x)));
    ASSERT_EQ(bitsOf(math::sigmoid(ops, wrapped).value),
              bitsOf(math::sigmoid(x)));
    ASSERT_EQ(bitsOf(math::pow(ops, wrapped, {y}).value),
              bitsOf(math::pow(x, y)));
    ASSERT_EQ(bitsOf(math::hardSwish(ops, wrapped).value),
              bitsOf(math::hardSwish(x)));
    ASSERT_EQ(bitsOf(math::elu(ops, wrapped, 0.5f).value),
              bitsOf(math::elu(x, 0.5f)));
  }
  // The same operations for every argument: there is no branch on values.
  ops.operations = 0;
  math::exp(ops, {1.0f});
  int once = ops.operations;
  math::exp(ops, {infinity});
  EXPECT_EQ(ops.operations, 2 * once);
}

TEST(FloatMathTest, PiecewiseFunctions) {
  EXPECT_EQ(math::hardSigmoid(-10.0f, 0.2f, 0.5f), 0.0f);
  EXPECT_EQ(math::hardSigmoid(10.0f, 0.2f, 0.5f), 1.0f);
  EXPECT_EQ(math::hardSigmoid(0.0f, 0.2f, 0.5f), 0.5f);
  EXPECT_EQ(bitsOf(math::hardSigmoid(std::nanf(""), 0.2f, 0.5f)), 0x7FC00000u);
  EXPECT_EQ(math::hardSwish(4.0f), 4.0f);
  EXPECT_EQ(math::hardSwish(-4.0f), 0.0f);
  EXPECT_EQ(math::hardSwish(0.0f), 0.0f);
  EXPECT_FLOAT_EQ(math::hardSwish(1.0f), 4.0f / 6.0f);
  EXPECT_EQ(math::elu(2.0f, 0.5f), 2.0f);
  EXPECT_EQ(math::elu(-infinity, 0.5f), -0.5f);
  EXPECT_EQ(math::elu(-1.0f, 2.0f), 2.0f * (math::exp(-1.0f) - 1.0f));
}

TEST(FloatMathTest, SoftmaxSumsInIndexOrder) {
  const float input[] = {1.0f, -1.0f, 3.0f, -2.0f, 1000.0f, -1.0f};
  float output[6] = {};
  math::softmax(input, output, 3, 2);
  float e0 = math::exp(1.0f - 1000.0f), e1 = math::exp(3.0f - 1000.0f);
  float sum = 0.0f + e0 + e1 + 1.0f;
  EXPECT_EQ(output[0], e0 / sum);
  EXPECT_EQ(output[2], e1 / sum);
  EXPECT_EQ(output[4], 1.0f / sum);
  EXPECT_EQ(output[1], 0.0f);
}

} // namespace
