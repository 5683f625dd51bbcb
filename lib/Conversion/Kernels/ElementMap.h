//===- ElementMap.h - Element by element with broadcasting ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// One generator for every op whose result element depends on one element of
// each operand: float functions, sums, conversions.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_ELEMENTMAP_H
#define LIB_CONVERSION_KERNELS_ELEMENTMAP_H

#include "lib/Conversion/Kernels/Lowering.h"

namespace mlir::shift::kernels {

/// What an element of the result is, from the operands' stored elements (each
/// with `lanes` lanes).
using ElementFunction = std::function<Val(
    KernelBuilder &kb, ArrayRef<Val> elements, int64_t lanes)>;

/// Adds the step that computes `op`'s result from `inputs` (broadcast as NumPy
/// does). `key` says what `function` depends on.
void lowerElementMap(Operation *op, ValueRange inputs, StringRef key,
                     Lowering &lowering, const ElementFunction &function);

/// The same with each input read as a tensor of the shape in `shapes`, which
/// has as many elements as its own.
void lowerElementMap(Operation *op, ValueRange inputs,
                     ArrayRef<SmallVector<int64_t>> shapes, StringRef key,
                     Lowering &lowering, const ElementFunction &function);

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_ELEMENTMAP_H
