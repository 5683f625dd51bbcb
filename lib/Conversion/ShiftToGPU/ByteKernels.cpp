//===- ByteKernels.cpp - Fixed-point layers as products of bytes ----------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToGPU/ByteKernels.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cuda;

namespace {
/// Tiles of bytes, in fragments of 16 lines (rows or positions) x 16 taps, each
/// in one piece: tensor cores want them aligned, and 8 threads that load lines
/// one after another use different banks. What lies between fragments lets
/// threads that store taps one after another use different banks too.
class ByteKernel : public FixedKernel {
public:
  ByteKernel(KernelBuilder &kb, const FixedGemm &gemm, ArrayRef<Value> buffers)
      : FixedKernel(kb, gemm, buffers, 1), packed(gemm.fixed),
        input(buffers[0]) {
    kb.named(weights[0], "weights");
  }

  static constexpr int64_t fragment = 16;

protected:
  bool copiesAsync() const override { return true; }
  int64_t taps() const override { return packed.taps; }

  /// Lines of the input's tile: all positions, for each plane.
  int64_t inputLines() const { return packed.planes * tiling.columns; }
  int64_t fragmentSize() const {
    return fragment * fragment + 8 * fragment * fragment / tiling.depth;
  }
  SmallVector<int64_t> tileShape(int64_t lines) const {
    return {stages(), int64_t(llvm::divideCeil(lines, fragment)),
            tiling.depth / fragment, fragmentSize()};
  }
  int64_t tileBytes(int64_t lines) const { return product(tileShape(lines)); }

  /// Where a tap of a step lies.
  SmallVector<Val> placeOf(Val stage, Val line, Val tap) {
    return {stage, line / fragment, tap / fragment,
            line % fragment * fragment + tap % fragment};
  }

  /// The position, within the tile, that lies in a line of a plane.
  virtual Val positionOf(Val line) { return line; }

  void fill(Val tap, Val stage) override {
    fillInput(tap, stage);
    fillWeights(tap, stage);
  }

  /// emit(line, tap of the step) for `lines` lines, `size` taps at once.
  void forEachCopy(int64_t lines, int64_t size, StringRef name,
                   function_ref<void(Val, Val)> emit) {
    int64_t perLine = tiling.depth / size;
    shareItems(lines * perLine, "copy", [&](Val copy) {
      emit(kb.named(copy / perLine, name),
           kb.named(copy % perLine * size, "inStep"));
    });
  }

  void fillInput(Val tap, Val stage) {
    int64_t pixelSize = layer.groups * packed.allChannels;
    forEachCopy(tiling.columns, packed.copy, "line", [&](Val line, Val inStep) {
      Val position = kb.named(firstColumn + positionOf(line), "position");
      TapReader::Column column = reader.emitColumn(position, hasAllColumns());
      Val at = kb.named(tap + inStep, "inputTap");
      Val window = kb.named(at / packed.allChannels, "window");
      SmallVector<Val> conditions;
      if (!hasAllTaps())
        conditions.push_back(
            kb.compare(arith::CmpIPredicate::ult, at, kb.index(packed.taps)));
      Val pixel = reader.emitPixel(column, window, conditions);
      Val channel = kb.named(at % packed.allChannels, "channel");
      Val source = (batch * packed.pixels + pixel) * pixelSize +
                   group * packed.allChannels + channel;
      Val isThere = kb.all(conditions);
      if (isThere.kb) {
        kb.named(isThere, "isInside");
        source = kb.select(isThere, source, kb.index(packed.padding));
      }
      kb.named(source, "source");
      for (int64_t plane = 0; plane < packed.planes; ++plane)
        kb.copyAsync(input, source + plane * packed.planeSize, inputTile,
                     placeOf(stage, line + plane * tiling.columns, inStep),
                     packed.copy);
    });
  }

  void fillWeights(Val tap, Val stage) {
    int64_t rows = llvm::alignTo(layer.channels, tiling.rows);
    int64_t all = llvm::alignTo(packed.taps, tiling.depth);
    forEachCopy(tiling.rows, fragment, "row", [&](Val row, Val inStep) {
      Val source = (group * rows + firstRow + row) * all + (tap + inStep);
      kb.copyAsync(weights[0], source, weightTile, placeOf(stage, row, inStep),
                   fragment);
    });
  }

  /// The sum of products of whole activations from those of their bytes.
  Val combine(ArrayRef<Val> sums) {
    Val total = kb.convert(sums[0], kb.i(gemm.width));
    if (sums.size() == 2) {
      Val upper = kb.convert(sums[1], kb.i(gemm.width));
      total = total + kb.shl(upper, kb.constant(upper.type(), 8));
    }
    return total;
  }

  PackedBytes packed;
  Value input;
  Value inputTile, weightTile;
};

class Dp4aKernel : public ByteKernel {
  using ByteKernel::ByteKernel;

  void declare() override {
    inputTile = kb.shared(kb.i(8), tileShape(inputLines()), "inputTile");
    weightTile = kb.shared(kb.i(8), tileShape(tiling.rows), "weightTile");
    acc = declareSums(kb.i(32),
                      {packed.planes, tiling.threadRows, tiling.threadColumns});
  }

