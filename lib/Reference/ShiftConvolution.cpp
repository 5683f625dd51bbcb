//===- ShiftConvolution.cpp - Exact sums of shifted integers --------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "ConvolutionRows.h"
#include "shift/Reference/ShiftKernels.h"

#include <algorithm>
#include <mutex>

using namespace shift;
using namespace shift::reference;

namespace {

/// Sums and biases stay below 2^120, which requantizeWithBias needs.
constexpr int sumBits = 120;

/// The smallest accumulator that the worst case of a channel fits.
enum class Accumulator { Bits32, Bits64, Checked };

/// One output channel.
struct Channel {
  const Term *terms;
  int exponent;
  Accumulator accumulator;
};

/// One convolution on fixed point.
class FixedConvolution {
public:
  FixedConvolution(const Tensor &x, const ShiftWeights &weights,
                   const Tensor *bias, const ShiftConvolution &convolution)
      : weights(weights), bias(bias), convolution(convolution),
        sizes(convolutionSizes(x.shape, convolution.shape, convolution.windows,
                               convolution.group)),
        wide(integersOf(x)) {
    for (int64_t q : wide)
      maxAbsQ = std::max<uint64_t>(maxAbsQ, q < 0 ? -uint64_t(q) : q);
    if (maxAbsQ <= INT32_MAX)
      narrow.assign(wide.begin(), wide.end());
  }

  std::string run(Tensor &result, Tensor *inside);

private:
  Channel channelOf(int64_t channel) const;
  std::string runChannel(int64_t channel, Tensor &result, Tensor *inside) const;
  template <typename Sum, typename Integer>
  void sumPlane(const Channel &channel, const Integer *planes,
                std::vector<int128> &sums) const;
  bool sumPlaneChecked(const Channel &channel, const int64_t *planes,
                       std::vector<int128> &sums) const;
  void finish(const Channel &channel, const std::vector<int128> &sums,
              int128 roundedBias, int64_t first, Tensor &result,
              Tensor *inside) const;

  /// Terms of one output channel.
  int64_t channelTerms() const {
    return sizes.groupInputs() * sizes.taps() * weights.perWeight;
  }

  const ShiftWeights &weights;
  const Tensor *bias;
  const ShiftConvolution &convolution;
  ConvolutionSizes sizes;
  std::vector<int64_t> wide;
  std::vector<int32_t> narrow;
  uint64_t maxAbsQ = 0;
};

} // namespace

Channel FixedConvolution::channelOf(int64_t channel) const {
  const Term *terms = weights.terms.data() + channel * channelTerms();
  int fallback = convolution.out
                     ? convolution.in->fraction - convolution.out->fraction
                     : weights.lo;
  int exponent = channelExponent(terms, channelTerms(), fallback);
  AccumulatorBound bound = accumulatorBound(
      maxAbsQ, weightMagnitude(terms, channelTerms(), exponent), 0, 0);
  int bits = accumulatorBits(bound);
  Accumulator accumulator = bits <= 32 && maxAbsQ <= INT32_MAX
                                ? Accumulator::Bits32
                            : bits <= 64 ? Accumulator::Bits64
                                         : Accumulator::Checked;
  return {terms, exponent, accumulator};
}

/// Sums of one plane whose worst case fits Sum.
template <typename Sum, typename Integer>
void FixedConvolution::sumPlane(const Channel &channel, const Integer *planes,
                                std::vector<int128> &sums) const {
  int64_t taps = sizes.taps(), inputs = sizes.groupInputs();
  std::vector<Sum> weightOf(inputs * taps, 0);
  for (int64_t i = 0; i < channelTerms(); ++i) {
    Term term = channel.terms[i];
    if (term.sign != 0)
      weightOf[i / weights.perWeight] += static_cast<Sum>(
          term.sign * (int64_t{1} << (term.exponent - channel.exponent)));
  }
  std::vector<Sum> acc(sums.size(), 0);
  forEachRow(sizes, [&](int64_t begin, const std::vector<TapRow> &row) {
    for (const TapRow &tap : row)
      for (int64_t c = 0; c < inputs; ++c) {
        Sum weight = weightOf[c * taps + tap.tap];
        if (weight == 0)
          continue;
        const Integer *q = planes + c * sizes.inputPlane() + tap.offset;
        Sum *__restrict target = acc.data() + begin + tap.first;
        for (int64_t i = 0; i < tap.count; ++i)
          target[i] += weight * static_cast<Sum>(q[i * tap.stride]);
      }
  });
  std::copy(acc.begin(), acc.end(), sums.begin());
}

/// acc += sign * (q << shift), or false where that exceeds 128 bits.
static bool addShifted(int128 &acc, int sign, int64_t q, int shift) {
  if (q == 0)
    return true;
  constexpr int128 limit = int128{1} << 126;
  uint64_t magnitude = q < 0 ? -uint64_t(q) : uint64_t(q);
  if (shift > 126 || static_cast<int128>(magnitude) > (limit >> shift))
    return false;
  int128 product = static_cast<int128>(q) * (int128{1} << shift);
  return !__builtin_add_overflow(acc, sign < 0 ? -product : product, &acc);
}

