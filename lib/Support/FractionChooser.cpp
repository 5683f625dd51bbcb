//===- FractionChooser.cpp - Fraction bits from calibration values --------===//
// SPDX-License-Identifier: Apache-2.0
// See the header for why counters a fraction are enough.
//===----------------------------------------------------------------------===//
#include "shift/Support/FractionChooser.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace shift {
namespace {

/// Percentiles are exact to 1e-4 percent: parts of a million.
constexpr int64_t percentileScale = 10000;
constexpr int64_t wholePercentile = 100 * percentileScale;

/// floor(log2 magnitude) of a normal number; -127 for subnormals, which fit
/// every fraction anyway.
int exponentOf(float magnitude) {
  uint32_t bits;
  std::memcpy(&bits, &magnitude, sizeof(bits));
  return static_cast<int>(bits >> 23) - 127;
}

} // namespace

FractionChooser::FractionChooser(int64_t qMax)
    : limit(static_cast<double>(qMax) + 0.5) {}

void FractionChooser::add(const float *values, int64_t count) {
  int limitExponent = std::ilogb(limit);
  for (int64_t i = 0; i < count; ++i) {
    float magnitude = std::fabs(values[i]);
    sawNegative |= values[i] < 0;
    if (!(magnitude > 0)) {
      ++zeros;
      continue;
    }
    largest = std::max(largest, magnitude);
    int fraction = minFraction - 1;
    if (magnitude <= std::numeric_limits<float>::max()) {
      // |x| * 2^fraction has the exponent of the limit: it may or may not fit;
      // one less always does.
      fraction = limitExponent - exponentOf(magnitude);
      if (fraction > maxFraction)
        fraction = maxFraction;
      else if (!(static_cast<double>(magnitude) * doublePowerOfTwo(fraction) <
                 limit))
        --fraction;
    }
    ++valuesBySlot[std::max(fraction, minFraction - 1) - (minFraction - 1)];
  }
  total += count;
}

void FractionChooser::merge(const FractionChooser &other) {
  for (int slot = 0; slot < slots; ++slot)
    valuesBySlot[slot] += other.valuesBySlot[slot];
  zeros += other.zeros;
  total += other.total;
  largest = std::max(largest, other.largest);
  sawNegative |= other.sawNegative;
}

int FractionChooser::chooseMaximum() const { return chooseRank(total); }

int FractionChooser::choosePercentile(double percent) const {
  int64_t parts = std::llround(percent * percentileScale);
  parts = std::clamp<int64_t>(parts, 0, wholePercentile);
  int128 rank = (int128{parts} * total + wholePercentile - 1) / wholePercentile;
  return chooseRank(static_cast<int64_t>(rank));
}

int FractionChooser::chooseRank(int64_t rank) const {
  if (zeros >= std::max<int64_t>(rank, 1) || total == 0)
    return 0;
  // Small values fit large fractions: the value of this rank fits f exactly
  // where that many values do.
  int64_t fitting = zeros;
  for (int fraction = maxFraction; fraction > minFraction; --fraction) {
    fitting += valuesBySlot[fraction - (minFraction - 1)];
    if (fitting >= rank)
      return fraction;
  }
  return minFraction;
}

LeastSquaresChooser::LeastSquaresChooser(const FixedPoint &format, int first,
                                         int last)
    : format(format), firstFraction(first), errors(last - first + 1, 0.0) {}

void LeastSquaresChooser::add(const float *values, int64_t count) {
  for (size_t candidate = 0; candidate < errors.size(); ++candidate) {
    FixedPoint tried = format;
    tried.fraction = firstFraction + static_cast<int>(candidate);
    double sum = errors[candidate];
    for (int64_t i = 0; i < count; ++i) {
      if (!std::isfinite(values[i]))
        continue;
      double error =
          static_cast<double>(values[i]) -
          static_cast<double>(toFloat(toFixed(values[i], tried), tried));
      sum += error * error;
    }
    errors[candidate] = sum;
  }
  for (int64_t i = 0; i < count && !sawNonZero; ++i)
    sawNonZero = values[i] != 0 && std::isfinite(values[i]);
}

int LeastSquaresChooser::choose() const {
  if (!sawNonZero)
    return 0;
  return firstFraction +
         static_cast<int>(std::min_element(errors.begin(), errors.end()) -
                          errors.begin());
}

} // namespace shift
