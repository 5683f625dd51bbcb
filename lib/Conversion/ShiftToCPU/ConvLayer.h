//===- ConvLayer.h - What the convolution families share --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOCPU_CONVLAYER_H
#define LIB_CONVERSION_SHIFTTOCPU_CONVLAYER_H

#include "lib/Conversion/ShiftToCPU/Panel.h"

namespace mlir::shift::cpu {

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

} // namespace mlir::shift::cpu

#endif // LIB_CONVERSION_SHIFTTOCPU_CONVLAYER_H
