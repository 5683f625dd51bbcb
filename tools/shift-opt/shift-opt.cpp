//===- shift-opt.cpp - Runs passes on modules -----------------------------===//
// SPDX-License-Identifier: Apache-2.0
// mlir-opt with our dialects and passes. Unlike the stock main it writes to a
// temporary that is renamed at the end: a failed run must not destroy the file
// that -o names.
//===----------------------------------------------------------------------===//
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "shift/InitAll.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/ModuleFile.h"
#include "shift/Support/OutputFile.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

static const char *examples =
    "\nExamples:\n"
    "  shift-opt fcos.mlir --quantize-shift=-10:5 -o fcos.shift.mlir\n"
    "  shift-opt fcos.mlir --quantize-shift=\"range=-10:5 rounding=log "
    "terms=2\" -o fcos.shift.mlirbc\n"
    "  shift-opt fcos.mlir --fold-constants --fold-batch-norm\n";

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  shift::pipelines::initializeTool();
  cl::extrahelp help(examples);
  mlir::DialectRegistry registry;
  shift::registerAllDialects(registry);
  shift::registerAllPasses();
  auto [input, output] =
      mlir::registerAndParseCLIOptions(argc, argv, "shift-opt", registry);

  auto file = shift::pipelines::openModuleFile(input);
  if (!file)
    return shift::pipelines::reportFailure(file.takeError());
  auto config = mlir::MlirOptMainConfig::createFromCLOptions();
  if (StringRef(output).ends_with(".mlirbc"))
    config.emitBytecode(true);
  bool ok = true;
  Error error = shift::writeOutputFile(output, [&](raw_ostream &os) {
    // MLIR has said what is wrong; the error only keeps the file unwritten.
    ok = succeeded(mlir::MlirOptMain(os, std::move(*file), registry, config));
    return ok ? Error::success() : createStringError("failed");
  });
  bool failed = bool(error);
  if (failed && ok)
    errs() << "error: " << toString(std::move(error)) << "\n";
  else
    consumeError(std::move(error));
  return failed ? 1 : 0;
}
