//===- DepthwiseFloat.cpp - Float32 depthwise convolutions ----------------===//
// SPDX-License-Identifier: Apache-2.0
// Strategy `float` for groups of one input channel (Depthwise.h): each output's
// sum is updated by fma in the one order that the ops define (window position,
// then term), then the bias is added.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/ShiftToCPU/Depthwise.h"
#include "lib/Conversion/ShiftToCPU/Families.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cpu;

namespace {
/// What the family knows of a layer.
struct FloatDepthwise {
  Value input, weights, bias, result;
  std::optional<float> clampMin, clampMax;
  int64_t terms = 1;
  DepthwiseShape shape;

  std::string key() const {
    std::string text;
    llvm::raw_string_ostream os(text);
    os << shape.key() << " t" << terms << (bias ? " bias" : "");
    if (clampMin)
      os << " min" << floatKey(*clampMin);
    if (clampMax)
      os << " max" << floatKey(*clampMax);
    return text;
  }
};

class FloatTaps : public DepthwiseKernel {
public:
  /// `buffers`: input, values of the weights [term][channel][tap], bias if
  /// there is one, output.
  FloatTaps(KernelBuilder &kb, const FloatDepthwise &known,
            ArrayRef<Value> buffers, Value scratch)
      : DepthwiseKernel(kb, known.shape, buffers[0], buffers.back(), scratch),
        known(known), values(buffers[1]),
        bias(known.bias ? buffers[2] : Value()) {}

private:
  void prepare(Val channel) override {
    weights.clear();
    for (int64_t tap = 0; tap < shape.taps(); ++tap)
      for (int64_t term = 0; term < known.terms; ++term) {
        int64_t at = term * countOf(known.weights) + tap;
        Val weight = kb.load(values, channel * shape.taps() + at);
        weights.push_back(kb.broadcast(weight, shape.lanes));
      }
    if (bias)
      addend = kb.broadcast(kb.load(bias, channel), shape.lanes);
  }

  Val emitTile(Val at) override {
    Val sum = kb.constant(kb.vec(kb.f32(), shape.lanes), 0);
    int64_t width = shape.layer.panel.kernel[1];
    for (int64_t tap = 0; tap < shape.taps(); ++tap) {
      Val x = kb.load(plane, at + shape.tapPlace(tap / width, tap % width),
                      shape.lanes);
      for (int64_t term = 0; term < known.terms; ++term)
        sum = kb.fma(weights[tap * known.terms + term], x, sum);
    }
    if (bias)
      sum = sum + addend;
    return emitFloatClamp(kb, sum, known.clampMin, known.clampMax);
  }

  const FloatDepthwise &known;
  Value values, bias;
  SmallVector<Val> weights;
  Val addend;
};

template <typename ConvOp>
ConvLayer layerOf(ConvOp conv, const FloatDepthwise &known) {
  return convLayer({shapeOf(known.input), shapeOf(known.result),
                    shapeOf(known.weights).drop_front(2), conv.getStrides(),
                    conv.getDilations(), conv.getPads(),
                    int64_t(conv.getGroup())},
                   /*channelsLast=*/true);
}

/// None where another family of the strategy has to take the op.
std::optional<FloatDepthwise> describe(Operation *op) {
  if (!isa<onnx::ConvOp, Conv2DOp>(op) || !isFloatTensor(op->getOperand(0)) ||
      shapeOf(op->getOperand(0)).size() != 4)
    return std::nullopt;
  FloatDepthwise known;
  known.input = op->getOperand(0);
  known.weights = op->getOperand(1);
  known.bias = op->getNumOperands() > 2 ? op->getOperand(2) : Value();
  known.result = op->getResult(0);
  if (known.bias && !isFloatTensor(known.bias))
    return std::nullopt;
  ArrayRef<int64_t> pads;
  ConvLayer layer;
  if (auto conv = dyn_cast<Conv2DOp>(op)) {
    if (!getWeightOp(known.weights))
      return std::nullopt;
    known.terms = cast<Pow2Type>(elementOf(known.weights)).getTerms();
    known.clampMin = toFloat(conv.getClampMin());
    known.clampMax = toFloat(conv.getClampMax());
    pads = conv.getPads();
    layer = layerOf(conv, known);
  } else {
    auto plain = cast<onnx::ConvOp>(op);
    if (!isFloatTensor(known.weights))
      return std::nullopt;
    pads = plain.getPads();
    layer = layerOf(plain, known);
  }
  if (!isDepthwise(layer, pads, known.terms))
    return std::nullopt;
  DepthwiseShape &shape = known.shape;
  shape.layer = layer;
  shape.resultType = shape.plane.sourceType = shape.plane.elementType =
      Float32Type::get(op->getContext());
  shape.plane.phases = layer.panel.stride[1];
  shape.lanes = layer.panel.outWidth > 16 ? 32 : 16;
  shape.choose();
  return known;
}

class DepthwiseFloatFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "float"; }

  bool canTake(Operation *op, std::string &) const override {
    return describe(op).has_value();
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    FloatDepthwise known = *describe(op);
    SmallVector<Value> args{lowering.buffer(known.input)};
    StepInfo info;
    if (WeightOp weights = getWeightOp(known.weights)) {
      args.push_back(lowering.values(weights));
      info.describeWeights(weights);
      info.reason = "depthwise, activations are float32";
    } else {
      args.push_back(lowering.buffer(known.weights));
      info.reason = "depthwise, weights are float32";
    }
    if (known.bias)
      args.push_back(lowering.buffer(known.bias));
    args.push_back(lowering.output(known.result));
    info.extent = known.shape.extent();
    info.scratchBytes = known.shape.scratchBytes();
    info.macs = known.shape.layer.macs();
    lowering.step(op, op->getName().stripDialect().lower(),
                  "depthwise_f32_" + shapeKey(shapeOf(known.input)) + '_' +
                      shapeKey(shapeOf(known.weights)) + ' ' + known.key(),
                  getStrategy(), args, info,
                  [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value scratch,
                      Val begin, Val end) {
                    FloatTaps(kb, known, buffers, scratch).run(begin, end);
                  });
    return success();
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::cpu::createDepthwiseFloatFamily() {
  return std::make_unique<DepthwiseFloatFamily>();
}
