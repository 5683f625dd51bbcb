//===- shift-bench.cpp - Speed of layers and models against peers ---------===//
// SPDX-License-Identifier: Apache-2.0
// Flags only; the work is BenchDriver's.
//===----------------------------------------------------------------------===//
#include "BenchDriver.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/ModelFlags.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <thread>

using namespace llvm;
using namespace shift::bench;
using shift::pipelines::makeUsageError;
using shift::pipelines::reportFailure;

static cl::OptionCategory category("shift-bench options");

/// A path from the folder of this program's folder.
static std::string besideProgram(char *argv0, StringRef path) {
  static int anchor;
  SmallString<256> result(sys::path::parent_path(
      sys::path::parent_path(sys::fs::getMainExecutable(argv0, &anchor))));
  sys::path::append(result, path);
  return result.str().str();
}

/// "-10:5".
static Error parseRange(StringRef text, ContenderOptions &options) {
  auto [lo, hi] = text.split(':');
  shift::ExponentRange &range = options.range.emplace();
  if (lo.getAsInteger(10, range.lo) || hi.getAsInteger(10, range.hi) ||
      range.lo < -126 || range.hi > 127 || range.lo > range.hi)
    return makeUsageError("expected --range=lo:hi within -126:127, got '" +
                          text + "'");
  return Error::success();
}

static Error checkNumber(const cl::opt<int64_t> &flag, int64_t lo, int64_t hi) {
  if (!flag.getNumOccurrences() || (flag >= lo && flag <= hi))
    return Error::success();
  return makeUsageError("expected --" + flag.ArgStr + "=n in " + Twine(lo) +
                        " to " + Twine(hi) + ", got " + Twine(flag.getValue()));
}

/// A usage error for a flag that was given and has no effect on this run.
static Error checkEffects(const BenchOptions &options, bool hasPython) {
  const std::vector<StringRef> models{
      "model", "input-shape", "outputs", "detector",     "input-layout",
      "mean",  "std",         "resize",  "channel-order"};
  const std::vector<StringRef> results{"compare",  "threads", "rounds", "json",
                                       "markdown", "plot",    "python"};
  const std::vector<StringRef> conversion{"strategy", "range", "window",
                                          "activation-bits"};
  bool hasOnlyArtefacts = all_of(
      options.models, [](StringRef path) { return path.ends_with(".so"); });
  StringRef run;
  std::vector<StringRef> useful;
  if (options.printShapes) {
    run = "with --print-shapes";
    useful = {"print-shapes", "o"};
    append_range(useful, models);
  } else if (options.measureCosts) {
    run = "with --measure-costs";
    useful = {"measure-costs", "shapes", "layer", "largest",
              "rounds",        "json",   "o"};
  } else if (options.models.empty()) {
    run = "without --model";
    useful = {"shapes", "layer", "largest"};
    append_range(useful, results);
    append_range(useful, conversion);
  } else if (hasOnlyArtefacts) {
    run = "with a --model of kind .so";
    useful = {"model"};
    append_range(useful, results);
  } else {
    run = "with --model";
    useful = {"cache"};
    append_range(useful, models);
    append_range(useful, results);
    append_range(useful, conversion);
  }
  if (options.outputPath != "-" && !is_contained(useful, "o"))
    return makeUsageError("-o needs --print-shapes or --measure-costs");
  std::vector<StringRef> useless;
  for (const auto &[name, option] : cl::getRegisteredOptions())
    if (option->getNumOccurrences() > 0 &&
        is_contained(option->Categories, &category) &&
        !is_contained(useful, name))
      useless.push_back(name);
  if (!useless.empty()) {
    StringRef first = *min_element(useless);
    return makeUsageError("--" + first + " has no effect " + run);
  }
  if (hasPython && options.peers.empty() && options.plotPath.empty())
    return makeUsageError("--python needs --compare or --plot");
  return Error::success();
}

static const char *const examples =
    "\nExamples:\n"
    "  shift-bench --shapes=fcos-r50 --largest=3\n"
    "  shift-bench --shapes=yunet --strategy=shift,float --threads=1\n"
    "  shift-bench --shapes=fcos-r50 --largest=3 "
    "--compare=onnxruntime,openvino --json=bench.json --plot=bench.png\n"
    "  shift-bench --model fcos.onnx --strategy=shift,dot16,auto "
    "--compare=onnxruntime,onnxruntime-int8\n"
    "  shift-bench --measure-costs -o lib/Conversion/ShiftToCPU/CostTable.inc\n"
    "  shift-bench --model fcos.so\n"
    "  shift-bench --print-shapes --model fcos.onnx -o fcos.txt\n"
    "\nA ratio of 2 in the column of a peer: twice as fast as the peer. Layers "
    "have random\nweights (normal, rounded to powers of two) and inputs. Peers "
    "run in the same rounds\nwith as many threads; those ending in -int8 run "
    "the model quantized to 8 bits\n(onnxruntime's static QDQ quantization per "
    "channel, openvino's by NNCF).\ntools/setup-peers installs them.\n";

