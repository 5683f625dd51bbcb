//===- Checker.cpp - Sees each memory access of checked kernels -----------===//
// SPDX-License-Identifier: Apache-2.0
// Where an access goes, and whether it is ordered after those before it.
//===----------------------------------------------------------------------===//
#include "Checker.h"
#include "CheckerRecords.h"
#include "Report.h"

#include <algorithm>
#include <cstring>
#include <sys/mman.h>

using namespace shift::shim;

Checker &Checker::get() {
  // Given back when the library is unloaded, after all that may use it.
  static Checker &instance = *new Checker;
  return instance;
}

__attribute__((destructor)) static void giveBack() {
  Checker::get().giveBack();
}

void Checker::giveBack() {
  if (arenaCells)
    munmap(arenaCells, arenaBytes * sizeof(Cell));
  arenaCells = nullptr;
  arenaBytes = 0;
}

void Checker::turnOn() {
  if (arenaCells)
    return;
  memory = &DeviceMemory::get();
  size_t bytes = memory->size() * sizeof(Cell);
  void *cells = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (cells == MAP_FAILED) {
    reportFailure(cudaErrorMemoryAllocation,
                  "checked mode cannot reserve " + std::to_string(bytes >> 30) +
                      " GiB of addresses for its records");
    return;
  }
  arena = memory->base();
  arenaBytes = memory->size();
  arenaCells = static_cast<Cell *>(cells);
}

void Checker::forget(uintptr_t base, size_t bytes) {
  if (arenaCells) // the base of an allocation is that of a page
    madvise(arenaCells + (base - arena), bytes * sizeof(Cell), MADV_DONTNEED);
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

void Checker::advance() {
  if (epoch == UINT32_MAX)
    reportFailure(cudaErrorUnknown,
                  "checked mode can tell 2^32 barriers and blocks apart, and "
                  "this process has run more");
  else
    ++epoch;
  if (warpsUsed)
    std::memset(warps.data(), 0, warps.size() * sizeof(WarpView));
  warpsUsed = false;
}

void Checker::setThread() {
  clock = warps.empty() ? 0 : warps[thread / 32].view[thread % 32][thread % 32];
  key = record(epoch, thread);
}

uint32_t Checker::beginOperation(const std::vector<OperationRecord> &log) {
  advance();
  launchFirst = blockFirst = firstUnordered = epoch;
  operations = &log;
  for (const OperationRecord &operation : log)
    if (!operation.isOrdered) {
      firstUnordered = operation.firstEpoch;
      break;
    }
  thread = 0;
  stackBytes = 0;
  setThread();
  return epoch;
}

void Checker::beginLaunch(const Launch &newLaunch, const std::string &kernel,
                          const ModuleSymbols &newModule) {
  launch = &newLaunch;
  if (module != &newModule) {
    module = &newModule;
    segmentCells.clear();
    for (const Segment &segment : module->segments)
      segmentCells.emplace_back(segment.writable ? segment.bytes : 0,
                                Cell{record(1, 0), 0});
  }
  shared.map(newLaunch, kernel, newModule);
  if (sharedCells.size != shared.size())
    sharedCells.reset(shared.size());
  size_t threads =
      size_t(launch->blockDim.x) * launch->blockDim.y * launch->blockDim.z;
  warps.assign((threads + 31) / 32, {});
  blockEpochs.clear();
}

void Checker::beginBlock(uint64_t block) {
  advance();
  blockFirst = epoch;
  blockEpochs.push_back({epoch, block});
}

void Checker::endPhase() {
  advance();
  setThread();
}

void Checker::beginThread(unsigned number, const char *low, size_t bytes) {
  thread = number;
  stack = reinterpret_cast<uintptr_t>(low);
  stackBytes = bytes;
  setThread();
}

void Checker::syncWarp(unsigned lanes) {
  warpsUsed = true;
  auto &view = warps[thread / 32].view;
  uint8_t known[32] = {};
  for (int a = 0; a < 32; ++a) {
    if (!(lanes >> a & 1))
      continue;
    view[a][a] += view[a][a] < maxClock;
    for (int b = 0; b < 32; ++b)
      known[b] = std::max(known[b], view[a][b]);
  }
  for (int a = 0; a < 32; ++a)
    if (lanes >> a & 1)
      std::memcpy(view[a], known, sizeof(known));
  setThread();
}

//===----------------------------------------------------------------------===//
// Where an access goes
//===----------------------------------------------------------------------===//

/// Parameters, variables of the device, constants; nothing else is left.
Checker::Place Checker::locateElsewhere(uintptr_t address, size_t bytes,
                                        bool isWrite, Cell *&cells,
                                        std::string &problem) {
  uintptr_t bound = reinterpret_cast<uintptr_t>(launch->bound.get());
  if (!isWrite && address - bound < launch->boundBytes)
    return Place::Private;
  const Segment *segment = module->findSegment(address);
  if (segment && !segment->writable && !isWrite)
    return Place::Private;
  if (!segment || !segment->writable) {
    problem = "expected device memory, shared memory or its own variables";
    return Place::Bad;
  }
  const Symbol *variable = ModuleSymbols::find(module->data, address);
  uintptr_t end = variable ? variable->start + variable->bytes : segment->start;
  if (!module->data.empty() && (address >= end || bytes > end - address)) {
    problem = "out of bounds";
    return Place::Bad;
  }
  cells = segmentCells[segment - module->segments.data()].data() +
          (address - segment->start);
  return Place::Device;
}

/// Where an access goes that is not inside an allocation.
Checker::Place Checker::locate(uintptr_t address, size_t bytes, bool isWrite,
                               Cell *&cells, std::string &problem) {
  if (isDeviceMemory(address)) {
    const Allocation *allocation = memory->find(address);
    problem = allocation && allocation->freed ? "after it was freed"
                                              : "out of bounds";
    return Place::Bad;
  }
  if (!shared.contains(address))
    return locateElsewhere(address, bytes, isWrite, cells, problem);
  if (shared.isRuntimes(address))
    return Place::Private;
  if (!shared.holds(address, bytes)) {
    problem = "out of bounds";
    return Place::Bad;
  }
  cells = sharedCells.data() + shared.offsetOf(address);
  return Place::Shared;
}

//===----------------------------------------------------------------------===//
// Whether it is ordered
//===----------------------------------------------------------------------===//

bool Checker::isOrderedInWarp(unsigned other, unsigned otherClock) const {
  if (other / 32 != thread / 32)
    return false;
  return otherClock == maxClock ||
         warps[thread / 32].view[thread % 32][other % 32] > otherClock;
}

/// As isOrderedInWarp, for any lanes of `other`'s warp.
bool Checker::isOrderedAfterLanes(unsigned other, unsigned otherClock) const {
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lane != thread % 32 &&
        !isOrderedInWarp(other / 32 * 32 + lane, otherClock))
      return false;
  return true;
}

