//===- VectorTypes.h - int4, float2, dim3 and their kind --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The built-in vector types with CUDA's sizes and alignments.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_SHIM_VECTORTYPES_H
#define LIB_TARGET_CUDA_HOSTSHIM_SHIM_VECTORTYPES_H

#include "shim/Qualifiers.h"

// clang checks the alignment of a copied object only if the copy is a call, so
// that checked code has the copies written out. Other code has plain
// aggregates, as CUDA has.
#if SHIFT_SHIM_CHECKED && defined(__clang__)
#define SHIFT_SHIM_COPIES2(T, Name)                                            \
  Name() = default;                                                            \
  Name(T x, T y) : x(x), y(y) {}                                               \
  Name(const Name &other) : x(other.x), y(other.y) {}                          \
  Name &operator=(const Name &other) {                                         \
    x = other.x, y = other.y;                                                  \
    return *this;                                                              \
  }
#define SHIFT_SHIM_COPIES4(T, Name)                                            \
  Name() = default;                                                            \
  Name(T x, T y, T z = 0, T w = 0) : x(x), y(y), z(z), w(w) {}                 \
  Name(const Name &other) : x(other.x), y(other.y), z(other.z), w(other.w) {}  \
  Name &operator=(const Name &other) {                                         \
    x = other.x, y = other.y, z = other.z, w = other.w;                        \
    return *this;                                                              \
  }
#else
#define SHIFT_SHIM_COPIES2(T, Name)
#define SHIFT_SHIM_COPIES4(T, Name)
#endif

#define SHIFT_SHIM_VECTORS(T, Name, align2, align4)                            \
  struct Name##1 { T x; };                                                     \
  struct __align__(align2) Name##2 {                                           \
    T x, y;                                                                    \
    SHIFT_SHIM_COPIES2(T, Name##2)                                             \
  };                                                                           \
  struct Name##3 { T x, y, z; };                                               \
  struct __align__(align4) Name##4 {                                           \
    T x, y, z, w;                                                              \
    SHIFT_SHIM_COPIES4(T, Name##4)                                             \
  };                                                                           \
  inline Name##1 make_##Name##1(T x) { return {x}; }                           \
  inline Name##2 make_##Name##2(T x, T y) { return {x, y}; }                   \
  inline Name##3 make_##Name##3(T x, T y, T z) { return {x, y, z}; }           \
  inline Name##4 make_##Name##4(T x, T y, T z, T w) { return {x, y, z, w}; }

SHIFT_SHIM_VECTORS(signed char, char, 2, 4)
SHIFT_SHIM_VECTORS(unsigned char, uchar, 2, 4)
SHIFT_SHIM_VECTORS(short, short, 4, 8)
SHIFT_SHIM_VECTORS(unsigned short, ushort, 4, 8)
SHIFT_SHIM_VECTORS(int, int, 8, 16)
SHIFT_SHIM_VECTORS(unsigned int, uint, 8, 16)
SHIFT_SHIM_VECTORS(long long, longlong, 16, 16)
SHIFT_SHIM_VECTORS(unsigned long long, ulonglong, 16, 16)
SHIFT_SHIM_VECTORS(float, float, 8, 16)
SHIFT_SHIM_VECTORS(double, double, 16, 16)

/// Extents of a grid or a block; missing ones are 1.
struct dim3 {
  unsigned int x, y, z;
  constexpr dim3(unsigned int x = 1, unsigned int y = 1, unsigned int z = 1)
      : x(x), y(y), z(z) {}
  dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
  operator uint3() const { return {x, y, z}; }
};

#endif // LIB_TARGET_CUDA_HOSTSHIM_SHIM_VECTORTYPES_H
