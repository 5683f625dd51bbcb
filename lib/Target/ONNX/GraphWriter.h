//===- GraphWriter.h - Nodes, names and initializers of a graph -*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_ONNX_GRAPHWRITER_H
#define LIB_TARGET_ONNX_GRAPHWRITER_H

#include "shift/Reference/Tensor.h"
#include "shift/Target/ONNX/ONNXExporter.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <onnx/onnx_pb.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace shift::onnx_export {

using Names = std::vector<std::string>;

/// Builds a GraphProto node by node. Every name that it makes is unique in the
/// graph.
class GraphWriter {
public:
  GraphWriter(::onnx::GraphProto &graph, int64_t opset,
              ExportedActivations activations)
      : opset(opset), activations(activations), graph(graph) {}

  const int64_t opset;
  const ExportedActivations activations;

  /// `base`, with a number if the name is taken; reserves it.
  std::string fresh(llvm::StringRef base);

  /// Starts the nodes of one op; the first is called as the op's node.
  void startOp(mlir::Operation *op);

  /// Adds a node with one output (or more) of new names. The node is valid
  /// until the graph is.
  ::onnx::NodeProto &node(llvm::StringRef type, const Names &inputs,
                          unsigned outputs = 1);
  /// The same; returns the name of its only output.
  std::string value(llvm::StringRef type, const Names &inputs) {
    return node(type, inputs).output(0);
  }

  /// The ONNX value that stands for an MLIR value.
  const std::string &nameOf(mlir::Value value) const {
    return names.find(value)->second;
  }
  Names namesOf(mlir::ValueRange values) const;
  void bind(mlir::Value value, std::string name) {
    names[value] = std::move(name);
  }

  /// Adds an initializer; its name is new.
  std::string initializer(const reference::Tensor &tensor,
                          llvm::StringRef base);
  /// An integer vector; equal ones are shared.
  std::string ints(llvm::ArrayRef<int64_t> values);
  /// A float scalar or, with `isVector`, a vector; equal ones are shared.
  std::string floats(llvm::ArrayRef<float> values, bool isVector);
  /// A scalar of a small integer type; equal ones are shared.
  std::string zero(reference::DType dtype);

  /// max(x, min) and so on as Relu or Clip; absent bounds do nothing.
  std::string clamp(std::string x, std::optional<float> min,
                    std::optional<float> max);

  /// Names the value `name` as the graph's output `output`.
  void addOutput(const std::string &name, llvm::StringRef output);
  /// Applies what addOutput asked for.
  void finish();

private:
  std::string shared(const reference::Tensor &tensor, llvm::StringRef base);

  ::onnx::GraphProto &graph;
  llvm::DenseMap<mlir::Value, std::string> names;
  llvm::StringSet<> taken, takenNodes, produced;
  std::map<std::pair<int, std::string>, std::string> sharedTensors;
  llvm::StringMap<std::string> renamed;
  std::string nodeName;
  bool isFirst = true;
};

void setAttribute(::onnx::NodeProto &node, llvm::StringRef name, int64_t value);
void setAttribute(::onnx::NodeProto &node, llvm::StringRef name, float value);
void setAttribute(::onnx::NodeProto &node, llvm::StringRef name,
                  llvm::StringRef value);
void setAttribute(::onnx::NodeProto &node, llvm::StringRef name,
                  llvm::ArrayRef<int64_t> values);

/// ONNX's number of an element type.
int32_t dataTypeOf(reference::DType dtype);

/// Writes the nodes of one op; returns an empty string or what is wrong.
using Emitter = std::function<std::string(GraphWriter &, mlir::Operation *)>;
using EmitterTable = llvm::StringMap<Emitter>;

template <typename Op, typename Function>
void addEmitter(EmitterTable &table, Function function) {
  table[Op::getOperationName()] = [function](GraphWriter &writer,
                                             mlir::Operation *op) {
    return function(writer, llvm::cast<Op>(op));
  };
}

void addOnnxEmitters(EmitterTable &table);
void addShiftEmitters(EmitterTable &table);

/// The first opset that has the form of an op that its emitter writes, 13 for
/// most.
int64_t requiredOpset(mlir::Operation *op, ExportedActivations activations);

/// GroupNormalization of opset 13: Reshape, InstanceNormalization, Reshape,
/// Mul, Add. `shape` is x's.
std::string groupNormalization(GraphWriter &writer, const std::string &x,
                               const std::string &scale,
                               const std::string &bias, float epsilon,
                               int64_t groups, llvm::ArrayRef<int64_t> shape);

} // namespace shift::onnx_export

#endif // LIB_TARGET_ONNX_GRAPHWRITER_H
