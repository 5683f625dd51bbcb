//===- Gather.cpp - Gather with computed indices --------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Indices that are constants are a table of the copies in Movement.cpp. Others
// are checked in a step of their own, so that no element outside the data is
// ever read.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "lib/Conversion/Kernels/Lowering.h"

using namespace mlir;
using namespace mlir::shift::kernels;

namespace {
/// Data of outer x dim x inner elements, read at `count` indices of dim.
struct Gather {
  int64_t outer, dim, inner, count;
  bool isSigned;
  /// Elements of a work item at most.
  int64_t itemSize;

  int64_t chunks() const { return (inner + itemSize - 1) / itemSize; }
  std::string key() const {
    return shapeKey({outer, dim, inner, count}) + (isSigned ? "s" : "u");
  }
};

Gather describe(onnx::GatherOp op, int64_t itemSize) {
  ArrayRef<int64_t> shape = shapeOf(op.getData());
  int64_t axis = op.getAxis();
  axis += axis < 0 ? int64_t(shape.size()) : 0;
  return {product(shape.take_front(axis)),
          shape[axis],
          product(shape.drop_front(axis + 1)),
          countOf(op.getIndices()),
          isSignedInteger(elementOf(op.getIndices())),
          itemSize};
}

/// An item is a part of one run of `inner` elements.
void emitGather(KernelBuilder &kb, const Gather &plan, ArrayRef<Value> buffers,
                Val begin, Val end) {
  forEachItem(kb, begin, end, [&](Val item) {
    Val run = item / plan.chunks();
    Val lo = item % plan.chunks() * plan.itemSize;
    Val hi = kb.min(lo + plan.itemSize, kb.index(plan.inner));
    Val index = kb.convert(kb.load(buffers[1], run % plan.count), kb.i(64),
                           plan.isSigned);
    Val isFromEnd = kb.compare(arith::CmpIPredicate::slt, index,
                               kb.constant(index.type(), 0));
    index = kb.select(isFromEnd, index + plan.dim, index);
    // On a GPU what comes after a failed check runs all the same.
    if (kb.threads)
      index = kb.max(kb.min(index, kb.constant(index.type(), plan.dim - 1)),
                     kb.constant(index.type(), 0));
    index = kb.toIndex(index);
    Val from = (run / plan.count * plan.dim + index) * plan.inner;
    forEachRun(kb, lo, hi, [&](Val i, int64_t lanes) {
      kb.store(kb.load(buffers[0], from + i, lanes), buffers[2],
               run * plan.inner + i);
    });
  });
}

class GatherFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "move"; }

  bool canTake(Operation *op, std::string &reason) const override {
    auto gather = dyn_cast<onnx::GatherOp>(op);
    if (!gather)
      return false;
    if (!isa<IntegerType>(elementOf(gather.getIndices())))
      reason = "indices are not integers";
    return reason.empty();
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    auto gather = cast<onnx::GatherOp>(op);
    Gather plan = describe(gather, lowering.itemSize());
    checkIndices(gather, plan, lowering);
    StepInfo info;
    info.extent = plan.outer * plan.count * plan.chunks();
    info.grain =
        std::max<int64_t>(1, plan.itemSize / std::max<int64_t>(plan.inner, 1));
    info.reason = "moves elements to where computed indices say";
    lowering.step(op, "gather",
                  typeKey(gather.getData()) + "_" +
                      typeKey(gather.getIndices()) + "_" + plan.key(),
                  getStrategy(),
                  {lowering.buffer(gather.getData()),
                   lowering.buffer(gather.getIndices()),
                   lowering.output(gather.getResult())},
                  info,
                  [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value,
                      Val begin,
                      Val end) { emitGather(kb, plan, buffers, begin, end); });
    return success();
  }

private:
  static void checkIndices(onnx::GatherOp op, const Gather &plan,
                           Lowering &lowering) {
    std::string dim = std::to_string(plan.dim);
    lowerCheck(op, op.getIndices(), lowering,
               "expected indices in [-" + dim + ", " + dim + ")",
               "index of " + dim, [&](KernelBuilder &kb, Val stored) {
                 Val index = kb.convert(stored, kb.i(64), plan.isSigned);
                 Val least = kb.constant(index.type(), -plan.dim);
                 Val past = kb.constant(index.type(), plan.dim);
                 return kb.bitOr(
                     kb.compare(arith::CmpIPredicate::slt, index, least),
                     kb.compare(arith::CmpIPredicate::sge, index, past));
               });
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::kernels::createGatherFamily() {
  return std::make_unique<GatherFamily>();
}
