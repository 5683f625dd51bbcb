//===- MachineLimits.h - What the machine's instructions allow --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef TOOLS_SHIFT_BENCH_MACHINELIMITS_H
#define TOOLS_SHIFT_BENCH_MACHINELIMITS_H

#include <string>
#include <vector>

namespace shift::bench {

/// Products a second that a strategy's instructions allow, measured.
struct Limit {
  /// "float", "dot16", "dot8", "shift".
  std::string strategy;
  /// The instructions of the loop.
  std::string instructions;
  double macsPerSecond = 0;
};

/// "baseline", "avx2", "avx512" or "avx512vnni": the best that this machine
/// has, SHIFT_CPU's at most.
std::string measuredInstructionSet();

/// Runs small loops without memory traffic beyond the first-level cache on
/// `threads` threads at once; takes about a second.
std::vector<Limit> measureLimits(int threads);

} // namespace shift::bench

#endif // TOOLS_SHIFT_BENCH_MACHINELIMITS_H
