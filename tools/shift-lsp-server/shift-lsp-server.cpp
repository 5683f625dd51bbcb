//===- shift-lsp-server.cpp - Language server with our dialects -----------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "shift/InitAll.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  shift::registerAllDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
