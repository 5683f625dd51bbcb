//===- FloatLayer.cpp - Float32 convolutions and products -----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/FloatLayer.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftWeights.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;

std::string FloatLayer::key() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << layer.key() << " w" << weights.isPacked << weights.terms << '_'
     << weights.termStride << '_' << weights.batchStride << '_'
     << weights.groupStride << '_' << weights.rowStride << '_'
     << weights.windowStride << '_' << weights.channelStride
     << (bias ? " bias" : "");
  if (clampMin)
    os << " min" << floatKey(*clampMin);
  if (clampMax)
    os << " max" << floatKey(*clampMax);
  if (!batchSizes.empty())
    os << " batch" << shapeKey(batchSizes) << '_' << shapeKey(inBatches) << '_'
       << shapeKey(weightBatches);
  if (isGemm)
    os << " gemm" << floatKey(alpha) << '_' << floatKey(beta) << '_' << biasRow
       << '_' << biasColumn;
  return text;
}

int64_t mlir::shift::kernels::windowCount(const ConvLayer &layer) {
  return layer.panel.kind == PanelKind::Strided
             ? 1
             : layer.panel.kernel[0] * layer.panel.kernel[1];
}

bool mlir::shift::kernels::isFloatLayer(Operation *op, std::string &reason) {
  if (!isa<onnx::ConvOp, onnx::ConvTransposeOp, onnx::GemmOp, onnx::MatMulOp,
           Conv2DOp, LinearOp>(op) ||
      (isa<Conv2DOp, LinearOp>(op) && !isFloatTensor(op->getOperand(0))))
    return false;
  for (Value operand : op->getOperands())
    if (!isFloatTensor(operand) && !getWeightOp(operand)) {
      reason = "operands are not float32 tensors or constant weights";
      return false;
    }
  int64_t rank = shapeOf(op->getOperand(0)).size();
  if (isa<onnx::ConvOp, onnx::ConvTransposeOp>(op) && rank != 3 && rank != 4) {
    reason = "expected one or two spatial dimensions, got " +
             std::to_string(rank - 2);
    return false;
  }
  return true;
}

