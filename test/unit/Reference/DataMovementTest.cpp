//===- DataMovementTest.cpp - Moving, resampling, quantizing kernels ------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Reference/ShiftKernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

using namespace shift;
using namespace shift::reference;

namespace {

template <typename T>
std::vector<T> valuesOf(const Tensor &x) {
  return {x.data<T>(), x.data<T>() + x.size()};
}

Tensor iota(Shape shape) {
  Tensor x(DType::I32, std::move(shape));
  std::iota(x.data<int32_t>(), x.data<int32_t>() + x.size(), 0);
  return x;
}

using Integers = std::vector<int32_t>;
using Floats = std::vector<float>;

TEST(DataMovementTest, SliceWalksBackwards) {
  Tensor y = slice(iota({3, 5}), {2, 4}, {-1, -2}, {2, 3});
  EXPECT_EQ(valuesOf<int32_t>(y), (Integers{14, 12, 10, 9, 7, 5}));
  EXPECT_EQ(slice(iota({3}), {1}, {1}, {0}).size(), 0);
  EXPECT_EQ(valuesOf<int32_t>(slice(iota({3}), {2}, {INT64_MIN}, {1})),
            Integers{2});
}

TEST(DataMovementTest, TransposeConcatExpandGather) {
  Tensor y = transpose(iota({2, 3}), {1, 0});
  EXPECT_EQ(valuesOf<int32_t>(y), (Integers{0, 3, 1, 4, 2, 5}));
  Tensor a = iota({2, 1}), b = iota({2, 2}), none(DType::I32, {2, 0});
  y = concat({&a, &none, &b}, 1, {2, 3});
  EXPECT_EQ(valuesOf<int32_t>(y), (Integers{0, 0, 1, 1, 2, 3}));
  EXPECT_EQ(valuesOf<int32_t>(expand(a, {2, 2})), (Integers{0, 0, 1, 1}));
  EXPECT_EQ(valuesOf<int32_t>(expand(iota({}), {3})), (Integers{0, 0, 0}));
  ASSERT_EQ(gather(b, Tensor::of<int64_t>({2}, {-1, 0}), 1, {2, 2}, y), "");
  EXPECT_EQ(valuesOf<int32_t>(y), (Integers{1, 0, 3, 2}));
  EXPECT_EQ(gather(b, Tensor::of<int64_t>({1}, {2}), 1, {2, 1}, y),
            "expected indices in [-2, 2), got 2");
}

TEST(DataMovementTest, PadModes) {
  Tensor x = iota({3}), y;
  auto padded = [&](PadMode mode, Shape pads) {
    Shape shape{3 + pads[0] + pads[1]};
    EXPECT_EQ(pad(x, pads, mode, nullptr, shape, y), "");
    return valuesOf<int32_t>(y);
  };
  EXPECT_EQ(padded(PadMode::Constant, {1, 2}), (Integers{0, 0, 1, 2, 0, 0}));
  EXPECT_EQ(padded(PadMode::Edge, {1, 2}), (Integers{0, 0, 1, 2, 2, 2}));
  EXPECT_EQ(padded(PadMode::Reflect, {2, 2}), (Integers{2, 1, 0, 1, 2, 1, 0}));
  EXPECT_EQ(padded(PadMode::Wrap, {2, 1}), (Integers{1, 2, 0, 1, 2, 0}));
  EXPECT_EQ(padded(PadMode::Constant, {-1, 1}), (Integers{1, 2, 0}));
  int32_t seven = 7;
  ASSERT_EQ(pad(x, {0, 1}, PadMode::Constant, &seven, {4}, y), "");
  EXPECT_EQ(y.data<int32_t>()[3], 7);
  EXPECT_EQ(
      pad(Tensor(DType::I32, {0}), {1, 0}, PadMode::Edge, nullptr, {1}, y),
      "expected data to repeat at the border, got a dimension of size 0");
}

/// The inputs that a nearest axis reads.
Shape nearestIndices(int64_t input, int64_t output, float scale,
                     ResizeOptions options) {
  return makeResizeTable(input, output, scale, options).indices;
}

TEST(DataMovementTest, NearestTables) {
  using Coordinates = ResizeOptions::Coordinates;
  using Nearest = ResizeOptions::Nearest;
  ResizeOptions options;
  options.coordinates = Coordinates::Asymmetric;
  options.nearest = Nearest::Floor;
  EXPECT_EQ(nearestIndices(2, 4, 2, options), (Shape{0, 0, 1, 1}));
  // 1 / float32(1/3) must not fall below 3.
  EXPECT_EQ(nearestIndices(6, 2, 2 / 6.0f, options), (Shape{0, 3}));
  options.coordinates = Coordinates::HalfPixel;
  options.nearest = Nearest::RoundPreferFloor;
  EXPECT_EQ(nearestIndices(4, 2, 0.5f, options), (Shape{0, 2}));
  options.nearest = Nearest::RoundPreferCeil;
  EXPECT_EQ(nearestIndices(4, 2, 0.5f, options), (Shape{1, 3}));
  options.coordinates = Coordinates::AlignCorners;
  options.nearest = Nearest::Floor;
  EXPECT_EQ(nearestIndices(3, 5, 5 / 3.0f, options), (Shape{0, 0, 1, 1, 2}));
}

TEST(DataMovementTest, LinearTablesInterpolateAndClamp) {
  ResizeOptions options;
  options.mode = ResizeOptions::Mode::Linear;
  std::vector<ResizeTable> tables{makeResizeTable(2, 4, 2, options)};
  Tensor x = Tensor::of<float>({2}, {0, 4});
  EXPECT_EQ(valuesOf<float>(resize(x, tables, false, 0)), (Floats{0, 1, 3, 4}));
  // Weights of 0 are left out, so infinity does not spread.
  options.coordinates = ResizeOptions::Coordinates::AlignCorners;
  tables = {makeResizeTable(2, 3, 1.5f, options)};
  x = Tensor::of<float>({2}, {1, INFINITY});
  EXPECT_EQ(valuesOf<float>(resize(x, tables, false, 0)),
            (Floats{1, INFINITY, INFINITY}));
  EXPECT_TRUE(makeResizeTable(3, 3, 1, options).isIdentity(3));
}

TEST(DataMovementTest, AntialiasWeightsSumToOne) {
  for (auto mode : {ResizeOptions::Mode::Linear, ResizeOptions::Mode::Cubic}) {
    ResizeOptions options;
    options.mode = mode;
    options.antialias = true;
    ResizeTable table = makeResizeTable(11, 4, 4 / 11.0f, options);
    for (int64_t i = 0; i < table.size(); ++i) {
      double sum = 0;
      for (int64_t k = table.begins[i]; k < table.begins[i + 1]; ++k)
        sum += table.weights[k];
      EXPECT_NEAR(sum, 1, 1e-6);
    }
  }
}

TEST(DataMovementTest, CropsGetTheExtrapolationValue) {
  ResizeOptions options;
  options.coordinates = ResizeOptions::Coordinates::TfCropAndResize;
  std::vector<ResizeTable> tables{
      makeResizeTable(3, 3, 1, options, 0.5f, 1.5f)};
  Tensor x = Tensor::of<float>({3}, {1, 2, 3});
  EXPECT_EQ(valuesOf<float>(resize(x, tables, true, 9)), (Floats{2, 3, 9}));
}

TEST(DataMovementTest, AbsurdScalesAreHarmless) {
  for (float scale : {1e-45f, 1e38f})
    for (bool antialias : {false, true}) {
      ResizeOptions options;
      options.mode = ResizeOptions::Mode::Linear;
      options.antialias = antialias && scale > 1;
      options.coordinates = ResizeOptions::Coordinates::HalfPixelSymmetric;
      ResizeTable table = makeResizeTable(5, 3, scale, options);
      for (int64_t index : table.indices)
        EXPECT_TRUE(index >= 0 && index < 5);
    }
}

TEST(DataMovementTest, QuantizeLinearRoundsHalfToEvenAndSaturates) {
  Tensor x = Tensor::of<float>({6}, {0.5f, 1.5f, -2.5f, 1000, -1000, NAN});
  Tensor scale = Tensor::of<float>({}, {1}),
         zero = Tensor::of<uint8_t>({}, {3});
  Tensor q = quantizeLinear(x, scale, &zero, 0, DType::U8);
  EXPECT_EQ(valuesOf<uint8_t>(q), (std::vector<uint8_t>{3, 5, 1, 255, 0, 3}));
  EXPECT_EQ(valuesOf<float>(dequantizeLinear(q, scale, &zero, 0)),
            (Floats{0, 2, -2, 252, -3, 0}));
  Tensor scales = Tensor::of<float>({2}, {1, 0.5f});
  x = Tensor::of<float>({2, 2}, {1, 2, 1, 2});
  EXPECT_EQ(valuesOf<int8_t>(quantizeLinear(x, scales, nullptr, 0, DType::I8)),
            (std::vector<int8_t>{1, 2, 2, 4}));
  EXPECT_EQ(valuesOf<int8_t>(quantizeLinear(x, scales, nullptr, 1, DType::I8)),
            (std::vector<int8_t>{1, 4, 1, 4}));
}

const FixedPoint q4{16, 16, true, 4};

TEST(DataMovementTest, FixedPointConversions) {
  Tensor x = Tensor::of<float>({4}, {0.03125f, 0.09375f, -1e9f, NAN});
  Tensor q = quantizeTensor(x, q4, DType::I16);
  EXPECT_EQ(valuesOf<int16_t>(q), (std::vector<int16_t>{0, 2, -32768, 0}));
  EXPECT_EQ(valuesOf<float>(dequantizeTensor(q, q4)),
            (Floats{0, 0.125f, -2048, 0}));
  FixedPoint q2{8, 8, true, 2};
  Tensor narrow =
      requantizeTensor(Tensor::of<int16_t>({5}, {2, -2, 6, 4000, -5}), q4, q2,
                       {-1.0f, std::nullopt}, DType::I8);
  // Halves go up: 0.5 -> 1, -0.5 -> 0, 1.5 -> 2; -1.25 -> -1.
  EXPECT_EQ(valuesOf<int8_t>(narrow), (std::vector<int8_t>{1, 0, 2, 127, -1}));
}

TEST(DataMovementTest, AddAlignsToTheFinerFraction) {
  FixedPoint q1{16, 16, true, 1}, q0{16, 16, true, 0};
  Tensor a = Tensor::of<int16_t>({3}, {1, -1, 32767});
  Tensor b = Tensor::of<int16_t>({3}, {16, 16, 32767});
  Tensor y = addTensors(a, q1, b, q4, q0, {}, DType::I16);
  // 0.5 + 1 = 1.5 -> 2, -0.5 + 1 = 0.5 -> 1, 16383.5 + 2047.9375 -> 18431.
  EXPECT_EQ(valuesOf<int16_t>(y), (std::vector<int16_t>{2, 1, 18431}));
}

TEST(DataMovementTest, FixedAveragePoolRoundsHalfUp) {
  Tensor x = Tensor::of<int16_t>({1, 1, 1, 4}, {1, 2, -1, -2});
  Windows windows{{1, 2}, {1, 1}, {1, 2}, {0, 0, 0, 0}};
  windows.strides = {1, 2};
  windows.dilations = {1, 1};
  Tensor y =
      averagePoolFixed(x, q4, windows, false, q4, DType::I16, {1, 1, 1, 2});
  EXPECT_EQ(valuesOf<int16_t>(y), (std::vector<int16_t>{2, -1}));
}

TEST(DataMovementTest, FixedGroupNormEqualsTheFormula) {
  std::vector<int64_t> q{5, -3, 8, 100, 7, -20, 0, 1};
  Tensor x = tensorOfIntegers(q, DType::I16, {1, 4, 2});
  Tensor scale = Tensor::of<float>({4}, {1, 2, -1, 0.5f});
  Tensor bias = Tensor::of<float>({4}, {0, 0.1f, 0.2f, 0.3f});
  Clamp clamp{0.0f, std::nullopt};
  Tensor y, fixed;
  ASSERT_EQ(groupNormFixed(x, q4, scale, bias, 1e-5f, 2, clamp, std::nullopt,
                           DType::F32, y),
            "");
  ASSERT_EQ(groupNormFixed(x, q4, scale, bias, 1e-5f, 2, clamp, q4, DType::I16,
                           fixed),
            "");
  for (int g = 0; g < 2; ++g) {
    double s1 = 0, s2 = 0;
    for (int i = 0; i < 4; ++i) {
      s1 += double(q[g * 4 + i]);
      s2 += double(q[g * 4 + i] * q[g * 4 + i]);
    }
    double m = s1 / 4, v = s2 / 4 - m * m;
    for (int i = g * 4; i < g * 4 + 4; ++i) {
      double a = double(scale.data<float>()[i / 2]) /
                 std::sqrt(v / 256 + double(1e-5f));
      float b = float(double(bias.data<float>()[i / 2]) - m / 16 * a);
      float scaled = float(q[i]) / 16 * float(a);
      float expected = std::max(0.0f, scaled + b);
      EXPECT_EQ(y.data<float>()[i], expected);
      EXPECT_EQ(fixed.data<int16_t>()[i], std::nearbyint(expected * 16));
    }
  }
}

} // namespace
