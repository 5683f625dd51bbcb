//===- BenchReport.cpp - Tables of what was measured ----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "BenchReport.h"
#include "shift/Pipelines/Version.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Format.h"

using namespace llvm;

namespace shift::bench {

double BenchReport::limitOf(StringRef strategy) const {
  for (const Limit &limit : limits)
    if (limit.strategy == strategy)
      return limit.macsPerSecond;
  return 0;
}

void BenchReport::printHead(raw_ostream &os) const {
  os << "machine: " << isa << ", " << threads
     << (threads == 1 ? " thread" : " threads") << "\n";
  for (const Limit &limit : limits)
    os << format("limit of %-6s %8.1f GMAC/s  (%s)\n", limit.strategy.c_str(),
                 limit.macsPerSecond * 1e-9, limit.instructions.c_str());
  for (const auto &[peer, reason] : missing)
    os << "left out: " << peer << " (" << reason << ")\n";
  os << "\n" << format("%10s %8s %6s", "ms", "GMAC/s", "limit");
  for (const std::string &peer : peers)
    os << "  x " << peer;
  os << "  " << format("%-16s", "contender") << " layer\n";
}

std::string BenchReport::ratio(const BenchRow &row, const Timing &timing,
                               StringRef peer) const {
  auto found = find_if(row.timings, [&](const Timing &other) {
    return other.contender == peer;
  });
  if (found == row.timings.end())
    return "-";
  std::string text;
  raw_string_ostream(text) << format("%.2f", found->median() / timing.median());
  return text;
}

void BenchReport::printTiming(const BenchRow &row, const Timing &timing,
                              raw_ostream &os) const {
  double median = timing.median(), speed = row.macs / median;
  os << format("%10.3f %8.2f ", median * 1e3, speed * 1e-9);
  double limit = limitOf(timing.contender);
  if (limit > 0 && row.macs > 0)
    os << format("%5.1f%%", 100 * speed / limit);
  else
    os << "     -";
  for (const std::string &peer : peers)
    os << "  " << right_justify(ratio(row, timing, peer), peer.size() + 2);
  os << "  " << format("%-16s", timing.contender.c_str()) << " " << row.name;
  if (!row.shape.empty())
    os << " (" << row.shape << ")";
  os << "\n";
}

void BenchReport::printRow(const BenchRow &row, raw_ostream &os) const {
  for (const Timing &timing : row.timings)
    printTiming(row, timing, os);
  os.flush();
}

std::vector<BenchRow> BenchReport::totals() const {
  MapVector<StringRef, std::vector<const BenchRow *>> networks;
  for (const BenchRow &row : rows)
    if (!row.shape.empty())
      networks[row.network].push_back(&row);
  std::vector<BenchRow> result;
  for (auto &entry : networks) {
    const std::vector<const BenchRow *> &layers = entry.second;
    BenchRow &total = result.emplace_back();
    total.network = entry.first.str();
    total.name = total.network + ", the sum of " +
                 std::to_string(layers.size()) +
                 " shapes, each as often as the network has it";
    StringMap<size_t> counts;
    for (const BenchRow *layer : layers) {
      total.macs += layer->macs * layer->repeat;
      for (const Timing &timing : layer->timings) {
        auto found = find_if(total.timings, [&](const Timing &other) {
          return other.contender == timing.contender;
        });
        if (found == total.timings.end())
          found = total.timings.insert(found,
                                       {timing.contender, timing.isPeer, {0}});
        found->seconds[0] += timing.median() * layer->repeat;
        ++counts[timing.contender];
      }
    }
    erase_if(total.timings, [&](const Timing &timing) {
      return counts[timing.contender] != layers.size();
    });
  }
  return result;
}

void BenchReport::printTotals(raw_ostream &os) const {
  for (const BenchRow &total : totals()) {
    os << "\n";
    printRow(total, os);
  }
}

void BenchReport::printMarkdownRow(const BenchRow &row, raw_ostream &os) const {
  for (const Timing &timing : row.timings) {
    double median = timing.median(), speed = row.macs / median;
    os << "| " << row.name << (row.shape.empty() ? "" : " ") << row.shape
       << " | " << timing.contender << format(" | %.3f | ", median * 1e3);
    double limit = limitOf(timing.contender);
    if (row.macs > 0)
      os << format("%.1f", speed * 1e-9);
    os << " | ";
    if (row.macs > 0 && limit > 0)
      os << format("%.0f %%", 100 * speed / limit);
    os << " |";
    for (const std::string &peer : peers)
      os << " " << ratio(row, timing, peer) << " |";
    os << "\n";
  }
}

void BenchReport::printMarkdown(raw_ostream &os) const {
  os << isa << ", " << threads << (threads == 1 ? " thread" : " threads")
     << ", medians of " << rounds << " alternating rounds\n\n";
  for (const Limit &limit : limits)
    os << "* limit of " << limit.strategy
       << format(": %.1f GMAC/s", limit.macsPerSecond * 1e-9) << " ("
       << limit.instructions << ")\n";
  for (const auto &[peer, reason] : missing)
    os << "* left out: " << peer << " (" << reason << ")\n";
  os << "\n| layer or model | contender | ms | GMAC/s | share of limit |";
  for (const std::string &peer : peers)
    os << " x " << peer << " |";
  os << "\n| --- | --- | ---: | ---: | ---: |";
  for (size_t i = 0; i < peers.size(); ++i)
    os << " ---: |";
  os << "\n";
  for (const BenchRow &row : rows)
    printMarkdownRow(row, os);
  for (const BenchRow &total : totals())
    printMarkdownRow(total, os);
}

json::Object BenchReport::resultToJson(const BenchRow &row,
                                       const Timing &timing) const {
  json::Object result{{"contender", timing.contender},
                      {"peer", timing.isPeer},
                      {"median_ms", timing.median() * 1e3},
                      {"gmacs", row.macs / timing.median() * 1e-9}};
  if (double limit = limitOf(timing.contender); limit > 0 && row.macs > 0)
    result["share_of_limit"] = row.macs / timing.median() / limit;
  json::Object ratios;
  for (const Timing &other : row.timings)
    if (other.isPeer && !timing.isPeer)
      ratios[other.contender] = other.median() / timing.median();
  if (!ratios.empty())
    result["faster_than"] = std::move(ratios);
  return result;
}

json::Value BenchReport::toJson() const {
  json::Array limitList, missingList, rowList, totalList;
  for (const Limit &limit : limits)
    limitList.push_back(json::Object{{"strategy", limit.strategy},
                                     {"instructions", limit.instructions},
                                     {"gmacs", limit.macsPerSecond * 1e-9}});
  for (const auto &[peer, reason] : missing)
    missingList.push_back(json::Object{{"peer", peer}, {"reason", reason}});
  for (const BenchRow &row : rows) {
    json::Array results;
    for (const Timing &timing : row.timings) {
      json::Object result = resultToJson(row, timing);
      result["min_ms"] = *min_element(timing.seconds) * 1e3;
      results.push_back(std::move(result));
    }
    rowList.push_back(json::Object{{"network", row.network},
                                   {"name", row.name},
                                   {"shape", row.shape},
                                   {"repeat", row.repeat},
                                   {"macs", row.macs},
                                   {"results", std::move(results)}});
  }
  for (const BenchRow &total : totals()) {
    json::Array results;
    for (const Timing &timing : total.timings)
      results.push_back(resultToJson(total, timing));
    totalList.push_back(json::Object{{"network", total.network},
                                     {"macs", total.macs},
                                     {"results", std::move(results)}});
  }
  return json::Object{{"version", pipelines::version},
                      {"isa", isa},
                      {"threads", threads},
                      {"rounds", rounds},
                      {"limits", std::move(limitList)},
                      {"missing", std::move(missingList)},
                      {"rows", std::move(rowList)},
                      {"totals", std::move(totalList)}};
}

} // namespace shift::bench
