// What works: each test compares with plain loops.
#include "Testing.cuh"
#include <cuda_pipeline_primitives.h>
#include <mma.h>

#include <stdint.h>

// TEST indices
__global__ void indices(int *y) {
  int block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  int thread =
      threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  int i = block * blockDim.x * blockDim.y * blockDim.z + thread;
  y[i] = i;
}
EXPORTED test_indices() {
  Buffer<int, 720> y;
  CALL(y.fill(-1, 0));
  CALL(runKernel(dim3(2, 3, 5), dim3(4, 3, 2), 0, indices, y.device));
  CALL(y.read());
  for (int i = 0; i < 720; ++i)
    EXPECT(y.host[i] == i);
  return nullptr;
}

// TEST barriers
__global__ void scan(int *x, int *votes) {
  extern __shared__ __align__(16) int8_t bytes[];
  int *sums = reinterpret_cast<int *>(bytes);
  int t = threadIdx.x, n = blockDim.x;
  sums[t] = x[blockIdx.x * n + t];
  __syncthreads();
  for (int step = 1; step < n; step *= 2) {
    int add = t >= step ? sums[t - step] : 0;
    __syncthreads();
    sums[t] += add;
    __syncthreads();
  }
  x[blockIdx.x * n + t] = sums[t];
  int odd = __syncthreads_count(t % 2);
  int all = __syncthreads_and(t < n);
  int any = __syncthreads_or(t == n);
  votes[blockIdx.x * n + t] = 4 * odd + 2 * all + any;
}
EXPORTED test_barriers() {
  Buffer<int, 300> x, votes;
  CALL(x.fill(1, 1));
  CALL(votes.fill(0, 0));
  CALL(runKernel(3, 100, 400, scan, x.device, votes.device));
  CALL(x.read());
  CALL(votes.read());
  for (int block = 0, sum = 0; block < 3; ++block, sum = 0)
    for (int i = 100 * block; i < 100 * block + 100; ++i) {
      sum += i + 1;
      EXPECT(x.host[i] == sum);
      EXPECT(votes.host[i] == 4 * 50 + 2);
    }
  return nullptr;
}

// TEST shuffles
__global__ void shuffles(int *y, long long *z, unsigned *votes) {
  int t = threadIdx.x, lane = t % 32;
  int *row = y + 5 * t;
  row[0] = __shfl_sync(0xffffffff, t, 7);
  row[1] = __shfl_up_sync(0xffffffff, t, 3);
  row[2] = __shfl_down_sync(0xffffffff, t, 30);
  row[3] = __shfl_xor_sync(0xffffffff, t, 5);
  row[4] = __shfl_sync(0xffffffff, t, 9, 8);
  long long value = t;
  for (int step = 16; step > 0; step /= 2)
    value += __shfl_down_sync(0xffffffff, value, step);
  z[t] = value;
  votes[t] = __ballot_sync(0xffffffff, lane % 3 == 0) +
             __any_sync(0xffffffff, lane == 4) +
             __all_sync(0xffffffff, lane == 4);
  // Halves of a warp meet apart from each other.
  unsigned half = lane < 16 ? 0xffff : 0xffff0000;
  votes[t] += __popc(__ballot_sync(half, 1)) << 1;
}
EXPORTED test_shuffles() {
  Buffer<int, 320> y;
  Buffer<long long, 64> z;
  Buffer<unsigned, 64> votes;
  CALL(y.fill(0, 0));
  CALL(z.fill(0, 0));
  CALL(votes.fill(0, 0));
  CALL(runKernel(1, 64, 0, shuffles, y.device, z.device, votes.device));
  CALL(y.read());
  CALL(z.read());
  CALL(votes.read());
  unsigned ballot = 0;
  for (int lane = 0; lane < 32; lane += 3)
    ballot |= 1u << lane;
  for (int t = 0; t < 64; ++t) {
    int first = t / 32 * 32, lane = t % 32;
    const int *row = y.host + 5 * t;
    EXPECT(row[0] == first + 7);
    EXPECT(row[1] == (lane < 3 ? t : t - 3));
    EXPECT(row[2] == (lane < 2 ? t + 30 : t));
    EXPECT(row[3] == (t ^ 5));
    EXPECT(row[4] == t / 8 * 8 + 1);
    EXPECT(lane != 0 || z.host[t] == 32 * first + 31 * 16);
    EXPECT(votes.host[t] == ballot + 1 + 32);
  }
  return nullptr;
}

