//===- Grid.h - Runs the blocks of a launch ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Blocks are shared out to OpenMP's threads; checked launches run on the
// calling thread alone.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_GRID_H
#define LIB_TARGET_CUDA_HOSTSHIM_GRID_H

#include "ModuleSymbols.h"
#include "shim/Launch.h"

#include <atomic>
#include <cstdint>
#include <string>

namespace shift::shim {

/// A permutation of 0..count-1, the identity if the seed is 0.
class Order {
public:
  Order(uint64_t count, uint64_t seed);
  uint64_t operator[](uint64_t i) const { return (i * factor + first) % count; }

private:
  uint64_t count, factor = 1, first = 0;
};

class Grid {
public:
  explicit Grid(const Launch &launch);

  /// Runs all blocks, or stops at the first failure.
  void run();

  /// "(1, 0, 0)" for a number of a thread or block.
  static std::string threadName(const Launch &launch, uint64_t number);
  static std::string blockName(const Launch &launch, uint64_t number);
  /// Coordinates of element `number` of a box.
  static uint3 coordinates(const dim3 &extents, uint64_t number);

  const Launch &launch;
  const ModuleSymbols &module;
  std::string kernel;
  uint64_t seed;
  std::atomic<bool> failed{false};

private:
  uint64_t blocks;
};

/// Reports what the running thread of a kernel did and stops the grid.
[[noreturn]] void failKernel(cudaError_t error, const std::string &message);

} // namespace shift::shim

#endif // LIB_TARGET_CUDA_HOSTSHIM_GRID_H
