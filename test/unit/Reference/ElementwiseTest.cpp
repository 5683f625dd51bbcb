//===- ElementwiseTest.cpp - Elementwise, linear and reducing kernels -----===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Reference/Kernels.h"
#include "shift/Support/FloatMath.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

using namespace shift::reference;

namespace {

template <typename T>
std::vector<T> valuesOf(const Tensor &x) {
  return {x.data<T>(), x.data<T>() + x.size()};
}

std::mt19937 engine(11);

Tensor randomTensor(Shape shape) {
  Tensor x(DType::F32, std::move(shape));
  for (int64_t i = 0; i < x.size(); ++i)
    x.data<float>()[i] = std::normal_distribution<float>(0, 2)(engine);
  return x;
}

template <typename T>
std::vector<T> run(Binary op, std::vector<T> a, std::vector<T> b) {
  Tensor y;
  int64_t size = static_cast<int64_t>(a.size());
  EXPECT_EQ(
      binary(op, Tensor::of<T>({size}, a), Tensor::of<T>({size}, b), {size}, y),
      "");
  return valuesOf<T>(y);
}

TEST(ElementwiseTest, BroadcastsAsNumPy) {
  Tensor a = randomTensor({3, 1, 4}), b = randomTensor({5, 1}), y;
  ASSERT_EQ(binary(Binary::Sub, a, b, {3, 5, 4}, y), "");
  for (int64_t i = 0; i < 3; ++i)
    for (int64_t j = 0; j < 5; ++j)
      for (int64_t k = 0; k < 4; ++k)
        EXPECT_EQ(y.data<float>()[(i * 5 + j) * 4 + k],
                  a.data<float>()[i * 4 + k] - b.data<float>()[j]);
  Tensor scalar = Tensor::of<float>({}, {2});
  ASSERT_EQ(binary(Binary::Mul, scalar, scalar, {}, y), "");
  EXPECT_EQ(y.data<float>()[0], 4);
}

TEST(ElementwiseTest, IntegersWrapAndDivisionTruncates) {
  EXPECT_EQ(run<int8_t>(Binary::Add, {127, -128}, {1, -1}),
            (std::vector<int8_t>{-128, 127}));
  EXPECT_EQ(run<uint8_t>(Binary::Sub, {3}, {5}), std::vector<uint8_t>{254});
  EXPECT_EQ(run<int32_t>(Binary::Div, {-7, 7, INT32_MIN}, {2, -2, -1}),
            (std::vector<int32_t>{-3, -3, INT32_MIN}));
  EXPECT_EQ(run<int64_t>(Binary::Mul, {INT64_MAX}, {2}),
            std::vector<int64_t>{-2});
  EXPECT_EQ(run<int64_t>(Binary::Div, {INT64_MIN}, {-1}),
            std::vector<int64_t>{INT64_MIN});
}

TEST(ElementwiseTest, DivisionOfIntegersByZeroIsRefused) {
  Tensor y;
  EXPECT_EQ(binary(Binary::Div, Tensor::of<int32_t>({1}, {1}),
                   Tensor::of<int32_t>({1}, {0}), {1}, y),
            "expected a divisor that is not 0");
}

TEST(ElementwiseTest, MinAndMaxKeepNan) {
  for (Binary op : {Binary::Min, Binary::Max}) {
    std::vector<float> y = run<float>(op, {NAN, 1, -2}, {1, NAN, -3});
    EXPECT_TRUE(std::isnan(y[0]));
    EXPECT_TRUE(std::isnan(y[1]));
    EXPECT_EQ(y[2], op == Binary::Min ? -3 : -2);
  }
}

TEST(ElementwiseTest, PowTakesIntegerExponents) {
  Tensor y;
  ASSERT_EQ(binary(Binary::Pow, Tensor::of<float>({3}, {2, -3, 0.5f}),
                   Tensor::of<int64_t>({3}, {10, 3, -2}), {3}, y),
            "");
  EXPECT_EQ(valuesOf<float>(y), (std::vector<float>{1024, -27, 4}));
  EXPECT_EQ(run<int32_t>(Binary::Pow, {3, -1, 2}, {4, -3, -1}),
            (std::vector<int32_t>{81, -1, 0}));
}

TEST(ElementwiseTest, UnaryOpsAreTheSharedDefinitions) {
  Tensor x = randomTensor({100});
  auto check = [&](Unary op, auto expected) {
    Tensor y = *unary(op, x, 0.25f, 0.5f);
    for (int64_t i = 0; i < 100; ++i)
      ASSERT_EQ(y.data<float>()[i], expected(x.data<float>()[i]));
  };
  check(Unary::Relu, [](float v) { return v < 0 ? 0 : v; });
  check(Unary::LeakyRelu, [](float v) { return v < 0 ? 0.25f * v : v; });
  check(Unary::Exp, [](float v) { return shift::math::exp(v); });
  check(Unary::Sigmoid, [](float v) { return shift::math::sigmoid(v); });
  check(Unary::Tanh, [](float v) { return shift::math::tanh(v); });
  check(Unary::Elu, [](float v) { return shift::math::elu(v, 0.25f); });
  check(Unary::HardSigmoid, [](float v) {
    float line = 0.25f * v + 0.5f;
    return line < 0 ? 0 : line > 1 ? 1 : line;
  });
  check(Unary::Reciprocal, [](float v) { return 1 / v; });
  check(Unary::Abs, [](float v) { return std::fabs(v); });
  EXPECT_FALSE(unary(Unary::Exp, Tensor(DType::I32, {1})).has_value());
  EXPECT_EQ(
      valuesOf<int8_t>(*unary(Unary::Abs, Tensor::of<int8_t>({2}, {-5, -128}))),
      (std::vector<int8_t>{5, -128}));
}

TEST(ElementwiseTest, ClipWithCrossedBoundsGivesTheMaximum) {
  Tensor x = Tensor::of<float>({4}, {-1, 0.5f, 3, NAN});
  float low = 0, high = 1;
  std::vector<float> y = valuesOf<float>(clip(x, &low, &high));
  EXPECT_EQ(y[0], 0);
  EXPECT_EQ(y[1], 0.5f);
  EXPECT_EQ(y[2], 1);
  EXPECT_TRUE(std::isnan(y[3]));
  y = valuesOf<float>(clip(x, &high, &low));
  EXPECT_EQ(y[0], 0);
  EXPECT_EQ(y[1], 0);
  EXPECT_EQ(y[2], 0);
}

TEST(ElementwiseTest, CastsSaturateFloatsAndWrapIntegers) {
  Tensor x = Tensor::of<float>({5}, {-1.9f, 300, 1e30f, -1e30f, NAN});
  EXPECT_EQ(valuesOf<int8_t>(cast(x, DType::I8)),
            (std::vector<int8_t>{-1, 127, 127, -128, 0}));
  EXPECT_EQ(valuesOf<int64_t>(cast(x, DType::I64)),
            (std::vector<int64_t>{-1, 300, INT64_MAX, INT64_MIN, 0}));
  Tensor wide = Tensor::of<int64_t>({2}, {257, -1});
  EXPECT_EQ(valuesOf<uint8_t>(cast(wide, DType::U8)),
            (std::vector<uint8_t>{1, 255}));
  Tensor truth = cast(x, DType::Bool);
  EXPECT_TRUE(truth.data<bool>()[0] && truth.data<bool>()[4]);
  EXPECT_EQ(truth.bytes[0], 1);
}

TEST(ElementwiseTest, MatMulBroadcastsAndSumsInOrder) {
  Tensor a = randomTensor({2, 1, 3, 7}), b = randomTensor({4, 7, 5});
  Tensor y = matMul(a, b, {2, 4, 3, 5});
  for (int64_t n = 0; n < 2; ++n)
    for (int64_t m = 0; m < 4; ++m)
      for (int64_t i = 0; i < 3; ++i)
        for (int64_t j = 0; j < 5; ++j) {
          float acc = 0;
          for (int64_t k = 0; k < 7; ++k)
            acc = std::fma(a.data<float>()[(n * 3 + i) * 7 + k],
                           b.data<float>()[(m * 7 + k) * 5 + j], acc);
          ASSERT_EQ(y.data<float>()[((n * 4 + m) * 3 + i) * 5 + j], acc);
        }
  Tensor vector = randomTensor({7});
  EXPECT_EQ(matMul(vector, vector, {}).size(), 1);
}

TEST(ElementwiseTest, GemmScalesAfterTheSum) {
  Tensor a = randomTensor({6, 3}), b = randomTensor({5, 6});
  Tensor c = randomTensor({5});
  Tensor y = gemm(a, b, &c, 0.5f, 3, true, true);
  for (int64_t i = 0; i < 3; ++i)
    for (int64_t j = 0; j < 5; ++j) {
      float acc = 0;
      for (int64_t k = 0; k < 6; ++k)
        acc = std::fma(a.data<float>()[k * 3 + i], b.data<float>()[j * 6 + k],
                       acc);
      acc = 0.5f * acc;
      float addend = 3 * c.data<float>()[j];
      ASSERT_EQ(y.data<float>()[i * 5 + j], acc + addend);
    }
}

TEST(ElementwiseTest, ReduceUsesSixteenPartialSums) {
  Tensor x = randomTensor({3, 20, 4});
  Tensor y = reduce(x, {1}, true, {3, 1, 4});
  for (int64_t i = 0; i < 3; ++i)
    for (int64_t k = 0; k < 4; ++k) {
      double lanes[16] = {}, sum = 0;
      for (int64_t j = 0; j < 20; ++j)
        lanes[j % 16] += double(x.data<float>()[(i * 20 + j) * 4 + k]);
      for (double lane : lanes)
        sum += lane;
      ASSERT_EQ(y.data<float>()[i * 4 + k], float(sum / 20));
    }
  Tensor all =
      reduce(Tensor::of<int64_t>({2, 2}, {1, 2, 3, 4}), {0, 1}, false, {});
  EXPECT_EQ(all.data<int64_t>()[0], 10);
  EXPECT_EQ(
      reduce(Tensor(DType::F32, {2, 0}), {1}, false, {2}).data<float>()[1], 0);
}

TEST(ElementwiseTest, BatchNormalizationRoundsItsCoefficientsOnce) {
  Tensor x = randomTensor({2, 3, 5}), scale = randomTensor({3});
  Tensor bias = randomTensor({3}), mean = randomTensor({3});
  Tensor variance = Tensor::of<float>({3}, {0.5f, 2, 1e-3f});
  Tensor y = batchNormalization(x, scale, bias, mean, variance, 1e-5f);
  for (int64_t i = 0; i < 30; ++i) {
    int64_t c = i / 5 % 3;
    double k = double(scale.data<float>()[c]) /
               std::sqrt(double(variance.data<float>()[c]) + double(1e-5f));
    double offset =
        double(bias.data<float>()[c]) - double(mean.data<float>()[c]) * k;
    float scaled = x.data<float>()[i] * float(k);
    ASSERT_EQ(y.data<float>()[i], scaled + float(offset));
  }
}

TEST(ElementwiseTest, GroupNormalizationOfOneGroupHasMeanZero) {
  Tensor x = randomTensor({1, 4, 33});
  Tensor ones = Tensor::of<float>({4}, {1, 1, 1, 1}), zeros(DType::F32, {4});
  Tensor y = groupNormalization(x, ones, zeros, 1e-5f, 1);
  double sum = 0, squares = 0;
  for (float value : valuesOf<float>(y)) {
    sum += value;
    squares += double(value) * value;
  }
  EXPECT_NEAR(sum / 132, 0, 1e-6);
  EXPECT_NEAR(squares / 132, 1, 1e-4);
}

TEST(ElementwiseTest, SoftmaxAlongAMiddleAxisSumsToOne) {
  Tensor x = randomTensor({2, 5, 3});
  Tensor y = softmax(x, 1);
  for (int64_t o = 0; o < 2; ++o)
    for (int64_t i = 0; i < 3; ++i) {
      float sum = 0;
      for (int64_t k = 0; k < 5; ++k)
        sum += y.data<float>()[(o * 5 + k) * 3 + i];
      EXPECT_NEAR(sum, 1, 1e-6);
    }
}

} // namespace
