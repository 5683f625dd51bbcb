//===- FoldBatchNorm.cpp - Batch norm into the convolution before it ------===//
// SPDX-License-Identifier: Apache-2.0
// With y = conv(x, W) + B, a batch norm gives
//   (y - mean) * k + beta = conv(x, k * W) + (B - mean) * k + beta
// for each output channel, k = scale / sqrt(var + epsilon). The identity holds
// for every k: a negative one flips the channel's weights, and a zero one makes
// them zero, which leaves beta. A frozen batch norm is the case mean = 0 with
// k or beta alone (Mul, Add). The convolution must have no other user, since
// that one would see changed values.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXConstants.h"
#include "dialects/ONNX/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <cmath>

namespace mlir::onnx {
#define GEN_PASS_DEF_FOLDBATCHNORMPASS
#include "dialects/ONNX/Transforms/Passes.h.inc"
} // namespace mlir::onnx

using namespace mlir;
using namespace mlir::onnx;

namespace {

using Channels = std::vector<double>;

/// Output channels of a convolution's weights: Conv has them first,
/// ConvTranspose second (times the groups), Gemm where transB says.
struct WeightLayout {
  int64_t channels;
  /// Output channel of flat weight index i.
  std::function<int64_t(int64_t)> channelOf;
};

std::optional<WeightLayout> getLayout(Operation *op) {
  if (auto conv = dyn_cast<ConvOp>(op)) {
    auto type = cast<RankedTensorType>(conv.getW().getType());
    int64_t perChannel = type.getNumElements() / type.getDimSize(0);
    return WeightLayout{type.getDimSize(0),
                        [=](int64_t i) { return i / perChannel; }};
  }
  if (auto conv = dyn_cast<ConvTransposeOp>(op)) {
    auto type = cast<RankedTensorType>(conv.getW().getType());
    int64_t outputs = type.getDimSize(1), group = conv.getGroup();
    int64_t inputs = type.getDimSize(0) / group;
    int64_t kernel = type.getNumElements() / type.getDimSize(0) / outputs;
    return WeightLayout{outputs * group, [=](int64_t i) {
                          int64_t input = i / (kernel * outputs);
                          return input / inputs * outputs +
                                 i / kernel % outputs;
                        }};
  }
  if (auto gemm = dyn_cast<GemmOp>(op)) {
    // beta scales C alone, so folding would have to undo it.
    if (gemm.getBeta().convertToFloat() != 1)
      return std::nullopt;
    auto type = cast<RankedTensorType>(gemm.getB().getType());
    int64_t columns = type.getDimSize(1);
    if (gemm.getTransB())
      return WeightLayout{type.getDimSize(0),
                          [=](int64_t i) { return i / columns; }};
    return WeightLayout{columns, [=](int64_t i) { return i % columns; }};
  }
  return std::nullopt;
}

/// Replaces `norm`, the only user of the convolution that makes `input`, by a
/// convolution with weights W * scale and bias (B - mean) * scale + shift.
LogicalResult fold(PatternRewriter &rewriter, Operation *norm, Value input,
                   const Channels &scale, const Channels &mean,
                   const Channels &shift) {
  Operation *conv = input.getDefiningOp();
  if (!conv || !isa<ConvOp, ConvTransposeOp, GemmOp>(conv))
    return rewriter.notifyMatchFailure(norm, "input is not a convolution");
  if (!input.hasOneUse())
    return rewriter.notifyMatchFailure(norm, "convolution has other users");
  std::optional<WeightLayout> layout = getLayout(conv);
  Value weights = conv->getOperand(1);
  Value bias = conv->getNumOperands() > 2 ? conv->getOperand(2) : Value();
  std::optional<std::vector<float>> w = getFloats(weights), b;
  if (!layout || !w || layout->channels != int64_t(scale.size()))
    return rewriter.notifyMatchFailure(norm, "weights are not constant");
  if (bias)
    b = getFloats(bias);
  else
    b = std::vector<float>(layout->channels, 0.0f);
  if (!b || int64_t(b->size()) != layout->channels)
    return rewriter.notifyMatchFailure(norm, "bias is not constant");

  for (auto [i, value] : llvm::enumerate(*w))
    value = float(double(value) * scale[layout->channelOf(i)]);
  for (auto [c, value] : llvm::enumerate(*b))
    value = float((double(value) - mean[c]) * scale[c] + shift[c]);

  rewriter.setInsertionPoint(norm);
  Location loc = conv->getLoc();
  auto wType = cast<RankedTensorType>(weights.getType());
  StringAttr biasName = bias ? getConstantName(bias) : StringAttr();
  Value newWeights = makeConstant(rewriter, loc, wType.getShape(), *w,
                                  getConstantName(weights));
  Value newBias = makeConstant(rewriter, loc, {layout->channels}, *b, biasName);
  Operation *folded = rewriter.clone(*conv);
  folded->setOperands({conv->getOperand(0), newWeights, newBias});
  rewriter.replaceOp(norm, folded->getResults());
  return success();
}

struct FoldBatchNormalization : OpRewritePattern<BatchNormalizationOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BatchNormalizationOp op,
                                PatternRewriter &rewriter) const override {
    auto gamma = getFloats(op.getScale()), beta = getFloats(op.getB());
    auto mean = getFloats(op.getMean()), var = getFloats(op.getVar());
    if (!gamma || !beta || !mean || !var)
      return rewriter.notifyMatchFailure(op, "parameters are not constant");
    Channels scale;
    double epsilon = op.getEpsilon().convertToFloat();
    for (auto [g, v] : llvm::zip_equal(*gamma, *var))
      scale.push_back(double(g) / std::sqrt(double(v) + epsilon));
    return fold(rewriter, op, op.getX(), scale,
                Channels(mean->begin(), mean->end()),
                Channels(beta->begin(), beta->end()));
  }
};

