//===- shift-run.cpp - Runs models on images and arrays -------------------===//
// SPDX-License-Identifier: Apache-2.0
// Flags only; the work is lib/Pipelines'.
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/ModelFlags.h"
#include "shift/Pipelines/RunDriver.h"

using namespace llvm;
using namespace shift::pipelines;

static cl::OptionCategory category("shift-run options");

/// `--image a.jpg b.jpg` and `--input x.npy y.npy` take every word up to the
/// next flag, which CommandLine's lists do not; one flag a word does the same.
static std::vector<std::string> repeatListFlags(int argc, char **argv) {
  std::vector<std::string> words;
  std::string flag;
  for (int i = 0; i < argc; ++i) {
    StringRef word = argv[i];
    bool isModel = word.ends_with(".so") || word.ends_with(".onnx") ||
                   word.ends_with(".mlir") || word.ends_with(".mlirbc");
    bool endsList = isModel || (word.size() > 1 && word.starts_with("-"));
    if (word == "--image" || word == "-image" || word == "--input" ||
        word == "-input") {
      flag = word.str();
      continue;
    }
    if (endsList)
      flag.clear();
    words.push_back(flag.empty() ? word.str() : flag + "=" + word.str());
  }
  return words;
}

int main(int argc, char **argv) {
  releaseOptionName("threads");
  RunOptions options;
  cl::opt<std::string, true> model(
      cl::Positional, cl::Required, cl::desc("<model.so|.onnx|.mlir|.mlirbc>"),
      cl::location(options.model), cl::cat(category));
  cl::list<std::string, std::vector<std::string>> images(
      "image", cl::desc("Images, or folders of images, to run on"),
      cl::value_desc("file ..."), cl::location(options.images),
      cl::cat(category));
  cl::list<std::string, std::vector<std::string>> inputs(
      "input", cl::desc("Arrays to run on, one an input of the model"),
      cl::value_desc("[name=]x.npy ..."), cl::location(options.inputs),
      cl::cat(category));
  cl::opt<EngineKind, true> engine(
      "engine", cl::desc("How to run .onnx and .mlir (default compiled)"),
      cl::values(
          clEnumValN(EngineKind::Compiled, "compiled", "generated code"),
          clEnumValN(EngineKind::Reference, "reference", "the interpreter")),
      cl::location(options.engine), cl::init(EngineKind::Compiled),
      cl::cat(category));
  cl::opt<std::string, true> strategy(
      "strategy",
      cl::desc("Of .onnx and .mlir: auto, shift, dot8, dot16 or float; "
               "pattern=name for "
               "nodes by name"),
      cl::value_desc("name,..."), cl::location(options.strategy),
      cl::init("auto"), cl::cat(category));
  cl::opt<std::string> quantize(
      "quantize-shift",
      cl::desc("Of .onnx and .mlir: round weights to powers of two: lo:hi, or "
               "the pass's options"),
      cl::value_desc("lo:hi"), cl::cat(category));
  cl::opt<std::string, true> compare(
      "compare",
      cl::desc("Run .onnx or .mlir beside the reference interpreter, another "
               "model with the same nodes, or (float) what it was before "
               "--quantize-shift; print SQNR and largest error a layer, and "
               "the first layer that differs"),
      cl::value_desc("float|reference|file"), cl::location(options.compare),
      cl::cat(category));
  cl::opt<int, true> threads(
      "threads", cl::desc("Threads (default: one a core)"), cl::value_desc("n"),
      cl::location(options.threads), cl::cat(category));
  cl::opt<std::string, true> outputDirectory(
      "output-dir", cl::desc("Write each output as NAME.npy into this folder"),
      cl::value_desc("folder"), cl::location(options.outputDirectory),
      cl::cat(category));
  cl::opt<std::string, true> draw(
      "draw", cl::desc("Draw the detected boxes"), cl::value_desc("out.png"),
      cl::location(options.drawPath), cl::cat(category));
  cl::opt<std::string, true> json(
      "json", cl::desc("Write the detections"), cl::value_desc("out.json"),
      cl::location(options.jsonPath), cl::cat(category));
  cl::opt<std::string, true> evaluate(
      "eval",
      cl::desc("Print COCO's AP of the detections on a dataset: a COCO JSON, "
               "with --image and the folder of its images, or a split of a "
               "Pascal VOC folder"),
      cl::value_desc("coco.json|voc:folder,split"),
      cl::location(options.evaluate), cl::cat(category));
  cl::opt<int, true> benchmark(
      "benchmark", cl::desc("Time n runs, print one JSON object"),
      cl::value_desc("n"), cl::location(options.benchmarkRuns),
      cl::cat(category));
  cl::opt<bool, true> profile("profile", cl::desc("Print the time a layer"),
                              cl::location(options.profile), cl::cat(category));
  ModelFlags flags(category);

  std::vector<std::string> words = repeatListFlags(argc, argv);
  std::vector<char *> arguments;
  for (std::string &word : words)
    arguments.push_back(word.data());
  if (!parseCommandLine(
          arguments.size(), arguments.data(), category,
          "Runs a model on images or arrays\n",
          "\nExamples:\n"
          "  shift-run fcos.so --image a.jpg b.jpg --draw=out.png "
          "--json=out.json\n"
          "  shift-run mnist-8.onnx --input x.npy --output-dir=out "
          "--engine=reference\n"
          "  shift-run fcos.so --image a.jpg --benchmark=20\n"
          "  shift-run fcos.so --eval=instances_val.json --image val/\n"
          "  shift-run fcos.onnx --quantize-shift=-10:5 --image a.jpg "
          "--compare=float\n"
          "  shift-run fcos.shift.mlir --image a.jpg --compare=fcos.onnx\n"
          "  shift-run fcos.shift.mlir --image a.jpg --compare=reference\n"))
    return exitUsage;
  if (quantize.getNumOccurrences())
    options.quantizeShift = quantize;
  if (compare.getNumOccurrences() && options.compare.empty())
    return reportFailure(makeUsageError(
        "expected --compare=float, reference or a file, got an empty text"));
  if (benchmark.getNumOccurrences() && options.benchmarkRuns < 1)
    return reportFailure(makeUsageError("expected --benchmark=n of at least 1, "
                                        "got " +
                                        Twine(options.benchmarkRuns)));
  if (Error error = flags.apply(options.modelOptions))
    return reportFailure(std::move(error));
  // A copy, because linking resets every option to its default.
  if (Error error = runModel(RunOptions(options)))
    return reportFailure(std::move(error));
  return exitSuccess;
}
