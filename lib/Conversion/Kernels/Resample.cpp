//===- Resample.cpp - Resize and Upsample by tables -----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/Resample.h"
#include "dialects/ONNX/IR/ONNXOps.h"

using namespace mlir;
using namespace mlir::shift::kernels;
using ::shift::ResizeOptions;
using ::shift::ResizeTable;

static FailureOr<ResizeOptions> optionsOf(Operation *op) {
  ResizeOptions options;
  auto resize = dyn_cast<onnx::ResizeOp>(op);
  if (!resize) {
    auto mode =
        ::shift::parseResizeMode(cast<onnx::UpsampleOp>(op).getMode().str());
    if (!mode || *mode == ResizeOptions::Mode::Cubic)
      return failure();
    options.mode = *mode;
    options.coordinates = ResizeOptions::Coordinates::Asymmetric;
    options.nearest = ResizeOptions::Nearest::Floor;
    return options;
  }
  auto mode = ::shift::parseResizeMode(resize.getMode().str());
  auto coordinates = ::shift::parseResizeCoordinates(
      resize.getCoordinateTransformationMode().str());
  auto nearest = ::shift::parseResizeNearest(resize.getNearestMode().str());
  if (!mode || !coordinates || !nearest)
    return failure();
  return ResizeOptions{*mode,
                       *coordinates,
                       *nearest,
                       resize.getCubicCoeffA().convertToFloat(),
                       resize.getExcludeOutside() != 0,
                       resize.getAntialias() != 0};
}

FailureOr<Resampling> mlir::shift::kernels::describeResampling(Operation *op) {
  FailureOr<ResizeOptions> options = optionsOf(op);
  if (failed(options))
    return failure();
  ArrayRef<int64_t> in = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> out = shapeOf(op->getResult(0));
  ArrayRef<float> scales, roi;
  Resampling plan;
  if (auto resize = dyn_cast<onnx::ResizeOp>(op)) {
    scales = resize.getScales();
    roi = resize.getRoi().value_or(ArrayRef<float>());
    plan.extrapolation = resize.getExtrapolationValue().convertToFloat();
  } else {
    scales = cast<onnx::UpsampleOp>(op).getScales();
  }
  if (scales.size() != in.size() ||
      (!roi.empty() && roi.size() != 2 * in.size()))
    return failure();
  plan.isNearest = options->mode == ResizeOptions::Mode::Nearest;
  bool hasOutside = false, isIdentity = true;
  for (size_t d = 0; d < in.size(); ++d) {
    if (in[d] == 0)
      return failure();
    float start = roi.empty() ? 0 : roi[d];
    float end = roi.empty() ? 1 : roi[d + in.size()];
    plan.tables.push_back(::shift::makeResizeTable(in[d], out[d], scales[d],
                                                   *options, start, end));
    hasOutside |= llvm::any_of(plan.tables.back().isOutside,
                               [](uint8_t outside) { return outside != 0; });
    isIdentity &= plan.tables.back().isIdentity(in[d]);
  }
  // What changes nothing is a copy, which keeps the sign of zeros.
  plan.isNearest |= isIdentity;
  // Weighted sums have kernels for float32 without extrapolation.
  if (!plan.isNearest && (hasOutside || !isFloatTensor(op->getOperand(0))))
    return failure();
  return plan;
}

/// out[o][i][e] = sum over taps k of i: weights[k] * in[o][indices[k]][e].
static void emitAxis(KernelBuilder &kb, ArrayRef<Value> buffers, Val begin,
                     Val end, int64_t input, int64_t output, int64_t inner,
                     int64_t outer, int64_t itemSize) {
  Value source = buffers[0], begins = buffers[1], indices = buffers[2];
  Value weights = buffers[3], target = buffers[4];
  auto line = [&](Val item, auto elements) {
    Val block = item / output, i = item % output;
    Val first = kb.toIndex(kb.load(begins, i));
    Val last = kb.toIndex(kb.load(begins, i + 1));
    auto element = [&](Val e, int64_t lanes) {
      Val zero = kb.constant(kb.vec(kb.f32(), lanes), 0);
      Val sum = kb.loopCarried(
          first, last, 1, {zero}, [&](Val k, ArrayRef<Val> carried) {
            Val index = kb.toIndex(kb.load(indices, k));
            Val from = (block * input + index) * inner + e;
            Val weight = kb.broadcast(kb.load(weights, k), lanes);
            Val term = weight * kb.load(source, from, lanes);
            return SmallVector<Val>{carried[0] + term};
          })[0];
      kb.store(sum, target, item * inner + e);
    };
    elements(element);
  };
  if (kb.threads)
    return forEachElement(
        kb, begin, outer * output * inner, itemSize, [&](Val i) {
          line(i / inner, [&](auto element) { element(i % inner, 1); });
        });
  kb.loop(begin, end, 1, [&](Val item) {
    line(item, [&](auto element) {
      forEachRun(kb, kb.index(0), kb.index(inner), element);
    });
  });
}

void mlir::shift::kernels::lowerResampling(Operation *op,
                                           const Resampling &plan,
                                           Lowering &lowering) {
  SmallVector<int64_t> shape(shapeOf(op->getOperand(0)));
  Builder b(op->getContext());
  SmallVector<size_t> axes;
  for (size_t d = shape.size(); d-- > 0;)
    if (!plan.tables[d].isIdentity(shape[d]))
      axes.push_back(d);
  Value source = lowering.buffer(op->getOperand(0));
  int64_t valueId = lowering.valueId;
  for (size_t axis : axes) {
    const ResizeTable &table = plan.tables[axis];
    int64_t input = shape[axis], output = table.size();
    shape[axis] = output;
    int64_t inner = product(ArrayRef<int64_t>(shape).drop_front(axis + 1));
    int64_t outer = product(ArrayRef<int64_t>(shape).take_front(axis));
    bool isLast = axis == axes.back();
    Value target = isLast ? lowering.output(op->getResult(0))
                          : lowering.temporary(b.getF32Type(), product(shape));
    SmallVector<Value> args{
        source,
        lowering.constant(ArrayRef<int64_t>(table.begins), b.getI64Type()),
        lowering.constant(ArrayRef<int64_t>(table.indices), b.getI64Type()),
        lowering.constant(ArrayRef<float>(table.weights), b.getF32Type()),
        target};
    StepInfo info;
    int64_t itemSize = lowering.itemSize();
    info.extent = lowering.target.hasBlocks()
                      ? llvm::divideCeil(outer * output * inner, itemSize)
                      : outer * output;
    info.grain = std::max<int64_t>(1, 1024 / std::max<int64_t>(inner, 1));
    info.reason = "weighted sums along dimension " + std::to_string(axis);
    lowering.valueId = isLast ? valueId : -1;
    std::string key = std::to_string(input) + "to" + std::to_string(output) +
                      "x" + std::to_string(inner);
    lowering.step(op, "resample", key, "taps", args, info,
                  [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value,
                      Val begin, Val end) {
                    emitAxis(kb, buffers, begin, end, input, output, inner,
                             outer, itemSize);
                  });
    source = target;
  }
}
