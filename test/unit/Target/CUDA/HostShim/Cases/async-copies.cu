// cp.async: data is there after the wait, and not before.
#include "Testing.cuh"
#include <cuda_pipeline_primitives.h>

// CASE not_waited: reads 4 bytes at shared variable 'tile' (128 bytes) + 0, to
// which an asynchronous copy of thread (0, 0, 0) is on the way
__global__ void copyTile(const int *x, int *y, bool wait) {
  __shared__ int tile[32];
  int t = threadIdx.x;
  __pipeline_memcpy_async(tile + t, x + t, 4);
  __pipeline_commit();
  if (wait)
    __pipeline_wait_prior(0);
  __syncthreads();
  y[t] = tile[31 - t];
}
static const char *runCopyTile(bool wait) {
  Buffer<int, 32> x, y;
  CALL(x.fill(0, 2));
  CALL(y.fill(0, 0));
  CALL(runKernel(1, 32, 0, copyTile, x.device, y.device, wait));
  CALL(y.read());
  EXPECT(y.host[1] == 60);
  return nullptr;
}
EXPORTED planted_not_waited() { return runCopyTile(false); }
EXPORTED correct_not_waited() { return runCopyTile(true); }

// CASE one_too_few: to which an asynchronous copy of thread
__global__ void twoStages(const int *x, int *y, int stages) {
  __shared__ int tile[2][32];
  int t = threadIdx.x, sum = 0;
  __pipeline_memcpy_async(&tile[0][t], x + t, 4);
  __pipeline_commit();
  for (int i = 0; i < 4; ++i) {
    if (i < 3)
      __pipeline_memcpy_async(&tile[(i + 1) % 2][t], x + 32 * (i + 1) + t, 4);
    __pipeline_commit();
    __pipeline_wait_prior(stages);
    __syncthreads();
    sum += tile[i % 2][31 - t];
    __syncthreads();
  }
  y[t] = sum;
}
static const char *runTwoStages(int stages) {
  Buffer<int, 128> x;
  Buffer<int, 32> y;
  CALL(x.fill(0, 1));
  CALL(y.fill(0, 0));
  CALL(runKernel(1, 32, 0, twoStages, x.device, y.device, stages));
  CALL(y.read());
  EXPECT(y.host[0] == 31 + 63 + 95 + 127);
  return nullptr;
}
EXPORTED planted_one_too_few() { return runTwoStages(2); }
EXPORTED correct_one_too_few() { return runTwoStages(1); }

// CASE no_barrier: a data race: thread (
__global__ void swapHalves(const int *x, int *y, bool barrier) {
  __shared__ int tile[64];
  int t = threadIdx.x;
  tile[t] = 0;
  __syncthreads();
  __pipeline_memcpy_async(tile + t, x + t, 4);
  __pipeline_commit();
  __pipeline_wait_prior(0);
  if (barrier)
    __syncthreads();
  y[t] = tile[t ^ 32];
}
static const char *runSwap(bool barrier) {
  Buffer<int, 64> x, y;
  CALL(x.fill(0, 1));
  CALL(y.fill(0, 0));
  return runKernel(1, 64, 0, swapHalves, x.device, y.device, barrier);
}
EXPORTED planted_no_barrier() { return runSwap(false); }
EXPORTED correct_no_barrier() { return runSwap(true); }

// CASE overwritten: to which an asynchronous copy of thread
__global__ void writeMeanwhile(const int *x, int *y, bool planted) {
  __shared__ int tile[32];
  int t = threadIdx.x;
  __pipeline_memcpy_async(tile + t, x + t, 4);
  __pipeline_commit();
  if (planted)
    tile[t] = 1;
  __pipeline_wait_prior(0);
  y[t] = tile[t];
}
static const char *runWriteMeanwhile(bool planted) {
  Buffer<int, 32> x, y;
  CALL(x.fill(0, 1));
  CALL(y.fill(0, 0));
  return runKernel(1, 32, 0, writeMeanwhile, x.device, y.device, planted);
}
EXPORTED planted_overwritten() { return runWriteMeanwhile(true); }
EXPORTED correct_overwritten() { return runWriteMeanwhile(false); }

// CASE misaligned: copies 16 bytes asynchronously at a misaligned address of
// global memory
__global__ void copyVector(const int *x, int4 *y, int offset) {
  __shared__ int4 tile;
  __pipeline_memcpy_async(&tile, x + offset, 16);
  __pipeline_commit();
  __pipeline_wait_prior(0);
  *y = tile;
}
static const char *runCopyVector(int offset) {
  Buffer<int, 16> x, y;
  CALL(x.fill(0, 1));
  CALL(y.fill(0, 0));
  return runKernel(1, 1, 0, copyVector, x.device,
                   reinterpret_cast<int4 *>(y.device), offset);
}
EXPORTED planted_misaligned() { return runCopyVector(2); }
EXPORTED correct_misaligned() { return runCopyVector(4); }

// CASE source_bounds: reads 16 bytes at allocation #1 (64 bytes) + 64, out of
// bounds
EXPORTED planted_source_bounds() { return runCopyVector(16); }
EXPORTED correct_source_bounds() { return runCopyVector(12); }

// CASE zero_fill: reads 16 bytes at allocation #1 (64 bytes) + 64, out of
// bounds
__global__ void fillVector(const int *x, int4 *y, int zero) {
  __shared__ int4 tile;
  __pipeline_memcpy_async(&tile, x + 16, 16, zero);
  __pipeline_commit();
  __pipeline_wait_prior(0);
  *y = tile;
}
static const char *runFillVector(int zero) {
  Buffer<int, 16> x, y;
  CALL(x.fill(0, 1));
  CALL(y.fill(7, 0));
  CALL(runKernel(1, 1, 0, fillVector, x.device,
                 reinterpret_cast<int4 *>(y.device), zero));
  CALL(y.read());
  EXPECT(y.host[0] == 0 && y.host[3] == 0 && y.host[4] == 7);
  return nullptr;
}
EXPORTED planted_zero_fill() { return runFillVector(0); }
EXPORTED correct_zero_fill() { return runFillVector(16); }
