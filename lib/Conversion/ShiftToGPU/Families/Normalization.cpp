//===- Normalization.cpp - Batch, instance, group norms on GPUs -----------===//
// SPDX-License-Identifier: Apache-2.0
// Two passes: the sums of every channel plane, then its coefficients, which a
// block's first thread computes, and the plane's elements.
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/Normalization.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "lib/Conversion/ShiftToGPU/BlockSums.h"
#include "lib/Conversion/ShiftToGPU/Families.h"

using namespace mlir;
using namespace mlir::shift::cuda;

namespace {
/// Of a block that computes a part of one plane: `coefficients(plane)` by its
/// first thread, then store(element, factor, addend) by all.
void emitPlane(KernelBuilder &kb, Val block, int64_t plane, int64_t itemSize,
               function_ref<NormCoefficients(Val)> coefficients,
               function_ref<void(Val, NormCoefficients)> store) {
  int64_t parts = llvm::divideCeil(plane, itemSize);
  Val number = block / parts, part = block % parts;
  Value known = kb.shared(kb.f32(), 2, "known");
  Val isFirst = kb.compare(arith::CmpIPredicate::eq, kb.thread(), kb.index(0));
  kb.ifThen(isFirst, [&] {
    NormCoefficients all = coefficients(number);
    kb.store(all.factor, known, kb.index(0));
    kb.store(all.addend, known, kb.index(1));
  });
  kb.barrier();
  NormCoefficients shared{kb.load(known, kb.index(0)),
                          kb.load(known, kb.index(1))};
  forEachElement(kb, part, plane, itemSize,
                 [&](Val i) { store(number * plane + i, shared); });
}

/// The exact integer sums of one plane by a block, in 64 bits.
void emitPlaneSums(KernelBuilder &kb, const GroupNorm &norm,
                   ArrayRef<Value> buffers, Val plane) {
  Val zero = kb.constant(kb.i(64), 0);
  SmallVector<Val> sums = kb.loopCarried(
      kb.thread(), kb.index(norm.plane), kb.threads, {zero, zero},
      [&](Val i, ArrayRef<Val> carried) {
        Val x = kb.convert(kb.load(buffers[0], plane * norm.plane + i),
                           kb.i(64), norm.in->isSigned);
        return SmallVector<Val>{carried[0] + x, carried[1] + x * x};
      });
  emitBlockSum(kb, sums, [&](ArrayRef<Val> totals) {
    kb.store(totals[0], buffers[1], plane);
    kb.store(totals[1], buffers[2], plane);
  });
}

/// The step that sums planes to buffers of sums and of squares.
void lowerSums(Operation *op, const GroupNorm &norm, Value sums, Value squares,
               Lowering &lowering) {
  int64_t planes = norm.batch * norm.channels;
  StepInfo info;
  info.extent =
      norm.in ? planes : llvm::divideCeil(planes, laneResults(info.threads));
  info.reason = norm.in ? "64-bit sums of q and q*q of each plane"
                        : "float64 sums of each plane in a fixed order";
  lowering.step(
      op, "group_norm_sums", norm.key(), "groups",
      {lowering.buffer(norm.input), sums, squares}, info,
      [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
        if (norm.in)
          return emitPlaneSums(kb, norm, buffers, block);
        emitLaneSums(
            kb, block, planes, norm.plane, /*withSquares=*/true, buffers[0],
            [&](Val plane, Val i) { return plane * norm.plane + i; },
            [&](Val plane, ArrayRef<Val> both) {
              kb.store(both[0], buffers[1], plane);
              kb.store(both[1], buffers[2], plane);
            });
      });
}

/// The coefficients of one plane from the sums of its group's planes, added in
/// channel order. `buffers`: sums, squares, scale, bias.
NormCoefficients emitGroup(KernelBuilder &kb, const GroupNorm &norm,
                           ArrayRef<Value> buffers, Val plane) {
  Val channel = plane % norm.channels;
  Val first = plane / norm.members() * norm.members();
  Type element = norm.in ? kb.i(64) : Type(kb.f64());
  Val zero = kb.constant(element, 0);
  SmallVector<Val> total = kb.loopCarried(
      kb.index(0), kb.index(norm.members()), 1, {zero, zero},
      [&](Val i, ArrayRef<Val> carried) {
        return SmallVector<Val>{carried[0] + kb.load(buffers[0], first + i),
                                carried[1] + kb.load(buffers[1], first + i)};
      });
  return emitCoefficients(
      kb, norm, kb.convert(total[0], kb.f64()), kb.convert(total[1], kb.f64()),
      kb.load(buffers[2], channel), kb.load(buffers[3], channel));
}

void lowerGroupNorm(Operation *op, Lowering &lowering) {
  GroupNorm norm = describeGroupNorm(op);
  Builder b(op->getContext());
  int64_t planes = norm.batch * norm.channels, itemSize = lowering.itemSize();
  Type element = norm.in ? Type(b.getI64Type()) : Type(b.getF64Type());
  Value sums = lowering.temporary(element, planes);
  Value squares = lowering.temporary(element, planes);
  int64_t valueId = std::exchange(lowering.valueId, -1);
  lowerSums(op, norm, sums, squares, lowering);
  lowering.valueId = valueId;
  StepInfo info;
  info.extent = planes * llvm::divideCeil(norm.plane, itemSize);
  info.reason = "x * a + b with a and b from float64";
  lowering.step(
      op, "group_norm", norm.key(), "groups",
      {lowering.buffer(norm.input), sums, squares, lowering.buffer(norm.scale),
       lowering.buffer(norm.bias), lowering.output(norm.result)},
      info,
      [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
        emitPlane(
            kb, block, norm.plane, itemSize,
            [&](Val plane) {
              return emitGroup(kb, norm, buffers.slice(1, 4), plane);
            },
            [&](Val at, NormCoefficients known) {
              kb.store(emitNormalized(kb, norm, kb.load(buffers[0], at),
                                      known.factor, known.addend),
                       buffers.back(), at);
            });
      });
}

class NormalizationFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "groups"; }

  bool canTake(Operation *op, std::string &reason) const override {
    if (isa<onnx::BatchNormalizationOp>(op)) {
      reason = "expected a batch normalization that is part of a convolution";
      return false;
    }
    return isNormalization(op, reason);
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    lowerGroupNorm(op, lowering);
    return success();
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::cuda::createNormalizationFamily() {
  return std::make_unique<NormalizationFamily>();
}
