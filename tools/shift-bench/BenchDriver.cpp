//===- BenchDriver.cpp - What shift-bench does ----------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Google Benchmark runs each contender of a layer once a round, so that ours
// and the peers meet the same disturbances.
//===----------------------------------------------------------------------===//
#include "BenchDriver.h"
#include "BenchReport.h"
#include "MeasureCosts.h"
#include "Peers.h"
#include "shift/Conversion/ShiftToCPU/Passes.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Support/OutputFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include <benchmark/benchmark.h>
#include <cmath>
#include <thread>

using namespace llvm;
using shift::pipelines::makeError;
using shift::pipelines::makeUsageError;

namespace shift::bench {
namespace {

/// Takes the time of a run over from Google Benchmark.
class TimeReporter : public benchmark::BenchmarkReporter {
public:
  bool ReportContext(const Context &) override { return true; }
  void ReportRuns(const std::vector<Run> &runs) override {
    for (const Run &run : runs)
      if (!run.error_occurred)
        seconds.emplace_back(std::stoul(run.run_name.function_name),
                             run.real_accumulated_time / run.iterations);
  }

  /// The index of a contender and the seconds of one of its runs.
  std::vector<std::pair<size_t, double>> seconds;
};

/// Longer than OpenMP's workers wait for more work.
constexpr auto restTime = std::chrono::milliseconds(250);
/// A time is taken over runs that fill this together.
constexpr double leastSeconds = 0.02;
constexpr int64_t mostIterations = 10000;

class Driver {
public:
  explicit Driver(const BenchOptions &options) : options(options) {}
  Error run();

private:
  Error checkUsage();
  Error printModelShapes();
  void startPeers();
  void leaveOut(StringRef peer, Error error);
  Expected<std::vector<std::string>> findShapeFiles();
  Expected<std::vector<ConvShape>> readLayers(const std::string &path);
  Error measureAllCosts();
  Error runShapeFiles();
  Error runNetwork(const std::string &path);
  Error runLayer(const std::string &network, const ConvShape &shape);
  Error runModels();
  Error measure(BenchRow row, std::vector<ContenderPtr> contenders);
  Error writeFiles();

