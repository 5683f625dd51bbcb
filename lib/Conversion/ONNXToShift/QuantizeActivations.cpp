//===- QuantizeActivations.cpp - Calibrated modules to fixed point --------===//
// SPDX-License-Identifier: Apache-2.0
// Walks @main in order and turns every op that can into its integer form,
// keeping for each float value its fixed-point twin. Float ops in between read
// a dequantized twin; a float value that an integer op reads is quantized once.
// The float ops that are left without users are erased at the end.
//===----------------------------------------------------------------------===//
#include "FixedPointMovement.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/ONNX/IR/ONNXTypeInference.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "shift/Conversion/ONNXToShift/ActivationFormats.h"
#include "shift/Conversion/ONNXToShift/Passes.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::shift {
#define GEN_PASS_DEF_QUANTIZEACTIVATIONSPASS
#include "shift/Conversion/ONNXToShift/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;

namespace {

/// The bounds that a Relu or Clip puts on its input.
struct Clamp {
  FloatAttr min, max;

  static std::optional<Clamp> of(Operation *op) {
    if (isa<onnx::ReluOp>(op))
      return Clamp{Builder(op->getContext()).getF32FloatAttr(0), FloatAttr()};
    auto clip = dyn_cast<onnx::ClipOp>(op);
    if (!clip)
      return std::nullopt;
    auto bound = [](std::optional<Attribute> attr) {
      return dyn_cast_or_null<FloatAttr>(attr.value_or(nullptr));
    };
    return Clamp{bound(clip.getMin()), bound(clip.getMax())};
  }
};

class Converter {
public:
  explicit Converter(ModuleOp module)
      : formats(module), builder(module.getContext()) {}

  LogicalResult convert(func::FuncOp main);

private:
  /// The fixed-point twin of a float value, quantized behind it if it has none.
  FailureOr<Value> getFixed(Value value);
  /// `type` with the calibrated element type of `value`.
  FailureOr<RankedTensorType> getFixedType(Value value);
  /// Records the twin of `value` and gives float ops a dequantized one.
  void setResult(Value value, Value twin);

  LogicalResult convertOp(Operation *op);
  LogicalResult convertLayer(Operation *op);
  LogicalResult convertGroupNorm(Operation *op, Value result, Clamp clamp);
  LogicalResult convertAdd(onnx::AddOp op, Value result, Clamp clamp);
  LogicalResult convertClamp(Operation *op, Clamp clamp);
  LogicalResult convertConcat(onnx::ConcatOp op);
  LogicalResult convertAveragePool(Operation *op);

  /// An Add or norm whose only user is a Relu or Clip that is converted with
  /// it.
  bool isConvertedWithClamp(Operation *op);

  /// A name for the step that converts `value`: who makes it, and `step`.
  StringAttr nameStep(Value value, StringRef step);

  StringAttr nameOf(Operation *op) {
    return op->getAttrOfType<StringAttr>("node_name");
  }

