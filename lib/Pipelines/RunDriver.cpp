//===- RunDriver.cpp - What shift-run does --------------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/RunDriver.h"
#include "CompareDriver.h"
#include "Evaluation.h"
#include "shift/Detection/Draw.h"
#include "shift/Detection/Json.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/Engine.h"
#include "shift/Pipelines/ModelInputs.h"
#include "shift/Pipelines/Progress.h"
#include "shift/Support/OutputFile.h"
#include "shift/Support/Timing.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include <chrono>

using namespace llvm;

namespace shift::pipelines {
namespace {

class Runner {
public:
  explicit Runner(const RunOptions &options) : options(options) {}

  Error run();

private:
  Error checkUsage() const;
  Error checkNames(ArrayRef<std::string> files) const;
  Expected<std::vector<std::string>> findImages();
  Error prepareOutputs() const;
  Error load();
  Error runArrays();
  Error runImages();
  Error detect(StringRef name, detection::Image &image,
               const detection::ImageInput &input, ArrayRef<NpyArray> outputs);
  void printBoxes(StringRef name, ArrayRef<detection::Detection> boxes) const;
  Error writeOutputs(ArrayRef<NpyArray> outputs, StringRef folder);
  Error benchmark(ArrayRef<NpyArray> inputs);
  void printOutputs() const;
  Error printProfile();
  Error writeDetections();

  const RunOptions &options;
  // The interpreter reads the module, so it outlives the engine.
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<Engine> engine;
  /// What it took to make the engine: to map an artefact and expand its
  /// weights, or to compile.
  double loadMilliseconds = 0;

  detection::DetectorDescription detector;
  std::optional<Evaluation> evaluation;
  std::vector<detection::ImageDetections> found;
  std::vector<detection::Image> pictures;
};

double millisecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now() - start)
      .count();
}

bool isArtefact(StringRef path) { return path.ends_with(".so"); }

/// What is wrong with the flags, whatever the files hold.
Error Runner::checkUsage() const {
  constexpr int maxThreads = 1024;
  if (!options.images.empty() && !options.inputs.empty())
    return makeUsageError("expected --image or --input, got both");
  if (!options.evaluate.empty() && !options.inputs.empty())
    return makeUsageError("--eval reads images; leave --input");
  if (options.images.empty() && options.evaluate.empty() &&
      (!options.drawPath.empty() || !options.jsonPath.empty()))
    return makeUsageError("--draw and --json need --image");
  if (options.profile && options.engine == EngineKind::Reference)
    return makeUsageError("--profile needs --engine=compiled");
  if (options.strategy != "auto" && options.engine == EngineKind::Reference)
    return makeUsageError("--strategy needs --engine=compiled");
  if (options.threads < 0 || options.threads > maxThreads)
    return makeUsageError("expected --threads=n in 0 (one a core) to " +
                          Twine(maxThreads) + ", got " +
                          Twine(options.threads));
  if (!options.drawPath.empty() &&
      sys::path::extension(options.drawPath).lower() != ".png")
    return makeUsageError("expected --draw=FILE.png, got '" + options.drawPath +
                          "'");
  if (options.quantizeShift)
    if (Error error = checkQuantizeOptions(*options.quantizeShift))
      return error;
  const ModelOptions &model = options.modelOptions;
  const import::ModelDescriptions &descriptions = model.descriptions;
  if (isArtefact(options.model) &&
      (options.engine == EngineKind::Reference || options.strategy != "auto" ||
       options.quantizeShift || !options.compare.empty() ||
       !model.inputShapes.empty() || !model.outputs.empty() ||
       descriptions.isFcos || !descriptions.detectorJson.empty() ||
       !descriptions.imageInputJson.empty()))
    return makeUsageError(
        "'" + options.model +
        "' is compiled already: --engine=reference, --strategy, "
        "--quantize-shift, --compare, --input-shape, --outputs, --detector "
        "and the flags about images need the .onnx, "
        ".mlir or .mlirbc");
  return Error::success();
}

/// Images of one name would overwrite each other's results.
Error Runner::checkNames(ArrayRef<std::string> files) const {
  if (options.outputDirectory.empty() && options.jsonPath.empty())
    return Error::success();
  StringMap<StringRef> seen;
  for (const std::string &file : files) {
    auto [entry, isNew] = seen.try_emplace(sys::path::stem(file), file);
    if (!isNew)
      return makeError("'" + entry->second + "' and '" + file +
                       "' have the same name, under which --output-dir and "
                       "--json tell images apart; run them one by one");
  }
  return Error::success();
}

/// Finds out before the work whether its results can be written.
Error Runner::prepareOutputs() const {
  if (!options.outputDirectory.empty())
    if (auto code = sys::fs::create_directories(options.outputDirectory))
      return makeError("cannot make folder '" + options.outputDirectory +
                       "': " + code.message());
  for (StringRef path : {options.jsonPath, options.drawPath})
    if (!path.empty())
      if (Error error = checkWritable(path))
        return error;
  return Error::success();
}

