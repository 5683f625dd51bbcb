//===- DeviceMemory.h - Memory that stands for a GPU's ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// One reserved range of addresses holds all device memory. Allocations lie on
// pages of their own with inaccessible gaps between, and freed addresses are
// taken again as late as possible, so that bad accesses are seen.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_DEVICEMEMORY_H
#define LIB_TARGET_CUDA_HOSTSHIM_DEVICEMEMORY_H

#include "shim/HostApi.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace shift::shim {

/// One cudaMalloc. Numbers count from 1.
struct Allocation {
  uintptr_t base;
  size_t bytes;
  unsigned number;
  bool freed;

  bool holds(uintptr_t address, size_t size) const {
    return address >= base && size <= bytes && address - base <= bytes - size;
  }
};

class DeviceMemory {
public:
  static DeviceMemory &get();

  cudaError_t allocate(void **address, size_t bytes);
  /// Frees what `address` points to; `why` tells what is wrong with it.
  cudaError_t release(void *address, std::string &why);

  bool contains(uintptr_t address) const {
    return address - arena < arenaBytes;
  }
  uintptr_t base() const { return arena; }
  size_t size() const { return arenaBytes; }

  /// The allocation whose pages hold `address` of the arena, or the one before
  /// it; null if there is none. May be freed.
  const Allocation *find(uintptr_t address) const;

  /// As find, if `address` lies on the pages of an allocation. Quick.
  const Allocation *findPage(uintptr_t address) const {
    uint32_t index = pages[(address - arena) / pageBytes];
    return index == 0 ? nullptr : &allocations[index - 1];
  }

  /// Is [address, address + bytes) inside live device memory?
  bool holds(const void *address, size_t bytes) const;

  /// "allocation #3 (1024 bytes) + 512".
  std::string describe(uintptr_t address) const;

  /// Unmaps everything; the last call. SHIFT_SHIM_LEAKS in the environment
  /// names what was not freed.
  void giveBack();

private:
  static constexpr size_t pageBytes = 4096;

  DeviceMemory();
  size_t pagesBytes() const {
    return (arenaBytes / pageBytes + 1) * sizeof(uint32_t);
  }
  uintptr_t findGap(size_t bytes);
  void setPages(const Allocation &allocation, uint32_t index);

  uintptr_t arena = 0;
  size_t arenaBytes = 0;
  uint32_t *pages = nullptr;
  std::vector<Allocation> allocations;
  /// Indices of allocations whose addresses have not been taken again.
  std::map<uintptr_t, uint32_t> byBase;
  uintptr_t cursor = 0;
};

} // namespace shift::shim

#endif // LIB_TARGET_CUDA_HOSTSHIM_DEVICEMEMORY_H
