//===- Sweep.cpp - Batches of random cases, as many as asked for ----------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Sweep.h"
#include "llvm/ADT/StringRef.h"

#include <chrono>
#include <cstdio>
#include <gtest/gtest.h>

namespace shift::test {

bool parseSweepOptions(int argc, char **argv, const char *usage,
                       SweepOptions &options) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    llvm::StringRef flag(argv[i]);
    bool isKnown =
        (flag.consume_front("--cases=") &&
         !flag.getAsInteger(10, options.cases) && options.cases > 0) ||
        (flag.consume_front("--seed=") &&
         !flag.getAsInteger(10, options.seed)) ||
        (flag.consume_front("--batch=") &&
         !flag.getAsInteger(10, options.batch) && options.batch >= 0);
    if (isKnown)
      continue;
    std::fputs(usage, stderr);
    return false;
  }
  return true;
}

void runSweep(const SweepOptions &options, const char *program,
              const std::function<int64_t(int64_t batch, uint32_t seed)> &run) {
  using Clock = std::chrono::steady_clock;
  auto start = Clock::now();
  int64_t done = 0;
  for (int64_t batch = std::max<int64_t>(options.batch, 0);
       done < options.cases; ++batch) {
    done += run(batch, static_cast<uint32_t>(options.seed * 1000003 + batch));
    if (::testing::Test::HasFailure()) {
      ADD_FAILURE() << "again: " << program << " --seed=" << options.seed
                    << " --batch=" << batch;
      return;
    }
    std::chrono::duration<double> seconds = Clock::now() - start;
    std::fprintf(stderr, "%lld of %lld cases, %.1f a second\n",
                 static_cast<long long>(done),
                 static_cast<long long>(options.cases),
                 double(done) / seconds.count());
    if (options.batch >= 0)
      return;
  }
}

} // namespace shift::test
