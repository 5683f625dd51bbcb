//===- Arithmetic.h - Intrinsic arithmetic ----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// CUDA's functions on numbers whose results are exactly defined. Approximate
// ones (__expf, rsqrtf and the like) are left out on purpose: the CPU cannot
// give a GPU's bits.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_SHIM_ARITHMETIC_H
#define LIB_TARGET_CUDA_HOSTSHIM_SHIM_ARITHMETIC_H

#include "shim/VectorTypes.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace shift::shim {

template <typename To, typename From>
To bitCast(From value) {
  static_assert(sizeof(To) == sizeof(From));
  To result;
  __builtin_memcpy(&result, &value, sizeof(To));
  return result;
}

/// Conversion of a rounded number as the GPU does it: saturates, NaN gives 0.
template <typename To, typename From>
To saturate(From value) {
  // The first number above To's range is a power of two, hence exact.
  constexpr To lowest = std::numeric_limits<To>::min();
  constexpr To highest = std::numeric_limits<To>::max();
  if (value != value)
    return 0;
  if (value <= static_cast<From>(lowest))
    return lowest;
  if (value >= static_cast<From>(highest / 2 + 1) * 2)
    return highest;
  return static_cast<To>(value);
}

/// Applies `function` to the parts of type Part of 32-bit words.
template <typename Part, typename Function>
unsigned eachPart(unsigned a, unsigned b, Function function) {
  constexpr int bits = 8 * sizeof(Part);
  unsigned result = 0;
  for (int shift = 0; shift < 32; shift += bits) {
    int part =
        function(static_cast<Part>(a >> shift), static_cast<Part>(b >> shift));
    result |= (static_cast<unsigned>(part) & ((1u << bits) - 1)) << shift;
  }
  return result;
}

/// c plus the dot product of the bytes of a and b, modulo 2^32.
template <typename Byte>
unsigned dot4(unsigned a, unsigned b, unsigned c) {
  for (int shift = 0; shift < 32; shift += 8)
    c += static_cast<unsigned>(static_cast<int>(static_cast<Byte>(a >> shift)) *
                               static_cast<int>(static_cast<Byte>(b >> shift)));
  return c;
}

} // namespace shift::shim

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(x); }
inline int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll(x); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __ffsll(long long x) { return __builtin_ffsll(x); }
inline unsigned __brev(unsigned x) {
  unsigned result = 0;
  for (int i = 0; i < 32; ++i)
    result |= (x >> i & 1) << (31 - i);
  return result;
}
inline unsigned long long __brevll(unsigned long long x) {
  return static_cast<unsigned long long>(__brev(static_cast<unsigned>(x)))
             << 32 |
         __brev(static_cast<unsigned>(x >> 32));
}
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  uint64_t bytes = static_cast<uint64_t>(y) << 32 | x;
  unsigned result = 0;
  for (int i = 0; i < 4; ++i) {
    unsigned byte = bytes >> (8 * (selector >> (4 * i) & 7)) & 255;
    if (selector >> (4 * i) & 8) // replicates the sign
      byte = byte & 128 ? 255 : 0;
    result |= byte << (8 * i);
  }
  return result;
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  uint64_t value = static_cast<uint64_t>(high) << 32 | low;
  return static_cast<unsigned>(value << (shift & 31) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  uint64_t value = static_cast<uint64_t>(high) << 32 | low;
  return static_cast<unsigned>(value >> (shift & 31));
}
inline unsigned __funnelshift_lc(unsigned low, unsigned high, unsigned shift) {
  return shift >= 32 ? low : __funnelshift_l(low, high, shift);
}
inline unsigned __funnelshift_rc(unsigned low, unsigned high, unsigned shift) {
  return shift >= 32 ? high : __funnelshift_r(low, high, shift);
}
inline int __mulhi(int a, int b) {
  return static_cast<int>(static_cast<int64_t>(a) * b >> 32);
}
inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>(static_cast<uint64_t>(a) * b >> 32);
}
inline long long __mul64hi(long long a, long long b) {
  return static_cast<long long>(static_cast<__int128>(a) * b >> 64);
}
inline unsigned long long __umul64hi(unsigned long long a,
                                     unsigned long long b) {
  return static_cast<unsigned long long>(
      static_cast<unsigned __int128>(a) * b >> 64);
}
inline unsigned __sad(int a, int b, unsigned c) {
  return c + (a > b ? static_cast<unsigned>(a) - static_cast<unsigned>(b)
                    : static_cast<unsigned>(b) - static_cast<unsigned>(a));
}
inline int __hadd(int a, int b) {
  return static_cast<int>((static_cast<int64_t>(a) + b) >> 1);
}
inline int __rhadd(int a, int b) {
  return static_cast<int>((static_cast<int64_t>(a) + b + 1) >> 1);
}

