//===- Dataset.cpp - Images with the boxes that are right -----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Detection/Dataset.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <set>
#include <sstream>

namespace shift::detection {
namespace {

using nlohmann::json;

std::string joinPath(const std::string &folder, const std::string &name) {
  return folder.empty() || folder.back() == '/' ? folder + name
                                                : folder + "/" + name;
}

std::string inQuotes(const std::string &text) { return "'" + text + "'"; }

/// Reads a whole file, or says why not.
std::string readText(const std::string &file, std::string &text) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream content;
  if (!stream || !(content << stream.rdbuf()))
    return "cannot read " + inQuotes(file);
  text = content.str();
  return "";
}

//===----------------------------------------------------------------------===//
// COCO
//===----------------------------------------------------------------------===//

/// Reads entries of a COCO file; the first thing that is wrong stays.
class CocoReader {
public:
  CocoReader(std::string file, Dataset &dataset)
      : file(std::move(file)), dataset(dataset) {}

  std::string read(const std::string &folder) {
    std::string text;
    if (std::string error = readText(file, text); !error.empty())
      return error;
    const json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!root.is_object())
      return inQuotes(file) + ": expected an object in JSON, got " +
             (root.is_discarded() ? "text that is none" : root.type_name());
    readCategories(list(root, "categories"));
    readImages(list(root, "images"), folder);
    for (const json &entry : list(root, "annotations"))
      readBox(entry);
    return message;
  }

private:
  void fail(const std::string &what) {
    if (message.empty())
      message = inQuotes(file) + ": " + what;
  }

  const json &list(const json &root, const char *key) {
    static const json nothing = json::array();
    auto found = root.find(key);
    if (found != root.end() && found->is_array())
      return *found;
    fail("expected a list " + inQuotes(key));
    return nothing;
  }

  int64_t idOf(const json &entry, const char *key, const char *what) {
    auto found = entry.is_object() ? entry.find(key) : entry.end();
    if (entry.is_object() && found != entry.end() && found->is_number_integer())
      return found->get<int64_t>();
    fail(std::string("expected an integer ") + inQuotes(key) + " of " + what);
    return -1;
  }

  std::string wordOf(const json &entry, const char *key, const char *what) {
    if (entry.is_object() && entry.contains(key) && entry[key].is_string())
      return entry[key].get<std::string>();
    fail(std::string("expected a text ") + inQuotes(key) + " of " + what);
    return "";
  }

  void readCategories(const json &categories) {
    std::map<int64_t, std::string> byId;
    for (const json &entry : categories) {
      const int64_t id = idOf(entry, "id", "a category");
      if (!byId.emplace(id, wordOf(entry, "name", "a category")).second)
        fail("category " + std::to_string(id) + " is there twice");
    }
    if (byId.empty())
      fail("expected categories, got none");
    for (const auto &[id, name] : byId) {
      labels[id] = static_cast<int>(dataset.classes.size());
      dataset.classes.push_back(name);
    }
  }

  void readImages(const json &images, const std::string &folder) {
    std::map<int64_t, LabelledImage> byId;
    for (const json &entry : images) {
      const int64_t id = idOf(entry, "id", "an image");
      LabelledImage image;
      image.file = joinPath(folder, wordOf(entry, "file_name", "an image"));
      image.width = static_cast<int>(idOf(entry, "width", "an image"));
      image.height = static_cast<int>(idOf(entry, "height", "an image"));
      if (!byId.emplace(id, std::move(image)).second)
        fail("image " + std::to_string(id) + " is there twice");
    }
    if (byId.empty())
      fail("expected images, got none");
    for (auto &[id, image] : byId) {
      places[id] = dataset.images.size();
      dataset.images.push_back(std::move(image));
    }
  }

  void readBox(const json &entry) {
    const std::string what =
        "annotation " + std::to_string(idOf(entry, "id", "an annotation"));
    auto image = places.find(idOf(entry, "image_id", what.c_str()));
    auto label = labels.find(idOf(entry, "category_id", what.c_str()));
    if (!message.empty())
      return;
    if (image == places.end())
      return fail(what + ": expected the id of an image");
    if (label == labels.end())
      return fail(what + ": expected the id of a category");
    auto box = entry.find("bbox");
    std::vector<double> numbers;
    if (box != entry.end() && box->is_array())
      for (const json &number : *box)
        if (number.is_number())
          numbers.push_back(number.get<double>());
    const bool isBox =
        numbers.size() == 4 &&
        std::all_of(numbers.begin(), numbers.end(),
                    [](double number) { return std::isfinite(number); });
    if (!isBox)
      return fail(what + ": expected a 'bbox' of four numbers, got " +
                  (box == entry.end() ? "none" : box->dump()));
    GroundTruth object{numbers[0], numbers[1], numbers[2], numbers[3]};
    object.area = entry.contains("area") && entry["area"].is_number()
                      ? entry["area"].get<double>()
                      : object.width * object.height;
    object.label = label->second;
    object.isCrowd = entry.contains("iscrowd") &&
                     entry["iscrowd"].is_number() &&
                     entry["iscrowd"].get<double>() != 0;
    dataset.images[image->second].boxes.push_back(object);
  }

