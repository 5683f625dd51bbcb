//===- FoldBatchNorm.cpp - Batch norm into the convolution before it ------===//
// SPDX-License-Identifier: Apache-2.0
// With y = conv(x, W) + B, a batch norm gives
//   (y - mean) * k + beta = conv(x, k * W) + (B - mean) * k + beta
// for each output channel, k = scale / sqrt(var + epsilon). The identity holds
// for every finite k: a negative one (scale < 0) flips the channel's weights, a
// zero one makes them zero and leaves beta, a weight of zero stays zero. A
// frozen batch norm arrives as Mul, Add, Sub and Div by a value a channel. The
// whole chain behind a convolution is folded at once in float64, so that each
// weight and bias is rounded to float32 once. Precondition for each link: only
// the next one uses it, since other users would see changed values.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXConstants.h"
#include "dialects/ONNX/Transforms/Passes.h"
#include "mlir/IR/Remarks.h"
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

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// Where a layer's weights keep their output channels: flat index i belongs to
/// channel (i / (inner * outputs)) / inputs * outputs + i / inner % outputs.
struct WeightLayout {
  int64_t channels, inner, outputs, inputs;

  int64_t channelOf(int64_t i) const {
    return i / (inner * outputs) / inputs * outputs + i / inner % outputs;
  }
};

/// Conv has output channels first.
WeightLayout getLayout(ConvOp op) {
  int64_t channels = shapeOf(op.getW())[0];
  int64_t count = cast<ShapedType>(op.getW().getType()).getNumElements();
  return {channels, count / channels, channels, /*inputs=*/1};
}

/// ConvTranspose has them second, those of one group.
WeightLayout getLayout(ConvTransposeOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getW());
  int64_t group = op.getGroup(), outputs = shape[1];
  int64_t count = cast<ShapedType>(op.getW().getType()).getNumElements();
  return {outputs * group, count / shape[0] / outputs, outputs,
          shape[0] / group};
}

/// Gemm has them where transB says.
WeightLayout getLayout(GemmOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getB());
  if (op.getTransB())
    return {shape[0], shape[1], shape[0], /*inputs=*/1};
  return {shape[1], /*inner=*/1, shape[1], shape[0]};
}

/// Why an op cannot join the chain behind a layer, for remarks and tests.
using Refusal = const char *;

/// y * factors + offsets of the layer's result y, channel by channel, as far as
/// the chain has been followed; `bias` is what the layer's bias has become.
struct Affine {
  Channels factors, bias;

  /// Applies (y - mean) * k + beta.
  Refusal apply(const Channels &mean, const Channels &k, const Channels &beta) {
    for (double value : k)
      if (!std::isfinite(value))
        return "the scale of a channel is not finite";
    for (size_t c = 0; c < factors.size(); ++c) {
      factors[c] *= k[c];
      bias[c] = (bias[c] - mean[c]) * k[c] + beta[c];
    }
    return nullptr;
  }
};

Refusal applyBatchNorm(BatchNormalizationOp op, Affine &affine) {
  auto gamma = getFloats(op.getScale()), beta = getFloats(op.getB());
  auto mean = getFloats(op.getMean()), var = getFloats(op.getVar());
  if (!gamma || !beta || !mean || !var)
    return "the parameters are not constant";
  if (gamma->size() != affine.factors.size())
    return "the channels are not the layer's";
  Channels k;
  double epsilon = op.getEpsilon().convertToFloat();
  for (auto [g, v] : llvm::zip_equal(*gamma, *var))
    k.push_back(double(g) / std::sqrt(double(v) + epsilon));
  return affine.apply(Channels(mean->begin(), mean->end()), k,
                      Channels(beta->begin(), beta->end()));
}

/// The elements of a constant with one value a channel: of shape [C, 1, ...] or
/// [1, C, 1, ...] as it broadcasts to `result`. A single value for all channels
/// is no batch norm: FCOS multiplies the shared box branch by one a level, and
/// folding these would unshare its weights.
std::optional<Channels> getPerChannel(Value constant, Value result) {
  auto values = getFloats(constant);
  ArrayRef<int64_t> shape = shapeOf(constant), to = shapeOf(result);
  // Dimension 1 of the result, counted from the end as broadcasting does.
  size_t fromEnd = to.size() - 1;
  if (!values || to.size() < 2 || shape.size() < fromEnd ||
      shape.size() > to.size() || shape[shape.size() - fromEnd] != to[1] ||
      int64_t(values->size()) != to[1])
    return std::nullopt;
  return Channels(values->begin(), values->end());
}

/// Mul, Add, Sub and Div of `input` by a constant a channel.
Refusal applyElementwise(Operation *op, Value input, Affine &affine) {
  bool isLeft = op->getOperand(0) == input;
  Value result = op->getResult(0);
  if (input.getType() != result.getType() || (isa<SubOp, DivOp>(op) && !isLeft))
    return "the layer's result is not the left operand";
  auto values = getPerChannel(op->getOperand(isLeft), result);
  if (!values || values->size() != affine.factors.size())
    return "the other operand is not a constant with one value a channel";
  Channels ones(values->size(), 1.0), zeros(values->size(), 0.0);
  if (isa<AddOp>(op))
    return affine.apply(zeros, ones, *values);
  if (isa<SubOp>(op))
    return affine.apply(*values, ones, zeros);
  if (isa<DivOp>(op))
    for (double &value : *values)
      value = 1.0 / value;
  return affine.apply(zeros, *values, zeros);
}

