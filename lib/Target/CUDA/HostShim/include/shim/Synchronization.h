//===- Synchronization.h - Barriers, votes, shuffles, fences ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Where the threads of a block or of a warp meet.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_SHIM_SYNCHRONIZATION_H
#define LIB_TARGET_CUDA_HOSTSHIM_SHIM_SYNCHRONIZATION_H

#include "shim/Device.h"

// Macros, for the line: two barriers are told apart by it.
#define SHIFT_SHIM_BARRIER(kind, predicate)                                    \
  ::shift::shim::barrier(::shift::shim::BarrierKind::kind, predicate, __LINE__)
#define __syncthreads() static_cast<void>(SHIFT_SHIM_BARRIER(Plain, 0))
#define __syncthreads_count(predicate) SHIFT_SHIM_BARRIER(Count, (predicate))
#define __syncthreads_and(predicate) SHIFT_SHIM_BARRIER(And, (predicate))
#define __syncthreads_or(predicate) SHIFT_SHIM_BARRIER(Or, (predicate))

inline void __syncwarp(unsigned mask = 0xffffffff) {
  shift::shim::laneOp(shift::shim::LaneOp::Sync, "__syncwarp", mask);
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  return static_cast<unsigned>(shift::shim::laneOp(
      shift::shim::LaneOp::Ballot, "__ballot_sync", mask, predicate != 0));
}
inline int __all_sync(unsigned mask, int predicate) {
  return static_cast<int>(shift::shim::laneOp(
      shift::shim::LaneOp::All, "__all_sync", mask, predicate != 0));
}
inline int __any_sync(unsigned mask, int predicate) {
  return static_cast<int>(shift::shim::laneOp(
      shift::shim::LaneOp::Any, "__any_sync", mask, predicate != 0));
}
inline unsigned __activemask() { return shift::shim::activeLanes(); }

inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_system() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __trap() { shift::shim::failKernel("executes __trap()"); }

namespace shift::shim {

template <typename T>
T shuffle(const char *name, unsigned mask, T value, int source) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  uint64_t bits = 0;
  __builtin_memcpy(&bits, &value, sizeof(T));
  bits = laneOp(LaneOp::Shuffle, name, mask, bits, source);
  __builtin_memcpy(&value, &bits, sizeof(T));
  return value;
}

/// Bounds of the group of `width` lanes that the running lane is in.
inline int firstOfGroup(int width) { return laneIndex() & ~(width - 1); }
inline int lastOfGroup(int width) { return firstOfGroup(width) + width - 1; }

} // namespace shift::shim

#define SHIFT_SHIM_SHUFFLES(T)                                                 \
  inline T __shfl_sync(unsigned mask, T value, int lane, int width = 32) {     \
    int source = shift::shim::firstOfGroup(width) + (lane & (width - 1));      \
    return shift::shim::shuffle("__shfl_sync", mask, value, source);           \
  }                                                                            \
  inline T __shfl_up_sync(unsigned mask, T value, unsigned delta,              \
                          int width = 32) {                                    \
    int source = shift::shim::laneIndex() - static_cast<int>(delta);           \
    if (source < shift::shim::firstOfGroup(width))                             \
      source = shift::shim::laneIndex();                                       \
    return shift::shim::shuffle("__shfl_up_sync", mask, value, source);        \
  }                                                                            \
  inline T __shfl_down_sync(unsigned mask, T value, unsigned delta,            \
                            int width = 32) {                                  \
    int source = shift::shim::laneIndex() + static_cast<int>(delta);           \
    if (source > shift::shim::lastOfGroup(width))                              \
      source = shift::shim::laneIndex();                                       \
    return shift::shim::shuffle("__shfl_down_sync", mask, value, source);      \
  }                                                                            \
  inline T __shfl_xor_sync(unsigned mask, T value, int lanes,                  \
                           int width = 32) {                                   \
    int source = shift::shim::laneIndex() ^ lanes;                             \
    if (source > shift::shim::lastOfGroup(width))                              \
      source = shift::shim::laneIndex();                                       \
    return shift::shim::shuffle("__shfl_xor_sync", mask, value, source);       \
  }
SHIFT_SHIM_SHUFFLES(int)
SHIFT_SHIM_SHUFFLES(unsigned)
SHIFT_SHIM_SHUFFLES(long)
SHIFT_SHIM_SHUFFLES(unsigned long)
SHIFT_SHIM_SHUFFLES(long long)
SHIFT_SHIM_SHUFFLES(unsigned long long)
SHIFT_SHIM_SHUFFLES(float)
SHIFT_SHIM_SHUFFLES(double)

#endif // LIB_TARGET_CUDA_HOSTSHIM_SHIM_SYNCHRONIZATION_H
