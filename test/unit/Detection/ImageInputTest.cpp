//===- ImageInputTest.cpp - Preparing images for a network ----------------===//
// SPDX-License-Identifier: Apache-2.0
// Tensors equal those of shift_frontend/data.py bit for bit.
//===----------------------------------------------------------------------===//
#include "DetectionFixture.h"

using namespace shift::detection;

TEST(ImageInput, PreparesLikePython) {
  for (const TensorCase &c : tensorCases) {
    ImageInput input;
    ASSERT_EQ(parseImageInput(
                  R"({"size": [30, 40], "mean": [123.675, 116.28, 103.53],
                      "std": [58.395, 57.12, 57.375], "scale": 0.75,
                      "layout": ")" +
                      std::string(c.layout) + R"(", "channel_order": ")" +
                      c.order + R"(", "resize": ")" + c.resize + "\"}",
                  input),
              "");
    std::vector<float> tensor;
    ASSERT_EQ(preprocess(picture(c.width, c.height), input, tensor), "");
    EXPECT_EQ(tensor.size(), 3u * 30 * 40);
    EXPECT_EQ(hashOf(tensor), c.hash)
        << c.layout << " " << c.order << " " << c.resize;
  }
}

TEST(ImageInput, HasDefaultsAndComesBack) {
  ImageInput input, back;
  ASSERT_EQ(parseImageInput(R"({"size": [2, 3]})", input), "");
  EXPECT_EQ(input.height, 2);
  EXPECT_EQ(input.width, 3);
  std::vector<float> tensor;
  ASSERT_EQ(preprocess(makeImage(3, 2, 9, 8, 7), input, tensor), "");
  EXPECT_EQ(tensor, (std::vector<float>{9, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 8, 7,
                                        7, 7, 7, 7, 7}));
  input.resize = Resize::KeepRatio;
  input.layout = Layout::NHWC;
  input.channelOrder = ChannelOrder::BGR;
  input.mean = {0.1f, 2, 3};
  ASSERT_EQ(parseImageInput(imageInputToJson(input), back), "");
  EXPECT_EQ(imageInputToJson(back), imageInputToJson(input));
  EXPECT_EQ(back.mean, input.mean);
  EXPECT_EQ(back.resize, Resize::KeepRatio);
  EXPECT_EQ(back.layout, Layout::NHWC);
}

TEST(ImageInput, NeedsNoSize) {
  ImageInput input;
  ASSERT_EQ(parseImageInput("{}", input), "");
  EXPECT_EQ(input.height, 0);
  EXPECT_EQ(input.width, 0);
}

TEST(ImageInput, RefusesWrongFields) {
  const std::pair<const char *, const char *> cases[] = {
      {"{", "image input: is no valid JSON"},
      {"[]", "expected a JSON object, got array"},
      {R"({"size": [2]})", "expected 'size' to be [height, width], got 1"},
      {R"({"size": [2, 0]})", "for 'size', got [2,0]"},
      {R"({"size": [2, 1.5]})", "for 'size', got [2,1.5]"},
      {R"({"size": [2, 3], "mean": [1]})", "3 numbers for 'mean', got 1"},
      {R"({"size": [2, 3], "mean": [1, 2, "x"]})", "for 'mean', got [1,2,"},
      {R"({"size": [2, 3], "std": [1, 0, 1]})", "other than 0 for 'std'"},
      {R"({"size": [2, 3], "std": [1, 1e99, 1]})", "for 'std', got"},
      {R"({"size": [2, 3], "scale": null})", "for 'scale', got null"},
      {R"({"size": [2, 3], "layout": "CHW"})",
       "expected one of 'NCHW', 'NHWC' for 'layout', got \"CHW\""},
      {R"({"size": [2, 3], "sice": 1})", "unknown field 'sice'"}};
  for (const auto &[json, expected] : cases) {
    ImageInput input;
    std::string error = parseImageInput(json, input);
    EXPECT_TRUE(contains(error, expected)) << json << ": " << error;
    EXPECT_EQ(input.height, 0);
  }
  std::vector<float> tensor;
  EXPECT_TRUE(contains(preprocess(Image(), ImageInput(), tensor), "got 0 x 0"));
}

TEST(ImageInput, MapsBoxesBack) {
  ImageInput input;
  input.height = 100;
  input.width = 200;
  std::vector<Detection> boxes{{10, 20, 250, 100, 1, 0}};
  mapToImage(input, 400, 400, boxes);
  EXPECT_EQ(boxes[0].x0, 20);
  EXPECT_EQ(boxes[0].y0, 80);
  EXPECT_EQ(boxes[0].x1, 400) << "clipped to the image";
  EXPECT_EQ(boxes[0].y1, 400);
  input.resize = Resize::KeepRatio;
  boxes = {{10, 20, 250, 100, 1, 0}};
  mapToImage(input, 400, 400, boxes);
  EXPECT_EQ(boxes[0].x0, 40);
  EXPECT_EQ(boxes[0].y0, 80);
  EXPECT_EQ(innerSize(input, 400, 400).width, 100);
  EXPECT_EQ(innerSize(input, 4000, 1).height, 1);
}
