//===- MeasureCosts.cpp - Measures the cost model's coefficients ----------===//
// SPDX-License-Identifier: Apache-2.0
// Every layer of the shape files, with 8-bit activations and weights in a
// window that dot8 takes, and with 16 bits and the whole range, in every form
// that takes it. All forms of a layer run in alternating rounds.
//===----------------------------------------------------------------------===//
#include "MeasureCosts.h"
#include "CostFit.h"
#include "MachineLimits.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/Progress.h"
#include "shift/Support/OutputFile.h"
#include "shift/Support/Timing.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include <cmath>
#include <map>

using namespace llvm;
using mlir::shift::LayerCandidate;
using mlir::shift::workKinds;
using shift::pipelines::makeError;

namespace shift::bench {
namespace {

/// A time is taken over runs that fill this together.
constexpr double leastSeconds = 0.004;
/// A choice is good if it takes at most this much longer than the best one.
constexpr double tolerance = 1.1;

struct MeasuredForm {
  LayerCandidate candidate;
  double seconds;
};

struct MeasuredLayer {
  std::string name;
  int activationBits;
  std::vector<MeasuredForm> forms;
};

/// The medians of alternating rounds.
Expected<std::vector<double>> timeAll(ArrayRef<ContenderPtr> contenders,
                                      int rounds) {
  std::vector<int64_t> iterations;
  std::vector<std::vector<double>> times(contenders.size());
  for (const ContenderPtr &contender : contenders) {
    // The first run touches memory.
    double last = 0;
    for (int warm = 0; warm < 2; ++warm) {
      Expected<double> seconds = contender->run(1);
      if (!seconds)
        return seconds.takeError();
      last = *seconds;
    }
    iterations.push_back(
        std::max<int64_t>(1, std::ceil(leastSeconds / std::max(last, 1e-7))));
  }
  for (int round = 0; round < rounds; ++round)
    for (auto [i, contender] : enumerate(contenders)) {
      Expected<double> seconds = contender->run(iterations[i]);
      if (!seconds)
        return seconds.takeError();
      times[i].push_back(*seconds / iterations[i]);
    }
  std::vector<double> medians;
  for (const std::vector<double> &own : times)
    medians.push_back(median(own));
  return medians;
}

Expected<MeasuredLayer> measureLayer(const ConvShape &shape, int bits,
                                     int rounds, mlir::MLIRContext &context) {
  ContenderOptions options;
  options.threads = 1;
  options.activationBits = bits;
  options.window = bits == 8 ? 7 : 0;
  MeasuredLayer result{shape.name, bits, {}};
  std::vector<ContenderPtr> contenders;
  mlir::shift::LayerChoices choices = listLayerChoices(shape, options, context);
  for (LayerCandidate &candidate : choices.candidates) {
    std::string reason;
    Expected<ContenderPtr> made =
        makeLayer(shape, candidate.strategy, options, context, reason);
    if (!made)
      return makeError(shape.name + ": " + toString(made.takeError()));
    contenders.push_back(std::move(*made));
    result.forms.push_back({std::move(candidate), 0});
  }
  auto times = timeAll(contenders, rounds);
  if (!times)
    return times.takeError();
  for (auto [form, seconds] : zip_equal(result.forms, *times))
    form.seconds = seconds;
  return result;
}

using Costs = std::map<std::pair<std::string, int>, mlir::shift::WorkCounts>;

Costs fitAll(ArrayRef<MeasuredLayer> layers) {
  std::map<std::pair<std::string, int>, std::vector<CostSample>> samples;
  for (const MeasuredLayer &layer : layers)
    for (const MeasuredForm &form : layer.forms)
      samples[{form.candidate.form, layer.activationBits}].push_back(
          {form.candidate.work, form.seconds});
  Costs costs;
  for (const auto &[key, own] : samples)
    costs[key] = fitCosts(own);
  return costs;
}

double predict(const Costs &costs, const MeasuredLayer &layer,
               const MeasuredForm &form) {
  const auto &row = costs.at({form.candidate.form, layer.activationBits});
  double sum = 0;
  for (size_t i = 0; i < workKinds; ++i)
    sum += row[i] * form.candidate.work[i];
  return sum * 1e-9;
}

/// How often the model chooses well among measured forms, and where not.
void judge(const Costs &costs, ArrayRef<MeasuredLayer> layers,
           raw_ostream &os) {
  int64_t choices = 0, good = 0;
  for (const MeasuredLayer &layer : layers) {
    if (layer.forms.size() < 2)
      continue;
    const MeasuredForm &chosen = *std::min_element(
        layer.forms.begin(), layer.forms.end(), [&](auto &a, auto &b) {
          return predict(costs, layer, a) < predict(costs, layer, b);
        });
    double best = chosen.seconds;
    for (const MeasuredForm &form : layer.forms)
      best = std::min(best, form.seconds);
    ++choices;
    if (chosen.seconds <= tolerance * best) {
      ++good;
      continue;
    }
    os << layer.name << ", " << layer.activationBits << " bits: chose "
       << chosen.candidate.form << "; predicted/measured ms:";
    for (const MeasuredForm &form : layer.forms)
      os << format(" %.3g/%.3g ", predict(costs, layer, form) * 1e3,
                   form.seconds * 1e3)
         << form.candidate.form;
    os << "\n";
  }
  os << "within 10 % of the best form: " << good << " of " << choices
     << " layers\n";
}

void printRow(StringRef isa, StringRef form, int bits,
              const mlir::shift::WorkCounts &costs, raw_ostream &os) {
  os << "SHIFT_COST(\"" << isa << "\", \"" << form << "\", " << bits;
  for (double cost : costs)
    os << format(", %.4g", cost);
  os << ")\n";
}

/// The source file: what was measured now, and other machines' rows.
void printTable(StringRef isa, const Costs &costs, raw_ostream &os) {
  os << "//===- CostTable.inc - Measured costs of kernels "
        "----------------*- C++ -*-===//\n"
        "// SPDX-License-Identifier: Apache-2.0\n"
        "// Printed by: shift-bench --measure-costs\n"
        "// Nanoseconds on one thread, in the order of mlir::shift::Work: "
        "product,\n// segment, copy, gather, output, slot, item, run.\n"
        "//===--------------------------------------------------------------"
        "--------===//\n";
  for (const mlir::shift::CostRow &row : mlir::shift::getCostTable())
    if (row.isa != isa)
      printRow(row.isa, row.form, row.activationBits, row.nanoseconds, os);
  for (const auto &[key, row] : costs)
    printRow(isa, key.first, key.second, row, os);
}

Error writeSamples(const std::string &path, ArrayRef<MeasuredLayer> layers) {
  json::Array samples;
  for (const MeasuredLayer &layer : layers)
    for (const MeasuredForm &form : layer.forms)
      samples.push_back(json::Object{{"layer", layer.name},
                                     {"form", form.candidate.form},
                                     {"activation_bits", layer.activationBits},
                                     {"work", json::Array(form.candidate.work)},
                                     {"ms", form.seconds * 1e3}});
  return writeOutputFile(path, [&](raw_ostream &os) {
    os << formatv("{0:2}", json::Value(std::move(samples))) << "\n";
    return Error::success();
  });
}

} // namespace

Error measureCosts(ArrayRef<ConvShape> shapes, int rounds,
                   const std::string &outputPath, const std::string &jsonPath,
                   mlir::MLIRContext &context) {
  std::vector<MeasuredLayer> layers;
  pipelines::Progress progress("layers", shapes.size());
  for (const ConvShape &shape : shapes) {
    progress.step();
    for (int bits : {8, 16}) {
      auto layer = measureLayer(shape, bits, rounds, context);
      if (!layer)
        return layer.takeError();
      layers.push_back(std::move(*layer));
    }
  }
  if (!jsonPath.empty())
    if (Error error = writeSamples(jsonPath, layers))
      return error;
  Costs costs = fitAll(layers);
  judge(costs, layers, errs());
  return writeOutputFile(outputPath, [&](raw_ostream &os) {
    printTable(measuredInstructionSet(), costs, os);
    return Error::success();
  });
}

} // namespace shift::bench