const OperationRecord &Checker::operationOf(uint32_t when) const {
  auto next = std::upper_bound(
      operations->begin(), operations->end(), when,
      [](uint32_t e, const OperationRecord &o) { return e < o.firstEpoch; });
  return *std::prev(next);
}

/// The bits of `read` for the set of operations that have read the byte and
/// that the running one, which reads it now, is not ordered after.
uint64_t Checker::otherReaders(uint64_t read) {
  std::vector<uint32_t> readers;
  for (uint32_t reader : readerSets[setOf(read)])
    if (!operationOf(reader).isOrdered)
      readers.push_back(reader);
  const OperationRecord &last = operationOf(epochOf(read));
  if (!last.isOrdered)
    readers.push_back(last.firstEpoch);
  auto known = std::find(readerSets.begin(), readerSets.end(), readers);
  size_t number = known - readerSets.begin();
  if (number > maxSet) // more than there are bits for: races may be missed
    return 0;
  if (known == readerSets.end())
    readerSets.push_back(readers);
  return number;
}

bool Checker::areOtherReadersOrdered(uint64_t read) const {
  const std::vector<uint32_t> &readers = readerSets[setOf(read)];
  return std::all_of(readers.begin(), readers.end(), [&](uint32_t reader) {
    return operationOf(reader).isOrdered;
  });
}

template <bool isShared>
inline Checker::Problem Checker::checkWriteRecord(uint64_t write, bool isWrite,
                                                  bool isAtomic) const {
  uint32_t when = epochOf(write);
  bool bothAtomic = isAtomic && (write & atomicBit);
  bool isRead = !isWrite || isAtomic;
  if (when >= blockFirst) { // by the block
    if (isShared && (write & onTheWayBit))
      return Problem::NotArrived;
    unsigned other = threadOf(write);
    if (when == epoch && other != thread && !bothAtomic &&
        !isOrderedInWarp(other, writeClockOf(write)))
      return Problem::AfterWrite;
  } else if (isShared) {
    if (isRead)
      return Problem::Undefined;
  } else if (when >= launchFirst) { // by another block of the grid
    if (!bothAtomic)
      return Problem::AfterWrite;
  } else if (when >= firstUnordered) {
    if (!operationOf(when).isOrdered)
      return Problem::AfterWrite;
  } else if (when == 0 && isRead) {
    return Problem::Undefined;
  }
  return Problem::None;
}

template <bool isShared>
inline bool Checker::mayWriteAfterReads(uint64_t read) const {
  uint32_t when = epochOf(read);
  if (when == epoch) {
    unsigned other = threadOf(read), otherClock = readClockOf(read);
    if ((read & manyWarpsBit) ||
        ((read & manyLanesBit) && !isOrderedAfterLanes(other, otherClock)) ||
        (!(read & manyLanesBit) && other != thread &&
         !isOrderedInWarp(other, otherClock)))
      return false;
  }
  if (isShared)
    return true;
  if (when >= launchFirst)
    return when >= blockFirst && !(read & manyBlocksBit) &&
           areOtherReadersOrdered(read);
  return when < firstUnordered ||
         (operationOf(when).isOrdered && areOtherReadersOrdered(read));
}

