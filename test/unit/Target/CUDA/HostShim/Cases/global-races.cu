// Two threads of a grid access device memory, one of them writes, and nothing
// orders them.
#include "Testing.cuh"

// CASE blocks_write: writes 4 bytes at allocation #1 (128 bytes) + 0, a data
// race: thread (0, 0, 0) of block (0, 0, 0) wrote it in the same grid
__global__ void store(int *y, int step) {
  y[blockIdx.x * step + threadIdx.x] = threadIdx.x;
}
static const char *runStore(int step) {
  Buffer<int, 32> y;
  CALL(y.fill(0, 0));
  return runKernel(2, 16, 0, store, y.device, step);
}
EXPORTED planted_blocks_write() { return runStore(0); }
EXPORTED correct_blocks_write() { return runStore(16); }

// CASE blocks_read: reads 4 bytes at allocation #1 (256 bytes) +
__global__ void smooth(const int *x, int *y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  y[i] = x[i] + (i > 0 ? x[i - 1] : 0);
}
static const char *runSmooth(bool inPlace) {
  Buffer<int, 64> x, y;
  CALL(x.fill(0, 1));
  CALL(y.fill(0, 0));
  return runKernel(4, 16, 0, smooth, x.device, inPlace ? x.device : y.device);
}
EXPORTED planted_blocks_read() { return runSmooth(true); }
EXPORTED correct_blocks_read() { return runSmooth(false); }

// CASE write_after_reads: a data race: another block read it in the same grid
__global__ void readAll(int *x, int *y, bool planted) {
  int sum = 0;
  for (int i = 0; i < 16; ++i)
    sum += x[i];
  __syncthreads();
  if (planted && blockIdx.x == 2 && threadIdx.x == 0)
    x[3] = sum;
  y[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}
static const char *runReadAll(bool planted) {
  Buffer<int, 16> x;
  Buffer<int, 48> y;
  CALL(x.fill(0, 1));
  CALL(y.fill(0, 0));
  return runKernel(3, 16, 0, readAll, x.device, y.device, planted);
}
EXPORTED planted_write_after_reads() { return runReadAll(true); }
EXPORTED correct_write_after_reads() { return runReadAll(false); }

// CASE within_a_block: a data race: thread (
__global__ void reverse(int *y, bool barrier) {
  int t = threadIdx.x;
  y[t] = t;
  if (barrier)
    __syncthreads();
  int other = y[63 - t];
  __syncthreads();
  y[t] = other;
}
static const char *runReverse(bool barrier) {
  Buffer<int, 64> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 64, 0, reverse, y.device, barrier);
}
EXPORTED planted_within_a_block() { return runReverse(false); }
EXPORTED correct_within_a_block() { return runReverse(true); }

// CASE lost_update: a data race: thread (0, 0, 0) of the block wrote it, with
// no barrier between
__global__ void count(int *y, bool atomic) {
  if (atomic)
    atomicAdd(y, 1);
  else
    *y += 1;
}
static const char *runCount(bool atomic) {
  Buffer<int, 1> y;
  CALL(y.fill(0, 0));
  CALL(runKernel(2, 64, 0, count, y.device, atomic));
  CALL(y.read());
  EXPECT(y.host[0] == 128);
  return nullptr;
}
EXPORTED planted_lost_update() { return runCount(false); }
EXPORTED correct_lost_update() { return runCount(true); }

// CASE variable: writes 4 bytes at variable 'total' (4 bytes) + 0, a data race
__device__ int total;
__global__ void addTo(bool atomic) {
  if (atomic)
    atomicAdd(&total, 1);
  else
    total = 1;
}
static const char *runAddTo(bool atomic) {
  return runKernel(2, 1, 0, addTo, atomic);
}
EXPORTED planted_variable() { return runAddTo(false); }
EXPORTED correct_variable() { return runAddTo(true); }
