//===- FloatConv.cpp - Float32 convolutions and matrix products -----------===//
// SPDX-License-Identifier: Apache-2.0
// Strategy `float`: a register tile of output channels x 16 positions keeps its
// accumulators over all taps, each updated by fma in the one order that the ops
// define (window position, then channel, then term). Matrix products are the
// same with the rows of A for weights and the columns of B for positions.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/Kernels/FloatLayer.h"
#include "lib/Conversion/ShiftToCPU/Families.h"
#include "lib/Conversion/ShiftToCPU/Panel.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cpu;

namespace {
constexpr int64_t tileRows = 6;
constexpr int64_t lanes = 16;

//===----------------------------------------------------------------------===//
// Kernel
//===----------------------------------------------------------------------===//

class FloatKernel {
public:
  FloatKernel(KernelBuilder &kb, const FloatLayer &shape,
              ArrayRef<Value> buffers, Value scratch)
      : kb(kb), shape(shape), layer(shape.layer), input(buffers[0]),
        weights(buffers[1]), bias(shape.bias ? buffers[2] : Value()),
        out(buffers.back()) {
    panel = kb.view(scratch, kb.index(0), kb.f32(), layer.panel.taps * lanes);
    buffer = kb.view(scratch, kb.index(layer.panel.bytes()), kb.f32(), lanes);
  }

  void run(Val begin, Val end) {
    kb.loop(begin, end, 1, [&](Val index) {
      ConvItem item = emitItem(kb, layer, index);
      Val base = batchOffset(item.batch, layer.inBatch, shape.inBatches) +
                 item.group * layer.inGroup;
      emitPanel(kb, layer.panel, input, base, panel, item.first,
                kb.index(layer.panel.taps / layer.panel.window()));
      const WeightLayout &w = shape.weights;
      Val first = batchOffset(item.batch, w.batchStride, shape.weightBatches) +
                  item.group * w.groupStride;
      int64_t whole = layer.channels / tileRows * tileRows;
      kb.loop(kb.index(0), kb.index(whole), tileRows,
              [&](Val i) { tile(item, first, i, tileRows); });
      if (whole < layer.channels)
        tile(item, first, kb.index(whole), layer.channels - whole);
    });
  }

private:
  /// Where the matrix of a batch starts.
  Val batchOffset(Val batch, int64_t stride, ArrayRef<int64_t> strides) {
    if (strides.empty())
      return batch * stride;
    Val offset = kb.index(0);
    for (int64_t d = int64_t(strides.size()) - 1; d >= 0; --d) {
      offset = offset + batch % shape.batchSizes[d] * strides[d];
      batch = batch / shape.batchSizes[d];
    }
    return offset;
  }

  /// Channels [i, i + rows) of the item's group, whose weights start at
  /// `first`.
  void tile(const ConvItem &item, Val first, Val i, int64_t rows) {
    const WeightLayout &w = shape.weights;
    int64_t windows = windowCount(layer);
    int64_t perWindow = layer.panel.taps / windows;
    Val base = first + i * (w.isPacked ? layer.panel.taps : w.rowStride);
    int64_t rowStride = w.isPacked ? 1 : w.rowStride;
    int64_t windowStride = w.isPacked ? perWindow * rows : w.windowStride;
    int64_t channelStride = w.isPacked ? rows : w.channelStride;
    SmallVector<Val> sums(rows, kb.constant(kb.vec(kb.f32(), lanes), 0));
    sums = kb.loopCarried(
        kb.index(0), kb.index(windows), 1, sums,
        [&](Val k, ArrayRef<Val> outer) {
          Val windowBase = base + k * windowStride;
          return kb.loopCarried(
              kb.index(0), kb.index(perWindow), 1, outer,
              [&](Val ci, ArrayRef<Val> carried) {
                Val row = kb.load(panel, (k * perWindow + ci) * lanes, lanes);
                Val at = windowBase + ci * channelStride;
                SmallVector<Val> next(carried);
                for (int64_t r = 0; r < rows; ++r)
                  for (int64_t t = 0; t < w.terms; ++t) {
                    Val weight = kb.load(
                        weights, at + (r * rowStride + t * w.termStride));
                    next[r] = kb.fma(kb.broadcast(weight, lanes), row, next[r]);
                  }
                return next;
              });
        });
    for (int64_t r = 0; r < rows; ++r)
      finish(item, i + r, sums[r]);
  }

