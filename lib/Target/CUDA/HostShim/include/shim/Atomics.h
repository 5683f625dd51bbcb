//===- Atomics.h - Atomic functions -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// On the compiler's atomic built-ins: blocks run on several threads, and
// checked mode sees that the access is atomic.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_SHIM_ATOMICS_H
#define LIB_TARGET_CUDA_HOSTSHIM_SHIM_ATOMICS_H

namespace shift::shim {

/// Replaces *address by `update` of it; returns what was there.
template <typename T, typename Update>
T atomicUpdate(T *address, Update update) {
  T old, wanted;
  __atomic_load(address, &old, __ATOMIC_RELAXED);
  do
    wanted = update(old);
  while (!__atomic_compare_exchange(address, &old, &wanted, false,
                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return old;
}

} // namespace shift::shim

#define SHIFT_SHIM_ATOMICS(T)                                                  \
  inline T atomicAdd(T *address, T value) {                                    \
    return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);               \
  }                                                                            \
  inline T atomicExch(T *address, T value) {                                   \
    return __atomic_exchange_n(address, value, __ATOMIC_RELAXED);              \
  }                                                                            \
  inline T atomicCAS(T *address, T compare, T value) {                         \
    __atomic_compare_exchange_n(address, &compare, value, false,               \
                                __ATOMIC_RELAXED, __ATOMIC_RELAXED);           \
    return compare;                                                            \
  }                                                                            \
  inline T atomicMin(T *address, T value) {                                    \
    return shift::shim::atomicUpdate(                                          \
        address, [=](T old) { return old < value ? old : value; });            \
  }                                                                            \
  inline T atomicMax(T *address, T value) {                                    \
    return shift::shim::atomicUpdate(                                          \
        address, [=](T old) { return old < value ? value : old; });            \
  }                                                                            \
  inline T atomicAnd(T *address, T value) {                                    \
    return __atomic_fetch_and(address, value, __ATOMIC_RELAXED);               \
  }                                                                            \
  inline T atomicOr(T *address, T value) {                                     \
    return __atomic_fetch_or(address, value, __ATOMIC_RELAXED);                \
  }                                                                            \
  inline T atomicXor(T *address, T value) {                                    \
    return __atomic_fetch_xor(address, value, __ATOMIC_RELAXED);               \
  }
SHIFT_SHIM_ATOMICS(int)
SHIFT_SHIM_ATOMICS(unsigned)
SHIFT_SHIM_ATOMICS(unsigned long long)

inline int atomicSub(int *address, int value) {
  return __atomic_fetch_sub(address, value, __ATOMIC_RELAXED);
}
inline unsigned atomicSub(unsigned *address, unsigned value) {
  return __atomic_fetch_sub(address, value, __ATOMIC_RELAXED);
}
inline unsigned atomicInc(unsigned *address, unsigned limit) {
  return shift::shim::atomicUpdate(
      address, [=](unsigned old) { return old >= limit ? 0 : old + 1; });
}
inline unsigned atomicDec(unsigned *address, unsigned limit) {
  return shift::shim::atomicUpdate(address, [=](unsigned old) {
    return old == 0 || old > limit ? limit : old - 1;
  });
}
inline float atomicAdd(float *address, float value) {
  return shift::shim::atomicUpdate(address,
                                   [=](float old) { return old + value; });
}
inline double atomicAdd(double *address, double value) {
  return shift::shim::atomicUpdate(address,
                                   [=](double old) { return old + value; });
}
inline long long atomicMin(long long *address, long long value) {
  return shift::shim::atomicUpdate(
      address, [=](long long old) { return old < value ? old : value; });
}
inline long long atomicMax(long long *address, long long value) {
  return shift::shim::atomicUpdate(
      address, [=](long long old) { return old < value ? value : old; });
}

#endif // LIB_TARGET_CUDA_HOSTSHIM_SHIM_ATOMICS_H
