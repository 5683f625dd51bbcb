//===- ScheduleTest.cpp - Streams of a CUDA program -----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/Schedule.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

using namespace shift::cuda;

namespace {
Access read(int64_t begin, int64_t end) { return {0, begin, end, false}; }
Access write(int64_t begin, int64_t end) { return {0, begin, end, true}; }

/// Of each task, the tasks that are certain to be complete when it starts, as
/// streams and events give it; the last entry is the end of the run.
std::vector<std::vector<bool>> findOrder(const Schedule &schedule) {
  size_t count = schedule.steps.size();
  std::vector<std::vector<bool>> streams(schedule.streams,
                                         std::vector<bool>(count));
  std::map<unsigned, std::vector<bool>> events;
  std::vector<std::vector<bool>> order;
  auto join = [](std::vector<bool> &to, const std::vector<bool> &from) {
    for (size_t i = 0; i < to.size(); ++i)
      to[i] = to[i] || from[i];
  };
  if (schedule.start)
    events[*schedule.start] = streams[0];
  for (size_t i = 0; i < count; ++i) {
    const ScheduledStep &step = schedule.steps[i];
    std::vector<bool> &stream = streams[step.stream];
    for (unsigned event : step.waits) {
      // An event must have been recorded before it is waited for.
      EXPECT_TRUE(events.count(event)) << "event " << event;
      join(stream, events[event]);
    }
    order.push_back(stream);
    stream[i] = true;
    if (step.record) {
      EXPECT_FALSE(events.count(*step.record));
      events[*step.record] = stream;
    }
  }
  for (unsigned event : schedule.joins) {
    EXPECT_TRUE(events.count(event)) << "event " << event;
    join(streams[0], events[event]);
  }
  order.push_back(streams[0]);
  return order;
}
} // namespace

TEST(ScheduleTest, IndependentTowersRunSideBySide) {
  std::vector<Task> tasks{{{write(0, 8)}, 10},
                          {{read(0, 8), write(8, 16)}, 10},
                          {{read(0, 8), write(16, 24)}, 10},
                          {{read(8, 16), write(24, 32)}, 10},
                          {{read(16, 24), write(32, 40)}, 10}};
  Schedule schedule = makeSchedule(tasks, 4);
  EXPECT_EQ(schedule.streams, 2u);
  EXPECT_EQ(schedule.steps[1].stream, schedule.steps[3].stream);
  EXPECT_EQ(schedule.steps[2].stream, schedule.steps[4].stream);
  EXPECT_NE(schedule.steps[1].stream, schedule.steps[2].stream);
  EXPECT_EQ(schedule.joins.size(), 1u);
}

TEST(ScheduleTest, OneStreamNeedsNoEvents) {
  std::vector<Task> tasks{{{write(0, 8)}, 1}, {{write(8, 16)}, 1}};
  Schedule schedule = makeSchedule(tasks, 1);
  EXPECT_EQ(schedule.streams, 1u);
  EXPECT_EQ(schedule.events, 0u);
  EXPECT_FALSE(schedule.start);
}

TEST(ScheduleTest, OtherStreamsStartBehindTheCallersWork) {
  std::vector<Task> tasks{{{write(0, 8)}, 1}, {{write(8, 16)}, 1}};
  Schedule schedule = makeSchedule(tasks, 2);
  ASSERT_TRUE(schedule.start);
  EXPECT_EQ(schedule.steps[1].stream, 1u);
  EXPECT_EQ(schedule.steps[1].waits.front(), *schedule.start);
}

TEST(ScheduleTest, ConflictsAreOrderedWhateverTheyAre) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    std::vector<Task> tasks(1 + random() % 40);
    for (Task &task : tasks) {
      for (int i = 0; i < 3; ++i) {
        int64_t area = random() % 2, begin = random() % 24;
        int64_t size = 1 + random() % 6;
        task.accesses.push_back({area, begin, begin + size, random() % 3 == 0});
      }
      task.cost = 1 + int64_t(random() % 100);
    }
    Schedule schedule = makeSchedule(tasks, 1 + seed % 5);
    std::vector<std::vector<bool>> order = findOrder(schedule);
    ASSERT_EQ(order.size(), tasks.size() + 1);
    for (size_t i = 0; i < tasks.size(); ++i) {
      EXPECT_TRUE(order.back()[i])
          << "seed " << seed << ": " << i << " is not joined";
      for (size_t j = 0; j < i; ++j)
        for (const Access &a : tasks[i].accesses)
          for (const Access &b : tasks[j].accesses)
            if ((a.isWrite || b.isWrite) && a.area == b.area &&
                a.begin < b.end && b.begin < a.end)
              EXPECT_TRUE(order[i][j])
                  << "seed " << seed << ": " << i << " must follow " << j;
    }
  }
}
