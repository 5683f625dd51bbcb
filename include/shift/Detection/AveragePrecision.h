//===- AveragePrecision.h - COCO's metric of detectors --------------------===//
// SPDX-License-Identifier: Apache-2.0
// Lin et al., "Microsoft COCO: Common Objects in Context", 2014, and its
// evaluation server's rules for crowds, object sizes and interpolation. The
// reference is pycocotools.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_DETECTION_AVERAGEPRECISION_H
#define SHIFT_DETECTION_AVERAGEPRECISION_H

#include "shift/Detection/Dataset.h"
#include "shift/Detection/Decode.h"

#include <array>

namespace shift::detection {

constexpr int iouThresholds = 10, recallThresholds = 101;

/// Precision at 101 recalls 0, 0.01, ..., 1 of one class at one IoU threshold.
using PrecisionCurve = std::array<double, recallThresholds>;

/// Averages over classes with objects; -1 where there is none.
struct AveragePrecision {
  /// Over IoU thresholds 0.5, 0.55, ..., 0.95; at 0.5 and 0.75.
  double ap = -1, ap50 = -1, ap75 = -1;
  /// Of objects below 32^2, up to 96^2, above, in pixels.
  double small = -1, medium = -1, large = -1;
  /// Largest recall with 1, 10 and 100 detections an image; with 100 of the
  /// three sizes.
  double recall1 = -1, recall10 = -1, recall100 = -1;
  double recallSmall = -1, recallMedium = -1, recallLarge = -1;
  /// For each class: AP and AP50, and the curve at 0.5 (zeros where the class
  /// has no object).
  std::vector<double> classAp, classAp50;
  std::vector<PrecisionCurve> curves;
};

/// `detections[i]` are those of image i, with labels of the dataset, in pixels
/// of the image. The best 100 of an image count.
AveragePrecision
evaluate(const Dataset &dataset,
         const std::vector<std::vector<Detection>> &detections);

} // namespace shift::detection

#endif // SHIFT_DETECTION_AVERAGEPRECISION_H
