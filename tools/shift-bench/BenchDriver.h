//===- BenchDriver.h - What shift-bench does --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef TOOLS_SHIFT_BENCH_BENCHDRIVER_H
#define TOOLS_SHIFT_BENCH_BENCHDRIVER_H

#include "Contenders.h"

namespace shift::bench {

/// The flags of shift-bench.
struct BenchOptions {
  /// Files of shapes, or names of those that lie in `shapesFolder`; all of
  /// them without any (and without models).
  std::vector<std::string> shapes;
  std::string shapesFolder;
  /// Whole models instead: .onnx, .mlir, .mlirbc or .so.
  std::vector<std::string> models;
  pipelines::ModelOptions modelOptions;
  /// Print the shapes of the models as a file of shapes, run nothing.
  bool printShapes = false;
  /// Measure the cost model's table and print it, nothing else.
  bool measureCosts = false;
  /// Name pattern of the layers, and how many of a network's largest (0: all).
  std::string layer = "*";
  int64_t largest = 0;
  /// Empty: all that can take a layer.
  std::vector<std::string> strategies, peers;
  ContenderOptions contenders;
  int rounds = 5;
  /// Of the peers, and of pictures.
  std::string peerPython, plotPython;
  /// Where the shapes or the cost model's table go.
  std::string outputPath = "-";
  /// Files to write, empty: none.
  std::string jsonPath, plotPath, markdownPath;
};

/// Measures and prints; results go to stdout and to files.
llvm::Error runBenchmarks(const BenchOptions &options);

} // namespace shift::bench

#endif // TOOLS_SHIFT_BENCH_BENCHDRIVER_H
