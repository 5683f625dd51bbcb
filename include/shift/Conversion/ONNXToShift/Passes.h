//===- Passes.h - From onnx to shift ----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_ONNXTOSHIFT_PASSES_H
#define SHIFT_CONVERSION_ONNXTOSHIFT_PASSES_H

#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::shift {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "shift/Conversion/ONNXToShift/Passes.h.inc"

} // namespace mlir::shift

#endif // SHIFT_CONVERSION_ONNXTOSHIFT_PASSES_H
