//===- ConvLayer.h - What the convolution families share --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_CONVLAYER_H
#define LIB_CONVERSION_KERNELS_CONVLAYER_H

#include "lib/Conversion/Kernels/Lowering.h"

namespace mlir::shift::kernels {

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

/// A convolution, or a layer that is one, as batches x groups of
/// (channels of the group) x (positions), each a sum over the panel's taps.
struct ConvLayer {
  int64_t batch = 1, groups = 1;
  /// Output channels of one group.
  int64_t channels = 1;
  PanelSpec panel;
  /// Distances in the input of batches and groups, and in the output of
  /// batches, channels and positions.
  int64_t inBatch = 0, inGroup = 0;
  int64_t outBatch = 0, outChannel = 0, outPosition = 1;

  int64_t extent() const { return batch * groups * panel.blocks(); }
  int64_t macs() const {
    return batch * groups * channels * panel.positions * panel.taps;
  }
  std::string key() const;
};

/// Attributes of a 2-D convolution; kernel, strides, dilations have two
/// elements, pads are top, left, bottom, right.
struct ConvAttributes {
  ArrayRef<int64_t> input, result, kernel, strides, dilations, pads;
  int64_t group = 1;
};

/// The layer of a convolution. Panel rows run over (ci, ky, kx), or with
/// `channelsLast` over (ky, kx, ci).
ConvLayer convLayer(const ConvAttributes &conv, bool channelsLast);

/// The layer of `rows` vectors of `taps` elements times a matrix of `channels`
/// rows.
ConvLayer linearLayer(int64_t rows, int64_t taps, int64_t channels);

/// A work item of a layer.
struct ConvItem {
  Val batch, group, first;
};
ConvItem emitItem(KernelBuilder &kb, const ConvLayer &layer, Val item);

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_CONVLAYER_H
