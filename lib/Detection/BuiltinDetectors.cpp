//===- BuiltinDetectors.cpp - Descriptions of known detectors -------------===//
// SPDX-License-Identifier: Apache-2.0
// Texts that a user could have written: nothing else in the library knows
// these models, only the defaults of their kinds.
//===----------------------------------------------------------------------===//
#include "shift/Detection/Detector.h"

#include "JsonFields.h"

namespace shift::detection {
namespace {

constexpr const char *fastestDet = R"({
  "kind": "fastestdet",
  "classes": [
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train",
    "truck", "boat", "traffic light", "fire hydrant", "stop sign",
    "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag",
    "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard",
    "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon",
    "bowl", "banana", "apple", "sandwich", "orange", "broccoli", "carrot",
    "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant",
    "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote",
    "keyboard", "cell phone", "microwave", "oven", "toaster", "sink",
    "refrigerator", "book", "clock", "vase", "scissors", "teddy bear",
    "hair drier", "toothbrush"],
  "outputs": {"head": ["758"]},
  "score_threshold": 0.05, "candidates_per_level": 1000, "nms_iou": 0.6,
  "max_detections": 100})";

constexpr const char *yuNet = R"({
  "kind": "yunet", "classes": ["face"], "strides": [8, 16, 32],
  "outputs": {"cls": ["cls_8", "cls_16", "cls_32"],
              "obj": ["obj_8", "obj_16", "obj_32"],
              "box": ["bbox_8", "bbox_16", "bbox_32"]},
  "score_threshold": 0.5, "candidates_per_level": 1000, "nms_iou": 0.45,
  "max_detections": 100})";

constexpr const char *fastestDetInput = R"({
  "size": [352, 352], "mean": [0, 0, 0], "std": [255, 255, 255], "scale": 1,
  "channel_order": "BGR", "layout": "NCHW", "resize": "stretch"})";

constexpr const char *yuNetInput = R"({
  "size": [320, 320], "mean": [0, 0, 0], "std": [1, 1, 1], "scale": 1,
  "channel_order": "BGR", "layout": "NCHW", "resize": "stretch"})";

std::string oneLine(const char *json) {
  return dumpJson(nlohmann::json::parse(json, nullptr, false));
}

} // namespace

std::string builtinDetector(const std::string &name) {
  if (name == "fastestdet")
    return oneLine(fastestDet);
  return name == "yunet" ? oneLine(yuNet) : "";
}

std::string builtinImageInput(const std::string &name) {
  if (name == "fastestdet")
    return oneLine(fastestDetInput);
  return name == "yunet" ? oneLine(yuNetInput) : "";
}

} // namespace shift::detection
