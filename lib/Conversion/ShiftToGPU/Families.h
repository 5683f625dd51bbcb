//===- Families.h - The kernel families of GPUs -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOGPU_FAMILIES_H
#define LIB_CONVERSION_SHIFTTOGPU_FAMILIES_H

#include "lib/Conversion/Kernels/Lowering.h"

namespace mlir::shift::cuda {
using namespace kernels;

/// All families; of those with the same strategy the first that can take an op
/// does. The one place to register a new one.
ArrayRef<std::unique_ptr<KernelFamily>> getKernelFamilies();

/// Convolutions of few channels a group: strategy `shift` or `float`.
std::unique_ptr<KernelFamily> createGroupedConvFamily(StringRef strategy);
/// Strategy `shift`, `dp4a` or `mma`.
std::unique_ptr<KernelFamily> createFixedConvFamily(StringRef strategy);
std::unique_ptr<KernelFamily> createFloatConvFamily();
std::unique_ptr<KernelFamily> createReductionFamily();
std::unique_ptr<KernelFamily> createNormalizationFamily();
std::unique_ptr<KernelFamily> createDecodeFamily();

} // namespace mlir::shift::cuda

#endif // LIB_CONVERSION_SHIFTTOGPU_FAMILIES_H