// TEST partial_warps
__global__ void sumOfWarp(int *y) {
  int sum = __popc(__ballot_sync(0xffffffff, 1));
  if (threadIdx.x == 3)
    return; // lanes that have exited are not waited for
  sum += __popc(__activemask()) + __popc(__ballot_sync(0xffffffff, 1));
  y[threadIdx.x] = sum;
}
EXPORTED test_partial_warps() {
  Buffer<int, 20> y;
  CALL(y.fill(0, 0));
  CALL(runKernel(1, 20, 0, sumOfWarp, y.device));
  CALL(y.read());
  // How many lanes are active when a lane asks is nobody's promise.
  EXPECT(y.host[0] >= 20 + 19 + 19 && y.host[0] <= 20 + 20 + 19);
  return nullptr;
}

// TEST atomics
struct Atomics {
  int sum, low, high, exchanged, swapped;
  unsigned bits;
  unsigned long long wide;
  float real;
};
__global__ void atomics(Atomics *x) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  atomicAdd(&x->sum, i);
  atomicMin(&x->low, -i);
  atomicMax(&x->high, i);
  atomicExch(&x->exchanged, 7);
  int old = 0;
  while ((old = atomicCAS(&x->swapped, old, old + 2)), false)
    ;
  int seen = atomicAdd(&x->swapped, 0), assumed;
  do {
    assumed = seen;
    seen = atomicCAS(&x->swapped, assumed, assumed + 1);
  } while (seen != assumed);
  atomicOr(&x->bits, 1u << (i % 32));
  atomicAdd(&x->wide, 1ull << 33);
  atomicAdd(&x->real, 0.5f);
}
EXPORTED test_atomics() {
  Atomics host = {}, *x;
  TRY(cudaMalloc(&x, sizeof(host)));
  TRY(cudaMemcpy(x, &host, sizeof(host), cudaMemcpyHostToDevice));
  CALL(runKernel(8, 64, 0, atomics, x));
  TRY(cudaMemcpy(&host, x, sizeof(host), cudaMemcpyDeviceToHost));
  TRY(cudaFree(x));
  EXPECT(host.sum == 511 * 256);
  EXPECT(host.low == -511 && host.high == 511 && host.exchanged == 7);
  EXPECT(host.swapped == 512 + 2);
  EXPECT(host.bits == 0xffffffff);
  EXPECT(host.wide == 512ull << 33);
  EXPECT(host.real == 256.0f);
  return nullptr;
}

