//===- ImportGraph.h - The graph of a model to @main ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_IMPORT_ONNX_IMPORTGRAPH_H
#define LIB_IMPORT_ONNX_IMPORTGRAPH_H

#include "ONNXTypes.h"
#include "shift/Import/ONNXImporter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace shift::import {

struct OpEntry;
class NodeImporter;

/// Imports the graph of a model; data of initializers moves out of it. Each
/// step gives an error that names what is wrong.
class GraphImporter {
public:
  /// `opset` 0: the model names none of ONNX's own domain.
  GraphImporter(proto::GraphProto &graph, int64_t opset, llvm::StringRef folder,
                const ImportOptions &options, mlir::ModuleOp module);

  /// Adds @main to the module.
  llvm::Error run();

private:
  /// Names of everything that the graph defines, each once.
  llvm::Error collectNames();
  /// The values to return and the nodes that compute them.
  llvm::Error selectOutputs();
  llvm::Error markNeeded();
  /// Whether the registry has the node's op at this opset.
  llvm::Error checkOp(const proto::NodeProto &node) const;
  llvm::Error createArguments();
  llvm::Expected<mlir::Type> inputType(const proto::ValueInfoProto &input);
  llvm::Error importNode(int index);
  /// Checks the node's inputs against its entry and finds their values.
  llvm::Error gatherInputs(const proto::NodeProto &node, const OpEntry &entry,
                           llvm::SmallVectorImpl<mlir::Value> &inputs);
  /// The value of a name, its constant made on first use.
  llvm::Expected<mlir::Value> lookup(llvm::StringRef name);
  llvm::Error finish();

  /// "node 'x' (Conv, opset 11)".
  std::string describe(const proto::NodeProto &node) const;

  proto::GraphProto &graph;
  int64_t opset;
  llvm::StringRef folder;
  const ImportOptions &options;
  mlir::ModuleOp module;
  mlir::OpBuilder builder;
  mlir::func::FuncOp function;

  llvm::StringMap<proto::TensorProto *> initializers;
  llvm::StringSet<> sparse;
  /// The node that makes a value, and the graph's own inputs.
  llvm::StringMap<int> producers, graphInputs;
  /// Sizes of symbolic dimensions, which inputs share by name.
  llvm::StringMap<int64_t> symbols;
  std::vector<std::string> outputNames;
  llvm::BitVector neededNodes;
  llvm::StringSet<> neededNames;
  llvm::StringMap<mlir::Value> values;
};

} // namespace shift::import

#endif // LIB_IMPORT_ONNX_IMPORTGRAPH_H
