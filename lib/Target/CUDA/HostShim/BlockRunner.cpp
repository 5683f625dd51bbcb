//===- BlockRunner.cpp - Runs the threads of a block ----------------------===//
// SPDX-License-Identifier: Apache-2.0
// Fibers, the scheduler and the barrier of a block.
//===----------------------------------------------------------------------===//
#include "BlockRunner.h"
#include "Checker.h"
#include "Report.h"

#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <sys/mman.h>

using namespace shift::shim;
using namespace boost::context::detail;

// Constants to kernels (Builtins.h), variables here.
__thread uint3 threadIdx, blockIdx, blockDim, gridDim;

static __thread BlockRunner *currentRunner;
namespace shift::shim {
__thread unsigned fragmentFactor;
}

//===----------------------------------------------------------------------===//
// Fibers
//===----------------------------------------------------------------------===//

static constexpr size_t guardBytes = 4096;

Fiber::Fiber(unsigned number) : unused(number % 32 * 128) {
  void *memory = mmap(nullptr, guardBytes + bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    throw std::bad_alloc();
  mprotect(memory, guardBytes, PROT_NONE);
  low = static_cast<char *>(memory) + guardBytes;
}

Fiber::~Fiber() { munmap(low - guardBytes, guardBytes + bytes); }

void Fiber::restart(Entry entry) {
  context = make_fcontext(low + bytes - unused, bytes - unused, entry);
}

/// Goes on at `target` and leaves where to come back to in `own`.
static void switchTo(fcontext_t &own, fcontext_t target) {
  transfer_t back = jump_fcontext(target, &own);
  *static_cast<fcontext_t *>(back.data) = back.fctx;
}

void BlockRunner::enterFiber(transfer_t transfer) {
  *static_cast<fcontext_t *>(transfer.data) = transfer.fctx;
  current().work(*current().idle.back());
}

/// The next thread of this pass that can go on, or null.
ThreadState *BlockRunner::nextReady() {
  while (position < count) {
    unsigned place = firstPlace + position++;
    ThreadState &thread = threads[order[place < count ? place : place - count]];
    if (thread.state == State::Running)
      return &thread;
  }
  return nullptr;
}

/// Lets other threads run, or the scheduler if this was the last of the pass.
void BlockRunner::leave(Fiber &fiber) {
  // Threads that nobody started need a fiber from the scheduler.
  ThreadState *next = started < count ? nullptr : nextReady();
  switchTo(fiber.context, next ? next->fiber->context : scheduler);
}

void BlockRunner::suspend() {
  unsigned self = running;
  leave(*threads[self].fiber);
  setRunning(self);
}

void BlockRunner::setRunning(unsigned number) {
  running = number;
  ThreadState &thread = threads[number];
  thread.state = State::Running;
  threadIdx = thread.index;
  if (grid->launch.checked)
    Checker::get().beginThread(number, thread.fiber->low, Fiber::bytes);
}

/// Calls the kernel for the threads that nobody has started yet.
void BlockRunner::work(Fiber &fiber) {
  for (;;) {
    // Back in `idle` only when all have been started: this fiber is the last.
    idle.pop_back();
    while (started < count) {
      unsigned number = order[started++];
      threads[number].fiber = &fiber;
      setRunning(number);
      grid->launch.invoke(grid->launch.bound.get());
      finish();
    }
    idle.push_back(&fiber);
    leave(fiber);
  }
}

//===----------------------------------------------------------------------===//
// The scheduler
//===----------------------------------------------------------------------===//

namespace {
/// Runners that rest, with their stacks. A fiber may have kept the addresses of
/// thread-local variables in registers, so that only threads which have them at
/// the same place can go on with it: runners are found by such an address.
struct RunnerPool {
  std::mutex mutex;
  std::map<const void *, std::unique_ptr<BlockRunner>> runners;
};
} // namespace

static RunnerPool &pool() {
  // Emptied when the library is unloaded, after all that may use it.
  static RunnerPool &instance = *new RunnerPool;
  return instance;
}

__attribute__((destructor)) static void emptyPool() { pool().runners.clear(); }

void BlockRunner::with(const std::function<void(BlockRunner &)> &body) {
  std::unique_ptr<BlockRunner> runner;
  {
    std::lock_guard<std::mutex> lock(pool().mutex);
    runner = std::move(pool().runners[&threadIdx]);
  }
  if (!runner)
    runner = std::make_unique<BlockRunner>();
  body(*runner);
  std::lock_guard<std::mutex> lock(pool().mutex);
  pool().runners[&threadIdx] = std::move(runner);
}

BlockRunner &BlockRunner::current() { return *currentRunner; }

void BlockRunner::numberThreads(const dim3 &newExtents) {
  extents = newExtents;
  count = extents.x * extents.y * extents.z;
  if (threads.size() < count)
    threads.resize(count);
  order.resize(count);
  for (unsigned i = 0; i < count; ++i) {
    threads[i].index = Grid::coordinates(extents, i);
    order[i] = i;
  }
}

void BlockRunner::reset(Grid &newGrid, uint64_t newBlock) {
  grid = &newGrid;
  block = newBlock;
  const Launch &launch = grid->launch;
  const dim3 &wanted = launch.blockDim;
  if (wanted.x != extents.x || wanted.y != extents.y || wanted.z != extents.z)
    numberThreads(wanted);
  Order permutation(count, grid->seed == 0 ? 0 : mix(grid->seed, block) | 1);
  for (unsigned i = 0; i < count; ++i) {
    threads[i].state = State::Unstarted;
    threads[i].copies.clear();
    if (grid->seed != 0)
      order[i] = unsigned(permutation[i]);
  }
  // Lanes that the block does not have count as finished.
  restingLanes.assign((count + 31) / 32, 0);
  if (count % 32 != 0)
    restingLanes.back() = ~0u << (count % 32);
  started = finished = arrived = 0;
  // Odd, so that it permutes the numbers below a power of two.
  fragmentFactor = unsigned(mix(grid->seed, 7)) | 1;
  blockIdx = Grid::coordinates(launch.gridDim, block);
  blockDim = launch.blockDim;
  gridDim = launch.gridDim;
}

void BlockRunner::run(Grid &newGrid, uint64_t newBlock) {
  reset(newGrid, newBlock);
  currentRunner = this;
  schedule();
  currentRunner = nullptr;
  if (grid->seed != 0 || grid->failed)
    extents = {0, 0, 0}; // `order` is not what numberThreads made
  if (!grid->failed)
    return;
  // Threads were left where they stood.
  idle.clear();
  for (std::unique_ptr<Fiber> &fiber : fibers) {
    fiber->restart(enterFiber);
    idle.push_back(fiber.get());
  }
}

Fiber *BlockRunner::idleFiber() {
  if (idle.empty()) {
    fibers.push_back(std::make_unique<Fiber>(unsigned(fibers.size())));
    fibers.back()->restart(enterFiber);
    idle.push_back(fibers.back().get());
  }
  return idle.back();
}

void BlockRunner::schedule() {
  firstPlace = 0;
  while (finished < count && !grid->failed) {
    if (started < count) {
      position = count;
      switchTo(scheduler, idleFiber()->context);
      continue;
    }
    // With a seed each pass over the threads begins elsewhere.
    if (grid->seed != 0)
      firstPlace = (firstPlace + 7 * unsigned(grid->seed % 64)) % count;
    position = 0;
    if (ThreadState *next = nextReady())
      switchTo(scheduler, next->fiber->context);
    else
      reportDeadlock();
  }
  if (grid->launch.checked)
    Checker::get().leaveThread();
}

void BlockRunner::finish() {
  ThreadState &thread = threads[running];
  thread.state = State::Finished;
  ++finished;
  if (arrived != 0)
    fail(cudaErrorLaunchFailure,
         "exits, but thread " + threadName(firstArrived) +
             " of the block waits at the barrier of line " +
             std::to_string(barrierLine));
  unsigned warp = running / 32;
  unsigned others = restingLanes[warp];
  restingLanes[warp] |= 1u << (running % 32);
  for (unsigned lane = 0; lane < 32; ++lane)
    if (others >> lane & 1 && warp * 32 + lane < count &&
        threads[warp * 32 + lane].state == State::AtLaneOp)
      completeLanes(threads[warp * 32 + lane]);
}

//===----------------------------------------------------------------------===//
// The barrier
//===----------------------------------------------------------------------===//

int BlockRunner::barrier(BarrierKind kind, int predicate, int line) {
  if (finished != 0) {
    unsigned gone = 0;
    while (threads[gone].state != State::Finished)
      ++gone;
    fail(cudaErrorLaunchFailure,
         "waits at the barrier of line " + std::to_string(line) +
             ", but thread " + threadName(gone) + " of the block has exited");
  }
  if (arrived == 0) {
    firstArrived = running;
    trueArrived = 0;
    barrierLine = line;
    barrierKind = kind;
  } else if (barrierLine != line || barrierKind != kind) {
    fail(cudaErrorLaunchFailure,
         "waits at the barrier of line " + std::to_string(line) +
             ", but thread " + threadName(firstArrived) +
             " of the block at that of line " + std::to_string(barrierLine));
  }
  trueArrived += predicate != 0;
  if (++arrived < count) {
    threads[running].state = State::AtBarrier;
    suspend();
    return barrierResult;
  }
  arrived = 0;
  barrierResult = int(kind == BarrierKind::And  ? trueArrived == count
                      : kind == BarrierKind::Or ? trueArrived != 0
                                                : trueArrived);
  for (unsigned i = 0; i < count; ++i)
    threads[i].state = State::Running;
  if (grid->launch.checked)
    Checker::get().endPhase();
  return barrierResult;
}

//===----------------------------------------------------------------------===//
// Warps
//===----------------------------------------------------------------------===//

unsigned BlockRunner::activeLanes() const {
  unsigned lanes = 0, first = running / 32 * 32;
  for (unsigned lane = 0; lane < 32 && first + lane < count; ++lane)
    if (threads[first + lane].state != State::Finished)
      lanes |= 1u << lane;
  return lanes;
}

/// Completes what `waiter` waits for if all its lanes are there.
bool BlockRunner::completeLanes(const ThreadState &waiter) {
  unsigned first = unsigned(&waiter - threads.data()) / 32 * 32;
  unsigned mask = waiter.mask, lanes = 0;
  if ((restingLanes[first / 32] & mask) != mask)
    return false;
  void *payloads[32] = {};
  for (unsigned lane = 0; lane < 32 && first + lane < count; ++lane) {
    ThreadState &thread = threads[first + lane];
    if (!(mask >> lane & 1) || thread.state == State::Finished)
      continue;
    if (thread.mask != mask)
      return false;
    if (std::strcmp(thread.laneOp, waiter.laneOp) != 0)
      fail(cudaErrorLaunchFailure,
           "meets lanes of its warp at different operations: " +
               std::string(waiter.laneOp) + " and " + thread.laneOp);
    payloads[lane] = thread.payload;
    lanes |= 1u << lane;
  }
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes >> lane & 1)
      threads[first + lane].state = State::Running;
  restingLanes[first / 32] &= ~lanes;
  waiter.complete(payloads, lanes);
  return true;
}

