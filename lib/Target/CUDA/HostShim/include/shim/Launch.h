//===- Launch.h - Typed launches and other templates of the API -*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A launch copies the arguments, converted to the kernel's parameters, and
// hands the runtime library a function that calls the kernel with them: once
// for each thread.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_SHIM_LAUNCH_H
#define LIB_TARGET_CUDA_HOSTSHIM_SHIM_LAUNCH_H

#include "shim/HostApi.h"
#include "shim/Qualifiers.h"

#include <memory>
#include <tuple>
#include <utility>

// Defined in assembly by Qualifiers.h, in each file.
extern __thread char shift_shim_dynamic_shared[];

namespace shift::shim {

/// One launch of a kernel.
struct Launch {
  const void *kernel;
  void (*invoke)(const void *bound);
  /// What `invoke` is called with: the parameters.
  std::shared_ptr<const void> bound;
  size_t boundBytes;
  dim3 gridDim, blockDim;
  size_t dynamicBytes;
  /// Dynamic shared memory of the thread that asks.
  char *(*dynamicShared)();
  bool checked;
};

cudaError_t enqueueLaunch(const Launch &launch, cudaStream_t stream);
cudaError_t setMaxDynamicShared(const void *kernel, int bytes);

template <typename... Params>
struct BoundKernel {
  void (*kernel)(Params...);
  std::tuple<Params...> arguments;

  static void invoke(const void *self) {
    const auto &bound = *static_cast<const BoundKernel *>(self);
    std::apply(bound.kernel, bound.arguments);
  }
};

// Static: each file has its own dynamic shared memory.
static inline char *dynamicShared() { return shift_shim_dynamic_shared; }

template <typename... Params>
static cudaError_t launchKernel(const cudaLaunchConfig_t &config,
                                void (*kernel)(Params...),
                                Params... arguments) {
  using Bound = BoundKernel<Params...>;
  if (!kernel)
    return cudaErrorInvalidDeviceFunction;
  if (config.numAttrs != 0)
    return cudaErrorNotSupported;
  auto bound = std::make_shared<Bound>(
      Bound{kernel, std::tuple<Params...>(arguments...)});
  Launch launch{reinterpret_cast<const void *>(kernel),
                Bound::invoke,
                bound,
                sizeof(Bound),
                config.gridDim,
                config.blockDim,
                config.dynamicSmemBytes,
                dynamicShared,
                SHIFT_SHIM_CHECKED != 0};
  return enqueueLaunch(launch, config.stream);
}

template <typename... Params, size_t... i>
static cudaError_t launchKernel(const cudaLaunchConfig_t &config,
                                void (*kernel)(Params...), void **arguments,
                                std::index_sequence<i...>) {
  return launchKernel(
      config, kernel,
      *static_cast<std::remove_reference_t<Params> *>(arguments[i])...);
}

} // namespace shift::shim

template <typename... Params, typename... Arguments>
static inline cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t *config,
                                             void (*kernel)(Params...),
                                             Arguments &&...arguments) {
  return shift::shim::launchKernel<Params...>(
      *config, kernel, std::forward<Arguments>(arguments)...);
}

/// Takes the kernel itself: a pointer to void has lost the parameters' types.
template <typename... Params>
static inline cudaError_t
cudaLaunchKernel(void (*kernel)(Params...), dim3 gridDim, dim3 blockDim,
                 void **arguments, size_t dynamicBytes = 0,
                 cudaStream_t stream = nullptr) {
  cudaLaunchConfig_t config;
  config.gridDim = gridDim;
  config.blockDim = blockDim;
  config.dynamicSmemBytes = dynamicBytes;
  config.stream = stream;
  return shift::shim::launchKernel(config, kernel, arguments,
                                   std::index_sequence_for<Params...>());
}

template <typename Kernel>
static inline cudaError_t
cudaFuncSetAttribute(Kernel *kernel, cudaFuncAttribute attribute, int value) {
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize)
    return cudaSuccess;
  return shift::shim::setMaxDynamicShared(
      reinterpret_cast<const void *>(kernel), value);
}

template <typename T>
static inline cudaError_t cudaMalloc(T **address, size_t bytes) {
  return cudaMalloc(reinterpret_cast<void **>(address), bytes);
}
template <typename T>
static inline cudaError_t cudaMallocAsync(T **address, size_t bytes,
                                          cudaStream_t stream) {
  return cudaMallocAsync(reinterpret_cast<void **>(address), bytes, stream);
}
template <typename T>
static inline cudaError_t cudaMallocHost(T **address, size_t bytes) {
  return cudaMallocHost(reinterpret_cast<void **>(address), bytes);
}
template <typename T>
static inline cudaError_t cudaGetSymbolAddress(void **address,
                                               const T &symbol) {
  *address = const_cast<void *>(static_cast<const void *>(&symbol));
  return cudaSuccess;
}
template <typename T>
static inline cudaError_t
cudaMemcpyToSymbol(const T &symbol, const void *from, size_t bytes,
                   size_t offset = 0,
                   cudaMemcpyKind kind = cudaMemcpyHostToDevice) {
  if (offset > sizeof(T) || bytes > sizeof(T) - offset)
    return cudaErrorInvalidValue;
  char *to = reinterpret_cast<char *>(const_cast<T *>(&symbol)) + offset;
  (void)kind;
  return cudaMemcpy(to, from, bytes, cudaMemcpyDefault);
}
template <typename T>
static inline cudaError_t
cudaMemcpyFromSymbol(void *to, const T &symbol, size_t bytes, size_t offset = 0,
                     cudaMemcpyKind kind = cudaMemcpyDeviceToHost) {
  if (offset > sizeof(T) || bytes > sizeof(T) - offset)
    return cudaErrorInvalidValue;
  (void)kind;
  return cudaMemcpy(to, reinterpret_cast<const char *>(&symbol) + offset, bytes,
                    cudaMemcpyDefault);
}

#endif // LIB_TARGET_CUDA_HOSTSHIM_SHIM_LAUNCH_H
