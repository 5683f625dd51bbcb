//===- Names.h - Names of C++ variables in scopes ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_NAMES_H
#define LIB_TARGET_CUDA_NAMES_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"

#include <string>

namespace shift::cuda {

/// Whether `name` can be a function's in the text: an identifier that neither
/// C++ nor CUDA nor the text itself uses.
bool isFreeIdentifier(llvm::StringRef name);
/// Whether it can be a variable's, too.
bool isFreeVariable(llvm::StringRef name);

/// The names in use, scope by scope. A name is not used twice in nested scopes.
class NameScopes {
public:
  NameScopes() : scopes(1) {}

  void open() { scopes.emplace_back(); }
  void close() { scopes.pop_back(); }
  /// `wanted`, with a number behind it if it is in use, declared in the
  /// innermost scope.
  std::string declare(llvm::StringRef wanted);
  /// Takes back the last declaration of the innermost scope.
  void release(llvm::StringRef name) { scopes.back().erase(name); }

private:
  bool isTaken(llvm::StringRef name) const;

  llvm::SmallVector<llvm::StringSet<>> scopes;
};

} // namespace shift::cuda

#endif // LIB_TARGET_CUDA_NAMES_H
