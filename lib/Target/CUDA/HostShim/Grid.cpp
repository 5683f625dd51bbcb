//===- Grid.cpp - Runs the blocks of a launch -----------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Shares blocks out, in an order that depends on the seed.
//===----------------------------------------------------------------------===//
#include "Grid.h"
#include "BlockRunner.h"
#include "Checker.h"
#include "Report.h"

#include <algorithm>
#include <numeric>
#include <omp.h>

using namespace shift::shim;

Order::Order(uint64_t count, uint64_t seed) : count(count) {
  // The products of larger counts do not fit 64 bits.
  if (seed == 0 || count < 2 || count >> 32 != 0)
    return;
  first = mix(seed, 1) % count;
  uint64_t tries = 1;
  do
    factor = mix(seed, ++tries) % count;
  while (std::gcd(factor, count) != 1);
}

uint3 Grid::coordinates(const dim3 &extents, uint64_t number) {
  return {unsigned(number % extents.x),
          unsigned(number / extents.x % extents.y),
          unsigned(number / extents.x / extents.y)};
}

std::string Grid::threadName(const Launch &launch, uint64_t number) {
  return toText(coordinates(launch.blockDim, number));
}

std::string Grid::blockName(const Launch &launch, uint64_t number) {
  return toText(coordinates(launch.gridDim, number));
}

Grid::Grid(const Launch &launch)
    : launch(launch), module(ModuleSymbols::containing(launch.kernel)),
      kernel(module.functionAt(reinterpret_cast<uintptr_t>(launch.kernel))),
      seed(currentSeed()),
      blocks(uint64_t(launch.gridDim.x) * launch.gridDim.y * launch.gridDim.z) {
}

void Grid::run() {
  Order order(blocks, seed);
  Checker &checker = Checker::get();
  if (launch.checked)
    checker.beginLaunch(launch, kernel, module);
  std::atomic<uint64_t> next{0};
  auto runBlocks = [&](BlockRunner &runner) {
    for (uint64_t i = next++; i < blocks && !failed; i = next++) {
      if (launch.checked)
        checker.beginBlock(order[i]);
      runner.run(*this, order[i]);
    }
  };
  int threads = launch.checked
                    ? 1
                    : int(std::min<uint64_t>(blocks, omp_get_max_threads()));
  if (threads == 1) // a team of one would cost the team of the next launch
    return BlockRunner::with(runBlocks);
#pragma omp parallel num_threads(threads)
  BlockRunner::with(runBlocks);
}
