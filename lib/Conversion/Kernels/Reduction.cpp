//===- Reduction.cpp - Sums, means, softmax -------------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/Reduction.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "lib/Conversion/Kernels/IndexedCopy.h"
#include "lib/Conversion/Kernels/MLIRFloatOps.h"
#include "shift/Support/FloatMath.h"

using namespace mlir;
using namespace mlir::shift::kernels;

/// Offsets of all indices of some dimensions, in row order.
static std::vector<int64_t> offsetsOf(ArrayRef<int64_t> sizes,
                                      ArrayRef<int64_t> strides) {
  std::vector<int64_t> offsets{0};
  for (auto [size, stride] : llvm::zip(sizes, strides)) {
    std::vector<int64_t> next;
    next.reserve(offsets.size() * size);
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < size; ++i)
        next.push_back(offset + i * stride);
    offsets = std::move(next);
  }
  return offsets;
}

Reduction mlir::shift::kernels::describeReduction(Operation *op) {
  Reduction plan;
  ArrayRef<int64_t> shape = shapeOf(op->getOperand(0));
  SmallVector<int64_t> axes;
  plan.isMean = !isa<onnx::ReduceSumOp>(op);
  if (auto sum = dyn_cast<onnx::ReduceSumOp>(op))
    axes.assign(sum.getAxes().begin(), sum.getAxes().end());
  else if (auto mean = dyn_cast<onnx::ReduceMeanOp>(op))
    axes.assign(mean.getAxes().begin(), mean.getAxes().end());
  else
    for (size_t d = 2; d < shape.size(); ++d)
      axes.push_back(d);
  SmallVector<int64_t> strides = rowStrides(shape);
  SmallVector<int64_t> keptSizes, keptStrides, sizes, reducedStrides;
  bool isTrailing = true;
  for (size_t d = 0; d < shape.size(); ++d) {
    bool isReduced = llvm::is_contained(axes, int64_t(d));
    (isReduced ? sizes : keptSizes).push_back(shape[d]);
    (isReduced ? reducedStrides : keptStrides).push_back(strides[d]);
    // A kept dimension after a reduced one breaks the run of elements.
    isTrailing &= isReduced || sizes.empty() || shape[d] == 1;
  }
  plan.results = product(keptSizes);
  plan.count = product(sizes);
  if (!isTrailing) {
    plan.bases = offsetsOf(keptSizes, keptStrides);
    plan.offsets = offsetsOf(sizes, reducedStrides);
  }
  return plan;
}

std::string Reduction::key() const {
  return std::to_string(results) + "x" + std::to_string(count) +
         (isMean ? "mean" : "sum");
}

SmallVector<Value> mlir::shift::kernels::listBuffers(Operation *op,
                                                     const Reduction &plan,
                                                     Lowering &lowering) {
  Type i64 = IntegerType::get(op->getContext(), 64);
  SmallVector<Value> args{lowering.buffer(op->getOperand(0))};
  if (!plan.offsets.empty()) {
    args.push_back(lowering.constant(ArrayRef<int64_t>(plan.bases), i64));
    args.push_back(lowering.constant(ArrayRef<int64_t>(plan.offsets), i64));
  }
  args.push_back(lowering.output(op->getResult(0)));
  return args;
}

bool mlir::shift::kernels::isOverNoAxes(Operation *op) {
  if (auto mean = dyn_cast<onnx::ReduceMeanOp>(op))
    return mean.getAxes().empty();
  auto sum = dyn_cast<onnx::ReduceSumOp>(op);
  return sum && sum.getAxes().empty();
}

bool mlir::shift::kernels::isReduction(Operation *op, std::string &reason) {
  if (!isa<onnx::ReduceMeanOp, onnx::ReduceSumOp, onnx::GlobalAveragePoolOp,
           onnx::SoftmaxOp>(op))
    return false;
  if (!isFloatTensor(op->getOperand(0)) && !isOverNoAxes(op)) {
    reason = "expected float32";
    return false;
  }
  return true;
}

Val mlir::shift::kernels::emitLargest(KernelBuilder &kb, Value in, Val at,
                                      int64_t count, int64_t stride,
                                      int64_t lanes) {
  return kb.loopCarried(
      kb.index(1), kb.index(count), 1, {kb.load(in, at, lanes)},
      [&](Val k, ArrayRef<Val> carried) {
        Val x = kb.load(in, at + k * stride, lanes);
        Val wins = kb.compare(arith::CmpFPredicate::OLT, carried[0], x);
        return SmallVector<Val>{kb.select(wins, x, carried[0])};
      })[0];
}

void mlir::shift::kernels::emitSoftmaxColumns(KernelBuilder &kb, Value in,
                                              Value out, Val at, int64_t count,
                                              int64_t stride, int64_t lanes) {
  MLIRFloatOps ops(kb, lanes);
  Val largest = emitLargest(kb, in, at, count, stride, lanes);
  Val sum = kb.loopCarried(kb.index(0), kb.index(count), 1, {ops.constant(0)},
                           [&](Val k, ArrayRef<Val> carried) {
                             Val x = kb.load(in, at + k * stride, lanes);
                             Val e = ::shift::math::exp(ops, x - largest);
                             kb.store(e, out, at + k * stride);
                             return SmallVector<Val>{carried[0] + e};
                           })[0];
  kb.loop(kb.index(0), kb.index(count), 1, [&](Val k) {
    kb.store(kb.load(out, at + k * stride, lanes) / sum, out, at + k * stride);
  });
}
