//===- ConvWindowTest.cpp - Output sizes and padding ----------------------===//
// SPDX-License-Identifier: Apache-2.0
// Small windows, exhaustively: formulas against counting positions.
//===----------------------------------------------------------------------===//
#include "shift/Support/ConvWindow.h"

#include <gtest/gtest.h>

using namespace shift;

namespace {

/// Calls `check(input, window)` for all small windows.
template <typename Check>
void forSmallWindows(Check check) {
  for (int64_t input = 1; input <= 9; ++input)
    for (int64_t kernel = 1; kernel <= 4; ++kernel)
      for (int64_t stride = 1; stride <= 4; ++stride)
        for (int64_t dilation = 1; dilation <= 3; ++dilation)
          for (int64_t begin = 0; begin <= 3; ++begin)
            for (int64_t end = 0; end <= 3; ++end)
              check(input, ConvWindow{kernel, stride, dilation, begin, end});
}

TEST(ConvWindowTest, OutputSizeCountsThePositionsThatFit) {
  forSmallWindows([](int64_t input, const ConvWindow &window) {
    int64_t fits = 0;
    int64_t padded = input + window.padBegin + window.padEnd;
    while (fits * window.stride + window.extent() <= padded)
      ++fits;
    EXPECT_EQ(convOutputSize(input, window), fits);
  });
}

TEST(ConvWindowTest, CeilModeAddsAPartialWindowThatStartsBeforeTheEndPad) {
  forSmallWindows([](int64_t input, const ConvWindow &window) {
    int64_t padded = input + window.padBegin + window.padEnd;
    if (window.extent() > padded)
      return;
    int64_t whole = convOutputSize(input, window);
    bool isRest = (padded - window.extent()) % window.stride != 0;
    int64_t want = whole + isRest;
    if ((want - 1) * window.stride >= input + window.padBegin)
      --want;
    EXPECT_EQ(convOutputSize(input, window, /*ceilMode=*/true), want);
  });
}

TEST(ConvWindowTest, KnownSizes) {
  EXPECT_EQ(convOutputSize(800, {7, 2, 1, 3, 3}), 400);
  EXPECT_EQ(convOutputSize(400, {3, 2, 1, 1, 1}), 200);
  EXPECT_EQ(convOutputSize(4, {3, 2, 1, 0, 0}), 1);
  EXPECT_EQ(convOutputSize(4, {3, 2, 1, 0, 0}, true), 2);
  EXPECT_EQ(convOutputSize(2, {1, 2, 1, 0, 1}, true), 1);
  EXPECT_EQ(convOutputSize(2, {5, 1, 1, 0, 0}), 0);
  EXPECT_EQ(convOutputSize(2, {5, 1, 2, 0, 0}), 0);
}

TEST(ConvWindowTest, SamePadsGiveCeilOfInputOverStride) {
  forSmallWindows([](int64_t input, ConvWindow window) {
    for (AutoPad autoPad : {AutoPad::SameUpper, AutoPad::SameLower}) {
      PadPair pads = resolveAutoPad(input, window, autoPad);
      ConvWindow padded = window;
      padded.padBegin = pads.begin;
      padded.padEnd = pads.end;
      EXPECT_EQ(convOutputSize(input, padded),
                (input + window.stride - 1) / window.stride);
      int64_t difference = autoPad == AutoPad::SameUpper
                               ? pads.end - pads.begin
                               : pads.begin - pads.end;
      EXPECT_TRUE(difference == 0 || difference == 1);
    }
    EXPECT_EQ(resolveAutoPad(input, window, AutoPad::Valid).begin, 0);
    EXPECT_EQ(resolveAutoPad(input, window, AutoPad::NotSet).end,
              window.padEnd);
  });
}

TEST(ConvWindowTest, TransposedUndoesTheConvolution) {
  forSmallWindows([](int64_t input, const ConvWindow &window) {
    int64_t output = convOutputSize(input, window);
    if (output < 1)
      return;
    int64_t lost = (input + window.padBegin + window.padEnd - window.extent()) %
                   window.stride;
    EXPECT_EQ(transposedOutputSize(output, window, lost), input);
  });
}

TEST(ConvWindowTest, TransposedPadsReachTheSizeAskedFor) {
  forSmallWindows([](int64_t input, ConvWindow window) {
    window.padBegin = window.padEnd = 0;
    for (int64_t want = 1; want <= 40; ++want)
      for (AutoPad autoPad : {AutoPad::NotSet, AutoPad::SameUpper}) {
        PadPair pads = resolveTransposedPads(input, window, 0, want, autoPad);
        ConvWindow padded = window;
        padded.padBegin = pads.begin;
        padded.padEnd = pads.end;
        EXPECT_EQ(transposedOutputSize(input, padded), want);
        EXPECT_GE(pads.begin, 0);
      }
  });
  // ONNX's example: input 3, kernel 3, stride 3, output_shape 8: one to crop.
  PadPair pads = resolveTransposedPads(3, {3, 3}, 0, 8, AutoPad::NotSet);
  EXPECT_EQ(pads.begin, 1);
  EXPECT_EQ(pads.end, 0);
  pads = resolveTransposedPads(3, {3, 3}, 0, 8, AutoPad::SameUpper);
  EXPECT_EQ(pads.begin, 0);
  EXPECT_EQ(pads.end, 1);
}

TEST(ConvWindowTest, TapsAndCountsMatchPositions) {
  forSmallWindows([](int64_t input, const ConvWindow &window) {
    int64_t outputs = convOutputSize(input, window, true);
    for (int64_t output = 0; output < outputs; ++output) {
      int64_t inside = 0, padded = 0;
      TapRange taps = validTaps(output, input, window);
      for (int64_t tap = 0; tap < window.kernel; ++tap) {
        int64_t position = window.position(output, tap);
        bool isInside = position >= 0 && position < input;
        inside += isInside;
        padded += position < input + window.padEnd;
        EXPECT_EQ(tap >= taps.begin && tap < taps.end, isInside);
      }
      EXPECT_EQ(averagePoolCount(output, input, window, false), inside);
      EXPECT_EQ(averagePoolCount(output, input, window, true), padded);
    }
  });
}

} // namespace