inline int __dp4a(int a, int b, int c) {
  return static_cast<int>(shift::shim::dot4<int8_t>(a, b, c));
}
inline unsigned __dp4a(unsigned a, unsigned b, unsigned c) {
  return shift::shim::dot4<uint8_t>(a, b, c);
}
inline int __dp4a(char4 a, char4 b, int c) {
  return __dp4a(shift::shim::bitCast<int>(a), shift::shim::bitCast<int>(b), c);
}
inline unsigned __dp4a(uchar4 a, uchar4 b, unsigned c) {
  return __dp4a(shift::shim::bitCast<unsigned>(a),
                shift::shim::bitCast<unsigned>(b), c);
}
/// c plus the products of a's two 16-bit parts with two bytes of b.
inline int __dp2a_lo(int a, int b, int c) {
  return static_cast<int>(
      static_cast<unsigned>(c) +
      static_cast<unsigned>(static_cast<int16_t>(a) * static_cast<int8_t>(b)) +
      static_cast<unsigned>(static_cast<int16_t>(a >> 16) *
                            static_cast<int8_t>(b >> 8)));
}
inline int __dp2a_hi(int a, int b, int c) { return __dp2a_lo(a, b >> 16, c); }

#define SHIFT_SHIM_PARTWISE(S, U, suffix)                                      \
  inline unsigned __vadd##suffix(unsigned a, unsigned b) {                     \
    return shift::shim::eachPart<U>(a, b, [](int x, int y) { return x + y; }); \
  }                                                                            \
  inline unsigned __vsub##suffix(unsigned a, unsigned b) {                     \
    return shift::shim::eachPart<U>(a, b, [](int x, int y) { return x - y; }); \
  }                                                                            \
  inline unsigned __vmaxs##suffix(unsigned a, unsigned b) {                    \
    return shift::shim::eachPart<S>(                                           \
        a, b, [](int x, int y) { return x > y ? x : y; });                     \
  }                                                                            \
  inline unsigned __vmins##suffix(unsigned a, unsigned b) {                    \
    return shift::shim::eachPart<S>(                                           \
        a, b, [](int x, int y) { return x < y ? x : y; });                     \
  }                                                                            \
  inline unsigned __vmaxu##suffix(unsigned a, unsigned b) {                    \
    return shift::shim::eachPart<U>(                                           \
        a, b, [](int x, int y) { return x > y ? x : y; });                     \
  }                                                                            \
  inline unsigned __vminu##suffix(unsigned a, unsigned b) {                    \
    return shift::shim::eachPart<U>(                                           \
        a, b, [](int x, int y) { return x < y ? x : y; });                     \
  }                                                                            \
  inline unsigned __vaddss##suffix(unsigned a, unsigned b) {                   \
    return shift::shim::eachPart<S>(a, b, [](int x, int y) {                   \
      constexpr int high = std::numeric_limits<S>::max();                      \
      int sum = x + y;                                                         \
      return sum > high ? high : sum < -high - 1 ? -high - 1 : sum;            \
    });                                                                        \
  }                                                                            \
  inline unsigned __vneg##suffix(unsigned a) { return __vsub##suffix(0, a); }
SHIFT_SHIM_PARTWISE(int16_t, uint16_t, 2)
SHIFT_SHIM_PARTWISE(int8_t, uint8_t, 4)

#define SHIFT_SHIM_MIN_MAX(T)                                                  \
  inline T min(T a, T b) { return b < a ? b : a; }                             \
  inline T max(T a, T b) { return a < b ? b : a; }
SHIFT_SHIM_MIN_MAX(int)
SHIFT_SHIM_MIN_MAX(unsigned)
SHIFT_SHIM_MIN_MAX(long)
SHIFT_SHIM_MIN_MAX(unsigned long)
SHIFT_SHIM_MIN_MAX(long long)
SHIFT_SHIM_MIN_MAX(unsigned long long)
inline float min(float a, float b) { return fminf(a, b); }
inline float max(float a, float b) { return fmaxf(a, b); }
inline double min(double a, double b) { return fmin(a, b); }
inline double max(double a, double b) { return fmax(a, b); }

