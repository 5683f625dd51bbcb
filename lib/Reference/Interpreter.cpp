//===- Interpreter.cpp - Runs modules op by op ----------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Reference/Interpreter.h"
#include "Evaluation.h"
#include "dialects/ONNX/IR/ONNXPorts.h"
#include "dialects/Shift/IR/ShiftWeights.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace shift::reference;

std::optional<DType> shift::reference::storageType(mlir::Type type) {
  type = mlir::getElementTypeOrSelf(type);
  if (type.isF32())
    return DType::F32;
  if (type.isF64())
    return DType::F64;
  bool isUnsigned = type.isUnsignedInteger();
  if (auto fixed = llvm::dyn_cast<mlir::quant::QuantizedType>(type)) {
    isUnsigned = !fixed.isSigned();
    type = fixed.getStorageType();
  }
  if (!llvm::isa<mlir::IntegerType>(type))
    return std::nullopt;
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return DType::Bool;
  case 8:
    return isUnsigned ? DType::U8 : DType::I8;
  case 16:
    return isUnsigned ? DType::U16 : DType::I16;
  case 32:
    return isUnsigned ? DType::U32 : DType::I32;
  case 64:
    return isUnsigned ? DType::U64 : DType::I64;
  default:
    return std::nullopt;
  }
}

std::optional<Tensor> shift::reference::makeTensor(mlir::Type type) {
  auto shaped = llvm::dyn_cast<mlir::RankedTensorType>(type);
  if (!shaped || !shaped.hasStaticShape())
    return std::nullopt;
  Shape shape = toShape(shaped.getShape());
  if (auto pow2 =
          llvm::dyn_cast<mlir::shift::Pow2Type>(shaped.getElementType())) {
    shape.push_back(pow2.getTerms());
    shape.push_back(2);
    return Tensor(DType::I8, shape);
  }
  std::optional<DType> dtype = storageType(type);
  if (!dtype)
    return std::nullopt;
  return Tensor(*dtype, shape);
}

llvm::Expected<Tensor> shift::reference::tensorOf(mlir::ElementsAttr attr) {
  std::string type = llvm::formatv("{0}", mlir::Type(attr.getShapedType()));
  std::optional<Tensor> tensor = makeTensor(attr.getShapedType());
  if (!tensor)
    return llvm::createStringError("expected float32, float64 or integer "
                                   "elements, got " +
                                   type);
  if (tensor->size() == 0)
    return std::move(*tensor);
  if (tensor->dtype == DType::Bool) {
    // The only type whose stored form is not one value a byte.
    auto values = attr.tryGetValues<bool>();
    if (!values)
      return llvm::createStringError("expected dense bool values in " + type);
    std::copy(values->begin(), values->end(), tensor->data<bool>());
    return std::move(*tensor);
  }
  std::vector<uint8_t> bytes = mlir::shift::getRawBytes(attr);
  if (bytes.size() != tensor->bytes.size())
    return llvm::createStringError(
        "expected the data of " + type +
        ", got none; it was elided when the file was printed");
  tensor->bytes = std::move(bytes);
  return std::move(*tensor);
}

mlir::ElementsAttr shift::reference::attributeOf(const Tensor &tensor,
                                                 mlir::ShapedType type,
                                                 llvm::StringRef name) {
  auto ranked = llvm::cast<mlir::RankedTensorType>(type);
  if (tensor.dtype == DType::Bool)
    return mlir::DenseElementsAttr::get(
        ranked, llvm::ArrayRef(tensor.data<bool>(), tensor.size()));
  llvm::ArrayRef<char> bytes(
      reinterpret_cast<const char *>(tensor.bytes.data()), tensor.bytes.size());
  return mlir::shift::getBlobAttr(ranked, bytes, name);
}

std::string shift::reference::expectFloat(Inputs inputs) {
  for (const Tensor *input : inputs)
    if (input->dtype != DType::F32)
      return std::string("expected float32 operands, got ") +
             dtypeName(input->dtype);
  return {};
}

