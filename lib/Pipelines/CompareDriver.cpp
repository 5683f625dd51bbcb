//===- CompareDriver.cpp - shift-run --compare ----------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Two engines run at once on two threads and wait for each other at every
// value that both have, so that neither's activations are kept. Values are
// matched by the node they come from.
//===----------------------------------------------------------------------===//
#include "CompareDriver.h"
#include "ValuePairing.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/Engine.h"
#include "shift/Pipelines/ModelInputs.h"
#include "shift/Pipelines/ModuleInfo.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>

using namespace llvm;
using namespace mlir;

namespace shift::pipelines {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// What one value of a module is called and means.
struct Layer {
  std::string key, name, op;
  int64_t count = 0;
  /// Of a fixed-point value; the stored integers times 2^-fraction are it.
  std::optional<FixedPoint> format;
  /// Bounds that a Relu or Clip gave the layer, which is another node
  /// elsewhere.
  double lo = -infinity, hi = infinity;
};

/// The layers of a module by value id.
using Layers = std::map<int64_t, Layer>;

double boundOf(Operation *op, StringRef name, double fallback) {
  auto attr = op->getAttrOfType<FloatAttr>(name);
  return attr ? attr.getValueAsDouble() : fallback;
}

/// The values that ops of @main compute. Keys are node names, the k-th op of a
/// name and the result told apart; or ids, for two runs of one module.
Layers describeLayers(ModuleOp module, bool usesIds) {
  Layers layers;
  StringMap<int> seen;
  auto ids = numberValues(module);
  for (Operation &op :
       module.lookupSymbol<func::FuncOp>("main").getBody().front()) {
    if (isa<mlir::onnx::ConstantOp, mlir::shift::WeightOp>(op))
      continue;
    auto name = op.getAttrOfType<StringAttr>("node_name");
    if (!usesIds && (!name || name.empty()))
      continue;
    int occurrence = name ? seen[name.getValue()]++ : 0;
    for (OpResult result : op.getResults()) {
      auto type = dyn_cast<RankedTensorType>(result.getType());
      if (!type || !type.hasStaticShape())
        continue;
      int64_t id = ids[&op] + result.getResultNumber();
      Layer layer;
      layer.op = op.getName().getStringRef().str();
      layer.name = name ? name.str() : layer.op;
      layer.key = usesIds ? std::to_string(id)
                          : layer.name + "#" + std::to_string(occurrence) +
                                ":" + std::to_string(result.getResultNumber());
      layer.count = type.getNumElements();
      layer.format = mlir::shift::getFixedPoint(type);
      layer.lo = boundOf(&op, "clamp_min", -infinity);
      layer.hi = boundOf(&op, "clamp_max", infinity);
      layers.emplace(id, std::move(layer));
    }
  }
  return layers;
}

/// Elements [begin, begin + out.size()) as real numbers.
void readReals(const ObservedValue &value, const Layer &layer, int64_t begin,
               MutableArrayRef<double> out) {
  auto read = [&](auto zero) {
    auto *data = static_cast<const decltype(zero) *>(value.data) + begin;
    double unit = layer.format ? std::ldexp(1.0, -layer.format->fraction) : 1;
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = double(data[i]) * unit;
  };
  if (value.dtype == "<f4")
    read(float());
  else if (value.dtype == "<f8")
    read(double());
  else if (value.dtype == "|i1")
    read(int8_t());
  else if (value.dtype == "|u1" || value.dtype == "|b1")
    read(uint8_t());
  else if (value.dtype == "<i2")
    read(int16_t());
  else if (value.dtype == "<u2")
    read(uint16_t());
  else if (value.dtype == "<i4")
    read(int32_t());
  else if (value.dtype == "<u4")
    read(uint32_t());
  else if (value.dtype == "<u8")
    read(uint64_t());
  else
    read(int64_t());
}

/// How far a value is from the one it should be.
struct Distance {
  double signal = 0, noise = 0, largest = 0;
  bool isDifferent = false;

