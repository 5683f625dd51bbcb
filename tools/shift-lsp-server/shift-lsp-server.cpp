//===- shift-lsp-server.cpp - Language server with our dialects -----------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "shift/InitAll.h"
#include "shift/Pipelines/CommandLine.h"

static const char *examples =
    "\nExamples:\n"
    "  shift-lsp-server\n"
    "      what an editor starts: the language server protocol on stdin and "
    "stdout;\n"
    "      VS Code: \"mlir.server_path\": \"build/bin/shift-lsp-server\"\n"
    "  shift-lsp-server --lit-test < requests.test\n";

int main(int argc, char **argv) {
  shift::pipelines::initializeTool();
  llvm::cl::extrahelp help(examples);
  mlir::DialectRegistry registry;
  shift::registerAllDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
