//===- RunDriver.h - What shift-run does ------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_RUNDRIVER_H
#define SHIFT_PIPELINES_RUNDRIVER_H

#include "shift/Pipelines/ModelLoader.h"
#include <optional>
#include <string>
#include <vector>

namespace shift::pipelines {

/// What runs .onnx and .mlir files: generated code or the interpreter.
enum class EngineKind { Compiled, Reference };

/// The flags of shift-run.
struct RunOptions {
  /// .so, .onnx, .mlir or .mlirbc.
  std::string model;
  ModelOptions modelOptions;
  /// Image files and folders of images; or npy files, each `x.npy` or
  /// `name=x.npy`.
  std::vector<std::string> images, inputs;
  EngineKind engine = EngineKind::Compiled;
  /// Of .onnx and .mlir files, as parseStrategies reads it.
  std::string strategy = "auto";
  int threads = 0;
  /// Folder for outputs as .npy, PNG file for boxes, JSON file for detections;
  /// empty: none.
  std::string outputDirectory, drawPath, jsonPath;
  /// Dataset to measure AP on: a COCO JSON whose images lie in the folder of
  /// `images`, or "voc:FOLDER,SPLIT"; empty: none.
  std::string evaluate;
  /// What to compare each layer with: "float", "reference", or an .onnx or
  /// .mlir file; empty: nothing.
  std::string compare;
  /// Options of the quantize-shift pass for the weights of the model, as
  /// CompileOptions has them.
  std::optional<std::string> quantizeShift;
  /// Runs to time, 0 for none; print the time of each layer.
  int benchmarkRuns = 0;
  bool profile = false;
};

/// Runs the model on its inputs; results go to stdout and to files.
llvm::Error runModel(const RunOptions &options);

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_RUNDRIVER_H
