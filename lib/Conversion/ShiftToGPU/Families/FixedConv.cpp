//===- FixedConv.cpp - Fixed-point convolutions on GPUs -------------------===//
// SPDX-License-Identifier: Apache-2.0
// Three strategies of the loop nest of ConvGemm.h, all exact:
//   shift  no multiplication: an activation is shifted by its weight's exponent
//          relative to e_c, inverted where the weight is negative and cleared
//          where it is zero, in one three-input logic operation, then added;
//          -t is ~t + 1, and the ones are a constant of the channel
//   dp4a   four taps a 32-bit word, multiplied and added by one __dp4a
//   mma    16 x 16 x 16 products of bytes by tensor cores
// The last two take weights that are bytes relative to e_c. Unsigned
// activations are offset by -128, and 128 times the weights' sum added.
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftCertificate.h"
#include "lib/Conversion/Kernels/FixedLayer.h"
#include "lib/Conversion/ShiftToGPU/ConvGemm.h"
#include "lib/Conversion/ShiftToGPU/Families.h"
#include "lib/Conversion/ShiftToGPU/PackedCodes.h"
#include "lib/Conversion/ShiftToGPU/ShiftProducts.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cuda;
using ::shift::FixedPoint;
using ::shift::Term;

namespace {
/// What the kernels of all three know of a layer.
struct FixedGemm {
  const FixedLayer &fixed;
  const GemmTiling &tiling;
  const EpilogueTables &tables;
  /// Bits of an accumulator.
  int width;
};

/// The end of each sum, and the tile of 32-bit words of weights.
class FixedKernel : public ConvGemm {
public:
  /// `buffers`: the input, the weights' ones, then the epilogue's and the
  /// result.
  FixedKernel(KernelBuilder &kb, const FixedGemm &gemm, ArrayRef<Value> buffers,
              size_t weightBuffers)
      : ConvGemm(kb, gemm.fixed.layer, gemm.tiling, buffers[0]), gemm(gemm),
        weights(buffers.slice(1, weightBuffers)),
        epilogue(gemm.fixed, gemm.tables,
                 buffers.drop_front(1 + weightBuffers)),
        out(buffers.back()) {}

protected:
  SmallVector<Val> emitStart() override {
    return SmallVector<Val>(tiling.threadRows * tiling.threadColumns,
                            kb.constant(kb.i(gemm.width), 0));
  }

  void finish(ArrayRef<Val> sums) override {
    forEachOutput([&](Val row, Val position, int64_t sum) {
      storeResult(sums[sum], row, position);
    });
  }

  void storeResult(Val sum, Val row, Val position) {
    Val value = epilogue.emit(kb, sum, emitChannel(row));
    Val at = emitTarget(row, position);
    if (epilogue.computesAdd())
      value = epilogue.emitAdd(kb, value, at);
    kb.store(value, out, at);
  }

  const FixedGemm &gemm;
  ArrayRef<Value> weights;
  Epilogue epilogue;
  Value out;
};

//===----------------------------------------------------------------------===//
// shift
//===----------------------------------------------------------------------===//

class ShiftKernel : public FixedKernel {
public:
  ShiftKernel(KernelBuilder &kb, const FixedGemm &gemm,
              const PackedCodes &codes, ArrayRef<Value> buffers)
      : FixedKernel(kb, gemm, buffers, codes.bufferCount() + 1), codes(codes),
        pitch(tiling.rows + 4), inputSize(tiling.depth * tiling.columns),
        weightSize(codes.terms() * tiling.depth * pitch) {}

private:
  void declare() override {
    codesReader = codes.emitReader(kb, weights);
    inputTile = kb.shared(kb.i(32), stages() * inputSize);
    weightTile = kb.shared(kb.i(32), stages() * weightSize);
  }

