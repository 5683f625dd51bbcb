// Memory that was freed.
#include "Testing.cuh"

__global__ void addOne(int *x) { x[threadIdx.x] += 1; }

// CASE use_after_free: at allocation #1 (128 bytes) + 0, after it was freed
static const char *useAfterFree(bool planted) {
  int *x;
  TRY(cudaMalloc(&x, 128));
  TRY(cudaMemset(x, 0, 128));
  if (planted)
    TRY(cudaFree(x));
  CALL(runKernel(1, 32, 0, addOne, x));
  if (!planted)
    TRY(cudaFree(x));
  return nullptr;
}
EXPORTED planted_use_after_free() { return useAfterFree(true); }
EXPORTED correct_use_after_free() { return useAfterFree(false); }

// CASE use_after_reuse: after it was freed
static const char *useAfterReuse(bool planted) {
  int *x, *y;
  TRY(cudaMalloc(&x, 128));
  TRY(cudaFree(x));
  // The next allocation does not lie where the freed one did.
  TRY(cudaMalloc(&y, 128));
  TRY(cudaMemset(y, 0, 128));
  CALL(runKernel(1, 32, 0, addOne, planted ? x : y));
  TRY(cudaFree(y));
  return nullptr;
}
EXPORTED planted_use_after_reuse() { return useAfterReuse(true); }
EXPORTED correct_use_after_reuse() { return useAfterReuse(false); }

// CASE double_free: cudaFree: allocation #1 (128 bytes) + 0 was freed before
static const char *freeTwice(bool planted) {
  int *x;
  TRY(cudaMalloc(&x, 128));
  TRY(cudaFree(x));
  if (planted)
    TRY(cudaFree(x));
  return nullptr;
}
EXPORTED planted_double_free() { return freeTwice(true); }
EXPORTED correct_double_free() { return freeTwice(false); }

// CASE inner_free: cudaFree: expected an address that cudaMalloc returned, got
// allocation #1 (128 bytes) + 4
static const char *freeInside(int offset) {
  int *x;
  TRY(cudaMalloc(&x, 128));
  TRY(cudaFree(x + offset));
  return nullptr;
}
EXPORTED planted_inner_free() { return freeInside(1); }
EXPORTED correct_inner_free() { return freeInside(0); }

// CASE copy_from_freed: cudaMemcpy: expected 128 bytes of device memory as
// source, got allocation #1 (128 bytes) + 0, which was freed
static const char *copyFreed(bool planted) {
  int *x, host[32];
  TRY(cudaMalloc(&x, 128));
  if (planted)
    TRY(cudaFree(x));
  TRY(cudaMemcpy(host, x, 128, cudaMemcpyDeviceToHost));
  if (!planted)
    TRY(cudaFree(x));
  return nullptr;
}
EXPORTED planted_copy_from_freed() { return copyFreed(true); }
EXPORTED correct_copy_from_freed() { return copyFreed(false); }

// CASE free_async: after it was freed
static const char *freeAsync(bool planted) {
  cudaStream_t stream;
  int *x;
  TRY(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  TRY(cudaMallocAsync(&x, 128, stream));
  TRY(cudaMemsetAsync(x, 0, 128, stream));
  if (planted)
    TRY(cudaFreeAsync(x, stream));
  CALL(launchOn(stream, 1, 32, 0, addOne, x));
  if (!planted)
    TRY(cudaFreeAsync(x, stream));
  TRY(cudaStreamSynchronize(stream));
  TRY(cudaStreamDestroy(stream));
  return nullptr;
}
EXPORTED planted_free_async() { return freeAsync(true); }
EXPORTED correct_free_async() { return freeAsync(false); }