/// Sums of one plane with every step checked; false where one overflows.
bool FixedConvolution::sumPlaneChecked(const Channel &channel,
                                       const int64_t *planes,
                                       std::vector<int128> &sums) const {
  int64_t taps = sizes.taps(), inputs = sizes.groupInputs();
  bool fits = true;
  forEachRow(sizes, [&](int64_t begin, const std::vector<TapRow> &row) {
    for (const TapRow &tap : row)
      for (int64_t i = 0; i < inputs * weights.perWeight; ++i) {
        int64_t c = i / weights.perWeight, t = i % weights.perWeight;
        Term term = channel.terms[(c * taps + tap.tap) * weights.perWeight + t];
        if (term.sign == 0)
          continue;
        const int64_t *q = planes + c * sizes.inputPlane() + tap.offset;
        for (int64_t k = 0; k < tap.count; ++k)
          fits &=
              addShifted(sums[begin + tap.first + k], term.sign,
                         q[k * tap.stride], term.exponent - channel.exponent);
      }
  });
  constexpr int128 limit = int128{1} << sumBits;
  for (int128 sum : sums)
    fits &= sum > -limit && sum < limit;
  return fits;
}

/// Writes the results of one plane, which starts at element `first`.
void FixedConvolution::finish(const Channel &channel,
                              const std::vector<int128> &sums,
                              int128 roundedBias, int64_t first, Tensor &result,
                              Tensor *inside) const {
  int fractionIn = convolution.in->fraction;
  if (!convolution.out) {
    for (size_t i = 0; i < sums.size(); ++i)
      result.data<float>()[first + i] = convolution.clamp.apply(
          accToFloat(sums[i] + roundedBias, channel.exponent - fractionIn));
    return;
  }
  const FixedPoint &out = *convolution.out;
  int shift = fractionIn - channel.exponent - out.fraction;
  const PassInterval interval = passInterval(
      out, std::max(shift, 0), convolution.clamp.min, convolution.clamp.max);
  for (size_t i = 0; inside && i < sums.size(); ++i)
    inside->data<bool>()[first + i] =
        interval.contains(sumBeforeRounding(sums[i], roundedBias, shift));
  dispatch(result.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (size_t i = 0; i < sums.size(); ++i)
      result.data<T>()[first + i] = static_cast<T>(convolution.clamp.apply(
          requantizeWithBias(sums[i], roundedBias, shift, out), out));
  });
}

std::string FixedConvolution::runChannel(int64_t index, Tensor &result,
                                         Tensor *inside) const {
  Channel channel = channelOf(index);
  std::string name = "channel " + std::to_string(index);
  int fractionIn = convolution.in->fraction;
  int unit = convolution.out ? biasUnit(channel.exponent, fractionIn,
                                        convolution.out->fraction)
                             : channel.exponent - fractionIn;
  RoundedBias rounded;
  if (bias)
    rounded = roundBias(bias->data<float>()[index], unit);
  if (rounded.overflow)
    return name + ": expected a finite bias below 2^120 units, got " +
           std::to_string(bias->data<float>()[index]);
  int64_t firstInput =
      index / (sizes.outputChannels / sizes.group) * sizes.groupInputs();
  for (int64_t image = 0; image < sizes.batch; ++image) {
    int64_t from =
        (image * sizes.inputChannels + firstInput) * sizes.inputPlane();
    std::vector<int128> sums(sizes.outputPlane(), 0);
    if (channel.accumulator == Accumulator::Bits32)
      sumPlane<int32_t>(channel, narrow.data() + from, sums);
    else if (channel.accumulator == Accumulator::Bits64)
      sumPlane<int64_t>(channel, wide.data() + from, sums);
    else if (!sumPlaneChecked(channel, wide.data() + from, sums))
      return name + ": expected a sum below 2^120, got an overflow";
    finish(channel, sums, rounded.value,
           (image * sizes.outputChannels + index) * sizes.outputPlane(), result,
           inside);
  }
  return {};
}

std::string FixedConvolution::run(Tensor &result, Tensor *inside) {
  result = Tensor(convolution.dtype, convolution.shape);
  if (inside)
    *inside = Tensor(DType::Bool, convolution.shape);
  std::mutex mutex;
  // The first channel that fails, whatever thread is faster.
  int64_t failed = sizes.outputChannels;
  std::string error;
  parallelFor(sizes.outputChannels, sizes.batch * sizes.cost(),
              [&](int64_t channel) {
                std::string message = runChannel(channel, result, inside);
                if (message.empty())
                  return;
                std::lock_guard<std::mutex> lock(mutex);
                if (channel < failed) {
                  failed = channel;
                  error = message;
                }
              });
  return error;
}

std::string shift::reference::shiftConvolution(
    const Tensor &x, const ShiftWeights &weights, const Tensor *bias,
    const ShiftConvolution &convolution, Tensor &result, Tensor *inside) {
  if (convolution.in)
    return FixedConvolution(x, weights, bias, convolution).run(result, inside);
  std::vector<float> values(weights.terms.size());
  std::transform(weights.terms.begin(), weights.terms.end(), values.begin(),
                 termValue);
  result = convTerms(x, values.data(), weights.perWeight, bias,
                     convolution.windows, convolution.group, convolution.shape);
  for (int64_t i = 0; i < result.size(); ++i)
    result.data<float>()[i] = convolution.clamp.apply(result.data<float>()[i]);
  return {};
}
