//===- DatasetTest.cpp - Readers of COCO and Pascal VOC -------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Detection/Dataset.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace shift::detection;
namespace fs = std::filesystem;

namespace {

const char *const coco = R"({
  "images": [{"id": 9, "file_name": "b.jpg", "width": 64, "height": 48},
             {"id": 4, "file_name": "a.jpg", "width": 32, "height": 24}],
  "categories": [{"id": 3, "name": "cup"}, {"id": 1, "name": "cat"}],
  "annotations": [{"id": 1, "image_id": 9, "category_id": 3,
                   "bbox": [1, 2, 3, 4.5], "area": 7, "iscrowd": 1},
                  {"id": 2, "image_id": 9, "category_id": 1,
                   "bbox": [0, 0, 2, 2]}]})";

const char *const voc = R"(<annotation><filename>x.png</filename>
  <size><width>64</width><height>48</height></size>
  <object><name>cup</name><difficult>1</difficult><bndbox><xmin>1</xmin>
    <ymin>2</ymin><xmax>4</xmax><ymax>6.5</ymax></bndbox></object>
  </annotation>)";

class DatasetTest : public testing::Test {
protected:
  void SetUp() override {
    folder =
        fs::path(testing::TempDir()) / ("dataset-" + std::to_string(getpid()));
    fs::create_directories(folder / "Annotations");
    fs::create_directories(folder / "ImageSets/Main");
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string write(const std::string &name, const std::string &text) {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }

  /// Reads `coco` after replacing `from` by `to`; the message without the
  /// file's name.
  std::string readChanged(const std::string &from, const std::string &to) {
    std::string text = coco;
    text.replace(text.find(from), from.size(), to);
    const std::string file = write("c.json", text);
    const std::string message = readCoco(file, "images", dataset);
    const std::string prefix = "'" + file + "': ";
    EXPECT_EQ(message.compare(0, prefix.size(), prefix), 0) << message;
    return message.substr(std::min(prefix.size(), message.size()));
  }

  /// The same of `voc`.
  std::string readChangedVoc(const std::string &from, const std::string &to) {
    std::string text = voc;
    text.replace(text.find(from), from.size(), to);
    write("ImageSets/Main/val.txt", "x\n");
    const std::string file = write("Annotations/x.xml", text);
    const std::string message = readVoc(folder.string(), "val", dataset);
    const std::string prefix = "'" + file + "': ";
    return message.substr(std::min(prefix.size(), message.size()));
  }

  fs::path folder;
  Dataset dataset;
};

} // namespace

TEST_F(DatasetTest, CocoComesInTheOrderOfIds) {
  ASSERT_EQ(readCoco(write("c.json", coco), "images", dataset), "");
  EXPECT_EQ(dataset.classes, (std::vector<std::string>{"cat", "cup"}));
  ASSERT_EQ(dataset.images.size(), 2u);
  EXPECT_EQ(dataset.images[0].file, "images/a.jpg");
  EXPECT_EQ(dataset.images[1].width, 64);
  ASSERT_EQ(dataset.images[1].boxes.size(), 2u);
  const GroundTruth &cup = dataset.images[1].boxes[0];
  EXPECT_EQ(cup.label, 1);
  EXPECT_EQ(cup.height, 4.5);
  EXPECT_EQ(cup.area, 7);
  EXPECT_TRUE(cup.isCrowd);
  EXPECT_EQ(dataset.images[1].boxes[1].area, 4);
}

TEST_F(DatasetTest, WhatIsWrongInCocoIsNamed) {
  EXPECT_EQ(readChanged("[1, 2, 3, 4.5]", "[1, 2, 3]"),
            "annotation 1: expected a 'bbox' of four numbers, got [1,2,3]");
  EXPECT_EQ(readChanged("4.5", "1e999"),
            "expected an object in JSON, got text that is none");
  EXPECT_EQ(readChanged("\"image_id\": 9", "\"image_id\": 8"),
            "annotation 1: expected the id of an image");
  EXPECT_EQ(readChanged("\"category_id\": 3", "\"category_id\": 2"),
            "annotation 1: expected the id of a category");
  EXPECT_EQ(readChanged("\"id\": 4", "\"id\": 9"), "image 9 is there twice");
  EXPECT_EQ(readChanged("\"id\": 3", "\"id\": 1"), "category 1 is there twice");
  EXPECT_EQ(readChanged("\"annotations\"", "\"objects\""),
            "expected a list 'annotations'");
  EXPECT_EQ(readChanged("\"name\": \"cup\"", "\"name\": 5"),
            "expected a text 'name' of a category");
  EXPECT_EQ(readChanged("\"image_id\": 9", "\"image_id\": null"),
            "expected an integer 'image_id' of annotation 1");
  EXPECT_EQ(readCoco("/none.json", "", dataset), "cannot read '/none.json'");
  EXPECT_EQ(readCoco(write("c.json", R"({"images": [], "categories": [],
                                         "annotations": []})"),
                     "", dataset),
            "'" + (folder / "c.json").string() +
                "': expected categories, got none");
}

TEST_F(DatasetTest, VocBoxesAreTheirCorners) {
  EXPECT_EQ(readChangedVoc("cup", "cup"), "");
  EXPECT_EQ(dataset.classes, std::vector<std::string>{"cup"});
  ASSERT_EQ(dataset.images.size(), 1u);
  EXPECT_EQ(dataset.images[0].file, (folder / "JPEGImages/x.png").string());
  ASSERT_EQ(dataset.images[0].boxes.size(), 1u);
  const GroundTruth &cup = dataset.images[0].boxes[0];
  EXPECT_EQ(cup.x, 1);
  EXPECT_EQ(cup.width, 3);
  EXPECT_EQ(cup.height, 4.5);
  EXPECT_TRUE(cup.isIgnored);
}

TEST_F(DatasetTest, WhatIsWrongInVocIsNamed) {
  EXPECT_EQ(readChangedVoc("<xmax>4", "<xmax>four"),
            "expected a number 'xmax' of a 'cup', got 'four'");
  EXPECT_EQ(readChangedVoc("<name>cup</name>", ""),
            "expected a 'name' of an object");
  EXPECT_EQ(readChangedVoc("<annotation>", "<annotations>"),
            "Start-end tags mismatch");
  EXPECT_EQ(readVoc(folder.string(), "test", dataset),
            "cannot read '" + (folder / "ImageSets/Main/test.txt").string() +
                "'");
  const std::string empty = write("ImageSets/Main/empty.txt", "\n");
  EXPECT_EQ(readVoc(folder.string(), "empty", dataset),
            "'" + empty + "': expected names of images, got none");
}

TEST_F(DatasetTest, FlagsNameADataset) {
  const std::string file = write("c.json", coco);
  EXPECT_EQ(readDataset(file + ",images", dataset), "");
  EXPECT_EQ(dataset.images[0].file, "images/a.jpg");
  EXPECT_EQ(readChangedVoc("cup", "cup"), "");
  EXPECT_EQ(readDataset("voc:" + folder.string() + ",val", dataset), "");
  for (const char *wrong : {"", "a.json", "a.json,", "voc:,x", "voc:a", ",b"})
    EXPECT_EQ(readDataset(wrong, dataset),
              std::string("expected FILE.json,FOLDER or voc:FOLDER,SPLIT, got "
                          "'") +
                  wrong + "'");
}
