//===- Passes.td - Conversion to CPU kernels -----------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_SHIFTTOCPU_PASSES_TD
#define SHIFT_CONVERSION_SHIFTTOCPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertShiftToCPUPass : Pass<"convert-shift-to-cpu", "ModuleOp"> {
  let summary = "Turn @main into a straight line of calls of CPU kernels";
  let description = [{
    Each op of `@main` becomes a step: a call of a kernel over work items
    `[0, extent)`, with buffers for tensors. Kernels are private functions in
    memref, scf, vector and arith, one for each different shape and attributes;
    constants are globals. Weights stay packed: their global says how the
    runtime expands them. Which kernel family takes an op is its strategy; the
    `shift.step` attribute of the call says which, why, and what the overflow
    certificate found.

    `@main` then takes the flat buffers of inputs and outputs. It is a plan, not
    code: the runtime runs its calls, split over threads.
  }];
  let options = [
    ListOption<"strategies", "strategies", "std::string",
               "Strategies for nodes, `pattern=strategy` (the pattern may hold "
               "* and ?); the first that matches and can take the op is used">,
    Option<"keepAllValues", "keep-all-values", "bool", "false",
           "Give every op a step, also those that only rename a tensor, so that "
           "each value can be observed for calibration">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
    "::mlir::LLVM::LLVMDialect"
  ];
}

#endif // SHIFT_CONVERSION_SHIFTTOCPU_PASSES_TD
