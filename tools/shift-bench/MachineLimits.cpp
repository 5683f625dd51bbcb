//===- MachineLimits.cpp - What the machine's instructions allow ----------===//
// SPDX-License-Identifier: Apache-2.0
// Each loop repeats the instructions of one strategy on enough accumulators to
// hide their latency. The shift strategy's sum has an operand in memory: each
// product is another element of the input, so that loads limit it.
//===----------------------------------------------------------------------===//
#include "MachineLimits.h"
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#define SHIFT_BENCH_X86 1
#endif

namespace shift::bench {
namespace {

/// Accumulators of a loop: 4 cycles of latency, up to 3 instructions a cycle.
constexpr int lanes = 12;

/// Runs `rounds` rounds of `lanes` steps.
using Loop = void (*)(int64_t rounds);

struct LoopInfo {
  const char *strategy, *instructions;
  /// Products of a step.
  int macs;
  Loop loop;
};

// Makes the compiler believe that a value has changed.
#define OPAQUE(value) asm volatile("" : "+x"(value))
#define OPAQUE_ADDRESS(pointer) asm volatile("" : "+r"(pointer) : : "memory")

// A function of `rounds` rounds of STEP on each of `lanes` values acc[i].
// `a` and `b` are operands that the compiler knows nothing about, in each step
// anew, so that it cannot share a product among steps; `memory` is an address
// of `lanes` vectors.
#define LOOP(NAME, ATTRIBUTES, VECTOR, STEP)                                   \
  ATTRIBUTES void NAME(int64_t rounds) {                                       \
    alignas(64) static VECTOR storage[lanes];                                  \
    const VECTOR *memory = storage;                                            \
    VECTOR acc[lanes] = {}, a = {}, b = {};                                    \
    for (int64_t round = 0; round < rounds; ++round) {                         \
      OPAQUE_ADDRESS(memory);                                                  \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < lanes; ++i) {     \
        OPAQUE(a);                                                             \
        OPAQUE(b);                                                             \
        STEP;                                                                  \
        OPAQUE(acc[i]);                                                        \
      }                                                                        \
    }                                                                          \
  }

#if SHIFT_BENCH_X86

LOOP(fmaBaseline, , __m128, acc[i] = _mm_add_ps(acc[i], _mm_mul_ps(a, b)))
LOOP(dotBaseline, , __m128i,
     acc[i] = _mm_add_epi32(acc[i], _mm_madd_epi16(a, b)))
LOOP(addBaseline, , __m128i, acc[i] = _mm_add_epi16(acc[i], memory[i]))

#define AVX2 __attribute__((target("avx2,fma")))
LOOP(fmaAvx2, AVX2, __m256, acc[i] = _mm256_fmadd_ps(a, b, acc[i]))
LOOP(dot16Avx2, AVX2, __m256i,
     acc[i] = _mm256_add_epi32(acc[i], _mm256_madd_epi16(a, b)))
// pmaddwd by ones widens the pairs' sums, of two products: so many fit nearly
// always.
LOOP(dot8Avx2, AVX2, __m256i, {
  __m256i pair = _mm256_maddubs_epi16(a, b);
  OPAQUE(a);
  pair = _mm256_add_epi16(pair, _mm256_maddubs_epi16(a, b));
  acc[i] = _mm256_add_epi32(acc[i], _mm256_madd_epi16(pair, b));
})
LOOP(addAvx2, AVX2, __m256i, acc[i] = _mm256_add_epi16(acc[i], memory[i]))

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))
LOOP(fmaAvx512, AVX512, __m512, acc[i] = _mm512_fmadd_ps(a, b, acc[i]))
LOOP(dot16Avx512, AVX512, __m512i,
     acc[i] = _mm512_add_epi32(acc[i], _mm512_madd_epi16(a, b)))
LOOP(dot8Avx512, AVX512, __m512i, {
  __m512i pair = _mm512_maddubs_epi16(a, b);
  OPAQUE(a);
  pair = _mm512_add_epi16(pair, _mm512_maddubs_epi16(a, b));
  acc[i] = _mm512_add_epi32(acc[i], _mm512_madd_epi16(pair, b));
})
LOOP(addAvx512, AVX512, __m512i, acc[i] = _mm512_add_epi16(acc[i], memory[i]))

