//===- ConvWindow.h - Window arithmetic of convolutions ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The only copy of the arithmetic that verifiers, importer, interpreter and
// generated code share.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_CONVWINDOW_H
#define SHIFT_SUPPORT_CONVWINDOW_H

#include <cstdint>

namespace shift {

/// One dimension of a window: sizes in elements, all but pads at least 1.
struct ConvWindow {
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t padBegin = 0;
  int64_t padEnd = 0;

  /// Elements from the first tap to the last.
  int64_t extent() const { return (kernel - 1) * dilation + 1; }
};

/// Number of windows over `input` elements (ONNX Conv, MaxPool, AveragePool);
/// 0 or less if none fits. With `ceilMode` a last window may reach past the end
/// padding, but not start in it.
inline int64_t windowOutputSize(int64_t input, const ConvWindow &window,
                                bool ceilMode) {
  int64_t room = input + window.padBegin + window.padEnd - window.extent();
  if (room < 0)
    return 0;
  int64_t size = room / window.stride + 1;
  bool hasRest = room % window.stride != 0;
  if (ceilMode && hasRest &&
      size * window.stride < input + window.padBegin)
    ++size;
  return size;
}

/// Output size of ONNX ConvTranspose.
inline int64_t transposedOutputSize(int64_t input, const ConvWindow &window,
                                    int64_t outputPadding) {
  return (input - 1) * window.stride + outputPadding + window.extent() -
         window.padBegin - window.padEnd;
}

/// First input position of output `index`, may lie in the padding.
inline int64_t windowStart(int64_t index, const ConvWindow &window) {
  return index * window.stride - window.padBegin;
}

/// Sets the pads of auto_pad SAME: the output has ceil(input / stride)
/// elements; an odd pad goes to the end (SAME_UPPER) or to the begin.
inline void setSamePads(int64_t input, ConvWindow &window, bool upper) {
  int64_t output = (input + window.stride - 1) / window.stride;
  int64_t total = (output - 1) * window.stride + window.extent() - input;
  if (total < 0)
    total = 0;
  window.padBegin = upper ? total / 2 : total - total / 2;
  window.padEnd = total - window.padBegin;
}

} // namespace shift

#endif // SHIFT_SUPPORT_CONVWINDOW_H