namespace {
/// Shape of one image with two spatial dimensions; a 1-D image gets height 1.
SmallVector<int64_t> imageShape(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> result(shape);
  if (result.size() == 3)
    result.insert(result.begin() + 2, 1);
  return result;
}

/// Two spatial values from one or two.
SmallVector<int64_t> spatial(ArrayRef<int64_t> values, int64_t first) {
  SmallVector<int64_t> result(values);
  if (result.size() == 1)
    result.insert(result.begin(), first);
  return result;
}

/// Top, left, bottom, right from begins and ends of one or two dimensions.
SmallVector<int64_t> padding(ArrayRef<int64_t> pads) {
  if (pads.size() == 2)
    return {0, pads[0], 0, pads[1]};
  return SmallVector<int64_t>(pads);
}

/// Weights in stored order [channel][input channel][window].
WeightLayout storedLayout(const ConvLayer &layer, int64_t windows,
                          int64_t terms) {
  WeightLayout w;
  w.rowStride = layer.panel.taps;
  w.groupStride = layer.channels * layer.panel.taps;
  w.windowStride = 1;
  w.channelStride = windows;
  w.terms = terms;
  w.termStride = layer.groups * w.groupStride;
  return w;
}

/// Shapes and attributes of a convolution in two spatial dimensions.
struct Window {
  SmallVector<int64_t> in, out, kernel, strides, dilations, pads;
};

template <typename ConvOp>
Window describeWindow(ConvOp op) {
  return {imageShape(shapeOf(op.getX())),
          imageShape(shapeOf(op.getResult())),
          spatial(shapeOf(op.getW()).drop_front(2), 1),
          spatial(op.getStrides(), 1),
          spatial(op.getDilations(), 1),
          padding(op.getPads())};
}

template <typename ConvOp>
FloatLayer describePorts(ConvOp op) {
  FloatLayer shape;
  shape.input = op.getX();
  shape.weightTensor = op.getW();
  shape.bias = op.getB();
  shape.result = op.getResult();
  return shape;
}

FloatLayer describeConv(onnx::ConvOp op) {
  FloatLayer shape = describePorts(op);
  auto [in, out, kernel, strides, dilations, pads] = describeWindow(op);
  shape.layer = convLayer(
      {in, out, kernel, strides, dilations, pads, int64_t(op.getGroup())},
      /*channelsLast=*/true);
  shape.weights = storedLayout(shape.layer, product(kernel), 1);
  return shape;
}

FloatLayer describeTransposed(onnx::ConvTransposeOp op) {
  FloatLayer shape = describePorts(op);
  auto [in, out, kernel, strides, dilations, pads] = describeWindow(op);
  ConvLayer &layer = shape.layer;
  int64_t windows = product(kernel);
  layer.batch = in[0];
  layer.groups = op.getGroup();
  layer.channels = out[1] / layer.groups;
  PanelSpec &panel = layer.panel;
  panel.kind = PanelKind::TransposedWindow;
  panel.channels = in[1] / layer.groups;
  panel.positions = out[2] * out[3];
  panel.taps = panel.channels * windows;
  panel.height = in[2];
  panel.width = in[3];
  panel.outWidth = out[3];
  panel.hasPadding = true;
  for (int i = 0; i < 2; ++i) {
    panel.kernel[i] = kernel[i];
    panel.stride[i] = strides[i];
    panel.dilation[i] = dilations[i];
    panel.pad[i] = pads[i];
  }
  panel.windowRow = panel.channels;
  panel.channelRow = 1;
  layer.inGroup = panel.channels * in[2] * in[3];
  layer.inBatch = in[1] * in[2] * in[3];
  layer.outChannel = panel.positions;
  layer.outBatch = out[1] * panel.positions;
  shape.weights.rowStride = windows;
  shape.weights.channelStride = layer.channels * windows;
  shape.weights.groupStride = panel.channels * layer.channels * windows;
  shape.weights.windowStride = 1;
  return shape;
}

FloatLayer describeShift(Operation *op) {
  FloatLayer shape;
  shape.input = op->getOperand(0);
  shape.weightTensor = op->getOperand(1);
  shape.bias = op->getNumOperands() > 2 ? op->getOperand(2) : Value();
  shape.result = op->getResult(0);
  ArrayRef<int64_t> in = shapeOf(shape.input);
  ArrayRef<int64_t> w = shapeOf(shape.weightTensor);
  int64_t terms =
      cast<Pow2Type>(
          cast<RankedTensorType>(shape.weightTensor.getType()).getElementType())
          .getTerms();
  int64_t windows = 1;
  if (auto conv = dyn_cast<Conv2DOp>(op)) {
    shape.layer = convLayer({in, shapeOf(shape.result), w.drop_front(2),
                             conv.getStrides(), conv.getDilations(),
                             conv.getPads(), int64_t(conv.getGroup())},
                            /*channelsLast=*/true);
    windows = product(w.drop_front(2));
    shape.clampMin = toFloat(conv.getClampMin());
    shape.clampMax = toFloat(conv.getClampMax());
  } else {
    auto linear = cast<LinearOp>(op);
    shape.layer = linearLayer(countOf(shape.input) / std::max<int64_t>(w[1], 1),
                              w[1], w[0]);
    shape.clampMin = toFloat(linear.getClampMin());
    shape.clampMax = toFloat(linear.getClampMax());
  }
  shape.weights = storedLayout(shape.layer, windows, terms);
  return shape;
}

FloatLayer describeGemm(onnx::GemmOp op) {
  FloatLayer shape;
  ArrayRef<int64_t> a = shapeOf(op.getA()), out = shapeOf(op.getResult());
  int64_t taps = a[op.getTransA() ? 0 : 1];
  ConvLayer &layer = shape.layer;
  layer.channels = out[0];
  layer.panel.positions = out[1];
  layer.panel.taps = taps;
  layer.panel.tapStride = op.getTransB() ? 1 : out[1];
  layer.panel.positionStride = op.getTransB() ? taps : 1;
  layer.outChannel = out[1];
  shape.weights.rowStride = op.getTransA() ? 1 : taps;
  shape.weights.channelStride = op.getTransA() ? out[0] : 1;
  shape.input = op.getB();
  shape.weightTensor = op.getA();
  shape.bias = op.getC();
  shape.result = op.getResult();
  shape.isGemm = true;
  shape.alpha = op.getAlpha().convertToFloat();
  shape.beta = op.getBeta().convertToFloat();
  if (shape.bias) {
    SmallVector<int64_t> c(shapeOf(shape.bias));
    while (c.size() < 2)
      c.insert(c.begin(), 1);
    shape.biasColumn = c[1] == 1 ? 0 : 1;
    shape.biasRow = c[0] == 1 ? 0 : c[1];
  }
  return shape;
}

/// Batch dimensions of a matrix operand, and whether they are all 1.
struct MatrixOperand {
  SmallVector<int64_t> batch;
  int64_t rows, columns;
};

MatrixOperand matrixOperand(Value value, bool isLeft) {
  SmallVector<int64_t> shape(shapeOf(value));
  if (shape.size() == 1)
    shape.insert(isLeft ? shape.begin() : shape.end(), 1);
  MatrixOperand result;
  result.columns = shape.pop_back_val();
  result.rows = shape.pop_back_val();
  result.batch = shape;
  return result;
}

/// Distances of an operand's matrices in the dimensions of the result's batch;
/// 0 where it is broadcast.
SmallVector<int64_t> batchStrides(const MatrixOperand &operand, size_t rank) {
  SmallVector<int64_t> strides(rank, 0);
  int64_t distance = operand.rows * operand.columns;
  for (size_t i = 0; i < operand.batch.size(); ++i) {
    int64_t size = operand.batch[operand.batch.size() - 1 - i];
    if (size != 1)
      strides[rank - 1 - i] = distance;
    distance *= size;
  }
  return strides;
}

FloatLayer describeMatMul(onnx::MatMulOp op) {
  FloatLayer shape;
  MatrixOperand a = matrixOperand(op.getA(), true);
  MatrixOperand b = matrixOperand(op.getB(), false);
  int64_t aCount = product(a.batch), bCount = product(b.batch);
  ConvLayer &layer = shape.layer;
  // The batch dimensions of the result lead its shape.
  size_t rank = std::max(a.batch.size(), b.batch.size());
  ArrayRef<int64_t> batch = shapeOf(op.getResult()).take_front(rank);
  layer.batch = product(batch);
  if (a.batch != b.batch && aCount != 1 && bCount != 1) {
    shape.batchSizes.assign(batch.begin(), batch.end());
    shape.inBatches = batchStrides(b, rank);
    shape.weightBatches = batchStrides(a, rank);
  }
  layer.channels = a.rows;
  layer.panel.positions = b.columns;
  layer.panel.taps = a.columns;
  layer.panel.tapStride = b.columns;
  layer.panel.positionStride = 1;
  layer.inBatch = bCount == 1 ? 0 : b.rows * b.columns;
  layer.outChannel = b.columns;
  layer.outBatch = a.rows * b.columns;
  shape.weights.batchStride = aCount == 1 ? 0 : a.rows * a.columns;
  shape.weights.rowStride = a.columns;
  shape.weights.channelStride = 1;
  shape.input = op.getB();
  shape.weightTensor = op.getA();
  shape.result = op.getResult();
  return shape;
}
} // namespace

FloatLayer mlir::shift::kernels::describeFloatLayer(Operation *op) {
  if (auto conv = dyn_cast<onnx::ConvOp>(op))
    return describeConv(conv);
  if (auto transposed = dyn_cast<onnx::ConvTransposeOp>(op))
    return describeTransposed(transposed);
  if (auto gemm = dyn_cast<onnx::GemmOp>(op))
    return describeGemm(gemm);
  if (auto matmul = dyn_cast<onnx::MatMulOp>(op))
    return describeMatMul(matmul);
  return describeShift(op);
}

Val mlir::shift::kernels::emitGemmResult(KernelBuilder &kb,
                                         const FloatLayer &layer, Val sum,
                                         Value bias, Val row, Val column) {
  if (layer.alpha != 1.0f)
    sum = kb.constantFloat(kb.f32(), layer.alpha) * sum;
  if (!bias)
    return sum;
  Val c = kb.load(bias, row * layer.biasRow + column * layer.biasColumn);
  if (layer.beta != 1.0f)
    c = kb.constantFloat(kb.f32(), layer.beta) * c;
  return sum + c;
}
