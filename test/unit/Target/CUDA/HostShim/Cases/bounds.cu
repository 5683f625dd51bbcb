// Accesses outside of what a kernel may touch.
#include "Testing.cuh"

#include <stdint.h>

// CASE device_write: writes 4 bytes at allocation #1 (400 bytes) + 400, out of
// bounds
__global__ void store(int *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = i;
}
static const char *runStore(int n) {
  Buffer<int, 100> y;
  CALL(y.fill(0, 0));
  return runKernel(2, 64, 0, store, y.device, n);
}
EXPORTED planted_device_write() { return runStore(101); }
EXPORTED correct_device_write() { return runStore(100); }

// CASE device_read: kernel 'load', block (0, 0, 0), thread (3, 0, 0): reads 1
// bytes at allocation #1 (8 bytes) + 8, out of bounds
extern "C" __global__ void load(const int8_t *x, int *y, int offset) {
  y[threadIdx.x] = x[threadIdx.x + offset];
}
static const char *runLoad(int offset) {
  Buffer<int8_t, 8> x;
  Buffer<int, 4> y;
  CALL(x.fill(0, 1));
  CALL(y.fill(0, 0));
  return runKernel(1, 4, 0, load, x.device, y.device, offset);
}
EXPORTED planted_device_read() { return runLoad(5); }
EXPORTED correct_device_read() { return runLoad(4); }

// CASE shared: writes 4 bytes at shared variable 'tile' (128 bytes) + 128, out
// of bounds
__global__ void rotate(int *y, int step) {
  __shared__ int tile[32];
  tile[threadIdx.x + step] = threadIdx.x;
  __syncthreads();
  y[threadIdx.x] = tile[31 - threadIdx.x];
}
// Its variable may lie behind that of `rotate`.
__global__ void neighbour(int *y) {
  __shared__ int other[32];
  other[threadIdx.x] = threadIdx.x;
  __syncthreads();
  y[threadIdx.x] = other[31 - threadIdx.x];
}
static const char *runRotate(int step) {
  Buffer<int, 32> y;
  CALL(y.fill(0, 0));
  CALL(runKernel(1, 32, 0, neighbour, y.device));
  return runKernel(1, 32, 0, rotate, y.device, step);
}
EXPORTED planted_shared() { return runRotate(1); }
EXPORTED correct_shared() { return runRotate(0); }

// CASE dynamic_shared: writes 4 bytes at dynamic shared memory (124 bytes) +
// 124, out of bounds
__global__ void dynamic(int *y) {
  extern __shared__ int numbers[];
  numbers[threadIdx.x] = threadIdx.x;
  __syncthreads();
  y[threadIdx.x] = numbers[31 - threadIdx.x];
}
static const char *runDynamic(int bytes) {
  Buffer<int, 32> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 32, bytes, dynamic, y.device);
}
EXPORTED planted_dynamic_shared() { return runDynamic(124); }
EXPORTED correct_dynamic_shared() { return runDynamic(128); }

// CASE variable: reads 4 bytes at variable 'table' (16 bytes) + 16, out of
// bounds
__constant__ int table[4] = {1, 2, 3, 4};
__global__ void lookUp(int *y, int first) {
  y[threadIdx.x] = table[threadIdx.x + first];
}
static const char *runLookUp(int first) {
  Buffer<int, 2> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 2, 0, lookUp, y.device, first);
}
EXPORTED planted_variable() { return runLookUp(3); }
EXPORTED correct_variable() { return runLookUp(2); }

// CASE copy: cudaMemcpy: expected 17 bytes of device memory as target, got
// allocation #1 (16 bytes) + 0
static const char *runCopy(int bytes) {
  char host[32] = {};
  char *x;
  TRY(cudaMalloc(&x, 16));
  cudaError_t error = cudaMemcpy(x, host, bytes, cudaMemcpyHostToDevice);
  TRY(cudaFree(x));
  TRY(error);
  return nullptr;
}
EXPORTED planted_copy() { return runCopy(17); }
EXPORTED correct_copy() { return runCopy(16); }

// CASE fill: cudaMemset: expected 17 bytes of device memory as target
static const char *runFill(int bytes) {
  char *x;
  TRY(cudaMalloc(&x, 16));
  TRY(cudaMemset(x, 0, bytes));
  TRY(cudaDeviceSynchronize());
  TRY(cudaFree(x));
  return nullptr;
}
EXPORTED planted_fill() { return runFill(17); }
EXPORTED correct_fill() { return runFill(16); }