  void fill(Val tap, Val stage) override {
    bool isSigned = gemm.fixed.inputFormat().isSigned;
    forEachInput(tap, [&](Val inStep, Val position, Val x) {
      kb.store(kb.convert(x, kb.i(32), isSigned), inputTile,
               stage * inputSize + inStep * tiling.columns + position);
    });
    forEachWeight(
        tap, 1, [&](Val inStep, Val row, Val channel, Val at, Val isThere) {
          auto safe = [&](Val index) {
            return isThere.kb ? kb.select(isThere, index, kb.index(0)) : index;
          };
          channel = safe(emitChannel(channel));
          Val base = kb.load(weights.back(), channel);
          SmallVector<Val> words =
              codes.emitLoad(kb, codesReader, channel, safe(at));
          for (auto [t, word] : llvm::enumerate(words)) {
            word = emitShiftWord(kb, word, base, gemm.width);
            if (isThere.kb)
              word = kb.select(isThere, word, kb.constant(kb.i(32), 0));
            kb.store(word, weightTile,
                     stage * weightSize +
                         (inStep + int64_t(t) * tiling.depth) * pitch + row);
          }
        });
  }

  SmallVector<Val> emitProducts(ArrayRef<Val> sums, Val stage) override {
    return kb.loopCarried(
        kb.index(0), kb.index(tiling.depth), 1, sums,
        [&](Val k, ArrayRef<Val> carried) {
          SmallVector<Val> next(carried), x;
          for (int64_t j = 0; j < tiling.threadColumns; ++j)
            x.push_back(kb.convert(kb.load(inputTile, stage * inputSize +
                                                          k * tiling.columns +
                                                          threadColumn(j)),
                                   kb.i(gemm.width)));
          for (int64_t t = 0; t < codes.terms(); ++t) {
            SmallVector<Val> rows =
                loadRows(weightTile,
                         stage * weightSize + (k + t * tiling.depth) * pitch);
            for (auto [i, word] : llvm::enumerate(rows))
              addRow(word, x,
                     MutableArrayRef(next).slice(i * x.size(), x.size()));
          }
          return next;
        },
        /*unroll=*/true);
  }

  void addRow(Val word, ArrayRef<Val> x, MutableArrayRef<Val> sums) {
    ShiftFactor factor = emitShiftFactor(kb, word, gemm.width);
    for (size_t j = 0; j < x.size(); ++j)
      sums[j] = sums[j] + emitShiftProduct(kb, x[j], factor);
  }

