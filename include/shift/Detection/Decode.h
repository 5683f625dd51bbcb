//===- Decode.h - Raw network outputs to boxes ----------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Decoding and per-class suppression of detectors, float32 with the math
// functions of Support. The reference for FCOS is
// python_frontend/shift_frontend/fcos/decode.py.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_DETECTION_DECODE_H
#define SHIFT_DETECTION_DECODE_H

#include "shift/Detection/Detector.h"
#include "shift/Detection/ImageInput.h"

namespace shift::detection {

/// A box with corners (x0, y0), (x1, y1) in pixels.
struct Detection {
  float x0, y0, x1, y1, score;
  int label;
};

/// An output tensor that somebody else owns: dense, row-major float32.
struct OutputView {
  std::string name;
  std::vector<int64_t> shape;
  const float *data;
};

/// Decodes the first image of a batch into boxes of the network's input, best
/// first; equal scores by level, row, column, class, each rising. Boxes are
/// clipped to the input before suppression; a candidate with a NaN is dropped.
/// A candidate's score, or its class alone, exceeds the threshold, as the
/// description's HeadFormat says; for the kinds that are built in:
///   fcos        score = sqrt(sigmoid(cls) * sigmoid(centerness)), candidates
///               have sigmoid(cls) > threshold; a location is
///               index * stride + stride / 2
///   fastestdet  score = obj^0.6 * max(cls)^0.4 > threshold; center
///               (x + tanh b0, y + tanh b1) * stride, sides sigmoid b2, b3,
///               relative to the input
///   yunet       score = sqrt(cls * obj) > threshold, both clipped to 0..1;
///               center ((x, y) + (b0, b1)) * stride, sides exp(b2, b3) *
///               stride
/// Each level keeps its best candidatesPerLevel; a box is suppressed by a
/// kept one of its class with an IoU above nmsIou. Returns an empty string or
/// an error that names the output that is missing or has a wrong shape.
std::string decode(const DetectorDescription &description,
                   const std::vector<OutputView> &outputs, int inputHeight,
                   int inputWidth, std::vector<Detection> &detections);

/// Maps boxes of the input to pixels of the image of `width` x `height` that
/// was prepared by `input`; clips them to the image.
void mapToImage(const ImageInput &input, int width, int height,
                std::vector<Detection> &detections);

} // namespace shift::detection

#endif // SHIFT_DETECTION_DECODE_H
