//===- CompileDriver.cpp - What shift-compile does ------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/CompileDriver.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "shift/Conversion/ShiftToCPU/CostModel.h"
#include "shift/Conversion/ShiftToGPU/Passes.h"
#include "shift/Pipelines/CPUPipeline.h"
#include "shift/Pipelines/CUDALibrary.h"
#include "shift/Pipelines/Calibration.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/Diagnostics.h"
#include "shift/Pipelines/ModelInputs.h"
#include "shift/Pipelines/ModuleInfo.h"
#include "shift/Pipelines/Progress.h"
#include "shift/Support/OutputFile.h"
#include "shift/Target/ONNX/ONNXExporter.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir;

namespace shift::pipelines {
namespace {

/// The images and arrays to calibrate with, checked before anything is
/// computed.
Expected<std::vector<std::string>>
findCalibrationFiles(ModuleOp module, const CompileOptions &options) {
  SmallVector<StringRef> endings(imageEndings());
  endings.push_back(".npy");
  Expected<std::vector<std::string>> files =
      listFiles({options.calibrationFolder}, endings);
  if (!files)
    return files.takeError();
  bool hasImages = llvm::any_of(
      *files, [](StringRef file) { return !file.ends_with(".npy"); });
  if (hasImages && getImageInput(module).empty())
    warnOfImageInput();
  return files;
}

Error quantizeActivations(ModuleOp module, const CompileOptions &options,
                          const std::vector<std::string> &files) {
  Expected<CalibrationOptions::Method> method =
      parseCalibrationMethod(options.calibrationMethod);
  if (!method)
    return method.takeError();
  CalibrationOptions calibration{*method, options.percentile.value_or(99.99)};
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
  if (Error error = calibrate(module, calibration, files, readInput))
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
            "products that fit 16, 32 bits | bits a weight | error\n";
  for (const mlir::shift::LayerReport &layer : reports) {
    outs() << layer.name << " | " << layer.op << " | " << layer.strategy
           << " | " << layer.reason << " | ";
    if (layer.accumulatorBits)
      outs() << layer.boundBits << "/" << layer.accumulatorBits;
    else
      outs() << "-";
    outs() << " | ";
    if (layer.chunk)
      outs() << layer.fits16 << ", " << layer.fits32 << " of " << layer.chunk;
    else
      outs() << "-";
    outs() << " | ";
    if (layer.weightBits >= 0)
      outs() << layer.weightBits;
    else
      outs() << "-";
    outs() << " | " << (layer.error.empty() ? "-" : layer.error) << "\n";
  }
}

void printMemory(const mlir::shift::MemoryReport &memory) {
  outs() << format("memory: %.2f MB of intermediate tensors at the peak, "
                   "%.2f MB of scratch a thread, %.2f MB of stored constants\n",
                   memory.arena * 1e-6, memory.scratch * 1e-6,
                   memory.stored * 1e-6);
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

Error writeLibrary(ModuleOp module, const CompileOptions &options,
                   const std::vector<std::string> &strategies) {
  cpu::CPUOptions cpuOptions;
  cpuOptions.strategies = strategies;
  cpu::LayerReports reports;
  mlir::shift::MemoryReport memory;
  std::unique_ptr<Progress> progress;
  cpuOptions.progress = [&](size_t, size_t total) {
    if (!progress)
      progress = std::make_unique<Progress>("compiling", total);
    progress->step();
  };
  ErrorCollector errors(module.getContext());
  if (failed(cpu::compileToSharedLibrary(module, options.output, cpuOptions,
                                         &reports, &memory)))
    return errors.take("cannot compile '" + options.model + "'");
  // Ends its line before anything else is printed.
  progress.reset();
  if (options.explain) {
    printReports(reports);
    printTotal(module);
    printMemory(memory);
  }
  return Error::success();
}

bool isCUDA(EmitKind emit) {
  return emit == EmitKind::CUDA || emit == EmitKind::CUDALibrary ||
         emit == EmitKind::CUDAHostLibrary ||
         emit == EmitKind::CUDACheckedLibrary;
}

cuda::Backend getBackend(EmitKind emit) {
  switch (emit) {
  case EmitKind::CUDAHostLibrary:
    return cuda::Backend::HostShim;
  case EmitKind::CUDACheckedLibrary:
    return cuda::Backend::CheckedHostShim;
  default:
    return cuda::Backend::Device;
  }
}

Error writeCUDA(ModuleOp module, const CompileOptions &options,
                const std::vector<std::string> &strategies) {
  std::vector<mlir::shift::LayerReport> reports;
  ErrorCollector errors(module.getContext());
  FailureOr<cuda::CUDAProgram> program = cuda::makeCUDAProgram(
      module, {strategies, options.cudaArch}, {}, &reports);
  if (failed(program))
    return errors.take("cannot compile '" + options.model + "'");
  Error error = options.emit == EmitKind::CUDA
                    ? cuda::writeCUDA(*program, options.output)
                    : cuda::buildCUDALibrary(*program, getBackend(options.emit),
                                             options.cudaArch, options.output);
  if (!error && options.explain) {
    printReports(reports);
    printTotal(module);
  }
  return error;
}

} // namespace

/// "m.so", "m.shift.mlir" or "m.shift.onnx": never the input's own name.
static std::string defaultOutput(const CompileOptions &options) {
  StringRef ending = ".so";
  if (options.emit == EmitKind::MLIR)
    ending = ".shift.mlir";
  else if (options.emit == EmitKind::ONNX)
    ending = ".shift.onnx";
  else if (options.emit == EmitKind::CUDA)
    ending = ".cu";
  return (sys::path::stem(options.model) + ending).str();
}

/// What is wrong with the flags, whatever the files hold.
static Error checkUsage(const CompileOptions &options) {
  if (options.explain &&
      (options.emit == EmitKind::MLIR || options.emit == EmitKind::ONNX))
    return makeUsageError("--explain needs --emit=so or CUDA");
  if (options.quantizeShift)
    if (Error error = checkQuantizeOptions(*options.quantizeShift))
      return error;
  if (options.percentile && options.calibrationFolder.empty())
    return makeUsageError("--percentile needs --calibrate");
  if (Error error =
          parseCalibrationMethod(options.calibrationMethod).takeError())
    return error;
  return checkWritable(options.output);
}

Error compileModel(const CompileOptions &given) {
  CompileOptions options = given;
  if (options.output.empty())
    options.output = defaultOutput(options);
  if (Error error = checkUsage(options))
    return error;
  auto strategies = parseStrategies(options.strategy,
                                    isCUDA(options.emit)
                                        ? mlir::shift::getGPULayerStrategies()
                                        : mlir::shift::getLayerStrategies());
  if (!strategies)
    return strategies.takeError();
  std::unique_ptr<MLIRContext> context = makeContext();
  Expected<OwningOpRef<ModuleOp>> module =
      loadModel(options.model, options.modelOptions, *context);
  if (!module)
    return module.takeError();
  std::vector<std::string> calibrationFiles;
  if (!options.calibrationFolder.empty()) {
    auto files = findCalibrationFiles(**module, options);
    if (!files)
      return files.takeError();
    calibrationFiles = std::move(*files);
  }
  // Constant chains and batch norm are folded with float weights too: the same
  // convolutions are compared then.
  std::string pipeline = !options.quantizeShift
                             ? floatPipeline
                             : quantizePipeline(*options.quantizeShift);
  if (Error error = runPipeline(**module, pipeline))
    return error;
  bool hasWeights = false;
  (*module)->walk([&](mlir::shift::WeightOp) { hasWeights = true; });
  if (!options.calibrationFolder.empty() && !hasWeights)
    return makeError("--calibrate: no layer has weights that are powers of "
                     "two; add --quantize-shift=-10:5");
  if (!options.calibrationFolder.empty())
    if (Error error = quantizeActivations(**module, options, calibrationFiles))
      return error;
  switch (options.emit) {
  case EmitKind::SharedLibrary:
    return writeLibrary(**module, options, *strategies);
  case EmitKind::MLIR:
    return writeModule(**module, options.output);
  case EmitKind::ONNX:
    return writeOutputFile(options.output, [&](raw_ostream &os) {
      return exportONNX(**module, os);
    });
  case EmitKind::CUDA:
  case EmitKind::CUDALibrary:
  case EmitKind::CUDAHostLibrary:
  case EmitKind::CUDACheckedLibrary:
    return writeCUDA(**module, options, *strategies);
  }
  llvm_unreachable("all kinds are handled");
}

} // namespace shift::pipelines
