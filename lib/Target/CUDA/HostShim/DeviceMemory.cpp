//===- DeviceMemory.cpp - Memory that stands for a GPU's ------------------===//
// SPDX-License-Identifier: Apache-2.0
// Next-fit allocation in the reserved range, by pages.
//===----------------------------------------------------------------------===//
#include "DeviceMemory.h"
#include "Checker.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

using namespace shift::shim;

static constexpr size_t wantedArenaBytes = size_t(1) << 36;

static void *reserve(size_t bytes, int protection) {
  void *address = mmap(nullptr, bytes, protection,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return address == MAP_FAILED ? nullptr : address;
}

static size_t roundUp(size_t bytes, size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

DeviceMemory &DeviceMemory::get() {
  // Given back when the library is unloaded, after all that may use it.
  static DeviceMemory &instance = *new DeviceMemory;
  return instance;
}

__attribute__((destructor)) static void giveBack() {
  DeviceMemory::get().giveBack();
}

void DeviceMemory::giveBack() {
  if (std::getenv("SHIFT_SHIM_LEAKS"))
    for (const Allocation &allocation : allocations)
      if (!allocation.freed)
        std::fprintf(stderr,
                     "error: CUDA host shim: allocation #%u (%zu bytes) was "
                     "not freed\n",
                     allocation.number, allocation.bytes);
  if (arenaBytes == 0)
    return;
  munmap(reinterpret_cast<void *>(arena), arenaBytes);
  munmap(pages, pagesBytes());
  arenaBytes = 0;
}

DeviceMemory::DeviceMemory() {
  // Limits of address space may call for less.
  for (size_t bytes = wantedArenaBytes; bytes >= (size_t(1) << 28); bytes /= 2)
    if (void *address = reserve(bytes, PROT_NONE)) {
      arena = cursor = reinterpret_cast<uintptr_t>(address);
      arenaBytes = bytes;
      break;
    }
  pages =
      static_cast<uint32_t *>(reserve(pagesBytes(), PROT_READ | PROT_WRITE));
  if (!pages)
    arenaBytes = 0;
}

/// Inaccessible bytes behind an allocation: an index that is wrong by up to the
/// size of a buffer of usual size must not hit the next one.
static size_t gapBehind(size_t bytes) {
  return std::clamp(bytes, size_t(1) << 16, size_t(1) << 24);
}

/// Returns where `bytes` fit, at the cursor or behind it, then from the start;
/// 0 if nowhere. Freed allocations count as free room.
uintptr_t DeviceMemory::findGap(size_t bytes) {
  for (int round = 0; round < 2; ++round, cursor = arena) {
    auto next = byBase.lower_bound(cursor);
    for (;; ++next) {
      while (next != byBase.end() && allocations[next->second].freed)
        ++next;
      uintptr_t end = next == byBase.end() ? arena + arenaBytes : next->first;
      if (end - cursor >= bytes && cursor < end)
        return cursor;
      if (next == byBase.end())
        break;
      const Allocation &taken = allocations[next->second];
      cursor =
          roundUp(taken.base + taken.bytes + gapBehind(taken.bytes), pageBytes);
    }
  }
  return 0;
}

void DeviceMemory::setPages(const Allocation &allocation, uint32_t index) {
  size_t first = (allocation.base - arena) / pageBytes;
  std::fill_n(pages + first, roundUp(allocation.bytes, pageBytes) / pageBytes,
              index);
}

cudaError_t DeviceMemory::allocate(void **address, size_t bytes) {
  if (!address)
    return cudaErrorInvalidValue;
  *address = nullptr;
  if (bytes == 0)
    return cudaSuccess;
  size_t room = roundUp(bytes + gapBehind(bytes), pageBytes);
  if (bytes > arenaBytes || room > arenaBytes)
    return cudaErrorMemoryAllocation;
  uintptr_t base = findGap(room);
  void *memory = reinterpret_cast<void *>(base);
  if (base == 0 ||
      mprotect(memory, roundUp(bytes, pageBytes), PROT_READ | PROT_WRITE) != 0)
    return cudaErrorMemoryAllocation;
  // What was freed at these addresses is forgotten.
  for (auto old = byBase.lower_bound(base);
       old != byBase.end() && old->first < base + room;) {
    setPages(allocations[old->second], 0);
    old = byBase.erase(old);
  }
  // As undefined as on a GPU, so that results show who relies on zeros.
  std::memset(memory, 0xcb, bytes);
  allocations.push_back({base, bytes, unsigned(allocations.size() + 1), false});
  setPages(allocations.back(), uint32_t(allocations.size()));
  byBase[base] = uint32_t(allocations.size() - 1);
  cursor = base + room;
  Checker::get().forget(base, bytes);
  *address = memory;
  return cudaSuccess;
}

cudaError_t DeviceMemory::release(void *address, std::string &why) {
  uintptr_t base = reinterpret_cast<uintptr_t>(address);
  auto found = byBase.find(base);
  if (found == byBase.end()) {
    why = "expected an address that cudaMalloc returned, got " +
          (contains(base) ? describe(base) : "an address of host memory");
    return cudaErrorInvalidValue;
  }
  Allocation &allocation = allocations[found->second];
  if (allocation.freed) {
    why = describe(base) + " was freed before";
    return cudaErrorInvalidValue;
  }
  allocation.freed = true;
  mmap(address, roundUp(allocation.bytes, pageBytes), PROT_NONE,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  return cudaSuccess;
}

const Allocation *DeviceMemory::find(uintptr_t address) const {
  auto next = byBase.upper_bound(address);
  return next == byBase.begin() ? nullptr
                                : &allocations[std::prev(next)->second];
}

bool DeviceMemory::holds(const void *pointer, size_t bytes) const {
  uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  if (!contains(address))
    return false;
  const Allocation *allocation = find(address);
  return allocation && !allocation->freed && allocation->holds(address, bytes);
}

std::string DeviceMemory::describe(uintptr_t address) const {
  const Allocation *allocation = find(address);
  if (!allocation)
    return "device memory that was never allocated";
  return "allocation #" + std::to_string(allocation->number) + " (" +
         std::to_string(allocation->bytes) + " bytes) + " +
         std::to_string(address - allocation->base);
}
