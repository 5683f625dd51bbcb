//===- DetectorTest.cpp - Detector descriptions ---------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Reading, built-in descriptions, recognising FCOS, and wrong fields.
//===----------------------------------------------------------------------===//
#include "DetectionFixture.h"

using namespace shift::detection;

namespace {

/// The outputs of an FCOS with `classes` classes for a 75 x 100 input.
std::vector<NamedShape> head(int64_t classes, const char *cls, const char *box,
                             const char *center) {
  std::vector<NamedShape> outputs;
  const std::pair<const char *, int64_t> roles[] = {
      {center, 1}, {cls, classes}, {box, 4}};
  for (const auto &[name, channels] : roles)
    for (int64_t stride : {8, 16, 32, 64, 128})
      outputs.push_back({name + std::to_string(stride),
                         {1, channels, (75 + stride - 1) / stride,
                          (100 + stride - 1) / stride}});
  return outputs;
}

} // namespace

TEST(Detector, ReadsTheFileOfTheDemo) {
  std::string detector, imageInput;
  ASSERT_EQ(splitDetectorFile(readText(TEST_DETECTOR), detector, imageInput),
            "");
  DetectorDescription description;
  ASSERT_EQ(parseDetector(detector, description), "");
  EXPECT_EQ(description.classes,
            (std::vector<std::string>{"RBC", "WBC", "Platelets"}));
  EXPECT_EQ(description.strides, (std::vector<int>{8, 16, 32, 64, 128}));
  EXPECT_EQ(description.outputs["centerness"][4], "centerness_p7");
  EXPECT_EQ(description.head.box, BoxCoding::Distances);
  EXPECT_EQ(description.head.boxUnit, BoxUnit::Pixels);
  EXPECT_FALSE(contains(detector, "image_input"));
  ImageInput input;
  ASSERT_EQ(parseImageInput(imageInput, input), "");
  EXPECT_EQ(input.width, 320);
  EXPECT_EQ(input.height, 240);
  EXPECT_EQ(input.mean[1], 128.0f);
}

TEST(Detector, BuiltinsRead) {
  for (const char *name : {"fastestdet", "yunet"}) {
    DetectorDescription description;
    EXPECT_EQ(parseDetector(builtinDetector(name), description), "");
    ImageInput input;
    EXPECT_EQ(parseImageInput(builtinImageInput(name), input), "");
    EXPECT_EQ(input.channelOrder, ChannelOrder::BGR);
  }
  EXPECT_EQ(builtinDetector("other"), "");
  EXPECT_EQ(builtinImageInput("other"), "");
}

TEST(Detector, ExamplesOfTheReadmeRead) {
  const std::string text = readText(TEST_README);
  int examples = 0;
  for (size_t at = 0; (at = text.find("```json\n", at)) != std::string::npos;) {
    at += 8;
    const size_t end = text.find("```", at);
    ASSERT_NE(end, std::string::npos);
    DetectorDescription description;
    EXPECT_EQ(parseDetector(text.substr(at, end - at), description), "");
    at = end + 3;
    ++examples;
  }
  EXPECT_EQ(examples, 2);
}

