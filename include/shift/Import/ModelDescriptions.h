//===- ModelDescriptions.h - What a module says of its use ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A module carries how images become its input and how its outputs become
// boxes, so that a user says it once (lib/Detection/README.md has the fields).
//===----------------------------------------------------------------------===//
#ifndef SHIFT_IMPORT_MODELDESCRIPTIONS_H
#define SHIFT_IMPORT_MODELDESCRIPTIONS_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>

namespace shift::import {

/// The module attributes that hold the descriptions, and the keys of an ONNX
/// file's metadata.
inline constexpr llvm::StringLiteral detectorAttr = "shift.detector";
inline constexpr llvm::StringLiteral imageInputAttr = "shift.image_input";

/// What a user says of a model.
struct ModelDescriptions {
  /// JSON texts, already checked; empty ones say nothing.
  std::string detectorJson, imageInputJson;
  /// The model is an FCOS; its outputs say the rest.
  bool isFcos = false;
};

/// Sets the module's attributes as `given`; what is not given stays. A module
/// without a detector gets that of an FCOS if the results of @main fit. Fails
/// if `given` calls a model an FCOS whose results do not fit.
llvm::Error describeModel(mlir::ModuleOp module,
                          const ModelDescriptions &given);

} // namespace shift::import

#endif // SHIFT_IMPORT_MODELDESCRIPTIONS_H
