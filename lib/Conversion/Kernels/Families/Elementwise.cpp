//===- Elementwise.cpp - Float32 functions and arithmetic -----------------===//
// SPDX-License-Identifier: Apache-2.0
// The formulas are those of the ops' descriptions; transcendental functions are
// the templates of shift/Support/FloatMath.h.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "lib/Conversion/Kernels/ElementMap.h"
#include "lib/Conversion/Kernels/MLIRFloatOps.h"
#include "shift/Support/FloatMath.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::shift::kernels;
namespace fm = ::shift::math;

namespace {
/// x < 0 ? below : x
Val whereNegative(KernelBuilder &kb, Val x, Val below) {
  Val isNegative =
      kb.compare(arith::CmpFPredicate::OLT, x, kb.constantFloat(x.type(), 0.0));
  return kb.select(isNegative, below, x);
}

Val emitUnary(Operation *op, KernelBuilder &kb, Val x, int64_t lanes) {
  MLIRFloatOps ops(kb, lanes);
  auto constant = [&](float value) { return ops.constant(value); };
  return llvm::TypeSwitch<Operation *, Val>(op)
      .Case([&](onnx::ReluOp) { return whereNegative(kb, x, constant(0)); })
      .Case([&](onnx::SigmoidOp) { return fm::sigmoid(ops, x); })
      .Case([&](onnx::HardSwishOp) { return fm::hardSwish(ops, x); })
      .Case([&](onnx::TanhOp) { return fm::tanh(ops, x); })
      .Case([&](onnx::ExpOp) { return fm::exp(ops, x); })
      .Case([&](onnx::LogOp) { return fm::log(ops, x); })
      .Case([&](onnx::SqrtOp) { return kb.sqrt(x); })
      .Case([&](onnx::AbsOp) { return kb.abs(x); })
      .Case([&](onnx::NegOp) { return -x; })
      .Case([&](onnx::ReciprocalOp) { return constant(1) / x; })
      .Case([&](onnx::LeakyReluOp leaky) {
        Val alpha = constant(leaky.getAlpha().convertToFloat());
        return whereNegative(kb, x, alpha * x);
      })
      .Case([&](onnx::EluOp elu) {
        return fm::elu(ops, x, elu.getAlpha().convertToFloat());
      })
      .Case([&](onnx::HardSigmoidOp hard) {
        return fm::hardSigmoid(ops, x, hard.getAlpha().convertToFloat(),
                               hard.getBeta().convertToFloat());
      })
      .Default([](Operation *) { return Val(); });
}

Val emitBinary(Operation *op, KernelBuilder &kb, Val a, Val b, int64_t lanes) {
  auto pick = [&](arith::CmpFPredicate better) {
    Val isNan = kb.compare(arith::CmpFPredicate::UNO, b, b);
    return kb.select(kb.bitOr(kb.compare(better, b, a), isNan), b, a);
  };
  return llvm::TypeSwitch<Operation *, Val>(op)
      .Case([&](onnx::AddOp) { return a + b; })
      .Case([&](onnx::SubOp) { return a - b; })
      .Case([&](onnx::MulOp) { return a * b; })
      .Case([&](onnx::DivOp) { return a / b; })
      .Case([&](onnx::PowOp) {
        MLIRFloatOps ops(kb, lanes);
        return fm::pow(ops, a, b);
      })
      .Case([&](onnx::PReluOp) { return whereNegative(kb, a, b * a); })
      .Case([&](onnx::MinOp) { return pick(arith::CmpFPredicate::OLT); })
      .Case([&](onnx::MaxOp) { return pick(arith::CmpFPredicate::OGT); })
      .Default([](Operation *) { return Val(); });
}

/// A bound of Clip, if it is there.
std::optional<float> bound(std::optional<Attribute> attr) {
  if (!attr)
    return std::nullopt;
  return cast<FloatAttr>(*attr).getValue().convertToFloat();
}

bool isUnary(Operation *op) {
  return isa<onnx::ReluOp, onnx::SigmoidOp, onnx::HardSwishOp, onnx::TanhOp,
             onnx::ExpOp, onnx::LogOp, onnx::SqrtOp, onnx::AbsOp, onnx::NegOp,
             onnx::ReciprocalOp, onnx::LeakyReluOp, onnx::EluOp,
             onnx::HardSigmoidOp>(op);
}

bool isNary(Operation *op) {
  return isa<onnx::AddOp, onnx::SubOp, onnx::MulOp, onnx::DivOp, onnx::PowOp,
             onnx::PReluOp, onnx::MinOp, onnx::MaxOp>(op);
}

/// Values of the op's own attributes, as a key.
std::string attributeKey(Operation *op) {
  std::string key;
  llvm::raw_string_ostream os(key);
  for (NamedAttribute attr : op->getAttrs())
    if (auto number = dyn_cast<FloatAttr>(attr.getValue()))
      os << attr.getName().getValue()
         << floatKey(number.getValue().convertToFloat());
  return key;
}

class ElementwiseFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "map"; }

  bool canTake(Operation *op, std::string &reason) const override {
    if (!isUnary(op) && !isNary(op) && !isa<onnx::ClipOp>(op))
      return false;
    for (Value operand : op->getOperands())
      if (!isFloatTensor(operand)) {
        reason = "operands are not float32";
        return false;
      }
    return true;
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    lowerElementMap(op, op->getOperands(), attributeKey(op), lowering,
                    [op](KernelBuilder &kb, ArrayRef<Val> x, int64_t lanes) {
                      return emit(op, kb, x, lanes);
                    });
    return success();
  }

private:
  static Val emit(Operation *op, KernelBuilder &kb, ArrayRef<Val> x,
                  int64_t lanes) {
    if (isUnary(op))
      return emitUnary(op, kb, x[0], lanes);
    if (auto clip = dyn_cast<onnx::ClipOp>(op))
      return emitClip(kb, x[0], bound(clip.getMin()), bound(clip.getMax()));
    Val result = x[0];
    for (Val next : x.drop_front())
      result = emitBinary(op, kb, result, next, lanes);
    return result;
  }

  static Val emitClip(KernelBuilder &kb, Val x, std::optional<float> min,
                      std::optional<float> max) {
    return emitFloatClamp(kb, x, min, max);
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::kernels::createElementwiseFamily() {
  return std::make_unique<ElementwiseFamily>();
}
