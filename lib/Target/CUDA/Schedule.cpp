//===- Schedule.cpp - Which stream runs which step ------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/Schedule.h"
#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace shift::cuda;
using llvm::ArrayRef;
using llvm::SmallVector;

static bool conflict(const Task &a, const Task &b) {
  return llvm::any_of(a.accesses, [&](const Access &x) {
    return llvm::any_of(b.accesses, [&](const Access &y) {
      return (x.isWrite || y.isWrite) && x.area == y.area && x.begin < y.end &&
             y.begin < x.end;
    });
  });
}

namespace {
class Scheduler {
public:
  Scheduler(ArrayRef<Task> tasks, unsigned streams)
      : tasks(tasks), last(streams, -1), freeAt(streams, 0),
        finish(tasks.size(), 0) {}

  Schedule run() {
    for (size_t i = 0; i < tasks.size(); ++i)
      place(i);
    join();
    for (const ScheduledStep &step : schedule.steps)
      schedule.streams = std::max(schedule.streams, step.stream + 1);
    return std::move(schedule);
  }

private:
  void place(size_t task) {
    SmallVector<size_t> before;
    for (size_t other = 0; other < task; ++other)
      if (conflict(tasks[other], tasks[task]))
        before.push_back(other);
    unsigned stream = choose(before);
    ScheduledStep step;
    step.stream = stream;
    // What the stream is known to come after: of each stream, the last task.
    std::vector<int64_t> known = last[stream] < 0
                                     ? std::vector<int64_t>(last.size(), -1)
                                     : seen[last[stream]];
    // The latest first: they often come after the others.
    for (size_t other : llvm::reverse(before)) {
      unsigned from = schedule.steps[other].stream;
      if (from != stream && known[from] < int64_t(other)) {
        step.waits.push_back(eventOf(other));
        for (auto [mine, theirs] : llvm::zip(known, seen[other]))
          mine = std::max(mine, theirs);
      }
    }
    // The caller's work comes before all; who waits for a step waits for it.
    if (stream != 0 && last[stream] < 0 && step.waits.empty())
      step.waits.push_back(startEvent());
    known[stream] = task;
    seen.push_back(std::move(known));
    last[stream] = task;
    freeAt[stream] = finish[task] = startOn(stream, before) + tasks[task].cost;
    schedule.steps.push_back(std::move(step));
  }

  int64_t startOn(unsigned stream, ArrayRef<size_t> before) const {
    int64_t start = freeAt[stream];
    for (size_t other : before)
      start = std::max(start, finish[other]);
    return start;
  }

  /// The stream of the earliest start; of equal ones the one whose last task is
  /// waited for in any case, then the first.
  unsigned choose(ArrayRef<size_t> before) const {
    auto rank = [&](unsigned stream) {
      bool continues =
          last[stream] >= 0 && llvm::is_contained(before, size_t(last[stream]));
      return std::make_pair(startOn(stream, before), !continues);
    };
    unsigned best = 0;
    for (unsigned stream = 1; stream < last.size(); ++stream)
      if (rank(stream) < rank(best))
        best = stream;
    return best;
  }

  unsigned startEvent() {
    if (!schedule.start)
      schedule.start = schedule.events++;
    return *schedule.start;
  }

  unsigned eventOf(size_t task) {
    std::optional<unsigned> &event = schedule.steps[task].record;
    if (!event)
      event = schedule.events++;
    return *event;
  }

  void join() {
    for (unsigned stream = 1; stream < last.size(); ++stream) {
      if (last[stream] < 0)
        continue;
      if (last[0] < 0 || seen[last[0]][stream] < last[stream])
        schedule.joins.push_back(eventOf(last[stream]));
    }
  }

  ArrayRef<Task> tasks;
  Schedule schedule;
  /// Of each stream, its last task and the time at which that is done.
  std::vector<int64_t> last, freeAt;
  std::vector<int64_t> finish;
  /// Of each task and stream, the last task that it comes after, itself
  /// included.
  std::vector<std::vector<int64_t>> seen;
};
} // namespace

Schedule shift::cuda::makeSchedule(ArrayRef<Task> tasks, unsigned streams) {
  return Scheduler(tasks, std::max(streams, 1u)).run();
}
