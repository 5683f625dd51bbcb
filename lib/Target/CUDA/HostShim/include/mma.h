//===- mma.h - Matrix products of a warp ------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Stands in for CUDA's header of this name: 8-bit integer matrices with 32-bit
// sums, in the shapes m16n16k16, m32n8k16 and m8n32k16.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_MMA_H
#define LIB_TARGET_CUDA_HOSTSHIM_MMA_H

#include "shim/Builtins.h"
#include "shim/Device.h"

#include <type_traits>

namespace nvcuda::wmma {

struct matrix_a {};
struct matrix_b {};
struct accumulator {};
struct row_major {};
struct col_major {};
enum layout_t { mem_row_major, mem_col_major };

template <typename Use, int m, int n, int k, typename T, typename Layout = void>
class fragment {
  static constexpr bool isSum = std::is_same_v<Use, accumulator>;
  static_assert(m * n == 256 && k == 16 && (m == 8 || m == 16 || m == 32),
                "expected m16n16k16, m32n8k16 or m8n32k16");
  static_assert(isSum ? std::is_same_v<T, int>
                      : std::is_same_v<T, signed char> ||
                            std::is_same_v<T, unsigned char>,
                "expected 8-bit integers, and int for accumulators");
  static_assert(isSum == std::is_void_v<Layout>,
                "expected row_major or col_major for matrix_a and matrix_b");

public:
  using element_type = T;
  static constexpr int rows = std::is_same_v<Use, matrix_b> ? k : m;
  static constexpr int columns = std::is_same_v<Use, matrix_a> ? k : n;
  static constexpr int num_elements = rows * columns / 32;
  T x[num_elements];
};

template <typename Use, int m, int n, int k, typename T, typename Layout>
void fill_fragment(fragment<Use, m, n, k, T, Layout> &fragment, T value) {
  for (T &element : fragment.x)
    element = value;
}

/// Offset in memory of what `slot` of the running lane holds.
template <typename Fragment>
size_t elementOffset(int slot, unsigned leading, bool byRows) {
  unsigned element = shift::shim::fragmentElement(
      shift::shim::laneIndex(), slot, Fragment::rows * Fragment::columns);
  size_t row = element / Fragment::columns,
         column = element % Fragment::columns;
  return byRows ? row * leading + column : column * leading + row;
}

template <typename Fragment, typename T>
void load(Fragment &fragment, const T *matrix, unsigned leading, bool byRows) {
  shift::shim::agreeOnMatrix("load_matrix_sync", matrix, leading * sizeof(T));
  for (int i = 0; i < Fragment::num_elements; ++i)
    fragment.x[i] = matrix[elementOffset<Fragment>(i, leading, byRows)];
}

template <typename Use, int m, int n, int k, typename T, typename Layout>
void load_matrix_sync(fragment<Use, m, n, k, T, Layout> &fragment,
                      const T *matrix, unsigned leading) {
  static_assert(!std::is_void_v<Layout>, "accumulators need a layout");
  load(fragment, matrix, leading, std::is_same_v<Layout, row_major>);
}
template <int m, int n, int k>
void load_matrix_sync(fragment<accumulator, m, n, k, int> &fragment,
                      const int *matrix, unsigned leading, layout_t layout) {
  load(fragment, matrix, leading, layout == mem_row_major);
}

template <int m, int n, int k>
void store_matrix_sync(int *matrix,
                       const fragment<accumulator, m, n, k, int> &fragment,
                       unsigned leading, layout_t layout) {
  using Fragment = wmma::fragment<accumulator, m, n, k, int>;
  shift::shim::agreeOnMatrix("store_matrix_sync", matrix,
                             leading * sizeof(int));
  for (int i = 0; i < Fragment::num_elements; ++i)
    matrix[elementOffset<Fragment>(i, leading, layout == mem_row_major)] =
        fragment.x[i];
}

/// d = a * b + c, modulo 2^32.
template <int m, int n, int k, typename T, typename LayoutA, typename LayoutB>
void mma_sync(fragment<accumulator, m, n, k, int> &d,
              const fragment<matrix_a, m, n, k, T, LayoutA> &a,
              const fragment<matrix_b, m, n, k, T, LayoutB> &b,
              const fragment<accumulator, m, n, k, int> &c) {
  shift::shim::multiplyMatrices(
      {d.x, a.x, b.x, c.x, std::is_signed_v<T>, m, n, k});
}

} // namespace nvcuda::wmma

#endif // LIB_TARGET_CUDA_HOSTSHIM_MMA_H
