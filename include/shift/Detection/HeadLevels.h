//===- HeadLevels.h - Where a head's values lie in the outputs ------------===//
// SPDX-License-Identifier: Apache-2.0
// Outputs of every layout become parts with two steps, so that scores and boxes
// are computed by one piece of code, on the host and in generated kernels.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_DETECTION_HEADLEVELS_H
#define SHIFT_DETECTION_HEADLEVELS_H

#include "shift/Detection/Detector.h"

namespace shift::detection {

/// Some channels of an output: channel c of place p of an image is its element
/// first + c * channelStep + p * placeStep.
struct HeadPart {
  /// The output's number.
  size_t output = 0;
  int64_t first = 0, channelStep = 0, placeStep = 0;
};

/// A level's places in row order and the parts that belong to them; `obj` only
/// where the score rule needs it.
struct HeadLevel {
  int64_t height = 0, width = 0;
  float strideX = 1, strideY = 1;
  HeadPart cls, obj, box;

  int64_t places() const { return height * width; }
};

/// Finds all levels among `outputs`, whose shapes begin with a batch. Returns
/// an empty string or an error that names an output.
std::string findHeadLevels(const DetectorDescription &description,
                           const std::vector<NamedShape> &outputs,
                           int inputHeight, int inputWidth,
                           std::vector<HeadLevel> &levels);

} // namespace shift::detection

#endif // SHIFT_DETECTION_HEADLEVELS_H
