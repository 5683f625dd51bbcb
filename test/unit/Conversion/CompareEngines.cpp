//===- CompareEngines.cpp - Compiled code against the interpreter ---------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "CompareEngines.h"
#include "GuardedRun.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "lib/Runtime/Core/Cpu.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "shift/Runtime/ShiftRuntime.h"
#include "llvm/Support/FileSystem.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>

using namespace mlir;
using ::shift::reference::DType;
using ::shift::reference::Tensor;

namespace shift::test {

cpu::CPUOptions machineOptions() {
  cpu::CPUOptions options;
  llvm::erase_if(options.isas, [](const std::string &isa) {
    return *rt::findIsa(isa) > rt::detectIsa();
  });
  return options;
}

std::unique_ptr<MLIRContext> createContext() {
  auto context = std::make_unique<MLIRContext>();
  context->loadDialect<func::FuncDialect, onnx::ONNXDialect,
                       mlir::shift::ShiftDialect, quant::QuantDialect>();
  return context;
}

static float randomFloat(std::mt19937 &random) {
  std::normal_distribution<float> normal;
  float value = normal(random);
  switch (random() % 24) {
  case 0:
    return 0.0f;
  case 1:
    return -0.0f;
  case 2:
    return value * 1e5f;
  case 3:
    return value * 1e-20f;
  case 4:
    return value * 1e-40f;
  default:
    return value;
  }
}

/// Numbers of every magnitude, the ends of the range, few zeros.
template <typename T>
static T randomInteger(std::mt19937 &random) {
  switch (random() % 8) {
  case 0:
    return std::numeric_limits<T>::lowest();
  case 1:
    return std::numeric_limits<T>::max();
  case 2:
    return static_cast<T>(random() % 7 - 3);
  default:
    return static_cast<T>((uint64_t(random()) << 32 | random()) >>
                          random() % 64);
  }
}

static void fillIntegers(Tensor &tensor, std::mt19937 &random) {
  reference::dispatch(tensor.dtype, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_integral_v<T>)
      for (int64_t i = 0; i < tensor.size(); ++i)
        tensor.data<T>()[i] = randomInteger<T>(random);
  });
}

Tensor randomTensor(Type type, std::mt19937 &random) {
  Tensor tensor = *reference::makeTensor(type);
  if (tensor.dtype != DType::F32 &&
      !mlir::shift::getFixedPoint(
          cast<RankedTensorType>(type).getElementType())) {
    fillIntegers(tensor, random);
    return tensor;
  }
  auto element = cast<RankedTensorType>(type).getElementType();
  std::optional<FixedPoint> format = mlir::shift::getFixedPoint(element);
  if (!format) {
    for (int64_t i = 0; i < tensor.size(); ++i)
      tensor.data<float>()[i] = randomFloat(random);
    return tensor;
  }
  std::uniform_int_distribution<int64_t> any(format->qMin(), format->qMax());
  for (int64_t i = 0; i < tensor.size(); ++i) {
    int64_t q = random() % 8 == 0   ? format->qMin()
                : random() % 8 == 1 ? format->qMax()
                                    : any(random);
    std::memcpy(tensor.bytes.data() + i * format->storageBits / 8, &q,
                format->storageBits / 8);
  }
  return tensor;
}

/// The interpreter's outputs.
static std::vector<Tensor> interpret(ModuleOp module, ArrayRef<Tensor> inputs) {
  auto interpreter = ::shift::reference::Interpreter::create(module);
  if (!interpreter) {
    ADD_FAILURE() << llvm::toString(interpreter.takeError());
    return {};
  }
  auto outputs = interpreter->run(inputs);
  if (!outputs) {
    ADD_FAILURE() << llvm::toString(outputs.takeError());
    return {};
  }
  return std::move(*outputs);
}

/// A tensor as the C API sees it.
static ShiftTensor view(Tensor &tensor, const ShiftTensorInfo &info) {
  EXPECT_EQ(int64_t(tensor.bytes.size()), info.bytes) << info.name;
  return {tensor.bytes.data(), int64_t(tensor.bytes.size()), info.dtype,
          info.rank, info.dims};
}

