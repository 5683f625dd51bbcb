//===- AuditMultiplierFree.cpp - What still multiplies --------------------===//
// SPDX-License-Identifier: Apache-2.0
// Lists, node by node, what hardware without multipliers could not run: each op
// is asked whether its pseudo-code holds a product or quotient of two numbers
// of which neither is a power of two.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/Transforms/Passes.h"
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

/// The number of elements that an average pool divides by is a power of two.
bool dividesByPowerOfTwo(AveragePoolOp op) {
  ArrayRef<int64_t> kernel = op.getKernel();
  bool isConstant =
      op.getCountIncludePad() ||
      llvm::all_of(op.getPads(), [](int64_t p) { return p == 0; });
  return isConstant && op.getCeilMode() == 0 &&
         llvm::isPowerOf2_64(uint64_t(kernel[0] * kernel[1]));
}

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
        return dividesByPowerOfTwo(pool) ? "" : "divides sums by their count";
      })
      .Case<GroupNormOp, onnx::GroupNormalizationOp,
            onnx::InstanceNormalizationOp, onnx::BatchNormalizationOp>(
          [](Operation *) { return "normalizes: squares, scales, a root"; })
      .Case<onnx::ConvOp, onnx::ConvTransposeOp, onnx::GemmOp, onnx::MatMulOp>(
          [](Operation *) {
            return "activations by weights that are no powers "
                   "of two";
          })
      .Case<onnx::MulOp, onnx::PReluOp, onnx::LeakyReluOp>(
          [](Operation *) { return "a product"; })
      .Case<onnx::DivOp, onnx::ReciprocalOp>(
          [](Operation *) { return "a quotient"; })
      .Case<onnx::SigmoidOp, onnx::TanhOp, onnx::ExpOp, onnx::LogOp,
            onnx::SqrtOp, onnx::PowOp, onnx::SoftmaxOp, onnx::EluOp,
            onnx::HardSigmoidOp, onnx::HardSwishOp>(
          [](Operation *) { return "a function of polynomials"; })
      .Case<onnx::AveragePoolOp, onnx::GlobalAveragePoolOp, onnx::ReduceMeanOp>(
          [](Operation *) { return "divides sums by their count"; })
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
