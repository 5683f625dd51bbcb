//===- Detector.h - What a decoder must know of a model -------------------===//
// SPDX-License-Identifier: Apache-2.0
// The detector description: kind, classes, strides, names of the outputs, box
// coding and thresholds. It travels with a model as JSON text; well-known
// detectors have theirs built in, and FCOS is recognised by its outputs.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_DETECTION_DETECTOR_H
#define SHIFT_DETECTION_DETECTOR_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace shift::detection {

enum class DetectorKind { Fcos, FastestDet, YuNet };

/// Output names by role, one a level, in the order of the strides:
///   fcos        cls (1, classes, h, w), box (1, 4, h, w),
///               centerness (1, 1, h, w)
///   fastestdet  head (1, 5 + classes, h, w), one level, no strides
///   yunet       cls (1, h * w, 1), obj (1, h * w, 1), box (1, h * w, 4)
struct DetectorDescription {
  DetectorKind kind = DetectorKind::Fcos;
  std::vector<std::string> classes;
  std::vector<int> strides;
  /// fcos only: how the box branch ends, "exp" or "relu"; both are decoded
  /// alike, since the graph has that last operation.
  std::string box;
  /// fcos only: distances are stride * output instead of output.
  bool boxInStrides = false;
  std::map<std::string, std::vector<std::string>> outputs;
  float scoreThreshold = 0.05f;
  int candidatesPerLevel = 1000;
  float nmsIou = 0.6f;
  int maxDetections = 100;
};

/// Reads a description. "image_input" is allowed and ignored, so that a file
/// with both reads too; any other unknown field is an error. Returns an empty
/// string or an error that names the field.
std::string parseDetector(const std::string &json,
                          DetectorDescription &description);

/// Splits the text of a detector file into the detector object and its
/// "image_input" object (empty text if there is none), both checked and
/// written in one line. Returns an empty string or an error.
std::string splitDetectorFile(const std::string &json, std::string &detector,
                              std::string &imageInput);

/// JSON texts of a known detector ("fastestdet" or "yunet"); empty for other
/// names.
std::string builtinDetector(const std::string &name);
std::string builtinImageInput(const std::string &name);

/// A model's output by name and shape.
struct NamedShape {
  std::string name;
  std::vector<int64_t> shape;
};

/// Recognises an FCOS head: all outputs are (N, C, h, w) and form two or more
/// levels of three outputs: 4 channels (box), 1 channel (centerness), and as
/// many as there are classes on every level. Where channel counts leave a
/// doubt (1 or 4 classes) names decide: "cent" or "ctr", "box" or "reg".
/// Strides are powers of two that double from level to level, with
/// h = ceil(inputHeight / stride). Returns the description as JSON, distances
/// in pixels, classes "class0", "class1", ...
std::optional<std::string> recognizeFcos(const std::vector<NamedShape> &outputs,
                                         int64_t inputHeight,
                                         int64_t inputWidth);

} // namespace shift::detection

#endif // SHIFT_DETECTION_DETECTOR_H
