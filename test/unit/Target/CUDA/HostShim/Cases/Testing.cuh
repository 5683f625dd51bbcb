//===- Testing.cuh - What the cases of the host shim share ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A case is a function that returns null or what went wrong. A line "CASE name:
// text" in a file announces planted_name, whose bug gives a message that holds
// the text, and correct_name, the same without the bug; a line "TEST name"
// announces test_name, which works. All of it is CUDA that nvcc takes.
//===----------------------------------------------------------------------===//
#ifndef TESTING_CUH
#define TESTING_CUH

#include <cuda_runtime.h>

#define TRY(call)                                                              \
  do {                                                                         \
    cudaError_t tried = (call);                                                \
    if (tried != cudaSuccess)                                                  \
      return cudaGetErrorString(tried);                                        \
  } while (false)

#define EXPECT(condition)                                                      \
  do {                                                                         \
    if (!(condition))                                                          \
      return "expected " #condition;                                           \
  } while (false)

/// Calls another function of a case.
#define CALL(call)                                                             \
  do {                                                                         \
    const char *problem = (call);                                              \
    if (problem)                                                               \
      return problem;                                                          \
  } while (false)

#define EXPORTED extern "C" const char *

/// Launches a kernel on a stream and reports only the launch itself.
template <typename... Params, typename... Arguments>
const char *launchOn(cudaStream_t stream, dim3 blocks, dim3 threads,
                     size_t sharedBytes, void (*kernel)(Params...),
                     Arguments... arguments) {
  cudaLaunchConfig_t config = {};
  config.gridDim = blocks;
  config.blockDim = threads;
  config.dynamicSmemBytes = sharedBytes;
  config.stream = stream;
  TRY(cudaLaunchKernelEx(&config, kernel, arguments...));
  return nullptr;
}

/// Launches a kernel and waits for its end.
template <typename... Params, typename... Arguments>
const char *runKernel(dim3 blocks, dim3 threads, size_t sharedBytes,
                      void (*kernel)(Params...), Arguments... arguments) {
  CALL(launchOn(nullptr, blocks, threads, sharedBytes, kernel, arguments...));
  TRY(cudaDeviceSynchronize());
  return nullptr;
}

/// Memory of the device that starts as a copy of `values`.
template <typename T, int count>
struct Buffer {
  T *device = nullptr;
  T host[count];

  const char *fill(T first, T step) {
    for (int i = 0; i < count; ++i)
      host[i] = first + i * step;
    TRY(cudaMalloc(&device, sizeof(host)));
    TRY(cudaMemcpy(device, host, sizeof(host), cudaMemcpyHostToDevice));
    return nullptr;
  }
  const char *read() {
    TRY(cudaMemcpy(host, device, sizeof(host), cudaMemcpyDeviceToHost));
    return nullptr;
  }
  ~Buffer() { cudaFree(device); }
};

#endif // TESTING_CUH