Error Runner::load() {
  auto start = std::chrono::steady_clock::now();
  Expected<std::unique_ptr<Engine>> made = nullptr;
  if (isArtefact(options.model)) {
    made = loadArtefact(options.model, options.threads);
  } else {
    context = makeContext();
    auto loaded = loadModel(options.model, options.modelOptions, *context);
    if (!loaded)
      return loaded.takeError();
    module = std::move(*loaded);
    if (options.quantizeShift)
      if (Error error =
              runPipeline(*module, quantizePipeline(*options.quantizeShift)))
        return error;
    made = options.engine == EngineKind::Reference
               ? interpretEngine(*module)
               : compileEngine(*module,
                               {options.threads,
                                /*isObservable=*/false, options.strategy});
  }
  if (!made)
    return made.takeError();
  engine = std::move(*made);
  loadMilliseconds = millisecondsSince(start);
  return Error::success();
}

/// Characters outside A-Z a-z 0-9 _ . - become _, so that every name is a file
/// name.
std::string fileName(StringRef name) {
  std::string result = name.str();
  for (char &c : result)
    if (!isAlnum(c) && c != '_' && c != '.' && c != '-')
      c = '_';
  return result;
}

Error Runner::writeOutputs(ArrayRef<NpyArray> outputs, StringRef folder) {
  if (std::error_code code = sys::fs::create_directories(folder))
    return makeError("cannot make folder '" + folder + "': " + code.message());
  StringMap<StringRef> seen;
  for (const TensorInfo &info : engine->outputs())
    if (auto [entry, isNew] = seen.try_emplace(fileName(info.name), info.name);
        !isNew)
      return makeError("outputs '" + entry->second + "' and '" + info.name +
                       "' would both be '" + entry->first() +
                       ".npy'; choose one with --outputs");
  for (auto [info, array] : zip_equal(engine->outputs(), outputs)) {
    SmallString<128> path(folder);
    sys::path::append(path, fileName(info.name) + ".npy");
    std::string error = writeNpy(path.str().str(), array);
    if (!error.empty())
      return makeError(error);
  }
  return Error::success();
}

void Runner::printBoxes(StringRef name,
                        ArrayRef<detection::Detection> boxes) const {
  outs() << name << ": " << boxes.size() << " boxes\n";
  for (const detection::Detection &box : boxes) {
    StringRef label = size_t(box.label) < detector.classes.size()
                          ? StringRef(detector.classes[box.label])
                          : "object";
    outs() << format("  %-16s %.3f  %7.1f %7.1f %7.1f %7.1f\n",
                     label.str().c_str(), box.score, box.x0, box.y0, box.x1,
                     box.y1);
  }
}

Error Runner::detect(StringRef name, detection::Image &image,
                     const detection::ImageInput &input,
                     ArrayRef<NpyArray> outputs) {
  std::vector<detection::OutputView> views;
  for (auto [info, array] : zip_equal(engine->outputs(), outputs))
    views.push_back({info.name, info.shape,
                     reinterpret_cast<const float *>(array.bytes.data())});
  std::vector<detection::Detection> boxes;
  std::string error =
      detection::decode(detector, views, input.height, input.width, boxes);
  if (!error.empty())
    return makeError("detector: " + error);
  detection::mapToImage(input, image.width, image.height, boxes);
  // The output of a benchmark is its numbers alone.
  if (options.benchmarkRuns == 0 && !evaluation)
    printBoxes(name, boxes);
  if (!options.drawPath.empty()) {
    detection::drawDetections(image, boxes, detector.classes);
    pictures.push_back(std::move(image));
  }
  found.push_back({name.str(), std::move(boxes)});
  return Error::success();
}

Error Runner::writeDetections() {
  if (!options.jsonPath.empty()) {
    std::string text = detection::toJson(found, detector.classes);
    if (Error error = writeOutputFile(options.jsonPath, [&](raw_ostream &os) {
          os << text << "\n";
          return Error::success();
        }))
      return error;
  }
  if (options.drawPath.empty())
    return Error::success();
  std::string error =
      detection::savePng(options.drawPath, detection::grid(pictures, 2));
  return error.empty() ? Error::success() : makeError(error);
}

/// The images of the flags or of the dataset.
Expected<std::vector<std::string>> Runner::findImages() {
  if (options.evaluate.empty())
    return listFiles(options.images, imageEndings());
  Expected<Evaluation> made =
      Evaluation::create(options.evaluate, options.images, detector.classes);
  if (!made)
    return made.takeError();
  evaluation = std::move(*made);
  return evaluation->getFiles();
}

