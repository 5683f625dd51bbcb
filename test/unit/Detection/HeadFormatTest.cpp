//===- HeadFormatTest.cpp - Detectors that a user describes ---------------===//
// SPDX-License-Identifier: Apache-2.0
// The kinds that are built in, spelled out as "one-stage", and the layouts and
// codings of other anchor-free detectors, worked out by hand.
//===----------------------------------------------------------------------===//
#include "DetectionFixture.h"

#include <cmath>

using namespace shift::detection;

namespace {

DetectorDescription read(const std::string &json) {
  DetectorDescription description;
  EXPECT_EQ(parseDetector(json, description), "");
  return description;
}

void expectSame(const std::vector<Detection> &got,
                const std::vector<Detection> &expected) {
  ASSERT_EQ(got.size(), expected.size());
  ASSERT_GT(got.size(), 3u);
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].label, expected[i].label) << i;
    EXPECT_EQ(got[i].score, expected[i].score) << i;
    EXPECT_EQ(got[i].x0, expected[i].x0) << i;
    EXPECT_EQ(got[i].y0, expected[i].y0) << i;
    EXPECT_EQ(got[i].x1, expected[i].x1) << i;
    EXPECT_EQ(got[i].y1, expected[i].y1) << i;
  }
}

/// Pseudo-random values in [low, high).
void randomise(std::vector<float> &values, uint32_t seed, float low,
               float high) {
  Sequence sequence(seed);
  for (float &value : values)
    value = low + (high - low) * static_cast<float>(sequence.next()) / 65536;
}

/// Decodes both descriptions; they must agree exactly.
void expectSameDecoding(const std::string &one, const std::string &other,
                        const Outputs &outputs, int height, int width) {
  std::vector<Detection> left, right;
  ASSERT_EQ(decode(read(one), outputs.views(), height, width, left), "");
  ASSERT_EQ(decode(read(other), outputs.views(), height, width, right), "");
  expectSame(left, right);
}

void expectBox(const Detection &got, double x0, double y0, double x1,
               double y1) {
  EXPECT_NEAR(got.x0, x0, 1e-4);
  EXPECT_NEAR(got.y0, y0, 1e-4);
  EXPECT_NEAR(got.x1, x1, 1e-4);
  EXPECT_NEAR(got.y1, y1, 1e-4);
}

} // namespace

TEST(HeadFormat, FcosIsAnInstance) {
  Outputs outputs;
  randomise(outputs.add("c", {1, 2, 6, 8}), 1, -5, 4);
  randomise(outputs.add("b", {1, 4, 6, 8}), 2, 0, 20);
  randomise(outputs.add("n", {1, 1, 6, 8}), 3, -4, 4);
  expectSameDecoding(
      R"({"kind": "fcos", "classes": ["a", "b"], "strides": [8],
          "outputs": {"cls": ["c"], "box": ["b"], "centerness": ["n"]}})",
      R"({"kind": "one-stage", "classes": ["a", "b"], "strides": [8],
          "layout": "NCHW", "cls_activation": "sigmoid",
          "obj_activation": "sigmoid", "score": "sqrt", "threshold_on": "cls",
          "labels": "all", "box": "distances", "box_unit": "pixels",
          "size_activation": "none", "location": 0.5,
          "outputs": {"cls": ["c"], "box": ["b"], "obj": ["n"]}})",
      outputs, 48, 64);
}

TEST(HeadFormat, FastestDetIsAnInstance) {
  Outputs outputs;
  randomise(outputs.add("h", {1, 8, 6, 8}), 4, 0, 1);
  expectSameDecoding(
      R"({"kind": "fastestdet", "classes": ["a", "b", "c"],
          "outputs": {"head": ["h"]}})",
      R"({"kind": "one-stage", "classes": ["a", "b", "c"], "strides": [16],
          "cls_activation": "none", "obj_activation": "none",
          "score": "power", "cls_power": 0.4, "obj_power": 0.6,
          "threshold_on": "score", "labels": "best", "box": "center",
          "box_unit": "input", "center_activation": "tanh",
          "size_activation": "sigmoid", "location": 0,
          "head_order": ["obj", "box", "cls"], "outputs": {"head": ["h"]}})",
      outputs, 96, 128);
}

TEST(HeadFormat, YuNetIsAnInstance) {
  Outputs outputs;
  for (int stride : {8, 16}) {
    const int places = (96 / stride) * (128 / stride);
    const std::string suffix = std::to_string(stride);
    randomise(outputs.add("c" + suffix, {1, places, 1}), 5, -0.5f, 1.5f);
    randomise(outputs.add("o" + suffix, {1, places, 1}), 6, -0.5f, 1.5f);
    randomise(outputs.add("b" + suffix, {1, places, 4}), 7, -1, 1);
  }
  const std::string rest = R"("classes": ["face"], "strides": [8, 16],
      "score_threshold": 0.5, "outputs": {"cls": ["c8", "c16"],
      "obj": ["o8", "o16"], "box": ["b8", "b16"]}})";
  expectSameDecoding(
      R"({"kind": "yunet", )" + rest,
      R"({"kind": "one-stage", "layout": "NLC", "cls_activation": "clip",
          "obj_activation": "clip", "score": "sqrt", "box": "center",
          "box_unit": "stride", "size_activation": "exp", "location": 0, )" +
          rest,
      outputs, 96, 128);
}

