//===- BenchDriver.cpp - What shift-bench does ----------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Google Benchmark runs each contender of a layer once a round, so that ours
// and the peers meet the same disturbances.
//===----------------------------------------------------------------------===//
#include "BenchDriver.h"
#include "BenchReport.h"
#include "MeasureCosts.h"
#include "Networks.h"
#include "Peers.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Support/OutputFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/FormatVariadic.h"
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

/// The first run touches memory, the second one says how long it takes.
Expected<double> warmUp(Contender &contender) {
  if (Error error = contender.run(1).takeError())
    return std::move(error);
  return contender.run(1);
}

bool isArtefact(StringRef path) { return path.ends_with(".so"); }

class Driver {
public:
  explicit Driver(const BenchOptions &options) : options(options) {}
  Error run();

private:
  Error checkUsage();
  Error printModelShapes();
  void startPeers();
  void leaveOut(StringRef peer, const Twine &reason);
  Error readModels();
  Error measureAllCosts();
  Error runNetworks();
  Error runLayer(const std::string &network, const ConvShape &shape);
  Error runModels();
  Error runArtefact(const std::string &path);
  Error runModel(const LoadedModel &model);
  Error measure(BenchRow row, std::vector<ContenderPtr> contenders);
  Error writeFiles();

  const BenchOptions &options;
  std::unique_ptr<mlir::MLIRContext> context;
  std::shared_ptr<PeerProcess> process;
  std::vector<std::string> strategies;
  std::vector<Network> networks;
  /// Of the models that are no artefacts, in their order.
  std::vector<LoadedModel> loaded;
  BenchReport report;
};

Error Driver::checkUsage() {
  std::vector<StringRef> known = mlir::shift::getLayerStrategies();
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
  for (const std::string &name : options.peers)
    if (!is_contained(knownPeers(), name))
      return makeUsageError("--compare: expected " + join(knownPeers(), ", ") +
                            ", got '" + name + "'");
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
  for (StringRef path : {options.outputPath, options.jsonPath, options.plotPath,
                         options.markdownPath})
    if (!path.empty())
      if (Error error = checkWritable(path))
        return error;
  if (isModel)
    return Error::success();
  auto read = readNetworks(options);
  if (!read)
    return read.takeError();
  networks = std::move(*read);
  return Error::success();
}

Error Driver::printModelShapes() {
  std::string text;
  raw_string_ostream os(text);
  for (const std::string &path : options.models) {
    auto module = pipelines::loadModel(path, options.modelOptions, *context);
    if (!module)
      return module.takeError();
    std::vector<ConvShape> shapes = findShapes(**module);
    if (shapes.empty())
      return makeError("'" + path + "': expected convolutions, got none");
    printShapes(shapes, path, os);
  }
  return writeOutputFile(options.outputPath, [&](raw_ostream &file) {
    file << text;
    return Error::success();
  });
}

void Driver::leaveOut(StringRef peer, const Twine &reason) {
  errs() << "warning: " << peer << " is left out: " << reason << "\n";
  report.missing.emplace_back(peer, reason.str());
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
      leaveOut(peer, reason);
    return;
  }
  process = std::move(*started);
  for (const std::string &peer : options.peers) {
    auto answer = process->ask(json::Object{{"op", "check"}, {"peer", peer}});
    if (answer)
      report.peers.push_back(peer);
    else
      leaveOut(peer, toString(answer.takeError()));
  }
}

/// Runs all contenders once in each round. A peer that fails is left out.
Error Driver::measure(BenchRow row, std::vector<ContenderPtr> contenders) {
  std::vector<std::string> failures(contenders.size());
  for (auto [i, contender] : enumerate(contenders)) {
    Contender *current = contender.get();
    std::string &failure = failures[i];
    row.timings.push_back({current->name, current->isOtherProcess(), {}});
    Expected<double> least = warmUp(*current);
    if (!least) {
      failure = toString(least.takeError());
      continue;
    }
    int64_t iterations = std::clamp<int64_t>(
        std::ceil(leastSeconds / std::max(*least, 1e-9)), 1, mostIterations);
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
    if (row.macs == 0)
      row.macs = current->macs();
  }
  TimeReporter reporter;
  for (int round = 0; round < options.rounds; ++round)
    benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::ClearRegisteredBenchmarks();
  for (auto [index, seconds] : reporter.seconds)
    row.timings[index].seconds.push_back(seconds);
  for (auto [failure, timing] : zip_equal(failures, row.timings)) {
    if (failure.empty())
      continue;
    if (!timing.isPeer)
      return makeError(row.name + ": " + timing.contender + ": " + failure);
    leaveOut(timing.contender, row.name + ": " + failure);
    timing.seconds.clear();
  }
  erase_if(row.timings,
           [](const Timing &timing) { return timing.seconds.empty(); });
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
    // A layer may be beyond a peer; the others still run.
    if (!made)
      leaveOut(peer, shape.name + ": " + toString(made.takeError()));
    else
      contenders.push_back(std::move(*made));
  }
  return measure(
      {network, shape.name, shape.describe(), shape.repeat, shape.macs(), {}},
      std::move(contenders));
}

