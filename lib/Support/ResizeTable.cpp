//===- ResizeTable.cpp - Which inputs a resampled output is made of -------===//
// SPDX-License-Identifier: Apache-2.0
// Formulas of ONNX Resize (opset 19).
//===----------------------------------------------------------------------===//
#include "shift/Support/ResizeTable.h"

#include <algorithm>
#include <cmath>

namespace shift {
namespace {

using Coordinates = ResizeOptions::Coordinates;

/// Taps to each side that an antialiased output may have at most: beyond any
/// axis, so that a tiny scale is only slow.
constexpr double maxReach = 1 << 24;

/// The sizes of one axis, and the part of it that is cropped.
struct Axis {
  int64_t input, output;
  float scale, roiStart, roiEnd;
};

/// The position in the input that output `i` shows.
float sourcePosition(const Axis &axis, Coordinates coordinates, int64_t i) {
  float x = static_cast<float>(i);
  float last = static_cast<float>(axis.input - 1);
  float lastOutput = static_cast<float>(axis.output - 1);
  float centre = (x + 0.5f) / axis.scale;
  switch (coordinates) {
  case Coordinates::HalfPixel:
    return centre - 0.5f;
  case Coordinates::HalfPixelSymmetric: {
    float length = static_cast<float>(axis.input);
    float adjustment = static_cast<float>(axis.output) / (axis.scale * length);
    float offset = (length / 2) * (1 - adjustment);
    return offset + centre - 0.5f;
  }
  case Coordinates::PytorchHalfPixel:
    return axis.output > 1 ? centre - 0.5f : 0;
  case Coordinates::AlignCorners:
    return axis.output > 1 ? x * last / lastOutput : 0;
  case Coordinates::Asymmetric:
    return x / axis.scale;
  case Coordinates::TfHalfPixelForNN:
    return centre;
  case Coordinates::TfCropAndResize:
    break;
  }
  if (axis.output <= 1)
    return 0.5f * (axis.roiStart + axis.roiEnd) * last;
  return axis.roiStart * last +
         x * (axis.roiEnd - axis.roiStart) * last / lastOutput;
}

float nearestPosition(float x, ResizeOptions::Nearest nearest) {
  float below = std::floor(x);
  float rest = x - below;
  switch (nearest) {
  case ResizeOptions::Nearest::Floor:
    return below;
  case ResizeOptions::Nearest::Ceil:
    return std::ceil(x);
  case ResizeOptions::Nearest::RoundPreferCeil:
    return rest >= 0.5f ? below + 1 : below;
  case ResizeOptions::Nearest::RoundPreferFloor:
    break;
  }
  return rest > 0.5f ? below + 1 : below;
}

/// Weight of an input at distance `x` (in units of the kernel's own).
double linearKernel(double x) { return std::max(0.0, 1 - std::fabs(x)); }

double cubicKernel(double x, double a) {
  x = std::fabs(x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

/// One input and its weight before rounding.
struct Tap {
  int64_t index;
  double weight;
};

/// The taps of one output at position x; inputs beyond the ends are the last
/// ones, or absent with excludeOutside.
std::vector<Tap> tapsAt(float x, const Axis &axis,
                        const ResizeOptions &options) {
  bool isCubic = options.mode == ResizeOptions::Mode::Cubic;
  double shrink = options.antialias ? std::min(1.0, double(axis.scale)) : 1.0;
  double base = std::floor(x);
  double rest = static_cast<double>(x) - base;
  double reach = std::min((isCubic ? 2 : 1) / shrink, maxReach);
  int64_t first = static_cast<int64_t>(std::floor(-reach)) + 1;
  double sum = 0;
  std::vector<Tap> taps;
  for (int64_t i = first; i <= 1 - first; ++i) {
    double distance = (static_cast<double>(i) - rest) * shrink;
    double weight = isCubic ? cubicKernel(distance, options.cubicA)
                            : linearKernel(distance);
    int64_t index = static_cast<int64_t>(base) + i;
    bool isOutside = index < 0 || index >= axis.input;
    if (weight == 0 || (isOutside && options.excludeOutside))
      continue;
    sum += weight;
    taps.push_back({std::clamp<int64_t>(index, 0, axis.input - 1), weight});
  }
  if (options.antialias || options.excludeOutside)
    for (Tap &tap : taps)
      tap.weight /= sum;
  return taps;
}

void addOutput(ResizeTable &table, float x, const Axis &axis,
               const ResizeOptions &options) {
  float last = static_cast<float>(axis.input - 1);
  bool isOutside = options.coordinates == Coordinates::TfCropAndResize &&
                   !(x >= 0 && x <= last);
  table.isOutside.push_back(isOutside);
  std::vector<Tap> taps;
  // Far outside all inputs are the same one, so positions may be clamped; only
  // absurd scales and regions give NaN.
  x = x != x ? 0 : std::clamp(x, -4.0f, last + 4);
  if (isOutside) {
  } else if (options.mode == ResizeOptions::Mode::Nearest) {
    float position = nearestPosition(x, options.nearest);
    taps.push_back({static_cast<int64_t>(std::clamp(position, 0.0f, last)), 1});
  } else {
    bool clamps = options.mode == ResizeOptions::Mode::Linear &&
                  !options.antialias && !options.excludeOutside;
    taps = tapsAt(clamps ? std::clamp(x, 0.0f, last) : x, axis, options);
  }
  for (const Tap &tap : taps) {
    table.indices.push_back(tap.index);
    table.weights.push_back(static_cast<float>(tap.weight));
  }
  table.begins.push_back(static_cast<int64_t>(table.indices.size()));
}

/// A name and what it means.
template <typename Enum>
struct Name {
  std::string_view name;
  Enum value;
};

template <typename Enum, int n>
std::optional<Enum> lookUp(const Name<Enum> (&names)[n],
                           std::string_view name) {
  for (const Name<Enum> &entry : names)
    if (entry.name == name)
      return entry.value;
  return std::nullopt;
}

} // namespace

std::optional<ResizeOptions::Mode> parseResizeMode(std::string_view name) {
  using Mode = ResizeOptions::Mode;
  static constexpr Name<Mode> names[] = {{"nearest", Mode::Nearest},
                                         {"linear", Mode::Linear},
                                         {"bilinear", Mode::Linear},
                                         {"cubic", Mode::Cubic}};
  return lookUp(names, name);
}

std::optional<Coordinates> parseResizeCoordinates(std::string_view name) {
  static constexpr Name<Coordinates> names[] = {
      {"half_pixel", Coordinates::HalfPixel},
      {"half_pixel_symmetric", Coordinates::HalfPixelSymmetric},
      {"pytorch_half_pixel", Coordinates::PytorchHalfPixel},
      {"align_corners", Coordinates::AlignCorners},
      {"asymmetric", Coordinates::Asymmetric},
      {"tf_half_pixel_for_nn", Coordinates::TfHalfPixelForNN},
      {"tf_crop_and_resize", Coordinates::TfCropAndResize}};
  return lookUp(names, name);
}

std::optional<ResizeOptions::Nearest>
parseResizeNearest(std::string_view name) {
  using Nearest = ResizeOptions::Nearest;
  static constexpr Name<Nearest> names[] = {
      {"round_prefer_floor", Nearest::RoundPreferFloor},
      {"round_prefer_ceil", Nearest::RoundPreferCeil},
      {"floor", Nearest::Floor},
      {"ceil", Nearest::Ceil}};
  return lookUp(names, name);
}

bool ResizeTable::isIdentity(int64_t input) const {
  if (size() != input || static_cast<int64_t>(indices.size()) != input)
    return false;
  for (int64_t i = 0; i < input; ++i)
    if (begins[i] != i || indices[i] != i || weights[i] != 1)
      return false;
  return true;
}

ResizeTable makeResizeTable(int64_t input, int64_t output, float scale,
                            const ResizeOptions &options, float roiStart,
                            float roiEnd) {
  Axis axis{input, output, scale, roiStart, roiEnd};
  ResizeTable table;
  for (int64_t i = 0; i < output; ++i)
    addOutput(table, sourcePosition(axis, options.coordinates, i), axis,
              options);
  return table;
}

} // namespace shift