TEST(HeadFormat, OneListHoldsAllLevels) {
  // Strides 8 and 16 of a 16 x 24 input: 2 x 3 and 1 x 2 locations; channels
  // are 4 box values, objectness, 2 classes.
  Outputs outputs;
  std::vector<float> &head = outputs.add("all", {1, 8, 7});
  const float first[] = {0.5f, 0.25f, 0, 0, 0.9f, 0.2f, 0.8f};
  const float second[] = {0, 0.5f, std::log(2.0f), 0, 0.5f, 0.6f, 0};
  std::copy(first, first + 7, head.begin() + 4 * 7);
  std::copy(second, second + 7, head.begin() + 7 * 7);
  const DetectorDescription description = read(
      R"({"kind": "one-stage", "classes": ["a", "b"], "strides": [8, 16],
          "layout": "NLC", "cls_activation": "none", "obj_activation": "none",
          "score": "product", "labels": "best", "box": "center",
          "box_unit": "stride", "size_activation": "exp", "location": 0,
          "head_order": ["box", "obj", "cls"], "outputs": {"head": ["all"]}})");
  std::vector<Detection> boxes;
  ASSERT_EQ(decode(description, outputs.views(), 16, 24, boxes), "");
  ASSERT_EQ(boxes.size(), 2u);
  EXPECT_EQ(boxes[0].label, 1);
  EXPECT_NEAR(boxes[0].score, 0.72, 1e-6);
  expectBox(boxes[0], 8, 6, 16, 14);
  EXPECT_EQ(boxes[1].label, 0);
  EXPECT_NEAR(boxes[1].score, 0.3, 1e-6);
  expectBox(boxes[1], 0, 0, 24, 16);
  outputs.shapes[0] = {1, 9, 7};
  EXPECT_EQ(decode(description, outputs.views(), 16, 24, boxes),
            "expected shape [?x8x7] of output 'all', got [1x9x7]");
}

TEST(HeadFormat, AbsoluteBoxesNeedNoStrides) {
  // Channels first: box, then two classes, for three locations.
  Outputs outputs;
  outputs.add("y", {1, 6, 3}) = {10, 20, 30, 10, 20, 30,  4,    6,   8,
                                 2,  4,  6,  0,  0,  .7f, .01f, .6f, .2f};
  std::string json =
      R"({"kind": "one-stage", "classes": ["a", "b"], "layout": "NCL",
          "cls_activation": "none", "box": "absolute",
          "head_order": ["box", "cls"], "outputs": {"head": ["y"]}})";
  std::vector<Detection> boxes;
  ASSERT_EQ(decode(read(json), outputs.views(), 64, 64, boxes), "");
  ASSERT_EQ(boxes.size(), 3u);
  EXPECT_EQ(boxes[0].score, 0.7f);
  EXPECT_EQ(boxes[0].label, 0);
  expectBox(boxes[0], 26, 27, 34, 33);
  EXPECT_EQ(boxes[1].label, 1);
  expectBox(boxes[1], 17, 18, 23, 22);
  EXPECT_EQ(boxes[2].score, 0.2f) << "the same box in another class";
  json.replace(json.find("absolute"), 8, "corners");
  json.insert(1, R"("box_unit": "input", )");
  outputs.values(0) = {0, 0.25f, 0, 0, 0.5f, 0, 1, 0.5f, 0,
                       1, 0.75f, 0, 0, 0.9f, 0, 0, 0,    0};
  ASSERT_EQ(decode(read(json), outputs.views(), 64, 32, boxes), "");
  ASSERT_EQ(boxes.size(), 1u);
  expectBox(boxes[0], 8, 32, 16, 48);
}

TEST(HeadFormat, BinsAreAveraged) {
  // Four bins a side; equal logits average 1.5, a large one wins.
  Outputs outputs;
  outputs.add("c", {1, 1, 2, 2}, -20)[3] = 3;
  std::vector<float> &box = outputs.add("b", {1, 16, 2, 2});
  for (int side = 1; side < 4; ++side)
    box[(side * 4 + side - 1) * 4 + 3] = 40;
  const DetectorDescription description = read(
      R"({"kind": "one-stage", "classes": ["a"], "strides": [8], "bins": 4,
          "box": "distances", "box_unit": "stride", "location": 0,
          "outputs": {"cls": ["c"], "box": ["b"]}})");
  std::vector<Detection> boxes;
  ASSERT_EQ(decode(description, outputs.views(), 64, 64, boxes), "");
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_NEAR(boxes[0].score, 1 / (1 + std::exp(-3)), 1e-6);
  expectBox(boxes[0], 0, 8, 16, 24);
}
