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

#endif // LIB_TARGET_CUDA_HOSTSHIM_SHIM_BUILTINS_H
