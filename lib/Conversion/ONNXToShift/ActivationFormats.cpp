//===- ActivationFormats.cpp - Which values become fixed point ------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Conversion/ONNXToShift/ActivationFormats.h"
#include "dialects/ONNX/IR/ONNXConstants.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "shift/Support/ResizeTable.h"

using namespace mlir;
using namespace mlir::shift;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static bool isConstant(Value value) {
  return value.getDefiningOp<onnx::ConstantOp>() != nullptr;
}

/// A nearest resize of the two spatial dimensions alone.
static bool isNearestResize(Operation *op, StringRef mode) {
  ArrayRef<int64_t> in = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> out = shapeOf(op->getResult(0));
  return mode == "nearest" && in.size() == 4 && in[0] == out[0] &&
         in[1] == out[1];
}

/// A Gather of one index, which is a slice.
static bool isSingleGather(onnx::GatherOp op) {
  auto constant = op.getIndices().getDefiningOp<onnx::ConstantOp>();
  return constant && isa<DenseIntElementsAttr>(constant.getValue()) &&
         constant.getValue().getNumElements() == 1;
}

bool mlir::shift::isDataMovement(Operation *op) {
  if (isa<onnx::ReshapeOp, onnx::FlattenOp, onnx::SqueezeOp, onnx::UnsqueezeOp,
          onnx::TransposeOp, onnx::SliceOp, onnx::SplitOp>(op))
    return true;
  if (isa<onnx::MaxPoolOp>(op))
    return shapeOf(op->getOperand(0)).size() == 4;
  if (auto gather = dyn_cast<onnx::GatherOp>(op))
    return isSingleGather(gather);
  if (auto pad = dyn_cast<onnx::PadOp>(op))
    return pad.getMode() == "constant";
  if (auto resize = dyn_cast<onnx::ResizeOp>(op))
    return isNearestResize(op, resize.getMode()) &&
           resize.getCoordinateTransformationMode() != "tf_crop_and_resize";
  if (auto upsample = dyn_cast<onnx::UpsampleOp>(op))
    return isNearestResize(op, upsample.getMode());
  return false;
}

/// Neither bound is NaN and they are in order.
static bool isInterval(onnx::ClipOp op) {
  auto min = dyn_cast_or_null<FloatAttr>(op.getMin().value_or(nullptr));
  auto max = dyn_cast_or_null<FloatAttr>(op.getMax().value_or(nullptr));
  if ((min && min.getValue().isNaN()) || (max && max.getValue().isNaN()))
    return false;
  return !min || !max || !(max.getValue() < min.getValue());
}

bool mlir::shift::isFixedPointCapable(Operation *op) {
  if (isDataMovement(op) || isa<onnx::ReluOp>(op))
    return true;
  // The bias of an integer layer is rounded at compile time.
  if (isa<Conv2DOp, LinearOp>(op))
    return op->getNumOperands() < 3 || isConstant(op->getOperand(2));
  if (auto clip = dyn_cast<onnx::ClipOp>(op))
    return isInterval(clip);
  if (isa<onnx::AddOp>(op))
    return op->getOperand(0).getType() == op->getOperand(1).getType() &&
           !isConstant(op->getOperand(0)) && !isConstant(op->getOperand(1));
  if (isa<onnx::ConcatOp>(op))
    return llvm::none_of(op->getOperands(), isConstant);
  if (isa<onnx::AveragePoolOp, onnx::GlobalAveragePoolOp>(op))
    return shapeOf(op->getOperand(0)).size() == 4;
  if (isa<onnx::GroupNormalizationOp, onnx::InstanceNormalizationOp>(op))
    return true;
  return false;
}

ActivationFormats::ActivationFormats(ModuleOp module) {
  if (auto options =
          module->getAttrOfType<DictionaryAttr>("shift.quantization"))
    if (auto attr = options.getAs<IntegerAttr>("activation_bits"))
      bits = attr.getInt();
}

bool mlir::shift::isActivation(OpOperand &use) {
  return use.getOperandNumber() == 0 ||
         isa<onnx::AddOp, onnx::ConcatOp>(use.getOwner());
}

bool ActivationFormats::isWantedAsFixedPoint(Value value) {
  if (auto found = wanted.find(value); found != wanted.end())
    return found->second;
  bool result = false;
  for (OpOperand &use : value.getUses()) {
    if (!isActivation(use))
      continue;
    Operation *user = use.getOwner();
    if (!isFixedPointCapable(user))
      continue;
    if (isa<Conv2DOp, LinearOp, onnx::GroupNormalizationOp,
            onnx::InstanceNormalizationOp>(user))
      result = true;
    else
      result |= llvm::any_of(user->getResults(), [&](Value next) {
        return isWantedAsFixedPoint(next);
      });
  }
  return wanted[value] = result;
}

