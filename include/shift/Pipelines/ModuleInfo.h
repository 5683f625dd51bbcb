//===- ModuleInfo.h - What a module says about itself -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_MODULEINFO_H
#define SHIFT_PIPELINES_MODULEINFO_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"
#include <string>

namespace shift::pipelines {

/// JSON text of the module's `shift.detector`, empty without one.
std::string getDetector(mlir::ModuleOp module);

/// JSON text of the module's `shift.image_input`, empty without one.
std::string getImageInput(mlir::ModuleOp module);

/// The id of the first result of each op of @main: results are numbered in the
/// order of the ops. Plans and calibration name values so.
llvm::DenseMap<mlir::Operation *, int64_t> numberValues(mlir::ModuleOp module);

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_MODULEINFO_H
