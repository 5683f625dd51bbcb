//===- shift-compile.cpp - From a model to a shared library ---------------===//
// SPDX-License-Identifier: Apache-2.0
// Flags of the one-command driver; the work is lib/Pipelines'.
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/CompileDriver.h"
#include "shift/Pipelines/ModelFlags.h"

using namespace llvm;
using namespace shift::pipelines;

static cl::OptionCategory category("shift-compile options");

int main(int argc, char **argv) {
  CompileOptions options;
  cl::opt<std::string, true> model(
      cl::Positional, cl::Required, cl::desc("<model.onnx|.mlir|.mlirbc>"),
      cl::location(options.model), cl::cat(category));
  cl::opt<std::string, true> output(
      "o", cl::desc("File to write (default: the model's name, new ending)"),
      cl::value_desc("file"), cl::location(options.output), cl::Prefix,
      cl::cat(category));
  cl::opt<std::string> quantize(
      "quantize-shift",
      cl::desc("Round weights to powers of two: lo:hi, or the pass's options"),
      cl::value_desc("lo:hi"), cl::cat(category));
  cl::opt<std::string, true> calibrate(
      "calibrate",
      cl::desc("Choose fixed-point activations by running the model on the "
               "images or .npy files of this folder"),
      cl::value_desc("folder"), cl::location(options.calibrationFolder),
      cl::cat(category));
  cl::opt<std::string> method(
      "calibration-method",
      cl::desc("max, percentile (default) or least-squares"),
      cl::value_desc("method"), cl::cat(category));
  cl::opt<double> percentile(
      "percentile",
      cl::desc("Nearest-rank percentile of the method (default 99.99)"),
      cl::value_desc("p"), cl::cat(category));
  cl::opt<std::string> strategy(
      "strategy",
      cl::desc(
          "auto (default), shift, dot8, dot16 or float, for CUDA auto, shift, "
          "dp4a, mma or float; pattern=name for nodes by name"),
      cl::value_desc("name,..."), cl::cat(category));
  cl::opt<EmitKind, true> emit(
      "emit", cl::desc("What to write (default so)"),
      cl::values(
          clEnumValN(EmitKind::SharedLibrary, "so", "shared library"),
          clEnumValN(EmitKind::MLIR, "mlir", "the module"),
          clEnumValN(EmitKind::ONNX, "onnx", "plain ONNX"),
          clEnumValN(EmitKind::CUDA, "cuda", "CUDA C++, with FILE.weights.bin"),
          clEnumValN(EmitKind::CUDALibrary, "cuda-so",
                     "shared library for GPUs; needs nvcc"),
          clEnumValN(EmitKind::CUDAHostLibrary, "cuda-host-so",
                     "the same CUDA text as a library for the CPU, "
                     "to test it"),
          clEnumValN(EmitKind::CUDACheckedLibrary, "cuda-checked-so",
                     "that, and memory accesses of kernels are checked")),
      cl::location(options.emit), cl::init(EmitKind::SharedLibrary),
      cl::cat(category));
  cl::opt<std::string> cudaArch(
      "cuda-arch",
      cl::desc(
          "Oldest GPU architecture that CUDA code runs on (default sm_75)"),
      cl::value_desc("sm_NN"), cl::cat(category));
  cl::opt<bool> cudaDecode(
      "cuda-decode",
      cl::desc("Decode and suppress boxes in CUDA code too (default: in text, "
               "not in libraries)"),
      cl::cat(category));
  cl::opt<bool, true> explain(
      "explain",
      cl::desc("Print a row a layer: strategy, why, certificate, "
               "bits a weight, error"),
      cl::location(options.explain), cl::cat(category));
  ModelFlags flags(category);

  if (!parseCommandLine(
          argc, argv, category,
          "Compiles a detector to one shared library of shifts and adds\n",
          "\nExamples:\n"
          "  shift-compile fcos.onnx -o fcos.so\n"
          "  shift-compile fcos.onnx --quantize-shift=-10:5 "
          "--calibrate=images/ -o fcos.so\n"
          "  shift-compile fcos.onnx --quantize-shift=\"range=-10:5 window=7\" "
          "--calibrate=images/ --emit=mlir -o fcos.mlirbc\n"
          "  shift-compile fcos.mlirbc --emit=cuda-so --cuda-arch=sm_80 "
          "-o fcos.cuda.so\n"))
    return exitUsage;
  auto take = [](auto &flag, auto &option) {
    if (flag.getNumOccurrences())
      option = flag;
  };
  take(quantize, options.quantizeShift);
  take(method, options.calibrationMethod);
  take(percentile, options.percentile);
  take(strategy, options.strategy);
  take(cudaArch, options.cudaArch);
  take(cudaDecode, options.cudaDecode);
  if (Error error = flags.apply(options.modelOptions))
    return reportFailure(std::move(error));
  // A copy, because linking resets every option to its default.
  if (Error error = compileModel(CompileOptions(options)))
    return reportFailure(std::move(error));
  return exitSuccess;
}
