//===- FmaRow.cpp - acc = fma(w, x, acc) along a row ----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "FmaRow.h"

#include <cmath>

using namespace shift::reference;

namespace {

/// The loops, inlined into one function an instruction set. Short pieces of the
/// row keep their accumulators in registers over all channels.
inline __attribute__((always_inline)) void
rows(const float *w, int64_t wStep, int64_t terms, const float *x,
     int64_t xStep, int64_t stride, int64_t channels, float *__restrict acc,
     int64_t count) {
  constexpr int64_t block = 32;
  int64_t begin = 0;
  for (; stride == 1 && begin + block <= count; begin += block) {
    float local[block];
    for (int64_t i = 0; i < block; ++i)
      local[i] = acc[begin + i];
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t t = 0; t < terms; ++t)
        for (int64_t i = 0; i < block; ++i)
          local[i] =
              std::fma(w[c * wStep + t], x[c * xStep + begin + i], local[i]);
    for (int64_t i = 0; i < block; ++i)
      acc[begin + i] = local[i];
  }
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t t = 0; t < terms; ++t)
      for (int64_t i = begin; i < count; ++i)
        acc[i] = std::fma(w[c * wStep + t], x[c * xStep + i * stride], acc[i]);
}

void rowsPortable(const float *w, int64_t wStep, int64_t terms, const float *x,
                  int64_t xStep, int64_t stride, int64_t channels, float *acc,
                  int64_t count) {
  rows(w, wStep, terms, x, xStep, stride, channels, acc, count);
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void rowsFma(const float *w, int64_t wStep,
                                                 int64_t terms, const float *x,
                                                 int64_t xStep, int64_t stride,
                                                 int64_t channels, float *acc,
                                                 int64_t count) {
  rows(w, wStep, terms, x, xStep, stride, channels, acc, count);
}
#endif

using Rows = void (*)(const float *, int64_t, int64_t, const float *, int64_t,
                      int64_t, int64_t, float *, int64_t);

Rows selectRows() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return rowsFma;
#endif
  return rowsPortable;
}

} // namespace

void shift::reference::fmaRows(const float *w, int64_t wStep, int64_t terms,
                               const float *x, int64_t xStep, int64_t stride,
                               int64_t channels, float *acc, int64_t count) {
  static const Rows selected = selectRows();
  selected(w, wStep, terms, x, xStep, stride, channels, acc, count);
}
