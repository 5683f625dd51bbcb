//===- Contenders.cpp - What is timed against each other ------------------===//
// SPDX-License-Identifier: Apache-2.0
// Layers are modules of one convolution; everything runs through the runtime's
// C API on buffers that exist before the first run.
//===----------------------------------------------------------------------===//
#include "Contenders.h"
#include "MachineLimits.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "shift/Pipelines/CPUPipeline.h"
#include "shift/Pipelines/Calibration.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/Diagnostics.h"
#include "shift/Runtime/ShiftRuntime.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"
#include <chrono>
#include <cmath>
#include <random>

using namespace llvm;
using namespace mlir;

namespace shift::bench {
namespace {

constexpr uint32_t seed = 1;

/// A model of the runtime; `owner` keeps its code.
class RuntimeContender : public Contender {
public:
  RuntimeContender(std::shared_ptr<void> owner, ShiftModel *model)
      : owner(std::move(owner)), model(model) {}
  ~RuntimeContender() override { shiftSessionFree(session); }

  Error initialize(int threads) {
    ShiftSessionOptions options{sizeof(ShiftSessionOptions), threads};
    if (shiftSessionCreate(model, &options, &session) != SHIFT_OK)
      return pipelines::makeError(shiftGetLastError());
    int64_t count = 0;
    ShiftTensorInfo info;
    shiftModelGetInputCount(model, &count);
    for (int64_t i = 0; i < count; ++i) {
      shiftModelGetInputInfo(model, i, &info);
      fill(add(inputs, info), info.dtype);
    }
    shiftModelGetOutputCount(model, &count);
    for (int64_t i = 0; i < count; ++i) {
      shiftModelGetOutputInfo(model, i, &info);
      add(outputs, info);
    }
    shiftModelGetStepCount(model, &count);
    for (int64_t i = 0; i < count; ++i) {
      ShiftStepInfo step;
      shiftModelGetStepInfo(model, i, &step);
      products += step.macs;
    }
    return Error::success();
  }

  int64_t macs() const override { return products; }

  Expected<double> run(int64_t iterations) override {
    auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < iterations; ++i)
      if (shiftSessionRun(session, inputs.data(), inputs.size(), outputs.data(),
                          outputs.size()) != SHIFT_OK)
        return pipelines::makeError(shiftGetLastError());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start)
        .count();
  }

private:
  std::vector<char> &add(std::vector<ShiftTensor> &tensors,
                         const ShiftTensorInfo &info) {
    auto &bytes =
        buffers.emplace_back(std::make_unique<std::vector<char>>(info.bytes));
    tensors.push_back(
        {bytes->data(), info.bytes, info.dtype, info.rank, info.dims});
    return *bytes;
  }

  /// Normal float32 values, any integers: half of them zero, as after a Relu.
  static void fill(std::vector<char> &bytes, ShiftDType dtype) {
    std::mt19937 random(seed);
    if (dtype == SHIFT_DTYPE_F32) {
      std::normal_distribution<float> normal;
      auto *data = reinterpret_cast<float *>(bytes.data());
      std::generate_n(data, bytes.size() / 4, [&] { return normal(random); });
      return;
    }
    for (char &byte : bytes)
      byte = random() & 1 ? char(random() & 127) : 0;
  }

  std::shared_ptr<void> owner;
  ShiftModel *model;
  ShiftSession *session = nullptr;
  std::vector<std::unique_ptr<std::vector<char>>> buffers;
  std::vector<ShiftTensor> inputs, outputs;
  int64_t products = 0;
};

Expected<ContenderPtr> makeContender(std::shared_ptr<void> owner,
                                     ShiftModel *model, StringRef name,
                                     int threads) {
  auto contender = std::make_unique<RuntimeContender>(std::move(owner), model);
  contender->name = name.str();
  if (Error error = contender->initialize(threads))
    return std::move(error);
  return ContenderPtr(std::move(contender));
}

int64_t windowOf(StringRef strategy, const ContenderOptions &options) {
  return options.window.value_or(strategy == "dot8" || strategy == "auto" ? 7
                                                                          : 0);
}

ExponentRange rangeOf(const ContenderOptions &options) {
  return options.range.value_or(PowerOfTwoOptions().range);
}