// TEST integers
__global__ void integers(const unsigned *x, int *y) {
  int i = threadIdx.x, a = x[i], b = x[i + 64];
  unsigned ua = a, ub = b;
  int *row = y + 16 * i;
  row[0] = __dp4a(a, b, 5);
  row[1] = __dp4a(ua, ub, 5u);
  row[2] = __clz(a);
  row[3] = __popc(ua);
  row[4] = __ffs(a);
  row[5] = __brev(ua);
  row[6] = __funnelshift_l(ua, ub, 37);
  row[7] = __funnelshift_r(ua, ub, 9);
  row[8] = __byte_perm(ua, ub, 0x7043);
  row[9] = __vadd4(ua, ub);
  row[10] = __vadd2(ua, ub);
  row[11] = __umulhi(ua, ub);
  row[12] = __mulhi(a, b);
  row[13] = min(a, b);
  row[14] = max(ua, ub);
  row[15] = __vmaxs4(ua, ub);
}
EXPORTED test_integers() {
  Buffer<unsigned, 128> x;
  Buffer<int, 1024> y;
  CALL(x.fill(0x12345678, 0x0f1e2d3d));
  CALL(y.fill(0, 0));
  CALL(runKernel(1, 64, 0, integers, x.device, y.device));
  CALL(y.read());
  for (int i = 0; i < 64; ++i) {
    int a = x.host[i], b = x.host[i + 64];
    unsigned ua = a, ub = b;
    const int *row = y.host + 16 * i;
    int dot = 5, udot = 5, zeros = 0, ones = 0, first = 0;
    unsigned reversed = 0, bytes = 0, halves = 0, maxima = 0;
    for (int k = 0; k < 32; k += 8) {
      dot += int8_t(a >> k) * int8_t(b >> k);
      udot += uint8_t(ua >> k) * uint8_t(ub >> k);
      bytes |= unsigned(uint8_t((ua >> k) + (ub >> k))) << k;
      int8_t pa = int8_t(a >> k), pb = int8_t(b >> k);
      maxima |= unsigned(uint8_t(pa > pb ? pa : pb)) << k;
    }
    for (int k = 0; k < 32; k += 16)
      halves |= unsigned(uint16_t((ua >> k) + (ub >> k))) << k;
    for (int k = 31; k >= 0 && !(ua >> k & 1); --k)
      ++zeros;
    for (int k = 0; k < 32; ++k) {
      ones += ua >> k & 1;
      reversed |= (ua >> k & 1) << (31 - k);
      if (first == 0 && (ua >> k & 1))
        first = k + 1;
    }
    EXPECT(row[0] == dot && row[1] == udot);
    EXPECT(row[2] == zeros && row[3] == ones && row[4] == first);
    EXPECT(row[5] == int(reversed));
    EXPECT(row[6] == int(ub << 5 | ua >> 27));
    EXPECT(row[7] == int(ua >> 9 | ub << 23));
    EXPECT(row[8] == int((ub >> 24) << 24 | (ua & 255) << 16 | (ub & 255) << 8 |
                         ua >> 24));
    EXPECT(row[9] == int(bytes) && row[10] == int(halves));
    EXPECT(row[11] == int((uint64_t(ua) * ub) >> 32));
    EXPECT(row[12] == int((int64_t(a) * b) >> 32));
    EXPECT(row[13] == (a < b ? a : b));
    EXPECT(row[14] == int(ua > ub ? ua : ub));
    EXPECT(row[15] == int(maxima));
  }
  return nullptr;
}

// TEST floats
__global__ void floats(const float *x, float *y, int *z) {
  float a = x[0], b = x[1], c = x[2];
  y[0] = __fmaf_rn(a, b, c);
  y[1] = __fadd_rn(__fmul_rn(a, b), c);
  y[2] = __fsub_rn(a, b);
  y[3] = __fdiv_rn(a, b);
  y[4] = __fsqrt_rn(b);
  y[5] = __int_as_float(__float_as_int(a) + 1);
  y[6] = static_cast<float>(__fma_rn(a, b, static_cast<double>(c)));
  y[7] = __double2float_rn(
      __dadd_rn(__dmul_rn(a, b), __ddiv_rn(1.0, __dsqrt_rn(c))));
  z[0] = __float2int_rn(2.5f);
  z[1] = __float2int_rn(-3.5f);
  z[2] = __float2int_rz(-3.9f);
  z[3] = __float2int_rd(-3.1f);
  z[4] = __float2int_rn(3e9f);
  z[5] = __float2int_rn(-3e9f);
  z[6] = __float2int_rn(__int_as_float(0x7fc00000));
  z[7] = static_cast<int>(__float2uint_rz(-1.0f));
}
EXPORTED test_floats() {
  Buffer<float, 8> x, y;
  Buffer<int, 8> z;
  CALL(x.fill(1.0f + 1.0f / 4096, 1.0f));
  CALL(y.fill(0, 0));
  CALL(z.fill(0, 0));
  CALL(runKernel(1, 1, 0, floats, x.device, y.device, z.device));
  CALL(y.read());
  CALL(z.read());
  float a = x.host[0], b = x.host[1], c = x.host[2];
  double exact = double(a) * b + c;
  volatile float product = a * b;
  EXPECT(y.host[0] == float(exact) && y.host[1] == product + c);
  EXPECT(y.host[2] == -1.0f && y.host[3] == a / b);
  EXPECT(y.host[4] == sqrtf(b) && y.host[5] > a && y.host[5] < 1.001f);
  EXPECT(y.host[6] == float(exact));
  EXPECT(y.host[7] == float(double(a) * b + 1.0 / sqrt(double(c))));
  EXPECT(z.host[0] == 2 && z.host[1] == -4 && z.host[2] == -3);
  EXPECT(z.host[3] == -4 && z.host[4] == 0x7fffffff);
  EXPECT(z.host[5] == -0x7fffffff - 1 && z.host[6] == 0 && z.host[7] == 0);
  return nullptr;
}

