//===- ModelLoader.cpp - Models from ONNX and MLIR files ------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/ModelLoader.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Support/FileUtilities.h"
#include "shift/InitAll.h"
#include "shift/Pipelines/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"

using namespace llvm;
using namespace mlir;

namespace shift::pipelines {
namespace {

/// A context that prints its diagnostics to stderr, "error: ..." with the
/// place, as the tools of LLVM do.
class ToolContext : public MLIRContext {
public:
  explicit ToolContext(const DialectRegistry &registry)
      : MLIRContext(registry), handler(sources, this) {
    // A message is a line, not a whole network.
    printOpOnDiagnostic(false);
  }

private:
  SourceMgr sources;
  SourceMgrDiagnosticHandler handler;
};

} // namespace

std::unique_ptr<MLIRContext> makeContext() {
  static bool registered = (::shift::registerAllPasses(), true);
  (void)registered;
  DialectRegistry registry;
  ::shift::registerAllDialects(registry);
  return std::make_unique<ToolContext>(registry);
}

Expected<OwningOpRef<ModuleOp>> loadModel(const std::string &path,
                                          const ModelOptions &options,
                                          MLIRContext &context) {
  StringRef name = path;
  if (!name.ends_with(".onnx") && !name.ends_with(".mlir") &&
      !name.ends_with(".mlirbc"))
    return makeUsageError("'" + path +
                          "': expected a .onnx, .mlir or .mlirbc file");
  if (!sys::fs::exists(path))
    return makeError("cannot read '" + path + "': no such file");
  OwningOpRef<ModuleOp> module;
  if (name.ends_with(".onnx")) {
    module = import::importONNXModel(path, options, context);
  } else {
    // Bytecode wants the alignment of the blobs in it.
    std::string message;
    std::unique_ptr<MemoryBuffer> buffer =
        openInputFile(path, Align(64), &message);
    if (!buffer)
      return makeError(message);
    SourceMgr sources;
    sources.AddNewSourceBuffer(std::move(buffer), SMLoc());
    module = parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
    if (module)
      if (Error error = import::describeModel(*module, options.descriptions))
        return makeError("'" + path + "': " + toString(std::move(error)));
  }
  if (!module)
    return makeError("cannot load '" + path + "'");
  return module;
}

Error runPipeline(ModuleOp module, StringRef pipeline) {
  PassManager manager(module.getContext(), ModuleOp::getOperationName());
  std::string message;
  raw_string_ostream stream(message);
  if (failed(parsePassPipeline(pipeline, manager, stream)))
    return makeError("'" + pipeline + "': " + StringRef(message).trim());
  if (failed(manager.run(module)))
    return makeError("'" + pipeline + "' failed");
  return Error::success();
}

} // namespace shift::pipelines
