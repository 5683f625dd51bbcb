//===- DecodeTest.cpp - Outputs to boxes ----------------------------------===//
// SPDX-License-Identifier: Apache-2.0
// FCOS against the Python decoder with its order of equal scores; the other
// kinds against their formulas worked out by hand.
//===----------------------------------------------------------------------===//
#include "DetectionFixture.h"

#include <cmath>
#include <limits>

using namespace shift::detection;

namespace {

constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

DetectorDescription fcos(const std::string &unit, int candidates) {
  DetectorDescription description;
  EXPECT_EQ(parseDetector(
                R"({"kind": "fcos", "classes": ["a", "b", "c"],
              "strides": [8, 16, 32], "box": "exp", "box_unit": ")" +
                    unit + R"(", "candidates_per_level": )" +
                    std::to_string(candidates) +
                    R"(, "outputs": {"cls": ["c8", "c16", "c32"],
                 "box": ["b8", "b16", "b32"],
                 "centerness": ["n8", "n16", "n32"]}})",
                description),
            "");
  return description;
}

/// The outputs of make_fixtures.py's decode_rows.
Outputs fcosOutputs(bool isInStrides, bool isCoarse) {
  Outputs outputs;
  for (int stride : {8, 16, 32}) {
    const int rows = (75 + stride - 1) / stride;
    const int columns = (100 + stride - 1) / stride;
    const float divisors[] = {
        8192, isInStrides ? 2048.0f * static_cast<float>(stride) : 2048.0f,
        8192};
    const float offsets[] = {-5, 0, -4};
    const int channels[] = {3, 4, 1};
    for (int i = 0; i < 3; ++i) {
      Sequence sequence(static_cast<uint32_t>(stride * 10 + i));
      for (float &value : outputs.add("cbn"[i] + std::to_string(stride),
                                      {1, channels[i], rows, columns})) {
        int raw = sequence.next();
        raw = isCoarse ? raw >> 14 << 14 : raw;
        value = static_cast<float>(raw) / divisors[i] + offsets[i];
      }
    }
  }
  return outputs;
}

template <size_t N>
void expectBoxes(const std::vector<Detection> &got,
                 const Detection (&expected)[N]) {
  ASSERT_EQ(got.size(), N);
  for (size_t i = 0; i < N; ++i) {
    const Detection &g = got[i], &e = expected[i];
    EXPECT_EQ(g.label, e.label) << i;
    EXPECT_NEAR(g.score, e.score, 1e-5) << i;
    EXPECT_NEAR(g.x0, e.x0, 1e-4) << i;
    EXPECT_NEAR(g.y0, e.y0, 1e-4) << i;
    EXPECT_NEAR(g.x1, e.x1, 1e-4) << i;
    EXPECT_NEAR(g.y1, e.y1, 1e-4) << i;
  }
}

} // namespace

TEST(Decode, FcosEqualsPython) {
  std::vector<Detection> boxes;
  ASSERT_EQ(decode(fcos("pixels", 1000), fcosOutputs(false, false).views(), 75,
                   100, boxes),
            "");
  expectBoxes(boxes, fineBoxes);
}

TEST(Decode, FcosOrdersEqualScoresLikePython) {
  std::vector<Detection> boxes;
  ASSERT_EQ(decode(fcos("pixels", 1000), fcosOutputs(false, true).views(), 75,
                   100, boxes),
            "");
  expectBoxes(boxes, coarseBoxes);
}

TEST(Decode, FcosKeepsTheBestOfALevelAndScalesByStride) {
  std::vector<Detection> boxes;
  ASSERT_EQ(decode(fcos("stride", 20), fcosOutputs(true, true).views(), 75, 100,
                   boxes),
            "");
  expectBoxes(boxes, fewBoxes);
}

TEST(Decode, FcosSurvivesNanAndInfinity) {
  DetectorDescription description = fcos("pixels", 1000);
  for (float value : {notANumber, infinity, -infinity}) {
    Outputs outputs;
    for (int stride : {8, 16, 32})
      for (int i = 0; i < 3; ++i)
        outputs.add("cbn"[i] + std::to_string(stride),
                    {1,
                     i == 0   ? 3
                     : i == 1 ? 4
                              : 1,
                     3, 3},
                    value);
    std::vector<Detection> boxes;
    ASSERT_EQ(decode(description, outputs.views(), 75, 100, boxes), "");
    for (const Detection &box : boxes) {
      EXPECT_TRUE(std::isfinite(box.score));
      EXPECT_EQ(box.x1, 100);
      EXPECT_EQ(box.y0, 0);
    }
    EXPECT_EQ(boxes.empty(), value != infinity);
  }
}

