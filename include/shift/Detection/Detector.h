//===- Detector.h - What a decoder must know of a model -------------------===//
// SPDX-License-Identifier: Apache-2.0
// The detector description: classes, strides, names of the outputs, what their
// values mean, and thresholds. It travels with a model as JSON text; well-known
// detectors have theirs built in, and FCOS is recognised by its outputs.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_DETECTION_DETECTOR_H
#define SHIFT_DETECTION_DETECTOR_H

#include "shift/Detection/HeadFormat.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace shift::detection {

/// What a decoder must know. `outputs` has the output names by role, one a
/// level in the order of the strides: cls and box, and obj or centerness (two
/// words for one role) where the score needs it; or, where one output holds
/// all, head, with its channels in the order `headOrder`. Lists may hold all
/// levels in one output.
struct DetectorDescription {
  /// "fcos", "fastestdet", "yunet" or "one-stage": where `head` began.
  std::string kind;
  std::vector<std::string> classes;
  /// Empty for a head of one level whose stride is input size / map size, or
  /// whose boxes need none.
  std::vector<int> strides;
  std::map<std::string, std::vector<std::string>> outputs;
  std::vector<std::string> headOrder;
  HeadFormat head;
  float scoreThreshold = 0.05f;
  int candidatesPerLevel = 1000;
  float nmsIou = 0.6f;
  int maxDetections = 100;

  /// Levels of the head, at least 1.
  size_t levels() const { return strides.empty() ? 1 : strides.size(); }
  /// The role that multiplies cls, or null.
  const char *objRole() const;
};

/// Reads a description; the fields are in lib/Detection/README.md, the kind
/// sets the defaults. "image_input" is allowed and ignored, so that a file with
/// both reads too; any other unknown field is an error. Returns an empty string
/// or an error that names the field.
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
