//===- Json.cpp - Detections as JSON text ---------------------------------===//
// SPDX-License-Identifier: Apache-2.0
// One line an image, so that the file can be read and compared by eye.
//===----------------------------------------------------------------------===//
#include "shift/Detection/Json.h"

#include "JsonFields.h"

namespace shift::detection {

std::string toJson(const std::vector<ImageDetections> &images,
                   const std::vector<std::string> &classes) {
  std::string text = "{\"images\":[";
  for (size_t i = 0; i < images.size(); ++i) {
    nlohmann::ordered_json image;
    image["file"] = images[i].file;
    image["detections"] = nlohmann::ordered_json::array();
    for (const Detection &detection : images[i].detections) {
      const size_t label = static_cast<size_t>(detection.label);
      nlohmann::ordered_json entry;
      entry["label"] = label < classes.size() ? classes[label]
                                              : std::to_string(detection.label);
      entry["score"] = detection.score;
      entry["box"] = {detection.x0, detection.y0, detection.x1, detection.y1};
      image["detections"].push_back(std::move(entry));
    }
    text += i == 0 ? "\n" : ",\n";
    text += image.dump(-1, ' ', false,
                       nlohmann::ordered_json::error_handler_t::replace);
  }
  return text + (images.empty() ? "]}\n" : "\n]}\n");
}

} // namespace shift::detection
