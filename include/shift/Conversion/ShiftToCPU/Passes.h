//===- Passes.h - Conversion to CPU kernels ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_SHIFTTOCPU_PASSES_H
#define SHIFT_CONVERSION_SHIFTTOCPU_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "shift/Conversion/Kernels/Passes.h"

namespace mlir::shift {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "shift/Conversion/ShiftToCPU/Passes.h.inc"

} // namespace mlir::shift

#endif // SHIFT_CONVERSION_SHIFTTOCPU_PASSES_H
