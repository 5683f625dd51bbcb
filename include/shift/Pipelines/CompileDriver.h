//===- CompileDriver.h - What shift-compile does ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_COMPILEDRIVER_H
#define SHIFT_PIPELINES_COMPILEDRIVER_H

#include "shift/Pipelines/ModelLoader.h"
#include <string>
#include <vector>

namespace shift::pipelines {

/// What shift-compile writes.
enum class EmitKind {
  SharedLibrary,
  MLIR,
  ONNX,
  CUDA,              ///< text and weights file
  CUDALibrary,       ///< for GPUs, by nvcc
  CUDAHostLibrary,   ///< the same text for the CPU, by the host shim
  CUDACheckedLibrary ///< that, with each memory access checked
};

/// The flags of shift-compile.
struct CompileOptions {
  /// .onnx, .mlir or .mlirbc.
  std::string model;
  ModelOptions modelOptions;
  /// Options of the quantize-shift pass ("-10:5" or the long form); without
  /// them the weights stay as they are.
  std::optional<std::string> quantizeShift;
  /// Folder of images or .npy files; empty: activations stay float32.
  std::string calibrationFolder;
  /// max, percentile (the default; with `percentile`, 99.99 if not given) or
  /// least-squares.
  std::optional<std::string> calibrationMethod;
  std::optional<double> percentile;
  /// "auto" if not given, or as parseStrategies reads it.
  std::optional<std::string> strategy;
  EmitKind emit = EmitKind::SharedLibrary;
  /// Oldest GPU architecture of CUDA code, sm_75 if not given.
  std::optional<std::string> cudaArch;
  /// Whether CUDA code decodes a detector's boxes; if not given, text does and
  /// libraries, whose outputs are those of the CPU's, do not.
  std::optional<bool> cudaDecode;
  /// Print a row a layer: strategy, why, certificate, bits, error.
  bool explain = false;
  /// Empty: the model's name in the working folder with .so, .shift.mlir,
  /// .shift.onnx or .cu.
  std::string output;
};

/// Compiles the model to `options.output`; nothing is written on failure.
llvm::Error compileModel(const CompileOptions &options);

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_COMPILEDRIVER_H
