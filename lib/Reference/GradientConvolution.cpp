//===- GradientConvolution.cpp - Gradients of convolutions ----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "ConvolutionRows.h"
#include "shift/Reference/GradientKernels.h"

#include <cmath>

using namespace shift::reference;

namespace {
/// What a tap does in one row of outputs that starts at `begin`.
struct PlacedTap {
  int64_t begin;
  TapRow tap;
};

/// The rows of each tap.
std::vector<std::vector<PlacedTap>> listRows(const ConvolutionSizes &sizes) {
  std::vector<std::vector<PlacedTap>> rows(sizes.taps());
  forEachRow(sizes, [&](int64_t begin, const std::vector<TapRow> &taps) {
    for (const TapRow &tap : taps)
      rows[tap.tap].push_back({begin, tap});
  });
  return rows;
}
} // namespace

Tensor shift::reference::convGradInput(const Tensor &grad,
                                       const Factors &weights,
                                       const Windows &windows, int64_t group,
                                       const Shape &shape) {
  Tensor dx(DType::F32, shape);
  ConvolutionSizes sizes = imageSizes(shape, grad.shape, windows, group);
  const auto rows = listRows(sizes);
  const int64_t inputs = sizes.groupInputs(), taps = sizes.taps();
  const int64_t outputs = sizes.outputChannels / group;
  parallelFor(sizes.batch * sizes.inputChannels,
              sizes.outputPlane() * taps * outputs, [&](int64_t item) {
                const int64_t image = item / sizes.inputChannels;
                const int64_t channel = item % sizes.inputChannels;
                const int64_t first = channel / inputs * outputs;
                float *acc = dx.data<float>() + item * sizes.inputPlane();
                // A tap reaches an input from one output at most, so the order
                // over outputs does not matter.
                for (int64_t k = 0; k < taps; ++k)
                  for (int64_t co = first; co < first + outputs; ++co) {
                    const float *in = grad.data<float>() +
                                      (image * sizes.outputChannels + co) *
                                          sizes.outputPlane();
                    const float *factors =
                        weights.values.data() +
                        ((co * inputs + channel % inputs) * taps + k) *
                            weights.perWeight;
                    for (const auto &[begin, tap] : rows[k])
                      for (int64_t i = 0; i < tap.count; ++i)
                        for (int64_t t = 0; t < weights.perWeight; ++t) {
                          float &sum = acc[tap.offset + i * tap.stride];
                          sum = std::fma(factors[t], in[begin + tap.first + i],
                                         sum);
                        }
                  }
              });
  return dx;
}

Tensor shift::reference::convGradWeight(const Tensor &x, const Tensor &grad,
                                        const Windows &windows, int64_t group,
                                        const Shape &shape) {
  Tensor dw(DType::F32, shape);
  ConvolutionSizes sizes = imageSizes(x.shape, grad.shape, windows, group);
  const int64_t inputs = sizes.groupInputs(), taps = sizes.taps();
  const int64_t outputs = sizes.outputChannels / group;
  parallelFor(
      sizes.outputChannels, sizes.batch * sizes.cost(), [&](int64_t co) {
        float *sums = dw.data<float>() + co * inputs * taps;
        for (int64_t image = 0; image < sizes.batch; ++image) {
          const float *in = x.data<float>() + (image * sizes.inputChannels +
                                               co / outputs * inputs) *
                                                  sizes.inputPlane();
          const float *out =
              grad.data<float>() +
              (image * sizes.outputChannels + co) * sizes.outputPlane();
          forEachRow(sizes, [&](int64_t begin, const std::vector<TapRow> &row) {
            for (const TapRow &tap : row)
              for (int64_t ci = 0; ci < inputs; ++ci) {
                const float *from = in + ci * sizes.inputPlane() + tap.offset;
                float sum = 0;
                for (int64_t i = 0; i < tap.count; ++i)
                  sum = std::fma(from[i * tap.stride],
                                 out[begin + tap.first + i], sum);
                sums[ci * taps + tap.tap] += sum;
              }
          });
        }
      });
  return dw;
}

Tensor shift::reference::convGradBias(const Tensor &grad) {
  const Shape &shape = grad.shape;
  Tensor db(DType::F32, {shape[1]});
  const float *in = grad.data<float>();
  for (int64_t image = 0; image < shape[0]; ++image)
    for (int64_t c = 0; c < shape[1]; ++c)
      for (int64_t y = 0; y < shape[2]; ++y) {
        float row = 0;
        for (int64_t x = 0; x < shape[3]; ++x)
          row += *in++;
        db.data<float>()[c] += row;
      }
  return db;
}
