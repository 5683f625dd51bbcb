//===- ModelLoader.h - Models from ONNX and MLIR files ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_MODELLOADER_H
#define SHIFT_PIPELINES_MODELLOADER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "shift/Import/ONNXImporter.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>

namespace shift::pipelines {

/// How to read a model: everything that an ONNX file leaves open.
using ModelOptions = import::ImportOptions;

/// The module of an .onnx, .mlir or .mlirbc file. A file of another kind, or
/// one that does not parse or verify, is an error that names it.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
loadModel(const std::string &path, const ModelOptions &options,
          mlir::MLIRContext &context);

/// A context with every dialect that the pipelines use, whose diagnostics go to
/// stderr.
std::unique_ptr<mlir::MLIRContext> makeContext();

/// Runs `pipeline` (MLIR's textual form, for example
/// "quantize-shift{range=-10:5}") on the module.
llvm::Error runPipeline(mlir::ModuleOp module, llvm::StringRef pipeline);

/// The pipeline of a flag --quantize-shift: "-10:5", or the options of the pass
/// as "range=-10:5 rounding=log".
std::string quantizePipeline(llvm::StringRef options);

/// A usage error where the pass does not accept these options, found without a
/// model.
llvm::Error checkQuantizeOptions(llvm::StringRef options);

/// What quantize-shift does to a float module before it rounds weights:
/// constants folded, batch norm inside convolutions, GroupNorm recognised.
extern const char *const floatPipeline;

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_MODELLOADER_H
