//===- CompileDriver.cpp - What shift-compile does ------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/CompileDriver.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "shift/Pipelines/CPUPipeline.h"
#include "shift/Pipelines/Calibration.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/ModelInputs.h"
#include "shift/Pipelines/ModuleInfo.h"
#include "shift/Support/OutputFile.h"
#include "shift/Target/ONNX/ONNXExporter.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir;

namespace shift::pipelines {
namespace {

/// "-10:5" or "range=-10:5 rounding=log" as a pipeline.
std::string quantizePipeline(StringRef options) {
  StringRef range = options.contains('=') ? "" : "range=";
  return ("quantize-shift{" + range + options + "}").str();
}

Error quantizeActivations(ModuleOp module, const CompileOptions &options) {
  Expected<CalibrationOptions::Method> method =
      parseCalibrationMethod(options.calibrationMethod);
  if (!method)
    return method.takeError();
  CalibrationOptions calibration{*method, options.percentile};
  SmallVector<StringRef> endings(imageEndings());
  endings.push_back(".npy");
  Expected<std::vector<std::string>> files =
      listFiles({options.calibrationFolder}, endings);
  if (!files)
    return files.takeError();
  auto readInput = [](const std::string &file,
                      const Engine &engine) -> Expected<std::vector<NpyArray>> {
    if (StringRef(file).ends_with(".npy"))
      return readArrayInputs({file}, engine);
    Expected<detection::ImageInput> input = getImageInput(engine);
    if (!input)
      return input.takeError();
    detection::Image image;
    std::string error = detection::loadImage(file, image);
    if (!error.empty())
      return makeError(error);
    Expected<NpyArray> array = makeImageArray(image, *input, engine);
    if (!array)
      return array.takeError();
    std::vector<NpyArray> inputs;
    inputs.push_back(std::move(*array));
    return inputs;
  };
  if (Error error = calibrate(module, calibration, *files, readInput))
    return error;
  return runPipeline(module, "quantize-activations,canonicalize");
}

/// Bits a weight over all shift.weight ops, each counted once.
void printTotal(ModuleOp module) {
  int64_t weights = 0, bits = 0;
  module.walk([&](mlir::shift::WeightOp op) {
    int64_t count = cast<ShapedType>(op.getType()).getNumElements();
    weights += count;
    bits += count * op.getBits();
  });
  if (weights)
    outs() << format("total: %.2f bits a weight, %lld weights\n",
                     double(bits) / weights, static_cast<long long>(weights));
}

void printReports(const cpu::LayerReports &reports) {
  outs() << "layer | op | strategy | reason | accumulator (needed/used bits) | "
            "bits a weight\n";
  for (const mlir::shift::LayerReport &layer : reports) {
    outs() << layer.name << " | " << layer.op << " | " << layer.strategy
           << " | " << layer.reason << " | ";
    if (layer.accumulatorBits)
      outs() << layer.boundBits << "/" << layer.accumulatorBits;
    else
      outs() << "-";
    outs() << " | ";
    if (layer.weightBits >= 0)
      outs() << layer.weightBits;
    else
      outs() << "-";
    outs() << "\n";
  }
}

Error writeModule(ModuleOp module, StringRef path) {
  return writeOutputFile(path, [&](raw_ostream &os) -> Error {
    if (!path.ends_with(".mlirbc")) {
      module.print(os);
      return Error::success();
    }
    if (failed(writeBytecodeToFile(module, os)))
      return makeError("the module has no bytecode form");
    return Error::success();
  });
}

Error writeLibrary(ModuleOp module, const CompileOptions &options) {
  cpu::CPUOptions cpuOptions;
  if (options.strategy != "auto")
    cpuOptions.strategies = {"*=" + options.strategy};
  cpu::LayerReports reports;
  if (failed(cpu::compileToSharedLibrary(module, options.output, cpuOptions,
                                         &reports)))
    return makeError("cannot compile '" + options.model + "'");
  if (options.explain) {
    printReports(reports);
    printTotal(module);
  }
  return Error::success();
}

} // namespace

Error compileModel(const CompileOptions &given) {
  CompileOptions options = given;
  if (options.output.empty())
    options.output = (sys::path::stem(options.model) +
                      (options.emit == EmitKind::MLIR   ? ".mlir"
                       : options.emit == EmitKind::ONNX ? ".shift.onnx"
                                                        : ".so"))
                         .str();
  if (!options.calibrationFolder.empty() && options.quantizeShift.empty() &&
      StringRef(options.model).ends_with(".onnx"))
    return makeError("--calibrate needs --quantize-shift");
  std::unique_ptr<MLIRContext> context = makeContext();
  Expected<OwningOpRef<ModuleOp>> module =
      loadModel(options.model, options.modelOptions, *context);
  if (!module)
    return module.takeError();
  // Constant chains and batch norm are folded with float weights too: the same
  // convolutions are compared then.
  std::string pipeline =
      options.quantizeShift.empty()
          ? "canonicalize,fold-constants,fold-batch-norm,fuse-group-norm,"
            "canonicalize"
          : quantizePipeline(options.quantizeShift);
  if (Error error = runPipeline(**module, pipeline))
    return error;
  if (!options.calibrationFolder.empty())
    if (Error error = quantizeActivations(**module, options))
      return error;
  switch (options.emit) {
  case EmitKind::SharedLibrary:
    return writeLibrary(**module, options);
  case EmitKind::MLIR:
    return writeModule(**module, options.output);
  case EmitKind::ONNX:
    return writeOutputFile(options.output, [&](raw_ostream &os) {
      return exportONNX(**module, os);
    });
  }
  llvm_unreachable("all kinds are handled");
}

} // namespace shift::pipelines
