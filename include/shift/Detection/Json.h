//===- Json.h - Detections as JSON text -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0
// The file that shift-run writes and that evaluation scripts read.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_DETECTION_JSON_H
#define SHIFT_DETECTION_JSON_H

#include "shift/Detection/Decode.h"

namespace shift::detection {

/// The detections of one image file.
struct ImageDetections {
  std::string file;
  std::vector<Detection> detections;
};

/// {"images": [{"file": "a.jpg", "detections": [{"label": "RBC", "score": 0.9,
/// "box": [x0, y0, x1, y1]}]}]}, a line an image. A label beyond `classes` is
/// written as its number in a string. Numbers read back as the same float32.
std::string toJson(const std::vector<ImageDetections> &images,
                   const std::vector<std::string> &classes);

} // namespace shift::detection

#endif // SHIFT_DETECTION_JSON_H
