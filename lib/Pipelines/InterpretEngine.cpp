//===- InterpretEngine.cpp - The interpreter behind the Engine ------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/Engine.h"
#include "shift/Pipelines/ModuleInfo.h"
#include "shift/Reference/Interpreter.h"

using namespace llvm;
using namespace mlir;

namespace shift::pipelines {
namespace {

class InterpretEngine : public Engine {
public:
  InterpretEngine(ModuleOp module, reference::Interpreter interpreter)
      : module(module), interpreter(std::move(interpreter)) {}

  Error initialize() {
    detectorText = getDetector(module);
    imageInputText = getImageInput(module);
    auto main = module.lookupSymbol<func::FuncOp>("main");
    auto describe = [](StringRef name, Type type, TensorInfo &info) -> Error {
      std::optional<reference::Tensor> tensor = reference::makeTensor(type);
      if (!tensor)
        return makeError("'" + name +
                         "' has an element type that cannot be "
                         "read or written");
      info = {name.str(), codeOf(tensor->dtype), tensor->shape};
      return Error::success();
    };
    for (auto [name, type] : zip_equal(interpreter.inputNames(),
                                       main.getFunctionType().getInputs()))
      if (Error error = describe(name, type, inputInfo.emplace_back()))
        return error;
    for (auto [name, type] : zip_equal(interpreter.outputNames(),
                                       main.getFunctionType().getResults()))
      if (Error error = describe(name, type, outputInfo.emplace_back()))
        return error;
    return Error::success();
  }

  Expected<std::vector<NpyArray>> run(ArrayRef<NpyArray> arrays) override {
    if (arrays.size() != inputInfo.size())
      return makeError("expected " + Twine(inputInfo.size()) + " inputs, got " +
                       Twine(arrays.size()));
    std::vector<reference::Tensor> arguments;
    for (auto [info, array] : zip_equal(inputInfo, arrays)) {
      if (array.dtype != info.dtype || array.shape != info.shape)
        return makeError("input '" + info.name +
                         "' has another type or shape than the model's");
      reference::Tensor tensor(dtypeOf(array.dtype), array.shape);
      tensor.bytes = array.bytes;
      arguments.push_back(std::move(tensor));
    }
    Expected<std::vector<reference::Tensor>> values =
        interpreter.run(arguments);
    if (!values)
      return values.takeError();
    std::vector<NpyArray> results;
    for (reference::Tensor &tensor : *values)
      results.push_back(
          {codeOf(tensor.dtype), tensor.shape, std::move(tensor.bytes)});
    return results;
  }

  Error observe(ArrayRef<NpyArray> arrays, Observer observer) override {
    llvm::DenseMap<Operation *, int64_t> ids = numberValues(module);
    interpreter.setObserver(
        [&](Operation *op, unsigned result, const reference::Tensor &tensor) {
          std::string dtype = codeOf(tensor.dtype);
          observer({ids.lookup(op) + result, dtype, tensor.bytes.data(),
                    tensor.size()});
        });
    Error error = run(arrays).takeError();
    interpreter.setObserver(nullptr);
    return error;
  }

private:
  static std::string codeOf(reference::DType dtype) {
    for (const auto &[type, code] : codes())
      if (type == dtype)
        return code;
    return "?";
  }
  static reference::DType dtypeOf(StringRef wanted) {
    for (const auto &[type, code] : codes())
      if (wanted == code)
        return type;
    return reference::DType::F32;
  }
  static ArrayRef<std::pair<reference::DType, const char *>> codes() {
    using reference::DType;
    static const std::pair<DType, const char *> table[] = {
        {DType::F32, "<f4"}, {DType::F64, "<f8"}, {DType::I8, "|i1"},
        {DType::U8, "|u1"},  {DType::I16, "<i2"}, {DType::U16, "<u2"},
        {DType::I32, "<i4"}, {DType::U32, "<u4"}, {DType::I64, "<i8"},
        {DType::U64, "<u8"}, {DType::Bool, "|b1"}};
    return table;
  }

  ModuleOp module;
  reference::Interpreter interpreter;
};

} // namespace

Expected<std::unique_ptr<Engine>> interpretEngine(ModuleOp module) {
  Expected<reference::Interpreter> interpreter =
      reference::Interpreter::create(module);
  if (!interpreter)
    return interpreter.takeError();
  auto engine =
      std::make_unique<InterpretEngine>(module, std::move(*interpreter));
  if (Error error = engine->initialize())
    return std::move(error);
  return std::unique_ptr<Engine>(std::move(engine));
}

} // namespace shift::pipelines
