//===- OpRegistry.cpp - The table of supported ONNX ops -------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "OpRegistry.h"
#include "shift/Import/ONNXImporter.h"

#include "llvm/ADT/StringMap.h"

#include <map>

namespace shift::import {

/// All entries by name, sorted for the documentation.
static const std::map<llvm::StringRef, const OpEntry *> &entries() {
  static const auto table = [] {
    std::map<llvm::StringRef, const OpEntry *> made;
    for (llvm::ArrayRef<OpEntry> family :
         {mathOps(), neuralOps(), quantizeOps(), resizeOps(), tensorOps(),
          shapeArithmeticOps()})
      for (const OpEntry &entry : family)
        made[entry.name] = &entry;
    return made;
  }();
  return table;
}

const OpEntry *findOp(llvm::StringRef name) {
  auto found = entries().find(name);
  return found == entries().end() ? nullptr : found->second;
}

void printSupportedOps(llvm::raw_ostream &os) {
  os << "| op | opsets | restrictions |\n| --- | --- | --- |\n";
  for (const auto &[name, entry] : entries())
    os << "| " << name << " | " << entry->first << " to " << entry->last
       << " | " << entry->restrictions << " |\n";
}

} // namespace shift::import