int bitsOf(StringRef strategy, const ContenderOptions &options) {
  return options.activationBits.value_or(strategy == "dot16" ? 16 : 8);
}

/// Makes @main of one convolution.
class LayerBuilder {
public:
  LayerBuilder(const ConvShape &shape, MLIRContext &context)
      : shape(shape), b(&context), loc(b.getUnknownLoc()),
        module(ModuleOp::create(loc)) {}

  OwningOpRef<ModuleOp> build(StringRef strategy,
                              const ContenderOptions &options) {
    bool isFloat = strategy == "float";
    Type element = isFloat ? Type(b.getF32Type())
                           : fixedElement(bitsOf(strategy, options));
    Type input = RankedTensorType::get(shape.input, element);
    Type output = RankedTensorType::get(shape.output(), element);
    b.setInsertionPointToEnd(module->getBody());
    auto main =
        func::FuncOp::create(b, loc, "main", b.getFunctionType(input, output));
    b.setInsertionPointToStart(main.addEntryBlock());
    Value x = main.getArgument(0), result;
    Value bias = constant({shape.weights[0]}, 0.1f);
    auto strides = b.getDenseI64ArrayAttr(shape.strides);
    auto dilations = b.getDenseI64ArrayAttr(shape.dilations);
    auto pads = b.getDenseI64ArrayAttr(shape.pads);
    auto group = b.getI64IntegerAttr(shape.group);
    if (isFloat)
      result = onnx::ConvOp::create(
          b, loc, output, x, constant(shape.weights, deviation()), bias,
          dilations, group, pads, strides, b.getStringAttr(shape.name));
    else
      result = mlir::shift::Conv2DOp::create(
                   b, loc, output, /*inside=*/Type(), x,
                   weights(windowOf(strategy, options), options), bias,
                   dilations, group, pads, strides, FloatAttr(), FloatAttr(),
                   b.getStringAttr(shape.name))
                   .getResult();
    func::ReturnOp::create(b, loc, result);
    return std::move(module);
  }

private:
  /// He's initialisation: outputs are as large as inputs.
  float deviation() const {
    return std::sqrt(2.0f /
                     (shape.weights[1] * shape.weights[2] * shape.weights[3]));
  }

  Type fixedElement(int bits) {
    FixedPoint format;
    format.bits = bits;
    format.storageBits = bits > 8 ? 16 : 8;
    format.fraction = bits - 3;
    return mlir::shift::getFixedPointType(b.getContext(), format);
  }

  std::vector<float> normal(ArrayRef<int64_t> sizes, float deviation) {
    int64_t count = 1;
    for (int64_t size : sizes)
      count *= size;
    std::normal_distribution<float> distribution(0, deviation);
    std::vector<float> values(count);
    for (float &value : values)
      value = distribution(random);
    return values;
  }

  Value constant(ArrayRef<int64_t> sizes, float deviation) {
    std::vector<float> values = normal(sizes, deviation);
    auto type = RankedTensorType::get(sizes, b.getF32Type());
    ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                         values.size() * sizeof(float));
    return onnx::ConstantOp::create(b, loc, type,
                                    mlir::shift::getBlobAttr(type, bytes, "c"),
                                    StringAttr(), StringAttr());
  }

  Value weights(int64_t window, const ContenderOptions &given) {
    PowerOfTwoOptions options;
    options.range = rangeOf(given);
    options.window = window;
    std::vector<float> values = normal(shape.weights, deviation());
    RoundedWeights rounded =
        roundWeights(values.data(), shape.weights[0],
                     values.size() / shape.weights[0], options, shape.name);
    auto element = mlir::shift::Pow2Type::get(b.getContext(), options.range.lo,
                                              options.range.hi, 1, window);
    return mlir::shift::createWeight(b, loc, shape.weights, element,
                                     rounded.terms, rounded.windowTops,
                                     b.getStringAttr("w"));
  }

  const ConvShape &shape;
  std::mt19937 random{seed};
  OpBuilder b;
  Location loc;
  OwningOpRef<ModuleOp> module;
};

/// The strategies' flag: all layers that can take it.
std::vector<std::string> overridesOf(StringRef strategy) {
  return {"*=" + strategy.str()};
}