TEST(Decode, FastestDetByItsFormula) {
  DetectorDescription description;
  ASSERT_EQ(parseDetector(builtinDetector("fastestdet"), description), "");
  Outputs outputs;
  std::vector<float> &head = outputs.add("758", {1, 85, 22, 22});
  auto at = [&](int channel, int y, int x) -> float & {
    return head[(channel * 22 + y) * 22 + x];
  };
  // Class 16 (dog) at row 10, column 5: 0.9^0.6 * 0.8^0.4.
  at(0, 10, 5) = 0.9f;
  at(5 + 16, 10, 5) = 0.8f;
  at(5 + 17, 10, 5) = 0.79f;
  at(1, 10, 5) = 0.5f;
  at(2, 10, 5) = -0.5f;
  at(3, 10, 5) = -1;
  at(4, 10, 5) = -2;
  std::vector<Detection> boxes;
  ASSERT_EQ(decode(description, outputs.views(), 352, 352, boxes), "");
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_EQ(description.classes.size(), 80u);
  EXPECT_EQ(description.classes[boxes[0].label], "dog");
  EXPECT_NEAR(boxes[0].score, std::pow(0.9, 0.6) * std::pow(0.8, 0.4), 1e-6);
  const double x = (5 + std::tanh(0.5)) * 16, y = (10 - std::tanh(0.5)) * 16;
  const double w = 352 / (1 + std::exp(1)), h = 352 / (1 + std::exp(2));
  EXPECT_NEAR(boxes[0].x0, x - w / 2, 1e-4);
  EXPECT_NEAR(boxes[0].x1, x + w / 2, 1e-4);
  EXPECT_NEAR(boxes[0].y0, y - h / 2, 1e-4);
  EXPECT_NEAR(boxes[0].y1, y + h / 2, 1e-4);
}

TEST(Decode, YuNetByItsFormula) {
  DetectorDescription description;
  ASSERT_EQ(parseDetector(builtinDetector("yunet"), description), "");
  Outputs outputs;
  for (int stride : {8, 16, 32}) {
    const int places = 320 / stride * (320 / stride);
    const std::string suffix = "_" + std::to_string(stride);
    // Row 3, column 4 of the grid of stride 16.
    const int place = 3 * 20 + 4;
    const bool isHit = stride == 16;
    outputs.add("cls" + suffix, {1, places, 1})[place] = isHit ? 0.9f : 0;
    outputs.add("obj" + suffix, {1, places, 1})[place] = isHit ? 1.5f : 0;
    std::vector<float> &box = outputs.add("bbox" + suffix, {1, places, 4});
    box[place * 4] = 0.25f;
    box[place * 4 + 1] = 0.5f;
    box[place * 4 + 2] = 1;
    box[place * 4 + 3] = 0.5f;
  }
  std::vector<Detection> boxes;
  ASSERT_EQ(decode(description, outputs.views(), 320, 320, boxes), "");
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_NEAR(boxes[0].score, std::sqrt(0.9), 1e-6);
  EXPECT_NEAR(boxes[0].x0, 4.25 * 16 - std::exp(1) * 8, 1e-4);
  EXPECT_NEAR(boxes[0].x1, 4.25 * 16 + std::exp(1) * 8, 1e-4);
  EXPECT_NEAR(boxes[0].y0, 3.5 * 16 - std::exp(0.5) * 8, 1e-4);
  EXPECT_NEAR(boxes[0].y1, 3.5 * 16 + std::exp(0.5) * 8, 1e-4);
}

TEST(Decode, NamesOutputsThatAreMissingOrWrong) {
  DetectorDescription description = fcos("pixels", 1000);
  std::vector<Detection> boxes;
  std::string error = decode(description, {}, 75, 100, boxes);
  EXPECT_EQ(error, "expected an output 'c8' of the model, got none");
  Outputs outputs = fcosOutputs(false, false);
  outputs.shapes[0] = {1, 2, 10, 13};
  error = decode(description, outputs.views(), 75, 100, boxes);
  EXPECT_EQ(error, "expected shape [?x3x?x?] of output 'c8', got [1x2x10x13]");
  outputs = fcosOutputs(false, false);
  outputs.shapes[1] = {1, 4, 10};
  error = decode(description, outputs.views(), 75, 100, boxes);
  EXPECT_EQ(error, "expected shape [?x4x10x13] of output 'b8', got [1x4x10]");
  DetectorDescription yunet;
  ASSERT_EQ(parseDetector(builtinDetector("yunet"), yunet), "");
  Outputs small;
  small.add("cls_8", {1, 100, 1});
  error = decode(yunet, small.views(), 320, 320, boxes);
  EXPECT_EQ(error, "expected shape [?x1600x1] of output 'cls_8', got "
                   "[1x100x1]");
}