TEST(Detector, RefusesWrongFields) {
  const std::string good = R"("kind": "yunet", "classes": ["a"],
    "strides": [8], "outputs": {"cls": ["c"], "obj": ["o"], "box": ["b"]})";
  const std::pair<std::string, const char *> cases[] = {
      {"", "detector: is no valid JSON"},
      {"{}", "expected a field 'kind', got none"},
      {R"({"kind": "yolo"})",
       "expected one of 'fcos', 'fastestdet', 'yunet', 'one-stage' for 'kind'"},
      {R"({"kind": "yunet"})", "expected a field 'classes', got none"},
      {R"({"kind": "yunet", "classes": ["a", 1]})",
       "expected a list of names for 'classes', got [\"a\",1]"},
      {R"({"kind": "yunet", "classes": ["a"], "strides": []})",
       "for 'strides', got []"},
      {"{" + good + R"(, "nms": 1})", "unknown field 'nms'"},
      {"{" + good + R"(, "box_unit": "cm"})",
       "expected one of 'pixels', 'stride', 'input' for 'box_unit', got"},
      {"{" + good + R"(, "box": "anchors"})", "for 'box', got \"anchors\""},
      {"{" + good + R"(, "location": 2})",
       "expected a number from 0 to 1 for 'location', got 2"},
      {"{" + good + R"(, "bins": -1})", "for 'bins', got -1"},
      {"{" + good + R"(, "nms_iou": 2})",
       "expected a number from 0 to 1 for 'nms_iou', got 2"},
      {"{" + good + R"(, "max_detections": 0})", "for 'max_detections', got 0"},
      {R"({"kind": "yunet", "classes": ["a"], "strides": [8, 16],
           "outputs": {"cls": ["c", "d", "e"]}})",
       "expected 2 output names for 'outputs.cls', got [\"c\",\"d\",\"e\"]"},
      {R"({"kind": "yunet", "classes": ["a"], "strides": [8],
           "outputs": {"cls": ["c"]}})",
       "expected a field 'outputs.obj', got none"},
      {R"({"kind": "yunet", "classes": ["a"], "strides": [8], "outputs": 3})",
       "expected an object for 'outputs', got number"},
      {R"({"kind": "fastestdet", "classes": ["a"],
           "outputs": {"head": ["h"], "cls": ["c"]}})",
       "unknown field 'outputs.cls'"},
      {R"({"kind": "fastestdet", "classes": ["a"], "outputs": {"head": ["h"]},
           "head_order": ["obj", "box", "box"]})",
       "expected 'head_order' to have each of [\"box\",\"cls\",\"obj\"] once"},
      {R"({"kind": "fcos", "classes": ["a"],
           "outputs": {"cls": ["c"], "box": ["b"], "centerness": ["n"]}})",
       "expected a field 'strides', got none"},
      {R"({"kind": "one-stage", "classes": ["a"], "layout": "NLC",
           "box": "center", "outputs": {"cls": ["c"], "box": ["b"]}})",
       "expected a field 'strides', got none"},
      {R"({"kind": "one-stage", "classes": ["a"],
           "outputs": {"cls": ["c"], "box": ["b"]}})",
       "expected a field 'box', got none"},
      {R"({"kind": "one-stage", "classes": ["a"], "box": "corners",
           "outputs": {"cls": ["c"], "box": ["b"], "obj": ["o"]}})",
       "unknown field 'outputs.obj'"},
      {R"({"kind": "one-stage", "classes": ["a"], "box": "corners",
           "score": "product", "outputs": {"cls": ["c"], "box": ["b"]}})",
       "expected a field 'outputs.obj', got none"}};
  for (const auto &[json, expected] : cases) {
    DetectorDescription description;
    std::string error = parseDetector(json, description);
    EXPECT_TRUE(contains(error, expected)) << json << ": " << error;
  }
  std::string detector, imageInput;
  std::string error = splitDetectorFile(
      "{" + good + R"(, "image_input": {"size": 1}})", detector, imageInput);
  EXPECT_TRUE(contains(error, "image input: ")) << error;
}

TEST(Detector, RecognisesFcos) {
  for (auto [classes, cls, box, center] :
       {std::tuple{80, "a", "b", "c"}, std::tuple{2, "x", "y", "z"},
        std::tuple{1, "cls", "reg", "Centerness"},
        std::tuple{4, "cls", "BBox", "ctr"}}) {
    std::optional<std::string> json =
        recognizeFcos(head(classes, cls, box, center), 75, 100);
    ASSERT_TRUE(json) << classes;
    DetectorDescription description;
    ASSERT_EQ(parseDetector(*json, description), "");
    EXPECT_EQ(description.classes.size(), size_t(classes));
    EXPECT_EQ(description.strides, (std::vector<int>{8, 16, 32, 64, 128}));
    EXPECT_EQ(description.outputs["cls"][1], std::string(cls) + "16");
    EXPECT_EQ(description.outputs["box"][0], std::string(box) + "8");
    EXPECT_EQ(description.outputs["centerness"][2], std::string(center) + "32");
  }
}

TEST(Detector, RecognisesNothingElse) {
  EXPECT_FALSE(recognizeFcos({}, 75, 100));
  EXPECT_FALSE(recognizeFcos({{"758", {1, 85, 22, 22}}}, 352, 352));
  EXPECT_FALSE(recognizeFcos(head(80, "a", "b", "c"), 150, 100));
  EXPECT_FALSE(recognizeFcos(head(1, "a", "b", "c"), 75, 100));
  std::vector<NamedShape> outputs = head(80, "a", "b", "c");
  outputs.push_back({"extra", {1, 10}});
  EXPECT_FALSE(recognizeFcos(outputs, 75, 100));
  outputs = head(80, "a", "b", "c");
  outputs.pop_back();
  EXPECT_FALSE(recognizeFcos(outputs, 75, 100));
}
