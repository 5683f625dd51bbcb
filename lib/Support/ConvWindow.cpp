//===- ConvWindow.cpp - Output sizes and padding of sliding windows -------===//
// SPDX-License-Identifier: Apache-2.0
// Formulas of ONNX's Conv, ConvTranspose, MaxPool and AveragePool.
//===----------------------------------------------------------------------===//
#include "shift/Support/ConvWindow.h"

#include <algorithm>

namespace shift {
namespace {

/// Quotient rounded to minus infinity; divisor > 0.
int64_t floorDiv(int64_t dividend, int64_t divisor) {
  int64_t quotient = dividend / divisor;
  return quotient - (dividend % divisor < 0);
}

/// Quotient rounded to plus infinity; divisor > 0.
int64_t ceilDiv(int64_t dividend, int64_t divisor) {
  return -floorDiv(-dividend, divisor);
}

/// Taps k in 0..kernel-1 with first <= start + k * dilation < last.
TapRange tapsWithin(int64_t start, const ConvWindow &window, int64_t first,
                    int64_t last) {
  int64_t begin = ceilDiv(first - start, window.dilation);
  int64_t end = ceilDiv(last - start, window.dilation);
  begin = std::clamp<int64_t>(begin, 0, window.kernel);
  end = std::clamp<int64_t>(end, begin, window.kernel);
  return {begin, end};
}

} // namespace

int64_t convOutputSize(int64_t input, const ConvWindow &window, bool ceilMode) {
  int64_t room = input + window.padBegin + window.padEnd - window.extent();
  if (!ceilMode)
    return std::max<int64_t>(0, floorDiv(room, window.stride) + 1);
  int64_t output = ceilDiv(room, window.stride) + 1;
  if ((output - 1) * window.stride >= input + window.padBegin)
    --output;
  return std::max<int64_t>(0, output);
}

PadPair resolveAutoPad(int64_t input, const ConvWindow &window,
                       AutoPad autoPad) {
  if (autoPad == AutoPad::NotSet)
    return {window.padBegin, window.padEnd};
  if (autoPad == AutoPad::Valid)
    return {0, 0};
  int64_t output = ceilDiv(input, window.stride);
  int64_t total = std::max<int64_t>(0, (output - 1) * window.stride +
                                           window.extent() - input);
  int64_t half = total / 2;
  if (autoPad == AutoPad::SameUpper)
    return {half, total - half};
  return {total - half, half};
}

int64_t transposedOutputSize(int64_t input, const ConvWindow &window,
                             int64_t outputPadding) {
  return window.stride * (input - 1) + outputPadding + window.extent() -
         window.padBegin - window.padEnd;
}

PadPair resolveTransposedPads(int64_t input, const ConvWindow &window,
                              int64_t outputPadding, int64_t outputSize,
                              AutoPad autoPad) {
  int64_t total = window.stride * (input - 1) + outputPadding +
                  window.extent() - outputSize;
  // More output than the taps reach: nothing to crop, zeros follow at the end.
  if (total < 0)
    return {0, total};
  int64_t half = total / 2;
  if (autoPad == AutoPad::SameUpper)
    return {half, total - half};
  return {total - half, half};
}

TapRange validTaps(int64_t output, int64_t input, const ConvWindow &window) {
  return tapsWithin(window.position(output, 0), window, 0, input);
}

int64_t averagePoolCount(int64_t output, int64_t input,
                         const ConvWindow &window, bool countIncludePad) {
  int64_t first = countIncludePad ? -window.padBegin : 0;
  int64_t last = countIncludePad ? input + window.padEnd : input;
  TapRange taps = tapsWithin(window.position(output, 0), window, first, last);
  return taps.end - taps.begin;
}

} // namespace shift
