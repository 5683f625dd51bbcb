//===- InitAll.h - Every dialect and pass of the toolchain ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_INITALL_H
#define SHIFT_INITALL_H

#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/ONNX/Transforms/Passes.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "dialects/Shift/Transforms/Passes.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "shift/Conversion/Differentiate/Passes.h"
#include "shift/Conversion/Kernels/Passes.h"
#include "shift/Conversion/ONNXToShift/Passes.h"
#include "shift/Conversion/ShiftToCPU/Passes.h"
#include "shift/Conversion/ShiftToGPU/Passes.h"
#include "shift/Pipelines/CPUPipeline.h"
#include "shift/Pipelines/GPUPipeline.h"
#include "shift/Reference/Passes.h"

namespace shift {

/// Ours and upstream's dialects, since lowering goes through many of them.
inline void registerAllDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<mlir::onnx::ONNXDialect, mlir::shift::ShiftDialect>();
}

/// Ours and upstream's passes.
inline void registerAllPasses() {
  mlir::registerAllPasses();
  mlir::onnx::registerONNXPasses();
  mlir::shift::registerShiftDialectPasses();
  mlir::shift::registerONNXToShiftPasses();
  mlir::shift::registerDifferentiatePasses();
  mlir::shift::registerKernelsPasses();
  mlir::shift::registerShiftToCPUPasses();
  mlir::shift::registerShiftToGPUPasses();
  cpu::registerShiftToCPUPipeline();
  cuda::registerShiftToGPUPipeline();
  reference::registerReferencePasses();
}

} // namespace shift

#endif // SHIFT_INITALL_H
