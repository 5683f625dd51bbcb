//===- Contenders.h - What is timed against each other ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef TOOLS_SHIFT_BENCH_CONTENDERS_H
#define TOOLS_SHIFT_BENCH_CONTENDERS_H

#include "ConvShape.h"
#include "shift/Conversion/ShiftToCPU/CostModel.h"
#include "shift/Pipelines/ModelLoader.h"
#include "shift/Support/PowerOfTwo.h"
#include <memory>
#include <optional>

namespace shift::bench {

/// A layer or model that is ready to run.
class Contender {
public:
  virtual ~Contender() = default;
  /// Runs `iterations` times; seconds of all of them together.
  virtual llvm::Expected<double> run(int64_t iterations) = 0;
  /// Products of a run, 0 if it does not know.
  virtual int64_t macs() const { return 0; }
  /// Whether to let the threads of a run before go to sleep first.
  virtual bool isOtherProcess() const { return false; }

  /// A strategy's or peer's name.
  std::string name;
};

using ContenderPtr = std::unique_ptr<Contender>;

/// How our contenders are made.
struct ContenderOptions {
  /// Exponents of the weights; by default -10:5.
  std::optional<ExponentRange> range;
  /// Window of the exponents and bits of activations; by default 7 for dot8 and
  /// auto, else none; 16 for dot16, else 8.
  std::optional<int64_t> window, activationBits;
  int threads = 1;
  /// Where compiled models are kept for the next run; empty: nowhere. Models
  /// compiled by another build of this tool do not count.
  std::string cacheFolder;
};

/// A layer with random weights, computed by `strategy`. Null, with `reason`,
/// where the strategy does not take it.
llvm::Expected<ContenderPtr> makeLayer(const ConvShape &shape,
                                       llvm::StringRef strategy,
                                       const ContenderOptions &options,
                                       mlir::MLIRContext &context,
                                       std::string &reason);

/// The ways to compute that layer, whose activations have the bits given in
/// `options`.
mlir::shift::LayerChoices listLayerChoices(const ConvShape &shape,
                                           const ContenderOptions &options,
                                           mlir::MLIRContext &context);

/// A model as it was read, which all strategies start from.
struct LoadedModel {
  std::string path;
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// Weights are powers of two already, activations of fixed point.
  bool hasWeights = false, isFixed = false;
  /// Of all that the module holds, with what lay in other files.
  uint64_t hash = 0;
};

/// Reads an .onnx, .mlir or .mlirbc file. Options about weights or activations
/// that the file has already are a usage error.
llvm::Expected<LoadedModel>
loadModel(const std::string &path, const pipelines::ModelOptions &modelOptions,
          const ContenderOptions &options);

/// The model with its float layers converted to powers of two and 8 or 16 bits
/// after a run on random inputs; "float" leaves them as they are, and what is
/// converted already stays. Null, with `reason`, where no layer takes the
/// strategy.
llvm::Expected<ContenderPtr> makeModel(const LoadedModel &model,
                                       llvm::StringRef strategy,
                                       const ContenderOptions &options,
                                       std::string &reason);

/// A compiled artefact as it is, under this name.
llvm::Expected<ContenderPtr> loadContender(const std::string &path,
                                           llvm::StringRef name, int threads);

} // namespace shift::bench

#endif // TOOLS_SHIFT_BENCH_CONTENDERS_H