// TEST vectors
__global__ void vectors(const int8_t *x, int4 *y) {
  __shared__ int4 tile[32];
  union {
    int4 words;
    int8_t bytes[16];
  } value;
  value.words = reinterpret_cast<const int4 *>(x)[threadIdx.x];
#pragma unroll
  for (int i = 0; i < 16; ++i)
    value.bytes[i] += 1;
  tile[threadIdx.x] = value.words;
  __syncthreads();
  int4 other = tile[31 - threadIdx.x];
  y[threadIdx.x] = make_int4(other.w, other.z, other.y, other.x);
}
EXPORTED test_vectors() {
  Buffer<int8_t, 512> x, y;
  CALL(x.fill(0, 3));
  CALL(y.fill(0, 0));
  CALL(runKernel(1, 32, 0, vectors, x.device,
                 reinterpret_cast<int4 *>(y.device)));
  CALL(y.read());
  for (int i = 0; i < 512; ++i) {
    int vector = 31 - i / 16, word = 3 - i % 16 / 4;
    EXPECT(y.host[i] == int8_t(x.host[16 * vector + 4 * word + i % 4] + 1));
  }
  return nullptr;
}

// TEST dynamic_shared
__global__ void large(int *y, int n) {
  extern __shared__ int big[];
  for (int i = threadIdx.x; i < n; i += blockDim.x)
    big[i] = i;
  __syncthreads();
  int sum = 0;
  for (int i = 0; i < n; i += 1000)
    sum += big[i];
  y[threadIdx.x] = sum;
}
EXPORTED test_dynamic_shared() {
  Buffer<int, 64> y;
  int bytes = 100000, n = bytes / 4, sum = 0;
  CALL(y.fill(0, 0));
  // More than 48 KiB must be asked for.
  EXPECT(runKernel(1, 64, bytes, large, y.device, n) != nullptr);
  EXPECT(cudaGetLastError() == cudaErrorInvalidValue);
  TRY(cudaFuncSetAttribute(large, cudaFuncAttributeMaxDynamicSharedMemorySize,
                           bytes));
  CALL(runKernel(1, 64, bytes, large, y.device, n));
  CALL(y.read());
  for (int i = 0; i < n; i += 1000)
    sum += i;
  EXPECT(y.host[63] == sum);
  return nullptr;
}

// TEST matrices
using namespace nvcuda;
template <typename T, typename LayoutA, typename LayoutB>
__global__ void product(const T *a, const T *b, int *c, int k, int ldb) {
  wmma::fragment<wmma::accumulator, 16, 16, 16, int> sums;
  wmma::fragment<wmma::matrix_a, 16, 16, 16, T, LayoutA> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, T, LayoutB> fb;
  wmma::load_matrix_sync(sums, c, 16, wmma::mem_row_major);
  // Matrices must begin at multiples of 32 bytes.
  for (int i = 0; i < k; ++i) {
    wmma::load_matrix_sync(fa, a + 32 * i, 32 * k);
    wmma::load_matrix_sync(fb, b + (ldb == 16 ? 256 * i : 32 * i), ldb);
    wmma::mma_sync(sums, fa, fb, sums);
  }
  for (int i = 0; i < sums.num_elements; ++i)
    sums.x[i] *= 2;
  wmma::store_matrix_sync(c, sums, 16, wmma::mem_row_major);
}
template <typename T, typename LayoutB>
static const char *runProduct(bool byRows) {
  constexpr int k = 3, columns = 32 * k;
  Buffer<T, 16 * columns> a, b;
  Buffer<int, 256> c;
  CALL(a.fill(T(-100), T(37)));
  CALL(b.fill(T(-3), T(91)));
  CALL(c.fill(1000, 1));
  int before[256];
  for (int i = 0; i < 256; ++i)
    before[i] = c.host[i];
  CALL(runKernel(1, 32, 0, product<T, wmma::row_major, LayoutB>, a.device,
                 b.device, c.device, k, byRows ? 16 : columns));
  CALL(c.read());
  for (int row = 0; row < 16; ++row)
    for (int column = 0; column < 16; ++column) {
      int sum = before[16 * row + column];
      for (int i = 0; i < 16 * k; ++i) {
        int padded = i / 16 * 32 + i % 16;
        sum += a.host[row * columns + padded] *
               b.host[byRows ? 16 * i + column : column * columns + padded];
      }
      EXPECT(c.host[16 * row + column] == 2 * sum);
    }
  return nullptr;
}
EXPORTED test_matrices() {
  CALL((runProduct<signed char, wmma::col_major>(false)));
  CALL((runProduct<signed char, wmma::row_major>(true)));
  CALL((runProduct<unsigned char, wmma::col_major>(false)));
  return nullptr;
}

