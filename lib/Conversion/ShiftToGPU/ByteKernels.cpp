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
/// Tiles of bytes. The weights of a channel lie one after another, padded with
/// zeros to whole tiles of channels and taps.
class ByteKernel : public FixedKernel {
public:
  ByteKernel(KernelBuilder &kb, const FixedGemm &gemm, ArrayRef<Value> buffers)
      : FixedKernel(kb, gemm, buffers, 1) {}

protected:
  /// The element's signed bytes, the lowest first.
  SmallVector<Val> emitBytes(Val x) {
    bool isSigned = gemm.fixed.inputFormat().isSigned;
    SmallVector<Val> bytes{kb.convert(x, kb.i(8))};
    if (gemm.planes() == 2)
      bytes.push_back(kb.convert(kb.shr(x, kb.constant(x.type(), 8)), kb.i(8)));
    for (Val &byte : bytes)
      if (!isSigned || &byte != &bytes.back())
        byte = kb.wrap(arith::XOrIOp::create(kb.b, kb.loc, byte.value,
                                             kb.constant(kb.i(8), -128).value));
    return bytes;
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

  /// store(quad of the step, row, four bytes) for the weights of a step.
  void forEachWord(Val tap, function_ref<void(Val, Val, Val)> store) {
    int64_t rows = llvm::alignTo(layer.channels, tiling.rows);
    int64_t taps = llvm::alignTo(layer.panel.taps, tiling.depth);
    int64_t quads = tiling.depth / 4, count = tiling.rows * quads;
    Val first = (group * rows + firstRow) * taps + tap;
    auto item = [&](Val i) {
      Val row = i / quads, quad = i % quads;
      store(quad, row, kb.load(weights[0], first + row * taps + quad * 4, 4));
    };
    if (count % tiling.threads())
      return kb.loop(kb.thread(), kb.index(count), tiling.threads(), item);
    for (int64_t i = 0; i < count; i += tiling.threads())
      item(kb.thread() + i);
  }
};

class Dp4aKernel : public ByteKernel {
public:
  Dp4aKernel(KernelBuilder &kb, const FixedGemm &gemm, ArrayRef<Value> buffers)
      : ByteKernel(kb, gemm, buffers), pitch(tiling.rows + 4),
        inputSize(gemm.planes() * planeSize()),
        weightSize(tiling.depth * pitch) {}

private:
  int64_t planeSize() const { return tiling.depth * tiling.columns; }

  /// Where four bytes of a position lie in the input's tile.
  Val inputAt(Val stage, Val quad, Val position, int64_t plane) {
    return stage * inputSize + (quad * tiling.columns + position) * 4 +
           plane * planeSize();
  }

  /// Sums of all planes, those of the lowest bytes first.
  SmallVector<Val> emitStart() override {
    int64_t count = tiling.threadRows * tiling.threadColumns * gemm.planes();
    return SmallVector<Val>(count, kb.constant(kb.i(32), 0));
  }

  void finish(ArrayRef<Val> sums) override {
    size_t count = sums.size() / gemm.planes();
    forEachOutput([&](Val row, Val position, int64_t sum) {
      SmallVector<Val> planes;
      for (size_t at = sum; at < sums.size(); at += count)
        planes.push_back(sums[at]);
      storeResult(combine(planes), row, position);
    });
  }

  void declare() override {
    inputTile = kb.shared(kb.i(8), stages() * inputSize, "inputTile");
    weightTile = kb.shared(kb.i(8), stages() * weightSize, "weightTile");
  }

  void fill(Val tap, Val stage) override {
    auto type = cast<VectorType>(kb.vec(kb.i(8), 4));
    forEachInputQuad(tap, [&](Val quad, Val position, ArrayRef<Val> x) {
      SmallVector<SmallVector<Value>> bytes(gemm.planes());
      for (Val element : x)
        for (auto [plane, byte] : llvm::enumerate(emitBytes(element)))
          bytes[plane].push_back(byte.value);
      for (auto [plane, four] : llvm::enumerate(bytes)) {
        Val word =
            kb.wrap(vector::FromElementsOp::create(kb.b, kb.loc, type, four));
        kb.store(word, inputTile, inputAt(stage, quad, position, plane));
      }
    });
    forEachWord(tap, [&](Val quad, Val row, Val four) {
      kb.store(four, weightTile, stage * weightSize + (quad * pitch + row) * 4);
    });
  }

