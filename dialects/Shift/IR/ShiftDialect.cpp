//===- ShiftDialect.cpp - Registration of the shift dialect ---------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftOps.h"

using namespace mlir;
using namespace mlir::shift;

#include "dialects/Shift/IR/ShiftDialect.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/Shift/IR/ShiftOps.cpp.inc"

void ShiftDialect::initialize() {
  registerAttributes();
  registerTypes();
  addOperations<
#define GET_OP_LIST
#include "dialects/Shift/IR/ShiftOps.cpp.inc"
      >();
}
