//===- ConvolutionTest.cpp - Float convolutions and pools -----------------===//
// SPDX-License-Identifier: Apache-2.0
// Random shapes against output-by-output loops, bit for bit.
//===----------------------------------------------------------------------===//
#include "shift/Reference/Kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace shift::reference;

namespace {

std::mt19937 engine(7);

int64_t integer(int64_t lo, int64_t hi) {
  return std::uniform_int_distribution<int64_t>(lo, hi)(engine);
}

Tensor randomTensor(Shape shape) {
  Tensor x(DType::F32, std::move(shape));
  for (int64_t i = 0; i < x.size(); ++i)
    x.data<float>()[i] = std::normal_distribution<float>(0, 1)(engine);
  return x;
}

/// Row-order index number `flat` of a box.
Shape unflatten(int64_t flat, const Shape &shape) {
  Shape index(shape.size());
  for (size_t i = shape.size(); i-- > 0; flat /= shape[i])
    index[i] = flat % shape[i];
  return index;
}

/// Windows over `rank` dimensions, an input and the output they give.
struct Layout {
  Windows windows;
  Shape input, output;
};

Layout randomLayout(size_t rank) {
  Layout layout;
  layout.windows.pads.resize(2 * rank);
  for (size_t d = 0; d < rank; ++d) {
    int64_t kernel = integer(1, 3), stride = integer(1, 3);
    int64_t dilation = integer(1, 2), extent = (kernel - 1) * dilation + 1;
    int64_t begin = integer(0, extent - 1), end = integer(0, extent - 1);
    int64_t size = std::max<int64_t>(1, extent - begin - end) + integer(0, 6);
    layout.windows.kernel.push_back(kernel);
    layout.windows.strides.push_back(stride);
    layout.windows.dilations.push_back(dilation);
    layout.windows.pads[d] = begin;
    layout.windows.pads[d + rank] = end;
    layout.input.push_back(size);
    layout.output.push_back((size + begin + end - extent) / stride + 1);
  }
  return layout;
}

Shape join(Shape front, const Shape &back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

/// Row-order offset of the tap in the input, or -1 outside.
int64_t source(const Layout &layout, const Shape &output, const Shape &tap) {
  int64_t offset = 0;
  for (size_t d = 0; d < output.size(); ++d) {
    int64_t at = output[d] * layout.windows.strides[d] -
                 layout.windows.pads[d] + tap[d] * layout.windows.dilations[d];
    if (at < 0 || at >= layout.input[d])
      return -1;
    offset = offset * layout.input[d] + at;
  }
  return offset;
}

TEST(ConvolutionTest, ConvEqualsTheLoopsInOneToThreeDimensions) {
  for (int round = 0; round < 150; ++round) {
    SCOPED_TRACE(round);
    Layout layout = randomLayout(round % 3 + 1);
    int64_t group = integer(1, 2), perGroup = integer(1, 5);
    int64_t outputs = group * integer(1, 3), batch = integer(1, 2);
    Tensor x = randomTensor(join({batch, group * perGroup}, layout.input));
    Tensor w = randomTensor(join({outputs, perGroup}, layout.windows.kernel));
    Tensor b = randomTensor({outputs});
    bool hasBias = integer(0, 1) == 1;
    Tensor y = conv(x, w, hasBias ? &b : nullptr, layout.windows, group,
                    join({batch, outputs}, layout.output));
    int64_t taps = product(layout.windows.kernel),
            plane = product(layout.input);
    for (int64_t i = 0; i < y.size(); ++i) {
      Shape at = unflatten(i, y.shape);
      Shape position(at.begin() + 2, at.end());
      int64_t first = at[1] / (outputs / group) * perGroup;
      float acc = 0;
      for (int64_t k = 0; k < taps; ++k) {
        int64_t offset =
            source(layout, position, unflatten(k, layout.windows.kernel));
        for (int64_t c = 0; c < perGroup && offset >= 0; ++c)
          acc = std::fma(
              w.data<float>()[(at[1] * perGroup + c) * taps + k],
              x.data<float>()[(at[0] * group * perGroup + first + c) * plane +
                              offset],
              acc);
      }
      ASSERT_EQ(y.data<float>()[i],
                hasBias ? acc + b.data<float>()[at[1]] : acc);
    }
  }
}

TEST(ConvolutionTest, LongRowsKeepTheOrderOfChannels) {
  // 70 outputs a row: blocks of 32 and a rest; 1x1 windows see one long row.
  for (int64_t kernel : {1, 3}) {
    Tensor x = randomTensor({1, 37, 2, 70});
    Tensor w = randomTensor({1, 37, kernel, kernel});
    int64_t pad = kernel / 2;
    Tensor y = conv(x, w, nullptr,
                    {{kernel, kernel}, {1, 1}, {1, 1}, {pad, pad, pad, pad}}, 1,
                    {1, 1, 2, 70});
    for (int64_t i = 0; i < 140; ++i) {
      float acc = 0;
      for (int64_t k = 0; k < kernel * kernel; ++k) {
        int64_t row = i / 70 + k / kernel - pad;
        int64_t column = i % 70 + k % kernel - pad;
        bool inside = row >= 0 && row < 2 && column >= 0 && column < 70;
        for (int64_t c = 0; c < 37 && inside; ++c)
          acc = std::fma(w.data<float>()[c * kernel * kernel + k],
                         x.data<float>()[(c * 2 + row) * 70 + column], acc);
      }
      ASSERT_EQ(y.data<float>()[i], acc);
    }
  }
}

TEST(ConvolutionTest, ZeroWeightTimesInfinityIsNanButPaddingIsNot) {
  Tensor x = Tensor::of<float>({1, 1, 1}, {INFINITY});
  Tensor w = Tensor::of<float>({1, 1, 3}, {0, 1, 0});
  Windows windows{{3}, {1}, {1}, {1, 1}};
  Tensor y = conv(x, w, nullptr, windows, 1, {1, 1, 1});
  EXPECT_EQ(y.data<float>()[0], INFINITY);
  w = Tensor::of<float>({1, 1, 3}, {1, 0, 1});
  y = conv(x, w, nullptr, windows, 1, {1, 1, 1});
  EXPECT_TRUE(std::isnan(y.data<float>()[0]));
}

TEST(ConvolutionTest, ConvTransposeSumsTapsThenChannels) {
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    // The transposed convolution turns a layout's output into its input.
    Layout layout = randomLayout(round % 2 + 1);
    int64_t group = integer(1, 2), inputs = group * integer(1, 3);
    int64_t perGroup = integer(1, 3), outputs = group * perGroup;
    Tensor x = randomTensor(join({2, inputs}, layout.output));
    Tensor w = randomTensor(join({inputs, perGroup}, layout.windows.kernel));
    Tensor b = randomTensor({outputs});
    Tensor y = convTranspose(x, w, &b, layout.windows, group,
                             join({2, outputs}, layout.input));
    int64_t taps = product(layout.windows.kernel);
    int64_t plane = product(layout.output), members = inputs / group;
    for (int64_t i = 0; i < y.size(); ++i) {
      int64_t image = i / (outputs * product(layout.input));
      int64_t channel = i / product(layout.input) % outputs;
      int64_t offset = i % product(layout.input);
      float acc = 0;
      for (int64_t k = 0; k < taps; ++k)
        for (int64_t c = 0; c < members; ++c)
          for (int64_t p = 0; p < plane; ++p) {
            if (source(layout, unflatten(p, layout.output),
                       unflatten(k, layout.windows.kernel)) != offset)
              continue;
            int64_t ci = channel / perGroup * members + c;
            acc = std::fma(
                w.data<float>()[(ci * perGroup + channel % perGroup) * taps +
                                k],
                x.data<float>()[(image * inputs + ci) * plane + p], acc);
          }
      ASSERT_EQ(y.data<float>()[i], acc + b.data<float>()[channel]);
    }
  }
}

TEST(ConvolutionTest, PoolsVisitTapsInRowOrder) {
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    Layout layout = randomLayout(round % 3 + 1);
    Tensor x = randomTensor(join({1, 2}, layout.input));
    Shape shape = join({1, 2}, layout.output);
    Tensor maximum = maxPool(x, layout.windows, shape);
    Tensor average = averagePool(x, layout.windows, false, shape);
    for (int64_t i = 0; i < maximum.size(); ++i) {
      int64_t channel = i / product(layout.output);
      Shape at = unflatten(i % product(layout.output), layout.output);
      float largest = -INFINITY;
      double sum = 0;
      int count = 0;
      for (int64_t k = 0; k < product(layout.windows.kernel); ++k) {
        int64_t offset =
            source(layout, at, unflatten(k, layout.windows.kernel));
        if (offset < 0)
          continue;
        float value = x.data<float>()[channel * product(layout.input) + offset];
        largest = std::max(largest, value);
        sum += value;
        ++count;
      }
      ASSERT_EQ(maximum.data<float>()[i], largest);
      if (count > 0)
        ASSERT_EQ(average.data<float>()[i], float(sum / count));
    }
  }
}

TEST(ConvolutionTest, MaxPoolKeepsNanAndPaddingNeverWins) {
  Tensor x = Tensor::of<float>({1, 1, 3}, {-5, NAN, -7});
  Tensor y = maxPool(x, {{2}, {1}, {1}, {1, 1}}, {1, 1, 4});
  EXPECT_EQ(y.data<float>()[0], -5);
  EXPECT_TRUE(std::isnan(y.data<float>()[1]));
  EXPECT_TRUE(std::isnan(y.data<float>()[2]));
  EXPECT_EQ(y.data<float>()[3], -7);
}

TEST(ConvolutionTest, AveragePoolCountsPaddingOnRequest) {
  Tensor x = Tensor::of<float>({1, 1, 2}, {3, 6});
  Windows windows{{2}, {1}, {1}, {1, 1}};
  Tensor without = averagePool(x, windows, false, {1, 1, 3});
  Tensor with = averagePool(x, windows, true, {1, 1, 3});
  EXPECT_EQ(without.data<float>()[0], 3);
  EXPECT_EQ(with.data<float>()[0], 1.5f);
  EXPECT_EQ(with.data<float>()[1], 4.5f);
}

} // namespace
