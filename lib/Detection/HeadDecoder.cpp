//===- HeadDecoder.cpp - One level of a head to candidates ----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "HeadDecoder.h"

#include "shift/Detection/HeadMath.h"

namespace shift::detection {

HeadDecoder::HeadDecoder(const DetectorDescription &description,
                         const std::vector<OutputView> &outputs,
                         int inputHeight, int inputWidth)
    : description(description), head(description.head), outputs(outputs),
      inputHeight(inputHeight), inputWidth(inputWidth),
      classes(static_cast<int64_t>(description.classes.size())) {}

std::vector<Detection> HeadDecoder::decodeLevel(const HeadLevel &level) const {
  std::vector<Detection> candidates;
  for (int64_t place = 0; place < level.places(); ++place) {
    const int64_t first = head.isBestClassOnly ? bestLabel(level, place) : 0;
    const int64_t end = head.isBestClassOnly ? first + 1 : classes;
    for (int64_t label = first; label < end; ++label) {
      float probability = 0;
      const float score = scoreOf(level, place, label, probability);
      if (!((head.isThresholdOnCls ? probability : score) >
            description.scoreThreshold))
        continue;
      Detection candidate = boxAt(level, place);
      candidate.score = score;
      candidate.label = static_cast<int>(label);
      candidates.push_back(candidate);
    }
  }
  return candidates;
}

int64_t HeadDecoder::bestLabel(const HeadLevel &level, int64_t place) const {
  int64_t best = 0;
  for (int64_t label = 1; label < classes; ++label)
    if (valueOf(level.cls, label, place) > valueOf(level.cls, best, place))
      best = label;
  return best;
}

/// The score, and the class's own probability.
float HeadDecoder::scoreOf(const HeadLevel &level, int64_t place, int64_t label,
                           float &probability) const {
  math::FloatOps ops;
  probability =
      activate(ops, head.clsActivation, valueOf(level.cls, label, place));
  const bool isDropped =
      head.isThresholdOnCls && !(probability > description.scoreThreshold);
  if (head.score == ScoreRule::Cls || isDropped)
    return probability;
  const float objectness =
      activate(ops, head.objActivation, valueOf(level.obj, 0, place));
  return detection::scoreOf(ops, head, probability, objectness);
}

/// A raw box value, or the mean of its bins.
float HeadDecoder::boxValue(const HeadLevel &level, int index,
                            int64_t place) const {
  if (head.bins == 0)
    return valueOf(level.box, index, place);
  std::vector<float> weights(static_cast<size_t>(head.bins));
  for (int i = 0; i < head.bins; ++i)
    weights[i] = valueOf(level.box, int64_t{index} * head.bins + i, place);
  math::softmax(weights.data(), weights.data(), head.bins);
  float mean = 0;
  for (int i = 0; i < head.bins; ++i)
    mean += weights[i] * static_cast<float>(i);
  return mean;
}

Detection HeadDecoder::boxAt(const HeadLevel &level, int64_t place) const {
  math::FloatOps ops;
  const std::array<float, 4> values = {
      boxValue(level, 0, place), boxValue(level, 1, place),
      boxValue(level, 2, place), boxValue(level, 3, place)};
  const auto box = boxOf(ops, head, level, inputHeight, inputWidth,
                         static_cast<float>(place % level.width),
                         static_cast<float>(place / level.width), values);
  return {box.x0, box.y0, box.x1, box.y1, 0, 0};
}

} // namespace shift::detection
