//===- DrawTest.cpp - Drawing and writing detections ----------------------===//
// SPDX-License-Identifier: Apache-2.0
// Where pixels change, where they do not, and JSON that reads back.
//===----------------------------------------------------------------------===//
#include "shift/Detection/Draw.h"
#include "DetectionFixture.h"
#include "shift/Detection/Json.h"

#include <nlohmann/json.hpp>

#include <limits>

using namespace shift::detection;

namespace {

using Colour = std::array<int, 3>;

Colour colourAt(const Image &image, int x, int y) {
  const uint8_t *p = image.pixel(x, y);
  return {p[0], p[1], p[2]};
}

constexpr Colour black{0, 0, 0}, white{255, 255, 255};

} // namespace

TEST(Draw, DrawsBoxesOfTwoPixels) {
  Image image = makeImage(100, 80, 0, 0, 0);
  drawDetections(image, {{20, 30, 70, 60, 0.5f, 1}}, {"a", "b"});
  const Colour colour = colourAt(image, 20, 45);
  EXPECT_NE(colour, black);
  EXPECT_EQ(colourAt(image, 21, 45), colour);
  EXPECT_EQ(colourAt(image, 22, 45), black);
  EXPECT_EQ(colourAt(image, 19, 45), black);
  EXPECT_EQ(colourAt(image, 69, 45), colour);
  EXPECT_EQ(colourAt(image, 68, 45), colour);
  EXPECT_EQ(colourAt(image, 67, 45), black);
  EXPECT_EQ(colourAt(image, 70, 45), black);
  EXPECT_EQ(colourAt(image, 45, 59), colour);
  EXPECT_EQ(colourAt(image, 45, 60), black);
  // The label "b 0.50" above the box: the stem of the b is white.
  EXPECT_EQ(colourAt(image, 20, 21), colour);
  EXPECT_EQ(colourAt(image, 21, 22), white);
  EXPECT_EQ(colourAt(image, 25, 22), colour);
}

TEST(Draw, StaysInsideTheImage) {
  Image image = makeImage(5, 4, 0, 0, 0);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  drawDetections(image,
                 {{-1e30f, -5, 1e30f, 50, 1, 0},
                  {nan, nan, nan, nan, nan, 7},
                  {4, 4, 1, 1, 0, 100}},
                 {std::string(3000, 'x') + "\xFF\n"});
  EXPECT_EQ(image.rgb.size(), 60u);
  drawText(image, -1000, 2, "text", {1, 2, 3});
  Image empty;
  drawDetections(empty, {{0, 0, 1, 1, 1, 0}}, {});
  EXPECT_TRUE(empty.rgb.empty());
}

TEST(Draw, PlacesImagesInAGrid) {
  Image red = makeImage(10, 6, 255, 0, 0), blue = makeImage(4, 9, 0, 0, 255);
  Image pair = sideBySide(red, blue);
  EXPECT_EQ(pair.width, 10 + 8 + 4);
  EXPECT_EQ(pair.height, 9);
  EXPECT_EQ(colourAt(pair, 9, 5), (Colour{255, 0, 0}));
  EXPECT_EQ(colourAt(pair, 9, 6), white);
  EXPECT_EQ(colourAt(pair, 10, 0), white);
  EXPECT_EQ(colourAt(pair, 18, 8), (Colour{0, 0, 255}));
  Image all = grid({red, blue, blue}, 2);
  EXPECT_EQ(all.width, 22);
  EXPECT_EQ(all.height, 9 + 8 + 9);
  EXPECT_EQ(colourAt(all, 0, 17), (Colour{0, 0, 255}));
  EXPECT_EQ(grid({}, 3).width, 0);
}

TEST(Json, ReadsBack) {
  const Detection box{1.25f, 2, 3.1f, 4, 0.9f, 0};
  const std::string text = toJson(
      {{"a \"b\".jpg", {box, {0, 0, 1, 1, 0.1f, 5}}}, {"c.png", {}}}, {"RBC"});
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  ASSERT_FALSE(json.is_discarded()) << text;
  ASSERT_EQ(json["images"].size(), 2u);
  EXPECT_EQ(json["images"][0]["file"], "a \"b\".jpg");
  const nlohmann::json &first = json["images"][0]["detections"][0];
  EXPECT_EQ(first["label"], "RBC");
  EXPECT_EQ(first["score"].get<float>(), 0.9f);
  EXPECT_EQ(first["box"].get<std::vector<float>>(),
            (std::vector<float>{1.25f, 2, 3.1f, 4}));
  EXPECT_EQ(json["images"][0]["detections"][1]["label"], "5");
  EXPECT_TRUE(json["images"][1]["detections"].empty());
  EXPECT_EQ(toJson({}, {}), "{\"images\":[]}\n");
  EXPECT_FALSE(nlohmann::json::parse(toJson({{"\xFF", {}}}, {}), nullptr, false)
                   .is_discarded());
}
