//===- FuseAdds.cpp - Adds that are computed with what they add -----------===//
// SPDX-License-Identifier: Apache-2.0
// A sum of feature maps reads and writes memory and computes next to nothing,
// so it belongs into the pass over memory that makes one of its operands: the
// epilogue of a convolution, or an upsampling. This pass only marks producers;
// the conversion computes both where the add stands.
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/Lowering.h"
#include "mlir/IR/Remarks.h"
#include "shift/Conversion/Kernels/Passes.h"

namespace mlir::shift {
#define GEN_PASS_DEF_FUSEADDSPASS
#include "shift/Conversion/Kernels/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;

bool mlir::shift::kernels::doublesPlanes(ResizeNearestOp op) {
  auto doubles = [](ArrayRef<int64_t> table, int64_t size) {
    for (auto [i, entry] : llvm::enumerate(table))
      if (entry != int64_t(i / 2))
        return false;
    return int64_t(table.size()) <= 2 * size;
  };
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  return doubles(op.getRows(), shape[2]) && doubles(op.getColumns(), shape[3]);
}

int mlir::shift::kernels::rankProducer(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || !value.hasOneUse())
    return 0;
  auto add = dyn_cast<AddOp>(*value.user_begin());
  if (!add || shapeOf(add.getLhs()) != shapeOf(add.getRhs()))
    return 0;
  if (auto resize = dyn_cast<ResizeNearestOp>(op))
    return doublesPlanes(resize) ? 2 : 0;
  return isa<Conv2DOp>(op) && !isFloatTensor(op->getOperand(0)) ? 1 : 0;
}

namespace {
struct FuseAddsPass : mlir::shift::impl::FuseAddsPassBase<FuseAddsPass> {
  using Base::Base;

  void runOnOperation() override {
    // Marks of an earlier run say nothing about the module as it is now.
    getOperation().walk([](Operation *op) { op->removeAttr(fusedAttrName); });
    getOperation().walk([](AddOp add) {
      int left = rankProducer(add.getLhs());
      int right = rankProducer(add.getRhs());
      if (!left && !right)
        return;
      Operation *lhs = add.getLhs().getDefiningOp();
      Operation *rhs = add.getRhs().getDefiningOp();
      // Of two convolutions the later one, so that the input of the other is
      // not kept longer.
      bool takesLeft = left != right ? left > right : rhs->isBeforeInBlock(lhs);
      Operation *producer = takesLeft ? lhs : rhs;
      producer->setAttr(fusedAttrName, UnitAttr::get(add.getContext()));
      remark::passed(add.getLoc(),
                     remark::RemarkOpts::name("FusedAdd").category("shift-cpu"))
          << "computed with " << producer->getName().getStringRef();
    });
  }
};
} // namespace
