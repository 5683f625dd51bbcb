//===- Detector.cpp - Reading detector descriptions -----------------------===//
// SPDX-License-Identifier: Apache-2.0
// A kind is a set of defaults; after that every kind has the same fields and
// the same rules between them.
//===----------------------------------------------------------------------===//
#include "shift/Detection/Detector.h"

#include "shift/Detection/ImageInput.h"

#include "JsonFields.h"

#include <algorithm>

namespace shift::detection {
namespace {

HeadFormat formatOf(const std::string &kind) {
  HeadFormat head;
  if (kind == "fcos") {
    head.score = ScoreRule::Sqrt;
    head.isThresholdOnCls = true;
  } else if (kind == "fastestdet") {
    head.clsActivation = head.objActivation = Activation::None;
    head.score = ScoreRule::Power;
    head.clsPower = 0.4f;
    head.objPower = 0.6f;
    head.isBestClassOnly = true;
    head.box = BoxCoding::Center;
    head.boxUnit = BoxUnit::Input;
    head.centerActivation = Activation::Tanh;
    head.sizeActivation = Activation::Sigmoid;
    head.location = 0;
  } else if (kind == "yunet") {
    head.layout = HeadLayout::NLC;
    head.clsActivation = head.objActivation = Activation::Clip;
    head.score = ScoreRule::Sqrt;
    head.box = BoxCoding::Center;
    head.boxUnit = BoxUnit::Stride;
    head.sizeActivation = Activation::Exp;
    head.location = 0;
  }
  return head;
}

template <typename T>
using Choices = std::vector<std::pair<const char *, T>>;

/// Reads one of some words, if it is there, as the value it stands for.
template <typename T>
void readChoice(JsonFields &fields, const char *key, T &value,
                const Choices<T> &choices) {
  std::vector<std::string> words;
  for (const auto &choice : choices)
    words.push_back(choice.first);
  std::string word;
  fields.word(key, word, words);
  for (const auto &choice : choices)
    if (word == choice.first)
      value = choice.second;
}

void readHead(JsonFields &fields, HeadFormat &head) {
  readChoice<HeadLayout>(fields, "layout", head.layout,
                         {{"NCHW", HeadLayout::NCHW},
                          {"NLC", HeadLayout::NLC},
                          {"NCL", HeadLayout::NCL}});
  const Choices<Activation> activations = {{"none", Activation::None},
                                           {"clip", Activation::Clip},
                                           {"sigmoid", Activation::Sigmoid},
                                           {"tanh", Activation::Tanh},
                                           {"exp", Activation::Exp}};
  readChoice(fields, "cls_activation", head.clsActivation, activations);
  readChoice(fields, "obj_activation", head.objActivation, activations);
  readChoice(fields, "center_activation", head.centerActivation, activations);
  readChoice(fields, "size_activation", head.sizeActivation, activations);
  readChoice<ScoreRule>(fields, "score", head.score,
                        {{"cls", ScoreRule::Cls},
                         {"product", ScoreRule::Product},
                         {"sqrt", ScoreRule::Sqrt},
                         {"power", ScoreRule::Power}});
  fields.number("cls_power", head.clsPower, 0, 16);
  fields.number("obj_power", head.objPower, 0, 16);
  readChoice<bool>(fields, "threshold_on", head.isThresholdOnCls,
                   {{"cls", true}, {"score", false}});
  readChoice<bool>(fields, "labels", head.isBestClassOnly,
                   {{"best", true}, {"all", false}});
  readChoice<BoxCoding>(fields, "box", head.box,
                        {{"exp", BoxCoding::Distances},
                         {"relu", BoxCoding::Distances},
                         {"distances", BoxCoding::Distances},
                         {"center", BoxCoding::Center},
                         {"absolute", BoxCoding::Absolute},
                         {"corners", BoxCoding::Corners}});
  readChoice<BoxUnit>(fields, "box_unit", head.boxUnit,
                      {{"pixels", BoxUnit::Pixels},
                       {"stride", BoxUnit::Stride},
                       {"input", BoxUnit::Input}});
  fields.number("location", head.location, 0, 1);
  fields.integer("bins", head.bins, 0, 256);
}

/// Lists need strides, since their length does not tell them.
void readStrides(JsonFields &fields, DetectorDescription &description) {
  const HeadFormat &head = description.head;
  const bool isList = head.layout != HeadLayout::NCHW;
  const bool usesStride = head.box == BoxCoding::Distances ||
                          head.box == BoxCoding::Center ||
                          head.boxUnit == BoxUnit::Stride;
  const bool isNeeded = (isList && usesStride) || description.kind == "fcos";
  if (fields.find("strides", isNeeded))
    fields.integers("strides", description.strides, 1, 1 << 14);
}

/// The roles that must be there: head, or the two or three others.
std::vector<std::string> rolesOf(const nlohmann::json &outputs,
                                 const DetectorDescription &description) {
  const std::string &kind = description.kind;
  if (outputs.contains("head") || kind == "fastestdet")
    return {"head"};
  if (description.head.score == ScoreRule::Cls)
    return {"cls", "box"};
  const bool isCenterness = outputs.contains("centerness") ||
                            (kind == "fcos" && !outputs.contains("obj"));
  return {"cls", isCenterness ? "centerness" : "obj", "box"};
}

/// Reads "outputs": for each role the names of all levels; a list may have one
/// name for all.
void readOutputs(JsonFields &fields, DetectorDescription &description) {
  const nlohmann::json *outputs = fields.find("outputs", true);
  if (!outputs)
    return;
  if (!outputs->is_object())
    return fields.fail("expected an object for 'outputs', got " +
                       std::string(outputs->type_name()));
  const size_t levels = description.levels();
  const bool isList = description.head.layout != HeadLayout::NCHW;
  for (const std::string &role : rolesOf(*outputs, description)) {
    auto names = outputs->find(role);
    const std::string shown = "'outputs." + role + "'";
    if (names == outputs->end())
      return fields.fail("expected a field " + shown + ", got none");
    std::vector<std::string> &read = description.outputs[role];
    const bool isRight =
        readWords(*names, read) &&
        (read.size() == levels || (isList && read.size() == 1));
    if (!isRight)
      return fields.fail("expected " + std::to_string(levels) +
                         " output names for " + shown + ", got " +
                         dumpJson(*names));
  }
  for (const auto &role : outputs->items())
    if (!description.outputs.count(role.key()))
      fields.fail("unknown field 'outputs." + role.key() + "'");
}

/// Reads "head_order", a permutation of the parts of a head.
void readHeadOrder(JsonFields &fields, DetectorDescription &description) {
  std::vector<std::string> parts = {"box", "cls"};
  if (description.head.score != ScoreRule::Cls)
    parts.push_back("obj");
  std::vector<std::string> order = parts;
  std::rotate(order.begin(), order.begin() + 2, order.end());
  if (fields.find("head_order"))
    fields.words("head_order", order);
  description.headOrder = order;
  std::sort(order.begin(), order.end());
  if (order != parts)
    fields.fail("expected 'head_order' to have each of " +
                dumpJson(nlohmann::json(parts)) + " once, got " +
                dumpJson(nlohmann::json(description.headOrder)));
}

} // namespace

const char *DetectorDescription::objRole() const {
  if (head.score == ScoreRule::Cls)
    return nullptr;
  return outputs.count("centerness") ? "centerness" : "obj";
}

std::string parseDetector(const std::string &json,
                          DetectorDescription &description) {
  JsonFields fields(json, "detector");
  DetectorDescription read;
  fields.find("kind", true);
  fields.word("kind", read.kind, {"fcos", "fastestdet", "yunet", "one-stage"});
  if (fields.hasFailed())
    return fields.finish();
  read.head = formatOf(read.kind);
  fields.words("classes", read.classes);
  if (read.kind == "one-stage")
    fields.find("box", true);
  readHead(fields, read.head);
  readStrides(fields, read);
  readOutputs(fields, read);
  if (read.outputs.count("head"))
    readHeadOrder(fields, read);
  fields.number("score_threshold", read.scoreThreshold, 0, 1);
  fields.integer("candidates_per_level", read.candidatesPerLevel, 1, 1 << 20);
  fields.number("nms_iou", read.nmsIou, 0, 1);
  fields.integer("max_detections", read.maxDetections, 1, 1 << 20);
  fields.find("image_input");
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

} // namespace shift::detection