/// Whether a layer with products takes the strategy; else `reason` says what
/// takes the largest one. Converts a copy, which is fast, and compiles nothing.
Expected<bool> takesStrategy(ModuleOp module, StringRef strategy,
                             std::string &reason) {
  if (strategy == "auto")
    return true;
  cpu::CPUOptions options;
  options.strategies = overridesOf(strategy);
  pipelines::ErrorCollector errors(module.getContext());
  OwningOpRef<ModuleOp> copy(module.clone());
  PassManager manager(module.getContext());
  cpu::buildShiftToCPUPipeline(manager, options);
  if (failed(manager.run(*copy)))
    return errors.take("cannot compile for strategy " + strategy);
  auto plan = mlir::shift::extractPlan(*copy, options.isas);
  if (failed(plan))
    return errors.take("cannot compile for strategy " + strategy);
  int64_t largest = -1;
  for (const mlir::shift::LayerReport &layer : plan->layers) {
    if (layer.macs > 0 && layer.strategy == strategy)
      return true;
    if (layer.macs > largest) {
      largest = layer.macs;
      reason = layer.strategy + ": " + layer.reason;
    }
  }
  return false;
}

/// Compiles in this process, or to the file `path` unless that is empty.
Expected<ContenderPtr> compileModule(ModuleOp module, StringRef strategy,
                                     int threads, const std::string &path,
                                     std::string &reason) {
  Expected<bool> isTaken = takesStrategy(module, strategy, reason);
  if (!isTaken)
    return isTaken.takeError();
  if (!*isTaken)
    return ContenderPtr();
  cpu::CPUOptions options;
  options.isas = cpu::allInstructionSets();
  options.strategies = overridesOf(strategy);
  pipelines::ErrorCollector errors(module.getContext());
  if (!path.empty()) {
    if (failed(cpu::compileToSharedLibrary(module, path, options)))
      return errors.take("cannot compile for strategy " + strategy);
    return loadContender(path, strategy, threads);
  }
  FailureOr<cpu::JitArtifact> artifact = cpu::compileInProcess(module, options);
  if (failed(artifact))
    return errors.take("cannot compile for strategy " + strategy);
  auto owner = std::make_shared<cpu::JitArtifact>(std::move(*artifact));
  return makeContender(owner, owner->model(), strategy, threads);
}

/// Fixed-point activations whose fractions fit random inputs.
Error calibrateOnNoise(ModuleOp module) {
  auto makeInputs =
      [](const std::string &,
         const pipelines::Engine &engine) -> Expected<std::vector<NpyArray>> {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<NpyArray> arrays;
    for (const pipelines::TensorInfo &info : engine.inputs()) {
      if (info.dtype != "<f4")
        return pipelines::makeError("input '" + info.name +
                                    "': expected float32, got " + info.dtype);
      int64_t count = 1;
      for (int64_t size : info.shape)
        count *= size;
      NpyArray array{info.dtype, info.shape, std::vector<uint8_t>(count * 4)};
      auto *data = reinterpret_cast<float *>(array.bytes.data());
      std::generate_n(data, count, [&] { return normal(random); });
      arrays.push_back(std::move(array));
    }
    return arrays;
  };
  if (Error error =
          pipelines::calibrate(module, pipelines::CalibrationOptions(),
                               {"random values"}, makeInputs))
    return error;
  return pipelines::runPipeline(module, "quantize-activations,canonicalize");
}

} // namespace

Expected<ContenderPtr> makeLayer(const ConvShape &shape, StringRef strategy,
                                 const ContenderOptions &options,
                                 MLIRContext &context, std::string &reason) {
  OwningOpRef<ModuleOp> module =
      LayerBuilder(shape, context).build(strategy, options);
  return compileModule(*module, strategy, options.threads, "", reason);
}

mlir::shift::LayerChoices listLayerChoices(const ConvShape &shape,
                                           const ContenderOptions &options,
                                           MLIRContext &context) {
  OwningOpRef<ModuleOp> module =
      LayerBuilder(shape, context).build("auto", options);
  mlir::shift::LayerChoices choices;
  module->walk([&](mlir::shift::Conv2DOp op) {
    choices = mlir::shift::listChoices(op);
  });
  return choices;
}

