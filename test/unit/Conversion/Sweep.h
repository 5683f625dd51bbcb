//===- Sweep.h - Batches of random cases, as many as asked for --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef TEST_UNIT_CONVERSION_SWEEP_H
#define TEST_UNIT_CONVERSION_SWEEP_H

#include <cstdint>
#include <functional>

namespace shift::test {

/// What the command line asks for.
struct SweepOptions {
  int64_t cases;
  int64_t seed = 1;
  /// Runs only the batch of this number.
  int64_t batch = -1;
};

/// Parses a command line of GoogleTest and --cases, --seed, --batch. Prints
/// `usage` and returns false for others.
bool parseSweepOptions(int argc, char **argv, const char *usage,
                       SweepOptions &options);

/// Runs batches, which say how many cases they held, until there are enough or
/// an expectation fails; tells how to repeat that batch with `program`.
void runSweep(const SweepOptions &options, const char *program,
              const std::function<int64_t(int64_t batch, uint32_t seed)> &run);

} // namespace shift::test

#endif // TEST_UNIT_CONVERSION_SWEEP_H
