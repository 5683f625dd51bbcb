//===- Progress.h - Progress of long work on stderr -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_PROGRESS_H
#define SHIFT_PIPELINES_PROGRESS_H

#include <chrono>
#include <cstdint>
#include <string>

namespace shift::pipelines {

/// Counts steps of long work: one line that is rewritten on a terminal, with
/// the time left; silent where stderr is no terminal.
class Progress {
public:
  Progress(std::string what, int64_t total);
  ~Progress();
  void step();

private:
  std::string what;
  int64_t total, done = 0;
  bool shown;
  std::chrono::steady_clock::time_point start;
};

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_PROGRESS_H