Error Driver::readModels() {
  for (const std::string &path : options.models) {
    if (!sys::fs::exists(path))
      return makeError("cannot read '" + path + "': no such file");
    if (isArtefact(path))
      continue;
    auto model = loadModel(path, options.modelOptions, options.contenders);
    if (!model)
      return model.takeError();
    loaded.push_back(std::move(*model));
  }
  return Error::success();
}

/// Layers that several networks have are measured once.
Error Driver::measureAllCosts() {
  std::vector<ConvShape> layers;
  for (const Network &network : networks)
    for (const ConvShape &shape : network.layers)
      if (none_of(layers, [&](const ConvShape &other) {
            return other.describe() == shape.describe();
          }))
        layers.push_back(shape);
  return measureCosts(layers, options.rounds, options.outputPath,
                      options.jsonPath, *context);
}

Error Driver::runNetworks() {
  for (const Network &network : networks)
    for (const ConvShape &shape : network.layers)
      if (Error error = runLayer(network.name, shape))
        return error;
  if (report.rows.empty())
    return makeError("no strategy takes a layer");
  return Error::success();
}

Error Driver::runArtefact(const std::string &path) {
  auto made = loadContender(path, "compiled", options.contenders.threads);
  if (!made)
    return made.takeError();
  std::vector<ContenderPtr> contenders;
  contenders.push_back(std::move(*made));
  std::string name = sys::path::filename(path).str();
  return measure({name, name, "", 1, 0, {}}, std::move(contenders));
}

Error Driver::runModel(const LoadedModel &model) {
  std::vector<ContenderPtr> contenders;
  std::string name = sys::path::filename(model.path).str();
  for (const std::string &strategy : strategies) {
    std::string reason;
    auto made = makeModel(model, strategy, options.contenders, reason);
    if (!made)
      return makeError(name + ": " + toString(made.takeError()));
    if (*made)
      contenders.push_back(std::move(*made));
    else if (!options.strategies.empty())
      errs() << "warning: " << name << ": no layer takes strategy " << strategy
             << "; " << reason << "\n";
  }
  if (contenders.empty())
    return makeError(name + ": no strategy takes a layer of the model");
  if (StringRef(name).ends_with(".onnx"))
    for (const std::string &peer : report.peers) {
      auto made = makePeerModel(process, peer, model.path, options.modelOptions,
                                options.contenders.cacheFolder);
      // A model may be beyond a peer; the others still run.
      if (!made)
        leaveOut(peer, name + ": " + toString(made.takeError()));
      else
        contenders.push_back(std::move(*made));
    }
  return measure({name, name, "", 1, 0, {}}, std::move(contenders));
}

/// A row each: only what computes the same can be compared.
Error Driver::runModels() {
  auto next = loaded.begin();
  for (const std::string &path : options.models)
    if (Error error = isArtefact(path) ? runArtefact(path) : runModel(*next++))
      return error;
  return Error::success();
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
  if (Error error = readModels())
    return error;
  report.threads = options.contenders.threads;
  report.rounds = options.rounds;
  report.isa = measuredInstructionSet();
  report.limits = measureLimits(report.threads);
  startPeers();
  report.printHead(outs());
  Error error = options.models.empty() ? runNetworks() : runModels();
  if (report.rows.empty())
    return error;
  // What was measured before a failure is not lost.
  report.printTotals(outs());
  return joinErrors(std::move(error), writeFiles());
}

} // namespace

Error runBenchmarks(const BenchOptions &options) {
  return Driver(options).run();
}

} // namespace shift::bench
