//===- ResizeTable.h - Which inputs a resampled output is made of ---------===//
// SPDX-License-Identifier: Apache-2.0
// ONNX Resize and Upsample along one axis as a table: every output is a sum of
// weighted inputs. The interpreter, the compiler of kernels and the conversion
// to shift.resize_nearest read the same table, so that they agree on every
// index and every bit.
//
// Coordinates are float32, each step rounded, as ONNX Runtime computes them;
// weights are computed in float64 from the coordinate, rounded once to float32.
// A resampled tensor is made axis by axis, the last one first, skipping axes
// whose table is the identity: acc = +0; for each tap in order acc = acc +
// weight * x, unfused float32 (a nearest table only moves elements). Outputs
// that are outside on any axis get the extrapolation value.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_RESIZETABLE_H
#define SHIFT_SUPPORT_RESIZETABLE_H

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace shift {

/// The attributes of ONNX Resize that concern one axis.
struct ResizeOptions {
  enum class Mode { Nearest, Linear, Cubic };
  enum class Coordinates {
    HalfPixel,
    HalfPixelSymmetric,
    PytorchHalfPixel,
    AlignCorners,
    Asymmetric,
    TfHalfPixelForNN,
    TfCropAndResize
  };
  enum class Nearest { RoundPreferFloor, RoundPreferCeil, Floor, Ceil };

  Mode mode = Mode::Nearest;
  Coordinates coordinates = Coordinates::HalfPixel;
  Nearest nearest = Nearest::RoundPreferFloor;
  float cubicA = -0.75f;
  bool excludeOutside = false;
  bool antialias = false;
};

/// Values of ONNX's attributes, or nothing for unknown names.
std::optional<ResizeOptions::Mode> parseResizeMode(std::string_view name);
std::optional<ResizeOptions::Coordinates>
parseResizeCoordinates(std::string_view name);
std::optional<ResizeOptions::Nearest> parseResizeNearest(std::string_view name);

/// Output i is the sum over taps k in [begins[i], begins[i+1]) of weights[k] *
/// input[indices[k]]; taps of weight 0 are left out.
struct ResizeTable {
  std::vector<int64_t> begins{0};
  std::vector<int64_t> indices;
  std::vector<float> weights;
  /// 1 for outputs that tf_crop_and_resize extrapolates; they have no taps.
  std::vector<uint8_t> isOutside;

  int64_t size() const { return static_cast<int64_t>(isOutside.size()); }
  /// Every output is the input at the same index.
  bool isIdentity(int64_t input) const;
};

/// The table of an axis of `input` >= 1 elements resized to `output` with
/// ONNX's `scale` > 0. `roiStart` and `roiEnd` are used by tf_crop_and_resize.
ResizeTable makeResizeTable(int64_t input, int64_t output, float scale,
                            const ResizeOptions &options, float roiStart = 0,
                            float roiEnd = 1);

} // namespace shift

#endif // SHIFT_SUPPORT_RESIZETABLE_H