Refusal applyLink(Operation *op, Value input, Affine &affine) {
  if (auto norm = dyn_cast<BatchNormalizationOp>(op))
    return norm.getX() == input ? applyBatchNorm(norm, affine)
                                : "the layer's result is a parameter";
  if (isa<MulOp, AddOp, SubOp, DivOp>(op))
    return applyElementwise(op, input, affine);
  return "not affine in each channel";
}

/// The layer's bias as float64, zero without one.
std::optional<Channels> readBias(Value bias, int64_t channels) {
  if (!bias)
    return Channels(channels, 0.0);
  auto values = getFloats(bias);
  ArrayRef<int64_t> shape = shapeOf(bias);
  if (!values || int64_t(values->size()) != channels || shape.empty() ||
      shape.back() != channels)
    return std::nullopt;
  return Channels(values->begin(), values->end());
}

Refusal checkLayer(Operation *op) {
  auto gemm = dyn_cast<GemmOp>(op);
  // beta scales C alone, so folding would have to undo it.
  if (gemm && gemm.getC() && gemm.getBeta().convertToFloat() != 1)
    return "the layer scales its bias";
  auto weights = op->getOperand(1).getDefiningOp<ConstantOp>();
  if (!weights || !weights.getValue().getElementType().isF32())
    return "the layer's weights are not float32 constants";
  if (weights.getValue().getNumElements() == 0)
    return "the layer has no weights";
  return nullptr;
}

/// Folds the chain of affine ops behind a layer into its weights and bias.
template <typename LayerOp>
struct FoldAffineChain : OpRewritePattern<LayerOp> {
  FoldAffineChain(MLIRContext *context,
                  std::shared_ptr<DerivedConstants> constants)
      : OpRewritePattern<LayerOp>(context), constants(std::move(constants)) {}

  LogicalResult matchAndRewrite(LayerOp op,
                                PatternRewriter &rewriter) const override {
    if (Refusal refusal = checkLayer(op))
      return rewriter.notifyMatchFailure(op, refusal);
    WeightLayout layout = getLayout(op);
    Value oldBias = op->getNumOperands() > 2 ? op->getOperand(2) : Value();
    std::optional<Channels> bias = readBias(oldBias, layout.channels);
    if (!bias)
      return rewriter.notifyMatchFailure(op, "bias is not a constant row");
    Affine affine{Channels(layout.channels, 1.0), *bias};
    Value last = op.getResult();
    Refusal refusal = "layer has other users";
    while (last.hasOneUse()) {
      Operation *next = *last.getUsers().begin();
      Affine before = affine;
      refusal = applyLink(next, last, affine);
      if (refusal) {
        affine = std::move(before);
        break;
      }
      last = next->getResult(0);
    }
    if (last == op.getResult())
      return rewriter.notifyMatchFailure(op, refusal);
    rewrite(rewriter, op, last, layout, affine);
    return success();
  }

private:
  void rewrite(PatternRewriter &rewriter, LayerOp op, Value last,
               const WeightLayout &layout, const Affine &affine) const {
    Value weights = op->getOperand(1);
    Value bias = op->getNumOperands() > 2 ? op->getOperand(2) : Value();
    rewriter.setInsertionPoint(last.getDefiningOp());
    Value newWeights = constants->get(
        rewriter, weights.getLoc(), shapeOf(weights), weights, affine.factors,
        {double(layout.inner), double(layout.outputs), double(layout.inputs)},
        [&] {
          std::vector<float> values = *getFloats(weights);
          for (auto [i, value] : llvm::enumerate(values))
            value = float(double(value) * affine.factors[layout.channelOf(i)]);
          return values;
        });
    Value newBias = constants->get(
        rewriter, op.getLoc(), {layout.channels}, bias, affine.factors,
        affine.bias, [&] {
          return std::vector<float>(affine.bias.begin(), affine.bias.end());
        });
    Operation *folded = rewriter.clone(*op);
    folded->setOperands({op->getOperand(0), newWeights, newBias});
    // A bias that was not there was not scaled either.
    if (auto gemm = dyn_cast<GemmOp>(folded))
      gemm.setBetaAttr(rewriter.getF32FloatAttr(1.0f));
    rewriter.replaceOp(last.getDefiningOp(), folded->getResults());
  }

  std::shared_ptr<DerivedConstants> constants;
};

/// Says why a batch norm is left, which costs a pass over the tensor at run
/// time.
void remarkLeftOver(BatchNormalizationOp op) {
  Operation *layer = op.getX().getDefiningOp();
  Refusal refusal;
  if (!layer || !isa<ConvOp, ConvTransposeOp, GemmOp>(layer)) {
    refusal = "its input is not a convolution";
  } else if (!op.getX().hasOneUse()) {
    refusal = "the convolution has other users";
  } else if (!(refusal = checkLayer(layer))) {
    int64_t channels = shapeOf(op.getX())[1];
    Affine affine{Channels(channels, 1.0), Channels(channels, 0.0)};
    refusal = applyBatchNorm(op, affine);
  }
  remark::missed(op.getLoc(),
                 remark::RemarkOpts::name("Kept").category("fold-batch-norm"))
      << "BatchNormalization stays: "
      << (refusal ? refusal : "the convolution's bias is not constant");
}

struct FoldBatchNormPass
    : onnx::impl::FoldBatchNormPassBase<FoldBatchNormPass> {
  using Base::Base;
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFoldBatchNormPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    getOperation().walk(remarkLeftOver);
  }
};

} // namespace

void mlir::onnx::populateFoldBatchNormPatterns(RewritePatternSet &patterns) {
  auto constants = std::make_shared<DerivedConstants>();
  patterns.add<FoldAffineChain<ConvOp>, FoldAffineChain<ConvTransposeOp>,
               FoldAffineChain<GemmOp>>(patterns.getContext(), constants);
}
