//===- FixedConv.cpp - Fixed-point convolutions on GPUs -------------------===//
// SPDX-License-Identifier: Apache-2.0
// Three strategies of the loop nest of ConvGemm.h, all exact: `shift` (products
// of ShiftProducts.h), `dp4a` and `mma` (ByteKernels.h).
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToGPU/ByteKernels.h"
#include "lib/Conversion/ShiftToGPU/Families.h"
#include "lib/Conversion/ShiftToGPU/PackedCodes.h"
#include "lib/Conversion/ShiftToGPU/ShiftProducts.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cuda;

namespace {
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
    inputTile = kb.shared(kb.i(32), stages() * inputSize, "inputTile");
    weightTile = kb.shared(kb.i(32), stages() * weightSize, "weightTile");
  }

  void fill(Val tap, Val stage) override {
    bool isSigned = gemm.fixed.inputFormat().isSigned;
    forEachInput(tap, [&](Val inStep, Val position, Val x) {
      x = kb.convert(x, kb.i(32), isSigned);
      kb.store(hasRoom() ? emitDoubled(kb, x) : x, inputTile,
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
          kb.named(k, "k");
          SmallVector<Val> next(carried), x;
          for (int64_t j = 0; j < tiling.threadColumns; ++j) {
            Val value = kb.convert(kb.load(inputTile, stage * inputSize +
                                                          k * tiling.columns +
                                                          threadColumn(j)),
                                   kb.i(gemm.width));
            x.push_back(hasRoom() ? value : emitDoubled(kb, value));
          }
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

  /// Whether a doubled activation is a word.
  bool hasRoom() const { return gemm.fixed.inputFormat().storageBits < 32; }

  void storeResult(Val sum, Val row, Val position) override {
    FixedKernel::storeResult(emitHalved(kb, sum), row, position);
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
    if (!PackedCodes(getWeightOp(fixed.weights), fixed.layer,
                     CodeMeaning::Shift)
             .fits())
      reason = "the codes of its weights take more than 2^31 bits";
    if (strategy == "shift" || !reason.empty())
      return reason.empty() && canDouble(*certificate, reason);
    const ConvLayer &layer = fixed.layer;
    if (layer.groups > 1 && layer.channels <= 2)
      reason = "groups of one or two channels leave its tiles empty";
    return reason.empty() && hasByteProducts(fixed, *certificate, reason);
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    FixedLayer fixed = describeFixedLayer(op);
    std::string reason;
    SumCertificate certificate = *certifySums(fixed, reason);
    int width = strategy == "shift" ? doubledWidth(certificate)
                                    : sumWidth(certificate.boundBits);
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
      GemmTiling tiling = chooseFixedTiling(fixed, strategy);
      addStep(
          op, fixed, certificate, width, tiling, codes.key(), args, info,
          lowering,
          [&](KernelBuilder &kb, const FixedGemm &gemm, ArrayRef<Value> buffers,
              Val block) { ShiftKernel(kb, gemm, codes, buffers).run(block); });
      return success();
    }
    GemmTiling tiling = chooseFixedTiling(fixed, strategy);
    args.push_back(addByteWeights(fixed, tiling, certificate, lowering));
    addStep(op, fixed, certificate, width, tiling, "", args, info, lowering,
            strategy == "mma" ? emitMmaKernel : emitDp4aKernel);
    return success();
  }

private:
  std::string how() const {
    if (strategy == "shift")
      return "shifts and additions of packed codes";
    return strategy == "mma" ? "products of bytes by tensor cores"
                             : "sums of four products of bytes";
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
    info.tile = tiling.sizes();
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

GemmTiling mlir::shift::cuda::chooseFixedTiling(const FixedLayer &fixed,
                                                StringRef strategy) {
  if (strategy == "mma")
    return chooseMmaTiling(fixed.layer);
  return chooseTiling(fixed.layer, strategy == "shift" ? 16 : 32);
}

std::unique_ptr<KernelFamily>
mlir::shift::cuda::createFixedConvFamily(StringRef strategy) {
  return std::make_unique<FixedConvFamily>(strategy);
}
