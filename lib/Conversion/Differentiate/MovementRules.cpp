//===- MovementRules.cpp - Gradients of pools and of moved elements -------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Rules.h"
#include "lib/Conversion/Kernels/Resample.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::differentiate;

/// The elements come back in the operand's shape.
template <typename Op>
static void reshapeBack(Op op, GradientBuilder &g) {
  Value operand = op->getOperand(0);
  g.add(operand,
        g.make<onnx::ReshapeOp>(g.floatLike(operand),
                                g.gradOf(op->getResult(0)), StringAttr()));
}

static void differentiateTranspose(onnx::TransposeOp op, GradientBuilder &g) {
  SmallVector<int64_t> inverse(op.getPerm().size());
  for (auto [i, axis] : llvm::enumerate(op.getPerm()))
    inverse[axis] = i;
  Value operand = op->getOperand(0);
  g.add(operand, g.make<onnx::TransposeOp>(
                     g.floatLike(operand), g.gradOf(op.getResult()),
                     g.b.getDenseI64ArrayAttr(inverse), StringAttr()));
}

/// Each input gets its part.
static void differentiateConcat(onnx::ConcatOp op, GradientBuilder &g) {
  const int64_t rank = onnx::shapeOf(op.getResult()).size();
  const int64_t axis = (int64_t(op.getAxis()) + rank) % rank;
  int64_t begin = 0;
  for (Value input : op.getInputs()) {
    const int64_t end = begin + onnx::shapeOf(input)[axis];
    if (g.isNeeded(input))
      g.add(input,
            g.make<onnx::SliceOp>(g.floatLike(input), g.gradOf(op.getResult()),
                                  g.b.getDenseI64ArrayAttr(begin),
                                  g.b.getDenseI64ArrayAttr(end),
                                  g.b.getDenseI64ArrayAttr(axis),
                                  g.b.getDenseI64ArrayAttr(1), StringAttr()));
    begin = end;
  }
}

/// What a constant border was added to loses its share of the border again.
static LogicalResult differentiatePad(onnx::PadOp op, GradientBuilder &g) {
  if (op.getMode() != "constant")
    return op.emitError("differentiate: expected a constant border, got mode '")
           << op.getMode() << "'";
  SmallVector<int64_t> pads;
  for (int64_t pad : op.getPads())
    pads.push_back(-pad);
  Value operand = op.getData();
  g.add(operand,
        g.make<onnx::PadOp>(g.floatLike(operand), g.gradOf(op.getResult()),
                            g.b.getDenseI64ArrayAttr(pads), op.getModeAttr(),
                            /*constant_value=*/Attribute(), StringAttr()));
  return success();
}

template <typename Op>
static LogicalResult checkImages(Op op) {
  Value input = op->getOperand(0);
  if (onnx::shapeOf(input).size() == 4)
    return success();
  return op.emitError("differentiate: expected a pool of images, got ")
         << input.getType();
}

static LogicalResult differentiateMaxPool(onnx::MaxPoolOp op,
                                          GradientBuilder &g) {
  if (failed(checkImages(op)))
    return failure();
  g.add(op.getX(),
        g.make<MaxPoolGradOp>(
            g.floatLike(op.getX()), g.read(op.getX()), g.gradOf(op.getResult()),
            op.getDilationsAttr(), op.getKernelShapeAttr(), op.getPadsAttr(),
            op.getStridesAttr(), op.getCeilModeAttr(), StringAttr()));
  return success();
}

static LogicalResult differentiateAveragePool(onnx::AveragePoolOp op,
                                              GradientBuilder &g) {
  if (failed(checkImages(op)))
    return failure();
  g.add(op.getX(),
        g.make<AveragePoolGradOp>(
            g.floatLike(op.getX()), g.gradOf(op.getResult()),
            op.getDilationsAttr(), op.getKernelShapeAttr(), op.getPadsAttr(),
            op.getStridesAttr(), op.getCeilModeAttr(),
            op.getCountIncludePadAttr(), StringAttr()));
  return success();
}

static void differentiateGlobalAveragePool(onnx::GlobalAveragePoolOp op,
                                           GradientBuilder &g) {
  Value grad = g.gradOf(op.getResult());
  ArrayRef<int64_t> shape = onnx::shapeOf(op.getX());
  const int64_t count = llvm::product_of(shape.drop_front(2));
  Value share =
      g.make<onnx::DivOp>(grad.getType(), grad,
                          g.constant(static_cast<float>(count)), StringAttr());
  g.add(op.getX(),
        g.make<onnx::ExpandOp>(g.floatLike(op.getX()), share, StringAttr()));
}

/// Nearest resampling of rows and columns.
static LogicalResult differentiateResize(Operation *op, GradientBuilder &g) {
  FailureOr<kernels::Resampling> plan = kernels::describeResampling(op);
  Value input = op->getOperand(0);
  ArrayRef<int64_t> shape = onnx::shapeOf(input);
  bool isKnown = succeeded(plan) && plan->isNearest && shape.size() == 4 &&
                 plan->tables[0].isIdentity(shape[0]) &&
                 plan->tables[1].isIdentity(shape[1]) &&
                 llvm::all_of(plan->tables, [](const ::shift::ResizeTable &t) {
                   return !llvm::is_contained(t.isOutside, 1);
                 });
  if (!isKnown)
    return op->emitError("differentiate: expected nearest resampling of rows "
                         "and columns");
  g.add(input,
        g.make<ResizeNearestGradOp>(
            g.floatLike(input), g.gradOf(op->getResult(0)),
            g.b.getDenseI64ArrayAttr(plan->tables[2].indices),
            g.b.getDenseI64ArrayAttr(plan->tables[3].indices), StringAttr()));
  return success();
}

void mlir::shift::differentiate::addMovementRules(RuleTable &table) {
  addRule<onnx::ReshapeOp>(table, reshapeBack<onnx::ReshapeOp>);
  addRule<onnx::FlattenOp>(table, reshapeBack<onnx::FlattenOp>);
  addRule<onnx::SqueezeOp>(table, reshapeBack<onnx::SqueezeOp>);
  addRule<onnx::UnsqueezeOp>(table, reshapeBack<onnx::UnsqueezeOp>);
  addRule<onnx::TransposeOp>(table, differentiateTranspose);
  addRule<onnx::ConcatOp>(table, differentiateConcat);
  addRule<onnx::PadOp>(table, differentiatePad);
  addRule<onnx::MaxPoolOp>(table, differentiateMaxPool);
  addRule<onnx::AveragePoolOp>(table, differentiateAveragePool);
  addRule<onnx::GlobalAveragePoolOp>(table, differentiateGlobalAveragePool);
  addRule<onnx::ResizeOp>(table, [](onnx::ResizeOp op, GradientBuilder &g) {
    return differentiateResize(op, g);
  });
  addRule<onnx::UpsampleOp>(table, [](onnx::UpsampleOp op, GradientBuilder &g) {
    return differentiateResize(op, g);
  });
}
