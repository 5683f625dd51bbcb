//===- Diagnostics.h - MLIR's diagnostics as messages of tools --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_DIAGNOSTICS_H
#define SHIFT_PIPELINES_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Error.h"

#include <string>

namespace shift::pipelines {

/// Makes a context print warnings and errors as lines on stderr.
void printDiagnostics(mlir::MLIRContext &context);

/// Keeps the errors of a context, while it lives, from being printed.
class ErrorCollector {
public:
  explicit ErrorCollector(mlir::MLIRContext *context);

  /// "WHAT: " and the first error with its place, or `what` alone.
  llvm::Error take(const llvm::Twine &what) const;
  /// The first error without its place, empty if there was none.
  const std::string &text() const { return first; }

private:
  std::string place, first;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_DIAGNOSTICS_H