Error Runner::runImages() {
  bool wantsBoxes = !options.drawPath.empty() || !options.jsonPath.empty() ||
                    !options.evaluate.empty();
  bool hasDetector = !engine->detector().empty();
  if (wantsBoxes && !hasDetector)
    return makeError("the model does not say how its outputs become boxes; "
                     "say it with --detector=FILE.json");
  if (hasDetector) {
    std::string error = detection::parseDetector(engine->detector(), detector);
    if (!error.empty())
      return makeError("detector: " + error);
  }
  Expected<std::vector<std::string>> files = findImages();
  if (!files)
    return files.takeError();
  if (Error error = checkNames(*files))
    return error;
  Expected<detection::ImageInput> input = getImageInput(*engine);
  if (!input)
    return input.takeError();
  if (engine->imageInput().empty())
    warnOfImageInput();
  Progress progress("detecting", files->size());
  for (const std::string &file : *files) {
    detection::Image image;
    std::string error = detection::loadImage(file, image);
    if (!error.empty())
      return makeError(error);
    Expected<NpyArray> array = makeImageArray(image, *input, *engine);
    if (!array)
      return array.takeError();
    Expected<std::vector<NpyArray>> outputs = engine->run(*array);
    if (!outputs)
      return outputs.takeError();
    if (hasDetector)
      if (Error error =
              detect(sys::path::filename(file), image, *input, *outputs))
        return error;
    if (!options.outputDirectory.empty()) {
      // One folder an image, unless there is but one.
      SmallString<128> folder(options.outputDirectory);
      if (files->size() > 1)
        sys::path::append(folder, sys::path::stem(file));
      if (Error error = writeOutputs(*outputs, folder))
        return error;
    }
    progress.step();
    if (&file == &files->back() && options.benchmarkRuns > 0)
      if (Error error = benchmark(*array))
        return error;
  }
  if (!hasDetector && options.outputDirectory.empty() &&
      options.benchmarkRuns == 0)
    printOutputs();
  if (evaluation) {
    std::vector<std::vector<detection::Detection>> boxes;
    for (const detection::ImageDetections &image : found)
      boxes.push_back(image.detections);
    evaluation->print(std::move(boxes));
  }
  return writeDetections();
}

void Runner::printOutputs() const {
  for (const TensorInfo &info : engine->outputs()) {
    outs() << info.name << ": " << info.dtype << " ";
    interleave(info.shape, outs(), "x");
    outs() << "\n";
  }
}

Error Runner::runArrays() {
  if (options.inputs.empty() && !engine->inputs().empty())
    return makeUsageError("expected --image or --input, got neither");
  Expected<std::vector<NpyArray>> inputs =
      readArrayInputs(options.inputs, *engine);
  if (!inputs)
    return inputs.takeError();
  Expected<std::vector<NpyArray>> outputs = engine->run(*inputs);
  if (!outputs)
    return outputs.takeError();
  if (!options.outputDirectory.empty()) {
    if (Error error = writeOutputs(*outputs, options.outputDirectory))
      return error;
  } else if (options.benchmarkRuns == 0) {
    printOutputs();
  }
  return options.benchmarkRuns > 0 ? benchmark(*inputs) : Error::success();
}

Error Runner::benchmark(ArrayRef<NpyArray> inputs) {
  std::vector<double> times;
  for (int i = 0; i < options.benchmarkRuns; ++i) {
    auto start = std::chrono::steady_clock::now();
    Expected<std::vector<NpyArray>> outputs = engine->run(inputs);
    if (!outputs)
      return outputs.takeError();
    times.push_back(millisecondsSince(start));
  }
  outs() << json::Value(json::Object{{"runs", options.benchmarkRuns},
                                     {"load_ms", loadMilliseconds},
                                     {"min_ms", *min_element(times)},
                                     {"median_ms", median(times)},
                                     {"p95_ms", percentile(times, 95)}})
         << "\n";
  return Error::success();
}

Error Runner::printProfile() {
  Expected<std::vector<StepTime>> times = engine->stepTimes();
  if (!times)
    return times.takeError();
  const std::vector<StepTime> &steps = *times;
  double total = 0;
  for (const StepTime &step : steps)
    total += step.milliseconds;
  outs() << format("%9s %6s %8s  %-8s %-20s %s\n", "ms", "share", "GMAC/s",
                   "strategy", "op", "layer");
  for (const StepTime &step : steps) {
    double speed =
        step.milliseconds > 0 ? step.macs / step.milliseconds * 1e-6 : 0;
    outs() << format("%9.3f %5.1f%% %8.2f  %-8s %-20s %s\n", step.milliseconds,
                     total > 0 ? 100 * step.milliseconds / total : 0, speed,
                     step.strategy.c_str(), step.op.c_str(), step.name.c_str());
  }
  outs() << format("%9.3f  total\n", total);
  if (std::optional<MemoryUse> memory = engine->memoryUse())
    outs() << format("memory: %.2f MB of intermediate tensors, %.2f MB of "
                     "scratch, %.2f MB of expanded weights\n",
                     memory->arena * 1e-6, memory->scratch * 1e-6,
                     memory->expanded * 1e-6);
  return Error::success();
}

Error Runner::run() {
  if (Error error = checkUsage())
    return error;
  if (!sys::fs::exists(options.model))
    return makeError("cannot read '" + options.model + "': no such file");
  if (Error error = prepareOutputs())
    return error;
  if (!options.compare.empty())
    return compareModel(options);
  if (Error error = load())
    return error;
  bool hasImages = !options.images.empty() || !options.evaluate.empty();
  if (Error error = hasImages ? runImages() : runArrays())
    return error;
  return options.profile ? printProfile() : Error::success();
}

} // namespace

Error runModel(const RunOptions &options) { return Runner(options).run(); }

} // namespace shift::pipelines