  /// Threads that are neighbours load lines that are, though each has
  /// neighbouring positions.
  Val positionOf(Val line) override {
    return kb.named(line % tiling.threadsAcross() * tiling.threadColumns +
                        line / tiling.threadsAcross(),
                    "position");
  }
  Val lineOf(Val column) {
    return kb.named(kb.thread() % tiling.threadsAcross() +
                        column * tiling.threadsAcross(),
                    "line");
  }

  SmallVector<Val> emitProducts(ArrayRef<Val>, Val stage) override {
    Type sixteen = kb.vec(kb.i(8), fragment);
    unrolledBy(
        1, tiling.depth, "k",
        [&](Val k) {
          Value x =
              kb.local(sixteen, {packed.planes, tiling.threadColumns}, "x");
          Value w = kb.local(sixteen, tiling.threadRows, "w");
          kb.unrolled(packed.planes, "plane", [&](Val plane) {
            kb.unrolled(tiling.threadColumns, "j", [&](Val j) {
              Val line = kb.named(plane * tiling.columns + lineOf(j), "line");
              kb.store(kb.load(inputTile, placeOf(stage, line, k), fragment), x,
                       {plane, j});
            });
          });
          kb.unrolled(tiling.threadRows, "i", [&](Val i) {
            Val row = kb.named(threadRow() + i, "row");
            kb.store(kb.load(weightTile, placeOf(stage, row, k), fragment), w,
                     i);
          });
          kb.unrolled(packed.planes, "plane", [&](Val plane) {
            kb.unrolled(tiling.threadRows, "i", [&](Val i) {
              kb.unrolled(tiling.threadColumns, "j", [&](Val j) {
                addProducts(kb.named(kb.load(x, {plane, j}), "xj"),
                            kb.named(kb.load(w, i), "wi"), {plane, i, j});
              });
            });
          });
        },
        fragment);
    return {};
  }

  void addProducts(Val x, Val w, ArrayRef<Val> sum) {
    for (int64_t at = 0; at < fragment; at += 4) {
      auto word = [&](Val all) {
        return vector::ExtractStridedSliceOp::create(kb.b, kb.loc, all.value,
                                                     {at}, {4}, {1});
      };
      constexpr auto kind = NVVM::DotAccumulateType::SIGNED;
      kb.store(kb.wrap(NVVM::DotAccumulate4WayOp::create(
                   kb.b, kb.loc, kb.i(32), word(x), kind, word(w), kind,
                   kb.load(acc, sum).value)),
               acc, sum);
    }
  }

  void finish(ArrayRef<Val>) override {
    forEachOutput([&](Val i, Val j, Val row, Val position) {
      SmallVector<Val> planes;
      for (int64_t plane = 0; plane < packed.planes; ++plane)
        planes.push_back(kb.load(acc, {kb.index(plane), i, j}, tiling.lanes));
      storeResult(combine(planes), row, position);
    });
  }

  Value acc;
};

/// Each warp computes as many outputs as 8 x 4 threads of the tiling would.
class MmaKernel : public ByteKernel {
public:
  using ByteKernel::ByteKernel;

  static constexpr int64_t warpSize = 32;

private:
  int64_t warpRows() const { return tiling.threadRows * 8; }
  int64_t warpColumns() const { return tiling.threadColumns * 4; }
  int64_t pitch() const { return tiling.columns + 4; }

  void declare() override {
    int64_t inputBytes = tileBytes(inputLines());
    int64_t tiles = inputBytes + tileBytes(tiling.rows);
    int64_t sumBytes = packed.planes * tiling.rows * pitch() * 4;
    memory = kb.shared(kb.i(8), std::max(tiles, sumBytes), "memory");
    inputTile = kb.view(memory, kb.index(0), kb.i(8), tileShape(inputLines()));
    weightTile =
        kb.view(memory, kb.index(inputBytes), kb.i(8), tileShape(tiling.rows));
    kb.named(inputTile, "inputTile");
    kb.named(weightTile, "weightTile");
    Val warp = kb.named(kb.thread() / warpSize, "warp");
    int64_t across = tiling.columns / warpColumns();
    warpRow = kb.named(warp / across, "warpDown") * (warpRows() / fragment);
    warpColumn =
        kb.named(warp % across, "warpAcross") * (warpColumns() / fragment);
    kb.named(warpRow, "warpRow");
    kb.named(warpColumn, "warpColumn");
  }

  Type matrixType(StringRef operand) {
    Type element = operand == "COp" ? kb.i(32)
                                    : IntegerType::get(kb.b.getContext(), 8,
                                                       IntegerType::Signed);
    return gpu::MMAMatrixType::get({fragment, fragment}, element, operand);
  }

  Val loadMatrix(Value tile, Val stage, Val block, Val k, StringRef operand) {
    return kb.wrap(gpu::SubgroupMmaLoadMatrixOp::create(
        kb.b, kb.loc, matrixType(operand), tile,
        {stage.value, block.value, kb.named(k / fragment, "kBlock").value,
         kb.index(0).value},
        kb.b.getIndexAttr(fragment),
        operand == "BOp" ? kb.b.getUnitAttr() : UnitAttr()));
  }