#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
LOOP(dot16Vnni, VNNI, __m512i, acc[i] = _mm512_dpwssd_epi32(acc[i], a, b))
LOOP(dot8Vnni, VNNI, __m512i, acc[i] = _mm512_dpbusd_epi32(acc[i], a, b))

std::vector<LoopInfo> loopsFor(std::string_view isa) {
  if (isa == "baseline")
    return {{"float", "mulps, addps", 4, fmaBaseline},
            {"dot16", "pmaddwd, paddd", 8, dotBaseline},
            {"dot8", "pmaddwd, paddd", 8, dotBaseline},
            {"shift", "paddw from memory", 8, addBaseline}};
  if (isa == "avx2")
    return {{"float", "vfmadd231ps", 8, fmaAvx2},
            {"dot16", "vpmaddwd, vpaddd", 16, dot16Avx2},
            {"dot8", "2 vpmaddubsw, vpaddw, vpmaddwd, vpaddd", 64, dot8Avx2},
            {"shift", "vpaddw from memory", 16, addAvx2}};
  std::vector<LoopInfo> loops = {
      {"float", "vfmadd231ps (512 bits)", 16, fmaAvx512},
      {"dot16", "vpmaddwd, vpaddd (512 bits)", 32, dot16Avx512},
      {"dot8", "2 vpmaddubsw, vpaddw, vpmaddwd, vpaddd (512 bits)", 128,
       dot8Avx512},
      {"shift", "vpaddw from memory (512 bits)", 32, addAvx512}};
  if (isa == "avx512vnni") {
    loops[1] = {"dot16", "vpdpwssd", 32, dot16Vnni};
    loops[2] = {"dot8", "vpdpbusd", 64, dot8Vnni};
  }
  return loops;
}

#else // Any other machine: 128-bit vectors of the compiler.

#undef OPAQUE
#define OPAQUE(value) asm volatile("" : "+w"(value))
typedef float Floats __attribute__((vector_size(16)));
typedef int32_t Words __attribute__((vector_size(16)));
typedef int16_t Halves __attribute__((vector_size(16)));
#if !defined(__aarch64__)
#undef OPAQUE
#define OPAQUE(value) asm volatile("" : "+m"(value))
#endif
LOOP(fmaPortable, , Floats, acc[i] += a * b)
LOOP(dotPortable, , Words, acc[i] += a * b)
LOOP(addPortable, , Halves, acc[i] += memory[i])

std::vector<LoopInfo> loopsFor(std::string_view) {
  return {{"float", "vectors of 4", 4, fmaPortable},
          {"dot16", "vectors of 4", 4, dotPortable},
          {"dot8", "vectors of 4", 4, dotPortable},
          {"shift", "vectors of 8 from memory", 8, addPortable}};
}

#endif

double secondsOf(Loop loop, int64_t rounds, int threads) {
  auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i)
    others.emplace_back(loop, rounds);
  loop(rounds);
  for (std::thread &other : others)
    other.join();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

double measure(const LoopInfo &info, int threads) {
  int64_t rounds = 1 << 16;
  // Long enough that starting threads does not count.
  while (secondsOf(info.loop, rounds, threads) < 0.02 && rounds < (1LL << 40))
    rounds *= 2;
  double best = secondsOf(info.loop, rounds, threads);
  for (int i = 0; i < 9; ++i)
    best = std::min(best, secondsOf(info.loop, rounds, threads));
  return double(info.macs) * lanes * rounds * threads / best;
}

} // namespace

std::string measuredInstructionSet() {
  std::string best = "baseline";
#if SHIFT_BENCH_X86
  const char *given = std::getenv("SHIFT_CPU");
  std::string_view most = given ? given : "avx512vnni";
  if (most == "baseline" || !__builtin_cpu_supports("avx2") ||
      !__builtin_cpu_supports("fma"))
    return best;
  best = "avx2";
  if (most == "avx2" || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512vl"))
    return best;
  best = "avx512";
  if (most == "avx512vnni" && __builtin_cpu_supports("avx512vnni"))
    best = "avx512vnni";
#endif
  return best;
}

std::vector<Limit> measureLimits(int threads) {
  std::vector<Limit> limits;
  for (const LoopInfo &info : loopsFor(measuredInstructionSet()))
    limits.push_back(
        {info.strategy, info.instructions, measure(info, threads)});
  return limits;
}

} // namespace shift::bench
