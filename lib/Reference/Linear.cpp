//===- Linear.cpp - Gemm and MatMul ---------------------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "FmaRow.h"
#include "Loops.h"

using namespace shift::reference;

/// c (m x n, zero) += a (m x k) * b (k x n): each element sums over k in order
/// with fma.
static void multiply(const float *a, const float *b, float *c, int64_t m,
                     int64_t k, int64_t n) {
  parallelFor(m, k * n, [&](int64_t row) {
    fmaRows(a + row * k, 1, 1, b, n, 1, k, c + row * n, n);
  });
}

Tensor shift::reference::gemm(const Tensor &a, const Tensor &b, const Tensor *c,
                              float alpha, float beta, bool transA,
                              bool transB) {
  Tensor left = transA ? transpose(a, {1, 0}) : a;
  Tensor right = transB ? transpose(b, {1, 0}) : b;
  int64_t m = left.shape[0], k = left.shape[1], n = right.shape[1];
  Tensor y(DType::F32, {m, n});
  float *out = y.data<float>();
  multiply(left.data<float>(), right.data<float>(), out, m, k, n);
  Tensor addend;
  if (c)
    addend = expand(*c, y.shape);
  for (int64_t i = 0; i < m * n; ++i) {
    if (alpha != 1)
      out[i] = alpha * out[i];
    if (!c)
      continue;
    float value = addend.data<float>()[i];
    if (beta != 1)
      value = beta * value;
    out[i] = out[i] + value;
  }
  return y;
}

Tensor shift::reference::matMul(const Tensor &a, const Tensor &b,
                                const Shape &shape) {
  // Vectors become matrices of one row or column.
  Shape left = a.shape, right = b.shape;
  if (left.size() == 1)
    left.insert(left.begin(), 1);
  if (right.size() == 1)
    right.push_back(1);
  int64_t m = left[left.size() - 2], k = left.back(), n = right.back();
  Shape leftBatch(left.begin(), left.end() - 2);
  Shape rightBatch(right.begin(), right.end() - 2);
  // The batch dimensions of the result lead its shape.
  size_t rank = std::max(leftBatch.size(), rightBatch.size());
  Shape batch(shape.begin(), shape.begin() + rank);
  Shape leftStrides = broadcastStrides(leftBatch, batch);
  Shape rightStrides = broadcastStrides(rightBatch, batch);
  Tensor y(DType::F32, shape);
  Odometer index(batch);
  for (int64_t i = 0; i < product(batch); ++i, index.next()) {
    int64_t leftMatrix = 0, rightMatrix = 0;
    for (size_t d = 0; d < rank; ++d) {
      leftMatrix += (*index)[d] * leftStrides[d];
      rightMatrix += (*index)[d] * rightStrides[d];
    }
    multiply(a.data<float>() + leftMatrix * m * k,
             b.data<float>() + rightMatrix * k * n, y.data<float>() + i * m * n,
             m, k, n);
  }
  return y;
}
