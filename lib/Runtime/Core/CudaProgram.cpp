//===- CudaProgram.cpp - The program of a CUDA artefact -------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Core/CudaProgram.h"

#include "lib/Runtime/Core/Error.h"

using namespace shift::rt;

/// The symbol `name`, which must be there.
static void *require(const SymbolLookup &lookup, const char *name,
                     const std::string &source) {
  void *address = lookup(name);
  if (!address)
    throw Error(SHIFT_ERROR_MODEL,
                source + ": expected the symbol " + name +
                    ", got a library without it; compile the model again");
  return address;
}

CudaProgram::CudaProgram(const SymbolLookup &lookup, const std::string &source)
    : source(source) {
  auto find = [&](const char *name) { return require(lookup, name, source); };
  auto *create = reinterpret_cast<ShiftCudaCreate *>(find(SHIFT_CUDA_CREATE));
  runHost = reinterpret_cast<ShiftCudaRunHost *>(find(SHIFT_CUDA_RUN_HOST));
  destroy = reinterpret_cast<ShiftCudaDestroy *>(find(SHIFT_CUDA_DESTROY));
  const void *weights = find(SHIFT_CUDA_WEIGHTS);
  uint64_t bytes =
      *static_cast<const uint64_t *>(find(SHIFT_CUDA_WEIGHTS_BYTES));
  if (const char *problem = create(weights, bytes, &model))
    throw Error(SHIFT_ERROR_MODEL, source + ": " + problem);
}

CudaProgram::~CudaProgram() { destroy(model); }

void CudaProgram::run(const void *const *inputs, void *const *outputs) const {
  std::lock_guard<std::mutex> lock(mutex);
  if (const char *problem = runHost(model, inputs, outputs))
    throw Error(SHIFT_ERROR_ARGUMENT, problem);
}
