//===- Decode.cpp - Raw network outputs to boxes --------------------------===//
// SPDX-License-Identifier: Apache-2.0
// One function a kind turns a level into candidates in the order level, row,
// column, class; selection, sorting (which keeps that order for equal
// scores), clipping and suppression are shared.
//===----------------------------------------------------------------------===//
#include "shift/Detection/Decode.h"

#include "shift/Support/FloatMath.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace shift::detection {
namespace {

std::string showShape(const std::vector<int64_t> &shape) {
  std::string text;
  for (int64_t side : shape)
    text += (text.empty() ? "" : "x") + std::to_string(side);
  return "[" + text + "]";
}

/// Sorts by falling score; equal scores keep their order.
void sortBestFirst(std::vector<Detection> &detections) {
  std::vector<size_t> order(detections.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const float left = detections[a].score, right = detections[b].score;
    return left != right ? left > right : a < b;
  });
  std::vector<Detection> sorted;
  sorted.reserve(order.size());
  for (size_t index : order)
    sorted.push_back(detections[index]);
  detections = std::move(sorted);
}

bool hasNan(const Detection &d) {
  return std::isnan(d.score) || std::isnan(d.x0) || std::isnan(d.y0) ||
         std::isnan(d.x1) || std::isnan(d.y1);
}

/// Finds the outputs of one level and decodes them.
class LevelDecoder {
public:
  LevelDecoder(const DetectorDescription &description,
               const std::vector<OutputView> &outputs, int inputHeight,
               int inputWidth)
      : description(description), outputs(outputs), inputHeight(inputHeight),
        inputWidth(inputWidth), classes(description.classes.size()) {}

  /// Candidates of a level in order of place and class; an error or nothing.
  std::string decodeLevel(size_t level, std::vector<Detection> &candidates) {
    switch (description.kind) {
    case DetectorKind::Fcos:
      return decodeFcos(level, candidates);
    case DetectorKind::FastestDet:
      return decodeFastestDet(level, candidates);
    case DetectorKind::YuNet:
      return decodeYuNet(level, candidates);
    }
    return "";
  }

private:
  std::string decodeFcos(size_t level, std::vector<Detection> &candidates);
  std::string decodeFastestDet(size_t level,
                               std::vector<Detection> &candidates);
  std::string decodeYuNet(size_t level, std::vector<Detection> &candidates);

  /// Finds the output of `role`; sides of `expected` that are -1 may be
  /// anything. Returns an error that names the output.
  std::string find(const char *role, size_t level,
                   const std::vector<int64_t> &expected,
                   const OutputView *&view) const;

  const DetectorDescription &description;
  const std::vector<OutputView> &outputs;
  int inputHeight, inputWidth;
  int64_t classes;
};

std::string LevelDecoder::find(const char *role, size_t level,
                               const std::vector<int64_t> &expected,
                               const OutputView *&view) const {
  auto names = description.outputs.find(role);
  if (names == description.outputs.end() || level >= names->second.size())
    return "expected an output '" + std::string(role) + "' for level " +
           std::to_string(level) + " in the detector, got none";
  const std::string &name = names->second[level];
  auto found =
      std::find_if(outputs.begin(), outputs.end(),
                   [&](const OutputView &o) { return o.name == name; });
  if (found == outputs.end())
    return "expected an output '" + name + "' of the model, got none";
  const std::vector<int64_t> &shape = found->shape;
  bool isRight = shape.size() == expected.size();
  for (size_t i = 0; isRight && i < shape.size(); ++i)
    isRight = shape[i] >= 1 && (expected[i] < 0 || shape[i] == expected[i]);
  if (!isRight) {
    std::string wanted = showShape(expected);
    for (size_t at; (at = wanted.find("-1")) != std::string::npos;)
      wanted.replace(at, 2, "?");
    return "expected shape " + wanted + " of output '" + name + "', got " +
           showShape(shape);
  }
  view = &*found;
  return "";
}

