//===- CheckerMessages.cpp - What the checker says ------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Names places and the other side of a race.
//===----------------------------------------------------------------------===//
#include "Checker.h"
#include "CheckerRecords.h"
#include "Grid.h"

#include <algorithm>

using namespace shift::shim;

std::string Checker::describe(uintptr_t address) const {
  if (isDeviceMemory(address))
    return memory->describe(address);
  if (shared.contains(address))
    return shared.describe(address);
  const Segment *segment = module ? module->findSegment(address) : nullptr;
  if (!segment)
    return "memory of the host";
  auto next = std::upper_bound(
      module->data.begin(), module->data.end(), address,
      [](uintptr_t a, const Symbol &symbol) { return a < symbol.start; });
  if (next == module->data.begin())
    return "the program";
  const Symbol &variable = *std::prev(next);
  return "variable '" + variable.name + "' (" + std::to_string(variable.bytes) +
         " bytes) + " + std::to_string(address - variable.start);
}

std::string Checker::describeOther(uint64_t record) const {
  uint32_t when = epochOf(record);
  unsigned other = threadOf(record);
  if (when < launchFirst)
    return operationOf(when).name + " of another stream";
  if (when >= blockFirst && when != epoch)
    return "another block";
  std::string name = other == thread && when == epoch
                         ? "another thread"
                         : "thread " + Grid::threadName(*launch, other);
  if (when >= blockFirst)
    return name + " of the block";
  auto block = std::upper_bound(
      blockEpochs.begin(), blockEpochs.end(), when,
      [](uint32_t e, const auto &entry) { return e < entry.first; });
  return name + " of block " +
         Grid::blockName(*launch, std::prev(block)->second);
}

std::string Checker::explain(Problem problem, const Cell &cell) const {
  bool afterWrite = problem == Problem::AfterWrite;
  uint64_t other = afterWrite ? cell.write : cell.read;
  // Of readers that later ones hide, the set has the first epoch.
  if (problem == Problem::AfterRead && !areOtherReadersOrdered(other))
    for (uint32_t reader : readerSets[setOf(other)])
      if (!operationOf(reader).isOrdered)
        other = record(reader, 0);
  switch (problem) {
  case Problem::None:
    break;
  case Problem::Undefined:
    return "which nothing has written before";
  case Problem::NotArrived:
    return "to which an asynchronous copy of thread " +
           Grid::threadName(*launch, threadOf(cell.write)) +
           " is on the way, not waited for";
  case Problem::AfterWrite:
  case Problem::AfterRead:
    return "a data race: " + describeOther(other) +
           (afterWrite ? " wrote it" : " read it") +
           (epochOf(other) < launchFirst ? ", with no event between"
            : epochOf(other) != epoch    ? " in the same grid"
                                         : ", with no barrier between");
  }
  return "";
}

void Checker::fail(cudaError_t error, uintptr_t address, size_t bytes,
                   bool isWrite, const std::string &problem,
                   const void *code) const {
  failKernel(error, std::string(isWrite ? "writes " : "reads ") +
                        std::to_string(bytes) + " bytes at " +
                        describe(address) + ", " + problem + ", in " +
                        module->describeCode(code));
}
