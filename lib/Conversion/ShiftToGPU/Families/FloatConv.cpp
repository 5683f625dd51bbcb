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
        codes(codes), isAsync(isAsync), terms(codes ? codes->terms() : 1),
        buffers(buffers), pitch(tiling.rows + 4),
        inputSize(tiling.depth * tiling.columns),
        weightSize(terms * tiling.depth * pitch) {}

private:
  void declare() override {
    if (codes)
      codesReader = codes->emitReader(kb, buffers.drop_front());
    else
      firstWeight =
          batchOffset(shape.weights.batchStride, shape.weightBatches) +
          group * shape.weights.groupStride;
    inputTile = kb.shared(kb.f32(), stages() * inputSize, "inputTile");
    weightTile = kb.shared(kb.f32(), stages() * weightSize, "weightTile");
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
    if (isAsync)
      copyInput(tap, inputTile, stage * inputSize);
    else
      forEachInput(tap, [&](Val inStep, Val position, Val x) {
        kb.store(x, inputTile,
                 stage * inputSize + inStep * tiling.columns + position);
      });
    forEachWeight(
        tap, 1, [&](Val inStep, Val row, Val channel, Val at, Val isThere) {
          auto safe = [&](Val index) {
            return isThere.kb ? kb.select(isThere, index, kb.index(0)) : index;
          };
          SmallVector<Val> values = emitWeights(safe(channel), safe(at));
          for (auto [t, value] : llvm::enumerate(values)) {
            if (isThere.kb)
              value =
                  kb.select(isThere, value, kb.constantFloat(kb.f32(), 0.0));
            kb.store(value, weightTile,
                     stage * weightSize +
                         (inStep + int64_t(t) * tiling.depth) * pitch + row);
          }
        });
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

  SmallVector<Val> emitStart() override {
    return SmallVector<Val>(tiling.threadRows * tiling.threadColumns,
                            kb.constantFloat(kb.f32(), 0.0));
  }

  SmallVector<Val> emitProducts(ArrayRef<Val> sums, Val stage) override {
    return kb.loopCarried(
        kb.index(0), kb.index(tiling.depth), 1, sums,
        [&](Val k, ArrayRef<Val> carried) {
          kb.named(k, "k");
          SmallVector<Val> next(carried), x;
          for (int64_t j = 0; j < tiling.threadColumns; ++j)
            x.push_back(kb.load(inputTile, stage * inputSize +
                                               k * tiling.columns +
                                               threadColumn(j)));
          for (int64_t t = 0; t < terms; ++t) {
            SmallVector<Val> w =
                loadRows(weightTile,
                         stage * weightSize + (k + t * tiling.depth) * pitch);
            for (size_t i = 0; i < w.size(); ++i)
              for (size_t j = 0; j < x.size(); ++j) {
                Val &sum = next[i * x.size() + j];
                sum = kb.fma(w[i], x[j], sum);
              }
          }
          return next;
        },
        /*unroll=*/true);
  }

  void finish(ArrayRef<Val> sums) override {
    forEachOutput([&](Val row, Val position, int64_t sum) {
      kb.store(emitResult(sums[sum], row, position), buffers.back(),
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
  int64_t terms;
  ArrayRef<Value> buffers;
  /// Words from a tap's weights to the next one's; elements of a tile.
  int64_t pitch, inputSize, weightSize;
  PackedCodes::Reader codesReader;
  Val firstWeight;
  Value inputTile, weightTile;
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
    info.tile = tiling.sizes();
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