std::optional<Tensor> shift::reference::scalarOf(mlir::Attribute attr,
                                                 DType dtype) {
  if (auto real = llvm::dyn_cast<mlir::FloatAttr>(attr))
    return cast(Tensor::of<double>({}, {real.getValueAsDouble()}), dtype);
  auto whole = llvm::dyn_cast<mlir::IntegerAttr>(attr);
  if (!whole)
    return std::nullopt;
  llvm::APInt number = whole.getValue();
  bool isSigned =
      !whole.getType().isUnsignedInteger() && number.getBitWidth() > 1;
  if (isSigned)
    return cast(Tensor::of<int64_t>({}, {number.getSExtValue()}), dtype);
  return cast(Tensor::of<uint64_t>({}, {number.getZExtValue()}), dtype);
}

static const EvaluatorTable &evaluators() {
  static const EvaluatorTable table = [] {
    EvaluatorTable made;
    addOnnxMathEvaluators(made);
    addOnnxNeuralEvaluators(made);
    addOnnxTensorEvaluators(made);
    addShiftEvaluators(made);
    addGradientEvaluators(made);
    return made;
  }();
  return table;
}

bool shift::reference::canEvaluate(mlir::Operation *op) {
  return evaluators().contains(op->getName().getStringRef());
}

llvm::Expected<llvm::SmallVector<Tensor>>
shift::reference::evaluate(mlir::Operation *op, Inputs inputs) {
  std::string where = ("'" + op->getName().getStringRef() + "'").str();
  if (auto node = op->getAttrOfType<mlir::StringAttr>("node_name"))
    where += (" (node '" + node.getValue() + "')").str();
  auto evaluator = evaluators().find(op->getName().getStringRef());
  if (evaluator == evaluators().end())
    return llvm::createStringError(where + ": no reference kernel for this op");
  // Shift weights have their own form; everything else its type's.
  Results results;
  std::string error = evaluator->second(op, inputs, results);
  if (!error.empty())
    return llvm::createStringError(where + ": " + error);
  return results;
}

llvm::Expected<Interpreter> Interpreter::create(mlir::ModuleOp module) {
  auto function = module.lookupSymbol<mlir::func::FuncOp>("main");
  if (!function || !llvm::hasSingleElement(function.getBody()))
    return llvm::createStringError(
        "expected a module with a function @main of one block");
  for (mlir::Type type : llvm::concat<const mlir::Type>(
           function.getArgumentTypes(), function.getResultTypes()))
    if (!llvm::isa<mlir::RankedTensorType>(type))
      return llvm::createStringError(
          llvm::formatv("expected tensors as inputs and outputs of @main, got "
                        "{0}",
                        type)
              .str());
  Interpreter interpreter;
  interpreter.main = function;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    interpreter.inputs.push_back(mlir::onnx::getInputName(function, i));
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    interpreter.outputs.push_back(mlir::onnx::getOutputName(function, i));
  return interpreter;
}

mlir::Type Interpreter::inputType(unsigned i) const {
  return llvm::cast<mlir::func::FuncOp>(main).getArgumentTypes()[i];
}

static std::string describe(const Tensor &tensor) {
  std::string text;
  for (int64_t dim : tensor.shape)
    text += std::to_string(dim) + "x";
  return text + dtypeName(tensor.dtype);
}

/// Everything that makes a fixed-point tensor saturates to the format's range,
/// which may be narrower than its storage; an input has to keep it too.
static llvm::Error checkRange(const std::string &name,
                              const shift::FixedPoint &format,
                              const Tensor &tensor) {
  int64_t bad = 0;
  bool isBad = false;
  dispatch(tensor.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (T element : llvm::ArrayRef(tensor.data<T>(), tensor.size())) {
      auto value = static_cast<int64_t>(element);
      if (isBad || (value >= format.qMin() && value <= format.qMax()))
        continue;
      isBad = true;
      bad = value;
    }
  });
  if (!isBad)
    return llvm::Error::success();
  return llvm::createStringError(
      llvm::formatv("input '{0}': expected integers of {1} to {2}, got {3}",
                    name, format.qMin(), format.qMax(), bad)
          .str());
}

