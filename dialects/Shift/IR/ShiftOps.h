//===- ShiftOps.h - The shift dialect, its types and ops --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_IR_SHIFTOPS_H
#define DIALECTS_SHIFT_IR_SHIFTOPS_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "shift/Support/FixedPoint.h"
#include "shift/Support/PowerOfTwo.h"

#include "dialects/Shift/IR/ShiftDialect.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Shift/IR/ShiftAttributes.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/Shift/IR/ShiftTypes.h.inc"

namespace mlir::shift {

/// The fixed-point format of `type` (an element type, or a tensor of one), or
/// nothing if it is not a `!quant.uniform` with scale 2^-f, f in -32..31, zero
/// point 0 and float32 as its expressed type.
std::optional<::shift::FixedPoint> getFixedPoint(Type type);

/// The element type of a fixed-point format; inverse of getFixedPoint.
quant::UniformQuantizedType getFixedPointType(MLIRContext *context,
                                              ::shift::FixedPoint format);

} // namespace mlir::shift

#define GET_OP_CLASSES
#include "dialects/Shift/IR/ShiftOps.h.inc"

#endif // DIALECTS_SHIFT_IR_SHIFTOPS_H
