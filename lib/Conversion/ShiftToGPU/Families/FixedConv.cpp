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
      : FixedKernel(kb, gemm, buffers, codes.bufferCount() + 1), codes(codes) {
    kb.named(weights.back(), "bases");
  }

private:
  void declare() override {
    codesReader = codes.emitReader(kb, weights);
    kb.barrier();
    declareWordTiles(kb.i(32), codes.terms());
    acc = declareSums(kb.i(gemm.width),
                      {tiling.threadRows, tiling.threadColumns});
  }

  void fill(Val tap, Val stage) override {
    fillInput(tap, stage, [&](Val x) {
      return kb.convert(x, kb.i(32), gemm.fixed.inputFormat().isSigned);
    });
    fillWeights(tap, stage, [&](Val row, Val at) {
      Val channel = emitChannel(row), base = kb.load(weights.back(), channel);
      return llvm::map_to_vector(
          codes.emitLoad(kb, codesReader, channel, at),
          [&](Val word) { return emitShiftWord(kb, word, base, gemm.width); });
    });
  }

  SmallVector<Val> emitProducts(ArrayRef<Val>, Val stage) override {
    forEachProduct(stage, [&](Val i, Val word) {
      ShiftFactor factor = emitShiftFactor(kb, word, gemm.width);
      kb.unrolled(tiling.threadColumns, "j", [&](Val j) {
        Val x = kb.convert(kb.load(inputs, j), kb.i(gemm.width));
        Val sum = kb.load(acc, {i, j});
        kb.store(sum + emitShiftProduct(kb, x, factor), acc, {i, j});
      });
    });
    return {};
  }

  void finish(ArrayRef<Val>) override {
    forEachOutput([&](Val i, Val j, Val row, Val position) {
      storeResult(kb.load(acc, {i, j}, tiling.lanes), row, position);
    });
  }

  const PackedCodes &codes;
  PackedCodes::Reader codesReader;
  Value acc;
};

/// How many neighbouring results in `buffers` can be loaded or stored at once.
int64_t countLanes(const FixedLayer &fixed, int width,
                   ArrayRef<Value> buffers) {
  constexpr int64_t lanes = 4;
  const ConvLayer &layer = fixed.layer;
  bool fits = width == 32 && fixed.resultFormat() && layer.outPosition == 1 &&
              layer.panel.positions % lanes == 0 &&
              llvm::all_of(buffers, [](Value buffer) {
                return Lowering::offsetOf(buffer) % lanes == 0;
              });
  return fits ? lanes : 1;
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
    if (!PackedCodes(getWeightOp(fixed.weights), fixed.layer,
                     CodeMeaning::Shift)
             .fits())
      reason = "the codes of its weights take more than 2^31 bits";
    if (strategy == "shift" || !reason.empty())
      return reason.empty();
    const ConvLayer &layer = fixed.layer;
    if (layer.groups > 1 && layer.channels <= 2)
      reason = "groups of one or two channels leave its tiles empty";
    else if (strategy == "mma" &&
             (layer.channels < 32 || layer.panel.positions < 32))
      reason = "a matrix of fewer than 32 channels or positions a group";
    return reason.empty() && hasByteProducts(fixed, *certificate, reason);
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    FixedLayer fixed = describeFixedLayer(op);
    std::string reason;
    SumCertificate certificate = *certifySums(fixed, reason);
    int width = sumWidth(certificate.boundBits);
    StepInfo info;
    describeSums(info, fixed, certificate, width, how());
    SmallVector<Value> args;
    if (strategy == "shift") {
      PackedCodes codes(getWeightOp(fixed.weights), fixed.layer,
                        CodeMeaning::Shift);
      std::vector<int32_t> bases = correctInversions(fixed, certificate);
      args.push_back(lowering.buffer(fixed.input));
      codes.addTo(args, lowering);
      args.push_back(lowering.constant(ArrayRef<int32_t>(bases),
                                       IntegerType::get(op->getContext(), 32)));
      addStep(
          op, fixed, certificate, width, chooseTiling(fixed.layer, 16),
          codes.key(), args, info, lowering,
          [&](KernelBuilder &kb, const FixedGemm &gemm, ArrayRef<Value> buffers,
              Val block) { ShiftKernel(kb, gemm, codes, buffers).run(block); });
      return success();
    }
    bool isMma = strategy == "mma";
    GemmTiling tiling =
        isMma ? chooseMmaTiling(fixed)
              : chooseTiling(fixed.layer, PackedBytes(fixed).depth());
    args.push_back(addPackedInput(fixed, lowering));
    args.push_back(addByteWeights(fixed, tiling, certificate, lowering));
    addStep(op, fixed, certificate, width, tiling, "", args, info, lowering,
            isMma ? emitMmaKernel : emitDp4aKernel);
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
               const SumCertificate &certificate, int width, GemmTiling tiling,
               StringRef key, SmallVectorImpl<Value> &args, StepInfo &info,
               Lowering &lowering,
               function_ref<void(KernelBuilder &, const FixedGemm &,
                                 ArrayRef<Value>, Val)>
                   kernel) const {
    EpilogueTables tables(fixed, certificate, width);
    tables.addTo(args, lowering);
    size_t known = args.size();
    fixed.addOutputTo(args, info, lowering);
    int64_t lanes = countLanes(fixed, width, ArrayRef(args).drop_front(known));
    tiling.lanes = tiling.threadColumns % lanes == 0 ? lanes : 1;
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