/// Terms of weights that are an argument: as shift.weight's constraint c4 has
/// them.
static llvm::Error checkTerms(const std::string &name,
                              mlir::shift::Pow2Type type,
                              const Tensor &tensor) {
  const int8_t *pair = tensor.data<int8_t>();
  for (int64_t i = 0; i < tensor.size() / 2; ++i, pair += 2) {
    const int sign = pair[0], exponent = pair[1];
    const bool isTerm = sign == 1 || sign == -1;
    const bool hasPrevious = i % type.getTerms() != 0;
    if ((sign == 0 && exponent == 0) ||
        (isTerm && exponent >= type.getLo() && exponent <= type.getHi() &&
         (!hasPrevious || (pair[-2] != 0 && exponent < pair[-1]))))
      continue;
    return llvm::createStringError(
        llvm::formatv("input '{0}': expected pairs of a sign and an exponent "
                      "of {1} to {2}, falling from term to term, got ({3}, "
                      "{4}) as term {5}",
                      name, type.getLo(), type.getHi(), sign, exponent, i)
            .str());
  }
  return llvm::Error::success();
}

/// Checks one argument against the type of @main's.
static llvm::Error checkArgument(const std::string &name, mlir::Type type,
                                 const Tensor &tensor) {
  std::optional<Tensor> expected = makeTensor(type);
  if (!expected)
    return llvm::createStringError(
        llvm::formatv("input '{0}': unsupported type {1}", name, type).str());
  if (expected->dtype == tensor.dtype && expected->shape == tensor.shape &&
      expected->bytes.size() == tensor.bytes.size()) {
    if (auto pow2 = llvm::dyn_cast<mlir::shift::Pow2Type>(
            mlir::getElementTypeOrSelf(type)))
      return checkTerms(name, pow2, tensor);
    std::optional<shift::FixedPoint> format = mlir::shift::getFixedPoint(type);
    return format && format->bits < format->storageBits
               ? checkRange(name, *format, tensor)
               : llvm::Error::success();
  }
  return llvm::createStringError("input '" + name + "': expected " +
                                 describe(*expected) + ", got " +
                                 describe(tensor));
}

namespace {
/// Values that are still to be read, each with the number of reads left.
class LiveValues {
public:
  void define(mlir::Value value, Tensor tensor) {
    int64_t uses = std::distance(value.use_begin(), value.use_end());
    if (uses > 0)
      values[value] = {std::make_unique<Tensor>(std::move(tensor)), uses};
  }

  const Tensor *lookup(mlir::Value value) {
    return values.find(value)->second.tensor.get();
  }

  void release(mlir::Value value) {
    auto entry = values.find(value);
    if (--entry->second.uses == 0)
      values.erase(entry);
  }

private:
  struct Entry {
    std::unique_ptr<Tensor> tensor;
    int64_t uses = 0;
  };
  llvm::DenseMap<mlir::Value, Entry> values;
};
} // namespace

llvm::Expected<std::vector<Tensor>>
Interpreter::run(llvm::ArrayRef<Tensor> arguments) {
  mlir::Block &block = llvm::cast<mlir::func::FuncOp>(main).front();
  if (arguments.size() != block.getNumArguments())
    return llvm::createStringError(llvm::formatv("expected {0} inputs, got {1}",
                                                 block.getNumArguments(),
                                                 arguments.size())
                                       .str());
  LiveValues live;
  for (auto [i, value] : llvm::enumerate(block.getArguments())) {
    if (llvm::Error error =
            checkArgument(inputs[i], value.getType(), arguments[i]))
      return std::move(error);
    live.define(value, arguments[i]);
  }
  int64_t total = block.getOperations().size() - 1, done = 0;
  for (mlir::Operation &op : block.without_terminator()) {
    if (progress)
      progress(done, total, &op);
    ++done;
    llvm::SmallVector<const Tensor *> operands;
    for (mlir::Value operand : op.getOperands())
      operands.push_back(live.lookup(operand));
    llvm::Expected<Results> results = evaluate(&op, operands);
    if (!results)
      return results.takeError();
    for (auto [i, value] : llvm::enumerate(op.getResults())) {
      if (observer)
        observer(&op, i, (*results)[i]);
      live.define(value, std::move((*results)[i]));
    }
    for (mlir::Value operand : op.getOperands())
      live.release(operand);
  }
  std::vector<Tensor> returned;
  for (mlir::Value value : block.getTerminator()->getOperands())
    returned.push_back(*live.lookup(value));
  return returned;
}