  ActivationFormats formats;
  OpBuilder builder;
  llvm::DenseMap<Value, Value> fixed;
  SmallVector<Operation *> converted;
};

FailureOr<RankedTensorType> Converter::getFixedType(Value value) {
  FailureOr<::shift::FixedPoint> format = formats.getCalibratedFormat(value);
  if (failed(format))
    return failure();
  return RankedTensorType::get(
      onnx::shapeOf(value), getFixedPointType(builder.getContext(), *format));
}

StringAttr Converter::nameStep(Value value, StringRef step) {
  StringAttr maker;
  if (Operation *op = value.getDefiningOp())
    maker = nameOf(op);
  else if (auto main =
               dyn_cast<func::FuncOp>(value.getParentBlock()->getParentOp()))
    maker = main.getArgAttrOfType<StringAttr>(
        cast<BlockArgument>(value).getArgNumber(), "onnx.name");
  if (!maker || maker.empty())
    return nullptr;
  return builder.getStringAttr(maker.getValue() + "/" + step);
}

FailureOr<Value> Converter::getFixed(Value value) {
  if (Value twin = fixed.lookup(value))
    return twin;
  FailureOr<RankedTensorType> type = getFixedType(value);
  if (failed(type))
    return failure();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfterValue(value);
  auto twin = QuantizeOp::create(builder, value.getLoc(), *type,
                                 /*inside=*/Type(), value, /*floor=*/false,
                                 nameStep(value, "quantize"));
  return fixed[value] = twin.getResult();
}

void Converter::setResult(Value value, Value twin) {
  if (!getFixedPoint(twin.getType())) {
    value.replaceAllUsesWith(twin);
    return;
  }
  fixed[value] = twin;
  // Uses that are converted later read the twin; this one serves the rest and
  // folds away where there is none.
  Value back = DequantizeOp::create(builder, value.getLoc(), value.getType(),
                                    twin, nameStep(value, "dequantize"));
  value.replaceUsesWithIf(back, [&](OpOperand &use) {
    Operation *user = use.getOwner();
    if (!isActivation(use) || !isFixedPointCapable(user))
      return true;
    if (isa<Conv2DOp, LinearOp, onnx::GroupNormalizationOp,
            onnx::InstanceNormalizationOp>(user))
      return false;
    return llvm::none_of(user->getResults(), [&](Value next) {
      return formats.isWantedAsFixedPoint(next);
    });
  });
  if (back.use_empty())
    back.getDefiningOp()->erase();
}

LogicalResult Converter::convertLayer(Operation *op) {
  Value result = op->getResult(0);
  FailureOr<Value> input = getFixed(op->getOperand(0));
  if (failed(input))
    return failure();
  Type type = result.getType();
  if (formats.isWantedAsFixedPoint(result)) {
    FailureOr<RankedTensorType> fixedType = getFixedType(result);
    if (failed(fixedType))
      return failure();
    type = *fixedType;
  }
  Operation *layer = builder.clone(*op);
  layer->setOperand(0, *input);
  layer->getResult(0).setType(type);
  layer->removeAttr(fractionsAttr);
  setResult(result, layer->getResult(0));
  return success();
}

LogicalResult Converter::convertGroupNorm(Operation *op, Value result,
                                          Clamp clamp) {
  FailureOr<Value> input = getFixed(op->getOperand(0));
  if (failed(input))
    return failure();
  Type type = result.getType();
  if (formats.isWantedAsFixedPoint(result)) {
    FailureOr<RankedTensorType> fixedType = getFixedType(result);
    if (failed(fixedType))
      return failure();
    type = *fixedType;
  }
  int64_t groups = onnx::shapeOf(op->getOperand(0))[1];
  if (auto norm = dyn_cast<onnx::GroupNormalizationOp>(op))
    groups = norm.getNumGroups();
  auto twin = GroupNormOp::create(
      builder, op->getLoc(), type, /*inside=*/Type(), *input, op->getOperand(1),
      op->getOperand(2), op->getAttrOfType<FloatAttr>("epsilon"),
      builder.getI64IntegerAttr(groups), clamp.min, clamp.max, nameOf(op));
  setResult(result, twin.getResult());
  return success();
}

LogicalResult Converter::convertAdd(onnx::AddOp op, Value result, Clamp clamp) {
  FailureOr<Value> lhs = getFixed(op.getA()), rhs = getFixed(op.getB());
  FailureOr<RankedTensorType> type = getFixedType(result);
  if (failed(lhs) || failed(rhs) || failed(type))
    return failure();
  auto sum = AddOp::create(builder, op.getLoc(), *type, /*inside=*/Type(), *lhs,
                           *rhs, clamp.min, clamp.max, op.getNodeNameAttr());
  setResult(result, sum.getResult());
  return success();
}

LogicalResult Converter::convertClamp(Operation *op, Clamp clamp) {
  Value result = op->getResult(0);
  Operation *producer = op->getOperand(0).getDefiningOp();
  if (producer && isConvertedWithClamp(producer)) {
    if (auto add = dyn_cast<onnx::AddOp>(producer))
      return convertAdd(add, result, clamp);
    return convertGroupNorm(producer, result, clamp);
  }
  FailureOr<Value> input = getFixed(op->getOperand(0));
  FailureOr<RankedTensorType> type = getFixedType(result);
  if (failed(input) || failed(type))
    return failure();
  auto clamped = RequantizeOp::create(builder, op->getLoc(), *type,
                                      /*inside=*/Type(), *input, clamp.min,
                                      clamp.max, nameOf(op));
  setResult(result, clamped.getResult());
  return success();
}

LogicalResult Converter::convertConcat(onnx::ConcatOp op) {
  SmallVector<Value> inputs;
  for (Value input : op.getInputs()) {
    FailureOr<Value> twin = getFixed(input);
    if (failed(twin))
      return failure();
    inputs.push_back(*twin);
  }
  FailureOr<RankedTensorType> type = getFixedType(op.getResult());
  if (failed(type))
    return failure();
  int64_t axis = op.getAxis();
  if (axis < 0)
    axis += type->getRank();
  setResult(op.getResult(),
            ConcatOp::create(builder, op.getLoc(), *type, inputs,
                             builder.getI64IntegerAttr(axis),
                             op.getNodeNameAttr()));
  return success();
}

LogicalResult Converter::convertAveragePool(Operation *op) {
  FailureOr<Value> input = getFixed(op->getOperand(0));
  FailureOr<RankedTensorType> type = getFixedType(op->getResult(0));
  if (failed(input) || failed(type))
    return failure();
  Value twin;
  if (auto pool = dyn_cast<onnx::AveragePoolOp>(op)) {
    twin = AveragePoolOp::create(
        builder, op->getLoc(), *type, *input, pool.getDilationsAttr(),
        pool.getKernelShapeAttr(), pool.getPadsAttr(), pool.getStridesAttr(),
        pool.getCeilModeAttr(), pool.getCountIncludePadAttr(), nameOf(op));
  } else {
    auto array = [&](ArrayRef<int64_t> values) {
      return builder.getDenseI64ArrayAttr(values);
    };
    twin = AveragePoolOp::create(
        builder, op->getLoc(), *type, *input, array({1, 1}),
        array(onnx::shapeOf(*input).drop_front(2)), array({0, 0, 0, 0}),
        array({1, 1}), builder.getI64IntegerAttr(0),
        builder.getI64IntegerAttr(0), nameOf(op));
  }
  setResult(op->getResult(0), twin);
  return success();
}

bool Converter::isConvertedWithClamp(Operation *op) {
  if (!isa<onnx::AddOp, onnx::GroupNormalizationOp,
           onnx::InstanceNormalizationOp>(op) ||
      !isFixedPointCapable(op) || !op->getResult(0).hasOneUse())
    return false;
  Operation *user = *op->getResult(0).getUsers().begin();
  return Clamp::of(user) && isFixedPointCapable(user) &&
         formats.isWantedAsFixedPoint(user->getResult(0));
}

LogicalResult Converter::convertOp(Operation *op) {
  builder.setInsertionPoint(op);
  if (isa<Conv2DOp, LinearOp>(op) && isFixedPointCapable(op)) {
    converted.push_back(op);
    return convertLayer(op);
  }
  if (isConvertedWithClamp(op)) {
    converted.push_back(op);
    return success();
  }
  bool isNorm =
      isa<onnx::GroupNormalizationOp, onnx::InstanceNormalizationOp>(op);
  bool wanted = llvm::any_of(op->getResults(), [&](Value result) {
    return formats.isWantedAsFixedPoint(result);
  });
  if (!isFixedPointCapable(op) || (!wanted && !isNorm))
    return success();
  converted.push_back(op);
  if (isNorm)
    return convertGroupNorm(op, op->getResult(0), {});
  if (std::optional<Clamp> clamp = Clamp::of(op))
    return convertClamp(op, *clamp);
  if (auto add = dyn_cast<onnx::AddOp>(op))
    return convertAdd(add, add.getResult(), {});
  if (auto concat = dyn_cast<onnx::ConcatOp>(op))
    return convertConcat(concat);
  if (isa<onnx::AveragePoolOp, onnx::GlobalAveragePoolOp>(op))
    return convertAveragePool(op);
  FailureOr<Value> input = getFixed(op->getOperand(0));
  if (failed(input))
    return failure();
  for (auto [result, twin] :
       llvm::zip_equal(op->getResults(), moveFixedPoint(builder, op, *input)))
    setResult(result, twin);
  return success();
}

LogicalResult Converter::convert(func::FuncOp main) {
  if (formats.getBits() < 4 || formats.getBits() > 16)
    return main->getParentOp()->emitError(
               "expected activation_bits in [4, 16], got ")
           << formats.getBits();
  SmallVector<Operation *> ops;
  for (Operation &op : main.getBody().front())
    ops.push_back(&op);
  // The answers must be those of the graph before any change.
  for (Operation *op : ops)
    for (Value result : op->getResults())
      (void)formats.isWantedAsFixedPoint(result);
  for (Operation *op : ops)
    if (failed(convertOp(op)))
      return failure();
  for (Operation *op : llvm::reverse(converted)) {
    if (!op->use_empty())
      return op->emitError("is still used after its conversion");
    op->erase();
  }
  main.walk([](Operation *op) { op->removeAttr(fractionsAttr); });
  for (unsigned i = 0; i < main.getNumArguments(); ++i)
    main.removeArgAttr(i, fractionAttr);
  return success();
}

/// Rounds the float32 inputs of convolutions and linear layers as DeepShift
/// does: each layer by itself, without calibration.
void roundLikeDeepShift(func::FuncOp main) {
  Type element =
      getFixedPointType(main.getContext(), ::shift::deepShiftFormat());
  llvm::DenseMap<Value, Value> rounded;
  main.walk([&](Operation *op) {
    if (!isa<Conv2DOp, LinearOp>(op) ||
        !getElementTypeOrSelf(op->getOperand(0)).isF32())
      return;
    Value input = op->getOperand(0);
    Value &twin = rounded[input];
    if (!twin) {
      OpBuilder builder(op);
      auto type = cast<RankedTensorType>(input.getType()).clone(element);
      twin = QuantizeOp::create(builder, op->getLoc(), type,
                                /*inside=*/Type(), input, /*floor=*/true,
                                /*node_name=*/nullptr)
                 .getResult();
    }
    op->setOperand(0, twin);
  });
}

struct QuantizeActivationsPass
    : mlir::shift::impl::QuantizeActivationsPassBase<QuantizeActivationsPass> {
  using Base::Base;
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || !main.getBody().hasOneBlock()) {
      mlir::emitError(getOperation().getLoc(),
                      "expected a function @main of one block");
      return signalPassFailure();
    }
    if (mode == "deepshift")
      return roundLikeDeepShift(main);
    if (mode != "calibrated") {
      mlir::emitError(getOperation().getLoc(),
                      "quantize-activations: expected mode calibrated "
                      "or deepshift, got '")
          << mode << "'";
      return signalPassFailure();
    }
    if (failed(Converter(getOperation()).convert(main)))
      signalPassFailure();
  }
};

} // namespace
