//===- Panel.h - Blocks of positions and the taps they read -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Convolutions, linear layers and matrix products share one scheme: a work item
// is a block of output positions; what every tap reads for them is copied to a
// panel [tap][position], which only the copy's strides, dilations and padding
// know of; then each output channel combines whole panel rows.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOCPU_PANEL_H
#define LIB_CONVERSION_SHIFTTOCPU_PANEL_H

#include "lib/Conversion/Kernels/FixedLayer.h"

namespace mlir::shift::cpu {
using namespace kernels;

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

/// Stores what the epilogue of a layer makes of sums of its output channel, as
/// emitBlockStore does. `target.buffer` is of the type of the layer's result.
void storeResults(KernelBuilder &kb, const Epilogue &epilogue,
                  const BlockStore &target, Val sums, Val channel, Val base,
                  Val first);

} // namespace mlir::shift::cpu

#endif // LIB_CONVERSION_SHIFTTOCPU_PANEL_H
