//===- HostApi.cpp - Device, streams, events, graphs and launches ---------===//
// SPDX-License-Identifier: Apache-2.0
// CUDA's functions in terms of Streams and Grid.
//===----------------------------------------------------------------------===//
#include "shim/HostApi.h"
#include "ApiCall.h"
#include "Grid.h"

#include <cstring>
#include <map>
#include <omp.h>

using namespace shift::shim;

//===----------------------------------------------------------------------===//
// The device
//===----------------------------------------------------------------------===//

static constexpr int maxThreads = 1024;
static constexpr int sharedBytes = 48 * 1024;

cudaError_t cudaGetDeviceCount(int *count) {
  if (!count)
    return apiError(cudaErrorInvalidValue);
  *count = 1;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int *device) {
  if (!device)
    return apiError(cudaErrorInvalidValue);
  *device = 0;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  return apiError(device == 0 ? cudaSuccess : cudaErrorInvalidDevice);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int device) {
  if (!properties)
    return apiError(cudaErrorInvalidValue);
  if (device != 0)
    return apiError(cudaErrorInvalidDevice);
  *properties = {};
  std::strcpy(properties->name, "CUDA host shim");
  properties->totalGlobalMem = DeviceMemory::get().size();
  properties->sharedMemPerBlock = sharedBytes;
  properties->sharedMemPerBlockOptin = SHIFT_SHIM_DYNAMIC_BYTES;
  properties->sharedMemPerMultiprocessor = SHIFT_SHIM_DYNAMIC_BYTES + 1024;
  properties->regsPerBlock = 65536;
  properties->warpSize = 32;
  properties->maxThreadsPerBlock = maxThreads;
  properties->maxThreadsDim[0] = properties->maxThreadsDim[1] = 1024;
  properties->maxThreadsDim[2] = 64;
  properties->maxGridSize[0] = 0x7fffffff;
  properties->maxGridSize[1] = properties->maxGridSize[2] = 65535;
  properties->major = 9;
  properties->multiProcessorCount = omp_get_max_threads();
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute,
                                   int device) {
  cudaDeviceProp properties;
  if (!value)
    return apiError(cudaErrorInvalidValue);
  if (cudaError_t error = cudaGetDeviceProperties(&properties, device))
    return error;
  switch (attribute) {
  case cudaDevAttrMaxThreadsPerBlock:
    *value = properties.maxThreadsPerBlock;
    return cudaSuccess;
  case cudaDevAttrMaxSharedMemoryPerBlock:
    *value = int(properties.sharedMemPerBlock);
    return cudaSuccess;
  case cudaDevAttrWarpSize:
    *value = properties.warpSize;
    return cudaSuccess;
  case cudaDevAttrMultiProcessorCount:
    *value = properties.multiProcessorCount;
    return cudaSuccess;
  case cudaDevAttrComputeCapabilityMajor:
    *value = properties.major;
    return cudaSuccess;
  case cudaDevAttrComputeCapabilityMinor:
    *value = properties.minor;
    return cudaSuccess;
  case cudaDevAttrMaxSharedMemoryPerBlockOptin:
    *value = int(properties.sharedMemPerBlockOptin);
    return cudaSuccess;
  }
  return apiError(cudaErrorInvalidValue);
}

cudaError_t cudaDriverGetVersion(int *version) {
  return cudaRuntimeGetVersion(version);
}

