//===- QuantizeShift.cpp - Weights to powers of two -----------------------===//
// SPDX-License-Identifier: Apache-2.0
// The pass behind --quantize-shift. It first brings the graph into the form in
// which weights are final (constants folded, batch norm inside convolutions),
// because rounding comes after folding.
//===----------------------------------------------------------------------===//
#include "LayerRounding.h"
#include "dialects/ONNX/IR/ONNXConstants.h"
#include "dialects/ONNX/Transforms/Passes.h"
#include "dialects/Shift/Transforms/Passes.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "shift/Conversion/ONNXToShift/Passes.h"
#include "shift/Reference/Passes.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/xxhash.h"

namespace mlir::shift {
#define GEN_PASS_DEF_QUANTIZESHIFTPASS
#include "shift/Conversion/ONNXToShift/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;

namespace {

/// "lo:hi" with optional signs.
std::optional<::shift::ExponentRange> parseRange(StringRef text) {
  auto [lo, hi] = text.split(':');
  ::shift::ExponentRange range;
  if (lo.trim().getAsInteger(10, range.lo) ||
      hi.trim().getAsInteger(10, range.hi))
    return std::nullopt;
  return range;
}

/// Replaces one float layer at a time.
class LayerConverter {
public:
  LayerConverter(LayerRounding &rounding) : rounding(rounding) {}

  /// Converts `op` if it is a layer with constant weights; fails only with an
  /// error.
  LogicalResult convert(Operation *op) {
    if (!getElementTypeOrSelf(op->getResult(0).getType()).isF32())
      return skip(op, "it does not compute in float32");
    if (auto conv = dyn_cast<onnx::ConvOp>(op))
      return convertConv(conv);
    if (auto gemm = dyn_cast<onnx::GemmOp>(op))
      return convertGemm(gemm);
    if (auto matmul = dyn_cast<onnx::MatMulOp>(op))
      return convertMatMul(matmul);
    if (isa<onnx::ConvTransposeOp>(op))
      return skip(op, "transposed convolutions are not converted");
    return success();
  }

private:
  LogicalResult skip(Operation *op, StringRef reason) {
    remark::missed(op->getLoc(),
                   remark::RemarkOpts::name("Kept").category("shift-quantize"))
        << op->getName().getStringRef() << " stays float: " << reason;
    return success();
  }

  static ArrayRef<int64_t> shapeOf(Value value) {
    return cast<RankedTensorType>(value.getType()).getShape();
  }

  /// A bias that is no number would become one silently.
  LogicalResult checkBias(Operation *op, Value bias) {
    std::optional<std::vector<float>> values = onnx::getFloats(bias);
    int64_t bad =
        values ? ::shift::findNonFinite(values->data(), values->size()) : -1;
    if (bad < 0)
      return success();
    StringAttr name = onnx::getConstantName(bias);
    return op->emitError("initializer '")
           << (name ? name.getValue() : "bias") << "': expected finite values, "
           << "got " << std::to_string((*values)[bad]) << " at index " << bad;
  }

  LogicalResult convertConv(onnx::ConvOp op);
  LogicalResult convertGemm(onnx::GemmOp op);
  LogicalResult convertMatMul(onnx::MatMulOp op);