  std::string file;
  Dataset &dataset;
  std::map<int64_t, int> labels;
  std::map<int64_t, size_t> places;
  std::string message;
};

//===----------------------------------------------------------------------===//
// Pascal VOC
//===----------------------------------------------------------------------===//

/// An object's class until all are known.
struct NamedObject {
  std::string name;
  GroundTruth object;
};

std::string readVocObject(const pugi::xml_node &node, NamedObject &read) {
  const char *const sides[] = {"xmin", "ymin", "xmax", "ymax"};
  double corner[4];
  read.name = node.child_value("name");
  if (read.name.empty())
    return "expected a 'name' of an object";
  for (int i = 0; i < 4; ++i) {
    const char *text = node.child("bndbox").child_value(sides[i]);
    char *end = nullptr;
    corner[i] = std::strtod(text, &end);
    if (end == text || *end != '\0' || !std::isfinite(corner[i]))
      return std::string("expected a number '") + sides[i] + "' of a '" +
             read.name + "', got '" + text + "'";
  }
  GroundTruth &object = read.object;
  object.x = corner[0];
  object.y = corner[1];
  object.width = corner[2] - corner[0];
  object.height = corner[3] - corner[1];
  object.area = object.width * object.height;
  object.isIgnored = node.child("difficult").text().as_int() != 0;
  return "";
}

/// Reads one image's objects; `folder` is the VOC folder.
std::string readVocImage(const std::string &folder, const std::string &name,
                         LabelledImage &image,
                         std::vector<NamedObject> &objects) {
  const std::string file = joinPath(folder, "Annotations/" + name + ".xml");
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_file(file.c_str());
  if (!parsed)
    return inQuotes(file) + ": " + parsed.description();
  const pugi::xml_node root = document.child("annotation");
  if (!root)
    return inQuotes(file) + ": expected an 'annotation'";
  const std::string own = root.child_value("filename");
  image.file =
      joinPath(folder, "JPEGImages/" + (own.empty() ? name + ".jpg" : own));
  image.width = root.child("size").child("width").text().as_int();
  image.height = root.child("size").child("height").text().as_int();
  for (const pugi::xml_node &node : root.children("object")) {
    std::string error = readVocObject(node, objects.emplace_back());
    if (!error.empty())
      return inQuotes(file) + ": " + error;
  }
  return "";
}

} // namespace

std::string readCoco(const std::string &file, const std::string &folder,
                     Dataset &dataset) {
  dataset = Dataset();
  return CocoReader(file, dataset).read(folder);
}

std::string readVoc(const std::string &folder, const std::string &split,
                    Dataset &dataset) {
  dataset = Dataset();
  const std::string list = joinPath(folder, "ImageSets/Main/" + split + ".txt");
  std::string text;
  if (std::string error = readText(list, text); !error.empty())
    return error;
  std::vector<std::vector<NamedObject>> objects;
  std::set<std::string> classes;
  std::istringstream words(text);
  for (std::string name; words >> name;) {
    LabelledImage &image = dataset.images.emplace_back();
    std::string error =
        readVocImage(folder, name, image, objects.emplace_back());
    if (!error.empty())
      return error;
    for (const NamedObject &object : objects.back())
      classes.insert(object.name);
  }
  if (dataset.images.empty())
    return inQuotes(list) + ": expected names of images, got none";
  dataset.classes.assign(classes.begin(), classes.end());
  for (size_t i = 0; i < objects.size(); ++i)
    for (NamedObject &named : objects[i]) {
      named.object.label = static_cast<int>(
          std::distance(classes.begin(), classes.find(named.name)));
      dataset.images[i].boxes.push_back(named.object);
    }
  return "";
}

std::string readDataset(const std::string &flag, Dataset &dataset) {
  const size_t comma = flag.rfind(',');
  const bool isVoc = flag.compare(0, 4, "voc:") == 0;
  const size_t start = isVoc ? 4 : 0;
  if (comma == std::string::npos || comma <= start || comma + 1 == flag.size())
    return "expected FILE.json,FOLDER or voc:FOLDER,SPLIT, got " +
           inQuotes(flag);
  const std::string first = flag.substr(start, comma - start);
  const std::string second = flag.substr(comma + 1);
  return isVoc ? readVoc(first, second, dataset)
               : readCoco(first, second, dataset);
}

} // namespace shift::detection
