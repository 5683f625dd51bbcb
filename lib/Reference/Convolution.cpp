//===- Convolution.cpp - Conv and ConvTranspose ---------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "ConvolutionRows.h"
#include "FmaRow.h"

#include <cmath>

using namespace shift::reference;

static void addBias(float *plane, int64_t count, const Tensor *bias,
                    int64_t channel) {
  if (!bias)
    return;
  float value = bias->data<float>()[channel];
  for (int64_t i = 0; i < count; ++i)
    plane[i] = plane[i] + value;
}

Tensor shift::reference::conv(const Tensor &x, const Tensor &w,
                              const Tensor *bias, const Windows &windows,
                              int64_t group, const Shape &shape) {
  return convTerms(x, w.data<float>(), 1, bias, windows, group, shape);
}

Tensor shift::reference::convTerms(const Tensor &x, const float *weights,
                                   int64_t terms, const Tensor *bias,
                                   const Windows &windows, int64_t group,
                                   const Shape &shape) {
  Tensor y(DType::F32, shape);
  ConvolutionSizes sizes = convolutionSizes(x.shape, shape, windows, group);
  int64_t taps = sizes.taps(), inputs = sizes.groupInputs();
  int64_t outputs = sizes.outputChannels, plane = sizes.outputPlane();
  const float *in = x.data<float>();
  float *out = y.data<float>();
  parallelFor(sizes.batch * outputs, sizes.cost() * terms, [&](int64_t item) {
    int64_t image = item / outputs, channel = item % outputs;
    int64_t firstInput = channel / (outputs / group) * inputs;
    const float *planes =
        in + (image * sizes.inputChannels + firstInput) * sizes.inputPlane();
    const float *w = weights + channel * inputs * taps * terms;
    float *acc = out + item * plane;
    forEachRow(sizes, [&](int64_t begin, const std::vector<TapRow> &row) {
      for (const TapRow &tap : row)
        fmaRows(w + tap.tap * terms, taps * terms, terms, planes + tap.offset,
                sizes.inputPlane(), tap.stride, inputs, acc + begin + tap.first,
                tap.count);
    });
    addBias(acc, plane, bias, channel);
  });
  return y;
}

/// The offset in the output plane that input position `input` reaches with
/// `tap`, or -1 where that lies outside.
static int64_t scatterOffset(const Windows &windows, const Shape &output,
                             const Shape &input, const Shape &tap) {
  int64_t offset = 0;
  for (size_t i = 0; i < input.size(); ++i) {
    int64_t position = input[i] * windows.strides[i] - windows.pads[i] +
                       tap[i] * windows.dilations[i];
    if (position < 0 || position >= output[i])
      return -1;
    offset = offset * output[i] + position;
  }
  return offset;
}

Tensor shift::reference::convTranspose(const Tensor &x, const Tensor &w,
                                       const Tensor *bias,
                                       const Windows &windows, int64_t group,
                                       const Shape &shape) {
  Tensor y(DType::F32, shape);
  Shape input(x.shape.begin() + 2, x.shape.end());
  Shape output(shape.begin() + 2, shape.end());
  int64_t inputPlane = product(input), plane = product(output);
  int64_t taps = product(windows.kernel), outputs = shape[1];
  int64_t inputs = x.shape[1] / group, groupOutputs = outputs / group;
  parallelFor(
      shape[0] * outputs, taps * inputs * inputPlane, [&](int64_t item) {
        int64_t image = item / outputs, channel = item % outputs;
        int64_t firstInput = channel / groupOutputs * inputs;
        float *acc = y.data<float>() + item * plane;
        // One tap reaches an output from at most one input position, so the
        // order over positions does not matter.
        Odometer tap(windows.kernel);
        for (int64_t k = 0; k < taps; ++k, tap.next()) {
          Shape targets;
          Odometer position(input);
          for (int64_t i = 0; i < inputPlane; ++i, position.next())
            targets.push_back(scatterOffset(windows, output, *position, *tap));
          for (int64_t c = 0; c < inputs; ++c) {
            const float *in =
                x.data<float>() +
                (image * x.shape[1] + firstInput + c) * inputPlane;
            float weight = w.data<float>()[((firstInput + c) * groupOutputs +
                                            channel % groupOutputs) *
                                               taps +
                                           k];
            for (int64_t i = 0; i < inputPlane; ++i)
              if (targets[i] >= 0)
                acc[targets[i]] = std::fma(weight, in[i], acc[targets[i]]);
          }
        }
        addBias(acc, plane, bias, channel);
      });
  return y;
}
