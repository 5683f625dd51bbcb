//===- ImportModel.cpp - ONNX files to modules ----------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "ImportGraph.h"

#include "shift/Detection/Detector.h"
#include "shift/Detection/ImageInput.h"

#include "mlir/IR/Verifier.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

using llvm::createStringError;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

namespace shift::import {

/// Reads the message in pieces: the file is never in memory beside it.
static Error parseFile(StringRef path, proto::ModelProto &model) {
  uint64_t size = 0;
  if (llvm::sys::fs::is_directory(path))
    return createStringError("expected a file, got a folder");
  if (auto error = llvm::sys::fs::file_size(path, size))
    return createStringError(error.message());
  if (size == 0)
    return createStringError("the file is empty");
  if (size > uint64_t(std::numeric_limits<int32_t>::max()))
    return createStringError("a model file of more than 2 GiB; store its "
                             "weights as external data");
  auto file = llvm::sys::fs::openNativeFileForRead(path);
  if (!file)
    return file.takeError();
  bool isParsed;
  {
    google::protobuf::LogSilencer silencer;
    google::protobuf::io::FileInputStream stream(*file);
    google::protobuf::io::CodedInputStream input(&stream);
    input.SetTotalBytesLimit(std::numeric_limits<int32_t>::max());
    isParsed =
        model.ParseFromCodedStream(&input) && input.ConsumedEntireMessage();
  }
  llvm::sys::fs::closeFile(*file);
  if (!isParsed)
    return createStringError("not an ONNX model, or a truncated one");
  if (!model.has_graph())
    return createStringError("not an ONNX model: it has no graph");
  return Error::success();
}

/// The opset of ONNX's own domain, 0 where only others are named.
static llvm::Expected<int64_t> findOpset(const proto::ModelProto &model) {
  for (const auto &entry : model.opset_import()) {
    if (!entry.domain().empty() && entry.domain() != "ai.onnx")
      continue;
    int64_t opset = entry.version();
    if (opset < firstOpset || opset > lastOpset)
      return createStringError("expected opset " + Twine(firstOpset) + " to " +
                               Twine(lastOpset) + ", got " + Twine(opset) +
                               "; convert the model with "
                               "onnx.version_converter");
    return opset;
  }
  if (model.opset_import().empty())
    return createStringError("not an ONNX model: it names no opset");
  return 0;
}

/// The descriptions that our exporter has left in the file.
static Error readMetadata(const proto::ModelProto &model,
                          ModelDescriptions &descriptions) {
  for (const auto &entry : model.metadata_props()) {
    std::string error;
    if (entry.key() == detectorAttr) {
      detection::DetectorDescription detector;
      error = detection::parseDetector(entry.value(), detector);
      descriptions.detectorJson = entry.value();
    } else if (entry.key() == imageInputAttr) {
      detection::ImageInput input;
      error = detection::parseImageInput(entry.value(), input);
      descriptions.imageInputJson = entry.value();
    }
    if (!error.empty())
      return createStringError("metadata '" + entry.key() + "': " + error);
  }
  return Error::success();
}

static Error importModel(StringRef path, const ImportOptions &options,
                         mlir::ModuleOp module) {
  proto::ModelProto model;
  if (Error error = parseFile(path, model))
    return error;
  auto opset = findOpset(model);
  if (!opset)
    return opset.takeError();
  if (model.graph().node_size() == 0)
    return createStringError("the graph has no nodes");
  StringRef folder = llvm::sys::path::parent_path(path);
  GraphImporter importer(*model.mutable_graph(), *opset,
                         folder.empty() ? "." : folder, options, module);
  if (Error error = importer.run())
    return error;
  // Outputs that were cut are not those that the metadata speaks of.
  ModelDescriptions stored;
  if (options.outputs.empty())
    if (Error error = readMetadata(model, stored))
      return error;
  if (!options.descriptions.isFcos)
    if (Error error = describeModel(module, stored))
      return error;
  return describeModel(module, options.descriptions);
}

mlir::OwningOpRef<mlir::ModuleOp> importONNXModel(StringRef path,
                                                  const ImportOptions &options,
                                                  mlir::MLIRContext &context) {
  context.loadDialect<dialect::ONNXDialect, mlir::func::FuncDialect>();
  mlir::Builder builder(&context);
  mlir::Location loc = mlir::FileLineColLoc::get(&context, path, 0, 0);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::NameLoc::get(
          builder.getStringAttr(llvm::sys::path::filename(path))));
  if (Error error = importModel(path, options, *module)) {
    mlir::emitError(loc) << llvm::toString(std::move(error));
    return {};
  }
  if (mlir::failed(mlir::verify(*module)))
    return {};
  return module;
}

} // namespace shift::import
