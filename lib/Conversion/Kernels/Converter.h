//===- Converter.h - From tensor ops to steps -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Walks @main in order, gives each op to the kernel family of its strategy and
// replaces @main by the straight line of calls.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_CONVERTER_H
#define LIB_CONVERSION_KERNELS_CONVERTER_H

#include "lib/Conversion/Kernels/Lowering.h"

namespace mlir::shift::kernels {

/// Converts @main of `module`. With `keepAllValues` every op gets a step, also
/// those that only rename a tensor. Errors are on the module or an op.
LogicalResult convertMain(ModuleOp module, KernelTarget &target,
                          bool keepAllValues);

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_CONVERTER_H
