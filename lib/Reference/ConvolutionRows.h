//===- ConvolutionRows.h - The loop nest of convolutions --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Float and integer convolutions differ in what one tap adds; which taps an
// output has, and in which order, is said here once.
//===----------------------------------------------------------------------===//
#ifndef LIB_REFERENCE_CONVOLUTIONROWS_H
#define LIB_REFERENCE_CONVOLUTIONROWS_H

#include "Loops.h"

namespace shift::reference {

/// A convolution's sizes. Spatial dimensions are kept in `input` and `output`
/// without batch and channels.
struct ConvolutionSizes {
  int64_t batch, inputChannels, outputChannels, group;
  Shape input, output;
  Windows windows;

  int64_t groupInputs() const { return inputChannels / group; }
  int64_t taps() const { return product(windows.kernel); }
  int64_t inputPlane() const { return product(input); }
  int64_t outputPlane() const { return product(output); }
  /// Multiply-adds of one output channel of one image.
  int64_t cost() const { return outputPlane() * taps() * groupInputs(); }
};

/// Sizes of a convolution of shape x to shape y.
inline ConvolutionSizes imageSizes(const Shape &x, const Shape &y,
                                   const Windows &windows, int64_t group) {
  return {x[0],
          x[1],
          y[1],
          group,
          Shape(x.begin() + 2, x.end()),
          Shape(y.begin() + 2, y.end()),
          windows};
}

/// The same for sums that know no rows: a 1x1 window without stride and pads
/// sees the image as one long row.
inline ConvolutionSizes convolutionSizes(const Shape &x, const Shape &y,
                                         const Windows &windows,
                                         int64_t group) {
  ConvolutionSizes sizes = imageSizes(x, y, windows, group);
  auto all = [](const Shape &values, int64_t value) {
    for (int64_t one : values)
      if (one != value)
        return false;
    return true;
  };
  if (all(windows.kernel, 1) && all(windows.strides, 1) &&
      all(windows.pads, 0)) {
    sizes.input = sizes.output = {product(sizes.input)};
    sizes.windows = {{1}, {1}, {1}, {0, 0}};
  }
  return sizes;
}

/// A tap and the outputs of one row that it touches: outputs first..first +
/// count - 1 read the inputs at offset, offset + stride, ... of each channel
/// plane.
struct TapRow {
  int64_t tap, first, count, offset, stride;
};

/// Calls row(begin of the output row in its plane, its taps in row order) for
/// every row of outputs of one channel plane.
template <typename Function>
void forEachRow(const ConvolutionSizes &sizes, Function &&row) {
  size_t last = sizes.input.size() - 1;
  ConvWindow window = windowOf(sizes.windows, last);
  int64_t width = sizes.output[last], inputWidth = sizes.input[last];
  Shape outerInput(sizes.input.begin(), sizes.input.end() - 1);
  Shape outerKernel(sizes.windows.kernel.begin(),
                    sizes.windows.kernel.end() - 1);
  Odometer output(Shape(sizes.output.begin(), sizes.output.end() - 1));
  int64_t begin = 0;
  std::vector<TapRow> taps;
  do {
    taps.clear();
    Odometer outer(outerKernel);
    int64_t tap = 0;
    do {
      int64_t offset = 0;
      for (size_t i = 0; i < last && offset >= 0; ++i) {
        int64_t position =
            windowOf(sizes.windows, i).position((*output)[i], (*outer)[i]);
        bool isInside = position >= 0 && position < sizes.input[i];
        offset = isInside ? offset * sizes.input[i] + position : -1;
      }
      for (int64_t k = 0; k < window.kernel; ++k, ++tap) {
        if (offset < 0)
          continue;
        int64_t first = 0, end = width;
        while (first < end && window.position(first, k) < 0)
          ++first;
        while (end > first && window.position(end - 1, k) >= inputWidth)
          --end;
        if (first < end)
          taps.push_back({tap, first, end - first,
                          offset * inputWidth + window.position(first, k),
                          window.stride});
      }
    } while (outer.next());
    row(begin, taps);
    begin += width;
  } while (output.next());
}

} // namespace shift::reference

#endif // LIB_REFERENCE_CONVOLUTIONROWS_H
