// Vectors must lie on multiples of their size.
#include "Testing.cuh"

#include <stdint.h>

// CASE load: at allocation #1 (64 bytes) + 8, expected an
// alignment of 16 bytes, in alignment.cu:
__global__ void loadVector(const int8_t *x, int4 *y, int offset) {
  int4 value = *reinterpret_cast<const int4 *>(x + offset);
  y[0] = value;
}
static const char *runLoad(int offset) {
  Buffer<int8_t, 64> x;
  Buffer<int, 4> y;
  CALL(x.fill(0, 1));
  CALL(y.fill(0, 0));
  CALL(runKernel(1, 1, 0, loadVector, x.device,
                 reinterpret_cast<int4 *>(y.device), offset));
  CALL(y.read());
  EXPECT(y.host[0] == (offset | (offset + 1) << 8 | (offset + 2) << 16 |
                       (offset + 3) << 24));
  return nullptr;
}
EXPORTED planted_load() { return runLoad(8); }
EXPORTED correct_load() { return runLoad(16); }

// CASE store: at shared variable 'bytes' (32 bytes) + 4,
// expected an alignment of 8 bytes
__global__ void storeVector(int *y, int offset) {
  __shared__ __align__(16) int8_t bytes[32];
  *reinterpret_cast<int2 *>(bytes + offset) = make_int2(3, 4);
  y[0] = *reinterpret_cast<int *>(bytes + offset + 4);
}
static const char *runStore(int offset) {
  Buffer<int, 1> y;
  CALL(y.fill(0, 0));
  CALL(runKernel(1, 1, 0, storeVector, y.device, offset));
  CALL(y.read());
  EXPECT(y.host[0] == 4);
  return nullptr;
}
EXPORTED planted_store() { return runStore(4); }
EXPORTED correct_store() { return runStore(8); }

// CASE scalar: expected an alignment of 4 bytes
__global__ void loadScalar(const int8_t *x, int *y, int offset) {
  *y = *reinterpret_cast<const int *>(x + offset);
}
static const char *runScalar(int offset) {
  Buffer<int8_t, 16> x;
  Buffer<int, 1> y;
  CALL(x.fill(0, 1));
  CALL(y.fill(0, 0));
  return runKernel(1, 1, 0, loadScalar, x.device, y.device, offset);
}
EXPORTED planted_scalar() { return runScalar(2); }
EXPORTED correct_scalar() { return runScalar(4); }

// CASE member: expected an alignment of 16 bytes
__global__ void loadMember(const int8_t *x, float *y, int offset) {
  *y = reinterpret_cast<const float4 *>(x + offset)->z;
}
static const char *runMember(int offset) {
  Buffer<int8_t, 64> x;
  Buffer<float, 1> y;
  CALL(x.fill(0, 0));
  CALL(y.fill(1, 0));
  return runKernel(1, 1, 0, loadMember, x.device, y.device, offset);
}
EXPORTED planted_member() { return runMember(4); }
EXPORTED correct_member() { return runMember(32); }