  SmallVector<Val> emitStart() override {
    Val zero = kb.constant(kb.i(32), 0);
    Val matrix = kb.wrap(gpu::SubgroupMmaConstantMatrixOp::create(
        kb.b, kb.loc, matrixType("COp"), zero.value));
    return SmallVector<Val>(packed.planes * warpRows() * warpColumns() /
                                (fragment * fragment),
                            matrix);
  }

  SmallVector<Val> emitProducts(ArrayRef<Val> sums, Val stage) override {
    return kb.loopCarried(
        kb.index(0), kb.index(tiling.depth), fragment, sums,
        [&](Val k, ArrayRef<Val> carried) {
          kb.named(k, "k");
          SmallVector<Val> next(carried), w;
          for (int64_t i = 0; i < warpRows() / fragment; ++i)
            w.push_back(loadMatrix(weightTile, stage, warpRow + i, k, "AOp"));
          size_t number = 0;
          for (int64_t plane = 0; plane < packed.planes; ++plane)
            for (int64_t j = 0; j < warpColumns() / fragment; ++j) {
              Val block = warpColumn + (plane * tiling.columns / fragment + j);
              Val x = loadMatrix(inputTile, stage, block, k, "BOp");
              for (Val row : w) {
                Val &sum = next[number++];
                sum = kb.wrap(gpu::SubgroupMmaComputeOp::create(
                    kb.b, kb.loc, sum.type(), row.value, x.value, sum.value,
                    UnitAttr(), UnitAttr()));
              }
            }
          return next;
        },
        /*unroll=*/true);
  }

  /// The fragments' elements are where the hardware wants them, so that sums go
  /// through shared memory, in place of the tiles.
  void finish(ArrayRef<Val> sums) override {
    Value sumTile = kb.view(memory, kb.index(0), kb.i(32),
                            {packed.planes, tiling.rows, pitch()});
    kb.named(sumTile, "sumTile");
    kb.barrier();
    const Val *sum = sums.begin();
    for (int64_t plane = 0; plane < packed.planes; ++plane)
      for (int64_t j = 0; j < warpColumns() / fragment; ++j)
        for (int64_t i = 0; i < warpRows() / fragment; ++i)
          gpu::SubgroupMmaStoreMatrixOp::create(
              kb.b, kb.loc, (sum++)->value, sumTile,
              {kb.index(plane).value,
               kb.named((warpRow + i) * fragment, "sumRow").value,
               kb.named((warpColumn + j) * fragment, "sumColumn").value},
              kb.b.getIndexAttr(pitch()), UnitAttr());
    kb.barrier();
    int64_t perRow = tiling.columns / tiling.lanes;
    kb.loop(kb.thread(), kb.index(tiling.rows * perRow), kb.threads,
            [&](Val i) {
              Val row = kb.named(i / perRow, "row");
              Val column = kb.named(i % perRow * tiling.lanes, "column");
              storeSums(sumTile, row, column);
            });
  }

  void storeSums(Value sumTile, Val row, Val column) {
    Val channel = kb.named(firstRow + row, "channel");
    Val position = kb.named(firstColumn + column, "position");
    ifBelow(channel, layer.channels, hasAllRows(), [&] {
      ifBelow(position, layer.panel.positions, hasAllColumns(), [&] {
        SmallVector<Val> planes;
        for (int64_t plane = 0; plane < packed.planes; ++plane)
          planes.push_back(
              kb.load(sumTile, {kb.index(plane), row, column}, tiling.lanes));
        storeResult(combine(planes), channel, position);
      });
    });
  }

  Value memory;
  /// The first of the warp's fragments.
  Val warpRow, warpColumn;
};
} // namespace

void mlir::shift::cuda::emitDp4aKernel(KernelBuilder &kb, const FixedGemm &gemm,
                                       ArrayRef<Value> buffers, Val block) {
  Dp4aKernel(kb, gemm, buffers).run(block);
}

void mlir::shift::cuda::emitMmaKernel(KernelBuilder &kb, const FixedGemm &gemm,
                                      ArrayRef<Value> buffers, Val block) {
  MmaKernel(kb, gemm, buffers).run(block);
}

GemmTiling mlir::shift::cuda::chooseMmaTiling(const FixedLayer &fixed) {
  const ConvLayer &layer = fixed.layer;
  PackedBytes packed(fixed);
  GemmTiling tiling;
  tiling.depth = packed.depth();
  tiling.columns = layer.panel.positions >= 64 ? 64 : 32;
  tiling.threadColumns = 8;
  // A warp with more rows loads less for each product, if there are enough
  // blocks for a large GPU; the sums of two planes take too many registers.
  constexpr int64_t manyBlocks = 128;
  tiling.rows = 128;
  tiling.threadRows = 8;
  if (layer.channels >= 128 && packed.planes == 1 &&
      countBlocks(layer, tiling) >= manyBlocks)
    return tiling;
  tiling.rows = layer.channels >= 64 ? 64 : 32;
  tiling.threadRows = 4;
  return tiling;
}
