//===- shift-translate.cpp - Between ONNX files and MLIR ------------------===//
// SPDX-License-Identifier: Apache-2.0
// Like mlir-translate, wrong usage ends with 1 as every other failure does.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "shift/Import/ONNXImporter.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/GPUPipeline.h"
#include "shift/Pipelines/ModelFlags.h"
#include "shift/Pipelines/ModuleFile.h"
#include "shift/Support/OutputFile.h"
#include "shift/Target/CUDA/CUDAEmitter.h"
#include "shift/Target/ONNX/ONNXExporter.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace llvm;
using shift::pipelines::makeError;
using shift::pipelines::reportFailure;

static cl::OptionCategory category("shift-translate options");

static cl::opt<std::string> inputPath(cl::Positional, cl::cat(category),
                                      cl::desc("<m.onnx|.mlir|.mlirbc>"));
static cl::opt<bool> importsONNX("import-onnx", cl::cat(category),
                                 cl::desc("Import an ONNX model"));
static cl::opt<bool> exportsONNX(
    "export-onnx", cl::cat(category),
    cl::desc("Export a module of onnx and shift ops as plain ONNX"));
static cl::opt<shift::ExportedActivations> activations(
    "activations", cl::cat(category),
    cl::desc("Fixed-point steps of an exported model:"),
    cl::values(clEnumValN(shift::ExportedActivations::Float, "float",
                          "dropped, all tensors are float32 (default)"),
               clEnumValN(shift::ExportedActivations::QuantizeDequantize, "qdq",
                          "QuantizeLinear and DequantizeLinear")));
static cl::opt<bool> emitsCUDA(
    "mlir-to-cuda", cl::cat(category),
    cl::desc("Print a model as CUDA C++, its weights to FILE.weights.bin"));
static cl::opt<unsigned> cudaStreams(
    "cuda-streams", cl::cat(category), cl::init(4), cl::value_desc("number"),
    cl::desc("Streams on which independent layers run (default: 4)"));
static cl::opt<std::string> cudaArch(
    "cuda-arch", cl::cat(category), cl::init("sm_75"), cl::value_desc("sm_NN"),
    cl::desc("Oldest architecture that the kernels run on (default: sm_75)"));
static cl::opt<bool> cudaDecode(
    "cuda-decode", cl::cat(category), cl::init(true),
    cl::desc("Decode and suppress boxes on the device (default: true)"));
static cl::opt<bool> cudaMain(
    "cuda-main", cl::cat(category),
    cl::desc("Add a main that compares with stored results and measures"));
static cl::opt<bool>
    printOps("print-onnx-ops", cl::cat(category),
             cl::desc("Print the supported ONNX ops as a Markdown table"));
static cl::opt<std::string>
    outputPath("o", cl::cat(category), cl::value_desc("file"), cl::init("-"),
               cl::Prefix,
               cl::desc("Output file (default: stdout); .mlirbc is bytecode"));
static shift::pipelines::ModelFlags modelFlags(category);

static const char *examples =
    "\nEXAMPLES:\n"
    "  shift-translate --import-onnx fcos.onnx -o fcos.mlir\n"
    "  shift-translate --import-onnx fcos.onnx "
    "--input-shape=image:1x3x800x1216 -o fcos.mlirbc\n"
    "  shift-translate --import-onnx fcos.onnx --outputs=cls_p3,box_p3 "
    "--detector=fcos.json -o fcos.mlir\n"
    "  shift-translate --export-onnx fcos.shift.mlir -o fcos.shift.onnx\n"
    "  shift-translate --mlir-to-cuda fcos.shift.mlir -o fcos.cu\n"
    "  shift-translate --print-onnx-ops\n";

static Error writeModule(mlir::ModuleOp module, StringRef path) {
  return shift::writeOutputFile(path, [&](raw_ostream &os) -> Error {
    if (!path.ends_with(".mlirbc")) {
      module.print(os);
      return Error::success();
    }
    return mlir::failed(mlir::writeBytecodeToFile(module, os))
               ? makeError("cannot encode the module")
               : Error::success();
  });
}

