//===- FuseClamp.cpp - Relu and Clip into the layer before them -----------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::shift {
#define GEN_PASS_DEF_FUSECLAMPPASS
#include "dialects/Shift/Transforms/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;

namespace {

/// Moves the bounds of `op` to the layer that makes `input`.
LogicalResult fuse(PatternRewriter &rewriter, Operation *op, Value input,
                   FloatAttr min, FloatAttr max) {
  Operation *layer = input.getDefiningOp();
  if (!layer || !isa<Conv2DOp, LinearOp>(layer))
    return rewriter.notifyMatchFailure(op, "input is no shift layer");
  if (!input.hasOneUse())
    return rewriter.notifyMatchFailure(op, "layer has other users");
  if (layer->hasAttr("clamp_min") || layer->hasAttr("clamp_max"))
    return rewriter.notifyMatchFailure(op, "layer clamps already");
  bool isNaN =
      (min && min.getValue().isNaN()) || (max && max.getValue().isNaN());
  if (isNaN || (min && max && max.getValue() < min.getValue()))
    return rewriter.notifyMatchFailure(op, "bounds are no interval");
  rewriter.modifyOpInPlace(layer, [&] {
    if (min)
      layer->setAttr("clamp_min", min);
    if (max)
      layer->setAttr("clamp_max", max);
  });
  rewriter.replaceOp(op, input);
  return success();
}

struct FuseRelu : OpRewritePattern<onnx::ReluOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(onnx::ReluOp op,
                                PatternRewriter &rewriter) const override {
    return fuse(rewriter, op, op.getX(), rewriter.getF32FloatAttr(0),
                FloatAttr());
  }
};

struct FuseClip : OpRewritePattern<onnx::ClipOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(onnx::ClipOp op,
                                PatternRewriter &rewriter) const override {
    auto bound = [](std::optional<Attribute> attr) {
      return attr ? dyn_cast<FloatAttr>(*attr) : FloatAttr();
    };
    return fuse(rewriter, op, op.getX(), bound(op.getMin()),
                bound(op.getMax()));
  }
};

struct FuseClampPass : mlir::shift::impl::FuseClampPassBase<FuseClampPass> {
  using Base::Base;
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseClampPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

void mlir::shift::populateFuseClampPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseRelu, FuseClip>(patterns.getContext());
}
