//===- HeadFormat.h - How a one-stage head writes boxes and scores --------===//
// SPDX-License-Identifier: Apache-2.0
// The part of a detector description that says what the numbers of its outputs
// mean. Every detector, built in or a user's own, is an instance of it; the
// JSON fields are explained in lib/Detection/README.md.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_DETECTION_HEADFORMAT_H
#define SHIFT_DETECTION_HEADFORMAT_H

namespace shift::detection {

/// Axes of the outputs: a map (batch, channels, h, w), or a list of locations
/// in row order, (batch, locations, channels) or (batch, channels, locations).
enum class HeadLayout { NCHW, NLC, NCL };

/// What is applied to a raw value: nothing, a limit to 0..1, or a function of
/// shift/Support/FloatMath.h.
enum class Activation { None, Clip, Sigmoid, Tanh, Exp };

/// The score of a class from c = cls and o = obj (both activated): c, c * o,
/// sqrt(c * o), or o^objPower * c^clsPower.
enum class ScoreRule { Cls, Product, Sqrt, Power };

/// The four box values:
///   Distances  left, top, right, bottom of the location, in `boxUnit`
///   Center     center relative to the location, in strides, and width and
///              height in `boxUnit`
///   Absolute   center, width and height in `boxUnit`
///   Corners    x0, y0, x1, y1 in `boxUnit`
enum class BoxCoding { Distances, Center, Absolute, Corners };

/// Pixels of the input, strides, or sides of the input.
enum class BoxUnit { Pixels, Stride, Input };

/// The defaults are those of kind "one-stage".
struct HeadFormat {
  HeadLayout layout = HeadLayout::NCHW;
  Activation clsActivation = Activation::Sigmoid;
  Activation objActivation = Activation::Sigmoid;
  ScoreRule score = ScoreRule::Cls;
  float clsPower = 1, objPower = 1;
  /// Whether cls, not the score, must exceed the threshold.
  bool isThresholdOnCls = false;
  /// Whether only a location's best class (the first of equal ones) counts.
  bool isBestClassOnly = false;
  BoxCoding box = BoxCoding::Distances;
  BoxUnit boxUnit = BoxUnit::Pixels;
  Activation centerActivation = Activation::None;
  Activation sizeActivation = Activation::None;
  /// A location is (index + location) * stride in x and y.
  float location = 0.5f;
  /// If not 0, a box value is the mean of 0..bins-1 under the softmax of so
  /// many channels.
  int bins = 0;
};

} // namespace shift::detection

#endif // SHIFT_DETECTION_HEADFORMAT_H
