//===- OpRegistry.h - The table of supported ONNX ops -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// One entry an op: what the importer dispatches on and what the documentation
// prints.
//===----------------------------------------------------------------------===//
#ifndef LIB_IMPORT_ONNX_OPREGISTRY_H
#define LIB_IMPORT_ONNX_OPREGISTRY_H

#include "NodeImporter.h"

namespace shift::import {

/// How an op deals with small constant operands.
enum class Folding {
  Never,    ///< always an op
  Constants ///< shape arithmetic: constants make constants
};

struct OpEntry {
  const char *name;
  /// First and last opset that have the op.
  int64_t first, last;
  /// Inputs 0..minInputs-1 must be there; maxInputs -1: any number.
  int minInputs, maxInputs;
  /// The leading inputs that must be float.
  int floatInputs;
  Folding folding;
  void (*handler)(NodeImporter &);
  /// What of the op is not supported, for the documentation.
  const char *restrictions;
};

llvm::ArrayRef<OpEntry> mathOps();
llvm::ArrayRef<OpEntry> neuralOps();
llvm::ArrayRef<OpEntry> quantizeOps();
llvm::ArrayRef<OpEntry> resizeOps();
llvm::ArrayRef<OpEntry> tensorOps();
/// Ops on constants only, which leave no op behind.
llvm::ArrayRef<OpEntry> shapeArithmeticOps();

/// The entry of an op, or null.
const OpEntry *findOp(llvm::StringRef name);

} // namespace shift::import

#endif // LIB_IMPORT_ONNX_OPREGISTRY_H