Expected<LoadedModel> loadModel(const std::string &path,
                                const pipelines::ModelOptions &modelOptions,
                                const ContenderOptions &options) {
  LoadedModel model;
  model.path = path;
  model.context = pipelines::makeContext();
  auto module = pipelines::loadModel(path, modelOptions, *model.context);
  if (!module)
    return module.takeError();
  model.module = std::move(*module);
  bool hasFloatLayers = false;
  (*model.module).walk([&](Operation *op) {
    model.hasWeights |= isa<mlir::shift::WeightOp>(op);
    hasFloatLayers |= isa<onnx::ConvOp>(op);
    model.isFixed |= any_of(op->getResultTypes(), [](Type type) {
      return mlir::shift::getFixedPoint(type).has_value();
    });
  });
  if ((model.isFixed || (model.hasWeights && !hasFloatLayers)) &&
      (options.range || options.window || options.activationBits))
    return pipelines::makeUsageError(
        "expected float weights in '" + path +
        "' for --range, --window and --activation-bits, got quantized ones");
  std::string bytes;
  raw_string_ostream os(bytes);
  if (failed(writeBytecodeToFile(*model.module, os)))
    return pipelines::makeError("cannot hash '" + path + "'");
  model.hash = xxh3_64bits(bytes);
  return model;
}

/// The file of the cache for a model and everything that it is made from.
static Expected<std::string> cacheFile(const LoadedModel &model,
                                       StringRef strategy,
                                       const ContenderOptions &options) {
  std::string key;
  raw_string_ostream os(key);
  static int anchor;
  sys::fs::file_status tool;
  sys::fs::status(sys::fs::getMainExecutable("", &anchor), tool);
  ExponentRange range = rangeOf(options);
  // Strategies are chosen for the best instructions of the machine.
  os << model.hash << ' ' << tool.getSize() << ' '
     << tool.getLastModificationTime().time_since_epoch().count() << ' '
     << range.lo << ':' << range.hi << ' ' << windowOf(strategy, options) << ' '
     << bitsOf(strategy, options) << ' ' << measuredInstructionSet();
  if (auto code = sys::fs::create_directories(options.cacheFolder))
    return pipelines::makeError("cannot make the folder '" +
                                options.cacheFolder + "': " + code.message());
  SmallString<128> file(options.cacheFolder);
  sys::path::append(file, sys::path::stem(model.path) + "-" + strategy + "-" +
                              utohexstr(xxh3_64bits(key), true) + ".so");
  return file.str().str();
}

/// Converts what of the module is float still.
static Error convertModel(ModuleOp module, StringRef strategy,
                          const ContenderOptions &options) {
  std::string pipeline = pipelines::floatPipeline;
  ExponentRange range = rangeOf(options);
  if (strategy != "float")
    pipeline = formatv("quantize-shift{{range={0}:{1} window={2} "
                       "activation-bits={3}}",
                       range.lo, range.hi, windowOf(strategy, options),
                       bitsOf(strategy, options))
                   .str();
  if (Error error = pipelines::runPipeline(module, pipeline))
    return error;
  bool hasWeights = false;
  module.walk([&](mlir::shift::WeightOp) { hasWeights = true; });
  return hasWeights && strategy != "float" ? calibrateOnNoise(module)
                                           : Error::success();
}

Expected<ContenderPtr> makeModel(const LoadedModel &model, StringRef strategy,
                                 const ContenderOptions &options,
                                 std::string &reason) {
  std::string kept;
  if (!options.cacheFolder.empty()) {
    auto file = cacheFile(model, strategy, options);
    if (!file)
      return file.takeError();
    kept = *file;
    if (sys::fs::exists(kept))
      return loadContender(kept, strategy, options.threads);
  }
  OwningOpRef<ModuleOp> module(ModuleOp(*model.module).clone());
  if (!model.isFixed)
    if (Error error = convertModel(*module, strategy, options))
      return std::move(error);
  return compileModule(*module, strategy, options.threads, kept, reason);
}

Expected<ContenderPtr> loadContender(const std::string &path, StringRef name,
                                     int threads) {
  ShiftModel *model = nullptr;
  if (shiftModelLoad(path.c_str(), &model) != SHIFT_OK)
    return pipelines::makeError(shiftGetLastError());
  std::shared_ptr<void> owner(model, [](void *model) {
    shiftModelFree(static_cast<ShiftModel *>(model));
  });
  return makeContender(std::move(owner), model, name, threads);
}

} // namespace shift::bench
