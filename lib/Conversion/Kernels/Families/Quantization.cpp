//===- Quantization.cpp - QuantizeLinear and DequantizeLinear -------------===//
// SPDX-License-Identifier: Apache-2.0
// Scales are operands like any others, read as if each lay in its slice of the
// axis; they need not be constants nor powers of two.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "lib/Conversion/Kernels/ElementMap.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace mlir::shift::kernels;

namespace {
/// An integer element type of at most `bits` bits that is no bool.
bool isInteger(Type element, unsigned bits) {
  auto integer = dyn_cast<IntegerType>(element);
  return integer && integer.getWidth() >= 8 && integer.getWidth() <= bits;
}

Val limit(KernelBuilder &kb, Val x, float lo, float hi) {
  Val least = kb.constantFloat(x.type(), lo);
  Val most = kb.constantFloat(x.type(), hi);
  x = kb.select(kb.compare(arith::CmpFPredicate::OLT, x, least), least, x);
  return kb.select(kb.compare(arith::CmpFPredicate::OGT, x, most), most, x);
}

/// saturate(half_even(x / scale) + zero) to 8 or 16 bits; NaN gives zero.
Val emitQuantize(KernelBuilder &kb, Val x, Val scale, Val zero, Type result) {
  // Quotients from 2^20 on saturate whatever the zero point. Below, adding
  // 1.5 * 2^23 rounds half to even and leaves the integer in the low bits.
  constexpr float bound = 1048576.0f, magic = 12582912.0f;
  Val quotient = x / scale;
  Val isNumber = kb.compare(arith::CmpFPredicate::ORD, quotient, quotient);
  quotient =
      kb.select(isNumber, quotient, kb.constantFloat(quotient.type(), 0.0));
  quotient = limit(kb, quotient, -bound, bound);
  Val shifted = quotient + kb.constantFloat(quotient.type(), magic);
  Val q = kb.bitcast(shifted, kb.i(32)) - llvm::bit_cast<int32_t>(magic) + zero;
  unsigned bits = result.getIntOrFloatBitWidth();
  int64_t span = int64_t(1) << bits;
  int64_t lo = isSignedInteger(result) ? -span / 2 : 0;
  q = kb.maxSigned(q, kb.constant(q.type(), lo));
  q = kb.minSigned(q, kb.constant(q.type(), lo + span - 1));
  return kb.convert(q, kb.i(bits));
}

/// What both ops have in common.
struct Quantization {
  Value x, scale, zeroPoint, result;
  int64_t axis;
};

Quantization describe(Operation *op) {
  if (auto quantize = dyn_cast<onnx::QuantizeLinearOp>(op))
    return {quantize.getX(), quantize.getYScale(), quantize.getYZeroPoint(),
            quantize.getResult(), int64_t(quantize.getAxis())};
  auto dequantize = cast<onnx::DequantizeLinearOp>(op);
  return {dequantize.getX(), dequantize.getXScale(), dequantize.getXZeroPoint(),
          dequantize.getResult(), int64_t(dequantize.getAxis())};
}

class QuantizationFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "map"; }

  bool canTake(Operation *op, std::string &reason) const override {
    if (!isa<onnx::QuantizeLinearOp, onnx::DequantizeLinearOp>(op))
      return false;
    Quantization plan = describe(op);
    bool isQuantize = isa<onnx::QuantizeLinearOp>(op);
    unsigned widest = isQuantize ? 16 : 32;
    Type quantized = elementOf(isQuantize ? plan.result : plan.x);
    if (!isInteger(quantized, widest) ||
        (plan.zeroPoint && !isInteger(elementOf(plan.zeroPoint), widest)))
      reason = "expected quantized numbers of 8 to " + std::to_string(widest) +
               " bits";
    else if (!isFloatTensor(plan.scale))
      reason = "the scale is not float32";
    return reason.empty();
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    Quantization plan = describe(op);
    SmallVector<SmallVector<int64_t>> shapes{
        SmallVector<int64_t>(shapeOf(plan.x))};
    // One scale a slice: a dimension of the axis and, after it, of size 1.
    SmallVector<int64_t> slices;
    if (int64_t count = countOf(plan.scale); count != 1) {
      int64_t rank = shapeOf(plan.x).size();
      slices.assign(plan.axis < 0 ? -plan.axis : rank - plan.axis, 1);
      slices.front() = count;
    }
    shapes.resize(op->getNumOperands(), slices);
    auto function =
        isa<onnx::QuantizeLinearOp>(op) ? quantize(plan) : dequantize(plan);
    lowerElementMap(op, op->getOperands(), shapes, "", lowering, function);
    return success();
  }

private:
  static ElementFunction quantize(const Quantization &plan) {
    bool isSigned = isSignedInteger(elementOf(plan.x));
    bool isZeroSigned =
        plan.zeroPoint && isSignedInteger(elementOf(plan.zeroPoint));
    Type result = elementOf(plan.result);
    return [=](KernelBuilder &kb, ArrayRef<Val> x, int64_t lanes) {
      Val zero = x.size() > 2 ? kb.convert(x[2], kb.i(32), isZeroSigned)
                              : kb.constant(kb.vec(kb.i(32), lanes), 0);
      return emitQuantize(kb, kb.convert(x[0], kb.f32(), isSigned), x[1], zero,
                          result);
    };
  }

  static ElementFunction dequantize(const Quantization &plan) {
    bool isSigned = isSignedInteger(elementOf(plan.x));
    bool isZeroSigned =
        plan.zeroPoint && isSignedInteger(elementOf(plan.zeroPoint));
    // Differences need a bit more than the numbers.
    bool isWide = !isInteger(elementOf(plan.x), 16) ||
                  (plan.zeroPoint && !isInteger(elementOf(plan.zeroPoint), 16));
    return [=](KernelBuilder &kb, ArrayRef<Val> x, int64_t) {
      Type wide = kb.i(isWide ? 64 : 32);
      Val number = kb.convert(x[0], wide, isSigned);
      if (x.size() > 2)
        number = number - kb.convert(x[2], wide, isZeroSigned);
      return kb.convert(number, kb.f32()) * x[1];
    };
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::kernels::createQuantizationFamily() {
  return std::make_unique<QuantizationFamily>();
}
