//===- AveragePrecisionTest.cpp - COCO's metric against pycocotools -------===//
// SPDX-License-Identifier: Apache-2.0
// make_average_precision.py makes the data: crowds, objects of all sizes,
// detections that share objects and scores, a class without an object.
//===----------------------------------------------------------------------===//
#include "shift/Detection/AveragePrecision.h"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace shift::detection;

namespace {

constexpr double tolerance = 1e-9;

TEST(AveragePrecisionTest, EveryNumberIsThatOfPycocotools) {
  std::ifstream stream(TEST_FILES "average-precision.json");
  const nlohmann::json data = nlohmann::json::parse(stream);
  const std::string file =
      testing::TempDir() + "average-precision-dataset.json";
  std::ofstream(file) << data["dataset"];
  Dataset dataset;
  ASSERT_EQ(readCoco(file, "images", dataset), "");
  std::vector<std::vector<Detection>> found(dataset.images.size());
  for (const nlohmann::json &entry : data["detections"]) {
    const std::vector<float> box = entry["box"];
    found[entry["image"].get<size_t>()].push_back(
        {box[0], box[1], box[2], box[3], entry["score"], entry["label"]});
  }
  const AveragePrecision got = evaluate(dataset, found);
  const double stats[] = {got.ap,          got.ap50,         got.ap75,
                          got.small,       got.medium,       got.large,
                          got.recall1,     got.recall10,     got.recall100,
                          got.recallSmall, got.recallMedium, got.recallLarge};
  const nlohmann::json &expected = data["expected"];
  for (size_t i = 0; i < std::size(stats); ++i)
    EXPECT_NEAR(stats[i], expected["stats"][i].get<double>(), tolerance) << i;
  ASSERT_EQ(got.classAp.size(), 4u);
  EXPECT_EQ(got.classAp[3], -1);
  for (size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(got.classAp[c], expected["classAp"][c].get<double>(),
                tolerance);
    for (int r = 0; r < recallThresholds; ++r)
      EXPECT_NEAR(got.curves[c][r], expected["curves"][c][r].get<double>(),
                  tolerance)
          << c << " " << r;
  }
}

TEST(AveragePrecisionTest, RightAndNothing) {
  Dataset dataset;
  dataset.classes = {"cell"};
  dataset.images.resize(2);
  dataset.images[0].boxes.push_back({10, 20, 30, 40, 1200, 0});
  const AveragePrecision nothing = evaluate(dataset, {{}, {}});
  EXPECT_EQ(nothing.ap, 0);
  EXPECT_EQ(nothing.small, -1);
  const AveragePrecision right =
      evaluate(dataset, {{{10, 20, 40, 60, 0.5f, 0}}, {}});
  EXPECT_NEAR(right.ap, 1, tolerance);
  EXPECT_EQ(right.recall1, 1);
  // A better detection elsewhere halves the precision.
  const AveragePrecision half = evaluate(
      dataset, {{{10, 20, 40, 60, 0.5f, 0}}, {{0, 0, 9, 9, 0.75f, 0}}});
  EXPECT_NEAR(half.ap50, 0.5, tolerance);
  EXPECT_EQ(evaluate(Dataset(), {}).ap, -1);
}

} // namespace
