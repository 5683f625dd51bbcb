//===- Device.h - What kernels ask of the runtime library -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The border between the code of a .cu file, which checked mode instruments,
// and the runtime library, which it does not.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_SHIM_DEVICE_H
#define LIB_TARGET_CUDA_HOSTSHIM_SHIM_DEVICE_H

#include "shim/VectorTypes.h"

#include <cstddef>
#include <cstdint>

namespace shift::shim {

/// What a barrier of the block computes from the threads' predicates.
enum class BarrierKind { Plain, Count, And, Or };

/// Waits for all threads of the block at the barrier of source line `line`.
int barrier(BarrierKind kind, int predicate, int line);

/// What the lanes of a warp compute together.
enum class LaneOp { Sync, Shuffle, Ballot, All, Any };

/// Waits for the lanes of `mask` at the operation `name`. Shuffle gives the
/// value of lane `source` of the warp.
uint64_t laneOp(LaneOp op, const char *name, unsigned mask, uint64_t value = 0,
                int source = 0);

/// The lanes that are at work: those of the warp that have not exited.
unsigned activeLanes();

/// Number of the running thread in its warp.
int laneIndex();

/// Stops the grid with a message about the running thread.
[[noreturn]] void failKernel(const char *message);

/// cp.async: copies of the running thread, which arrive when it waits.
void asyncCopy(void *shared, const void *global, size_t bytes, size_t zeroFill);
void asyncCommit();
void asyncWait(size_t groupsThatMayStay);

/// Checks a matrix for `name`: aligned to 32 bytes, rows multiples of 16 bytes
/// apart. Checked mode waits for all lanes and sees that they agree.
void agreeOnMatrix(const char *name, const void *matrix, size_t rowBytes);

/// The product of a warp's fragments, `rows` x `columns` x `depth`; elements of
/// a and b are 8 bits wide, signed or not.
struct MatrixProduct {
  int *result;
  const void *a, *b;
  const int *addend;
  bool isSigned;
  int rows, columns, depth;
};
void multiplyMatrices(const MatrixProduct &product);

} // namespace shift::shim

#endif // LIB_TARGET_CUDA_HOSTSHIM_SHIM_DEVICE_H
