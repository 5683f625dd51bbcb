//===- ModelDescriptions.cpp - What a module says of its use --------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Import/ModelDescriptions.h"
#include "dialects/ONNX/IR/ONNXPorts.h"
#include "shift/Detection/Detector.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace shift::import {
namespace {

/// "P3 [1x80x100x152], ...".
std::string show(llvm::ArrayRef<detection::NamedShape> values) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(values, os, [&](const detection::NamedShape &value) {
    os << value.name << " [";
    llvm::interleave(value.shape, os, "x");
    os << ']';
  });
  return text;
}

/// The names and shapes of @main's results.
std::vector<detection::NamedShape> getResults(func::FuncOp main) {
  std::vector<detection::NamedShape> results;
  for (auto [i, type] : llvm::enumerate(main.getResultTypes())) {
    auto shaped = dyn_cast<RankedTensorType>(type);
    results.push_back(
        {onnx::getOutputName(main, i),
         shaped ? shaped.getShape().vec() : std::vector<int64_t>()});
  }
  return results;
}

/// The detector of an FCOS; empty if `main` is none. The image is the only
/// input of four dimensions.
std::string recognizeFcos(func::FuncOp main) {
  RankedTensorType image;
  for (Type type : main.getArgumentTypes()) {
    auto shaped = dyn_cast<RankedTensorType>(type);
    if (!shaped || shaped.getRank() != 4)
      continue;
    if (image)
      return "";
    image = shaped;
  }
  if (!image)
    return "";
  // An image has fewer channels than rows, wherever they stand.
  bool isChannelsLast = image.getDimSize(3) < image.getDimSize(1);
  return detection::recognizeFcos(getResults(main),
                                  image.getDimSize(isChannelsLast ? 1 : 2),
                                  image.getDimSize(isChannelsLast ? 2 : 3))
      .value_or("");
}

/// An error if the detector speaks of outputs that `main` does not have.
llvm::Error checkOutputs(func::FuncOp main, const std::string &detectorJson) {
  detection::DetectorDescription detector;
  std::string error = detection::parseDetector(detectorJson, detector);
  if (!error.empty())
    return llvm::createStringError(error);
  std::vector<detection::NamedShape> results = getResults(main);
  for (const auto &[role, names] : detector.outputs)
    for (const std::string &name : names)
      if (llvm::none_of(results, [name = name](const auto &result) {
            return result.name == name;
          }))
        return llvm::createStringError("the detector reads an output '" + name +
                                       "' (" + role + "), the model has " +
                                       show(results));
  return llvm::Error::success();
}

} // namespace

llvm::Error describeModel(ModuleOp module, const ModelDescriptions &given) {
  auto set = [&](llvm::StringRef name, const std::string &text) {
    if (!text.empty())
      module->setAttr(name, StringAttr::get(module.getContext(), text));
  };
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (main && !given.detectorJson.empty())
    if (llvm::Error error = checkOutputs(main, given.detectorJson))
      return error;
  set(detectorAttr, given.detectorJson);
  set(imageInputAttr, given.imageInputJson);
  bool isOpen = given.isFcos || !module->hasAttr(detectorAttr);
  if (!main || !isOpen)
    return llvm::Error::success();
  std::string fcos = recognizeFcos(main);
  if (given.isFcos && fcos.empty())
    return llvm::createStringError(
        "expected the outputs of an FCOS, three maps a level (classes, 4 box "
        "distances, 1 centerness), got " +
        show(getResults(main)) +
        "; name the raw heads with --outputs, or describe the detector in a "
        "JSON file");
  set(detectorAttr, fcos);
  return llvm::Error::success();
}

} // namespace shift::import
