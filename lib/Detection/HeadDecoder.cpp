//===- HeadDecoder.cpp - One level of a head to candidates ----------------===//
// SPDX-License-Identifier: Apache-2.0
// Outputs of every layout become a Part with two steps, so that scores and
// boxes are computed by one piece of code. Float32 with Support's functions.
//===----------------------------------------------------------------------===//
#include "HeadDecoder.h"

#include "shift/Support/FloatMath.h"

#include <algorithm>
#include <cmath>

namespace shift::detection {
namespace {

/// "[?x4x10x13]"; a negative side is any.
std::string showShape(const std::vector<int64_t> &shape) {
  std::string text;
  for (int64_t side : shape) {
    text += text.empty() ? "" : "x";
    text += side < 0 ? "?" : std::to_string(side);
  }
  return "[" + text + "]";
}

float activate(Activation activation, float value) {
  switch (activation) {
  case Activation::None:
    return value;
  case Activation::Clip:
    return std::clamp(value, 0.0f, 1.0f);
  case Activation::Sigmoid:
    return math::sigmoid(value);
  case Activation::Tanh:
    return math::tanh(value);
  case Activation::Exp:
    return math::exp(value);
  }
  return value;
}

float unitOf(BoxUnit unit, float stride, int inputSide) {
  switch (unit) {
  case BoxUnit::Pixels:
    return 1;
  case BoxUnit::Stride:
    return stride;
  case BoxUnit::Input:
    return static_cast<float>(inputSide);
  }
  return 1;
}

int64_t ceilDivide(int64_t value, int64_t divisor) {
  return (value + divisor - 1) / divisor;
}

} // namespace

HeadDecoder::HeadDecoder(const DetectorDescription &description,
                         const std::vector<OutputView> &outputs,
                         int inputHeight, int inputWidth)
    : description(description), head(description.head), outputs(outputs),
      inputHeight(inputHeight), inputWidth(inputWidth),
      classes(static_cast<int64_t>(description.classes.size())) {}

std::string HeadDecoder::decodeLevel(size_t level,
                                     std::vector<Detection> &candidates) {
  std::string error = findParts(level);
  if (!error.empty())
    return error;
  const int64_t places = grid.height * grid.width;
  for (int64_t place = 0; place < places; ++place) {
    const int64_t best = head.isBestClassOnly ? bestLabel(place) : -1;
    const int64_t first = std::max<int64_t>(best, 0);
    const int64_t end = best < 0 ? classes : best + 1;
    for (int64_t label = first; label < end; ++label) {
      float probability = 0;
      const float score = scoreOf(place, label, probability);
      if (!((head.isThresholdOnCls ? probability : score) >
            description.scoreThreshold))
        continue;
      Detection candidate = boxAt(place);
      candidate.score = score;
      candidate.label = static_cast<int>(label);
      candidates.push_back(candidate);
    }
  }
  return "";
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

/// The grid of a list: it follows from the strides, or the list has one row.
void HeadDecoder::listGrid(size_t level) {
  grid.inAll = 0;
  for (size_t i = 0; i < description.strides.size(); ++i) {
    const int64_t stride = description.strides[i];
    const int64_t height = ceilDivide(inputHeight, stride);
    const int64_t width = ceilDivide(inputWidth, stride);
    if (i == level) {
      grid.first = grid.inAll;
      grid.height = height;
      grid.width = width;
      grid.strideX = grid.strideY = static_cast<float>(stride);
    }
    grid.inAll += height * width;
  }
  if (description.strides.empty())
    grid.inAll = -1;
}

/// The strides of a map whose size is known.
void HeadDecoder::mapStrides(size_t level) {
  if (!description.strides.empty()) {
    grid.strideX = grid.strideY =
        static_cast<float>(description.strides[level]);
    return;
  }
  grid.strideX =
      static_cast<float>(inputWidth) / static_cast<float>(grid.width);
  grid.strideY =
      static_cast<float>(inputHeight) / static_cast<float>(grid.height);
}

std::string HeadDecoder::findParts(size_t level) {
  grid = Grid();
  if (head.layout != HeadLayout::NCHW)
    listGrid(level);
  const int64_t boxChannels = 4 * std::max(head.bins, 1);
  const char *objRole = description.objRole();
  std::string error;
  if (description.outputs.count("head")) {
    const int64_t objChannels = objRole ? 1 : 0;
    Part all;
    error = findPart("head", level, objChannels + boxChannels + classes, all);
    if (!error.empty())
      return error;
    for (const std::string &name : description.headOrder) {
      Part &part = name == "cls" ? cls : name == "obj" ? obj : box;
      part = all;
      all.data += all.channelStep * (name == "cls"   ? classes
                                     : name == "obj" ? objChannels
                                                     : boxChannels);
    }
  } else {
    error = findPart("cls", level, classes, cls);
    if (error.empty() && objRole)
      error = findPart(objRole, level, 1, obj);
    if (error.empty())
      error = findPart("box", level, boxChannels, box);
  }
  if (error.empty() && head.layout == HeadLayout::NCHW)
    mapStrides(level);
  return error;
}

/// Finds the output of `role` and checks its shape; the first one may set the
/// grid.
std::string HeadDecoder::findPart(const std::string &role, size_t level,
                                  int64_t channels, Part &part) {
  auto names = description.outputs.find(role);
  if (names == description.outputs.end() || names->second.empty())
    return "expected outputs of role '" + role + "' in the detector, got none";
  const bool isMap = head.layout == HeadLayout::NCHW;
  const bool hasAll =
      !isMap && names->second.size() == 1 && description.levels() > 1;
  const std::string &name =
      names->second[hasAll ? 0 : std::min(level, names->second.size() - 1)];
  auto found =
      std::find_if(outputs.begin(), outputs.end(),
                   [&](const OutputView &o) { return o.name == name; });
  if (found == outputs.end())
    return "expected an output '" + name + "' of the model, got none";
  const int64_t places = grid.width < 0 ? -1
                         : hasAll       ? grid.inAll
                                        : grid.height * grid.width;
  std::vector<int64_t> expected = {-1, channels, places};
  if (isMap)
    expected = {-1, channels, grid.height, grid.width};
  else if (head.layout == HeadLayout::NLC)
    expected = {-1, places, channels};
  const std::vector<int64_t> &shape = found->shape;
  bool isRight = shape.size() == expected.size();
  for (size_t i = 0; isRight && i < shape.size(); ++i)
    isRight = shape[i] >= 1 && (expected[i] < 0 || shape[i] == expected[i]);
  if (!isRight)
    return "expected shape " + showShape(expected) + " of output '" + name +
           "', got " + showShape(shape);
  const bool isNLC = head.layout == HeadLayout::NLC;
  if (grid.width < 0) {
    grid.height = isMap ? shape[2] : 1;
    grid.width = isMap ? shape[3] : shape[isNLC ? 1 : 2];
  }
  part.channelStep = isNLC ? 1 : isMap ? shape[2] * shape[3] : shape[2];
  part.placeStep = isNLC ? channels : 1;
  part.data = found->data + (hasAll ? grid.first * part.placeStep : 0);
  return "";
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

int64_t HeadDecoder::bestLabel(int64_t place) const {
  int64_t best = 0;
  for (int64_t label = 1; label < classes; ++label)
    if (cls.at(label, place) > cls.at(best, place))
      best = label;
  return best;
}

/// The score, and the class's own probability.
float HeadDecoder::scoreOf(int64_t place, int64_t label,
                           float &probability) const {
  probability = activate(head.clsActivation, cls.at(label, place));
  const bool isDropped =
      head.isThresholdOnCls && !(probability > description.scoreThreshold);
  if (head.score == ScoreRule::Cls || isDropped)
    return probability;
  const float objectness = activate(head.objActivation, obj.at(0, place));
  switch (head.score) {
  case ScoreRule::Cls:
    break;
  case ScoreRule::Product:
    return probability * objectness;
  case ScoreRule::Sqrt:
    return std::sqrt(probability * objectness);
  case ScoreRule::Power:
    return math::pow(objectness, head.objPower) *
           math::pow(probability, head.clsPower);
  }
  return probability;
}

/// A raw box value, or the mean of its bins.
float HeadDecoder::boxValue(int index, int64_t place) const {
  if (head.bins == 0)
    return box.at(index, place);
  std::vector<float> weights(static_cast<size_t>(head.bins));
  for (int i = 0; i < head.bins; ++i)
    weights[i] = box.at(int64_t{index} * head.bins + i, place);
  math::softmax(weights.data(), weights.data(), head.bins);
  float mean = 0;
  for (int i = 0; i < head.bins; ++i)
    mean += weights[i] * static_cast<float>(i);
  return mean;
}

Detection HeadDecoder::boxAt(int64_t place) const {
  const float unitX = unitOf(head.boxUnit, grid.strideX, inputWidth);
  const float unitY = unitOf(head.boxUnit, grid.strideY, inputHeight);
  const float column = static_cast<float>(place % grid.width);
  const float row = static_cast<float>(place / grid.width);
  float center[4], size[4];
  for (int i = 0; i < 4; ++i) {
    const float value = boxValue(i, place);
    center[i] = activate(head.centerActivation, value);
    size[i] = activate(head.sizeActivation, value);
  }
  auto around = [](float x, float y, float left, float top, float right,
                   float bottom) {
    return Detection{x - left, y - top, x + right, y + bottom, 0, 0};
  };
  const float halfW = size[2] * unitX / 2, halfH = size[3] * unitY / 2;
  switch (head.box) {
  case BoxCoding::Distances:
    return around(column * grid.strideX + grid.strideX * head.location,
                  row * grid.strideY + grid.strideY * head.location,
                  size[0] * unitX, size[1] * unitY, size[2] * unitX,
                  size[3] * unitY);
  case BoxCoding::Center:
    return around((column + head.location + center[0]) * grid.strideX,
                  (row + head.location + center[1]) * grid.strideY, halfW,
                  halfH, halfW, halfH);
  case BoxCoding::Absolute:
    return around(center[0] * unitX, center[1] * unitY, halfW, halfH, halfW,
                  halfH);
  case BoxCoding::Corners:
    return around(0, 0, -center[0] * unitX, -center[1] * unitY,
                  center[2] * unitX, center[3] * unitY);
  }
  return {};
}

} // namespace shift::detection
