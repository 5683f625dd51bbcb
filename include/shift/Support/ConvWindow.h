//===- ConvWindow.h - Output sizes and padding of sliding windows ---------===//
// SPDX-License-Identifier: Apache-2.0
// The only window arithmetic of the project: convolutions, transposed
// convolutions and pools, of verifiers, type inference, kernels and the
// interpreter. One spatial axis at a time; formulas are ONNX's.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_CONVWINDOW_H
#define SHIFT_SUPPORT_CONVWINDOW_H

#include <cstdint>

namespace shift {

/// A window that slides along one axis. kernel, stride, dilation >= 1; pads may
/// be negative (they crop) where ONNX allows it.
struct ConvWindow {
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t padBegin = 0;
  int64_t padEnd = 0;

  /// Elements from the first to the last tap, inclusive.
  int64_t extent() const { return (kernel - 1) * dilation + 1; }

  /// Input position of tap `tap` for output position `output`; outside of
  /// 0..input-1 it is padding.
  int64_t position(int64_t output, int64_t tap) const {
    return output * stride - padBegin + tap * dilation;
  }
};

/// ONNX's auto_pad.
enum class AutoPad { NotSet, Valid, SameUpper, SameLower };

/// The pads at both ends of an axis.
struct PadPair {
  int64_t begin = 0;
  int64_t end = 0;
};

/// A half-open interval of taps.
struct TapRange {
  int64_t begin = 0;
  int64_t end = 0;
};

/// Output size of a convolution or pool over `input` elements:
/// floor((input + pads - extent) / stride) + 1, ceil with `ceilMode`. Windows
/// that would start in the padding at the end are dropped (ceilMode only). 0
/// where the window does not fit: callers refuse that.
int64_t convOutputSize(int64_t input, const ConvWindow &window,
                       bool ceilMode = false);

/// Explicit pads for `autoPad`, NotSet: the window's own. SAME gives
/// ceil(input / stride) outputs; the odd element goes to the end (SameUpper) or
/// the beginning (SameLower).
PadPair resolveAutoPad(int64_t input, const ConvWindow &window,
                       AutoPad autoPad);

/// Output size of a transposed convolution: stride * (input - 1) +
/// outputPadding + extent - pads. May be below 1: callers refuse that.
int64_t transposedOutputSize(int64_t input, const ConvWindow &window,
                             int64_t outputPadding = 0);

/// Pads of a transposed convolution that make its output `outputSize` long. The
/// odd element goes to the end with SameUpper, else to the beginning. With
/// SAME and no output_shape, ONNX's size is input * stride. A size beyond what
/// the taps reach gives a negative pad at the end.
PadPair resolveTransposedPads(int64_t input, const ConvWindow &window,
                              int64_t outputPadding, int64_t outputSize,
                              AutoPad autoPad);

/// The taps of output position `output` that lie inside an axis of `input`
/// elements (empty where none does).
TapRange validTaps(int64_t output, int64_t input, const ConvWindow &window);

/// The count that an average pool divides by along this axis: the taps inside
/// the input, or with `countIncludePad` inside input and padding (a window that
/// ceilMode lets run past the padding counts only what is before its end).
int64_t averagePoolCount(int64_t output, int64_t input,
                         const ConvWindow &window, bool countIncludePad);

} // namespace shift

#endif // SHIFT_SUPPORT_CONVWINDOW_H
