//===- cuda_pipeline_primitives.h - Asynchronous copies ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Stands in for CUDA's header of this name. A copy arrives when its thread
// waits for it and not before, so that a missing wait shows.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_CUDA_PIPELINE_PRIMITIVES_H
#define LIB_TARGET_CUDA_HOSTSHIM_CUDA_PIPELINE_PRIMITIVES_H

#include "shim/Device.h"

inline void __pipeline_memcpy_async(void *__restrict__ shared,
                                    const void *__restrict__ global,
                                    size_t bytes, size_t zeroFill = 0) {
  shift::shim::asyncCopy(shared, global, bytes, zeroFill);
}
inline void __pipeline_commit() { shift::shim::asyncCommit(); }
inline void __pipeline_wait_prior(size_t groups) {
  shift::shim::asyncWait(groups);
}

#endif // LIB_TARGET_CUDA_HOSTSHIM_CUDA_PIPELINE_PRIMITIVES_H
