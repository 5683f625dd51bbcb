//===- HeadLevels.cpp - Where a head's values lie in the outputs ----------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Detection/HeadLevels.h"

#include <algorithm>

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

int64_t ceilDivide(int64_t value, int64_t divisor) {
  return (value + divisor - 1) / divisor;
}

/// Finds the parts of one level.
class LevelFinder {
public:
  LevelFinder(const DetectorDescription &description,
              const std::vector<NamedShape> &outputs, int inputHeight,
              int inputWidth, size_t index)
      : description(description), outputs(outputs), inputHeight(inputHeight),
        inputWidth(inputWidth), index(index) {}

  std::string run() {
    const HeadFormat &head = description.head;
    const int64_t classes = static_cast<int64_t>(description.classes.size());
    const int64_t boxChannels = 4 * std::max(head.bins, 1);
    if (head.layout != HeadLayout::NCHW)
      findListGrid();
    const char *objRole = description.objRole();
    std::string error;
    if (description.outputs.count("head")) {
      error = findHead(objRole ? 1 : 0, boxChannels, classes);
    } else {
      error = findPart("cls", classes, level.cls);
      if (error.empty() && objRole)
        error = findPart(objRole, 1, level.obj);
      if (error.empty())
        error = findPart("box", boxChannels, level.box);
    }
    if (error.empty() && head.layout == HeadLayout::NCHW)
      findMapStrides();
    level.height = height;
    level.width = width;
    return error;
  }

  HeadLevel level;

private:
  /// The grid of a list: it follows from the strides, or the list has one row.
  void findListGrid() {
    inAll = 0;
    for (size_t i = 0; i < description.strides.size(); ++i) {
      const int64_t stride = description.strides[i];
      const int64_t rows = ceilDivide(inputHeight, stride);
      const int64_t columns = ceilDivide(inputWidth, stride);
      if (i == index) {
        first = inAll;
        height = rows;
        width = columns;
        level.strideX = level.strideY = static_cast<float>(stride);
      }
      inAll += rows * columns;
    }
    if (description.strides.empty())
      inAll = -1;
  }

  /// The strides of a map whose size is known.
  void findMapStrides() {
    if (!description.strides.empty()) {
      level.strideX = level.strideY =
          static_cast<float>(description.strides[index]);
      return;
    }
    level.strideX = static_cast<float>(inputWidth) / static_cast<float>(width);
    level.strideY =
        static_cast<float>(inputHeight) / static_cast<float>(height);
  }

  /// One output that holds all parts, in `headOrder`.
  std::string findHead(int64_t objChannels, int64_t boxChannels,
                       int64_t classes) {
    HeadPart all;
    std::string error =
        findPart("head", objChannels + boxChannels + classes, all);
    for (const std::string &name : description.headOrder) {
      HeadPart &part = name == "cls"   ? level.cls
                       : name == "obj" ? level.obj
                                       : level.box;
      part = all;
      all.first += all.channelStep * (name == "cls"   ? classes
                                      : name == "obj" ? objChannels
                                                      : boxChannels);
    }
    return error;
  }

  /// Finds the output of `role` and checks its shape; the first one may set the
  /// grid.
  std::string findPart(const std::string &role, int64_t channels,
                       HeadPart &part) {
    auto names = description.outputs.find(role);
    if (names == description.outputs.end() || names->second.empty())
      return "expected outputs of role '" + role +
             "' in the detector, got none";
    const HeadLayout layout = description.head.layout;
    const bool isMap = layout == HeadLayout::NCHW;
    const bool isNLC = layout == HeadLayout::NLC;
    const bool hasAll =
        !isMap && names->second.size() == 1 && description.levels() > 1;
    const std::string &name =
        names->second[hasAll ? 0 : std::min(index, names->second.size() - 1)];
    auto found =
        std::find_if(outputs.begin(), outputs.end(),
                     [&](const NamedShape &o) { return o.name == name; });
    if (found == outputs.end())
      return "expected an output '" + name + "' of the model, got none";
    const int64_t places = width < 0 ? -1 : hasAll ? inAll : height * width;
    std::vector<int64_t> expected = {-1, channels, places};
    if (isMap)
      expected = {-1, channels, height, width};
    else if (isNLC)
      expected = {-1, places, channels};
    const std::vector<int64_t> &shape = found->shape;
    bool isRight = shape.size() == expected.size();
    for (size_t i = 0; isRight && i < shape.size(); ++i)
      isRight = shape[i] >= 1 && (expected[i] < 0 || shape[i] == expected[i]);
    if (!isRight)
      return "expected shape " + showShape(expected) + " of output '" + name +
             "', got " + showShape(shape);
    if (width < 0) {
      height = isMap ? shape[2] : 1;
      width = isMap ? shape[3] : shape[isNLC ? 1 : 2];
    }
    part.output = static_cast<size_t>(found - outputs.begin());
    part.channelStep = isNLC ? 1 : isMap ? shape[2] * shape[3] : shape[2];
    part.placeStep = isNLC ? channels : 1;
    part.first = hasAll ? first * part.placeStep : 0;
    return "";
  }

  const DetectorDescription &description;
  const std::vector<NamedShape> &outputs;
  int inputHeight, inputWidth;
  size_t index;
  /// Rows and columns (-1: any), and in a list of all levels the first place
  /// and how many there are.
  int64_t height = -1, width = -1, first = 0, inAll = -1;
};

} // namespace

std::string findHeadLevels(const DetectorDescription &description,
                           const std::vector<NamedShape> &outputs,
                           int inputHeight, int inputWidth,
                           std::vector<HeadLevel> &levels) {
  std::vector<HeadLevel> found;
  for (size_t i = 0; i < description.levels(); ++i) {
    LevelFinder finder(description, outputs, inputHeight, inputWidth, i);
    std::string error = finder.run();
    if (!error.empty())
      return error;
    found.push_back(finder.level);
  }
  levels = std::move(found);
  return "";
}

} // namespace shift::detection
