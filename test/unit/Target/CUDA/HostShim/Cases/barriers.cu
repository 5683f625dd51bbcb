// All threads of a block must meet at the same barriers.
#include "Testing.cuh"

// CASE exit_before: of the block waits at the barrier of line
__global__ void guarded(int *y, int n, bool early) {
  __shared__ int tile[64];
  int t = threadIdx.x;
  if (early && t >= n)
    return;
  if (t < n)
    tile[t] = t;
  __syncthreads();
  if (t < n)
    y[t] = tile[n - 1 - t];
}
static const char *runGuarded(bool early) {
  Buffer<int, 64> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 64, 0, guarded, y.device, 60, early);
}
EXPORTED planted_exit_before() { return runGuarded(true); }
EXPORTED correct_exit_before() { return runGuarded(false); }

// CASE wait_after_exit: but thread (0, 0, 0) of the block has exited
__global__ void lateBarrier(int *y, bool early) {
  y[threadIdx.x] = 1;
  if (early && threadIdx.x == 0)
    return;
  __syncthreads();
}
static const char *runLate(bool early) {
  Buffer<int, 64> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 64, 0, lateBarrier, y.device, early);
}
EXPORTED planted_wait_after_exit() { return runLate(true); }
EXPORTED correct_wait_after_exit() { return runLate(false); }

// CASE two_barriers: of the block at that of line
__global__ void branches(int *y, int border) {
  int t = threadIdx.x;
  if (t < border) {
    y[t] = 1;
    __syncthreads();
  } else {
    y[t] = 2;
    __syncthreads();
  }
}
static const char *runBranches(int border) {
  Buffer<int, 64> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 64, 0, branches, y.device, border);
}
EXPORTED planted_two_barriers() { return runBranches(32); }
EXPORTED correct_two_barriers() { return runBranches(64); }

// CASE uneven_loops: waits at the barrier of line
__global__ void loops(int *y, int extra) {
  for (int i = 0; i < 4 + (threadIdx.x == 5 ? extra : 0); ++i)
    __syncthreads();
  y[threadIdx.x] = 1;
}
static const char *runLoops(int extra) {
  Buffer<int, 64> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 64, 0, loops, y.device, extra);
}
EXPORTED planted_uneven_loops() { return runLoops(1); }
EXPORTED correct_uneven_loops() { return runLoops(0); }

// CASE barrier_and_warp: waits at __syncwarp for thread (1, 0, 0), which waits
// at the barrier of line
__global__ void mixed(int *y, bool planted) {
  if (planted && threadIdx.x == 0)
    __syncwarp();
  __syncthreads();
  y[threadIdx.x] = 1;
}
static const char *runMixed(bool planted) {
  Buffer<int, 32> y;
  CALL(y.fill(0, 0));
  return runKernel(1, 32, 0, mixed, y.device, planted);
}
EXPORTED planted_barrier_and_warp() { return runMixed(true); }
EXPORTED correct_barrier_and_warp() { return runMixed(false); }
