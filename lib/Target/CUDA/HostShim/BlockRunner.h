//===- BlockRunner.h - Runs the threads of a block --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// One thread of the operating system runs a block. Its CUDA threads are called
// one after another on one fiber; only a thread that has to wait keeps its
// fiber, and the next ones get another. So kernels without barriers cost no
// stacks, and kernels with barriers one a thread, which later blocks reuse.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_BLOCKRUNNER_H
#define LIB_TARGET_CUDA_HOSTSHIM_BLOCKRUNNER_H

#include "Grid.h"
#include "shim/Device.h"

#include <boost/context/detail/fcontext.hpp>
#include <functional>
#include <memory>
#include <vector>

namespace shift::shim {

/// A stack and where it stands.
struct Fiber {
  using Entry = void (*)(boost::context::detail::transfer_t);

  /// The number shifts the stack: all would share a few sets of the cache if
  /// they began at the same offset of a page.
  explicit Fiber(unsigned number);
  ~Fiber();
  Fiber(const Fiber &) = delete;
  Fiber &operator=(const Fiber &) = delete;
  /// Lets it begin with `entry`, whatever ran on it before.
  void restart(Entry entry);

  static constexpr size_t bytes = 256 * 1024;
  char *low;
  size_t unused;
  boost::context::detail::fcontext_t context = nullptr;
};

/// Copies that a thread has ordered and not yet waited for.
struct AsyncQueue {
  struct Copy {
    void *shared;
    const void *global;
    size_t bytes, zeroFill;
  };
  std::vector<Copy> copies;
  /// Copies of each committed group, oldest first.
  std::vector<size_t> groups;
  size_t uncommitted = 0;

  void clear() {
    copies.clear();
    groups.clear();
    uncommitted = 0;
  }
};

/// Computes what an operation of a warp gives to each of `lanes` from what
/// each brought. Payloads of other lanes are null.
using LaneCompletion = void (*)(void *const *payloads, unsigned lanes);

/// A CUDA thread of the running block.
struct ThreadState {
  enum class State { Unstarted, Running, AtBarrier, AtLaneOp, Finished };
  State state = State::Unstarted;
  uint3 index;
  Fiber *fiber;
  // At an operation of the warp:
  const char *laneOp;
  unsigned mask;
  void *payload;
  LaneCompletion complete;
  AsyncQueue copies;
};

class BlockRunner {
public:
  /// Calls `body` with a runner that nobody else uses.
  static void with(const std::function<void(BlockRunner &)> &body);
  /// The runner of the block that the caller is a thread of.
  static BlockRunner &current();

  void run(Grid &grid, uint64_t block);

  //===--- Called by the running CUDA thread ------------------------------===//

  int barrier(BarrierKind kind, int predicate, int line);
  /// Waits for the lanes of `mask` at the operation `name`.
  void meetLanes(const char *name, unsigned mask, void *payload,
                 LaneCompletion complete);
  [[noreturn]] void fail(cudaError_t error, const std::string &message);
  AsyncQueue &copies() { return threads[running].copies; }
  unsigned laneIndex() const { return running % 32; }
  unsigned activeLanes() const;
  bool isChecked() const { return grid->launch.checked; }

private:
  using State = ThreadState::State;

  static void enterFiber(boost::context::detail::transfer_t transfer);
  [[noreturn]] void work(Fiber &fiber);
  void reset(Grid &newGrid, uint64_t newBlock);
  void schedule();
  ThreadState *nextReady();
  void leave(Fiber &fiber);
  void suspend();
  void setRunning(unsigned number);
  Fiber *idleFiber();
  void numberThreads(const dim3 &extents);
  void finish();
  bool completeLanes(const ThreadState &waiter);
  void reportDeadlock();
  void report(cudaError_t error, unsigned number, const std::string &message);
  std::string threadName(unsigned number) const;

  Grid *grid = nullptr;
  uint64_t block = 0;
  std::vector<ThreadState> threads;
  dim3 extents{0, 0, 0};
  unsigned count = 0;
  /// In which order threads begin and go on.
  std::vector<unsigned> order;
  /// Where in `order` a pass begins, and how far it has come.
  unsigned firstPlace = 0, position = 0;
  unsigned started = 0, finished = 0, running = 0;

  unsigned arrived = 0, firstArrived = 0, trueArrived = 0;
  int barrierLine = 0, barrierResult = 0;
  BarrierKind barrierKind = BarrierKind::Plain;

  /// Lanes of each warp that wait for others or have finished.
  std::vector<unsigned> restingLanes;

  std::vector<std::unique_ptr<Fiber>> fibers;
  std::vector<Fiber *> idle;
  boost::context::detail::fcontext_t scheduler = nullptr;
};

} // namespace shift::shim

#endif // LIB_TARGET_CUDA_HOSTSHIM_BLOCKRUNNER_H