  void add(double value, double wanted) {
    if (value == wanted || (std::isnan(value) && std::isnan(wanted)))
      return;
    isDifferent = true;
    double error = std::abs(value - wanted);
    // One NaN, or an infinity.
    if (!(error < infinity))
      error = infinity;
    largest = std::max(largest, error);
    noise += error * error;
  }

  /// 10 log10(signal / noise); infinite where nothing differs.
  double sqnr() const {
    return noise == 0 ? infinity : 10 * std::log10(signal / noise);
  }
};

Distance measure(const ObservedValue &value, const Layer &layer,
                 const ObservedValue &wanted, const Layer &wantedLayer) {
  Distance distance;
  double lo = std::max(layer.lo, wantedLayer.lo);
  double hi = std::min(layer.hi, wantedLayer.hi);
  constexpr int64_t block = 4096;
  std::vector<double> left(block), right(block);
  for (int64_t begin = 0; begin < value.count; begin += block) {
    size_t size = std::min(block, value.count - begin);
    readReals(value, layer, begin, MutableArrayRef(left).take_front(size));
    readReals(wanted, wantedLayer, begin,
              MutableArrayRef(right).take_front(size));
    // In this order of operands NaN stays NaN.
    for (size_t i = 0; i < size; ++i) {
      double target = std::min(std::max(right[i], lo), hi);
      if (std::isfinite(target))
        distance.signal += target * target;
      distance.add(std::min(std::max(left[i], lo), hi), target);
    }
  }
  // Zeros of another sign and NaNs of other bits differ too.
  if (value.dtype == wanted.dtype && value.dtype == "<f4" &&
      layer.lo == wantedLayer.lo && layer.hi == wantedLayer.hi)
    distance.isDifferent |=
        std::memcmp(value.data, wanted.data, value.count * 4) != 0;
  return distance;
}

/// "12.34", or "exact" where every bit is right.
std::string formatSqnr(const Distance &distance) {
  if (!distance.isDifferent)
    return "exact";
  std::string text;
  raw_string_ostream(text) << format("%.2f", distance.sqnr());
  return text;
}

/// The table, printed a row at a time.
class Report {
public:
  Report(const Layers &layers, const Layers &wanted)
      : layers(layers), wanted(wanted) {
    outs() << format("%9s %14s  %-20s %s\n", "SQNR/dB", "max abs error", "op",
                     "layer");
  }

  void add(const ObservedValue &value, const ObservedValue &target) {
    const Layer &layer = layers.at(value.id);
    Distance distance = measure(value, layer, target, wanted.at(target.id));
    outs() << format("%9s %14.6g  %-20s %s\n", formatSqnr(distance).c_str(),
                     distance.largest, layer.op.c_str(), layer.name.c_str());
    outs().flush();
    ++count;
    if (distance.isDifferent)
      different.emplace(value.id, distance);
  }

  /// `unpaired`: how many layers of each run the other one does not have.
  void finish(const std::array<int64_t, 2> &unpaired) const {
    printDifferences();
    if (unpaired[0] || unpaired[1])
      outs() << "not compared, without a partner of that name and size: "
             << unpaired[0] << " layers of the model, " << unpaired[1]
             << " of the other\n";
  }

private:
  void printDifferences() const {
    if (different.empty()) {
      outs() << "all " << count << " layers are equal\n";
      return;
    }
    // Rows come as both runs reach them; ids are the model's order.
    print("first layer that differs", different.begin()->first);
    auto worst = std::min_element(different.begin(), different.end(),
                                  [](const auto &a, const auto &b) {
                                    return a.second.sqnr() < b.second.sqnr();
                                  });
    print("least SQNR", worst->first);
    outs() << different.size() << " of " << count << " layers differ\n";
  }

  void print(StringRef what, int64_t id) const {
    const Distance &distance = different.at(id);
    outs() << what << ": " << layers.at(id).name << " (" << formatSqnr(distance)
           << " dB, max abs error " << format("%g", distance.largest) << ")\n";
  }

