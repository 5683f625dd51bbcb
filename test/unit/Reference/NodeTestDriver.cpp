//===- NodeTestDriver.cpp - Many small models in one process --------------===//
// SPDX-License-Identifier: Apache-2.0
// Runs the cases of ONNX's node tests for test/Integration/ONNXNodeTests, where
// a process a case would cost minutes. Each line of the list file is one case,
// fields separated by tabs: a .mlir or .onnx file, a folder for the results,
// one .npy file an input; NAME=file also gives the input's shape to the
// importer. The folder gets output_0.npy, ... or error.txt.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "shift/Import/ONNXImporter.h"
#include "shift/Reference/Interpreter.h"
#include "shift/Support/NpyFile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

#include <cstdio>
#include <fstream>
#include <sstream>

using namespace shift::reference;

namespace {

/// NumPy's codes in the order of DType.
constexpr const char *codes[] = {"<f4", "<f8", "|i1", "|u1", "<i2", "<u2",
                                 "<i4", "<u4", "<i8", "<u8", "|b1"};

/// One line of the list file.
struct Case {
  std::string model, folder;
  std::vector<std::string> inputs;
};

llvm::Expected<std::vector<Case>> readList(const char *path) {
  std::ifstream file(path);
  if (!file)
    return llvm::createStringError(std::string("cannot read '") + path + "'");
  std::vector<Case> cases;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    Case &one = cases.emplace_back();
    std::getline(fields, one.model, '\t');
    std::getline(fields, one.folder, '\t');
    for (std::string input; std::getline(fields, input, '\t');)
      one.inputs.push_back(input);
  }
  return cases;
}

llvm::Expected<Tensor> readTensor(const std::string &path) {
  shift::NpyArray array;
  std::string error = shift::readNpy(path, array);
  if (!error.empty())
    return llvm::createStringError(error);
  for (size_t i = 0; i < std::size(codes); ++i) {
    if (array.dtype != codes[i])
      continue;
    Tensor tensor(static_cast<DType>(i), array.shape);
    tensor.bytes = array.bytes;
    return tensor;
  }
  return llvm::createStringError("'" + path + "': unsupported element type " +
                                 array.dtype);
}

/// A value for each input, and the shapes that the importer is given.
llvm::Error readInputs(const Case &one, std::vector<Tensor> &inputs,
                       shift::import::ImportOptions &options) {
  for (const std::string &field : one.inputs) {
    size_t separator = field.find('=');
    bool isNamed = separator != std::string::npos;
    llvm::Expected<Tensor> input =
        readTensor(isNamed ? field.substr(separator + 1) : field);
    if (!input)
      return input.takeError();
    if (isNamed)
      options.inputShapes[field.substr(0, separator)] = input->shape;
    inputs.push_back(std::move(*input));
  }
  return llvm::Error::success();
}

/// Imports, runs and writes one case.
llvm::Error runCase(const Case &one, mlir::MLIRContext &context) {
  std::string diagnostics;
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &d) { diagnostics += d.str() + "\n"; });
  std::vector<Tensor> inputs;
  shift::import::ImportOptions options;
  if (llvm::Error error = readInputs(one, inputs, options))
    return error;
  auto module =
      llvm::StringRef(one.model).ends_with(".onnx")
          ? shift::import::importONNXModel(one.model, options, context)
          : mlir::parseSourceFile<mlir::ModuleOp>(one.model, &context);
  if (!module)
    return llvm::createStringError(diagnostics);
  auto interpreter = Interpreter::create(*module);
  if (!interpreter)
    return interpreter.takeError();
  llvm::Expected<std::vector<Tensor>> outputs = interpreter->run(inputs);
  if (!outputs)
    return outputs.takeError();
  for (auto [i, output] : llvm::enumerate(*outputs)) {
    std::string path = one.folder + "/output_" + std::to_string(i) + ".npy";
    std::string error =
        shift::writeNpy(path, {codes[static_cast<int>(output.dtype)],
                               output.shape, output.bytes});
    if (!error.empty())
      return llvm::createStringError(error);
  }
  return llvm::Error::success();
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: shift-node-tests LIST\n");
    return 2;
  }
  auto cases = readList(argv[1]);
  if (!cases) {
    std::fprintf(stderr, "shift-node-tests: %s\n",
                 llvm::toString(cases.takeError()).c_str());
    return 1;
  }
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<mlir::func::FuncDialect, mlir::onnx::ONNXDialect,
                      mlir::shift::ShiftDialect>();
  for (auto [i, one] : llvm::enumerate(*cases)) {
    // Says which case it was, should it end the process.
    std::printf("%zu\n", i);
    std::fflush(stdout);
    if (llvm::Error error = runCase(one, context))
      std::ofstream(one.folder + "/error.txt")
          << llvm::toString(std::move(error)) << "\n";
  }
  return 0;
}
