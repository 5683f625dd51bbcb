//===- Builtins.h - threadIdx and its kind ----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The runtime library sets them whenever it lets a thread of a block run. They
// are constants to kernels: each thread of a block sees its own all the time.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_SHIM_BUILTINS_H
#define LIB_TARGET_CUDA_HOSTSHIM_SHIM_BUILTINS_H

#include "shim/VectorTypes.h"

extern __thread const uint3 threadIdx, blockIdx, blockDim, gridDim;
constexpr int warpSize = 32;

namespace shift::shim {

/// Depends on the seed; odd.
extern __thread const unsigned fragmentFactor;

/// Where a fragment keeps its elements: number of the element that `slot` of
/// `lane` holds, of `count` (a power of two). CUDA does not say where, and here
/// nobody can rely on it.
inline unsigned fragmentElement(unsigned lane, unsigned slot, unsigned count) {
  return ((slot * 32 + lane) * fragmentFactor + 5) & (count - 1);
}

} // namespace shift::shim

#endif // LIB_TARGET_CUDA_HOSTSHIM_SHIM_BUILTINS_H
