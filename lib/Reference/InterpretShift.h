//===- InterpretShift.h - Attributes of shift ops ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_REFERENCE_INTERPRETSHIFT_H
#define LIB_REFERENCE_INTERPRETSHIFT_H

#include "Evaluation.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "shift/Reference/ShiftKernels.h"

namespace shift::reference {

/// The weights of a layer from the tensor that shift.weight evaluates to.
ShiftWeights weightsOf(mlir::Value weights, const Tensor &tensor);

template <typename Op>
Windows poolWindows(Op op) {
  return {toShape(op.getKernel()), toShape(op.getStrides()),
          toShape(op.getDilations()), toShape(op.getPads())};
}

/// The windows of an op with a convolution's attributes, whose weights have
/// `shape`.
template <typename Op>
Windows convolutionWindows(Op op, const Shape &shape) {
  return {{shape[2], shape[3]},
          toShape(op.getStrides()),
          toShape(op.getDilations()),
          toShape(op.getPads())};
}

} // namespace shift::reference

#endif // LIB_REFERENCE_INTERPRETSHIFT_H
