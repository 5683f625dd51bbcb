//===- Checker.h - Sees each memory access of checked kernels ---*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Checked programs run their grids on one thread, block after block, so that
// time is one number, the epoch: it rises at each operation of a stream, at
// each block and at each barrier. A cell a byte holds who wrote the byte last
// and who has read it since. Their epochs tell whether a barrier, a stream or
// an event lies between two accesses.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_CHECKER_H
#define LIB_TARGET_CUDA_HOSTSHIM_CHECKER_H

#include "DeviceMemory.h"
#include "SharedObjects.h"
#include "shim/Launch.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace shift::shim {

/// An operation of a stream that has run.
struct OperationRecord {
  uint32_t firstEpoch;
  std::string name;
  /// The stream it was part of, and its number in it.
  uint32_t track, index;
  /// Is it certain to end before the operation that runs now begins?
  bool isOrdered;
};

/// Who wrote a byte last, and who has read it since then: two records, whose
/// bits Checker.cpp defines.
struct Cell {
  uint64_t write, read;
};

/// Cells that take memory only when they are used.
class CellArray {
public:
  void reset(size_t count) {
    size = count;
    cells.reset(static_cast<Cell *>(std::calloc(count + 1, sizeof(Cell))));
  }
  Cell *data() const { return cells.get(); }
  size_t size = 0;

private:
  struct Free {
    void operator()(Cell *memory) const { std::free(memory); }
  };
  std::unique_ptr<Cell, Free> cells;
};

/// What the lanes of a warp know of each other within an epoch: view[a][b] is
/// how many __syncwarp of lane b have ended before what lane a does now.
struct WarpView {
  uint8_t view[32][32];
};

class Checker {
public:
  static Checker &get();

  /// Has a checked .cu file been loaded?
  bool isOn() const { return arenaCells != nullptr; }
  void turnOn();
  /// Unmaps everything; the last call.
  void giveBack();

  /// Forgets what happened to [base, base + bytes) of device memory.
  void forget(uintptr_t base, size_t bytes);
  /// All operations so far are ordered before all that follow.
  void forgetReaders() { readerSets.assign(1, {}); }

  //===--- Time -----------------------------------------------------------===//

  /// A launch, copy or memset begins to run; `log` holds the earlier ones and
  /// outlives it. Returns its first epoch.
  uint32_t beginOperation(const std::vector<OperationRecord> &log);
  void beginLaunch(const Launch &launch, const std::string &kernel,
                   const ModuleSymbols &module);
  void beginBlock(uint64_t block);
  /// All threads of the block are at a barrier.
  void endPhase();
  /// `thread` of the block runs on the stack [low, low + bytes).
  void beginThread(unsigned thread, const char *low, size_t bytes);
  /// No thread of a kernel runs.
  void leaveThread() { stackBytes = 0; }
  /// The `lanes` of the running warp have met at a __syncwarp.
  void syncWarp(unsigned lanes);

  //===--- Accesses -------------------------------------------------------===//

  /// Is the caller with this frame a kernel?
  bool inKernel(const void *frame) const {
    return reinterpret_cast<uintptr_t>(frame) - stack < stackBytes;
  }
  bool isDeviceMemory(uintptr_t address) const {
    return address - arena < arenaBytes;
  }

  /// An access by the running thread. Does not return if it is wrong.
  void access(uintptr_t address, size_t bytes, bool isWrite, bool isAtomic,
              const void *code);

  /// An access by the running copy or memset. Returns what is wrong with it.
  std::string accessByOperation(const void *address, size_t bytes,
                                bool isWrite);
  /// Copied in device memory: undefined bytes stay undefined.
  void copyDefinedness(const void *to, const void *from, size_t bytes);

  /// The running thread orders an asynchronous copy to shared memory, or waits
  /// for it. `globalBytes` are read.
  void asyncIssued(void *shared, const void *global, size_t bytes,
                   size_t globalBytes, const void *code);
  void asyncArrived(void *shared, const void *global, size_t bytes,
                    size_t globalBytes, const void *code);

  /// "allocation #1 (64 bytes) + 4", "shared variable 'tile' + 4" and so on.
  std::string describe(uintptr_t address) const;

private:
  enum class Problem { None, Undefined, NotArrived, AfterWrite, AfterRead };
  enum class Place { Private, Device, Shared, Bad };

  Place locate(uintptr_t address, size_t bytes, bool isWrite, Cell *&cells,
               std::string &problem);
  Place locateDevice(uintptr_t address, size_t bytes, Cell *&cells,
                     std::string &problem);
  Place locateElsewhere(uintptr_t address, size_t bytes, bool isWrite,
                        Cell *&cells, std::string &problem);

  template <bool isShared>
  Problem checkCell(Cell &cell, bool isWrite, bool isAtomic);
  template <bool isShared>
  Problem checkWriteRecord(uint64_t write, bool isWrite, bool isAtomic) const;
  template <bool isShared>
  bool mayWriteAfterReads(uint64_t read) const;
  template <bool isShared>
  void noteRead(Cell &cell);

  bool isOrderedInWarp(unsigned other, unsigned clock) const;
  bool isOrderedAfterLanes(unsigned other, unsigned clock) const;
  const OperationRecord &operationOf(uint32_t epoch) const;
  uint64_t otherReaders(uint64_t read);
  bool areOtherReadersOrdered(uint64_t read) const;

  std::string explain(Problem problem, const Cell &cell) const;
  std::string describeOther(uint64_t record) const;
  [[noreturn]] void fail(cudaError_t error, uintptr_t address, size_t bytes,
                         bool isWrite, const std::string &problem,
                         const void *code) const;
  void advance();
  void setThread();

  // What each access needs.
  uintptr_t stack = 0, arena = 0;
  size_t stackBytes = 0, arenaBytes = 0;
  Cell *arenaCells = nullptr;
  SharedObjects shared;
  CellArray sharedCells;
  DeviceMemory *memory = nullptr;
  uint32_t epoch = 1, blockFirst = 1, launchFirst = 1, firstUnordered = 1;
  unsigned thread = 0, clock = 0;
  uint64_t key = 0;

  std::vector<WarpView> warps;
  bool warpsUsed = false;
  const std::vector<OperationRecord> *operations = nullptr;
  const Launch *launch = nullptr;
  const ModuleSymbols *module = nullptr;
  std::vector<std::pair<uint32_t, uint64_t>> blockEpochs;
  /// Cells of the writable segments of the module: variables of the device.
  std::vector<std::vector<Cell>> segmentCells;
  /// First epochs of operations that read a byte and are not ordered before a
  /// later reader. Number 0 is the empty set.
  std::vector<std::vector<uint32_t>> readerSets{{}};
};

} // namespace shift::shim

#endif // LIB_TARGET_CUDA_HOSTSHIM_CHECKER_H
