//===- Resize.cpp - Antialiased bilinear resizing -------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Pillow's BILINEAR in fixed point. Two passes of one-dimensional filters;
// every output has its own short list of coefficients, made once a size.
//===----------------------------------------------------------------------===//
#include "shift/Detection/Image.h"

#include <algorithm>
#include <cmath>

namespace shift::detection {
namespace {

constexpr int fractionBits = 32 - 8 - 2;

/// For each output position: the first input position, how many there are, and
/// where their coefficients begin.
struct Filter {
  struct Span {
    int first, count;
    size_t coefficients;
  };
  std::vector<Span> spans;
  std::vector<int32_t> coefficients;
};

/// The triangle filter: 1 at 0, 0 from distance 1 on.
double triangle(double x) { return std::max(0.0, 1.0 - std::fabs(x)); }

Filter makeFilter(int inputSize, int outputSize) {
  Filter filter;
  filter.spans.reserve(outputSize);
  const double scale = static_cast<double>(inputSize) / outputSize;
  const double support = std::max(scale, 1.0);
  const double inverse = 1.0 / support;
  std::vector<double> weights;
  for (int i = 0; i < outputSize; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int last =
        std::min(static_cast<int>(center + support + 0.5), inputSize);
    weights.clear();
    double sum = 0;
    for (int x = first; x < last; ++x) {
      weights.push_back(triangle((x - center + 0.5) * inverse));
      sum += weights.back();
    }
    filter.spans.push_back({first, last - first, filter.coefficients.size()});
    // Weights are never negative, so adding a half rounds to nearest.
    for (double weight : weights)
      filter.coefficients.push_back(static_cast<int32_t>(
          0.5 + (sum != 0 ? weight / sum : weight) * (1 << fractionBits)));
  }
  return filter;
}

uint8_t toByte(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> fractionBits, 0, 255));
}

Image resizeRows(const Image &image, int width) {
  Image result = makeImage(width, image.height, 0, 0, 0);
  const Filter filter = makeFilter(image.width, width);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < width; ++x) {
      const Filter::Span &span = filter.spans[x];
      int32_t sums[3] = {1 << (fractionBits - 1), 1 << (fractionBits - 1),
                         1 << (fractionBits - 1)};
      const uint8_t *source = image.pixel(span.first, y);
      for (int i = 0; i < span.count; ++i, source += 3)
        for (int c = 0; c < 3; ++c)
          sums[c] += source[c] * filter.coefficients[span.coefficients + i];
      for (int c = 0; c < 3; ++c)
        result.pixel(x, y)[c] = toByte(sums[c]);
    }
  return result;
}

Image resizeColumns(const Image &image, int height) {
  Image result = makeImage(image.width, height, 0, 0, 0);
  const Filter filter = makeFilter(image.height, height);
  const size_t rowBytes = static_cast<size_t>(image.width) * 3;
  std::vector<int32_t> sums(rowBytes);
  for (int y = 0; y < height; ++y) {
    const Filter::Span &span = filter.spans[y];
    std::fill(sums.begin(), sums.end(), 1 << (fractionBits - 1));
    for (int i = 0; i < span.count; ++i) {
      const uint8_t *source = image.pixel(0, span.first + i);
      const int32_t weight = filter.coefficients[span.coefficients + i];
      for (size_t x = 0; x < rowBytes; ++x)
        sums[x] += source[x] * weight;
    }
    std::transform(sums.begin(), sums.end(), result.pixel(0, y), toByte);
  }
  return result;
}

} // namespace

Image makeImage(int width, int height, uint8_t red, uint8_t green,
                uint8_t blue) {
  Image image;
  image.width = width;
  image.height = height;
  image.rgb.resize(static_cast<size_t>(width) * height * 3);
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    image.rgb[i] = red;
    image.rgb[i + 1] = green;
    image.rgb[i + 2] = blue;
  }
  return image;
}

Image resizeBilinear(const Image &image, int width, int height) {
  Image result = width == image.width ? image : resizeRows(image, width);
  return height == image.height ? result : resizeColumns(result, height);
}

} // namespace shift::detection
