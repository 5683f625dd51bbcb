//===- ModuleFile.h - Files of MLIR modules ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_MODULEFILE_H
#define SHIFT_PIPELINES_MODULEFILE_H

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>
#include <string>

namespace shift::pipelines {

/// The content of a file with a module, as text or bytecode ("-": stdin),
/// aligned for the blobs of bytecode. A text that ends inside a string is an
/// error: MLIR's lexer reads on behind its end.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
openModuleFile(const std::string &path);

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_MODULEFILE_H
