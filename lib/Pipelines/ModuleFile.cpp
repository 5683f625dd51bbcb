//===- ModuleFile.cpp - Files of MLIR modules -----------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/ModuleFile.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/Support/FileUtilities.h"
#include "shift/Pipelines/CommandLine.h"

using namespace llvm;

namespace shift::pipelines {

/// Whether the text ends before the quote that closes its last string. Strings
/// end with their line at the latest, comments hold none.
static bool endsInString(StringRef text) {
  StringRef line = text.substr(text.rfind('\n') + 1);
  bool isString = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (isString && line[i] == '\\')
      ++i;
    else if (line[i] == '"')
      isString = !isString;
    else if (!isString && line.substr(i).starts_with("//"))
      return false;
  }
  return isString;
}

Expected<std::unique_ptr<MemoryBuffer>>
openModuleFile(const std::string &path) {
  std::string message;
  std::unique_ptr<MemoryBuffer> buffer =
      mlir::openInputFile(path, Align(64), &message);
  if (!buffer)
    return makeError(message);
  if (!mlir::isBytecode(*buffer) && endsInString(buffer->getBuffer()))
    return makeError("cannot read '" + path +
                     "': the text ends inside a string; it is truncated");
  return buffer;
}

} // namespace shift::pipelines