  LayerRounding &rounding;
};

/// A 1-D convolution is a 2-D one on an image of height 1.
LogicalResult LayerConverter::convertConv(onnx::ConvOp op) {
  auto constant = op.getW().getDefiningOp<onnx::ConstantOp>();
  if (!constant)
    return skip(op, "its weights are not constant");
  int64_t rank = shapeOf(op.getX()).size();
  if (rank != 3 && rank != 4)
    return skip(op, "only 1-D and 2-D convolutions are converted");
  bool is1D = rank == 3;
  SmallVector<int64_t> shape(shapeOf(op.getW()));
  SmallVector<int64_t> strides(op.getStrides()), dilations(op.getDilations());
  SmallVector<int64_t> pads(op.getPads());
  SmallVector<int64_t> result(shapeOf(op.getResult()));
  SmallVector<int64_t> input(shapeOf(op.getX()));
  if (is1D) {
    shape.insert(shape.begin() + 2, 1);
    strides.insert(strides.begin(), 1);
    dilations.insert(dilations.begin(), 1);
    pads = {0, pads[0], 0, pads[1]};
    result.insert(result.begin() + 2, 1);
    input.insert(input.begin() + 2, 1);
  }
  if (failed(checkBias(op, op.getB())))
    return failure();
  OpBuilder builder(op);
  FailureOr<WeightOp> weights =
      rounding.round(builder, op, constant, shape, /*transposed=*/false, 1);
  if (failed(weights))
    return failure();
  Type element = builder.getF32Type();
  Value x = op.getX();
  if (is1D)
    x = onnx::ReshapeOp::create(builder, op.getLoc(),
                                RankedTensorType::get(input, element), x,
                                op.getNodeNameAttr());
  auto conv = Conv2DOp::create(
      builder, op.getLoc(), RankedTensorType::get(result, element),
      /*inside=*/Type(), x, *weights, op.getB(),
      builder.getDenseI64ArrayAttr(dilations), op.getGroupAttr(),
      builder.getDenseI64ArrayAttr(pads), builder.getDenseI64ArrayAttr(strides),
      FloatAttr(), FloatAttr(), op.getNodeNameAttr());
  Value y = conv.getResult();
  if (is1D)
    y = onnx::ReshapeOp::create(builder, op.getLoc(), op.getType(), y,
                                op.getNodeNameAttr());
  op.replaceAllUsesWith(y);
  op.erase();
  return success();
}

/// alpha scales the weights in float32 before rounding, beta the bias. C may
/// broadcast; anything but a row vector would be no bias.
LogicalResult LayerConverter::convertGemm(onnx::GemmOp op) {
  auto constant = op.getB().getDefiningOp<onnx::ConstantOp>();
  if (!constant)
    return skip(op, "its weights are not constant");
  if (op.getTransA())
    return skip(op, "its input is transposed");
  bool transposed = !op.getTransB();
  ArrayRef<int64_t> stored = shapeOf(op.getB());
  SmallVector<int64_t> shape{stored[transposed], stored[!transposed]};
  OpBuilder builder(op);
  Value bias;
  if (failed(checkBias(op, op.getC())))
    return failure();
  if (op.getC()) {
    std::optional<std::vector<float>> values = onnx::getFloats(op.getC());
    ArrayRef<int64_t> c = shapeOf(op.getC());
    bool isRow = llvm::all_of(c.drop_back(!c.empty()),
                              [](int64_t size) { return size == 1; });
    if (!values || !isRow)
      return skip(op, "its C is no constant row");
    if (values->size() == 1)
      values->resize(shape[0], values->front());
    for (float &value : *values)
      value *= op.getBeta().convertToFloat();
    bias = onnx::makeConstant(builder, op.getLoc(), {shape[0]}, *values,
                              onnx::getConstantName(op.getC()));
  }
  FailureOr<WeightOp> weights = rounding.round(
      builder, op, constant, shape, transposed, op.getAlpha().convertToFloat());
  if (failed(weights))
    return failure();
  auto linear = LinearOp::create(
      builder, op.getLoc(), op.getType(), /*inside=*/Type(), op.getA(),
      *weights, bias, FloatAttr(), FloatAttr(), op.getNodeNameAttr());
  op.replaceAllUsesWith(linear.getResult());
  op.erase();
  return success();
}

/// x * W with a constant matrix on the right; an Add of a constant row behind
/// it is its bias.
LogicalResult LayerConverter::convertMatMul(onnx::MatMulOp op) {
  auto constant = op.getB().getDefiningOp<onnx::ConstantOp>();
  if (!constant || shapeOf(op.getB()).size() != 2)
    return skip(op, "its right side is no constant matrix");
  ArrayRef<int64_t> stored = shapeOf(op.getB());
  SmallVector<int64_t> shape{stored[1], stored[0]};
  OpBuilder builder(op);
  FailureOr<WeightOp> weights =
      rounding.round(builder, op, constant, shape, /*transposed=*/true, 1);
  if (failed(weights))
    return failure();
  Operation *last = op;
  Value bias;
  if (op->hasOneUse())
    if (auto add = dyn_cast<onnx::AddOp>(*op->getUsers().begin())) {
      Value other = add.getA() == op.getResult() ? add.getB() : add.getA();
      std::optional<std::vector<float>> values = onnx::getFloats(other);
      bool fits = values && add.getType() == op.getType() &&
                  int64_t(values->size()) == shape[0] &&
                  !shapeOf(other).empty() && shapeOf(other).back() == shape[0];
      if (fits && failed(checkBias(op, other)))
        return failure();
      if (fits) {
        bias = onnx::makeConstant(builder, add.getLoc(), {shape[0]}, *values,
                                  onnx::getConstantName(other));
        last = add;
      }
    }
  builder.setInsertionPoint(last);
  auto linear = LinearOp::create(
      builder, op.getLoc(), op.getType(), /*inside=*/Type(), op.getA(),
      *weights, bias, FloatAttr(), FloatAttr(), op.getNodeNameAttr());
  last->getResult(0).replaceAllUsesWith(linear.getResult());
  if (last != op)
    last->erase();
  op.erase();
  return success();
}

/// A glob over node names.
struct NamePattern {
  std::string text;
  llvm::GlobPattern glob;
  bool isUsed;
};

struct QuantizeShiftPass
    : mlir::shift::impl::QuantizeShiftPassBase<QuantizeShiftPass> {
  using Base::Base;

  /// `-10:5` alone stands for `range=-10:5`.
  LogicalResult initializeOptions(
      StringRef options,
      function_ref<LogicalResult(const Twine &)> errorHandler) override {
    StringRef first = options.take_until([](char c) { return c == ' '; });
    if (!first.empty() && !first.contains('='))
      return Base::initializeOptions(("range=" + options).str(), errorHandler);
    return Base::initializeOptions(options, errorHandler);
  }

  void runOnOperation() override {
    ::shift::PowerOfTwoOptions options;
    SmallVector<NamePattern> included, excluded;
    if (failed(readOptions(options)) || failed(compile(include, included)) ||
        failed(compile(exclude, excluded)))
      return signalPassFailure();
    if (failed(prepare()))
      return signalPassFailure();

    LayerRounding rounding(options);
    LayerConverter converter(rounding);
    // Collected first: a conversion erases the Add behind its MatMul.
    SmallVector<Operation *> layers;
    getOperation().walk([&](Operation *op) {
      if (isa<onnx::ConvOp, onnx::ConvTransposeOp, onnx::GemmOp,
              onnx::MatMulOp>(op) &&
          isSelected(op, included, excluded))
        layers.push_back(op);
    });
    warnUnmatched(included);
    warnUnmatched(excluded);
    if (layers.empty() && include.empty() && exclude.empty())
      mlir::emitWarning(getOperation().getLoc())
          << "quantize-shift: there is no float convolution or linear layer to "
             "round";
    for (Operation *layer : layers)
      if (failed(converter.convert(layer)))
        return signalPassFailure();
    if (failed(cleanUp()))
      return signalPassFailure();
    record(options);
    report(rounding.totals());
  }

private:
  LogicalResult readOptions(::shift::PowerOfTwoOptions &options);
  LogicalResult compile(ArrayRef<std::string> texts,
                        SmallVectorImpl<NamePattern> &patterns);
  bool isSelected(Operation *op, MutableArrayRef<NamePattern> included,
                  MutableArrayRef<NamePattern> excluded);
  void warnUnmatched(ArrayRef<NamePattern> patterns);
  LogicalResult prepare();
  void mergeCopies();
  LogicalResult cleanUp();
  void record(const ::shift::PowerOfTwoOptions &options);
  void report(const RoundingTotals &totals);

  InFlightDiagnostic emitOptionError() {
    return mlir::emitError(getOperation().getLoc()) << "quantize-shift: ";
  }
};

LogicalResult
QuantizeShiftPass::readOptions(::shift::PowerOfTwoOptions &options) {
  std::optional<::shift::ExponentRange> parsed = parseRange(range);
  if (!parsed)
    return emitOptionError()
           << "expected range lo:hi such as -10:5, got '" << range << "'";
  options.range = *parsed;
  if (rounding == "log")
    options.rounding = ::shift::Rounding::Log;
  else if (rounding == "stochastic")
    options.rounding = ::shift::Rounding::Stochastic;
  else if (rounding != "nearest")
    return emitOptionError() << "expected rounding nearest, log or stochastic,"
                                " got '"
                             << rounding << "'";
  if (underflow == "raise")
    options.underflow = ::shift::Underflow::Raise;
  else if (underflow != "zero")
    return emitOptionError()
           << "expected underflow zero or raise, got '" << underflow << "'";
  auto fits = [](int64_t value) { return value == int(value); };
  if (!fits(window) || !fits(terms))
    return emitOptionError() << "window or terms is out of range";
  options.window = window;
  options.terms = terms;
  options.seed = seed;
  options.step = step;
  std::string error = ::shift::checkOptions(options);
  if (!error.empty())
    return emitOptionError() << error;
  if (activationBits < 4 || activationBits > 16)
    return emitOptionError() << "expected activation-bits in [4, 16], got "
                             << int64_t(activationBits);
  return success();
}

LogicalResult
QuantizeShiftPass::compile(ArrayRef<std::string> texts,
                           SmallVectorImpl<NamePattern> &patterns) {
  for (const std::string &text : texts) {
    llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(text);
    if (!glob)
      return emitOptionError()
             << "pattern '" << text << "': " << toString(glob.takeError());
    patterns.push_back({text, std::move(*glob), false});
  }
  return success();
}

bool QuantizeShiftPass::isSelected(Operation *op,
                                   MutableArrayRef<NamePattern> included,
                                   MutableArrayRef<NamePattern> excluded) {
  auto name = op->getAttrOfType<StringAttr>("node_name");
  StringRef text = name ? name.getValue() : "";
  auto matchesAny = [&](MutableArrayRef<NamePattern> patterns) {
    bool result = false;
    for (NamePattern &pattern : patterns)
      if (pattern.glob.match(text))
        result = pattern.isUsed = true;
    return result;
  };
  bool isExcluded = matchesAny(excluded);
  return (included.empty() || matchesAny(included)) && !isExcluded;
}

/// A pattern without any layer is most likely misspelt.
void QuantizeShiftPass::warnUnmatched(ArrayRef<NamePattern> patterns) {
  for (const NamePattern &pattern : patterns)
    if (!pattern.isUsed)
      mlir::emitWarning(getOperation().getLoc())
          << "quantize-shift: pattern '" << pattern.text
          << "' matches no convolution or linear layer";
}

LogicalResult QuantizeShiftPass::prepare() {
  OpPassManager pipeline(ModuleOp::getOperationName());
  pipeline.addPass(createCanonicalizerPass());
  pipeline.addPass(::shift::reference::createFoldConstantsPass());
  pipeline.addPass(onnx::createFoldBatchNormPass());
  pipeline.addPass(onnx::createFuseGroupNormPass());
  if (failed(runPipeline(pipeline, getOperation())))
    return failure();
  mergeCopies();
  return success();
}

/// A graph may compute a weight that layers share once a layer (an Unsqueeze
/// each), and folding then makes copies. Copies of one name, type and content
/// become one again.
void QuantizeShiftPass::mergeCopies() {
  auto isCopy = [](onnx::ConstantOp a, onnx::ConstantOp b) {
    return a.getType() == b.getType() && a.getNameAttr() == b.getNameAttr() &&
           a->getBlock() == b->getBlock() &&
           onnx::getFloats(a) == onnx::getFloats(b);
  };
  llvm::DenseMap<uint64_t, SmallVector<onnx::ConstantOp, 1>> seen;
  getOperation().walk([&](onnx::ConstantOp constant) {
    // A splat is no weight that was copied.
    if (isa<SplatElementsAttr>(constant.getValue()) || !constant.getName())
      return;
    std::optional<std::vector<float>> values = onnx::getFloats(constant);
    if (!values)
      return;
    auto bytes = llvm::ArrayRef(
        reinterpret_cast<const uint8_t *>(values->data()), 4 * values->size());
    auto &candidates = seen[llvm::xxh3_64bits(bytes)];
    for (onnx::ConstantOp earlier : candidates)
      if (isCopy(earlier, constant)) {
        constant->replaceAllUsesWith(earlier);
        constant->erase();
        return;
      }
    candidates.push_back(constant);
  });
}

LogicalResult QuantizeShiftPass::cleanUp() {
  OpPassManager pipeline(ModuleOp::getOperationName());
  pipeline.addPass(createFuseClampPass());
  // Float weights that no op uses any more.
  pipeline.addPass(createCanonicalizerPass());
  return runPipeline(pipeline, getOperation());
}

/// What later passes and training need to know.
void QuantizeShiftPass::record(const ::shift::PowerOfTwoOptions &options) {
  Builder builder(&getContext());
  auto text = [&](StringRef name, StringRef value) {
    return builder.getNamedAttr(name, builder.getStringAttr(value));
  };
  auto number = [&](StringRef name, int64_t value) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
  };
  getOperation()->setAttr(
      "shift.quantization",
      builder.getDictionaryAttr(
          {number("activation_bits", activationBits), text("range", range),
           text("rounding", rounding), number("terms", options.terms),
           text("underflow", underflow), number("window", options.window)}));
}

void QuantizeShiftPass::report(const RoundingTotals &totals) {
  double bits = totals.weights ? double(totals.packedBits) / totals.weights : 0;
  remark::analysis(getOperation().getLoc(),
                   remark::RemarkOpts::name("Total").category("shift-quantize"))
      << llvm::formatv("{0} weights, {1:f2} bits a weight, {2} saturated, {3} "
                       "underflowed",
                       totals.weights, bits, totals.saturated,
                       totals.underflowed)
             .str();
}

} // namespace
