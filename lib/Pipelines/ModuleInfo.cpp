//===- ModuleInfo.cpp - What a module says about itself -------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/ModuleInfo.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace shift::pipelines {

static std::string getText(ModuleOp module, StringRef name) {
  auto attr = module->getAttrOfType<StringAttr>(name);
  return attr ? attr.getValue().str() : "";
}

std::string getDetector(ModuleOp module) {
  return getText(module, "shift.detector");
}

std::string getImageInput(ModuleOp module) {
  return getText(module, "shift.image_input");
}

llvm::DenseMap<Operation *, int64_t> numberValues(ModuleOp module) {
  llvm::DenseMap<Operation *, int64_t> ids;
  int64_t next = 0;
  auto main = module.lookupSymbol<func::FuncOp>("main");
  for (Operation &op : main.getBody().front()) {
    ids[&op] = next;
    next += op.getNumResults();
  }
  return ids;
}

} // namespace shift::pipelines
