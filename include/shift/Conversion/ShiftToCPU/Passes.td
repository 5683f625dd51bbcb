//===- Passes.td - Conversion to CPU kernels -----------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_SHIFTTOCPU_PASSES_TD
#define SHIFT_CONVERSION_SHIFTTOCPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertShiftToCPUPass : Pass<"convert-shift-to-cpu", "ModuleOp"> {
  let summary = "Turn @main into a straight line of calls of CPU kernels";
  let description = [{
    Of layers that several kernel families can take, `select-kernels` has chosen
    a strategy (attribute `shift.strategy`); other ops have one family only.

    Each op of `@main` becomes a step: a call of a kernel over work items
    `[0, extent)`, with buffers for tensors. Kernels are private functions in
    memref, scf, vector and arith, one for each different shape and attributes;
    constants are globals. Weights stay packed: their global says how the
    runtime expands them. Which kernel family takes an op is its strategy; the
    `shift.step` attribute of the call says which, why, and what the overflow
    certificate found.

    `@main` then takes the flat buffers of inputs and outputs. It is a plan, not
    code: the runtime runs its calls, split over threads.

    ```mlir
    func.func @main(%x: tensor<64x!quant.uniform<i16:f32, 0.0625>>)
        -> tensor<64x!quant.uniform<i8:f32, 0.25>> {
      %y = shift.requantize %x {clamp_min = 0.0 : f32, node_name = "relu"}
      return %y
    }
    // becomes
    func.func @main(
        %x: memref<64xi16> {shift.name = "input0", shift.role = "input", ...},
        %y: memref<64xi8> {shift.name = "output0", shift.role = "output", ...}) {
      %scratch = memref.alloca() : memref<1xi8>
      call @shift_requantize_...__map(%x, %y, %scratch, %c0, %c1)
        {shift.step = {extent = 1, name = "relu", op = "shift.requantize",
                       strategy = "map", ...}}
      return
    }
    func.func private @shift_requantize_...__map(
        %x: memref<64xi16>, %y: memref<64xi8>, %scratch: memref<1xi8>,
        %begin: index, %end: index) {
      scf.for %item = %begin to %end step %c1 {
        scf.for %i = %first to %last step %c16 {
          %q = vector.load %x[%i] : memref<64xi16>, vector<16xi16>
          %wide = arith.extsi %q : vector<16xi16> to vector<16xi32>
          %sum = arith.addi %wide, dense<2>           // half of 2^2
          %r = arith.shrsi %sum, dense<2>             // f_in - f_out = 2
          %low = arith.maxsi %r, dense<0>
          %clamped = arith.minsi %low, dense<127>
          %narrow = arith.trunci %clamped : vector<16xi32> to vector<16xi8>
          vector.store %narrow, %y[%i] : memref<64xi8>, vector<16xi8>
        }
        ...                                           // the rest, one by one
      }
      return
    }
    ```
  }];
  let options = [
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

def SelectKernelsPass : Pass<"select-kernels", "ModuleOp"> {
  let summary = "Choose a strategy for each convolution and linear layer";
  let description = [{
    Kernel families with different strategies compute the same bits. Each layer
    gets the attribute `shift.strategy`, which `convert-shift-to-cpu` obeys, and
    `shift.strategy_reason`, which its remarks and reports show.

    A cost model predicts what each strategy takes on `isa`: what the kernel has
    to do for the layer, counted, times measured costs. `strategies` overrides
    it: a strategy that a layer cannot take gives way to the next one in the
    list, after the last to the nearest in the order dot8, dot16, shift, float.

    ```mlir
    %0 = shift.conv2d %x, %w {node_name = "conv", ...}
    // becomes
    %0 = shift.conv2d %x, %w {
      node_name = "conv", shift.strategy = "dot8",
      shift.strategy_reason = "predicted 0.0102 ms dot8, 0.0131 ms shift, ..."}
    // and with strategies=conv=dot8, if the weights span too many exponents
    %0 = shift.conv2d %x, %w {
      node_name = "conv", shift.strategy = "dot16",
      shift.strategy_reason = "dot8 asked, but channel 0 has weights above 64
                               times its smallest; the nearest that can"}
    ```
  }];
  let options = [
    ListOption<"strategies", "strategies", "std::string",
               "Strategies for nodes, `pattern=strategy` (the pattern may hold "
               "* and ?, the strategy may be auto: the cost model's); the first "
               "that matches and can take the layer is used">,
    Option<"isa", "isa", "std::string", "\"avx2\"",
           "Instruction set that costs are predicted for: baseline, avx2, "
           "avx512 or avx512vnni">
  ];
}

#endif // SHIFT_CONVERSION_SHIFTTOCPU_PASSES_TD
