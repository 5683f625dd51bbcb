//===- ModelLoader.cpp - Models from ONNX and MLIR files ------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/ModelLoader.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "shift/InitAll.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/Diagnostics.h"
#include "shift/Pipelines/ModuleFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"

using namespace llvm;
using namespace mlir;

namespace shift::pipelines {
std::unique_ptr<MLIRContext> makeContext() {
  static bool registered = (::shift::registerAllPasses(), true);
  (void)registered;
  DialectRegistry registry;
  ::shift::registerAllDialects(registry);
  auto context = std::make_unique<MLIRContext>(registry);
  printDiagnostics(*context);
  return context;
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
  ErrorCollector errors(&context);
  OwningOpRef<ModuleOp> module;
  if (name.ends_with(".onnx")) {
    module = import::importONNXModel(path, options, context);
  } else {
    auto buffer = openModuleFile(path);
    if (!buffer)
      return buffer.takeError();
    SourceMgr sources;
    sources.AddNewSourceBuffer(std::move(*buffer), SMLoc());
    module = parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
    if (module)
      if (Error error = import::describeModel(*module, options.descriptions))
        return makeError("'" + path + "': " + toString(std::move(error)));
  }
  if (!module)
    return errors.take("cannot load '" + path + "'");
  return module;
}

Error runPipeline(ModuleOp module, StringRef pipeline) {
  PassManager manager(module.getContext(), ModuleOp::getOperationName());
  std::string message;
  raw_string_ostream stream(message);
  if (failed(parsePassPipeline(pipeline, manager, stream)))
    return makeError("'" + pipeline + "': " + StringRef(message).trim());
  ErrorCollector errors(module.getContext());
  if (failed(manager.run(module)))
    return errors.take("'" + pipeline + "'");
  return Error::success();
}

const char *const floatPipeline =
    "canonicalize,fold-constants,fold-batch-norm,fuse-group-norm,canonicalize";

std::string quantizePipeline(StringRef options) {
  StringRef range = options.contains('=') ? "" : "range=";
  return ("quantize-shift{" + range + options + "}").str();
}

Error checkQuantizeOptions(StringRef options) {
  if (options.empty())
    return makeUsageError("expected --quantize-shift=lo:hi such as -10:5, got "
                          "an empty text");
  std::unique_ptr<MLIRContext> context = makeContext();
  PassManager manager(context.get(), ModuleOp::getOperationName());
  std::string message;
  raw_string_ostream os(message);
  if (failed(parsePassPipeline(quantizePipeline(options), manager, os)))
    return makeUsageError(StringRef(message).trim());
  // What the passes say of an empty module concerns nobody.
  ScopedDiagnosticHandler quiet(context.get(), [](Diagnostic &) {});
  ErrorCollector errors(context.get());
  OwningOpRef<ModuleOp> module =
      ModuleOp::create(UnknownLoc::get(context.get()));
  return succeeded(manager.run(*module)) ? Error::success()
                                         : makeUsageError(errors.text());
}

} // namespace shift::pipelines
