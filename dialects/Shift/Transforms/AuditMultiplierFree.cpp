//===- AuditMultiplierFree.cpp - What still multiplies --------------------===//
// SPDX-License-Identifier: Apache-2.0
// Lists, node by node, what hardware without multipliers could not run: each op
// is asked whether its pseudo-code holds a product or quotient of two numbers
// of which neither is a power of two.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/Transforms/Passes.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::shift {
#define GEN_PASS_DEF_AUDITMULTIPLIERFREEPASS
#include "dialects/Shift/Transforms/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;

namespace {

bool isFloat(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value));
}

bool isPowerOfTwo(int64_t value) {
  return value > 0 && llvm::isPowerOf2_64(uint64_t(value));
}

/// A constant of signed powers of two and zeros.
bool arePowersOfTwo(Value value) {
  DenseElementsAttr constant;
  if (!matchPattern(value, m_Constant(&constant)))
    return false;
  if (isa<FloatType>(constant.getElementType()))
    return llvm::all_of(constant.getValues<APFloat>(), [](const APFloat &v) {
      return v.isZero() || abs(v).getExactLog2() != INT_MIN;
    });
  return isa<IntegerType>(constant.getElementType()) &&
         llvm::all_of(constant.getValues<APInt>(), [](const APInt &v) {
           return v.isZero() || v.abs().isPowerOf2();
         });
}

/// The number of elements that each window of an average pool divides by is a
/// power of two.
template <typename PoolOp>
bool dividesByPowerOfTwo(PoolOp op, ArrayRef<int64_t> kernel) {
  bool isConstant =
      op.getCountIncludePad() ||
      llvm::all_of(op.getPads(), [](int64_t p) { return p == 0; });
  return isConstant && op.getCeilMode() == 0 &&
         isPowerOfTwo(llvm::product_of(kernel));
}

/// Elements of the operand for each of the result.
int64_t countReduced(Operation *op) {
  auto in = cast<ShapedType>(op->getOperand(0).getType());
  auto out = cast<ShapedType>(op->getResult(0).getType());
  return in.getNumElements() / std::max<int64_t>(out.getNumElements(), 1);
}

constexpr StringRef dividesByCount = "divides sums by their count";

/// What `op` multiplies, empty if nothing.
StringRef multiplicationOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case<Conv2DOp, LinearOp>([](Operation *layer) {
        return isFloat(layer->getOperand(0)) ? "float32 activations by powers "
                                               "of two; calibrate the model "
                                               "to make them integers"
                                             : "";
      })
      .Case([](AveragePoolOp pool) {
        return dividesByPowerOfTwo(pool, pool.getKernel()) ? ""
                                                           : dividesByCount;
      })
      .Case<GroupNormOp, onnx::GroupNormalizationOp,
            onnx::InstanceNormalizationOp, onnx::BatchNormalizationOp>(
          [](Operation *) { return "normalizes: squares, scales, a root"; })
      .Case<onnx::ConvOp, onnx::ConvTransposeOp, onnx::GemmOp, onnx::MatMulOp>(
          [](Operation *) {
            return "activations by weights that are no powers "
                   "of two";
          })
      .Case([](onnx::MulOp mul) {
        return llvm::any_of(mul->getOperands(), arePowersOfTwo) ? ""
                                                                : "a product";
      })
      .Case<onnx::PReluOp, onnx::LeakyReluOp>(
          [](Operation *) { return "a product"; })
      .Case([](onnx::DivOp div) {
        return arePowersOfTwo(div->getOperand(1)) ? "" : "a quotient";
      })
      .Case([](onnx::ReciprocalOp) { return "a quotient"; })
      .Case<onnx::SigmoidOp, onnx::TanhOp, onnx::ExpOp, onnx::LogOp,
            onnx::SqrtOp, onnx::PowOp, onnx::SoftmaxOp, onnx::EluOp,
            onnx::HardSigmoidOp, onnx::HardSwishOp>(
          [](Operation *) { return "a function of polynomials"; })
      .Case([](onnx::AveragePoolOp pool) {
        return dividesByPowerOfTwo(pool, pool.getKernelShape())
                   ? ""
                   : dividesByCount;
      })
      .Case<onnx::GlobalAveragePoolOp, onnx::ReduceMeanOp>([](Operation *op) {
        return isPowerOfTwo(countReduced(op)) ? "" : dividesByCount;
      })
      .Case([](onnx::ResizeOp resize) {
        return resize.getMode() == "nearest" ? "" : "interpolates";
      })
      .Case([](onnx::UpsampleOp resize) {
        return resize.getMode() == "nearest" ? "" : "interpolates";
      })
      .Case<onnx::QuantizeLinearOp, onnx::DequantizeLinearOp>(
          [](Operation *) { return "scales"; })
      .Default(StringRef());
}

struct AuditMultiplierFreePass
    : mlir::shift::impl::AuditMultiplierFreePassBase<AuditMultiplierFreePass> {
  using Base::Base;
  void runOnOperation() override {
    int64_t count = 0;
    getOperation().walk([&](Operation *op) {
      StringRef what = multiplicationOf(op);
      if (what.empty())
        return;
      ++count;
      auto name = op->getAttrOfType<StringAttr>("node_name");
      mlir::emitRemark(op->getLoc())
          << op->getName() << " '" << (name ? name.getValue() : "")
          << "' multiplies: " << what;
    });
    mlir::emitRemark(getOperation().getLoc())
        << count << " ops multiply"
        << (count ? "" : "; the model is free of multipliers");
  }
};

} // namespace