  const Layers &layers, &wanted;
  std::map<int64_t, Distance> different;
  int64_t count = 0;
};

class Comparison {
public:
  explicit Comparison(const RunOptions &options) : options(options) {}
  Error run();

private:
  Error checkUsage() const;
  Error loadModules();
  Error makeEngines();
  Error checkInputs() const;
  Expected<std::vector<NpyArray>> readInputs() const;
  Error runBoth(ArrayRef<NpyArray> inputs);

  bool isReference() const { return options.compare == "reference"; }

  const RunOptions &options;
  std::unique_ptr<MLIRContext> context;
  /// The given module and the one that it is compared with.
  OwningOpRef<ModuleOp> modules[2];
  std::unique_ptr<Engine> engines[2];
};

Error Comparison::checkUsage() const {
  StringRef wanted = options.compare;
  if (isReference() && options.engine == EngineKind::Reference)
    return makeUsageError("--compare=reference with --engine=reference would "
                          "compare the interpreter with itself");
  if (!isReference() && wanted != "float" && !wanted.ends_with(".onnx") &&
      !wanted.ends_with(".mlir") && !wanted.ends_with(".mlirbc"))
    return makeUsageError("expected --compare=float, reference or a .onnx, "
                          ".mlir or .mlirbc file, got '" +
                          wanted + "'");
  if (!options.outputDirectory.empty() || !options.drawPath.empty() ||
      !options.jsonPath.empty() || options.benchmarkRuns || options.profile)
    return makeUsageError("--compare prints its table alone: --output-dir, "
                          "--draw, --json, --benchmark and --profile need a "
                          "run of their own");
  return Error::success();
}

bool hasPowerOfTwoWeights(ModuleOp module) {
  return module
      .walk([](mlir::shift::WeightOp) { return WalkResult::interrupt(); })
      .wasInterrupted();
}

Error Comparison::loadModules() {
  context = makeContext();
  auto load = [&](const std::string &path, int side) -> Error {
    auto loaded = loadModel(path, options.modelOptions, *context);
    if (!loaded)
      return loaded.takeError();
    modules[side] = std::move(*loaded);
    return Error::success();
  };
  if (Error error = load(options.model, 0))
    return error;
  bool wasQuantized = hasPowerOfTwoWeights(*modules[0]);
  if (options.quantizeShift)
    if (Error error =
            runPipeline(*modules[0], quantizePipeline(*options.quantizeShift)))
      return error;
  if (isReference())
    return Error::success();
  bool isFloat = options.compare == "float";
  if (isFloat && wasQuantized)
    return makeUsageError("--compare=float: '" + options.model +
                          "' no longer holds its float weights; name the model "
                          "that it came from, --compare=FILE.onnx");
  if (isFloat && !hasPowerOfTwoWeights(*modules[0]))
    return makeUsageError("--compare=float: '" + options.model +
                          "' is float itself; add --quantize-shift=-10:5, or "
                          "name another model, --compare=FILE.onnx");
  if (Error error = load(isFloat ? options.model : options.compare, 1))
    return error;
  // Batch norm is inside the convolutions then, as in the quantized module.
  if (hasPowerOfTwoWeights(*modules[0]) && !hasPowerOfTwoWeights(*modules[1]))
    return runPipeline(*modules[1], floatPipeline);
  return Error::success();
}

Error Comparison::makeEngines() {
  for (int side : {0, 1}) {
    ModuleOp module = isReference() ? *modules[0] : *modules[side];
    bool isInterpreted =
        options.engine == EngineKind::Reference || (side == 1 && isReference());
    auto made =
        isInterpreted
            ? interpretEngine(module)
            : compileEngine(module, {options.threads, /*isObservable=*/true,
                                     side == 0 ? options.strategy : "auto"});
    if (!made)
      return made.takeError();
    engines[side] = std::move(*made);
  }
  return Error::success();
}

Error Comparison::checkInputs() const {
  auto describe = [](const Engine &engine) {
    std::string text;
    for (const TensorInfo &info : engine.inputs())
      text += (text.empty() ? "" : ", ") + info.dtype + " " +
              join(map_range(info.shape,
                             [](int64_t size) { return std::to_string(size); }),
                   "x");
    return text;
  };
  std::string own = describe(*engines[0]), other = describe(*engines[1]);
  if (own == other)
    return Error::success();
  return makeError("'" + options.compare + "': expected the inputs of '" +
                   options.model + "', " + own + ", got " + other);
}

Expected<std::vector<NpyArray>> Comparison::readInputs() const {
  const Engine &engine = *engines[0];
  if (options.images.empty() && options.inputs.empty() &&
      !engine.inputs().empty())
    return makeUsageError("expected --image or --input, got neither");
  if (options.images.empty())
    return readArrayInputs(options.inputs, engine);
  Expected<std::vector<std::string>> files =
      listFiles(options.images, imageEndings());
  if (!files)
    return files.takeError();
  if (files->size() != 1)
    return makeUsageError("--compare: expected one image, got " +
                          Twine(files->size()));
  Expected<detection::ImageInput> input = getImageInput(engine);
  if (!input)
    return input.takeError();
  if (engine.imageInput().empty())
    warnOfImageInput();
  detection::Image image;
  std::string error = detection::loadImage(files->front(), image);
  if (!error.empty())
    return makeError(error);
  Expected<NpyArray> array = makeImageArray(image, *input, engine);
  if (!array)
    return array.takeError();
  std::vector<NpyArray> arrays;
  arrays.push_back(std::move(*array));
  return arrays;
}

Error Comparison::runBoth(ArrayRef<NpyArray> inputs) {
  Layers layers[2];
  for (int side : {0, 1})
    layers[side] = describeLayers(isReference() ? *modules[0] : *modules[side],
                                  isReference());
  StringMap<int64_t> counts;
  for (auto &[id, layer] : layers[0])
    counts[layer.key] = layer.count;
  llvm::StringSet<> shared;
  for (auto &[id, layer] : layers[1])
    if (auto found = counts.find(layer.key);
        found != counts.end() && found->second == layer.count)
      shared.insert(layer.key);
  if (shared.empty())
    return makeError("no layer of '" + options.model +
                     "' has the name and size of one in '" + options.compare +
                     "'");
  Report report(layers[0], layers[1]);
  ValuePairing pairing(
      shared, [&](StringRef, const ObservedValue &value,
                  const ObservedValue &wanted) { report.add(value, wanted); });
  std::string messages[2];
  auto runSide = [&](int side) {
    auto observe = [&, side](const ObservedValue &value) {
      if (auto found = layers[side].find(value.id); found != layers[side].end())
        pairing.offer(side, found->second.key, value);
    };
    if (Error error = engines[side]->observe(inputs, observe))
      messages[side] = toString(std::move(error));
    pairing.finish(side);
  };
  std::thread other(runSide, 1);
  runSide(0);
  other.join();
  for (const std::string &message : messages)
    if (!message.empty())
      return makeError(message);
  std::array<int64_t, 2> unpaired{};
  for (int side : {0, 1})
    unpaired[side] = llvm::count_if(layers[side], [&](const auto &layer) {
      return !shared.contains(layer.second.key);
    });
  report.finish(unpaired);
  return Error::success();
}

Error Comparison::run() {
  if (Error error = checkUsage())
    return error;
  if (Error error = loadModules())
    return error;
  if (Error error = makeEngines())
    return error;
  if (Error error = checkInputs())
    return error;
  Expected<std::vector<NpyArray>> inputs = readInputs();
  if (!inputs)
    return inputs.takeError();
  return runBoth(*inputs);
}

} // namespace

Error compareModel(const RunOptions &options) {
  return Comparison(options).run();
}

} // namespace shift::pipelines