/// Whether a Pad that keeps the format of `value`, maybe behind other data
/// movement, adds a border below zero.
static bool isPaddedBelowZero(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    if (!isDataMovement(user) || user->getNumResults() != 1)
      return false;
    if (auto pad = dyn_cast<onnx::PadOp>(user)) {
      auto border =
          dyn_cast_or_null<FloatAttr>(pad.getConstantValue().value_or(nullptr));
      if (border && border.getValue().isNegative())
        return true;
    }
    return isPaddedBelowZero(user->getResult(0));
  });
}

bool ActivationFormats::cannotBeNegative(Value value) {
  if (auto found = nonNegative.find(value); found != nonNegative.end())
    return found->second;
  Operation *op = value.getDefiningOp();
  bool result = false;
  auto allOperands = [&] {
    return llvm::all_of(op->getOperands(), [&](Value operand) {
      return cannotBeNegative(operand);
    });
  };
  if (!op) {
    result = false;
  } else if (isa<onnx::ReluOp, onnx::SigmoidOp, onnx::SoftmaxOp,
                 onnx::HardSigmoidOp, onnx::ExpOp, onnx::AbsOp>(op)) {
    result = true;
  } else if (auto clip = dyn_cast<onnx::ClipOp>(op)) {
    auto min = dyn_cast_or_null<FloatAttr>(clip.getMin().value_or(nullptr));
    result = min && !min.getValue().isNegative() && isInterval(clip);
  } else if (auto min = op->getAttrOfType<FloatAttr>("clamp_min")) {
    result = !min.getValue().isNegative();
  } else if (auto pad = dyn_cast<onnx::PadOp>(op)) {
    auto border =
        dyn_cast_or_null<FloatAttr>(pad.getConstantValue().value_or(nullptr));
    result = cannotBeNegative(pad.getData()) &&
             (!border || !border.getValue().isNegative());
  } else if (isa<onnx::GatherOp>(op)) {
    result = cannotBeNegative(op->getOperand(0));
  } else if (isDataMovement(op) ||
             isa<onnx::AveragePoolOp, onnx::GlobalAveragePoolOp, onnx::ConcatOp,
                 onnx::AddOp>(op)) {
    result = allOperands();
  }
  return nonNegative[value] = result;
}

/// A value that only a concatenation uses, maybe through data movement, takes
/// that one's format, so that joining is copying.
Value ActivationFormats::getConcatOf(Value value) {
  if (!value.hasOneUse())
    return value;
  Operation *user = *value.getUsers().begin();
  if (isDataMovement(user) && user->getNumResults() == 1) {
    Value moved = user->getResult(0), end = getConcatOf(moved);
    return end == moved ? value : end;
  }
  if (!isa<onnx::ConcatOp>(user) || !isFixedPointCapable(user) ||
      !isWantedAsFixedPoint(user->getResult(0)))
    return value;
  return getConcatOf(user->getResult(0));
}

::shift::FixedPoint ActivationFormats::getFormat(Value value) {
  value = getConcatOf(value);
  ::shift::FixedPoint format;
  format.bits = bits;
  format.storageBits = bits <= 8 ? 8 : 16;
  format.isSigned =
      bits > 8 || !cannotBeNegative(value) || isPaddedBelowZero(value);
  return format;
}

FailureOr<::shift::FixedPoint>
ActivationFormats::getCalibratedFormat(Value value) {
  ::shift::FixedPoint format = getFormat(value);
  value = getConcatOf(value);
  if (Operation *op = value.getDefiningOp()) {
    auto fractions = op->getAttrOfType<DenseI64ArrayAttr>(fractionsAttr);
    unsigned index = cast<OpResult>(value).getResultNumber();
    if (!fractions || index >= fractions.size()) {
      auto name = op->getAttrOfType<StringAttr>("node_name");
      return op->emitError("node '")
             << (name ? name.getValue() : "") << "' has no calibrated "
             << fractionsAttr << "; run shift-compile --calibrate=FOLDER";
    }
    format.fraction = fractions[index];
  } else {
    auto argument = cast<BlockArgument>(value);
    auto main = cast<func::FuncOp>(argument.getOwner()->getParentOp());
    auto fraction = main.getArgAttrOfType<IntegerAttr>(argument.getArgNumber(),
                                                       fractionAttr);
    if (!fraction)
      return main.emitError("argument ")
             << argument.getArgNumber() << " has no calibrated " << fractionAttr
             << "; run shift-compile --calibrate=FOLDER";
    format.fraction = fraction.getInt();
  }
  if (format.fraction < ::shift::minFraction ||
      format.fraction > ::shift::maxFraction)
    return mlir::emitError(value.getLoc(), "expected a fraction in [-32, 31], "
                                           "got ")
           << format.fraction;
  return format;
}