/// The constant of a Mul or Add whose other operand is `input`, one element a
/// channel: shapes [], [1], [C, 1, 1], [1, C, 1, 1] (of `rank` dimensions).
std::optional<Channels> getPerChannel(Value constant, Type result) {
  auto values = getFloats(constant);
  if (!values)
    return std::nullopt;
  auto type = cast<RankedTensorType>(result);
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(constant.getType()).getShape();
  if (type.getRank() < 2 || int64_t(shape.size()) > type.getRank())
    return std::nullopt;
  int64_t channels = type.getDimSize(1);
  // The channel is dimension 1; counted from the end, as broadcasting does.
  int64_t fromEnd = type.getRank() - 1;
  for (auto [i, size] : llvm::enumerate(shape))
    if (size != 1 && int64_t(shape.size() - i) != fromEnd)
      return std::nullopt;
  if (int64_t(values->size()) == channels)
    return Channels(values->begin(), values->end());
  if (values->size() == 1)
    return Channels(channels, (*values)[0]);
  return std::nullopt;
}

template <typename OpTy>
struct FoldFrozen : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    for (bool swap : {false, true}) {
      Value input = swap ? op.getB() : op.getA();
      Value other = swap ? op.getA() : op.getB();
      if (input.getType() != op.getType())
        continue;
      std::optional<Channels> values = getPerChannel(other, op.getType());
      if (!values)
        continue;
      Channels ones(values->size(), 1.0), zeros(values->size(), 0.0);
      if constexpr (std::is_same_v<OpTy, MulOp>)
        return fold(rewriter, op, input, *values, zeros, zeros);
      else
        return fold(rewriter, op, input, ones, zeros, *values);
    }
    return rewriter.notifyMatchFailure(op, "no constant operand per channel");
  }
};

struct FoldBatchNormPass
    : onnx::impl::FoldBatchNormPassBase<FoldBatchNormPass> {
  using Base::Base;
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFoldBatchNormPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

void mlir::onnx::populateFoldBatchNormPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldBatchNormalization, FoldFrozen<MulOp>, FoldFrozen<AddOp>>(
      patterns.getContext());
}
