//===- DotKernel.h - Loop nest of the dot product kernels -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Fixed-point layers as sums of products on instructions that multiply two or
// four neighbouring taps and add the products. A work item is a block of
// positions. Its taps are copied to rows [tap][position] and from there, a
// chunk at a time, to a panel in which the taps that one lane multiplies are
// neighbours; the panel stays in the first-level cache while all channel blocks
// use it. A tile is `rows` channels x 16 positions a vector; it has one vector,
// with AVX-512 all of the block. Sums are kept per channel and position until
// the last chunk, then the epilogue finishes them.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOCPU_DOTKERNEL_H
#define LIB_CONVERSION_SHIFTTOCPU_DOTKERNEL_H

#include "lib/Conversion/ShiftToCPU/Panel.h"

namespace mlir::shift::cpu {
using namespace kernels;

/// Positions of one vector of sums (512 bits; narrower machines split it).
constexpr int64_t dotLanes = 16;

/// How a layer is cut up.
struct DotShape {
  FixedLayer layer;
  /// Taps that one lane multiplies: 2 of 16 bits or 4 of 8 bits.
  int64_t depth = 2;
  /// Output channels of a tile.
  int64_t rows = 1;
  /// Planes of weights whose sums the epilogue shifts by so much and adds.
  SmallVector<int8_t> planeShifts{0};
  /// Lane groups (of `depth` taps) a channel, and of one chunk of the panel.
  int64_t steps = 0, chunk = 0;
  /// Of the sums between chunks. Wider ones than 32 bits need more than one
  /// chunk: each chunk's own sums have 32 bits.
  int64_t sumBits = 32;
  /// Added to 8-bit activations, which makes signed ones unsigned.
  int64_t offset = 0;

  int64_t planes() const { return planeShifts.size(); }
  int64_t chunks() const { return llvm::divideCeil(steps, chunk); }
  int64_t blocksPerGroup() const {
    return llvm::divideCeil(layer.layer.channels, rows);
  }
  /// Channel blocks whose sums are kept until all chunks are done.
  int64_t blocksKept() const;
  int64_t scratchBytes() const;
  std::string key() const;

  /// Chooses the block of positions, the rows of a tile (of at most `maxRows`)
  /// and the chunk. `layer` and `depth` are set.
  void choose(int64_t maxRows);

  /// What the layouts of all strategies need (WeightLayouts.h).
  NamedAttrList weightLayout(Builder &b, StringRef name) const;
};

/// What a family adds to the step of a layer.
struct DotStep {
  StringRef strategy;
  /// Width of the finished sums in bits.
  int width = 32;
  /// How weights are laid out, in so many 32-bit words.
  NamedAttrList layout;
  int64_t words = 0;
  /// Why the strategy can.
  std::string how;
};

/// Adds the step of a layer. `emit` runs the family's kernel.
void lowerDot(Operation *op, const DotShape &shape,
              const SumCertificate &certificate, const DotStep &step,
              Lowering &lowering,
              function_ref<void(KernelBuilder &, const EpilogueTables &,
                                ArrayRef<Value> buffers, int64_t epilogueAt,
                                Value scratch, Val begin, Val end)>
                  emit);

/// Emits the kernel of one layer; the families emit tiles.
class DotKernel {
public:
  /// `buffers`: input, those of the family, those of the epilogue, output.
  DotKernel(KernelBuilder &kb, const DotShape &shape,
            const EpilogueTables &tables, ArrayRef<Value> buffers,
            int64_t epilogueAt, Value scratch);
  virtual ~DotKernel() = default;

  void run(Val begin, Val end);

protected:
  /// One tile: `vectors` vectors of positions, one channel block, one plane, a
  /// chunk.
  struct Tile {
    /// Number of the channel block among those of all groups, number of the
    /// chunk, lane groups of it.
    Val block, chunk, steps;
    int64_t plane = 0, vectors = 1;
    /// First element of the panel, and of the sums of the tile's first row.
    Val panel, sums;
  };
  virtual void emitTile(const Tile &tile) = 0;
  /// Where the weights of a channel block, plane and chunk start in buffers[1],
  /// and how many words those of a whole chunk are.
  virtual Val firstWord(Val block, int64_t plane, Val chunk) = 0;
  virtual int64_t chunkWords() const = 0;

  /// The sums that a tile adds to, [row][vector]: those so far, or zeros where
  /// storeSums adds.
  SmallVector<Val> loadSums(const Tile &tile);
  void storeSums(const Tile &tile, ArrayRef<Val> sums);
  /// Panel vector `vector` of the lane group at `step`.
  Val loadPanel(const Tile &tile, Val step, int64_t vector);
  /// The same for the step that starts `offset` elements into the chunk.
  Val loadPanelAt(const Tile &tile, Val offset, int64_t vector);
  /// A word of packed weights in all lanes, as vector of the panel's type.
  Val broadcastWord(Value words, Val at);
  /// An LLVM intrinsic.
  Val call(StringRef intrinsic, Type result, ArrayRef<Val> args);

  KernelBuilder &kb;
  const DotShape &shape;
  ArrayRef<Value> buffers;

private:
  /// Where the rows of taps lie.
  struct Rows {
    Value buffer;
    Val first;
    int64_t stride;
  };
  bool readsInput() const;
  bool startsFromZero() const;
  Val sumPlace(const Tile &tile, int64_t row, int64_t vector);
  void computeItem(const ConvItem &item, const Rows &rows);
  void interleave(const Rows &rows, Val firstStep, Val count);
  Val interleaveStep(const Rows &rows, Val tap, int64_t position);
  void channelBlocks(Val group, Val kept, Val end, Val chunk, Val steps);
  void prefetchWeights(Val channelBlock, Val chunk);
  void tiles(Val block, Val keptRow, Val chunk, Val steps);
  void tiles(Val block, Val keptRow, Val chunk, Val steps, int64_t vectors);
  void clearSums();
  void finish(const ConvItem &item, Val kept, Val end);

  const ConvLayer &layer;
  Epilogue epilogue;
  int64_t block, keptRows, width;
  Type panelElement;
  Value rowBuffer, panel, sums, storeBuffer;
};

} // namespace mlir::shift::cpu

#endif // LIB_CONVERSION_SHIFTTOCPU_DOTKERNEL_H
