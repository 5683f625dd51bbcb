//===- Passes.h - Passes that compute with the reference --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_REFERENCE_PASSES_H
#define SHIFT_REFERENCE_PASSES_H

#include "dialects/ONNX/IR/ONNXOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace shift::reference {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "shift/Reference/Passes.h.inc"

} // namespace shift::reference

#endif // SHIFT_REFERENCE_PASSES_H
