//===- NodeImporter.cpp - One ONNX node on its way to ops -----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "NodeImporter.h"
#include "shift/Reference/Interpreter.h"
#include "shift/Reference/Kernels.h"

#include "mlir/IR/Verifier.h"

using llvm::StringRef;
using llvm::Twine;
using mlir::NamedAttribute;
using mlir::Operation;
using mlir::Value;
using shift::reference::DType;
using shift::reference::Tensor;
#include "mlir/IR/TypeUtilities.h"

namespace shift::import {

/// Constants beyond this are data, not shape arithmetic.
constexpr int64_t maxFolded = 4096;
/// Float parameters (the vectors of a batch norm, say) stay for the passes.
constexpr int64_t maxFoldedFloats = 8;

NodeImporter::NodeImporter(proto::NodeProto &node, int64_t opset,
                           llvm::ArrayRef<Value> inputs, StringRef folder,
                           mlir::OpBuilder &builder, bool folds)
    : node(node), opset(opset), builder(builder),
      loc(mlir::NameLoc::get(builder.getStringAttr(node.name()))),
      inputs(inputs), folder(folder), folds(folds) {}

void NodeImporter::fail(const Twine &message) {
  if (error.empty())
    error = message.str();
}

const proto::AttributeProto *NodeImporter::find(StringRef name) const {
  for (const auto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

const proto::AttributeProto *NodeImporter::find(StringRef name, int32_t type) {
  const proto::AttributeProto *attribute = find(name);
  if (!attribute || attribute->type() == type)
    return attribute;
  auto typeName = [](int32_t value) {
    return StringRef(proto::AttributeProto_AttributeType_Name(
                         proto::AttributeProto_AttributeType(value)))
        .lower();
  };
  fail("attribute '" + name + "': expected type " + typeName(type) + ", got " +
       typeName(attribute->type()));
  return nullptr;
}

int64_t NodeImporter::intAttr(StringRef name, int64_t otherwise) {
  auto *attribute = find(name, proto::AttributeProto::INT);
  return attribute ? attribute->i() : otherwise;
}

float NodeImporter::floatAttr(StringRef name, float otherwise) {
  auto *attribute = find(name, proto::AttributeProto::FLOAT);
  return attribute ? attribute->f() : otherwise;
}

std::string NodeImporter::stringAttr(StringRef name, StringRef otherwise) {
  auto *attribute = find(name, proto::AttributeProto::STRING);
  return attribute ? attribute->s() : otherwise.str();
}

Ints NodeImporter::intsAttr(StringRef name, Ints otherwise) {
  auto *attribute = find(name, proto::AttributeProto::INTS);
  return attribute ? Ints(attribute->ints().begin(), attribute->ints().end())
                   : otherwise;
}

Floats NodeImporter::floatsAttr(StringRef name) {
  auto *attribute = find(name, proto::AttributeProto::FLOATS);
  return attribute
             ? Floats(attribute->floats().begin(), attribute->floats().end())
             : Floats();
}

mlir::ElementsAttr NodeImporter::tensorAttr(StringRef name) {
  if (!find(name, proto::AttributeProto::TENSOR))
    return {};
  for (auto &attribute : *node.mutable_attribute()) {
    if (attribute.name() != name)
      continue;
    auto value =
        tensorAttribute(*attribute.mutable_t(), folder, builder.getContext());
    if (value)
      return *value;
    fail("attribute '" + name + "': " + llvm::toString(value.takeError()));
    break;
  }
  return {};
}

std::optional<Tensor> NodeImporter::constantTensor(Value value) {
  auto constant = value ? value.getDefiningOp<dialect::ConstantOp>()
                        : dialect::ConstantOp();
  if (!constant || constant.getValue().getNumElements() > maxFolded)
    return std::nullopt;
  auto tensor = reference::tensorOf(constant.getValue());
  if (tensor)
    return std::move(*tensor);
  llvm::consumeError(tensor.takeError());
  return std::nullopt;
}

std::optional<Tensor> NodeImporter::requireTensor(size_t i, StringRef what) {
  auto tensor = constantTensor(input(i));
  if (tensor || failed())
    return tensor;
  if (!has(i))
    fail("expected input " + Twine(i) + " (" + what + "), got none");
  else if (input(i).getDefiningOp<dialect::ConstantOp>())
    fail("expected " + what + " of at most " + Twine(maxFolded) + " elements");
  else
    fail("expected " + what +
         " known at import, got a value computed from an input; export the "
         "model with static shapes (constant folding on) or cut it before "
         "this node with --outputs");
  return std::nullopt;
}

Ints NodeImporter::constantInts(size_t i, StringRef what) {
  auto tensor = requireTensor(i, what);
  if (!tensor)
    return {};
  if (tensor->dtype != DType::I64 && tensor->dtype != DType::I32) {
    fail("expected " + what + " of type INT64 or INT32, got " +
         reference::dtypeName(tensor->dtype));
    return {};
  }
  Tensor wide = reference::cast(*tensor, DType::I64);
  return Ints(wide.data<int64_t>(), wide.data<int64_t>() + wide.size());
}

Floats NodeImporter::constantFloats(size_t i, StringRef what) {
  auto tensor = requireTensor(i, what);
  if (!tensor)
    return {};
  if (tensor->dtype != DType::F32) {
    fail("expected " + what + " of type FLOAT, got " +
         reference::dtypeName(tensor->dtype));
    return {};
  }
  return Floats(tensor->data<float>(), tensor->data<float>() + tensor->size());
}

mlir::TypedAttr NodeImporter::constantScalar(size_t i, StringRef what) {
  if (!has(i))
    return {};
  auto tensor = requireTensor(i, what);
  if (!tensor)
    return {};
  if (tensor->size() != 1) {
    fail("expected one element as " + what + ", got " + Twine(tensor->size()));
    return {};
  }
  mlir::Type type = elementOf(input(i));
  if (tensor->dtype == DType::F32)
    return mlir::FloatAttr::get(type, *tensor->data<float>());
  // Through the bits: unsigned values may not fit int64_t.
  uint64_t bits = 0;
  std::memcpy(&bits, tensor->bytes.data(), tensor->bytes.size());
  return mlir::IntegerAttr::get(
      type, llvm::APInt(type.getIntOrFloatBitWidth(), bits,
                        /*isSigned=*/false, /*implicitTrunc=*/true));
}

int64_t NodeImporter::axisOf(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) {
    fail("expected axis in [" + Twine(-rank) + ", " + Twine(rank) + "), got " +
         Twine(axis));
    return 0;
  }
  return axis < 0 ? axis + rank : axis;
}

Ints NodeImporter::axesOf(Ints axes, int64_t rank) {
  for (int64_t &axis : axes)
    axis = axisOf(axis, rank);
  llvm::sort(axes);
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end())
    fail("expected each axis once");
  return axes;
}

NamedAttribute NodeImporter::ints(StringRef name, llvm::ArrayRef<int64_t> v) {
  return builder.getNamedAttr(name, builder.getDenseI64ArrayAttr(v));
}
NamedAttribute NodeImporter::floats(StringRef name, llvm::ArrayRef<float> v) {
  return builder.getNamedAttr(name, builder.getDenseF32ArrayAttr(v));
}
NamedAttribute NodeImporter::integer(StringRef name, int64_t value) {
  return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
}
NamedAttribute NodeImporter::number(StringRef name, float value) {
  return builder.getNamedAttr(name, builder.getF32FloatAttr(value));
}
NamedAttribute NodeImporter::string(StringRef name, StringRef value) {
  return builder.getNamedAttr(name, builder.getStringAttr(value));
}

mlir::DictionaryAttr NodeImporter::dictionary(Attributes attrs) {
  mlir::NamedAttrList list(attrs);
  list.set("node_name", builder.getStringAttr(node.name()));
  return list.getDictionary(builder.getContext());
}

bool NodeImporter::guarded(llvm::function_ref<mlir::LogicalResult()> step) {
  std::string message;
  mlir::ScopedDiagnosticHandler handler(
      builder.getContext(), [&](mlir::Diagnostic &diagnostic) {
        if (message.empty() &&
            diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
          message = diagnostic.str();
        return mlir::success();
      });
  if (mlir::succeeded(step()))
    return true;
  // The op's own name is in the failure's prefix already.
  StringRef text(message);
  if (text.consume_front("'onnx."))
    text = text.split("' op ").second;
  fail(text.empty() ? StringRef("invalid operands or attributes") : text);
  return false;
}

/// Whether `op` is shape arithmetic: constants in, a constant out.
static bool shouldFold(Operation *op) {
  auto isSmall = [](Value value) {
    auto type = llvm::cast<mlir::RankedTensorType>(value.getType());
    return type.getNumElements() <=
           (type.getElementType().isF32() ? maxFoldedFloats : maxFolded);
  };
  auto isConstant = [&](Value value) {
    return isSmall(value) && value.getDefiningOp<dialect::ConstantOp>();
  };
  return op->getNumResults() == 1 && isSmall(op->getResult(0)) &&
         llvm::all_of(op->getOperands(), isConstant);
}

Operation *NodeImporter::finish(StringRef name, mlir::ValueRange operands,
                                mlir::DictionaryAttr attrs,
                                llvm::ArrayRef<mlir::Type> types) {
  for (mlir::Type type : types) {
    auto checked =
        tensorType(llvm::cast<mlir::RankedTensorType>(type).getShape(),
                   mlir::getElementTypeOrSelf(type));
    if (!checked) {
      fail("result: " + llvm::toString(checked.takeError()));
      return nullptr;
    }
  }
  mlir::OperationState state(loc, name, operands, types, attrs.getValue());
  Operation *op = builder.create(state);
  if (!guarded([&] { return mlir::verify(op); })) {
    op->erase();
    return nullptr;
  }
  if (!folds || !shouldFold(op))
    return op;
  Value folded = fold(op->getResult(0));
  return folded ? folded.getDefiningOp() : nullptr;
}

Value NodeImporter::makeOp(StringRef name, mlir::ValueRange operands,
                           Attributes attrs, llvm::ArrayRef<int64_t> shape,
                           mlir::Type element) {
  if (failed())
    return {};
  auto type = tensorType(shape, element);
  if (!type) {
    fail("result: " + llvm::toString(type.takeError()));
    return {};
  }
  Operation *op = finish(name, operands, dictionary(attrs), {*type});
  return op ? op->getResult(0) : Value();
}

Value NodeImporter::fold(Value value) {
  if (failed() || !value)
    return {};
  Operation *op = value.getDefiningOp();
  std::vector<Tensor> tensors;
  for (Value operand : op->getOperands()) {
    auto tensor = constantTensor(operand);
    if (!tensor)
      return value;
    tensors.push_back(std::move(*tensor));
  }
  llvm::SmallVector<const Tensor *> pointers;
  for (const Tensor &tensor : tensors)
    pointers.push_back(&tensor);
  auto values = reference::evaluate(op, pointers);
  mlir::Type element = elementOf(value);
  op->erase();
  if (!values) {
    fail(llvm::toString(values.takeError()));
    return {};
  }
  return constantOfTensor(values->front(), element);
}

Value NodeImporter::constant(mlir::ElementsAttr value, StringRef name) {
  if (failed() || !value)
    return {};
  return dialect::ConstantOp::create(builder, loc, value.getShapedType(), value,
                                     name.empty() ? mlir::StringAttr()
                                                  : builder.getStringAttr(name),
                                     /*node_name=*/nullptr);
}

Value NodeImporter::constantOfTensor(const Tensor &tensor, mlir::Type element) {
  auto type = tensorType(tensor.shape, element);
  if (!type) {
    fail("result: " + llvm::toString(type.takeError()));
    return {};
  }
  return constant(reference::attributeOf(tensor, *type, "constant"));
}

} // namespace shift::import
