//===- FloatConv.cpp - Float32 convolutions and matrix products -----------===//
// SPDX-License-Identifier: Apache-2.0
// Strategy `float`: a register tile of output channels x 16 positions keeps its
// accumulators over all taps, each updated by fma in the one order that the ops
// define (window position, then channel, then term). Matrix products are the
// same with the rows of A for weights and the columns of B for positions.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/Kernels/ConvLayer.h"
#include "lib/Conversion/ShiftToCPU/Families.h"
#include "lib/Conversion/ShiftToCPU/Panel.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cpu;

namespace {
constexpr int64_t tileRows = 6;
constexpr int64_t lanes = 16;

/// Where the weight of (group, channel, window position, input channel, term)
/// lies. Packed weights are stored [tile][tap][row of the tile].
struct WeightLayout {
  bool isPacked = false;
  int64_t terms = 1, termStride = 0;
  int64_t batchStride = 0, groupStride = 0, rowStride = 0;
  int64_t windowStride = 0, channelStride = 0;
};

struct FloatLayer {
  ConvLayer layer;
  WeightLayout weights;
  Value input, weightTensor, bias, result;
  std::optional<float> clampMin, clampMax;
  // MatMul with broadcast batches: their sizes and how far apart the matrices
  // of both operands lie in each dimension. Empty where all lie one distance
  // apart.
  SmallVector<int64_t> batchSizes, inBatches, weightBatches;
  // Gemm: alpha * sum + beta * bias[i * biasRow + p * biasColumn].
  bool isGemm = false;
  float alpha = 1, beta = 1;
  int64_t biasRow = 1, biasColumn = 0;

  std::string key() const {
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
      os << " batch" << shapeKey(batchSizes) << '_' << shapeKey(inBatches)
         << '_' << shapeKey(weightBatches);
    if (isGemm)
      os << " gemm" << floatKey(alpha) << '_' << floatKey(beta) << '_'
         << biasRow << '_' << biasColumn;
    return text;
  }
};

/// Window positions and input channels of a panel, in accumulation order.
int64_t windowCount(const ConvLayer &layer) {
  return layer.panel.kind == PanelKind::Strided
             ? 1
             : layer.panel.kernel[0] * layer.panel.kernel[1];
}

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
      if (shape.alpha != 1.0f)
        value = kb.constantFloat(kb.f32(), shape.alpha) * value;
      if (bias) {
        Val c = kb.load(bias, i * shape.biasRow + p * shape.biasColumn);
        if (shape.beta != 1.0f)
          c = kb.constantFloat(kb.f32(), shape.beta) * c;
        value = value + c;
      }
      kb.store(value, out, target + p);
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

FloatLayer describeConv(onnx::ConvOp op) {
  FloatLayer shape;
  SmallVector<int64_t> in = imageShape(shapeOf(op.getX()));
  SmallVector<int64_t> out = imageShape(shapeOf(op.getResult()));
  SmallVector<int64_t> kernel = spatial(shapeOf(op.getW()).drop_front(2), 1);
  SmallVector<int64_t> strides = spatial(op.getStrides(), 1);
  SmallVector<int64_t> dilations = spatial(op.getDilations(), 1);
  SmallVector<int64_t> pads = padding(op.getPads());
  shape.layer = convLayer(
      {in, out, kernel, strides, dilations, pads, int64_t(op.getGroup())},
      /*channelsLast=*/true);
  shape.weights = storedLayout(shape.layer, product(kernel), 1);
  shape.weights.isPacked = bool(op.getW().getDefiningOp<onnx::ConstantOp>());
  shape.input = op.getX();
  shape.weightTensor = op.getW();
  shape.bias = op.getB();
  shape.result = op.getResult();
  return shape;
}

FloatLayer describeTransposed(onnx::ConvTransposeOp op) {
  FloatLayer shape;
  SmallVector<int64_t> in = imageShape(shapeOf(op.getX()));
  SmallVector<int64_t> out = imageShape(shapeOf(op.getResult()));
  SmallVector<int64_t> kernel = spatial(shapeOf(op.getW()).drop_front(2), 1);
  SmallVector<int64_t> strides = spatial(op.getStrides(), 1);
  SmallVector<int64_t> dilations = spatial(op.getDilations(), 1);
  SmallVector<int64_t> pads = padding(op.getPads());
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
  shape.input = op.getX();
  shape.weightTensor = op.getW();
  shape.bias = op.getB();
  shape.result = op.getResult();
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

FloatLayer describe(Operation *op) {
  FloatLayer shape;
  if (auto conv = dyn_cast<onnx::ConvOp>(op))
    shape = describeConv(conv);
  else if (auto transposed = dyn_cast<onnx::ConvTransposeOp>(op))
    shape = describeTransposed(transposed);
  else if (auto gemm = dyn_cast<onnx::GemmOp>(op))
    shape = describeGemm(gemm);
  else if (auto matmul = dyn_cast<onnx::MatMulOp>(op))
    shape = describeMatMul(matmul);
  else
    shape = describeShift(op);
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
    if (isa<onnx::ConvOp, onnx::ConvTransposeOp>(op) && rank != 3 &&
        rank != 4) {
      reason = "expected one or two spatial dimensions, got " +
               std::to_string(rank - 2);
      return false;
    }
    return true;
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
