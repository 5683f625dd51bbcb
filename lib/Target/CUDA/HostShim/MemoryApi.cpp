//===- MemoryApi.cpp - cudaMalloc, cudaMemcpy and their kind --------------===//
// SPDX-License-Identifier: Apache-2.0
// Copies check their direction and extent when they are called and again when
// they run.
//===----------------------------------------------------------------------===//
#include "ApiCall.h"
#include "DeviceMemory.h"

#include <cstdlib>
#include <cstring>
#include <map>

using namespace shift::shim;

/// Memory of cudaMallocHost: address and bytes.
static std::map<uintptr_t, size_t> &pinned() {
  static auto &ranges = *new std::map<uintptr_t, size_t>;
  return ranges;
}

static bool isPinned(const void *pointer) {
  uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  auto next = pinned().upper_bound(address);
  return next != pinned().begin() &&
         address - std::prev(next)->first < std::prev(next)->second;
}

static bool isDevice(const void *pointer) {
  return DeviceMemory::get().contains(reinterpret_cast<uintptr_t>(pointer));
}

/// Is it a variable of the device? Those are data of the program.
static bool isVariable(const void *pointer) {
  const ModuleSymbols &module =
      ModuleSymbols::containing(reinterpret_cast<const void *>(&isVariable));
  return module.findSegment(reinterpret_cast<uintptr_t>(pointer)) != nullptr;
}

//===----------------------------------------------------------------------===//
// Allocation
//===----------------------------------------------------------------------===//

cudaError_t cudaMalloc(void **address, size_t bytes) {
  return apiCall([&](Streams &streams) {
    if (cudaError_t error = streams.forbidDuringCapture())
      return error;
    return DeviceMemory::get().allocate(address, bytes);
  });
}

cudaError_t cudaMallocAsync(void **address, size_t bytes, cudaStream_t handle) {
  return streamCall(handle, [&](Streams &, cudaStream_t) {
    return cudaMalloc(address, bytes);
  });
}

cudaError_t cudaFree(void *address) {
  return apiCall([&](Streams &streams) {
    if (!address)
      return cudaSuccess;
    if (cudaError_t error = streams.forbidDuringCapture())
      return error;
    streams.waitForAll();
    std::string why;
    cudaError_t error = DeviceMemory::get().release(address, why);
    return why.empty() ? error : apiError(error, "cudaFree: " + why);
  });
}

cudaError_t cudaFreeAsync(void *address, cudaStream_t handle) {
  return streamCall(handle, [&](Streams &streams, cudaStream_t stream) {
    if (cudaError_t error = streams.forbidDuringCapture())
      return error;
    return streams.enqueue(stream, "cudaFreeAsync", [=] {
      std::string why;
      DeviceMemory::get().release(address, why);
      return why;
    });
  });
}

cudaError_t cudaMallocHost(void **address, size_t bytes) {
  return cudaHostAlloc(address, bytes, cudaHostAllocDefault);
}

cudaError_t cudaHostAlloc(void **address, size_t bytes, unsigned int) {
  return apiCall([&](Streams &streams) {
    if (!address)
      return cudaErrorInvalidValue;
    if (cudaError_t error = streams.forbidDuringCapture())
      return error;
    *address = std::aligned_alloc(256, (bytes + 256) / 256 * 256);
    if (!*address)
      return cudaErrorMemoryAllocation;
    pinned()[reinterpret_cast<uintptr_t>(*address)] = bytes;
    return cudaSuccess;
  });
}

cudaError_t cudaFreeHost(void *address) {
  return apiCall([&](Streams &streams) {
    if (!address)
      return cudaSuccess;
    streams.waitForAll();
    if (pinned().erase(reinterpret_cast<uintptr_t>(address)) == 0)
      return apiError(cudaErrorInvalidValue,
                      "cudaFreeHost: expected an address that cudaMallocHost "
                      "returned");
    std::free(address);
    return cudaSuccess;
  });
}