template <bool isShared>
inline void Checker::noteRead(Cell &cell) {
  uint64_t old = cell.read, mine = key | readClock(clock);
  uint32_t when = epochOf(old);
  if (when == epoch) {
    unsigned other = threadOf(old);
    uint64_t flags = old & readFlags;
    if (other / 32 != thread / 32)
      flags |= manyWarpsBit;
    else if (other != thread)
      flags |= manyLanesBit;
    cell.read = key | readClock(std::max(clock, readClockOf(old))) | flags;
  } else if (isShared || when < firstUnordered) {
    cell.read = mine;
  } else if (when >= launchFirst) {
    uint64_t flags = old & (manyBlocksBit | maxSet);
    if (when < blockFirst)
      flags |= manyBlocksBit;
    cell.read = mine | flags;
  } else {
    cell.read = mine | otherReaders(old);
  }
}

template <bool isShared>
inline Checker::Problem Checker::checkCell(Cell &cell, bool isWrite,
                                           bool isAtomic) {
  // Nobody has written since this thread's last read: writes clear it.
  if (!isWrite && cell.read == (key | readClock(clock)))
    return Problem::None;
  Problem problem = checkWriteRecord<isShared>(cell.write, isWrite, isAtomic);
  if (problem != Problem::None)
    return problem;
  if (!isWrite) {
    noteRead<isShared>(cell);
    return Problem::None;
  }
  if (!mayWriteAfterReads<isShared>(cell.read))
    return Problem::AfterRead;
  // A thread's plain write is not forgotten for its atomic one.
  bool isPlain = !isAtomic ||
                 (epochOf(cell.write) == epoch &&
                  threadOf(cell.write) == thread && !(cell.write & atomicBit));
  cell.write = key | writeClock(clock) | (isPlain ? 0 : atomicBit);
  cell.read = 0;
  return Problem::None;
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

template <bool isShared>
void Checker::accessCells(Cell *cells, uintptr_t address, size_t bytes,
                          bool isWrite, bool isAtomic, const void *code) {
  for (size_t i = 0; i < bytes; ++i)
    if (Problem bad = checkCell<isShared>(cells[i], isWrite, isAtomic);
        bad != Problem::None)
      fail(cudaErrorLaunchFailure, address, bytes, isWrite,
           explain(bad, cells[i]), code);
}

void Checker::access(uintptr_t address, size_t bytes, bool isWrite,
                     bool isAtomic, const void *code) {
  if (address - stack < stackBytes || bytes == 0)
    return;
  // Most accesses, before all else.
  if (isDeviceMemory(address))
    if (const Allocation *allocation = memory->findPage(address);
        allocation && !allocation->freed && allocation->holds(address, bytes))
      return accessCells<false>(arenaCells + (address - arena), address, bytes,
                                isWrite, isAtomic, code);
  Cell *cells = nullptr;
  std::string problem;
  switch (locate(address, bytes, isWrite, cells, problem)) {
  case Place::Private:
    return;
  case Place::Bad:
    fail(cudaErrorIllegalAddress, address, bytes, isWrite, problem, code);
  case Place::Device:
    return accessCells<false>(cells, address, bytes, isWrite, isAtomic, code);
  case Place::Shared:
    return accessCells<true>(cells, address, bytes, isWrite, isAtomic, code);
  }
}

std::string Checker::accessByOperation(const void *pointer, size_t bytes,
                                       bool isWrite) {
  uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  if (!isOn() || !isDeviceMemory(address))
    return "";
  Cell *cells = arenaCells + (address - arena);
  for (size_t i = 0; i < bytes; ++i) {
    Problem bad = checkCell<false>(cells[i], isWrite, false);
    // Copies may take along what is undefined.
    if (bad == Problem::Undefined)
      noteRead<false>(cells[i]);
    else if (bad != Problem::None)
      return (isWrite ? "writes " : "reads ") + describe(address + i) + ": " +
             explain(bad, cells[i]);
  }
  return "";
}

void Checker::copyDefinedness(const void *to, const void *from, size_t bytes) {
  if (!isOn())
    return;
  Cell *target = arenaCells + (reinterpret_cast<uintptr_t>(to) - arena);
  Cell *source = arenaCells + (reinterpret_cast<uintptr_t>(from) - arena);
  for (size_t i = 0; i < bytes; ++i)
    if (source[i].write == 0)
      target[i].write = 0;
}

void Checker::asyncIssued(void *to, const void *from, size_t bytes,
                          size_t globalBytes, const void *code) {
  uintptr_t address = reinterpret_cast<uintptr_t>(to);
  access(reinterpret_cast<uintptr_t>(from), globalBytes, false, false, code);
  access(address, bytes, true, false, code);
  for (size_t i = 0; i < bytes; ++i)
    sharedCells.data()[shared.offsetOf(address) + i].write |= onTheWayBit;
}

void Checker::asyncArrived(void *to, const void *from, size_t bytes,
                           size_t globalBytes, const void *code) {
  uintptr_t address = reinterpret_cast<uintptr_t>(to);
  access(reinterpret_cast<uintptr_t>(from), globalBytes, false, false, code);
  for (size_t i = 0; i < bytes; ++i)
    sharedCells.data()[shared.offsetOf(address) + i].write =
        key | writeClock(clock);
}