void BlockRunner::meetLanes(const char *name, unsigned mask, void *payload,
                            LaneCompletion complete) {
  ThreadState &self = threads[running];
  if (!(mask >> (running % 32) & 1))
    fail(cudaErrorLaunchFailure,
         std::string("calls ") + name + " with a mask that lacks its own lane");
  self.state = State::AtLaneOp;
  self.laneOp = name;
  self.mask = mask;
  self.payload = payload;
  self.complete = complete;
  restingLanes[running / 32] |= 1u << (running % 32);
  if (!completeLanes(self))
    suspend();
}

//===----------------------------------------------------------------------===//
// Failures
//===----------------------------------------------------------------------===//

std::string BlockRunner::threadName(unsigned number) const {
  return Grid::threadName(grid->launch, number);
}

void BlockRunner::report(cudaError_t error, unsigned number,
                         const std::string &message) {
  if (!grid->failed.exchange(true))
    reportFailure(error, "kernel '" + grid->kernel + "', block " +
                             Grid::blockName(grid->launch, block) +
                             ", thread " + threadName(number) + ": " + message);
}

void BlockRunner::fail(cudaError_t error, const std::string &message) {
  report(error, running, message);
  for (;;) // never resumed
    switchTo(threads[running].fiber->context, scheduler);
}

void BlockRunner::reportDeadlock() {
  for (unsigned i = 0; i < count; ++i) {
    const ThreadState &thread = threads[i];
    if (thread.state != State::AtLaneOp)
      continue;
    for (unsigned lane = 0; lane < 32; ++lane) {
      unsigned other = i / 32 * 32 + lane;
      if (!(thread.mask >> lane & 1) || other >= count)
        continue;
      if (threads[other].state == State::AtBarrier)
        return report(cudaErrorLaunchFailure, i,
                      std::string("waits at ") + thread.laneOp +
                          " for thread " + threadName(other) +
                          ", which waits at the barrier of line " +
                          std::to_string(barrierLine));
      if (threads[other].state == State::AtLaneOp &&
          threads[other].mask != thread.mask)
        return report(cudaErrorLaunchFailure, i,
                      std::string("waits at ") + thread.laneOp +
                          " for thread " + threadName(other) +
                          ", which waits at " + threads[other].laneOp +
                          " with another mask");
    }
  }
}

void shift::shim::failKernel(cudaError_t error, const std::string &message) {
  BlockRunner::current().fail(error, message);
}