  SmallVector<Val> emitProducts(ArrayRef<Val> sums, Val stage) override {
    return kb.loopCarried(
        kb.index(0), kb.index(tiling.depth / 4), 1, sums,
        [&](Val quad, ArrayRef<Val> carried) {
          kb.named(quad, "quad");
          SmallVector<Val> w = loadQuads(quad, stage), x, next(carried);
          for (int64_t plane = 0; plane < gemm.planes(); ++plane)
            for (int64_t j = 0; j < tiling.threadColumns; ++j)
              x.push_back(kb.load(
                  inputTile, inputAt(stage, quad, threadColumn(j), plane), 4));
          for (auto [i, sum] : llvm::enumerate(next)) {
            size_t column = i % tiling.threadColumns;
            size_t row = i / tiling.threadColumns % tiling.threadRows;
            size_t plane = i / (tiling.threadRows * tiling.threadColumns);
            constexpr auto kind = NVVM::DotAccumulateType::SIGNED;
            sum = kb.wrap(NVVM::DotAccumulate4WayOp::create(
                kb.b, kb.loc, kb.i(32),
                x[plane * tiling.threadColumns + column].value, kind,
                w[row].value, kind, sum.value));
          }
          return next;
        },
        /*unroll=*/true);
  }

  /// Four bytes of each of this thread's rows.
  SmallVector<Val> loadQuads(Val quad, Val stage) {
    Val all = kb.load(weightTile,
                      stage * weightSize + (quad * pitch + threadRow()) * 4,
                      tiling.threadRows * 4);
    SmallVector<Val> quads;
    for (int64_t i = 0; i < tiling.threadRows; ++i)
      quads.push_back(kb.wrap(vector::ExtractStridedSliceOp::create(
          kb.b, kb.loc, all.value, {4 * i}, {4}, {1})));
    return quads;
  }

  /// Words from a quad's weights to the next one's; bytes of a tile.
  int64_t pitch, inputSize, weightSize;
  Value inputTile, weightTile;
};

/// Each warp computes 32 x 32 outputs. Tiles in shared memory are fragments of
/// 16 x 16 bytes, each in one piece, as tensor cores need their alignment: the
/// input's [position / 16][tap][position % 16], the weights'
/// [row / 16][tap / 16][row % 16][tap % 16].
class MmaKernel : public ByteKernel {
public:
  MmaKernel(KernelBuilder &kb, const FixedGemm &gemm, ArrayRef<Value> buffers)
      : ByteKernel(kb, gemm, buffers) {}

  static constexpr int64_t warpSize = 32, fragment = 16;
  static constexpr int64_t fragments = 2, warpTile = fragment * fragments;

private:
  void declare() override {
    inputTile = kb.shared(kb.i(8), stages() * inputSize(), "inputTile");
    weightTile = kb.shared(kb.i(8), stages() * weightSize(), "weightTile");
    sumTile = kb.shared(kb.i(32), gemm.planes() * outputs(), "sumTile");
    Val warp = kb.thread() / warpSize;
    int64_t across = tiling.columns / warpTile;
    warpRow = warp / across * warpTile;
    warpColumn = warp % across * warpTile;
  }

  void fill(Val tap, Val stage) override {
    forEachInput(tap, [&](Val inStep, Val position, Val x) {
      Val at = position / fragment * columnSize() + inStep * fragment +
               position % fragment;
      for (auto [plane, byte] : llvm::enumerate(emitBytes(x)))
        kb.store(byte, inputTile,
                 stage * inputSize() + at + int64_t(plane) * planeSize());
    });
    forEachWord(tap, [&](Val quad, Val row, Val four) {
      Val block =
          row / fragment * (tiling.depth / fragment) + quad / (fragment / 4);
      Val at = block * (fragment * fragment) + row % fragment * fragment +
               quad % (fragment / 4) * 4;
      kb.store(four, weightTile, stage * weightSize() + at);
    });
  }