static Error runImport(mlir::MLIRContext &context) {
  shift::import::ImportOptions options;
  if (Error error = modelFlags.apply(options))
    return error;
  // One message on one line, the error's own.
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &d) {
    if (message.empty())
      message = d.str();
  });
  auto module = shift::import::importONNXModel(inputPath, options, context);
  if (!module)
    return makeError("cannot import '" + inputPath + "': " + message);
  return writeModule(*module, outputPath);
}

/// The module of a file. `message` takes the text of diagnostics from here on.
static Expected<mlir::OwningOpRef<mlir::ModuleOp>>
readModule(mlir::MLIRContext &context, const std::string &message) {
  auto buffer = shift::pipelines::openModuleFile(inputPath);
  if (!buffer)
    return buffer.takeError();
  SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*buffer), SMLoc());
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(sources, &context);
  if (!module)
    return makeError("cannot read '" + inputPath + "': " + message);
  return std::move(module);
}

static Error runExport(mlir::MLIRContext &context, const std::string &message) {
  auto module = readModule(context, message);
  if (!module)
    return module.takeError();
  // A refusal is the module's problem, not the output's.
  std::string refusal;
  Error error =
      shift::writeOutputFile(outputPath, [&](raw_ostream &os) -> Error {
        Error refused = shift::exportONNX(**module, os, {activations});
        if (!refused)
          return Error::success();
        refusal = toString(std::move(refused));
        return makeError(refusal);
      });
  if (refusal.empty())
    return error;
  consumeError(std::move(error));
  return makeError("cannot export '" + inputPath + "': " + refusal);
}

static Error runCUDA(mlir::MLIRContext &context, const std::string &message) {
  auto module = readModule(context, message);
  if (!module)
    return module.takeError();
  if (!shift::cuda::hasOnlyKernels(**module)) {
    mlir::PassManager passes(&context);
    shift::cuda::buildShiftToGPUPipeline(passes, {{}, cudaArch, cudaDecode});
    if (mlir::failed(passes.run(**module)))
      return makeError("cannot make kernels of '" + inputPath +
                       "': " + message);
  }
  auto program =
      shift::cuda::emitCUDA(**module, {cudaStreams.getValue(), cudaMain});
  if (mlir::failed(program))
    return makeError("cannot print '" + inputPath + "': " + message);
  if (outputPath == "-" && !program->weights.empty())
    errs() << "note: the weights are not written to stdout; -o m.cu writes "
              "m.weights.bin beside it\n";
  return shift::cuda::writeCUDA(*program, outputPath);
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  if (!shift::pipelines::parseCommandLine(
          argc, argv, category,
          "shift-translate - ONNX models to MLIR and back\n", examples))
    return 1;
  mlir::DialectRegistry registry;
  registry.insert<mlir::onnx::ONNXDialect, mlir::shift::ShiftDialect,
                  mlir::func::FuncDialect, mlir::quant::QuantDialect,
                  mlir::arith::ArithDialect, mlir::gpu::GPUDialect,
                  mlir::math::MathDialect, mlir::memref::MemRefDialect,
                  mlir::nvgpu::NVGPUDialect, mlir::NVVM::NVVMDialect,
                  mlir::scf::SCFDialect, mlir::ub::UBDialect,
                  mlir::vector::VectorDialect>();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  if (printOps + exportsONNX + importsONNX + emitsCUDA != 1)
    return reportFailure(makeError("expected one of --import-onnx, "
                                   "--export-onnx, --mlir-to-cuda and "
                                   "--print-onnx-ops; see --help"));
  if (!printOps && inputPath.empty())
    return reportFailure(makeError("expected an input file; see --help"));
  // One message on one line, the first.
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &d) {
    if (message.empty())
      raw_string_ostream(message) << d.getLocation() << ": " << d;
  });
  Error error =
      printOps      ? shift::writeOutputFile(outputPath,
                                             [](raw_ostream &os) {
                                          shift::import::printSupportedOps(os);
                                          return Error::success();
                                             })
      : exportsONNX ? runExport(context, message)
      : emitsCUDA   ? runCUDA(context, message)
                    : runImport(context);
  if (!error)
    return 0;
  // MLIR's tools end with 1 whatever was wrong.
  reportFailure(std::move(error));
  return 1;
}
