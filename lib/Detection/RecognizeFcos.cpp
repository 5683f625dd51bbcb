//===- RecognizeFcos.cpp - FCOS heads by the shapes of their outputs ------===//
// SPDX-License-Identifier: Apache-2.0
// Groups outputs by their height and width into levels, finds the stride of
// each and tells the three outputs of a level apart.
//===----------------------------------------------------------------------===//
#include "shift/Detection/Detector.h"

#include "JsonFields.h"

#include <algorithm>

namespace shift::detection {
namespace {

struct Level {
  int64_t height, width;
  std::vector<const NamedShape *> outputs;
};

bool isNamedLike(const NamedShape &output, const char *one, const char *other) {
  std::string name = output.name;
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return name.find(one) != std::string::npos ||
         name.find(other) != std::string::npos;
}

/// Takes the one output of `level` with `channels`; of several the one that is
/// named right. Null if there is none or no telling.
const NamedShape *takeOutput(Level &level, int64_t channels, const char *one,
                             const char *other) {
  std::vector<const NamedShape *> found, named;
  for (const NamedShape *output : level.outputs)
    if (output->shape[1] == channels) {
      found.push_back(output);
      if (isNamedLike(*output, one, other))
        named.push_back(output);
    }
  const std::vector<const NamedShape *> &right =
      found.size() == 1 ? found : named;
  if (right.size() != 1)
    return nullptr;
  level.outputs.erase(
      std::find(level.outputs.begin(), level.outputs.end(), right[0]));
  return right[0];
}

/// Levels with the largest first; empty if an output is no (N, C, h, w).
std::vector<Level> groupLevels(const std::vector<NamedShape> &outputs) {
  std::vector<Level> levels;
  for (const NamedShape &output : outputs) {
    if (output.shape.size() != 4 ||
        *std::min_element(output.shape.begin(), output.shape.end()) < 1)
      return {};
    auto level = std::find_if(levels.begin(), levels.end(), [&](Level &l) {
      return l.height == output.shape[2] && l.width == output.shape[3];
    });
    if (level == levels.end())
      level = levels.insert(level, {output.shape[2], output.shape[3], {}});
    level->outputs.push_back(&output);
  }
  std::sort(levels.begin(), levels.end(), [](const Level &a, const Level &b) {
    return a.height * a.width > b.height * b.width;
  });
  return levels;
}

/// The stride of the first level such that every later one has twice that of
/// the level before; 0 if none fits.
int64_t firstStride(const std::vector<Level> &levels, int64_t inputHeight,
                    int64_t inputWidth) {
  for (int64_t first = 1; first <= 64; first *= 2) {
    int64_t stride = first;
    bool fits = true;
    for (const Level &level : levels) {
      fits = fits && level.height == (inputHeight + stride - 1) / stride &&
             level.width == (inputWidth + stride - 1) / stride;
      stride *= 2;
    }
    if (fits)
      return first;
  }
  return 0;
}

} // namespace

std::optional<std::string> recognizeFcos(const std::vector<NamedShape> &outputs,
                                         int64_t inputHeight,
                                         int64_t inputWidth) {
  std::vector<Level> levels = groupLevels(outputs);
  if (levels.size() < 2 || levels.size() > 8)
    return std::nullopt;
  int64_t stride = firstStride(levels, inputHeight, inputWidth);
  if (stride == 0)
    return std::nullopt;
  std::vector<std::string> cls, box, centerness;
  std::vector<int64_t> strides;
  int64_t classes = 0;
  for (Level &level : levels) {
    if (level.outputs.size() != 3)
      return std::nullopt;
    const NamedShape *boxes = takeOutput(level, 4, "box", "reg");
    const NamedShape *centers = takeOutput(level, 1, "cent", "ctr");
    if (!boxes || !centers)
      return std::nullopt;
    const NamedShape *scores = level.outputs[0];
    if (classes != 0 && scores->shape[1] != classes)
      return std::nullopt;
    classes = scores->shape[1];
    cls.push_back(scores->name);
    box.push_back(boxes->name);
    centerness.push_back(centers->name);
    strides.push_back(stride);
    stride *= 2;
  }
  std::vector<std::string> names;
  for (int64_t i = 0; i < classes; ++i)
    names.push_back("class" + std::to_string(i));
  return dumpJson(
      {{"kind", "fcos"},
       {"classes", names},
       {"strides", strides},
       {"box", "exp"},
       {"box_unit", "pixels"},
       {"outputs", {{"cls", cls}, {"box", box}, {"centerness", centerness}}},
       {"score_threshold", 0.05},
       {"candidates_per_level", 1000},
       {"nms_iou", 0.6},
       {"max_detections", 100}});
}

} // namespace shift::detection
