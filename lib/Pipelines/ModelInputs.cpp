//===- ModelInputs.cpp - Images and arrays as a model's inputs ------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/ModelInputs.h"
#include "shift/Pipelines/CommandLine.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <cstring>

using namespace llvm;

namespace shift::pipelines {

ArrayRef<StringRef> imageEndings() {
  static const StringRef endings[] = {".jpg", ".jpeg", ".png"};
  return endings;
}

static bool hasEnding(StringRef path, ArrayRef<StringRef> endings) {
  return is_contained(endings, sys::path::extension(path).lower());
}

Expected<std::vector<std::string>> listFiles(ArrayRef<std::string> paths,
                                             ArrayRef<StringRef> endings) {
  std::vector<std::string> files;
  for (const std::string &path : paths) {
    if (!sys::fs::exists(path))
      return makeError("cannot read '" + path + "': no such file or folder");
    if (!sys::fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    std::error_code code;
    for (sys::fs::directory_iterator it(path, code), end; it != end && !code;
         it.increment(code))
      if (hasEnding(it->path(), endings))
        found.push_back(it->path());
    if (code)
      return makeError("cannot read '" + path + "': " + code.message());
    if (found.empty())
      return makeError("'" + path + "' holds no file ending in " +
                       join(endings, ", "));
    llvm::sort(found);
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

void warnOfImageInput() {
  errs() << "warning: the model does not say how images become its input; they "
            "are stretched to its size, as RGB pixels of 0 to 255; say it with "
            "--detector=FILE.json, or with --mean, --std, --channel-order and "
            "--resize\n";
}

Expected<detection::ImageInput> getImageInput(const Engine &engine) {
  if (engine.inputs().size() != 1)
    return makeError("expected a model with one input for images, got " +
                     Twine(engine.inputs().size()) + "; use --input");
  const TensorInfo &info = engine.inputs().front();
  detection::ImageInput input;
  std::string error =
      detection::readImageInput(engine.imageInput(), info.shape, input);
  if (error.empty() && (info.dtype != "<f4" || info.shape[0] != 1))
    error = "expected one float32 image";
  if (!error.empty())
    return makeError("input '" + info.name + "': " + error);
  return input;
}

Expected<NpyArray> makeImageArray(const detection::Image &image,
                                  const detection::ImageInput &input,
                                  const Engine &engine) {
  std::vector<float> tensor;
  std::string error = detection::preprocess(image, input, tensor);
  if (!error.empty())
    return makeError(error);
  NpyArray array{"<f4", engine.inputs().front().shape,
                 std::vector<uint8_t>(tensor.size() * 4)};
  std::memcpy(array.bytes.data(), tensor.data(), array.bytes.size());
  return array;
}

Expected<std::vector<NpyArray>> readArrayInputs(ArrayRef<std::string> words,
                                                const Engine &engine) {
  ArrayRef<TensorInfo> inputs = engine.inputs();
  std::vector<NpyArray> arrays(inputs.size());
  std::vector<bool> given(inputs.size(), false);
  for (const std::string &word : words) {
    auto [name, path] = StringRef(word).split('=');
    size_t index = 0;
    if (path.empty()) {
      path = word;
      index = find(given, false) - given.begin();
    } else {
      index = find_if(inputs,
                      [name = name](const TensorInfo &info) {
                        return info.name == name;
                      }) -
              inputs.begin();
    }
    if (index >= inputs.size() || given[index]) {
      std::string names = join(
          map_range(inputs, [](const TensorInfo &i) { return i.name; }), ", ");
      return makeError("'" + word +
                       "' matches no open input; the model has: " + names);
    }
    std::string error = readNpy(path.str(), arrays[index]);
    if (!error.empty())
      return makeError(error);
    given[index] = true;
    auto describe = [](ArrayRef<int64_t> shape) {
      return join(map_range(shape, [](int64_t d) { return std::to_string(d); }),
                  "x");
    };
    const TensorInfo &info = inputs[index];
    if (arrays[index].shape != info.shape || arrays[index].dtype != info.dtype)
      return makeError("'" + path + "' for input '" + info.name +
                       "': expected " + info.dtype + " " +
                       describe(info.shape) + ", got " + arrays[index].dtype +
                       " " + describe(arrays[index].shape));
  }
  for (auto [info, isGiven] : zip_equal(inputs, given))
    if (!isGiven)
      return makeError("no array for input '" + info.name + "'; add --input " +
                       info.name + "=FILE.npy");
  return arrays;
}

} // namespace shift::pipelines
