//===- FloatConv.cpp - Float32 convolutions and products on GPUs ----------===//
// SPDX-License-Identifier: Apache-2.0
// Strategy `float`: each thread keeps its outputs' accumulators over all taps,
// each updated by fma in the one order that the ops define (window position,
// then channel, then term). Powers of two are read as codes.
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/FloatLayer.h"
#include "lib/Conversion/ShiftToGPU/ConvGemm.h"
#include "lib/Conversion/ShiftToGPU/Families.h"
#include "lib/Conversion/ShiftToGPU/PackedCodes.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cuda;

namespace {
class FloatKernel : public ConvGemm {
public:
  /// `codes` is null where the weights are float32. `buffers`: input, weights,
  /// bias if there is one, result.
  FloatKernel(KernelBuilder &kb, const FloatLayer &shape,
              const GemmTiling &tiling, const PackedCodes *codes, bool isAsync,
              ArrayRef<Value> buffers)
      : ConvGemm(kb, shape.layer, tiling, buffers[0]), shape(shape),
        codes(codes), isAsync(isAsync), buffers(buffers) {
    kb.named(buffers[0], "input");
    if (!codes)
      kb.named(buffers[1], "weights");
    if (shape.bias)
      kb.named(buffers.end()[-2], "bias");
    kb.named(buffers.back(), "output");
  }

private:
  void declare() override {
    if (codes) {
      codesReader = codes->emitReader(kb, buffers.drop_front());
      kb.barrier();
    } else {
      firstWeight =
          batchOffset(shape.weights.batchStride, shape.weightBatches) +
          group * shape.weights.groupStride;
    }
    declareWordTiles(kb.f32(), codes ? codes->terms() : 1);
    acc = declareSums(kb.f32(), {tiling.threadRows, tiling.threadColumns});
  }

  Val emitImage() override {
    return batchOffset(layer.inBatch, shape.inBatches) + group * layer.inGroup;
  }

  /// Where the matrix of the block's batch starts.
  Val batchOffset(int64_t stride, ArrayRef<int64_t> strides) {
    if (strides.empty())
      return batch * stride;
    Val offset = kb.index(0), rest = batch;
    for (int64_t d = int64_t(strides.size()) - 1; d >= 0; --d) {
      offset = offset + rest % shape.batchSizes[d] * strides[d];
      rest = rest / shape.batchSizes[d];
    }
    return offset;
  }

  bool copiesAsync() const override { return isAsync; }

  void fill(Val tap, Val stage) override {
    fillInput(tap, stage, [](Val x) { return x; });
    fillWeights(tap, stage,
                [&](Val row, Val at) { return emitWeights(row, at); });
  }

  /// The terms of a weight.
  SmallVector<Val> emitWeights(Val channel, Val tap) {
    SmallVector<Val> values;
    if (codes) {
      for (Val word :
           codes->emitLoad(kb, codesReader, emitChannel(channel), tap))
        values.push_back(kb.bitcast(word, kb.f32()));
      return values;
    }
    const WeightLayout &w = shape.weights;
    int64_t perWindow = layer.panel.taps / windowCount(layer);
    Val at = firstWeight + channel * w.rowStride;
    if (perWindow == layer.panel.taps)
      at = at + tap * w.channelStride;
    else
      at = at + tap / perWindow * w.windowStride +
           tap % perWindow * w.channelStride;
    values.push_back(kb.load(buffers[1], at));
    return values;
  }

  SmallVector<Val> emitProducts(ArrayRef<Val>, Val stage) override {
    forEachProduct(stage, [&](Val i, Val w) {
      kb.unrolled(tiling.threadColumns, "j", [&](Val j) {
        Val sum = kb.load(acc, {i, j});
        kb.store(kb.fma(w, kb.load(inputs, j), sum), acc, {i, j});
      });
    });
    return {};
  }

  void finish(ArrayRef<Val>) override {
    forEachOutput([&](Val i, Val j, Val row, Val position) {
      kb.store(emitResult(kb.load(acc, {i, j}), row, position), buffers.back(),
               emitTarget(row, position));
    });
  }

  Val emitResult(Val sum, Val row, Val position) {
    Value bias = shape.bias ? *(buffers.end() - 2) : Value();
    if (shape.isGemm)
      return emitGemmResult(kb, shape, sum, bias, row, position);
    if (bias)
      sum = sum + kb.load(bias, emitChannel(row));
    return emitFloatClamp(kb, sum, shape.clampMin, shape.clampMax);
  }

  const FloatLayer &shape;
  const PackedCodes *codes;
  bool isAsync;
  ArrayRef<Value> buffers;
  PackedCodes::Reader codesReader;
  Val firstWeight;
  Value acc;
};

class FloatConvFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "float"; }

  bool canTake(Operation *op, std::string &reason) const override {
    return isFloatLayer(op, reason);
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    FloatLayer shape = describeFloatLayer(op);
    GemmTiling tiling = chooseTiling(shape.layer, 16);
    SmallVector<Value> args{lowering.buffer(shape.input)};
    StepInfo info;
    std::optional<PackedCodes> codes;
    if (WeightOp weights = getWeightOp(shape.weightTensor)) {
      codes.emplace(weights, shape.layer, CodeMeaning::Float);
      codes->addTo(args, lowering);
      info.describeWeights(weights);
      info.reason = "activations are float32";
    } else {
      args.push_back(lowering.buffer(shape.weightTensor));
      info.reason = "weights are float32";
    }
    if (shape.bias)
      args.push_back(lowering.buffer(shape.bias));
    args.push_back(lowering.output(shape.result));
    info.extent = countBlocks(shape.layer, tiling);
    info.threads = tiling.threads();
    info.macs = shape.layer.macs();
    bool isAsync = lowering.target.hasAsyncCopies();
    lowering.step(
        op, op->getName().stripDialect().lower(),
        "f32 " + shape.key() + " " + tiling.key() +
            (codes ? " " + codes->key() : ""),
        getStrategy(), args, info,
        [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
          FloatKernel(kb, shape, tiling, codes ? &*codes : nullptr, isAsync,
                      buffers)
              .run(block);
        });
    return success();
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::cuda::createFloatConvFamily() {
  return std::make_unique<FloatConvFamily>();
}
