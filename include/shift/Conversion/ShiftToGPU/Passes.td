//===- Passes.td - Conversion to GPU kernels -----------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_SHIFTTOGPU_PASSES_TD
#define SHIFT_CONVERSION_SHIFTTOGPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertShiftToGPUPass : Pass<"convert-shift-to-gpu", "ModuleOp"> {
  let summary = "Turn @main into a straight line of launches of GPU kernels";
  let description = [{
    Of layers that several kernel families can take, `select-gpu-kernels` has
    chosen a strategy (attribute `shift.strategy`); other ops have one family
    only.

    Each op of `@main` becomes a step: a launch of a kernel over blocks of
    threads, with flat buffers for tensors. Kernels are functions of the
    gpu.module `@kernels`, one for each different shape and attributes, in gpu,
    memref, scf, vector, arith, math and nvvm; constants are globals. Weights
    stay packed, except that `dp4a` and `mma` have bytes. The `shift.step`
    attribute of the launch says which strategy and why, and what the overflow
    certificate found; `shift.comment` of a kernel says the same for readers.

    `@main` then takes the flat buffers of inputs and outputs. No buffer has
    2^31 elements. A step that checks its data is a launch that finds the least
    index of a bad element, and one that fetches its value, for the host to read
    after the run.

    ```mlir
    func.func @main(%x: tensor<64x!quant.uniform<i16:f32, 0.0625>>)
        -> tensor<64x!quant.uniform<i8:f32, 0.25>> {
      %y = shift.requantize %x {clamp_min = 0.0 : f32, node_name = "relu"}
      return %y
    }
    // becomes
    gpu.module @kernels {
      gpu.func @requantize_0_map(%x: memref<64xi16>, %y: memref<64xi8>) kernel
          attributes {known_block_size = array<i32: 256, 1, 1>,
                      shift.comment = "..."} {
        scf.for %i = %first to %last step %c256 {
          %q = memref.load %x[%i] : memref<64xi16>
          ...
          memref.store %narrow, %y[%i] : memref<64xi8>
        }
        gpu.return
      }
    }
    func.func @main(
        %x: memref<64xi16> {shift.name = "input0", shift.role = "input", ...},
        %y: memref<64xi8> {shift.name = "output0", shift.role = "output", ...}) {
      gpu.launch_func @kernels::@requantize_0_map
        blocks in (%c1, %c1, %c1) threads in (%c256, %c1, %c1)
        dynamic_shared_memory_size %c0 args(%x, %y)
        {shift.step = {extent = 1, name = "relu", op = "shift.requantize",
                       strategy = "map", ...}}
      return
    }
    ```
  }];
  let options = [
    Option<"arch", "arch", "std::string", "\"sm_75\"",
           "Oldest architecture that the code must run on, sm_NN; from sm_80 on "
           "float tiles are copied asynchronously">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::gpu::GPUDialect", "::mlir::nvgpu::NVGPUDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect", "::mlir::NVVM::NVVMDialect"
  ];
}

def SelectGPUKernelsPass : Pass<"select-gpu-kernels", "ModuleOp"> {
  let summary = "Choose a GPU strategy for each convolution and linear layer";
  let description = [{
    Kernel families with different strategies compute the same bits. Each layer
    gets the attribute `shift.strategy`, which `convert-shift-to-gpu` obeys, and
    `shift.strategy_reason`, which its remarks and reports show.

    The choice goes by what an architecture computes fastest: `mma` (tensor
    cores, sm_72 and later) where weights and activations are bytes and the
    layer fills its tiles, else `dp4a` (sm_61 and later), else `shift`; layers
    of float activations are `float`. `strategies` overrides it: a strategy that
    a layer cannot take gives way to the next one in the list, after the last to
    the nearest in the order mma, dp4a, shift, float.

    ```mlir
    %0 = shift.conv2d %x, %w {node_name = "conv", ...}
    // becomes
    %0 = shift.conv2d %x, %w {
      node_name = "conv", shift.strategy = "dp4a",
      shift.strategy_reason = "fastest of dp4a, shift on sm_75; not mma: a
                               matrix of fewer than 32 channels or positions a
                               group"}
    ```
  }];
  let options = [
    ListOption<"strategies", "strategies", "std::string",
               "Strategies for nodes, `pattern=strategy` (the pattern may hold "
               "* and ?, the strategy may be auto); the first that matches and "
               "can take the layer is used">,
    Option<"arch", "arch", "std::string", "\"sm_75\"",
           "Oldest architecture that the code must run on, sm_NN">
  ];
}

#endif // SHIFT_CONVERSION_SHIFTTOGPU_PASSES_TD
