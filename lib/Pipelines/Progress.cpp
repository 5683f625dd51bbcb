//===- Progress.cpp - Progress of long work on stderr ---------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/Progress.h"
#include <cstdio>
#include <unistd.h>

namespace shift::pipelines {

Progress::Progress(std::string what, int64_t total)
    : what(std::move(what)), total(total), shown(isatty(2)),
      start(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (shown && done)
    fputc('\n', stderr);
}

void Progress::step() {
  ++done;
  if (!shown)
    return;
  std::chrono::duration<double> spent =
      std::chrono::steady_clock::now() - start;
  double left = spent.count() / done * (total - done);
  fprintf(stderr, "\r%s: %lld of %lld, %.0f s left   ", what.c_str(),
          static_cast<long long>(done), static_cast<long long>(total), left);
}

} // namespace shift::pipelines
