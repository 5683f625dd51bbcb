// Reads of what nobody has written.
#include "Testing.cuh"

// CASE shared: reads 4 bytes at shared variable 'tile' (128 bytes) + 124, which
// nothing has written before
__global__ void reverse(int *y, int n) {
  __shared__ int tile[32];
  int t = threadIdx.x;
  if (t < n)
    tile[t] = t;
  __syncthreads();
  y[blockIdx.x * 32 + t] = tile[31 - t];
}
// The block before has written all of it.
static const char *runReverse(int n) {
  Buffer<int, 64> y;
  CALL(y.fill(0, 0));
  CALL(runKernel(2, 32, 0, reverse, y.device, 32));
  return runKernel(2, 32, 0, reverse, y.device, n);
}
EXPORTED planted_shared() { return runReverse(31); }
EXPORTED correct_shared() { return runReverse(32); }

// CASE dynamic_shared: reads 4 bytes at dynamic shared memory (128 bytes) + 0,
// which nothing has written before
__global__ void dynamic(int *y, bool write) {
  extern __shared__ int values[];
  if (write)
    values[threadIdx.x] = 1;
  if (threadIdx.x == 0)
    values[0] += 1;
  y[threadIdx.x] = 0;
}
static const char *runDynamic(bool write) {
  Buffer<int, 32> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 32, 128, dynamic, y.device, write);
}
EXPORTED planted_dynamic_shared() { return runDynamic(false); }
EXPORTED correct_dynamic_shared() { return runDynamic(true); }

// CASE device: reads 4 bytes at allocation #1 (64 bytes) + 60, which nothing
// has written before
__global__ void twice(const int *x, int *y) {
  y[threadIdx.x] = 2 * x[threadIdx.x];
}
static const char *runTwice(int bytes) {
  int *x, *y;
  TRY(cudaMalloc(&x, 64));
  TRY(cudaMalloc(&y, 64));
  TRY(cudaMemset(x, 0, bytes));
  CALL(runKernel(1, 16, 0, twice, x, y));
  TRY(cudaFree(x));
  TRY(cudaFree(y));
  return nullptr;
}
EXPORTED planted_device() { return runTwice(60); }
EXPORTED correct_device() { return runTwice(64); }

// CASE copied: which nothing has written before
static const char *runCopied(int bytes) {
  int *x, *y, *z;
  TRY(cudaMalloc(&x, 64));
  TRY(cudaMalloc(&y, 64));
  TRY(cudaMalloc(&z, 64));
  TRY(cudaMemset(x, 0, bytes));
  TRY(cudaMemcpy(y, x, 64, cudaMemcpyDeviceToDevice));
  return runKernel(1, 16, 0, twice, y, z);
}
EXPORTED planted_copied() { return runCopied(60); }
EXPORTED correct_copied() { return runCopied(64); }
