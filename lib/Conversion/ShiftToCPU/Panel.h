//===- Panel.h - Blocks of positions and the taps they read -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Convolutions, linear layers and matrix products share one scheme: a work item
// is a block of output positions; what every tap reads for them is copied to a
// panel [tap][position], which only the copy's strides, dilations and padding
// know of; then each output channel combines whole panel rows.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOCPU_PANEL_H
#define LIB_CONVERSION_SHIFTTOCPU_PANEL_H

#include "lib/Conversion/ShiftToCPU/Lowering.h"

namespace mlir::shift::cpu {

/// How a panel is filled.
enum class PanelKind {
  /// panel[k][p] = source[base + k * tapStride + p * positionStride]
  Strided,
  /// The taps of a 2-D convolution, zeros outside the image.
  Window,
  /// The taps of a transposed 2-D convolution, zeros where none falls.
  TransposedWindow
};

/// A panel of `taps` rows of `block` positions; the row of tap (ky, kx, ci) is
/// (ky * kernel[1] + kx) * windowRow + ci * channelRow and starts at element
/// row * rowStride.
struct PanelSpec {
  PanelKind kind = PanelKind::Strided;
  int64_t positions = 0, taps = 0, block = 64;
  /// Of the source in memory and of the panel; `isSigned` says how the source
  /// is widened.
  Type sourceType, panelType;
  bool isSigned = true;
  /// Elements from a row to the next, and from a row to its negation, which is
  /// stored too unless that is 0.
  int64_t rowStride = 64, negation = 0;
  // Strided.
  int64_t tapStride = 0, positionStride = 0;
  // Window and TransposedWindow: channels of the group, image, window.
  int64_t channels = 0, height = 0, width = 0, outWidth = 0;
  int64_t kernel[2] = {1, 1}, stride[2] = {1, 1}, dilation[2] = {1, 1};
  int64_t pad[2] = {0, 0};
  bool hasPadding = false;
  int64_t windowRow = 1, channelRow = 1;

  int64_t blocks() const { return (positions + block - 1) / block; }
  int64_t bytes() const {
    return taps * rowStride * panelType.getIntOrFloatBitWidth() / 8;
  }
  /// Taps of one input channel.
  int64_t window() const { return kernel[0] * kernel[1]; }
  /// Elements of the source from an input channel to the next.
  int64_t channelStride() const {
    return kind == PanelKind::Strided ? tapStride : height * width;
  }
  /// Everything that the code depends on.
  std::string key() const;
};

/// Fills `panel` with the positions from `first` on of the image (or matrix)
/// that starts at source[base], for the first `channels` input channels.
/// Columns past the last position hold zeros or are left alone.
void emitPanel(KernelBuilder &kb, const PanelSpec &spec, Value source, Val base,
               Value panel, Val first, Val channels);

/// Where a block's results go: out[base + p * stride] for positions p.
struct BlockStore {
  Value out;
  int64_t stride = 1, positions = 0;
  /// A buffer of one block of the values' element type.
  Value buffer;
};

/// What is stored at element `at` (and those behind it, one a lane) of the
/// output, from the values of the block.
using BlockFinish = function_ref<Val(Val values, Val at)>;

/// Stores `values` (one a position, from `first` on, already of the output's
/// type) except those past the last position. With `finish`, what that makes of
/// them: of all at once, or one by one where not all are stored.
void emitBlockStore(KernelBuilder &kb, const BlockStore &spec, Val values,
                    Val base, Val first, BlockFinish finish = nullptr);

/// `clamp_min` and `clamp_max` of a float result: v < lo ? lo : v > hi ? hi :
/// v.
Val emitFloatClamp(KernelBuilder &kb, Val value, std::optional<float> lo,
                   std::optional<float> hi);

} // namespace mlir::shift::cpu

#endif // LIB_CONVERSION_SHIFTTOCPU_PANEL_H
