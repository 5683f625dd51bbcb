//===- NodeImporter.h - One ONNX node on its way to ops ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// What a handler sees of its node: inputs, attributes, compile-time constants
// and the creation of checked ops. The first failure is kept and every later
// step becomes a no-op that gives harmless defaults, so that handlers read like
// the specification; the caller looks at the failure once.
//===----------------------------------------------------------------------===//
#ifndef LIB_IMPORT_ONNX_NODEIMPORTER_H
#define LIB_IMPORT_ONNX_NODEIMPORTER_H

#include "ONNXTypes.h"
#include "shift/Reference/Tensor.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <optional>

namespace shift::import {

using Ints = llvm::SmallVector<int64_t>;
using Floats = llvm::SmallVector<float>;
using Attributes = llvm::ArrayRef<mlir::NamedAttribute>;

class NodeImporter {
public:
  /// `inputs` has a null value where the node has an empty name; `folds` lets
  /// ops on small constants become constants.
  NodeImporter(proto::NodeProto &node, int64_t opset,
               llvm::ArrayRef<mlir::Value> inputs, llvm::StringRef folder,
               mlir::OpBuilder &builder, bool folds);

  proto::NodeProto &node;
  const int64_t opset;
  mlir::OpBuilder &builder;
  const mlir::Location loc;

  /// Keeps `message` if nothing has failed before.
  void fail(const llvm::Twine &message);
  bool failed() const { return !error.empty(); }
  const std::string &failure() const { return error; }

  /// Inputs; absent ones are null. Those that the registry demands are there.
  mlir::Value input(size_t i) const {
    return i < inputs.size() ? inputs[i] : mlir::Value();
  }
  llvm::ArrayRef<mlir::Value> allInputs() const { return inputs; }
  bool has(size_t i) const { return bool(input(i)); }

  /// Attributes, with ONNX's defaults; another type than asked for fails.
  bool hasAttr(llvm::StringRef name) const { return find(name) != nullptr; }
  int64_t intAttr(llvm::StringRef name, int64_t otherwise);
  float floatAttr(llvm::StringRef name, float otherwise);
  std::string stringAttr(llvm::StringRef name, llvm::StringRef otherwise);
  Ints intsAttr(llvm::StringRef name, Ints otherwise = {});
  Floats floatsAttr(llvm::StringRef name);
  /// A tensor attribute, or null where absent.
  mlir::ElementsAttr tensorAttr(llvm::StringRef name);

  /// The elements of input `i`, which must be known at import; `what` names it
  /// in messages.
  Ints constantInts(size_t i, llvm::StringRef what);
  Floats constantFloats(size_t i, llvm::StringRef what);
  /// The one element of input `i` as an attribute of its type, or null where
  /// the input is absent.
  mlir::TypedAttr constantScalar(size_t i, llvm::StringRef what);
  /// The elements of a value that is a constant of at most 4096 elements.
  static std::optional<reference::Tensor> constantTensor(mlir::Value value);
  /// As constantTensor for input `i`, or a failure.
  std::optional<reference::Tensor> requireTensor(size_t i,
                                                 llvm::StringRef what);

  /// `axis` counted from the front; fails outside of [-rank, rank).
  int64_t axisOf(int64_t axis, int64_t rank);
  /// The same for a list, sorted; duplicates fail.
  Ints axesOf(Ints axes, int64_t rank);

  /// A verified op whose type follows from operands and attributes, or null.
  template <typename Op>
  mlir::Value infer(mlir::ValueRange operands, Attributes attrs = {}) {
    mlir::Operation *op = inferOp<Op>(operands, attrs);
    return op ? op->getResult(0) : mlir::Value();
  }
  /// The same for ops of several results.
  template <typename Op>
  mlir::Operation *inferOp(mlir::ValueRange operands, Attributes attrs);
  /// A verified op with this result shape and element type, or null.
  template <typename Op>
  mlir::Value make(mlir::ValueRange operands, Attributes attrs,
                   llvm::ArrayRef<int64_t> shape, mlir::Type element) {
    return makeOp(Op::getOperationName(), operands, attrs, shape, element);
  }
  mlir::Value constant(mlir::ElementsAttr value, llvm::StringRef name = {});
  mlir::Value constantOfTensor(const reference::Tensor &tensor,
                               mlir::Type element);

  mlir::NamedAttribute ints(llvm::StringRef name, llvm::ArrayRef<int64_t> v);
  mlir::NamedAttribute floats(llvm::StringRef name, llvm::ArrayRef<float> v);
  mlir::NamedAttribute integer(llvm::StringRef name, int64_t value);
  mlir::NamedAttribute number(llvm::StringRef name, float value);
  mlir::NamedAttribute string(llvm::StringRef name, llvm::StringRef value);

  /// Sets the outputs, in order from 0.
  void result(mlir::Value value) { results.push_back(value); }
  llvm::ArrayRef<mlir::Value> outputs() const { return results; }

  /// `value`, or the constant that its op computes from small constants.
  mlir::Value fold(mlir::Value value);

private:
  const proto::AttributeProto *find(llvm::StringRef name) const;
  const proto::AttributeProto *find(llvm::StringRef name, int32_t type);
  mlir::Value makeOp(llvm::StringRef name, mlir::ValueRange operands,
                     Attributes attrs, llvm::ArrayRef<int64_t> shape,
                     mlir::Type element);
  mlir::Operation *finish(llvm::StringRef name, mlir::ValueRange operands,
                          mlir::DictionaryAttr attrs,
                          llvm::ArrayRef<mlir::Type> types);
  mlir::DictionaryAttr dictionary(Attributes attrs);
  /// Runs `step`; its first error diagnostic becomes the node's failure.
  bool guarded(llvm::function_ref<mlir::LogicalResult()> step);

  llvm::SmallVector<mlir::Value> inputs, results;
  std::string folder, error;
  bool folds;
};

template <typename Op>
mlir::Operation *NodeImporter::inferOp(mlir::ValueRange operands,
                                       Attributes attrs) {
  if (failed())
    return nullptr;
  mlir::DictionaryAttr dict = dictionary(attrs);
  typename Op::Properties properties;
  llvm::SmallVector<mlir::Type> types;
  auto emit = [&] { return mlir::emitError(loc); };
  bool isRight = guarded([&]() -> mlir::LogicalResult {
    if (mlir::failed(Op::setPropertiesFromAttr(properties, dict, emit)))
      return mlir::failure();
    return Op::inferReturnTypes(builder.getContext(), loc, operands, dict,
                                &properties, {}, types);
  });
  return isRight ? finish(Op::getOperationName(), operands, dict, types)
                 : nullptr;
}

inline int64_t rankOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getRank();
}
inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape();
}
inline mlir::Type elementOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getElementType();
}

} // namespace shift::import

#endif // LIB_IMPORT_ONNX_NODEIMPORTER_H
