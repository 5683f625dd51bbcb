// Operations of warps with the wrong lanes.
#include "Testing.cuh"
#include <mma.h>

// CASE absent_lane: reads lane 31 by __shfl_sync, which does not take part
__global__ void readLane(int *y, int lane) {
  int t = threadIdx.x;
  if (t < 16)
    y[t] = __shfl_sync(0xffff, t, lane);
}
static const char *runReadLane(int lane) {
  Buffer<int, 32> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 32, 0, readLane, y.device, lane);
}
EXPORTED planted_absent_lane() { return runReadLane(31); }
EXPORTED correct_absent_lane() { return runReadLane(15); }

// CASE own_lane: calls __ballot_sync with a mask that lacks its own lane
__global__ void vote(unsigned *y, unsigned mask) {
  y[threadIdx.x] = __ballot_sync(mask, threadIdx.x & 1);
}
static const char *runVote(unsigned mask) {
  Buffer<unsigned, 32> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 32, 0, vote, y.device, mask);
}
EXPORTED planted_own_lane() { return runVote(0xfffffffe); }
EXPORTED correct_own_lane() { return runVote(0xffffffff); }

// CASE two_operations: meets lanes of its warp at different operations
__global__ void different(int *y, bool planted) {
  int t = threadIdx.x, value;
  if (planted && t == 0)
    value = __any_sync(0xffffffff, 1);
  else
    value = __all_sync(0xffffffff, 1);
  y[t] = value;
}
static const char *runDifferent(bool planted) {
  Buffer<int, 32> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 32, 0, different, y.device, planted);
}
EXPORTED planted_two_operations() { return runDifferent(true); }
EXPORTED correct_two_operations() { return runDifferent(false); }

using namespace nvcuda;
using Sums = wmma::fragment<wmma::accumulator, 16, 16, 16, int>;

// CASE matrix_alignment: store_matrix_sync of a matrix that is not aligned to
// 32 bytes
__global__ void storeMatrix(int *y, int offset) {
  Sums sums;
  wmma::fill_fragment(sums, 3);
  wmma::store_matrix_sync(y + offset, sums, 16, wmma::mem_row_major);
}
static const char *runStoreMatrix(int offset) {
  Buffer<int, 512> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 32, 0, storeMatrix, y.device, offset);
}
EXPORTED planted_matrix_alignment() { return runStoreMatrix(4); }
EXPORTED correct_matrix_alignment() { return runStoreMatrix(8); }

// CASE half_a_warp: expected all 32 lanes of the warp at a matrix operation
static const char *runHalf(int threads) {
  Buffer<int, 256> y;
  CALL(y.fill(0, 0));
  return runKernel(1, threads, 0, storeMatrix, y.device, 0);
}
EXPORTED planted_half_a_warp() { return runHalf(16); }
EXPORTED correct_half_a_warp() { return runHalf(32); }

// CASE many_matrices: expected one matrix for all lanes of the warp, got
// several
__global__ void storeMany(int *y, int step) {
  Sums sums;
  wmma::fill_fragment(sums, 3);
  wmma::store_matrix_sync(y + (threadIdx.x / 16) * step, sums, 16,
                          wmma::mem_row_major);
}
static const char *runStoreMany(int step) {
  Buffer<int, 512> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 32, 0, storeMany, y.device, step);
}
EXPORTED planted_many_matrices() { return runStoreMany(256); }
EXPORTED correct_many_matrices() { return runStoreMany(0); }