cudaError_t cudaRuntimeGetVersion(int *version) {
  if (!version)
    return apiError(cudaErrorInvalidValue);
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
  return apiCall([](Streams &streams) {
    if (cudaError_t error = streams.forbidDuringCapture())
      return error;
    streams.waitForAll();
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceReset() { return cudaDeviceSynchronize(); }

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

static std::map<const void *, size_t> &maxDynamicShared() {
  static auto &limits = *new std::map<const void *, size_t>;
  return limits;
}

cudaError_t shift::shim::setMaxDynamicShared(const void *kernel, int bytes) {
  return apiCall([&](Streams &) {
    if (bytes < 0 || bytes > SHIFT_SHIM_DYNAMIC_BYTES)
      return cudaErrorInvalidValue;
    maxDynamicShared()[kernel] = size_t(bytes);
    return cudaSuccess;
  });
}

static cudaError_t checkLaunch(const Launch &launch) {
  const dim3 &grid = launch.gridDim, &block = launch.blockDim;
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || block.x == 0 ||
      block.y == 0 || block.z == 0 || grid.x > 0x7fffffff || grid.y > 65535 ||
      grid.z > 65535 || block.x > 1024 || block.y > 1024 || block.z > 64 ||
      uint64_t(block.x) * block.y * block.z > maxThreads)
    return cudaErrorInvalidConfiguration;
  auto limit = maxDynamicShared().find(launch.kernel);
  size_t most = limit == maxDynamicShared().end()
                    ? sharedBytes
                    : std::max<size_t>(sharedBytes, limit->second);
  return launch.dynamicBytes > most ? cudaErrorInvalidValue : cudaSuccess;
}

cudaError_t shift::shim::enqueueLaunch(const Launch &launch,
                                       cudaStream_t handle) {
  return streamCall(handle, [&](Streams &streams, cudaStream_t stream) {
    if (cudaError_t error = checkLaunch(launch))
      return error;
    const ModuleSymbols &module = ModuleSymbols::containing(launch.kernel);
    std::string name =
        module.functionAt(reinterpret_cast<uintptr_t>(launch.kernel));
    return streams.enqueue(stream, "kernel '" + name + "'", [=] {
      Grid(launch).run();
      return std::string();
    });
  });
}

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

cudaError_t cudaStreamCreate(cudaStream_t *stream) {
  return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream,
                                      unsigned int flags) {
  return apiCall([&](Streams &streams) {
    if (!stream || flags > cudaStreamNonBlocking)
      return cudaErrorInvalidValue;
    *stream = streams.create(flags != cudaStreamNonBlocking);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t *stream,
                                         unsigned int flags, int) {
  return cudaStreamCreateWithFlags(stream, flags);
}

cudaError_t cudaStreamDestroy(cudaStream_t handle) {
  return streamCall(handle, [&](Streams &streams, cudaStream_t stream) {
    if (stream == streams.resolve(nullptr))
      return cudaErrorInvalidResourceHandle;
    streams.destroy(stream);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  return streamCall(handle, [](Streams &streams, cudaStream_t stream) {
    if (stream->capture) {
      stream->capture->isInvalid = true;
      return cudaErrorStreamCaptureUnsupported;
    }
    streams.waitForStream(stream);
    return cudaSuccess;
  });
}

/// Is it done? If not, time passes.
static cudaError_t query(Streams &streams, const OperationRef &operation) {
  if (!operation || operation->done) {
    streams.wait(operation);
    return cudaSuccess;
  }
  streams.runOne();
  return cudaErrorNotReady;
}

cudaError_t cudaStreamQuery(cudaStream_t handle) {
  return streamCall(handle, [](Streams &streams, cudaStream_t stream) {
    if (stream->capture) {
      stream->capture->isInvalid = true;
      return cudaErrorStreamCaptureUnsupported;
    }
    return query(streams, stream->last);
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event,
                                unsigned int) {
  return streamCall(handle, [&](Streams &streams, cudaStream_t stream) {
    return event ? streams.waitEvent(stream, event)
                 : cudaErrorInvalidResourceHandle;
  });
}

//===----------------------------------------------------------------------===//
// Events
//===----------------------------------------------------------------------===//

cudaError_t cudaEventCreate(cudaEvent_t *event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned int) {
  return apiCall([&](Streams &) {
    if (!event)
      return cudaErrorInvalidValue;
    *event = new CUevent_st;
    return cudaSuccess;
  });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return apiCall([&](Streams &) {
    if (!event)
      return cudaErrorInvalidResourceHandle;
    delete event;
    return cudaSuccess;
  });
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle) {
  return streamCall(handle, [&](Streams &streams, cudaStream_t stream) {
    return event ? streams.record(event, stream)
                 : cudaErrorInvalidResourceHandle;
  });
}

/// Calls `body` unless the event was recorded in a capture.
template <typename Body>
static cudaError_t eventCall(cudaEvent_t event, Body body) {
  return apiCall([&](Streams &streams) {
    if (!event)
      return cudaErrorInvalidResourceHandle;
    if (!event->isCaptured)
      return body(streams);
    if (std::shared_ptr<Capture> capture = event->capture.lock())
      capture->isInvalid = true;
    return cudaErrorCapturedEvent;
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return eventCall(event, [&](Streams &streams) {
    streams.wait(event->operation);
    return cudaSuccess;
  });
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  return eventCall(event, [&](Streams &streams) {
    return query(streams, event->operation);
  });
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t start,
                                 cudaEvent_t end) {
  return apiCall([&](Streams &) {
    if (!milliseconds || !start || !end || !start->operation || !end->operation)
      return cudaErrorInvalidResourceHandle;
    if (!start->operation->done || !end->operation->done)
      return cudaErrorNotReady;
    *milliseconds =
        float((end->operation->time - start->operation->time) * 1e3);
    return cudaSuccess;
  });
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

cudaError_t cudaStreamBeginCapture(cudaStream_t handle,
                                   cudaStreamCaptureMode mode) {
  return streamCall(handle, [&](Streams &streams, cudaStream_t stream) {
    return streams.beginCapture(stream, mode == cudaStreamCaptureModeRelaxed);
  });
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t *graph) {
  return streamCall(handle, [&](Streams &streams, cudaStream_t stream) {
    if (!graph)
      return cudaErrorInvalidValue;
    *graph = nullptr;
    return streams.endCapture(stream, graph);
  });
}

cudaError_t cudaStreamIsCapturing(cudaStream_t handle,
                                  cudaStreamCaptureStatus *status) {
  return streamCall(handle, [&](Streams &, cudaStream_t stream) {
    if (!status)
      return cudaErrorInvalidValue;
    *status = !stream->capture             ? cudaStreamCaptureStatusNone
              : stream->capture->isInvalid ? cudaStreamCaptureStatusInvalidated
                                           : cudaStreamCaptureStatusActive;
    return cudaSuccess;
  });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph,
                                 unsigned long long) {
  return apiCall([&](Streams &streams) {
    if (!exec || !graph)
      return cudaErrorInvalidValue;
    *exec = streams.instantiate(*graph);
    return cudaSuccess;
  });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t handle) {
  return streamCall(handle, [&](Streams &streams, cudaStream_t stream) {
    return exec ? streams.launch(exec, stream) : cudaErrorInvalidValue;
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return apiCall([&](Streams &) {
    if (!graph)
      return cudaErrorInvalidValue;
    delete graph;
    return cudaSuccess;
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  return apiCall([&](Streams &streams) {
    if (!exec)
      return cudaErrorInvalidValue;
    streams.destroy(exec);
    return cudaSuccess;
  });
}