/// Runs into `outputs`, which have their types.
static ShiftStatus tryModel(ShiftModel *model, std::vector<Tensor> inputs,
                            std::vector<Tensor> &outputs, int threads) {
  std::vector<ShiftTensor> in, out;
  ShiftTensorInfo info;
  for (size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_EQ(shiftModelGetInputInfo(model, i, &info), SHIFT_OK);
    in.push_back(view(inputs[i], info));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    EXPECT_EQ(shiftModelGetOutputInfo(model, i, &info), SHIFT_OK);
    out.push_back(view(outputs[i], info));
  }
  ShiftSessionOptions options{sizeof(ShiftSessionOptions), threads};
  ShiftSession *session = nullptr;
  EXPECT_EQ(shiftSessionCreate(model, &options, &session), SHIFT_OK)
      << shiftGetLastError();
  ShiftStatus status =
      shiftSessionRun(session, in.data(), in.size(), out.data(), out.size());
  shiftSessionFree(session);
  return status;
}

static std::vector<Tensor> emptyLike(const std::vector<Tensor> &like) {
  std::vector<Tensor> outputs;
  for (const Tensor &tensor : like)
    outputs.emplace_back(tensor.dtype, tensor.shape);
  return outputs;
}

static std::vector<Tensor> runModel(ShiftModel *model,
                                    const std::vector<Tensor> &inputs,
                                    const std::vector<Tensor> &like,
                                    int threads) {
  std::vector<Tensor> outputs = emptyLike(like);
  EXPECT_EQ(tryModel(model, inputs, outputs, threads), SHIFT_OK)
      << shiftGetLastError();
  return outputs;
}

/// Index of the first element whose bits differ, -1 if there is none.
static int64_t firstDifference(const Tensor &a, const Tensor &b) {
  int64_t width = ::shift::reference::elementBytes(a.dtype);
  for (int64_t i = 0; i < a.size(); ++i) {
    if (std::memcmp(a.bytes.data() + i * width, b.bytes.data() + i * width,
                    width) == 0)
      continue;
    bool bothNan = a.dtype == DType::F32 && std::isnan(a.data<float>()[i]) &&
                   std::isnan(b.data<float>()[i]);
    if (!bothNan)
      return i;
  }
  return -1;
}

/// The op that makes result `i` of @main, for messages.
static std::string makerOf(ModuleOp module, size_t i) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  Operation *terminator = main.getBody().front().getTerminator();
  std::string text;
  llvm::raw_string_ostream os(text);
  if (Operation *op = terminator->getOperand(i).getDefiningOp())
    op->print(os);
  return text;
}

static std::string valueAt(const Tensor &tensor, int64_t i) {
  if (tensor.dtype == DType::F32)
    return std::to_string(tensor.data<float>()[i]);
  return reference::dispatch(tensor.dtype, [&](auto zero) {
    return std::to_string(tensor.data<decltype(zero)>()[i]);
  });
}

static void compare(ModuleOp module, const std::vector<Tensor> &expected,
                    const std::vector<Tensor> &got, const std::string &where) {
  for (size_t i = 0; i < expected.size(); ++i) {
    int64_t at = firstDifference(expected[i], got[i]);
    if (at >= 0)
      ADD_FAILURE() << where << ", output " << i << ", element " << at << " of "
                    << expected[i].size() << ": expected "
                    << valueAt(expected[i], at) << ", got "
                    << valueAt(got[i], at) << " from " << makerOf(module, i);
  }
}

static std::vector<Tensor> makeInputs(ModuleOp module, uint32_t seed,
                                      Fill fill = Fill::Random) {
  std::mt19937 random(seed);
  std::vector<Tensor> inputs;
  auto main = module.lookupSymbol<func::FuncOp>("main");
  for (Type type : main.getArgumentTypes()) {
    std::optional<FixedPoint> format = mlir::shift::getFixedPoint(
        cast<RankedTensorType>(type).getElementType());
    if (fill == Fill::Random || !format) {
      inputs.push_back(randomTensor(type, random));
      continue;
    }
    Tensor &tensor = inputs.emplace_back(*reference::makeTensor(type));
    int64_t q = fill == Fill::Lowest ? format->qMin() : format->qMax();
    int64_t width = format->storageBits / 8;
    for (int64_t i = 0; i < tensor.size(); ++i)
      std::memcpy(tensor.bytes.data() + i * width, &q, width);
  }
  return inputs;
}

