//===- FixedPointRules.cpp - Gradients of steps of fixed point ------------===//
// SPDX-License-Identifier: Apache-2.0
// A gradient is that of the numbers, whatever their fractions; what rounds
// passes it inside its interval (straight-through).
//===----------------------------------------------------------------------===//
#include "Rules.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::differentiate;

static DenseI64ArrayAttr indices(ArrayRef<int64_t> values, GradientBuilder &g) {
  return g.b.getDenseI64ArrayAttr(values);
}

static void differentiateConcat(ConcatOp op, GradientBuilder &g) {
  int64_t begin = 0;
  for (Value input : op.getInputs()) {
    const int64_t axis = op.getAxis();
    const int64_t end = begin + onnx::shapeOf(input)[axis];
    if (g.isNeeded(input))
      g.add(input, g.make<onnx::SliceOp>(
                       g.floatLike(input), g.gradOf(op.getResult()),
                       indices(begin, g), indices(end, g), indices(axis, g),
                       indices(1, g), StringAttr()));
    begin = end;
  }
}

static void differentiatePad(PadOp op, GradientBuilder &g) {
  SmallVector<int64_t> pads;
  for (int64_t pad : op.getPads())
    pads.push_back(-pad);
  Value input = op.getInput();
  g.add(input,
        g.make<onnx::PadOp>(g.floatLike(input), g.gradOf(op.getResult()),
                            indices(pads, g), g.b.getStringAttr("constant"),
                            /*constant_value=*/Attribute(), StringAttr()));
}

static void differentiateTranspose(TransposeOp op, GradientBuilder &g) {
  SmallVector<int64_t> inverse(op.getPerm().size());
  for (auto [i, axis] : llvm::enumerate(op.getPerm()))
    inverse[axis] = i;
  Value input = op.getInput();
  g.add(input,
        g.make<onnx::TransposeOp>(g.floatLike(input), g.gradOf(op.getResult()),
                                  indices(inverse, g), StringAttr()));
}

void mlir::shift::differentiate::addFixedPointRules(RuleTable &table) {
  addRule<QuantizeOp>(table, [](QuantizeOp op, GradientBuilder &g) {
    g.add(op.getInput(), g.passRounding(op));
  });
  addRule<DequantizeOp>(table, [](DequantizeOp op, GradientBuilder &g) {
    g.add(op.getInput(), g.gradOf(op.getResult()));
  });
  addRule<RequantizeOp>(table, [](RequantizeOp op, GradientBuilder &g) {
    g.add(op.getInput(), g.passRounding(op));
  });
  addRule<AddOp>(table, [](AddOp op, GradientBuilder &g) {
    Value grad = g.passRounding(op);
    g.add(op.getLhs(), grad);
    g.add(op.getRhs(), grad);
  });
  addRule<ConcatOp>(table, differentiateConcat);
  addRule<PadOp>(table, differentiatePad);
  addRule<TransposeOp>(table, differentiateTranspose);
  addRule<ReshapeOp>(table, [](ReshapeOp op, GradientBuilder &g) {
    Value input = op.getInput();
    g.add(input,
          g.make<onnx::ReshapeOp>(g.floatLike(input), g.gradOf(op.getResult()),
                                  StringAttr()));
  });
  addRule<MaxPoolOp>(table, [](MaxPoolOp op, GradientBuilder &g) {
    Value input = op.getInput();
    g.add(input,
          g.make<MaxPoolGradOp>(
              g.floatLike(input), g.read(input), g.gradOf(op.getResult()),
              op.getDilationsAttr(), op.getKernelAttr(), op.getPadsAttr(),
              op.getStridesAttr(), op.getCeilModeAttr(), StringAttr()));
  });
  addRule<AveragePoolOp>(table, [](AveragePoolOp op, GradientBuilder &g) {
    Value input = op.getInput();
    g.add(input,
          g.make<AveragePoolGradOp>(
              g.floatLike(input), g.gradOf(op.getResult()),
              op.getDilationsAttr(), op.getKernelAttr(), op.getPadsAttr(),
              op.getStridesAttr(), op.getCeilModeAttr(),
              op.getCountIncludePadAttr(), StringAttr()));
  });
  addRule<ResizeNearestOp>(table, [](ResizeNearestOp op, GradientBuilder &g) {
    Value input = op.getInput();
    g.add(input, g.make<ResizeNearestGradOp>(
                     g.floatLike(input), g.gradOf(op.getResult()),
                     op.getRowsAttr(), op.getColumnsAttr(), StringAttr()));
  });
}
