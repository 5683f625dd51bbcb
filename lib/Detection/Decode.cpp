//===- Decode.cpp - Raw network outputs to boxes --------------------------===//
// SPDX-License-Identifier: Apache-2.0
// HeadDecoder yields candidates in the order level, row, column, class; here
// are selection, sorting (which keeps that order for equal scores), clipping
// and suppression, and the way back to the image.
//===----------------------------------------------------------------------===//
#include "shift/Detection/Decode.h"

#include "HeadDecoder.h"
#include "shift/Detection/HeadMath.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace shift::detection {
namespace {

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

BoxOf<math::FloatOps> boxOf(const Detection &d) {
  return {d.x0, d.y0, d.x1, d.y1};
}

float overlapOf(const Detection &a, const Detection &b) {
  math::FloatOps ops;
  return overlapOf(ops, boxOf(a), boxOf(b));
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
  math::FloatOps ops;
  for (Detection &d : detections) {
    const auto box = clipBox(ops, boxOf(d), width, height);
    d = {box.x0, box.y0, box.x1, box.y1, d.score, d.label};
  }
}

} // namespace

std::string decode(const DetectorDescription &description,
                   const std::vector<OutputView> &outputs, int inputHeight,
                   int inputWidth, std::vector<Detection> &detections) {
  std::vector<NamedShape> shapes;
  for (const OutputView &output : outputs)
    shapes.push_back({output.name, output.shape});
  std::vector<HeadLevel> levels;
  std::string error =
      findHeadLevels(description, shapes, inputHeight, inputWidth, levels);
  if (!error.empty())
    return error;
  HeadDecoder decoder(description, outputs, inputHeight, inputWidth);
  std::vector<Detection> all;
  for (const HeadLevel &level : levels) {
    std::vector<Detection> candidates = decoder.decodeLevel(level);
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