  void finish(const ConvItem &item, Val i, Val sum) {
    Val channel = item.group * layer.channels + i;
    Val target = item.batch * layer.outBatch + channel * layer.outChannel;
    if (shape.isGemm)
      return finishGemm(item, i, target, sum);
    if (bias)
      sum = sum + kb.broadcast(kb.load(bias, channel), lanes);
    sum = emitFloatClamp(kb, sum, shape.clampMin, shape.clampMax);
    emitBlockStore(kb, {out, layer.outPosition, layer.panel.positions, buffer},
                   sum, target, item.first);
  }

  void finishGemm(const ConvItem &item, Val i, Val target, Val sum) {
    Val last = kb.min(item.first + lanes, kb.index(layer.panel.positions));
    kb.store(sum, buffer, kb.index(0));
    kb.loop(item.first, last, 1, [&](Val p) {
      Val value = kb.load(buffer, p - item.first);
      kb.store(emitGemmResult(kb, shape, value, bias, i, p), out, target + p);
    });
  }

  KernelBuilder &kb;
  const FloatLayer &shape;
  const ConvLayer &layer;
  Value input, weights, bias, out;
  Value panel, buffer;
};

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

FloatLayer describe(Operation *op) {
  FloatLayer shape = describeFloatLayer(op);
  auto conv = dyn_cast<onnx::ConvOp>(op);
  shape.weights.isPacked =
      conv && conv.getW().getDefiningOp<onnx::ConstantOp>();
  PanelSpec &panel = shape.layer.panel;
  panel.block = panel.rowStride = lanes;
  panel.sourceType = panel.panelType = Float32Type::get(op->getContext());
  return shape;
}

/// Constant weights in the order in which the tiles read them.
std::vector<float> packWeights(const FloatLayer &shape, ElementsAttr attr) {
  std::vector<uint8_t> bytes = getRawBytes(attr);
  const float *stored = reinterpret_cast<const float *>(bytes.data());
  const ConvLayer &layer = shape.layer;
  const WeightLayout &w = shape.weights;
  int64_t windows = windowCount(layer);
  int64_t perWindow = layer.panel.taps / windows;
  std::vector<float> packed;
  packed.reserve(bytes.size() / sizeof(float));
  for (int64_t g = 0; g < layer.groups; ++g)
    for (int64_t i = 0; i < layer.channels; i += tileRows)
      for (int64_t k = 0; k < windows; ++k)
        for (int64_t ci = 0; ci < perWindow; ++ci)
          for (int64_t r = i; r < std::min(i + tileRows, layer.channels); ++r)
            packed.push_back(stored[g * w.groupStride + r * w.rowStride +
                                    k * w.windowStride + ci * w.channelStride]);
  return packed;
}

class FloatConvFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "float"; }

  bool canTake(Operation *op, std::string &reason) const override {
    return isFloatLayer(op, reason);
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    FloatLayer shape = describe(op);
    Builder b(op->getContext());
    SmallVector<Value> args{lowering.buffer(shape.input)};
    StepInfo info;
    if (WeightOp weights = getWeightOp(shape.weightTensor)) {
      args.push_back(lowering.values(weights));
      info.describeWeights(weights);
      info.reason = "activations are float32";
    } else if (shape.weights.isPacked) {
      auto constant = shape.weightTensor.getDefiningOp<onnx::ConstantOp>();
      std::vector<float> packed =
          packWeights(shape, cast<ElementsAttr>(constant.getValue()));
      args.push_back(
          lowering.constant(ArrayRef<float>(packed), b.getF32Type()));
      info.reason = "weights are float32";
    } else {
      args.push_back(lowering.buffer(shape.weightTensor));
      info.reason = "weights are float32";
    }
    if (shape.bias)
      args.push_back(lowering.buffer(shape.bias));
    args.push_back(lowering.output(shape.result));
    info.extent = shape.layer.extent();
    info.scratchBytes = shape.layer.panel.bytes() + lanes * 4;
    info.macs = shape.layer.macs();
    std::string key;
    llvm::raw_string_ostream(key)
        << "f32_" << shapeKey(shapeOf(op->getOperand(0))) << '_'
        << shapeKey(shapeOf(op->getOperand(1))) << ' ' << shape.key();
    lowering.step(op, op->getName().stripDialect().lower(), key, getStrategy(),
                  args, info,
                  [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value scratch,
                      Val begin, Val end) {
                    FloatKernel(kb, shape, buffers, scratch).run(begin, end);
                  });
    return success();
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::cpu::createFloatConvFamily() {
  return std::make_unique<FloatConvFamily>();
}