std::string LevelDecoder::decodeFcos(size_t level,
                                     std::vector<Detection> &candidates) {
  const OutputView *cls = nullptr, *box = nullptr, *center = nullptr;
  std::string error = find("cls", level, {-1, classes, -1, -1}, cls);
  if (!error.empty())
    return error;
  const int64_t height = cls->shape[2], width = cls->shape[3];
  error = find("box", level, {-1, 4, height, width}, box);
  if (error.empty())
    error = find("centerness", level, {-1, 1, height, width}, center);
  if (!error.empty())
    return error;
  const float stride = static_cast<float>(description.strides[level]);
  const float unit = description.boxInStrides ? stride : 1.0f;
  const int64_t plane = height * width;
  for (int64_t place = 0; place < plane; ++place) {
    const float centerness = math::sigmoid(center->data[place]);
    const float x = static_cast<float>(place % width) * stride + stride / 2;
    const float y = static_cast<float>(place / width) * stride + stride / 2;
    const float *side = box->data + place;
    for (int64_t label = 0; label < classes; ++label) {
      const float probability = math::sigmoid(cls->data[label * plane + place]);
      if (!(probability > description.scoreThreshold))
        continue;
      candidates.push_back(
          {x - side[0] * unit, y - side[plane] * unit,
           x + side[2 * plane] * unit, y + side[3 * plane] * unit,
           std::sqrt(probability * centerness), static_cast<int>(label)});
    }
  }
  return "";
}

std::string LevelDecoder::decodeFastestDet(size_t level,
                                           std::vector<Detection> &candidates) {
  const OutputView *head = nullptr;
  std::string error = find("head", level, {-1, classes + 5, -1, -1}, head);
  if (!error.empty())
    return error;
  const int64_t height = head->shape[2], width = head->shape[3];
  const int64_t plane = height * width;
  const float inputW = static_cast<float>(inputWidth);
  const float inputH = static_cast<float>(inputHeight);
  for (int64_t place = 0; place < plane; ++place) {
    const float *values = head->data + place;
    int label = 0;
    for (int64_t i = 1; i < classes; ++i)
      if (values[(5 + i) * plane] > values[(5 + label) * plane])
        label = static_cast<int>(i);
    const float score = math::pow(values[0], 0.6f) *
                        math::pow(values[(5 + label) * plane], 0.4f);
    if (!(score > description.scoreThreshold))
      continue;
    const float x =
        (static_cast<float>(place % width) + math::tanh(values[plane])) /
        static_cast<float>(width) * inputW;
    const float y =
        (static_cast<float>(place / width) + math::tanh(values[2 * plane])) /
        static_cast<float>(height) * inputH;
    const float halfW = math::sigmoid(values[3 * plane]) * inputW / 2;
    const float halfH = math::sigmoid(values[4 * plane]) * inputH / 2;
    candidates.push_back(
        {x - halfW, y - halfH, x + halfW, y + halfH, score, label});
  }
  return "";
}

std::string LevelDecoder::decodeYuNet(size_t level,
                                      std::vector<Detection> &candidates) {
  const int stride = description.strides[level];
  const int64_t width = (inputWidth + stride - 1) / stride;
  const int64_t places = width * ((inputHeight + stride - 1) / stride);
  const OutputView *cls = nullptr, *object = nullptr, *box = nullptr;
  std::string error = find("cls", level, {-1, places, classes}, cls);
  if (error.empty())
    error = find("obj", level, {-1, places, 1}, object);
  if (error.empty())
    error = find("box", level, {-1, places, 4}, box);
  if (!error.empty())
    return error;
  const float size = static_cast<float>(stride);
  for (int64_t place = 0; place < places; ++place) {
    const float *b = box->data + place * 4;
    const float x = (static_cast<float>(place % width) + b[0]) * size;
    const float y = (static_cast<float>(place / width) + b[1]) * size;
    const float halfW = math::exp(b[2]) * size / 2;
    const float halfH = math::exp(b[3]) * size / 2;
    const float objectness = std::clamp(object->data[place], 0.0f, 1.0f);
    for (int64_t label = 0; label < classes; ++label) {
      const float score =
          std::sqrt(std::clamp(cls->data[place * classes + label], 0.0f, 1.0f) *
                    objectness);
      if (score > description.scoreThreshold)
        candidates.push_back({x - halfW, y - halfH, x + halfW, y + halfH, score,
                              static_cast<int>(label)});
    }
  }
  return "";
}

