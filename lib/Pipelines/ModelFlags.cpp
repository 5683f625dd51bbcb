//===- ModelFlags.cpp - Flags about the model that tools share ------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/ModelFlags.h"
#include "shift/Detection/Detector.h"
#include "shift/Detection/ImageInput.h"
#include "shift/Pipelines/CommandLine.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>

using namespace llvm;

namespace shift::pipelines {

ModelFlags::ModelFlags(cl::OptionCategory &category)
    : inputShapes("input-shape",
                  cl::desc("Shape of an input, for models that leave it open"),
                  cl::value_desc("name:1x3x800x1216"), cl::cat(category)),
      outputs("outputs", cl::CommaSeparated,
              cl::desc("Import only what computes these values"),
              cl::value_desc("a,b"), cl::cat(category)),
      detector("detector",
               cl::desc("How to read the outputs: fcos (recognised by "
                        "itself), fastestdet, yunet or a JSON file, see "
                        "lib/Detection/README.md"),
               cl::value_desc("name|file"), cl::cat(category)),
      layout("input-layout", cl::desc("NCHW or NHWC"), cl::value_desc("layout"),
             cl::cat(category)),
      mean("mean", cl::desc("What is subtracted from the pixels' channels"),
           cl::value_desc("r,g,b"), cl::cat(category)),
      std("std", cl::desc("What the difference is divided by"),
          cl::value_desc("r,g,b"), cl::cat(category)),
      channelOrder("channel-order", cl::desc("RGB or BGR"),
                   cl::value_desc("order"), cl::cat(category)),
      resize("resize", cl::desc("How images are fit: stretch or keep-ratio"),
             cl::value_desc("mode"), cl::cat(category)) {}

/// "name:1x3x800x1216"; names may hold colons, shapes do not.
static Error parseShape(StringRef text, ModelOptions &options) {
  auto [name, dims] = text.rsplit(':');
  std::vector<int64_t> shape;
  SmallVector<StringRef> parts;
  dims.split(parts, 'x');
  for (StringRef part : parts) {
    int64_t size;
    if (part.getAsInteger(10, size) || size < 1)
      return makeUsageError("expected --input-shape=name:1x3x8x8, got '" +
                            text + "'");
    shape.push_back(size);
  }
  if (name.empty() || dims == text)
    return makeUsageError("expected --input-shape=name:1x3x8x8, got '" + text +
                          "'");
  if (!options.inputShapes.emplace(name.str(), std::move(shape)).second)
    return makeUsageError("--input-shape gives input '" + name +
                          "' two shapes");
  return Error::success();
}

static Error readDetector(const std::string &name,
                          import::ModelDescriptions &descriptions) {
  descriptions.isFcos = name == "fcos";
  descriptions.detectorJson = detection::builtinDetector(name);
  descriptions.imageInputJson = detection::builtinImageInput(name);
  if (!descriptions.detectorJson.empty() || descriptions.isFcos)
    return Error::success();
  auto buffer = MemoryBuffer::getFile(name);
  if (!buffer)
    return makeError("--detector: cannot read '" + name +
                     "': " + buffer.getError().message() +
                     "; expected fcos, fastestdet, yunet or a JSON file");
  std::string error = detection::splitDetectorFile((*buffer)->getBuffer().str(),
                                                   descriptions.detectorJson,
                                                   descriptions.imageInputJson);
  if (!error.empty())
    return makeError("--detector: '" + name + "': " + error);
  return Error::success();
}

/// "1,2,3" as a JSON array of three numbers.
static Error parseTriple(StringRef flag, StringRef text, json::Object &input) {
  json::Array values;
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  for (StringRef part : parts) {
    double value;
    if (part.getAsDouble(value) || !std::isfinite(value))
      return makeUsageError("expected --" + flag + "=r,g,b, got '" + text +
                            "'");
    values.push_back(value);
  }
  if (values.size() != 3)
    return makeUsageError("expected --" + flag + "=r,g,b, got '" + text + "'");
  input[flag] = std::move(values);
  return Error::success();
}

Error ModelFlags::apply(ModelOptions &options) const {
  for (const std::string &shape : inputShapes)
    if (Error error = parseShape(shape, options))
      return error;
  options.outputs.assign(outputs.begin(), outputs.end());
  if (!detector.empty())
    if (Error error = readDetector(detector, options.descriptions))
      return error;
  std::string &imageInput = options.descriptions.imageInputJson;
  json::Object input;
  if (!imageInput.empty()) {
    Expected<json::Value> parsed = json::parse(imageInput);
    if (!parsed)
      return parsed.takeError();
    input = *parsed->getAsObject();
  }
  auto set = [&](StringRef key, const std::string &value) {
    if (!value.empty())
      input[key] = value;
  };
  set("layout", layout);
  set("channel_order", channelOrder);
  set("resize", resize);
  if (!mean.empty())
    if (Error error = parseTriple("mean", mean, input))
      return error;
  if (!std.empty())
    if (Error error = parseTriple("std", std, input))
      return error;
  if (input.empty())
    return Error::success();
  imageInput.clear();
  raw_string_ostream(imageInput) << json::Value(std::move(input));
  detection::ImageInput parsed;
  std::string error = detection::parseImageInput(imageInput, parsed);
  return error.empty() ? Error::success() : makeUsageError(error);
}

} // namespace shift::pipelines
