//===- Schedule.h - Which stream runs which step ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_SCHEDULE_H
#define LIB_TARGET_CUDA_SCHEDULE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace shift::cuda {

/// Bytes of memory that a step reads or writes.
struct Access {
  /// Which memory: accesses of different areas never overlap.
  int64_t area = 0;
  int64_t begin = 0, end = 0;
  bool isWrite = false;
};

/// What is to be scheduled.
struct Task {
  llvm::SmallVector<Access> accesses;
  /// A rough time, in bytes of memory that could be read meanwhile.
  int64_t cost = 0;
};

/// A step on a stream, between what it waits for and what is recorded.
struct ScheduledStep {
  unsigned stream = 0;
  llvm::SmallVector<unsigned> waits;
  std::optional<unsigned> record;
};

/// Stream 0 is the caller's. Each event is recorded once.
struct Schedule {
  std::vector<ScheduledStep> steps;
  unsigned streams = 1, events = 0;
  /// The event that stream 0 records before any step, if there are others.
  std::optional<unsigned> start;
  /// Events of other streams that stream 0 waits for at the end.
  llvm::SmallVector<unsigned> joins;
};

/// Gives each task, in order, the stream on which it can start first. A task
/// waits for those before it that access the same memory, if one of the two
/// writes it; memory that is used again counts.
Schedule makeSchedule(llvm::ArrayRef<Task> tasks, unsigned streams);

} // namespace shift::cuda

#endif // LIB_TARGET_CUDA_SCHEDULE_H