float area(const Detection &d) { return (d.x1 - d.x0) * (d.y1 - d.y0); }

/// Intersection over union, 0 where the union has no area.
float overlapOf(const Detection &a, const Detection &b) {
  const float w = std::max(std::min(a.x1, b.x1) - std::max(a.x0, b.x0), 0.0f);
  const float h = std::max(std::min(a.y1, b.y1) - std::max(a.y0, b.y0), 0.0f);
  const float overlap = w * h;
  const float united = area(a) + area(b) - overlap;
  return united > 0 ? overlap / united : 0.0f;
}

/// Keeps, best first, what no kept box of the same class overlaps too much.
std::vector<Detection> suppress(const std::vector<Detection> &sorted, float iou,
                                int limit) {
  std::vector<Detection> kept;
  for (const Detection &candidate : sorted) {
    if (static_cast<int>(kept.size()) == limit)
      break;
    bool isSuppressed =
        std::any_of(kept.begin(), kept.end(), [&](const Detection &k) {
          return k.label == candidate.label && overlapOf(k, candidate) > iou;
        });
    if (!isSuppressed)
      kept.push_back(candidate);
  }
  return kept;
}

/// Limits boxes to 0..width, 0..height.
void clipBoxes(std::vector<Detection> &detections, float width, float height) {
  for (Detection &d : detections) {
    d.x0 = std::clamp(d.x0, 0.0f, width);
    d.y0 = std::clamp(d.y0, 0.0f, height);
    d.x1 = std::clamp(d.x1, 0.0f, width);
    d.y1 = std::clamp(d.y1, 0.0f, height);
  }
}

} // namespace

std::string decode(const DetectorDescription &description,
                   const std::vector<OutputView> &outputs, int inputHeight,
                   int inputWidth, std::vector<Detection> &detections) {
  LevelDecoder decoder(description, outputs, inputHeight, inputWidth);
  const size_t levels = description.kind == DetectorKind::FastestDet
                            ? 1
                            : description.strides.size();
  std::vector<Detection> all;
  for (size_t level = 0; level < levels; ++level) {
    std::vector<Detection> candidates;
    std::string error = decoder.decodeLevel(level, candidates);
    if (!error.empty())
      return error;
    candidates.erase(
        std::remove_if(candidates.begin(), candidates.end(), hasNan),
        candidates.end());
    sortBestFirst(candidates);
    const size_t limit = static_cast<size_t>(description.candidatesPerLevel);
    if (candidates.size() > limit)
      candidates.erase(candidates.begin() + limit, candidates.end());
    all.insert(all.end(), candidates.begin(), candidates.end());
  }
  clipBoxes(all, static_cast<float>(inputWidth),
            static_cast<float>(inputHeight));
  sortBestFirst(all);
  detections = suppress(all, description.nmsIou, description.maxDetections);
  return "";
}

void mapToImage(const ImageInput &input, int width, int height,
                std::vector<Detection> &detections) {
  const InnerSize inner = innerSize(input, width, height);
  const float scaleX =
      static_cast<float>(static_cast<double>(width) / inner.width);
  const float scaleY =
      static_cast<float>(static_cast<double>(height) / inner.height);
  for (Detection &d : detections) {
    d.x0 *= scaleX;
    d.x1 *= scaleX;
    d.y0 *= scaleY;
    d.y1 *= scaleY;
  }
  clipBoxes(detections, static_cast<float>(width), static_cast<float>(height));
}

} // namespace shift::detection
