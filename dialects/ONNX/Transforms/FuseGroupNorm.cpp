//===- FuseGroupNorm.cpp - GroupNormalization from its exported form ------===//
// SPDX-License-Identifier: Apache-2.0
// Exporters write group norm as Reshape to N x G x -1, InstanceNormalization
// with unit scale, Reshape back, then Mul and Add by a value a channel.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXConstants.h"
#include "dialects/ONNX/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::onnx {
#define GEN_PASS_DEF_FUSEGROUPNORMPASS
#include "dialects/ONNX/Transforms/Passes.h.inc"
} // namespace mlir::onnx

using namespace mlir;
using namespace mlir::onnx;

namespace {

bool isAll(Value value, float expected) {
  auto values = getFloats(value);
  return values &&
         llvm::all_of(*values, [&](float v) { return v == expected; });
}

/// Reshape, InstanceNormalization, Reshape becomes GroupNormalization with unit
/// scale and zero bias.
struct FuseReshapes : OpRewritePattern<ReshapeOp> {
  FuseReshapes(MLIRContext *context,
               std::shared_ptr<DerivedConstants> constants)
      : OpRewritePattern(context), constants(std::move(constants)) {}

  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto norm = op.getData().getDefiningOp<InstanceNormalizationOp>();
    auto first = norm ? norm.getX().getDefiningOp<ReshapeOp>() : ReshapeOp();
    if (!first || first.getData().getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "no norm between two reshapes");
    auto type = cast<RankedTensorType>(op.getType());
    auto grouped = cast<RankedTensorType>(norm.getX().getType());
    if (type.getRank() < 2 || grouped.getRank() < 3 ||
        type.getDimSize(0) != grouped.getDimSize(0) ||
        type.getDimSize(1) % grouped.getDimSize(1) != 0)
      return rewriter.notifyMatchFailure(op, "channels do not split in groups");
    if (!isAll(norm.getScale(), 1) || !isAll(norm.getB(), 0))
      return rewriter.notifyMatchFailure(op, "scale and bias are per group");
    int64_t channels = type.getDimSize(1);
    auto all = [&](float value) -> Value {
      return constants->get(
          rewriter, norm.getLoc(), {channels}, Value(), {}, {value},
          [&] { return std::vector<float>(channels, value); });
    };
    Value scale = all(1), bias = all(0);
    rewriter.replaceOpWithNewOp<GroupNormalizationOp>(
        op, type, first.getData(), scale, bias, norm.getEpsilonAttr(),
        rewriter.getI64IntegerAttr(grouped.getDimSize(1)),
        norm.getNodeNameAttr());
    return success();
  }

  std::shared_ptr<DerivedConstants> constants;
};

/// The values of a constant of shape [C, 1, ...] or [1, C, 1, ...].
std::optional<std::vector<float>> getPerChannel(Value value, Type result) {
  auto values = getFloats(value);
  auto type = cast<RankedTensorType>(result);
  auto shape = cast<RankedTensorType>(value.getType()).getShape();
  int64_t fromEnd = type.getRank() - 1;
  if (!values || int64_t(values->size()) != type.getDimSize(1) ||
      int64_t(shape.size()) < fromEnd ||
      shape[shape.size() - fromEnd] != type.getDimSize(1))
    return std::nullopt;
  return values;
}

/// A Mul into the unit scale, or an Add into the zero bias, of a group norm
/// that only it uses.
template <typename OpTy>
struct FuseAffine : OpRewritePattern<OpTy> {
  FuseAffine(MLIRContext *context, std::shared_ptr<DerivedConstants> constants)
      : OpRewritePattern<OpTy>(context), constants(std::move(constants)) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    constexpr bool isScale = std::is_same_v<OpTy, MulOp>;
    for (bool swap : {false, true}) {
      Value input = swap ? op.getB() : op.getA();
      Value other = swap ? op.getA() : op.getB();
      auto norm = input.getDefiningOp<GroupNormalizationOp>();
      if (!norm || !input.hasOneUse() || input.getType() != op.getType() ||
          !isAll(norm.getBias(), 0) || (isScale && !isAll(norm.getScale(), 1)))
        continue;
      auto values = getPerChannel(other, op.getType());
      if (!values)
        continue;
      Value parameter =
          constants->get(rewriter, op.getLoc(), {int64_t(values->size())},
                         other, {}, {}, [&] { return *values; });
      rewriter.replaceOpWithNewOp<GroupNormalizationOp>(
          op, norm.getType(), norm.getX(),
          isScale ? parameter : norm.getScale(),
          isScale ? norm.getBias() : parameter, norm.getEpsilonAttr(),
          norm.getNumGroupsAttr(), norm.getNodeNameAttr());
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no group norm that it completes");
  }

  std::shared_ptr<DerivedConstants> constants;
};

struct FuseGroupNormPass
    : onnx::impl::FuseGroupNormPassBase<FuseGroupNormPass> {
  using Base::Base;
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseGroupNormPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

void mlir::onnx::populateFuseGroupNormPatterns(RewritePatternSet &patterns) {
  auto constants = std::make_shared<DerivedConstants>();
  patterns.add<FuseReshapes, FuseAffine<MulOp>, FuseAffine<AddOp>>(
      patterns.getContext(), constants);
}
