//===- BenchReport.h - Tables of what was measured --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef TOOLS_SHIFT_BENCH_BENCHREPORT_H
#define TOOLS_SHIFT_BENCH_BENCHREPORT_H

#include "MachineLimits.h"
#include "shift/Support/Timing.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <string>
#include <vector>

namespace shift::bench {

/// The times of one contender, a round each, in seconds a run.
struct Timing {
  std::string contender;
  bool isPeer = false;
  std::vector<double> seconds;

  double median() const { return shift::median(seconds); }
};

/// A layer or model and all that ran it.
struct BenchRow {
  std::string network, name, shape;
  int64_t repeat = 1, macs = 0;
  std::vector<Timing> timings;
};

/// Everything that a run of the tool found.
struct BenchReport {
  int threads = 1;
  int rounds = 1;
  std::string isa;
  std::vector<Limit> limits;
  /// Peers in the order of --compare, and why some are missing.
  std::vector<std::string> peers;
  std::vector<std::pair<std::string, std::string>> missing;
  std::vector<BenchRow> rows;

  /// The machine and the limits, then the head of the table.
  void printHead(llvm::raw_ostream &os) const;
  /// A line a contender: time, GMAC/s, share of the limit, ratios.
  void printRow(const BenchRow &row, llvm::raw_ostream &os) const;
  /// The rows of `totals`.
  void printTotals(llvm::raw_ostream &os) const;
  /// The same as Markdown, for documents.
  void printMarkdown(llvm::raw_ostream &os) const;
  llvm::json::Value toJson() const;

private:
  /// A row a network of layers, with the contenders that ran all of them: the
  /// sum of the medians, each layer as often as the network has it.
  std::vector<BenchRow> totals() const;
  double limitOf(llvm::StringRef strategy) const;
  /// How much faster `timing` is than `peer` on the row; "-" if unknown.
  std::string ratio(const BenchRow &row, const Timing &timing,
                    llvm::StringRef peer) const;
  void printTiming(const BenchRow &row, const Timing &timing,
                   llvm::raw_ostream &os) const;
  void printMarkdownRow(const BenchRow &row, llvm::raw_ostream &os) const;
  llvm::json::Object resultToJson(const BenchRow &row,
                                  const Timing &timing) const;
};

} // namespace shift::bench

#endif // TOOLS_SHIFT_BENCH_BENCHREPORT_H
