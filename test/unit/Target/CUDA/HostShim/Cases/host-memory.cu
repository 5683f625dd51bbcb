// Each side touches only its own memory.
#include "Testing.cuh"

// CASE kernel: reads 4 bytes at memory of the host, expected device memory,
// shared memory or its own variables
__global__ void copyOne(const int *x, int *y) { *y = *x; }
static const char *runCopyOne(bool planted) {
  Buffer<int, 1> x, y;
  CALL(x.fill(1, 0));
  CALL(y.fill(0, 0));
  int *host = new int(1);
  const char *problem =
      runKernel(1, 1, 0, copyOne, planted ? host : x.device, y.device);
  delete host;
  return problem;
}
EXPORTED planted_kernel() { return runCopyOne(true); }
EXPORTED correct_kernel() { return runCopyOne(false); }

// CASE host: code of the host reads 4 bytes at allocation #1 (4 bytes) + 0,
// expected memory of the host
static const char *readOne(bool planted) {
  Buffer<int, 1> x;
  CALL(x.fill(1, 0));
  volatile int *address = planted ? x.device : x.host;
  EXPECT(*address == 1);
  TRY(cudaDeviceSynchronize());
  return nullptr;
}
EXPORTED planted_host() { return readOne(true); }
EXPORTED correct_host() { return readOne(false); }

// CASE other_stack: reads 4 bytes at memory of the host
__global__ void exchange(int *y) {
  __shared__ int *address;
  __shared__ int value;
  int own = threadIdx.x;
  if (threadIdx.x == 0) {
    address = &own;
    value = own;
  }
  __syncthreads();
  y[threadIdx.x] = threadIdx.x == 0 || y[threadIdx.x] != 0 ? *address : value;
  __syncthreads();
  y[threadIdx.x] += own;
}
static const char *runExchange(int planted) {
  Buffer<int, 2> y;
  CALL(y.fill(planted, 0));
  return runKernel(1, 2, 0, exchange, y.device);
}
EXPORTED planted_other_stack() { return runExchange(1); }
EXPORTED correct_other_stack() { return runExchange(0); }

// CASE direction: cudaMemcpy: expected device memory as source, got memory of
// the host
static const char *copyDown(cudaMemcpyKind kind) {
  Buffer<int, 1> x;
  int host = 1;
  CALL(x.fill(0, 0));
  TRY(cudaMemcpy(x.device, &host, 4, kind));
  return nullptr;
}
EXPORTED planted_direction() { return copyDown(cudaMemcpyDeviceToDevice); }
EXPORTED correct_direction() { return copyDown(cudaMemcpyHostToDevice); }
