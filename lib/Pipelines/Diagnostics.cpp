//===- Diagnostics.cpp - MLIR's diagnostics as messages of tools ----------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/Diagnostics.h"
#include "shift/Pipelines/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir;

namespace shift::pipelines {

/// Where a diagnostic belongs, as people read it: a place in a file, or the
/// name of the model or node.
static std::string describe(Location loc) {
  std::string text;
  raw_string_ostream os(text);
  if (auto file = dyn_cast<FileLineColLoc>(loc)) {
    os << file.getFilename().getValue();
    if (file.getLine())
      os << ':' << file.getLine() << ':' << file.getColumn();
    os << ": ";
  } else if (auto name = dyn_cast<NameLoc>(loc)) {
    os << '\'' << name.getName().getValue() << "': ";
  }
  return text;
}

void printDiagnostics(MLIRContext &context) {
  // A message is a line, not a whole network.
  context.printOpOnDiagnostic(false);
  context.getDiagEngine().registerHandler([](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Remark)
      return failure();
    bool isError = diagnostic.getSeverity() == DiagnosticSeverity::Error;
    errs() << (isError ? "error: " : "warning: ")
           << describe(diagnostic.getLocation()) << diagnostic << '\n';
    for (Diagnostic &note : diagnostic.getNotes())
      errs() << "note: " << describe(note.getLocation()) << note << '\n';
    return success();
  });
}

ErrorCollector::ErrorCollector(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
          return failure();
        if (first.empty()) {
          place = describe(diagnostic.getLocation());
          first = diagnostic.str();
        }
        return success();
      }) {}

Error ErrorCollector::take(const Twine &what) const {
  return first.empty() ? makeError(what)
                       : makeError(what + ": " + place + first);
}

} // namespace shift::pipelines
