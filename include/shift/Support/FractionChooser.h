//===- FractionChooser.h - Fraction bits from calibration values ----------===//
// SPDX-License-Identifier: Apache-2.0
// Calibration streams the values of a tensor through these counters, image
// after image, and asks for the fraction at the end. The counters are exact:
// the nearest-rank percentile is never formed, only how many values fit each
// fraction, which answers the same question with 65 numbers.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_FRACTIONCHOOSER_H
#define SHIFT_SUPPORT_FRACTIONCHOOSER_H

#include "shift/Support/FixedPoint.h"

#include <array>
#include <cstdint>
#include <vector>

namespace shift {

/// Chooses the largest f in -32..31 with v * 2^f < qMax + 1/2, v being the
/// maximum or a nearest-rank percentile of |x|; 0 where v = 0.
class FractionChooser {
public:
  /// `qMax` is the largest q of the format, at least 1.
  explicit FractionChooser(int64_t qMax);

  /// Counts `count` values. A NaN counts as 0, which it becomes.
  void add(const float *values, int64_t count);

  /// Adds what another chooser of the same qMax has counted.
  void merge(const FractionChooser &other);

  /// Number of values counted so far.
  int64_t count() const { return total; }
  /// Largest |x| counted so far; infinity where one was met.
  float maxAbs() const { return largest; }
  /// Whether a value below 0 was counted.
  bool hasNegative() const { return sawNegative; }

  /// The fraction for v = max |x|; 0 without values.
  int chooseMaximum() const;

  /// The fraction for v = the nearest-rank percentile of |x|: the value of rank
  /// ceil(percent / 100 * count), at least 1, from below. `percent` in (0, 100]
  /// is taken to 1e-4, so that 99.99 means itself.
  int choosePercentile(double percent) const;

private:
  int chooseRank(int64_t rank) const;

  /// Number of fractions plus one for values that fit none.
  static constexpr int slots = maxFraction - minFraction + 2;

  double limit;
  /// valuesBySlot[i]: values whose largest fitting fraction is
  /// minFraction - 1 + i.
  std::array<int64_t, slots> valuesBySlot{};
  int64_t zeros = 0;
  int64_t total = 0;
  float largest = 0;
  bool sawNegative = false;
};

/// Chooses the fraction with the least sum of (x - toFloat(toFixed(x)))^2 among
/// candidates first..last; float64, in the order of `add`. A tie goes to the
/// smallest fraction, which leaves most headroom. NaN and infinity are left
/// out.
class LeastSquaresChooser {
public:
  /// `format` without its fraction; minFraction <= first <= last <=
  /// maxFraction.
  LeastSquaresChooser(const FixedPoint &format, int first, int last);

  /// Adds the errors of `count` values for every candidate.
  void add(const float *values, int64_t count);

  /// The best candidate; 0 where all values were 0 or none came.
  int choose() const;

  /// The error sum of candidate `fraction`.
  double error(int fraction) const { return errors[fraction - firstFraction]; }

private:
  FixedPoint format;
  int firstFraction;
  std::vector<double> errors;
  bool sawNonZero = false;
};

} // namespace shift

#endif // SHIFT_SUPPORT_FRACTIONCHOOSER_H
