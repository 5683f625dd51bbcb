//===- Dataset.h - Images with the boxes that are right -------------------===//
// SPDX-License-Identifier: Apache-2.0
// Readers of COCO's JSON and Pascal VOC's XML. Image files are named, not read.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_DETECTION_DATASET_H
#define SHIFT_DETECTION_DATASET_H

#include <cstdint>
#include <string>
#include <vector>

namespace shift::detection {

/// A box in pixels of the image: left, top, width, height.
struct GroundTruth {
  double x = 0, y = 0, width = 0, height = 0;
  /// Of the object, where COCO says it; else of the box.
  double area = 0;
  /// Index into the dataset's classes.
  int label = 0;
  /// A region of many objects: whatever is found in it is neither right nor
  /// wrong.
  bool isCrowd = false;
  /// VOC's "difficult": not asked for.
  bool isIgnored = false;
};

struct LabelledImage {
  /// Path of the image.
  std::string file;
  int width = 0, height = 0;
  std::vector<GroundTruth> boxes;
};

struct Dataset {
  std::vector<std::string> classes;
  std::vector<LabelledImage> images;
};

/// Reads COCO's instances JSON; image files lie in `folder`. Classes and images
/// come in the order of their ids. Returns an empty string, or a message that
/// names the file and the entry that is wrong: an unknown image or category, a
/// box of other than four finite numbers, an id that is there twice.
std::string readCoco(const std::string &file, const std::string &folder,
                     Dataset &dataset);

/// Reads ImageSets/Main/<split>.txt of a VOC folder, and of each name
/// Annotations/<name>.xml and the image in JPEGImages. Classes are in
/// alphabetical order. Corners are taken as they stand. Returns an empty string
/// or a message that names the file.
std::string readVoc(const std::string &folder, const std::string &split,
                    Dataset &dataset);

/// Reads what a flag names: "FILE.json,FOLDER" or "voc:FOLDER,SPLIT".
std::string readDataset(const std::string &flag, Dataset &dataset);

} // namespace shift::detection

#endif // SHIFT_DETECTION_DATASET_H
