//===- ONNXImporter.h - ONNX files to the onnx dialect ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Reads untrusted files: whatever is in them, the result is a verified module
// or one diagnostic that names the node, its op and opset, and what would help.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_IMPORT_ONNXIMPORTER_H
#define SHIFT_IMPORT_ONNXIMPORTER_H

#include "shift/Import/ModelDescriptions.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/raw_ostream.h"

#include <map>
#include <string>
#include <vector>

namespace shift::import {

/// The opsets of ONNX's own domain that models may use.
inline constexpr int64_t firstOpset = 7, lastOpset = 27;

/// What an ONNX file leaves open.
struct ImportOptions {
  /// Shapes by input name; needed where the model's has symbolic dimensions.
  std::map<std::string, std::vector<int64_t>> inputShapes;
  /// Values to return instead of the graph's outputs; only what computes them
  /// is imported. Any value of the graph can be named.
  std::vector<std::string> outputs;
  /// They win over those in the file's metadata.
  ModelDescriptions descriptions;
};

/// The module of an ONNX file: a function @main whose arguments and results
/// carry their names as `onnx.name`. Null after one error diagnostic.
mlir::OwningOpRef<mlir::ModuleOp> importONNXModel(llvm::StringRef path,
                                                  const ImportOptions &options,
                                                  mlir::MLIRContext &context);

/// Writes the table of supported ops (op, opsets, restrictions) as Markdown.
void printSupportedOps(llvm::raw_ostream &os);

} // namespace shift::import

#endif // SHIFT_IMPORT_ONNXIMPORTER_H
