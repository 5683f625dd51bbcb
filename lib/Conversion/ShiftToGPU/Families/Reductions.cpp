//===- Reductions.cpp - Sums, means, softmax on GPUs ----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "lib/Conversion/Kernels/IndexedCopy.h"
#include "lib/Conversion/Kernels/Reduction.h"
#include "lib/Conversion/ShiftToGPU/BlockSums.h"
#include "lib/Conversion/ShiftToGPU/Families.h"

using namespace mlir;
using namespace mlir::shift::cuda;

namespace {
void lowerReduction(Operation *op, Lowering &lowering) {
  Reduction plan = describeReduction(op);
  StepInfo info;
  info.extent = llvm::divideCeil(plan.results, laneResults(info.threads));
  info.reason = "float64 sums in a fixed order, 16 threads a result";
  lowering.step(
      op, "reduce", plan.key(), "lanes", listBuffers(op, plan, lowering), info,
      [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
        auto place = [&](Val result, Val i) {
          if (plan.offsets.empty())
            return result * plan.count + i;
          return kb.toIndex(kb.load(buffers[1], result)) +
                 kb.toIndex(kb.load(buffers[2], i));
        };
        emitLaneSums(
            kb, block, plan.results, plan.count, /*withSquares=*/false,
            buffers[0], place, [&](Val result, ArrayRef<Val> sums) {
              Val sum = sums[0];
              if (plan.isMean)
                sum = sum / kb.constantFloat(kb.f64(), double(plan.count));
              kb.store(kb.convert(sum, kb.f32()), buffers.back(), result);
            });
      });
}

/// A thread computes a row.
void lowerSoftmax(onnx::SoftmaxOp op, Lowering &lowering) {
  ArrayRef<int64_t> shape = shapeOf(op.getX());
  int64_t axis = int64_t(op.getAxis());
  axis += axis < 0 ? int64_t(shape.size()) : 0;
  int64_t count = shape[axis];
  int64_t inner = product(shape.drop_front(axis + 1));
  int64_t rows = product(shape.take_front(axis)) * inner;
  StepInfo info;
  info.threads = 64;
  info.extent = llvm::divideCeil(rows, info.threads);
  info.reason = "float32 in a fixed order, a thread a row";
  std::string key = shapeKey({rows, count, inner});
  lowering.step(
      op, "softmax", key, "rows",
      {lowering.buffer(op.getX()), lowering.output(op.getResult())}, info,
      [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
        forEachElement(kb, block, rows, kb.threads, [&](Val row) {
          Val at = row / inner * (count * inner) + row % inner;
          emitSoftmaxColumns(kb, buffers[0], buffers[1], at, count, inner, 1);
        });
      });
}

class ReductionFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "lanes"; }

  bool canTake(Operation *op, std::string &reason) const override {
    return isReduction(op, reason);
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    if (auto softmax = dyn_cast<onnx::SoftmaxOp>(op))
      lowerSoftmax(softmax, lowering);
    else if (isOverNoAxes(op))
      lowerCopy(op, lowering.buffer(op->getOperand(0)),
                lowering.output(op->getResult(0)),
                wholeCopy(shapeOf(op->getOperand(0))), lowering);
    else
      lowerReduction(op, lowering);
    return success();
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::cuda::createReductionFamily() {
  return std::make_unique<ReductionFamily>();
}
