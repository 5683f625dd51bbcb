// Two threads of a block access shared memory, one of them writes, and no
// barrier lies between.
#include "Testing.cuh"

// CASE read_after_write: a data race: thread (
__global__ void reverse(int *y, bool barrier) {
  __shared__ int tile[64];
  tile[threadIdx.x] = threadIdx.x;
  if (barrier)
    __syncthreads();
  y[threadIdx.x] = tile[threadIdx.x ^ 32];
}
// A thread must find the other's value there, or it is an undefined read.
__global__ void reverseTwice(int *y, bool barrier) {
  __shared__ int tile[64];
  tile[threadIdx.x] = 0;
  __syncthreads();
  tile[threadIdx.x] = threadIdx.x;
  if (barrier)
    __syncthreads();
  y[threadIdx.x] = tile[threadIdx.x ^ 32];
}
static const char *runReverse(bool barrier) {
  Buffer<int, 64> y;
  CALL(y.fill(0, 0));
  CALL(runKernel(1, 64, 0, reverseTwice, y.device, barrier));
  return runKernel(1, 64, 0, reverse, y.device, barrier);
}
EXPORTED planted_read_after_write() { return runReverse(false); }
EXPORTED correct_read_after_write() { return runReverse(true); }

// CASE write_after_read: a data race: thread (0, 0, 0) of the block read it,
// with no barrier between
__global__ void shiftDown(int *y, bool barrier) {
  __shared__ int value;
  if (threadIdx.x == 0)
    value = 1;
  __syncthreads();
  int sum = 0;
  if (threadIdx.x == 0)
    sum = value;
  if (barrier)
    __syncthreads();
  if (threadIdx.x == 40)
    value = 2;
  __syncthreads();
  y[threadIdx.x] = sum + value;
}
static const char *runShift(bool barrier) {
  Buffer<int, 64> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 64, 0, shiftDown, y.device, barrier);
}
EXPORTED planted_write_after_read() { return runShift(false); }
EXPORTED correct_write_after_read() { return runShift(true); }

// CASE write_after_many_reads: a data race:
__global__ void broadcast(int *y, bool barrier) {
  __shared__ int value;
  if (threadIdx.x == 0)
    value = 1;
  __syncthreads();
  int sum = value;
  if (barrier)
    __syncthreads();
  if (threadIdx.x == 63)
    value = 2;
  y[threadIdx.x] = sum;
}
static const char *runBroadcast(bool barrier) {
  Buffer<int, 64> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 64, 0, broadcast, y.device, barrier);
}
EXPORTED planted_write_after_many_reads() { return runBroadcast(false); }
EXPORTED correct_write_after_many_reads() { return runBroadcast(true); }

// CASE same_value: writes 4 bytes at shared variable 'flag' (4 bytes) + 0, a
// data race: thread (0, 0, 0) of the block wrote it, with no barrier between
__global__ void raise(int *y, bool all) {
  __shared__ int flag;
  if (all || threadIdx.x == 0)
    flag = 1;
  __syncthreads();
  y[threadIdx.x] = flag;
}
static const char *runRaise(bool all) {
  Buffer<int, 64> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 64, 0, raise, y.device, all);
}
EXPORTED planted_same_value() { return runRaise(true); }
EXPORTED correct_same_value() { return runRaise(false); }

// CASE start_of_an_atomic: reads 4 bytes at shared variable 'least' (4 bytes) +
// 0, a data race: thread (0, 0, 0) of the block wrote it, with no barrier between
__global__ void findLeast(int *y, bool barrier) {
  __shared__ int least;
  if (threadIdx.x == 0)
    least = 64;
  if (barrier)
    __syncthreads();
  // The thread's own atomic access does not hide its plain one.
  atomicMin(&least, int(threadIdx.x));
  __syncthreads();
  y[threadIdx.x] = least;
}
static const char *runFindLeast(bool barrier) {
  Buffer<int, 64> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 64, 0, findLeast, y.device, barrier);
}
EXPORTED planted_start_of_an_atomic() { return runFindLeast(false); }
EXPORTED correct_start_of_an_atomic() { return runFindLeast(true); }

// CASE bytes_of_a_word: a data race: thread (
__global__ void neighbours(int *y, bool word) {
  __shared__ __align__(4) signed char bytes[8];
  bytes[threadIdx.x] = 1;
  __syncthreads();
  // Bytes of one word are no race: each thread writes its own.
  bytes[threadIdx.x] = 2;
  if (word && threadIdx.x == 0)
    *reinterpret_cast<int *>(bytes) = 3;
  __syncthreads();
  y[threadIdx.x] = bytes[7 - threadIdx.x];
}
static const char *runNeighbours(bool word) {
  Buffer<int, 8> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 8, 0, neighbours, y.device, word);
}
EXPORTED planted_bytes_of_a_word() { return runNeighbours(true); }
EXPORTED correct_bytes_of_a_word() { return runNeighbours(false); }

// CASE within_a_warp: a data race: thread (
__global__ void exchange(int *y, bool sync) {
  __shared__ int tile[32];
  tile[threadIdx.x] = 0;
  __syncwarp();
  tile[threadIdx.x] = threadIdx.x;
  if (sync)
    __syncwarp();
  int other = tile[threadIdx.x ^ 1];
  __syncwarp();
  tile[threadIdx.x] = other;
  // A shuffle orders no memory, but the lanes have met.
  y[threadIdx.x] = __shfl_xor_sync(0xffffffff, other, 2);
}
static const char *runExchange(bool sync) {
  Buffer<int, 32> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 32, 0, exchange, y.device, sync);
}
EXPORTED planted_within_a_warp() { return runExchange(false); }
EXPORTED correct_within_a_warp() { return runExchange(true); }

// CASE between_warps: a data race:
__global__ void crossWarps(int *y, bool block) {
  __shared__ int tile[64];
  tile[threadIdx.x] = 0;
  __syncthreads();
  tile[threadIdx.x] = threadIdx.x;
  if (block)
    __syncthreads();
  else
    __syncwarp();
  y[threadIdx.x] = tile[63 - threadIdx.x];
}
static const char *runCross(bool block) {
  Buffer<int, 64> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 64, 0, crossWarps, y.device, block);
}
EXPORTED planted_between_warps() { return runCross(false); }
EXPORTED correct_between_warps() { return runCross(true); }

// CASE atomic_and_plain: a data race:
__global__ void count(int *y, bool plain) {
  __shared__ int sum;
  if (threadIdx.x == 0)
    sum = 0;
  __syncthreads();
  atomicAdd(&sum, 1);
  if (!plain)
    __syncthreads();
  y[threadIdx.x] = sum;
}
static const char *runCount(bool plain) {
  Buffer<int, 64> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 64, 0, count, y.device, plain);
}
EXPORTED planted_atomic_and_plain() { return runCount(true); }
EXPORTED correct_atomic_and_plain() { return runCount(false); }
