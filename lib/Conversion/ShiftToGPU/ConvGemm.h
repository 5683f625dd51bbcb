//===- ConvGemm.h - Loop nest of GPU convolutions ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Convolutions, linear layers and matrix products as implicit matrix products:
// a block of threads computes a tile of output channels x positions. Step by
// step along the taps, it copies weights and what the taps read for the
// positions to shared memory (no panel in global memory), where every thread
// finds the factors of its outputs' products. There are two of each tile: the
// next step's are filled while this one's are used. What a product is, and how
// a tile lies in shared memory, is the strategy's.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOGPU_CONVGEMM_H
#define LIB_CONVERSION_SHIFTTOGPU_CONVGEMM_H

#include "lib/Conversion/Kernels/ConvLayer.h"

namespace mlir::shift::cuda {
using namespace kernels;

/// A block's tile.
struct GemmTiling {
  /// Output channels, positions, and taps of a step.
  int64_t rows = 64, columns = 64, depth = 16;
  /// Outputs of a thread.
  int64_t threadRows = 4, threadColumns = 4;

  int64_t threads() const {
    return rows * columns / (threadRows * threadColumns);
  }
  /// Threads side by side along the positions.
  int64_t threadsAcross() const { return columns / threadColumns; }
  SmallVector<int64_t, 3> sizes() const { return {rows, columns, depth}; }
  std::string key() const;
};

/// Tiles whose outputs a thread keeps in registers, for the layer's size.
GemmTiling chooseTiling(const ConvLayer &layer, int64_t depth);

/// Blocks of a layer.
int64_t countBlocks(const ConvLayer &layer, const GemmTiling &tiling);

/// A layer's input, read at (position, tap).
class TapReader {
public:
  TapReader(KernelBuilder &kb, const ConvLayer &layer, Value source)
      : kb(kb), layer(layer), source(source) {}

  /// What taps of one position have in common.
  struct Column {
    /// Where the position's first tap lies: an offset, or row and column in the
    /// (padded) image.
    Val offset, y, x;
    /// Whether there is such a position; empty where that is known.
    Val isThere;
  };
  /// `image` is where the group's first channel starts. `isInside`: positions
  /// past the last one do not occur.
  Column emitColumn(Val image, Val position, bool isInside);

  /// Where tap number `tap` (window position, then input channel) reads, and
  /// whether there is an element, empty where that is known. `isInside`: taps
  /// past the last one do not occur.
  std::pair<Val, Val> emitPlace(const Column &column, Val tap, bool isInside);
  /// The element, or zero outside.
  Val emitLoad(const Column &column, Val tap, bool isInside);
  /// Copies it, 32 bits, to `target` at `to`; asynchronously.
  void emitCopy(const Column &column, Val tap, bool isInside, Value target,
                Val to);

private:
  /// Row or column of the image that a window's tap reads, and whether it is
  /// one, as far as that is not yet certain.
  Val emitAlong(Val origin, Val tap, int axis,
                SmallVectorImpl<Val> &conditions);

  KernelBuilder &kb;
  const ConvLayer &layer;
  Value source;
};

/// Emits the kernel of one layer.
class ConvGemm {
public:
  ConvGemm(KernelBuilder &kb, const ConvLayer &layer, const GemmTiling &tiling,
           Value input)
      : kb(kb), layer(layer), tiling(tiling), reader(kb, layer, input) {}
  virtual ~ConvGemm() = default;

  void run(Val block);

protected:
  /// Shared memory, tables.
  virtual void declare() = 0;
  /// Where the input of a batch's group starts.
  virtual Val emitImage();
  /// Copies the taps from `tap` on, `tiling.depth` of them, to the tiles number
  /// `stage`.
  virtual void fill(Val tap, Val stage) = 0;
  /// The sums at the start, and with the products of the tiles of a step.
  virtual SmallVector<Val> emitStart() = 0;
  virtual SmallVector<Val> emitProducts(ArrayRef<Val> sums, Val stage) = 0;
  /// Stores the results.
  virtual void finish(ArrayRef<Val> sums) = 0;

  /// Tiles of each kind.
  int64_t stages() const { return layer.panel.taps > tiling.depth ? 2 : 1; }
  /// Whether fill copies asynchronously.
  virtual bool copiesAsync() const { return false; }
  /// Copies what a step reads from `tap` on to a tile of 32-bit elements
  /// [tap][position] that starts at `first`, asynchronously.
  void copyInput(Val tap, Value tile, Val first);
  /// store(tap of the step, position of the tile, element) for what a step
  /// reads from `tap` on.
  void forEachInput(Val tap, function_ref<void(Val, Val, Val)> store);
  /// The same of groups of four taps: their elements.
  void forEachInputQuad(Val tap,
                        function_ref<void(Val, Val, ArrayRef<Val>)> store);
  /// store(tap of the step, row of the tile, channel of the group, tap, whether
  /// both exist or empty where they do) for the weights of a step, `perItem`
  /// taps at once.
  void forEachWeight(Val tap, int64_t perItem,
                     function_ref<void(Val, Val, Val, Val, Val)> store);
  /// The first of this thread's rows, and column j.
  Val threadRow() {
    return kb.thread() / tiling.threadsAcross() * tiling.threadRows;
  }
  Val threadColumn(int64_t j) {
    return kb.thread() % tiling.threadsAcross() + j * tiling.threadsAcross();
  }
  /// This thread's rows of a tile of words, which start at `at`.
  SmallVector<Val> loadRows(Value tile, Val at) {
    return kb.elements(kb.load(tile, at + threadRow(), tiling.threadRows));
  }
  /// emit(channel of the group, position) for each output of this thread that
  /// exists; `sum` is its number among the thread's.
  void forEachOutput(function_ref<void(Val, Val, int64_t)> emit);
  /// emit() where `index` < `size`, which `isCertain` may say.
  void ifBelow(Val index, int64_t size, bool isCertain,
               function_ref<void()> emit);
  bool hasAllRows() const { return layer.channels % tiling.rows == 0; }
  bool hasAllColumns() const {
    return layer.panel.positions % tiling.columns == 0;
  }
  bool hasAllTaps() const { return layer.panel.taps % tiling.depth == 0; }
  /// Number of an output channel among all, and element of an output.
  Val emitChannel(Val row) { return group * layer.channels + row; }
  Val emitTarget(Val row, Val position) {
    return batch * layer.outBatch + emitChannel(row) * layer.outChannel +
           position * layer.outPosition;
  }

  KernelBuilder &kb;
  const ConvLayer &layer;
  const GemmTiling &tiling;
  TapReader reader;
  Val batch, group, firstRow, firstColumn;

private:
  SmallVector<Val> emitStep(Val tap, ArrayRef<Val> sums);

  TapReader::Column column;
};

} // namespace mlir::shift::cuda

#endif // LIB_CONVERSION_SHIFTTOGPU_CONVGEMM_H