// TEST async_copies
__global__ void stages(const int4 *x, int4 *y, int n) {
  __shared__ int4 tile[3][32];
  int t = threadIdx.x;
  for (int i = 0; i < 2; ++i) {
    __pipeline_memcpy_async(&tile[i][t], x + 32 * i + t, 16);
    __pipeline_commit();
  }
  for (int i = 0; i < n; ++i) {
    if (i + 2 < n)
      __pipeline_memcpy_async(&tile[(i + 2) % 3][t], x + 32 * (i + 2) + t, 16,
                              t == 5 ? 4 : 0);
    __pipeline_commit();
    __pipeline_wait_prior(2);
    __syncthreads();
    y[32 * i + t] = tile[i % 3][31 - t];
    __syncthreads();
  }
}
EXPORTED test_async_copies() {
  Buffer<int, 1024> x, y;
  CALL(x.fill(1, 1));
  CALL(y.fill(0, 0));
  CALL(runKernel(1, 32, 0, stages, reinterpret_cast<int4 *>(x.device),
                 reinterpret_cast<int4 *>(y.device), 8));
  CALL(y.read());
  for (int i = 0; i < 1024; ++i) {
    int vector = 31 - i / 4 % 32;
    bool zero = vector == 5 && i % 4 == 3 && i >= 256;
    EXPECT(y.host[i] ==
           (zero ? 0 : x.host[i / 128 * 128 + 4 * vector + i % 4]));
  }
  return nullptr;
}

// TEST symbols
__constant__ int scales[4];
__device__ int counter = 5;
__global__ void useSymbols(int *y) {
  y[threadIdx.x] = scales[threadIdx.x];
  atomicAdd(&counter, 1);
}
EXPORTED test_symbols() {
  Buffer<int, 4> y;
  int values[4] = {2, 3, 5, 7}, count = 0;
  CALL(y.fill(0, 0));
  TRY(cudaMemcpyToSymbol(scales, values, sizeof(values)));
  CALL(runKernel(1, 4, 0, useSymbols, y.device));
  CALL(y.read());
  TRY(cudaMemcpyFromSymbol(&count, counter, sizeof(count)));
  EXPECT(y.host[0] == 2 && y.host[3] == 7 && count == 9);
  return nullptr;
}

// TEST untyped_launch
EXPORTED test_untyped_launch() {
  Buffer<int, 24> y;
  CALL(y.fill(0, 0));
  void *arguments[] = {&y.device};
  TRY(cudaLaunchKernel(indices, dim3(2), dim3(12), arguments));
  TRY(cudaDeviceSynchronize());
  CALL(y.read());
  EXPECT(y.host[23] == 23);
  return nullptr;
}

// TEST device
EXPORTED test_device() {
  int count = 0, major = 0;
  cudaDeviceProp properties;
  TRY(cudaGetDeviceCount(&count));
  EXPECT(count >= 1);
  TRY(cudaGetDeviceProperties(&properties, 0));
  TRY(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, 0));
  EXPECT(properties.warpSize == 32 && properties.major == major);
  EXPECT(cudaSetDevice(99) == cudaErrorInvalidDevice);
  EXPECT(cudaGetLastError() == cudaErrorInvalidDevice);
  EXPECT(cudaGetLastError() == cudaSuccess);
  return nullptr;
}