  const PackedCodes &codes;
  PackedCodes::Reader codesReader;
  /// Words from a tap's weights to the next one's; of a tile.
  int64_t pitch, inputSize, weightSize;
  Value inputTile, weightTile;
};

//===----------------------------------------------------------------------===//
// dp4a and mma
//===----------------------------------------------------------------------===//

/// Tiles of bytes. The weights of a channel lie one after another, padded with
/// zeros to whole tiles of channels and taps.
class ByteKernel : public FixedKernel {
public:
  ByteKernel(KernelBuilder &kb, const FixedGemm &gemm, ArrayRef<Value> buffers)
      : FixedKernel(kb, gemm, buffers, 1) {}

protected:
  /// The element as a signed byte.
  Val emitByte(Val x) {
    if (gemm.fixed.inputFormat().isSigned)
      return x;
    return kb.wrap(arith::XOrIOp::create(kb.b, kb.loc, x.value,
                                         kb.constant(kb.i(8), -128).value));
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
        inputSize(tiling.depth * tiling.columns),
        weightSize(tiling.depth * pitch) {}

private:
  void declare() override {
    inputTile = kb.shared(kb.i(8), stages() * inputSize);
    weightTile = kb.shared(kb.i(8), stages() * weightSize);
  }

  void fill(Val tap, Val stage) override {
    forEachInputQuad(tap, [&](Val quad, Val position, ArrayRef<Val> x) {
      SmallVector<Value> bytes;
      for (Val element : x)
        bytes.push_back(emitByte(element).value);
      auto type = cast<VectorType>(kb.vec(kb.i(8), 4));
      Val four =
          kb.wrap(vector::FromElementsOp::create(kb.b, kb.loc, type, bytes));
      kb.store(four, inputTile,
               stage * inputSize + (quad * tiling.columns + position) * 4);
    });
    forEachWord(tap, [&](Val quad, Val row, Val four) {
      kb.store(four, weightTile, stage * weightSize + (quad * pitch + row) * 4);
    });
  }

  SmallVector<Val> emitProducts(ArrayRef<Val> sums, Val stage) override {
    return kb.loopCarried(
        kb.index(0), kb.index(tiling.depth / 4), 1, sums,
        [&](Val quad, ArrayRef<Val> carried) {
          SmallVector<Val> x, next(carried);
          for (int64_t j = 0; j < tiling.threadColumns; ++j)
            x.push_back(
                kb.load(inputTile,
                        stage * inputSize +
                            (quad * tiling.columns + threadColumn(j)) * 4,
                        4));
          for (auto [i, w] : llvm::enumerate(loadQuads(quad, stage)))
            for (size_t j = 0; j < x.size(); ++j) {
              Val &sum = next[i * x.size() + j];
              constexpr auto kind = NVVM::DotAccumulateType::SIGNED;
              sum = kb.wrap(NVVM::DotAccumulate4WayOp::create(
                  kb.b, kb.loc, kb.i(32), x[j].value, kind, w.value, kind,
                  sum.value));
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
    inputTile = kb.shared(kb.i(8), stages() * inputSize());
    weightTile = kb.shared(kb.i(8), stages() * weightSize());
    sumTile = kb.shared(kb.i(32), tiling.rows * tiling.columns);
    Val warp = kb.thread() / warpSize;
    int64_t across = tiling.columns / warpTile;
    warpRow = warp / across * warpTile;
    warpColumn = warp % across * warpTile;
  }

  void fill(Val tap, Val stage) override {
    forEachInput(tap, [&](Val inStep, Val position, Val x) {
      Val at = position / fragment * columnSize() + inStep * fragment +
               position % fragment;
      kb.store(emitByte(x), inputTile, stage * inputSize() + at);
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
    return SmallVector<Val>(fragments * fragments, matrix);
  }

  SmallVector<Val> emitProducts(ArrayRef<Val> sums, Val stage) override {
    SmallVector<Val> next(sums);
    for (int64_t k = 0; k < tiling.depth; k += fragment) {
      SmallVector<Val> x;
      for (int64_t j = 0; j < fragments; ++j)
        x.push_back(loadMatrix(inputTile,
                               stage * inputSize() +
                                   (warpColumn / fragment + j) * columnSize() +
                                   k * fragment,
                               "BOp"));
      for (int64_t i = 0; i < fragments; ++i) {
        Val block =
            (warpRow / fragment + i) * (tiling.depth / fragment) + k / fragment;
        Val w = loadMatrix(weightTile,
                           stage * weightSize() + block * (fragment * fragment),
                           "AOp");
        for (int64_t j = 0; j < fragments; ++j) {
          Val &sum = next[i * fragments + j];
          sum = kb.wrap(gpu::SubgroupMmaComputeOp::create(
              kb.b, kb.loc, sum.type(), w.value, x[j].value, sum.value,
              UnitAttr(), UnitAttr()));
        }
      }
    }
    return next;
  }

  void finish(ArrayRef<Val> sums) override {
    for (int64_t i = 0; i < fragments; ++i)
      for (int64_t j = 0; j < fragments; ++j) {
        Val at = (warpRow + i * fragment) * tiling.columns + warpColumn +
                 j * fragment;
        gpu::SubgroupMmaStoreMatrixOp::create(
            kb.b, kb.loc, sums[i * fragments + j].value, sumTile, at.value,
            kb.b.getIndexAttr(tiling.columns), UnitAttr());
      }
    kb.barrier();
    kb.loop(kb.thread(), kb.index(tiling.rows * tiling.columns), kb.threads,
            [&](Val i) {
              Val row = firstRow + i / tiling.columns;
              Val position = firstColumn + i % tiling.columns;
              ifBelow(row, layer.channels, hasAllRows(), [&] {
                ifBelow(position, layer.panel.positions, hasAllColumns(), [&] {
                  storeResult(kb.load(sumTile, i), row, position);
                });
              });
            });
  }

  /// Bytes of 16 positions, with some between that spread them over banks, and
  /// of a tile.
  int64_t columnSize() const { return tiling.depth * fragment + 32; }
  int64_t inputSize() const { return tiling.columns / fragment * columnSize(); }
  int64_t weightSize() const { return tiling.rows * tiling.depth; }

  Value inputTile, weightTile, sumTile;
  Val warpRow, warpColumn;
};

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// The weights relative to e_c in order of accumulation, of each group padded
/// with zeros to multiples of `rows` channels and `depth` taps; none where one
/// is no signed byte.
std::optional<std::vector<int8_t>> relativeWeights(const FixedLayer &fixed,
                                                   ArrayRef<int> exponents,
                                                   int64_t rows,
                                                   int64_t depth) {
  const ConvLayer &layer = fixed.layer;
  std::vector<Term> terms = getOrderedTerms(getWeightOp(fixed.weights), layer);
  int64_t taps = layer.panel.taps, channels = exponents.size();
  int64_t perWeight = terms.size() / std::max<int64_t>(channels * taps, 1);
  int64_t paddedTaps = llvm::alignTo(taps, depth);
  int64_t paddedRows = llvm::alignTo(layer.channels, rows);
  std::vector<int8_t> result(layer.groups * paddedRows * paddedTaps);
  for (int64_t c = 0; c < channels; ++c) {
    int64_t row = c / layer.channels * paddedRows + c % layer.channels;
    for (int64_t tap = 0; tap < taps; ++tap) {
      int64_t sum = 0;
      for (int64_t t = 0; t < perWeight; ++t) {
        const Term &term = terms[(c * taps + tap) * perWeight + t];
        int amount = term.exponent - exponents[c];
        if (term.sign && amount > 7)
          return std::nullopt;
        sum += term.sign ? term.sign * (int64_t(1) << amount) : 0;
      }
      if (sum < -128 || sum > 127)
        return std::nullopt;
      result[row * paddedTaps + tap] = int8_t(sum);
    }
  }
  return result;
}

class FixedConvFamily : public KernelFamily {
public:
  explicit FixedConvFamily(StringRef strategy) : strategy(strategy) {}

  StringRef getStrategy() const override { return strategy; }
  bool computesAdds() const override { return true; }

  bool canTake(Operation *op, std::string &reason) const override {
    if (!isConstantFixedLayer(op, reason))
      return false;
    FixedLayer fixed = describeFixedLayer(op);
    FailureOr<SumCertificate> certificate = certifySums(fixed, reason);
    if (failed(certificate))
      return false;
    if (strategy == "shift") {
      if (!PackedCodes(getWeightOp(fixed.weights), fixed.layer,
                       CodeMeaning::Shift)
               .fits())
        reason = "the codes of its weights take more than 2^31 bits";
      return reason.empty();
    }
    if (fixed.inputFormat().storageBits != 8)
      reason = "activations are not of 8 bits";
    else if (certificate->boundBits > 32)
      reason = "the worst case takes " +
               std::to_string(certificate->boundBits) + " bits";
    else if (strategy == "mma" &&
             (fixed.layer.channels < 32 || fixed.layer.panel.positions < 32))
      reason = "a matrix of fewer than 32 channels or positions a group";
    else if (!relativeWeights(fixed, certificate->exponent, 1, 1))
      reason = "a channel has weights that are no bytes relative to its "
               "smallest one";
    return reason.empty();
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    FixedLayer fixed = describeFixedLayer(op);
    std::string reason;
    SumCertificate certificate = *certifySums(fixed, reason);
    int width = sumWidth(certificate.boundBits);
    StepInfo info;
    describeSums(info, fixed, certificate, width, how());
    SmallVector<Value> args{lowering.buffer(fixed.input)};
    if (strategy == "shift") {
      PackedCodes codes(getWeightOp(fixed.weights), fixed.layer,
                        CodeMeaning::Shift);
      std::vector<int32_t> bases = correctInversions(fixed, certificate);
      codes.addTo(args, lowering);
      args.push_back(lowering.constant(ArrayRef<int32_t>(bases),
                                       IntegerType::get(op->getContext(), 32)));
      GemmTiling tiling = chooseTiling(fixed.layer, 16);
      addStep(
          op, fixed, certificate, width, tiling, codes.key(), args, info,
          lowering,
          [&](KernelBuilder &kb, const FixedGemm &gemm, ArrayRef<Value> buffers,
              Val block) { ShiftKernel(kb, gemm, codes, buffers).run(block); });
      return success();
    }
    GemmTiling tiling = strategy == "mma" ? mmaTiling(fixed.layer)
                                          : chooseTiling(fixed.layer, 32);
    args.push_back(addBytes(fixed, tiling, certificate, lowering));
    addStep(op, fixed, certificate, width, tiling, "", args, info, lowering,
            [&](KernelBuilder &kb, const FixedGemm &gemm,
                ArrayRef<Value> buffers, Val block) {
              if (strategy == "mma")
                MmaKernel(kb, gemm, buffers).run(block);
              else
                Dp4aKernel(kb, gemm, buffers).run(block);
            });
    return success();
  }

private:
  std::string how() const {
    if (strategy == "shift")
      return "shifts and additions of packed codes";
    return strategy == "mma" ? "products of bytes by tensor cores"
                             : "sums of four products of bytes";
  }

  /// A warp has 32 x 32 outputs.
  static GemmTiling mmaTiling(const ConvLayer &layer) {
    GemmTiling tiling;
    tiling.depth = 32;
    tiling.rows = layer.channels >= 64 ? 64 : 32;
    tiling.columns = layer.panel.positions >= 64 ? 64 : 32;
    tiling.threadRows = 4;
    tiling.threadColumns = 8;
    return tiling;
  }

  /// The buffer of weights; adds the correction of offset activations.
  static Value addBytes(const FixedLayer &fixed, const GemmTiling &tiling,
                        SumCertificate &certificate, Lowering &lowering) {
    const ConvLayer &layer = fixed.layer;
    std::vector<int8_t> bytes = *relativeWeights(fixed, certificate.exponent,
                                                 tiling.rows, tiling.depth);
    int64_t taps = llvm::alignTo(layer.panel.taps, tiling.depth);
    int64_t rows = llvm::alignTo(layer.channels, tiling.rows);
    if (!fixed.inputFormat().isSigned)
      for (int64_t c = 0; c < int64_t(certificate.exponent.size()); ++c) {
        int64_t row = c / layer.channels * rows + c % layer.channels;
        int64_t sum = 0;
        for (int8_t weight : ArrayRef(bytes).slice(row * taps, taps))
          sum += weight;
        addToSums(certificate, c, 128 * sum);
      }
    return lowering.constant(
        ArrayRef<int8_t>(bytes),
        IntegerType::get(lowering.getModule().getContext(), 8));
  }

  void addStep(Operation *op, const FixedLayer &fixed,
               const SumCertificate &certificate, int width,
               const GemmTiling &tiling, StringRef key,
               SmallVectorImpl<Value> &args, StepInfo &info, Lowering &lowering,
               function_ref<void(KernelBuilder &, const FixedGemm &,
                                 ArrayRef<Value>, Val)>
                   kernel) const {
    EpilogueTables tables(fixed, certificate, width);
    tables.addTo(args, lowering);
    fixed.addOutputTo(args, info, lowering);
    info.extent = countBlocks(fixed.layer, tiling);
    info.threads = tiling.threads();
    FixedGemm gemm{fixed, tiling, tables, width};
    lowering.step(op, op->getName().stripDialect(),
                  fixed.key() + " " + tables.key() + " " + tiling.key() + " " +
                      key,
                  strategy, args, info,
                  [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value,
                      Val block, Val) { kernel(kb, gemm, buffers, block); });
  }

  StringRef strategy;
};
} // namespace

std::unique_ptr<KernelFamily>
mlir::shift::cuda::createFixedConvFamily(StringRef strategy) {
  return std::make_unique<FixedConvFamily>(strategy);
}
