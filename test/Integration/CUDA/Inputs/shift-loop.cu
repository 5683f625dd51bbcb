// SPDX-License-Identifier: Apache-2.0
// shift-loop.sass is `nvdisasm -c` of this for sm_80. The multiplications make
// an address, a condition and, in the second kernel, a product.

// strategy shift
extern "C" __global__ void __launch_bounds__(64)
sum_0_shift(const int *__restrict__ x, const int *__restrict__ words,
    int *__restrict__ out, int count, int stride) {
  int sum = 0;
#pragma unroll 1
  for (int i = 0; i < count; ++i) {
    int word = words[i];
    if (i * stride < count)
      sum += (x[i * stride + threadIdx.x] << word) ^ (word >> 31);
  }
  out[threadIdx.x] = sum;
}

// strategy shift
extern "C" __global__ void __launch_bounds__(64)
sum_1_shift(const int *__restrict__ x, const int *__restrict__ words,
    int *__restrict__ out, int count) {
  int sum = 0;
#pragma unroll 1
  for (int i = 0; i < count; ++i)
    sum += (x[i] << (words[i] & 31)) + x[i + 1] * words[i + 2];
  out[threadIdx.x] = sum;
}