cudaError_t cudaMemGetInfo(size_t *free, size_t *total) {
  if (!free || !total)
    return apiError(cudaErrorInvalidValue);
  *free = *total = DeviceMemory::get().size();
  return cudaSuccess;
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

/// Says what is wrong with an end of a copy, if anything.
static std::string checkEnd(const char *what, const void *pointer, size_t bytes,
                            bool mustBeDevice, bool mustBeHost) {
  uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  bool device = isDevice(pointer);
  if (mustBeDevice && !device && !isVariable(pointer))
    return std::string("expected device memory as ") + what +
           ", got memory of the host";
  if (mustBeHost && device)
    return std::string("expected memory of the host as ") + what + ", got " +
           DeviceMemory::get().describe(address);
  if (device && !DeviceMemory::get().holds(pointer, bytes)) {
    const Allocation *allocation = DeviceMemory::get().find(address);
    return std::string("expected ") + std::to_string(bytes) +
           " bytes of device memory as " + what + ", got " +
           DeviceMemory::get().describe(address) +
           (allocation && allocation->freed ? ", which was freed" : "");
  }
  return "";
}

static std::string checkCopy(void *to, const void *from, size_t bytes,
                             cudaMemcpyKind kind) {
  std::string problem = checkEnd(
      "target", to, bytes,
      kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice,
      kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyHostToHost);
  if (!problem.empty())
    return problem;
  return checkEnd(
      "source", from, bytes,
      kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice,
      kind == cudaMemcpyHostToDevice || kind == cudaMemcpyHostToHost);
}

static std::string runCopy(void *to, const void *from, size_t bytes) {
  std::string problem = checkCopy(to, from, bytes, cudaMemcpyDefault);
  Checker &checker = Checker::get();
  if (problem.empty())
    problem = checker.accessByOperation(from, bytes, false);
  if (problem.empty())
    problem = checker.accessByOperation(to, bytes, true);
  if (!problem.empty())
    return problem;
  if (isDevice(to) && isDevice(from))
    checker.copyDefinedness(to, from, bytes);
  std::memcpy(to, from, bytes);
  return "";
}

static cudaError_t copy(const char *name, Streams &streams, cudaStream_t stream,
                        void *to, const void *from, size_t bytes,
                        cudaMemcpyKind kind, bool mustWait) {
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault)
    return cudaErrorInvalidMemcpyDirection;
  std::string problem = checkCopy(to, from, bytes, kind);
  if (!problem.empty())
    return apiError(cudaErrorInvalidValue, std::string(name) + ": " + problem);
  bool capturing = stream->capture != nullptr;
  Action action = [=] { return runCopy(to, from, bytes); };
  // The source of pageable memory is read at once, as CUDA promises.
  if (!capturing && !mustWait && isDevice(to) && !isDevice(from) &&
      !isPinned(from)) {
    auto bytesOf = static_cast<const char *>(from);
    auto staged = std::make_shared<std::vector<char>>(bytesOf, bytesOf + bytes);
    action = [=] { return runCopy(to, staged->data(), bytes); };
  }
  if (cudaError_t error = streams.enqueue(stream, name, action))
    return error;
  bool toPageable = !isDevice(to) && !isPinned(to);
  if (!capturing && (mustWait || toPageable))
    streams.waitForStream(stream);
  return cudaSuccess;
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes,
                       cudaMemcpyKind kind) {
  return streamCall(nullptr, [&](Streams &streams, cudaStream_t stream) {
    return copy("cudaMemcpy", streams, stream, to, from, bytes, kind, true);
  });
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes,
                            cudaMemcpyKind kind, cudaStream_t handle) {
  return streamCall(handle, [&](Streams &streams, cudaStream_t stream) {
    return copy("cudaMemcpyAsync", streams, stream, to, from, bytes, kind,
                false);
  });
}

//===----------------------------------------------------------------------===//
// Fills
//===----------------------------------------------------------------------===//

static std::string runFill(void *address, int value, size_t bytes) {
  std::string problem = checkEnd("target", address, bytes, true, false);
  if (problem.empty())
    problem = Checker::get().accessByOperation(address, bytes, true);
  if (problem.empty())
    std::memset(address, value, bytes);
  return problem;
}

static cudaError_t fill(const char *name, cudaStream_t handle, void *address,
                        int value, size_t bytes) {
  return streamCall(handle, [&](Streams &streams, cudaStream_t stream) {
    std::string problem = checkEnd("target", address, bytes, true, false);
    if (!problem.empty())
      return apiError(cudaErrorInvalidValue,
                      std::string(name) + ": " + problem);
    return streams.enqueue(stream, name,
                           [=] { return runFill(address, value, bytes); });
  });
}

cudaError_t cudaMemset(void *address, int value, size_t bytes) {
  return fill("cudaMemset", nullptr, address, value, bytes);
}

cudaError_t cudaMemsetAsync(void *address, int value, size_t bytes,
                            cudaStream_t handle) {
  return fill("cudaMemsetAsync", handle, address, value, bytes);
}