//===----------------------------------------------------------------------===//
// Floating point, rounded to nearest, never contracted
//===----------------------------------------------------------------------===//

inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __frcp_rn(float a) { return 1.0f / a; }
inline float __fsqrt_rn(float a) { return sqrtf(a); }
inline float __fmaf_rn(float a, float b, float c) {
  return __builtin_fmaf(a, b, c);
}
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __drcp_rn(double a) { return 1.0 / a; }
inline double __dsqrt_rn(double a) { return sqrt(a); }
inline double __fma_rn(double a, double b, double c) {
  return __builtin_fma(a, b, c);
}
inline float __saturatef(float a) { return a > 0 ? (a < 1 ? a : 1) : 0; }

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

#define SHIFT_SHIM_ROUNDED(From, from, To, to)                                 \
  inline To __##from##2##to##_rn(From x) {                                     \
    return shift::shim::saturate<To>(std::nearbyint(x));                       \
  }                                                                            \
  inline To __##from##2##to##_rz(From x) {                                     \
    return shift::shim::saturate<To>(std::trunc(x));                           \
  }                                                                            \
  inline To __##from##2##to##_rd(From x) {                                     \
    return shift::shim::saturate<To>(std::floor(x));                           \
  }                                                                            \
  inline To __##from##2##to##_ru(From x) {                                     \
    return shift::shim::saturate<To>(std::ceil(x));                            \
  }                                                                            \
  inline From __##to##2##from##_rn(To x) { return static_cast<From>(x); }
SHIFT_SHIM_ROUNDED(float, float, int, int)
SHIFT_SHIM_ROUNDED(float, float, unsigned, uint)
SHIFT_SHIM_ROUNDED(float, float, long long, ll)
SHIFT_SHIM_ROUNDED(float, float, unsigned long long, ull)
SHIFT_SHIM_ROUNDED(double, double, int, int)
SHIFT_SHIM_ROUNDED(double, double, unsigned, uint)
SHIFT_SHIM_ROUNDED(double, double, long long, ll)
SHIFT_SHIM_ROUNDED(double, double, unsigned long long, ull)
inline float __double2float_rn(double x) { return static_cast<float>(x); }

inline int __float_as_int(float x) { return shift::shim::bitCast<int>(x); }
inline unsigned __float_as_uint(float x) {
  return shift::shim::bitCast<unsigned>(x);
}
inline float __int_as_float(int x) { return shift::shim::bitCast<float>(x); }
inline float __uint_as_float(unsigned x) {
  return shift::shim::bitCast<float>(x);
}
inline long long __double_as_longlong(double x) {
  return shift::shim::bitCast<long long>(x);
}
inline double __longlong_as_double(long long x) {
  return shift::shim::bitCast<double>(x);
}
inline int __double2hiint(double x) {
  return static_cast<int>(__double_as_longlong(x) >> 32);
}
inline int __double2loint(double x) {
  return static_cast<int>(__double_as_longlong(x));
}
inline double __hiloint2double(int high, int low) {
  return __longlong_as_double(static_cast<long long>(high) << 32 |
                              static_cast<unsigned>(low));
}

//===----------------------------------------------------------------------===//
// Loads and stores with cache hints
//===----------------------------------------------------------------------===//

#define SHIFT_SHIM_LOAD(name)                                                  \
  template <typename T>                                                        \
  inline T name(const T *address) {                                            \
    return *address;                                                           \
  }
SHIFT_SHIM_LOAD(__ldg)
SHIFT_SHIM_LOAD(__ldca)
SHIFT_SHIM_LOAD(__ldcg)
SHIFT_SHIM_LOAD(__ldcs)
SHIFT_SHIM_LOAD(__ldlu)
SHIFT_SHIM_LOAD(__ldcv)
#define SHIFT_SHIM_STORE(name)                                                 \
  template <typename T>                                                        \
  inline void name(T *address, T value) {                                      \
    *address = value;                                                          \
  }
SHIFT_SHIM_STORE(__stwb)
SHIFT_SHIM_STORE(__stcg)
SHIFT_SHIM_STORE(__stcs)
SHIFT_SHIM_STORE(__stwt)

#endif // LIB_TARGET_CUDA_HOSTSHIM_SHIM_ARITHMETIC_H
