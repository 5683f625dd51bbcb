//===- Passes.h - From inference to training --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_DIFFERENTIATE_PASSES_H
#define SHIFT_CONVERSION_DIFFERENTIATE_PASSES_H

#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::shift {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "shift/Conversion/Differentiate/Passes.h.inc"

/// On an argument of @main or @backward that is a parameter, and on the result
/// of @backward that is its gradient: the parameter's name.
constexpr llvm::StringRef parameterAttrName = "shift.parameter";
/// On a result of @main that only @backward reads, and on the argument that
/// reads it: its number.
constexpr llvm::StringRef residualAttrName = "shift.residual";

} // namespace mlir::shift

#endif // SHIFT_CONVERSION_DIFFERENTIATE_PASSES_H
