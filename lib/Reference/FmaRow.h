//===- FmaRow.h - acc = fma(w, x, acc) along a row --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A fused multiply-add has one result, so a machine that has the instruction
// may use it: the portable std::fma is a library call an element.
//===----------------------------------------------------------------------===//
#ifndef LIB_REFERENCE_FMAROW_H
#define LIB_REFERENCE_FMAROW_H

#include <cstdint>

namespace shift::reference {

/// For each channel c of `channels`, then each term t of `terms`:
/// acc[i] = fma(w[c * wStep + t], x[c * xStep + i * stride], acc[i]),
/// i in [0, count).
void fmaRows(const float *w, int64_t wStep, int64_t terms, const float *x,
             int64_t xStep, int64_t stride, int64_t channels, float *acc,
             int64_t count);

} // namespace shift::reference

#endif // LIB_REFERENCE_FMAROW_H
