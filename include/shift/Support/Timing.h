//===- Timing.h - What stands for many measured times -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// One definition for every tool, so that their numbers compare.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_TIMING_H
#define SHIFT_SUPPORT_TIMING_H

#include <algorithm>
#include <cstddef>
#include <vector>

namespace shift {

/// The middle value, of an even number of values the mean of the two middle
/// ones. There is at least one value.
inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  size_t half = values.size() / 2;
  return values.size() % 2 ? values[half]
                           : (values[half - 1] + values[half]) / 2;
}

/// The nearest rank: the smallest value that at least `percent` (1 to 100) of
/// a hundred do not exceed. There is at least one value.
inline double percentile(std::vector<double> values, size_t percent) {
  std::sort(values.begin(), values.end());
  return values[(percent * values.size() + 99) / 100 - 1];
}

} // namespace shift

#endif // SHIFT_SUPPORT_TIMING_H