/// Compiles and loads, and calls `use` with each instruction set of `options`
/// that the machine has.
static void
withModels(ModuleOp module, const cpu::CPUOptions &options,
           llvm::function_ref<void(ShiftModel *, const std::string &path,
                                   const std::string &isa)>
               use) {
  SmallString<128> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("compare", "so", path));
  ASSERT_TRUE(succeeded(cpu::compileToSharedLibrary(module, path, options)));
  for (const std::string &isa : options.isas) {
    if (*rt::findIsa(isa) > rt::detectIsa())
      continue;
    setenv("SHIFT_CPU", isa.c_str(), 1);
    ShiftModel *model = nullptr;
    ShiftStatus status = shiftModelLoad(path.c_str(), &model);
    unsetenv("SHIFT_CPU");
    ASSERT_EQ(status, SHIFT_OK) << shiftGetLastError();
    use(model, std::string(path), isa);
    shiftModelFree(model);
  }
  llvm::sys::fs::remove(path);
}

static void compareGuarded(ModuleOp module, const Example &example,
                           const std::string &path, const std::string &isa,
                           const std::string &where) {
  for (GuardedEnd end : {GuardedEnd::Front, GuardedEnd::Back}) {
    std::vector<Tensor> outputs = emptyLike(example.outputs);
    std::string name = where + ", guarded at the " +
                       (end == GuardedEnd::Front ? "front" : "back");
    EXPECT_EQ(runGuarded(path, isa, example.inputs, outputs, end, name), "")
        << name;
    compare(module, example.outputs, outputs, name);
  }
}

ModelComparison::ModelComparison(ModuleOp module, uint32_t seed,
                                 ArrayRef<Fill> fills)
    : module(module) {
  for (Fill fill : fills) {
    std::vector<Tensor> inputs = makeInputs(module, seed, fill);
    std::vector<Tensor> outputs = interpret(module, inputs);
    examples.push_back({std::move(inputs), std::move(outputs)});
  }
}

void ModelComparison::expectEqual(const cpu::CPUOptions &options) const {
  ASSERT_FALSE(::testing::Test::HasFailure());
  withModels(
      module, options,
      [&](ShiftModel *model, const std::string &path, const std::string &isa) {
        std::string where = "instruction set " + isa;
        for (const Example &example : examples)
          for (int threads : {1, 2, 3, 7})
            compare(module, example.outputs,
                    runModel(model, example.inputs, example.outputs, threads),
                    where + ", " + std::to_string(threads) + " threads");
        compareGuarded(module, examples.front(), path, isa, where);
      });
}

void ModelComparison::expectEqual(const std::string &path,
                                  const std::string &where) const {
  ASSERT_FALSE(::testing::Test::HasFailure());
  ShiftModel *model = nullptr;
  ASSERT_EQ(shiftModelLoad(path.c_str(), &model), SHIFT_OK)
      << shiftGetLastError();
  for (const Example &example : examples)
    compare(module, example.outputs,
            runModel(model, example.inputs, example.outputs, /*threads=*/1),
            where);
  shiftModelFree(model);
}

void expectEqualEngines(ModuleOp module, uint32_t seed,
                        const cpu::CPUOptions &options, ArrayRef<Fill> fills) {
  ModelComparison(module, seed, fills).expectEqual(options);
}

void expectEqualFailures(ModuleOp module, uint32_t seed,
                         const std::string &message) {
  std::vector<Tensor> inputs = makeInputs(module, seed), outputs;
  auto interpreter = ::shift::reference::Interpreter::create(module);
  ASSERT_TRUE(bool(interpreter));
  auto expected = interpreter->run(inputs);
  EXPECT_FALSE(bool(expected));
  llvm::consumeError(expected.takeError());
  auto main = module.lookupSymbol<func::FuncOp>("main");
  for (Type type : main.getResultTypes())
    outputs.push_back(*reference::makeTensor(type));
  withModels(
      module, machineOptions(),
      [&](ShiftModel *model, const std::string &, const std::string &isa) {
        for (int threads : {1, 2, 3}) {
          EXPECT_EQ(tryModel(model, inputs, outputs, threads),
                    SHIFT_ERROR_ARGUMENT)
              << isa;
          EXPECT_EQ(shiftGetLastError(), message);
        }
      });
}

} // namespace shift::test