  const BenchOptions &options;
  std::unique_ptr<mlir::MLIRContext> context;
  std::shared_ptr<PeerProcess> process;
  std::vector<std::string> strategies;
  BenchReport report;
};

Error Driver::checkUsage() {
  std::vector<StringRef> known = mlir::shift::getStrategies();
  bool isModel = !options.models.empty();
  known.push_back("auto");
  for (const std::string &name : options.strategies)
    if (!is_contained(known, name))
      return makeUsageError("--strategy: expected " + join(known, ", ") +
                            ", got '" + name + "'");
  strategies = options.strategies;
  if (strategies.empty())
    for (StringRef name : ArrayRef(known).drop_back(isModel ? 0 : 1))
      strategies.push_back(name.str());
  if (options.measureCosts &&
      (isModel || !options.peers.empty() || !options.strategies.empty()))
    return makeUsageError("--measure-costs takes all strategies of --shapes, "
                          "no --model, --compare or --strategy");
  for (const std::string &name : options.peers)
    if (!is_contained(knownPeers(), name))
      return makeUsageError("--compare: expected " + join(knownPeers(), ", ") +
                            ", got '" + name + "'");
  if (isModel && !options.shapes.empty())
    return makeUsageError("expected --shapes or --model, got both");
  if (options.printShapes && !isModel)
    return makeUsageError("--print-shapes needs --model");
  if (isModel && !options.peers.empty() &&
      none_of(options.models,
              [](StringRef path) { return path.ends_with(".onnx"); }))
    return makeUsageError("--compare needs a --model of kind .onnx: the peers "
                          "run no other");
  if (!options.plotPath.empty() &&
      sys::path::extension(options.plotPath).lower() != ".png")
    return makeUsageError("expected --plot=FILE.png, got '" + options.plotPath +
                          "'");
  for (StringRef path :
       {options.jsonPath, options.plotPath, options.markdownPath})
    if (!path.empty())
      if (Error error = checkWritable(path))
        return error;
  return GlobPattern::create(options.layer).takeError();
}

Error Driver::printModelShapes() {
  for (const std::string &path : options.models) {
    auto module = pipelines::loadModel(path, options.modelOptions, *context);
    if (!module)
      return module.takeError();
    std::vector<ConvShape> shapes = findShapes(**module);
    if (shapes.empty())
      return makeError("'" + path + "': expected convolutions, got none");
    printShapes(shapes, path, outs());
  }
  return Error::success();
}

void Driver::leaveOut(StringRef peer, Error error) {
  std::string reason = toString(std::move(error));
  errs() << "warning: " << peer << " is left out: " << reason << "\n";
  report.missing.emplace_back(peer, reason);
}

/// Asks for each peer once, so that a missing one is told before the work.
void Driver::startPeers() {
  if (options.peers.empty())
    return;
  auto started =
      PeerProcess::start(options.peerPython, options.contenders.threads);
  if (!started) {
    std::string reason = toString(started.takeError());
    for (const std::string &peer : options.peers)
      leaveOut(peer, makeError(reason));
    return;
  }
  process = std::move(*started);
  for (const std::string &peer : options.peers) {
    auto answer = process->ask(json::Object{{"op", "check"}, {"peer", peer}});
    if (answer)
      report.peers.push_back(peer);
    else
      leaveOut(peer, answer.takeError());
  }
}

/// Runs all contenders once in each round.
Error Driver::measure(BenchRow row, std::vector<ContenderPtr> contenders) {
  std::string failure;
  for (auto [i, contender] : enumerate(contenders)) {
    // The first run touches memory, the second one says how long it takes.
    double first = 0;
    for (int warm = 0; warm < 2; ++warm) {
      Expected<double> seconds = contender->run(1);
      if (!seconds)
        return seconds.takeError();
      first = *seconds;
    }
    int64_t iterations = std::clamp<int64_t>(
        std::ceil(leastSeconds / std::max(first, 1e-9)), 1, mostIterations);
    Contender *current = contender.get();
    bool rests = !report.peers.empty() && current->isOtherProcess();
    benchmark::RegisterBenchmark(
        std::to_string(i).c_str(),
        [current, iterations, rests, &failure](benchmark::State &state) {
          if (rests)
            std::this_thread::sleep_for(restTime);
          for (auto _ : state) {
            Expected<double> seconds = current->run(iterations);
            if (!seconds) {
              failure = toString(seconds.takeError());
              state.SkipWithError(failure.c_str());
              break;
            }
            state.SetIterationTime(*seconds / iterations);
          }
        })
        ->Iterations(1)
        ->UseManualTime();
    row.timings.push_back({current->name, current->isOtherProcess(), {}});
    if (current->macs() > 0)
      row.macs = current->macs();
  }
  TimeReporter reporter;
  for (int round = 0; round < options.rounds && failure.empty(); ++round)
    benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::ClearRegisteredBenchmarks();
  if (!failure.empty())
    return makeError(failure);
  for (auto [index, seconds] : reporter.seconds)
    row.timings[index].seconds.push_back(seconds);
  report.printRow(row, outs());
  report.rows.push_back(std::move(row));
  return Error::success();
}

Error Driver::runLayer(const std::string &network, const ConvShape &shape) {
  std::vector<ContenderPtr> contenders;
  for (const std::string &strategy : strategies) {
    std::string reason;
    Expected<ContenderPtr> made =
        makeLayer(shape, strategy, options.contenders, *context, reason);
    if (!made)
      return makeError(shape.name + ": " + toString(made.takeError()));
    if (*made)
      contenders.push_back(std::move(*made));
    else if (!options.strategies.empty())
      errs() << "warning: " << shape.name << ": strategy " << strategy
             << " does not take it; " << reason << "\n";
  }
  if (contenders.empty())
    return Error::success();
  for (const std::string &peer : report.peers) {
    Expected<ContenderPtr> made = makePeerLayer(process, peer, shape);
    if (!made)
      return makeError(shape.name + ": " + peer + ": " +
                       toString(made.takeError()));
    contenders.push_back(std::move(*made));
  }
  return measure(
      {network, shape.name, shape.describe(), shape.repeat, shape.macs(), {}},
      std::move(contenders));
}

/// The layers of a file that the flags ask for.
Expected<std::vector<ConvShape>> Driver::readLayers(const std::string &path) {
  Expected<std::vector<ConvShape>> shapes = readShapes(path);
  if (!shapes)
    return shapes.takeError();
  GlobPattern pattern = cantFail(GlobPattern::create(options.layer));
  erase_if(*shapes,
           [&](const ConvShape &shape) { return !pattern.match(shape.name); });
  if (options.largest > 0) {
    // Equal ones by name, so that the choice is always the same.
    llvm::sort(*shapes, [](const ConvShape &a, const ConvShape &b) {
      return std::make_pair(-a.macs(), a.name) <
             std::make_pair(-b.macs(), b.name);
    });
    shapes->resize(std::min<size_t>(shapes->size(), options.largest));
  }
  return shapes;
}

Error Driver::runNetwork(const std::string &path) {
  Expected<std::vector<ConvShape>> shapes = readLayers(path);
  if (!shapes)
    return shapes.takeError();
  for (const ConvShape &shape : *shapes)
    if (Error error = runLayer(sys::path::stem(path).str(), shape))
      return error;
  return Error::success();
}

Expected<std::vector<std::string>> Driver::findShapeFiles() {
  std::vector<std::string> paths;
  for (const std::string &name : options.shapes) {
    SmallString<128> path(options.shapesFolder);
    sys::path::append(path, name + ".txt");
    paths.push_back(sys::fs::exists(name) ? name : path.str().str());
  }
  std::error_code code;
  if (options.shapes.empty())
    for (sys::fs::directory_iterator it(options.shapesFolder, code), end;
         it != end && !code; it.increment(code))
      paths.push_back(it->path());
  if (paths.empty())
    return makeError("no shapes in '" + options.shapesFolder +
                     "'; name a file with --shapes");
  llvm::sort(paths);
  return paths;
}

/// Layers that several networks have are measured once.
Error Driver::measureAllCosts() {
  Expected<std::vector<std::string>> paths = findShapeFiles();
  if (!paths)
    return paths.takeError();
  std::vector<ConvShape> layers;
  for (const std::string &path : *paths) {
    Expected<std::vector<ConvShape>> own = readLayers(path);
    if (!own)
      return own.takeError();
    for (ConvShape &shape : *own)
      if (none_of(layers, [&](const ConvShape &other) {
            return other.describe() == shape.describe();
          }))
        layers.push_back(std::move(shape));
  }
  return measureCosts(layers, options.rounds, options.jsonPath, *context);
}

Error Driver::runShapeFiles() {
  Expected<std::vector<std::string>> paths = findShapeFiles();
  if (!paths)
    return paths.takeError();
  for (const std::string &path : *paths)
    if (Error error = runNetwork(path))
      return error;
  if (report.rows.empty())
    return makeError("no layer to measure: none has a name like '" +
                     options.layer + "' and a strategy that takes it");
  return Error::success();
}

Error Driver::runModels() {
  std::vector<ContenderPtr> contenders;
  auto add = [&](Expected<ContenderPtr> made) -> Error {
    if (!made)
      return made.takeError();
    if (*made)
      contenders.push_back(std::move(*made));
    return Error::success();
  };
  for (const std::string &path : options.models) {
    if (StringRef(path).ends_with(".so")) {
      if (Error error =
              add(loadContender(path, path, options.contenders.threads)))
        return error;
      continue;
    }
    for (const std::string &strategy : strategies) {
      std::string reason;
      size_t before = contenders.size();
      if (Error error = add(makeModel(path, options.modelOptions, strategy,
                                      options.contenders, reason)))
        return error;
      if (contenders.size() == before && !options.strategies.empty())
        errs() << "warning: no layer takes strategy " << strategy << "\n";
    }
  }
  if (contenders.empty())
    return makeError("no strategy takes a layer of the model");
  std::string name;
  for (const std::string &path : options.models) {
    name += (name.empty() ? "" : " ") + sys::path::filename(path).str();
    if (!StringRef(path).ends_with(".onnx"))
      continue;
    for (const std::string &peer : report.peers) {
      auto made = makePeerModel(process, peer, path, options.modelOptions,
                                options.contenders.cacheFolder);
      // A model may be beyond a peer; the others still run.
      if (!made)
        leaveOut(peer, made.takeError());
      else
        contenders.push_back(std::move(*made));
    }
  }
  return measure({name, name, "", 1, 0, {}}, std::move(contenders));
}

Error Driver::writeFiles() {
  if (!options.markdownPath.empty())
    if (Error error =
            writeOutputFile(options.markdownPath, [&](raw_ostream &os) {
              report.printMarkdown(os);
              return Error::success();
            }))
      return error;
  if (options.jsonPath.empty() && options.plotPath.empty())
    return Error::success();
  std::string text;
  raw_string_ostream(text) << formatv("{0:2}", report.toJson()) << "\n";
  auto write = [&](StringRef path) {
    return writeOutputFile(path, [&](raw_ostream &os) {
      os << text;
      return Error::success();
    });
  };
  if (!options.jsonPath.empty())
    if (Error error = write(options.jsonPath))
      return error;
  if (options.plotPath.empty())
    return Error::success();
  SmallString<128> data;
  if (auto code = sys::fs::createTemporaryFile("shift-bench", "json", data))
    return makeError("cannot make a temporary file: " + code.message());
  FileRemover remover(data);
  if (Error error = write(data))
    return error;
  ErrorOr<std::string> python = sys::findProgramByName(options.plotPython);
  std::string message;
  if (!python ||
      sys::ExecuteAndWait(*python,
                          {options.plotPython, "-m",
                           "shift_frontend.bench_plot", data, options.plotPath},
                          std::nullopt, {}, 0, 0, &message) != 0)
    return makeError("cannot draw '" + options.plotPath + "' with '" +
                     options.plotPython + "'" +
                     (message.empty() ? "" : ": " + message));
  return Error::success();
}

Error Driver::run() {
  if (Error error = checkUsage())
    return error;
  context = pipelines::makeContext();
  // Layers are built, not parsed.
  context->loadAllAvailableDialects();
  if (options.printShapes)
    return printModelShapes();
  if (options.measureCosts)
    return measureAllCosts();
  for (const std::string &path : options.models)
    if (!sys::fs::exists(path))
      return makeError("cannot read '" + path + "': no such file");
  report.threads = options.contenders.threads;
  report.rounds = options.rounds;
  report.isa = measuredInstructionSet();
  report.limits = measureLimits(report.threads);
  startPeers();
  report.printHead(outs());
  if (Error error = options.models.empty() ? runShapeFiles() : runModels())
    return error;
  report.printTotals(outs());
  return writeFiles();
}

} // namespace

Error runBenchmarks(const BenchOptions &options) {
  return Driver(options).run();
}

} // namespace shift::bench
