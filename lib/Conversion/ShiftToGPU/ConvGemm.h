//===- ConvGemm.h - Loop nest of GPU convolutions ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Convolutions, linear layers and matrix products as implicit matrix products:
// a block of threads computes a tile of output channels x positions. Step by
// step along the taps, it copies weights and what the taps read for the
// positions to shared memory (no panel in global memory), where every thread
// finds the factors of its outputs' products. There are two of each tile: the
// next step's are filled while this one's are used. What a product is, and how
// a tile lies in shared memory, is the strategy's; two of them have tiles of
// 32-bit words, [tap][row] and [tap][position].
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
  /// Neighbouring positions whose results are stored by one instruction.
  int64_t lanes = 1;

  int64_t threads() const {
    return rows * columns / (threadRows * threadColumns);
  }
  /// Threads side by side along the positions.
  int64_t threadsAcross() const { return columns / threadColumns; }
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
    /// The position, or its first tap's row and column in the (padded) image.
    Val position, y, x;
    /// Whether there is such a position; empty where that is known.
    Val isThere;
  };
  /// `isInside`: positions past the last one do not occur.
  Column emitColumn(Val position, bool isInside);

  /// Which pixel window position `window` reads; appends what must hold for
  /// there to be one.
  Val emitPixel(const Column &column, Val window,
                SmallVectorImpl<Val> &conditions);
  /// Where tap number `tap` (window position, then input channel) reads behind
  /// `image`, where the group's first channel starts, and whether there is an
  /// element, empty where that is known. `isInside`: taps past the last one do
  /// not occur.
  std::pair<Val, Val> emitPlace(Val image, const Column &column, Val tap,
                                bool isInside);
  /// The element, or zero outside.
  Val emitLoad(Val image, const Column &column, Val tap, bool isInside);
  /// Copies it, 32 bits, to `target` at `to`; asynchronously.
  void emitCopy(Val image, const Column &column, Val tap, bool isInside,
                Value target, ArrayRef<Val> to);

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
  /// Shared memory, tables, sums.
  virtual void declare() = 0;
  /// Where the input of a batch's group starts.
  virtual Val emitImage();
  /// Copies the taps from `tap` on, `tiling.depth` of them, to the tiles number
  /// `stage`.
  virtual void fill(Val tap, Val stage) = 0;
  /// Adds the products of a step's tiles to the sums. Those that lie in no
  /// array are carried from step to step.
  virtual SmallVector<Val> emitStart() { return {}; }
  virtual SmallVector<Val> emitProducts(ArrayRef<Val> sums, Val stage) = 0;
  /// Stores the results.
  virtual void finish(ArrayRef<Val> sums) = 0;
  /// Whether fill copies asynchronously.
  virtual bool copiesAsync() const { return false; }

  /// Taps to sum over, with those that only fill a layout.
  virtual int64_t taps() const { return layer.panel.taps; }
  /// Tiles of each kind.
  int64_t stages() const { return taps() > tiling.depth ? 2 : 1; }
  bool hasAllRows() const { return layer.channels % tiling.rows == 0; }
  bool hasAllColumns() const {
    return layer.panel.positions % tiling.columns == 0;
  }
  bool hasAllTaps() const { return taps() % tiling.depth == 0; }

  /// Tiles of 32-bit words; the weights' terms one after another.
  void declareWordTiles(Type element, int64_t terms = 1);
  /// Copies what a step reads from `tap` on to the input's tile; `convert` is
  /// what it makes of an element. Asynchronously if fill does so.
  void fillInput(Val tap, Val stage, function_ref<Val(Val)> convert);
  /// The same of the weights; emit(channel of the group, tap) gives the terms
  /// of one that exists.
  void fillWeights(Val tap, Val stage,
                   function_ref<SmallVector<Val>(Val, Val)> emit);
  /// emit(row, weight) for each of a thread's rows and each term of each tap of
  /// a step, in order; the inputs are in `inputs`.
  void forEachProduct(Val stage, function_ref<void(Val, Val)> emit);

  /// An array of this thread's sums, all zero.
  Value declareSums(Type element, ArrayRef<int64_t> shape);
  /// The first of this thread's rows and of its columns.
  Val threadRow() {
    return kb.named(kb.thread() / tiling.threadsAcross() * tiling.threadRows,
                    "threadRow");
  }
  Val threadColumn() {
    return kb.named(kb.thread() % tiling.threadsAcross() * tiling.threadColumns,
                    "threadColumn");
  }
  /// emit(row, column, channel of the group, position) for each output of this
  /// thread that exists, or each `tiling.lanes` of them.
  void forEachOutput(function_ref<void(Val, Val, Val, Val)> emit);
  /// emit(item) for each of [0, count), one after another by the threads.
  void shareItems(int64_t count, StringRef name, function_ref<void(Val)> emit);
  /// A loop over [0, count) of which the compiler unrolls `factor` iterations:
  /// loads of more of them at once take too many registers.
  void unrolledBy(int64_t factor, int64_t count, StringRef name,
                  function_ref<void(Val)> body, int64_t step = 1);
  /// emit() where `index` < `size`, which `isCertain` may say.
  void ifBelow(Val index, int64_t size, bool isCertain,
               function_ref<void()> emit);
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
  /// Of word tiles: the inputs of a tap that a thread needs.
  Value inputs;

private:
  SmallVector<Val> emitStep(Val tap, ArrayRef<Val> sums);
  void commitCopies();

  /// Of word tiles; the column that a thread copies.
  Value inputTile, weightTile;
  int64_t terms = 1;
  TapReader::Column column;
};

} // namespace mlir::shift::cuda

#endif // LIB_CONVERSION_SHIFTTOGPU_CONVGEMM_H