  Type matrixType(StringRef operand) {
    Type element = operand == "COp" ? kb.i(32)
                                    : IntegerType::get(kb.b.getContext(), 8,
                                                       IntegerType::Signed);
    return gpu::MMAMatrixType::get({fragment, fragment}, element, operand);
  }

  Val loadMatrix(Value tile, Val at, StringRef operand) {
    return kb.wrap(gpu::SubgroupMmaLoadMatrixOp::create(
        kb.b, kb.loc, matrixType(operand), tile, at.value,
        kb.b.getIndexAttr(fragment), UnitAttr()));
  }

  SmallVector<Val> emitStart() override {
    Val zero = kb.constant(kb.i(32), 0);
    Val matrix = kb.wrap(gpu::SubgroupMmaConstantMatrixOp::create(
        kb.b, kb.loc, matrixType("COp"), zero.value));
    return SmallVector<Val>(gemm.planes() * fragments * fragments, matrix);
  }

  SmallVector<Val> emitProducts(ArrayRef<Val> sums, Val stage) override {
    SmallVector<Val> next(sums);
    for (int64_t k = 0; k < tiling.depth; k += fragment) {
      SmallVector<Val> w;
      for (int64_t i = 0; i < fragments; ++i) {
        Val block =
            (warpRow / fragment + i) * (tiling.depth / fragment) + k / fragment;
        w.push_back(loadMatrix(
            weightTile, stage * weightSize() + block * (fragment * fragment),
            "AOp"));
      }
      for (int64_t plane = 0; plane < gemm.planes(); ++plane)
        for (int64_t j = 0; j < fragments; ++j) {
          Val x = loadMatrix(inputTile,
                             stage * inputSize() +
                                 (warpColumn / fragment + j) * columnSize() +
                                 (plane * planeSize() + k * fragment),
                             "BOp");
          for (int64_t i = 0; i < fragments; ++i) {
            Val &sum = next[(plane * fragments + i) * fragments + j];
            sum = kb.wrap(gpu::SubgroupMmaComputeOp::create(
                kb.b, kb.loc, sum.type(), w[i].value, x.value, sum.value,
                UnitAttr(), UnitAttr()));
          }
        }
    }
    return next;
  }

  void finish(ArrayRef<Val> sums) override {
    for (auto [number, sum] : llvm::enumerate(sums)) {
      int64_t j = number % fragments, i = number / fragments % fragments;
      int64_t plane = number / (fragments * fragments);
      Val at = (warpRow + i * fragment) * tiling.columns + warpColumn +
               (plane * outputs() + j * fragment);
      gpu::SubgroupMmaStoreMatrixOp::create(
          kb.b, kb.loc, sum.value, sumTile, at.value,
          kb.b.getIndexAttr(tiling.columns), UnitAttr());
    }
    kb.barrier();
    kb.loop(kb.thread(), kb.index(outputs()), kb.threads, [&](Val i) {
      Val row = firstRow + i / tiling.columns;
      Val position = firstColumn + i % tiling.columns;
      ifBelow(row, layer.channels, hasAllRows(), [&] {
        ifBelow(position, layer.panel.positions, hasAllColumns(), [&] {
          SmallVector<Val> planes;
          for (int64_t plane = 0; plane < gemm.planes(); ++plane)
            planes.push_back(kb.load(sumTile, i + plane * outputs()));
          storeResult(combine(planes), row, position);
        });
      });
    });
  }

  int64_t outputs() const { return tiling.rows * tiling.columns; }
  /// Bytes of 16 positions, with some between that spread them over banks; of
  /// all; of a tile.
  int64_t columnSize() const { return tiling.depth * fragment + 32; }
  int64_t planeSize() const { return tiling.columns / fragment * columnSize(); }
  int64_t inputSize() const { return gemm.planes() * planeSize(); }
  int64_t weightSize() const { return tiling.rows * tiling.depth; }

  Value inputTile, weightTile, sumTile;
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

GemmTiling mlir::shift::cuda::chooseMmaTiling(const ConvLayer &layer) {
  GemmTiling tiling;
  tiling.depth = 32;
  tiling.rows = layer.channels >= 64 ? 64 : 32;
  tiling.columns = layer.panel.positions >= 64 ? 64 : 32;
  tiling.threadRows = 4;
  tiling.threadColumns = 8;
  return tiling;
}
