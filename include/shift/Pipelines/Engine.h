//===- Engine.h - One way to run a model, however it runs -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_ENGINE_H
#define SHIFT_PIPELINES_ENGINE_H

#include "mlir/IR/BuiltinOps.h"
#include "shift/Support/NpyFile.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace shift::pipelines {

/// Name, NumPy element code and shape of a model's input or output.
struct TensorInfo {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
};

/// Time of one step of a run.
struct StepTime {
  std::string name, op, strategy;
  int64_t macs = 0;
  double milliseconds = 0;
};

/// Bytes that a model takes besides inputs and outputs: intermediate tensors,
/// scratch of all threads, expanded weights.
struct MemoryUse {
  int64_t arena = 0, scratch = 0, expanded = 0;
};

/// A value during observe(); `data` is valid during the call only.
struct ObservedValue {
  /// shift::cpu's `shift.value_id`, numberValues' number.
  int64_t id;
  /// NumPy's code of the elements as stored: fixed point as its integers.
  llvm::StringRef dtype;
  const void *data;
  int64_t count;
};

/// A model that is ready to run: a compiled artefact or the interpreter.
class Engine {
public:
  virtual ~Engine() = default;

  const std::vector<TensorInfo> &inputs() const { return inputInfo; }
  const std::vector<TensorInfo> &outputs() const { return outputInfo; }

  /// JSON texts of the module's detector and image input, empty if it has none.
  const std::string &detector() const { return detectorText; }
  const std::string &imageInput() const { return imageInputText; }

  /// Runs once. `arrays` are in the order of inputs(); their types and shapes
  /// are checked, and a mismatch names the input.
  virtual llvm::Expected<std::vector<NpyArray>>
  run(llvm::ArrayRef<NpyArray> arrays) = 0;

  /// Runs once and calls `observer` on this thread with each value that an op
  /// of @main makes. Only an engine made to be observable sees all of them.
  using Observer = llvm::function_ref<void(const ObservedValue &value)>;
  virtual llvm::Error observe(llvm::ArrayRef<NpyArray> arrays,
                              Observer observer) = 0;

  /// Times of the last run's steps; empty where the engine keeps none.
  virtual llvm::Expected<std::vector<StepTime>> stepTimes() const {
    return std::vector<StepTime>();
  }
  /// What the engine holds; nothing where it does not know.
  virtual std::optional<MemoryUse> memoryUse() const { return std::nullopt; }

protected:
  std::vector<TensorInfo> inputInfo, outputInfo;
  std::string detectorText, imageInputText;
};

/// An artefact file made by shift-compile. 0 threads: one a core.
llvm::Expected<std::unique_ptr<Engine>> loadArtefact(const std::string &path,
                                                     int threads);

/// How a module is compiled in this process.
struct CompileEngineOptions {
  /// 0: one a core.
  int threads = 0;
  /// Keeps every value apart, so that observe() sees it.
  bool isObservable = false;
  /// The flag --strategy.
  std::string strategy = "auto";
};
llvm::Expected<std::unique_ptr<Engine>>
compileEngine(mlir::ModuleOp module, const CompileEngineOptions &options);

/// The reference interpreter on the module, which must outlive the engine.
llvm::Expected<std::unique_ptr<Engine>> interpretEngine(mlir::ModuleOp module);

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_ENGINE_H
