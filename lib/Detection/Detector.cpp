//===- Detector.cpp - Detector descriptions -------------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Reads descriptions, holds the built-in ones and recognises FCOS.
//===----------------------------------------------------------------------===//
#include "shift/Detection/Detector.h"

#include "shift/Detection/ImageInput.h"

#include "JsonFields.h"

#include <algorithm>

namespace shift::detection {
namespace {

/// The roles that a kind's outputs have.
std::vector<const char *> rolesOf(DetectorKind kind) {
  switch (kind) {
  case DetectorKind::Fcos:
    return {"cls", "box", "centerness"};
  case DetectorKind::FastestDet:
    return {"head"};
  case DetectorKind::YuNet:
    return {"cls", "obj", "box"};
  }
  return {};
}

/// Reads "outputs": for each role the names of all `levels`.
void readOutputs(JsonFields &fields, DetectorDescription &description,
                 size_t levels) {
  const nlohmann::json *outputs = fields.find("outputs", true);
  if (!outputs)
    return;
  if (!outputs->is_object())
    return fields.fail("expected an object for 'outputs', got " +
                       std::string(outputs->type_name()));
  for (const char *role : rolesOf(description.kind)) {
    auto names = outputs->find(role);
    const std::string shown = "'outputs." + std::string(role) + "'";
    if (names == outputs->end())
      return fields.fail("expected a field " + shown + ", got none");
    std::vector<std::string> &read = description.outputs[role];
    if (!readWords(*names, read) || read.size() != levels)
      return fields.fail("expected " + std::to_string(levels) +
                         " output names for " + shown + ", got " +
                         dumpJson(*names));
  }
  for (const auto &role : outputs->items())
    if (!description.outputs.count(role.key()))
      fields.fail("unknown field 'outputs." + role.key() + "'");
}

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

std::string parseDetector(const std::string &json,
                          DetectorDescription &description) {
  JsonFields fields(json, "detector");
  DetectorDescription read;
  std::string kind, unit = "pixels";
  fields.find("kind", true);
  fields.word("kind", kind, {"fcos", "fastestdet", "yunet"});
  if (fields.hasFailed())
    return fields.finish();
  fields.words("classes", read.classes);
  if (kind == "fastestdet") {
    read.kind = DetectorKind::FastestDet;
  } else {
    read.kind = kind == "fcos" ? DetectorKind::Fcos : DetectorKind::YuNet;
    fields.integers("strides", read.strides, 1, 1 << 14);
  }
  if (read.kind == DetectorKind::Fcos) {
    read.box = "exp";
    fields.word("box", read.box, {"exp", "relu"});
    fields.word("box_unit", unit, {"pixels", "stride"});
    read.boxInStrides = unit == "stride";
  }
  fields.number("score_threshold", read.scoreThreshold, 0, 1);
  fields.integer("candidates_per_level", read.candidatesPerLevel, 1, 1 << 20);
  fields.number("nms_iou", read.nmsIou, 0, 1);
  fields.integer("max_detections", read.maxDetections, 1, 1 << 20);
  fields.find("image_input");
  readOutputs(fields, read,
              read.kind == DetectorKind::FastestDet ? 1 : read.strides.size());
  std::string error = fields.finish();
  if (error.empty())
    description = std::move(read);
  return error;
}

std::string splitDetectorFile(const std::string &json, std::string &detector,
                              std::string &imageInput) {
  DetectorDescription description;
  std::string error = parseDetector(json, description);
  if (!error.empty())
    return error;
  nlohmann::json object = nlohmann::json::parse(json, nullptr, false);
  std::string inputText;
  auto input = object.find("image_input");
  if (input != object.end() && !input->is_null()) {
    inputText = dumpJson(*input);
    ImageInput parsed;
    error = parseImageInput(inputText, parsed);
    if (!error.empty())
      return error;
  }
  object.erase("image_input");
  detector = dumpJson(object);
  imageInput = inputText;
  return "";
}

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
