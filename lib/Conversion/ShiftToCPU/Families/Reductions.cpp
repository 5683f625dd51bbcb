//===- Reductions.cpp - Sums, means, softmax ------------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "lib/Conversion/Kernels/IndexedCopy.h"
#include "lib/Conversion/Kernels/MLIRFloatOps.h"
#include "lib/Conversion/Kernels/Reduction.h"
#include "lib/Conversion/ShiftToCPU/Families.h"
#include "lib/Conversion/ShiftToCPU/LaneSums.h"
#include "shift/Support/FloatMath.h"

using namespace mlir;
using namespace mlir::shift::cpu;

namespace {
/// The sum of one result's elements.
Val emitSum(KernelBuilder &kb, const Reduction &plan, ArrayRef<Value> buffers,
            Val item, Value lanes) {
  if (plan.offsets.empty())
    return emitLaneSums(kb, buffers[0], item * plan.count, plan.count,
                        /*withSquares=*/false, lanes)
        .sum;
  Val base = kb.toIndex(kb.load(buffers[1], item));
  kb.store(kb.constantFloat(kb.vec(kb.f64(), sumLanes), 0.0), lanes,
           kb.index(0));
  kb.loop(kb.index(0), kb.index(plan.count), 1, [&](Val i) {
    Val at = base + kb.toIndex(kb.load(buffers[2], i));
    Val x = kb.convert(kb.load(buffers[0], at), kb.f64());
    Val lane = i % sumLanes;
    kb.store(kb.load(lanes, lane) + x, lanes, lane);
  });
  return emitAddLanes(kb, lanes);
}

void lowerReduction(Operation *op, Lowering &lowering) {
  Reduction plan = describeReduction(op);
  StepInfo info;
  info.extent = plan.results;
  info.scratchBytes = sumLanes * 8;
  info.reason = "float64 sums in a fixed order";
  lowering.step(
      op, "reduce", plan.key(), "lanes", listBuffers(op, plan, lowering), info,
      [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value scratch, Val begin,
          Val end) {
        Value lanes = kb.view(scratch, kb.index(0), kb.f64(), sumLanes);
        kb.loop(begin, end, 1, [&](Val item) {
          Val sum = emitSum(kb, plan, buffers, item, lanes);
          if (plan.isMean)
            sum = sum / kb.constantFloat(kb.f64(), double(plan.count));
          kb.store(kb.convert(sum, kb.f32()), buffers.back(), item);
        });
      });
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// Softmax of one contiguous row; only the sum goes element by element.
void emitRow(KernelBuilder &kb, Value in, Value out, Val at, int64_t count) {
  Val largest = emitLargest(kb, in, at, count, 1, 1);
  forEachRun(kb, kb.index(0), kb.index(count), [&](Val k, int64_t lanes) {
    MLIRFloatOps ops(kb, lanes);
    Val x = kb.load(in, at + k, lanes) - kb.broadcast(largest, lanes);
    kb.store(::shift::math::exp(ops, x), out, at + k);
  });
  Val sum = kb.loopCarried(
      kb.index(0), kb.index(count), 1, {kb.constantFloat(kb.f32(), 0.0)},
      [&](Val k, ArrayRef<Val> carried) {
        return SmallVector<Val>{carried[0] + kb.load(out, at + k)};
      })[0];
  forEachRun(kb, kb.index(0), kb.index(count), [&](Val k, int64_t lanes) {
    kb.store(kb.load(out, at + k, lanes) / kb.broadcast(sum, lanes), out,
             at + k);
  });
}

void lowerSoftmax(onnx::SoftmaxOp op, Lowering &lowering) {
  ArrayRef<int64_t> shape = shapeOf(op.getX());
  int64_t axis = int64_t(op.getAxis());
  axis += axis < 0 ? int64_t(shape.size()) : 0;
  int64_t count = shape[axis];
  int64_t inner = product(shape.drop_front(axis + 1));
  StepInfo info;
  info.extent = product(shape.take_front(axis));
  info.reason = "float32 in a fixed order";
  std::string key = std::to_string(count) + "x" + std::to_string(inner);
  lowering.step(
      op, "softmax", key, "rows",
      {lowering.buffer(op.getX()), lowering.output(op.getResult())}, info,
      [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val begin,
          Val end) {
        kb.loop(begin, end, 1, [&](Val item) {
          Val base = item * (count * inner);
          if (inner == 1)
            return emitRow(kb, buffers[0], buffers[1], base, count);
          forEachRun(kb, kb.index(0), kb.index(inner),
                     [&](Val i, int64_t lanes) {
                       emitSoftmaxColumns(kb, buffers[0], buffers[1], base + i,
                                          count, inner, lanes);
                     });
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

std::unique_ptr<KernelFamily> mlir::shift::cpu::createReductionFamily() {
  return std::make_unique<ReductionFamily>();
}
