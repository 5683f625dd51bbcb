//===- Families.h - The kernel families of the CPU --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOCPU_FAMILIES_H
#define LIB_CONVERSION_SHIFTTOCPU_FAMILIES_H

#include "lib/Conversion/Kernels/Lowering.h"

namespace mlir::shift::cpu {
using namespace kernels;

/// All families; of those with the same strategy the first that can take an op
/// does. The one place to register a new one.
ArrayRef<std::unique_ptr<KernelFamily>> getKernelFamilies();

/// Strategy `shift`, `dot16` or `dot8`.
std::unique_ptr<KernelFamily> createDepthwiseConvFamily(StringRef strategy);
std::unique_ptr<KernelFamily> createShiftConvFamily();
std::unique_ptr<KernelFamily> createDot8ConvFamily();
std::unique_ptr<KernelFamily> createDot16ConvFamily();
std::unique_ptr<KernelFamily> createDepthwiseFloatFamily();
std::unique_ptr<KernelFamily> createFloatConvFamily();
std::unique_ptr<KernelFamily> createReductionFamily();
std::unique_ptr<KernelFamily> createNormalizationFamily();

} // namespace mlir::shift::cpu

#endif // LIB_CONVERSION_SHIFTTOCPU_FAMILIES_H