int main(int argc, char **argv) {
  shift::pipelines::releaseOptionName("threads");
  BenchOptions options;
  cl::list<std::string> shapes(
      "shapes", cl::CommaSeparated,
      cl::desc("Files of convolution shapes, or names of those that come with "
               "the tool (default: all of them): fcos-r50, fcos-mobilenetv2, "
               "fastestdet, yunet"),
      cl::value_desc("name|file,..."), cl::cat(category));
  cl::list<std::string> models(
      "model", cl::CommaSeparated,
      cl::desc("Whole models instead of shapes; a .so runs as it is"),
      cl::value_desc("m.onnx|.mlir|.so,..."), cl::cat(category));
  cl::opt<bool> printShapes("print-shapes",
                            cl::desc("Print the shapes of --model, as a file "
                                     "for --shapes, and run nothing"),
                            cl::cat(category));
  cl::opt<std::string> layer("layer", cl::desc("Layers by name (default *)"),
                             cl::value_desc("pattern"), cl::init("*"),
                             cl::cat(category));
  cl::opt<int64_t> largest("largest",
                           cl::desc("Only the n largest layers of a network"),
                           cl::value_desc("n"), cl::cat(category));
  cl::list<std::string> strategy(
      "strategy", cl::CommaSeparated,
      cl::desc("Strategies (default: all that can take the layer); auto "
               "chooses for each layer"),
      cl::value_desc("name,..."), cl::cat(category));
  cl::list<std::string> compare(
      "compare", cl::CommaSeparated,
      cl::desc("Peers: onnxruntime, openvino, onnxruntime-int8, "
               "openvino-int8; one that is not installed is left out with a "
               "warning"),
      cl::value_desc("peer,..."), cl::cat(category));
  cl::opt<std::string> range("range",
                             cl::desc("Exponents of weights (default -10:5)"),
                             cl::value_desc("lo:hi"), cl::cat(category));
  cl::opt<int64_t> window("window",
                          cl::desc("Exponents of an output channel, 0: all of "
                                   "the range (default 7 for dot8 and auto)"),
                          cl::value_desc("n"), cl::cat(category));
  cl::opt<int64_t> bits("activation-bits",
                        cl::desc("Bits of activations (default 16 for dot16, "
                                 "else 8)"),
                        cl::value_desc("b"), cl::cat(category));
  cl::opt<int64_t> threads("threads", cl::desc("Threads (default: one a core)"),
                           cl::value_desc("n"), cl::cat(category));
  cl::opt<int64_t> rounds(
      "rounds", cl::desc("Rounds, of which medians are shown (default 5)"),
      cl::value_desc("n"), cl::init(5), cl::cat(category));
  cl::opt<std::string> json("json", cl::desc("Write all results"),
                            cl::value_desc("file"), cl::cat(category));
  cl::opt<std::string> markdown("markdown",
                                cl::desc("Write the table as Markdown"),
                                cl::value_desc("file"), cl::cat(category));
  cl::opt<std::string> cache(
      "cache",
      cl::desc("Keep compiled models, and those that peers quantize, for the "
               "next run"),
      cl::value_desc("folder"), cl::cat(category));
  cl::opt<bool> measureCosts(
      "measure-costs",
      cl::desc("Measure all strategies on the layers of --shapes on one thread "
               "and print the cost model's table as source text"),
      cl::cat(category));
  cl::opt<std::string> output(
      "o",
      cl::desc("Where --print-shapes and --measure-costs print (default: "
               "stdout)"),
      cl::value_desc("file"), cl::init("-"), cl::cat(category));
  cl::opt<std::string> plot("plot", cl::desc("Draw bars, a group a layer"),
                            cl::value_desc("file.png"), cl::cat(category));
  cl::opt<std::string> python(
      "python",
      cl::desc("Python of the peers and of --plot (default: the folders peers, "
               "for peers, or venv beside the program's)"),
      cl::value_desc("program"), cl::cat(category));
  shift::pipelines::ModelFlags flags(category);
  if (!shift::pipelines::parseCommandLine(
          argc, argv, category,
          "Measures convolutions of real networks and whole models\n",
          examples))
    return shift::pipelines::exitUsage;

  options.shapes = shapes;
  options.models = models;
  options.printShapes = printShapes;
  options.layer = layer;
  options.largest = largest;
  options.strategies = strategy;
  options.peers = compare;
  options.rounds = rounds;
  options.outputPath = output;
  options.jsonPath = json;
  options.plotPath = plot;
  options.markdownPath = markdown;
  options.measureCosts = measureCosts;
  options.contenders.cacheFolder = cache;
  options.plotPython = python.empty()
                           ? besideProgram(argv[0], "venv/bin/python")
                           : python.getValue();
  std::string peers = besideProgram(argv[0], "peers/bin/python");
  options.peerPython =
      python.empty() && sys::fs::exists(peers) ? peers : options.plotPython;
  options.shapesFolder = besideProgram(argv[0], "share/shift-bench");
  if (window.getNumOccurrences())
    options.contenders.window = window;
  if (bits.getNumOccurrences())
    options.contenders.activationBits = bits;
  options.contenders.threads =
      threads.getNumOccurrences()
          ? int(threads)
          : std::max(1, int(std::thread::hardware_concurrency()));
  Error error = checkEffects(options, python.getNumOccurrences() > 0);
  if (!error && range.getNumOccurrences())
    error = parseRange(range, options.contenders);
  auto check = [&](const cl::opt<int64_t> &flag, int64_t lo, int64_t hi) {
    if (!error)
      error = checkNumber(flag, lo, hi);
  };
  check(largest, 1, 1000000);
  check(window, 0, 254);
  check(bits, 4, 16);
  check(threads, 1, 1024);
  check(rounds, 1, 100000);
  if (!error)
    error = flags.apply(options.modelOptions);
  if (!error)
    error = runBenchmarks(options);
  if (error)
    return reportFailure(std::move(error));
  return shift::pipelines::exitSuccess;
}
