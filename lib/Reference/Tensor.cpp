//===- Tensor.cpp - Dense tensors of the reference interpreter ------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Reference/Tensor.h"

using namespace shift::reference;

int64_t shift::reference::elementBytes(DType dtype) {
  return dispatch(dtype, [](auto zero) -> int64_t { return sizeof(zero); });
}

const char *shift::reference::dtypeName(DType dtype) {
  constexpr const char *names[] = {"f32", "f64", "i8",  "u8",  "i16", "u16",
                                   "i32", "u32", "i64", "u64", "bool"};
  return names[static_cast<int>(dtype)];
}

int64_t shift::reference::product(const Shape &shape, size_t begin,
                                  size_t end) {
  int64_t result = 1;
  for (size_t i = begin; i < end; ++i)
    result *= shape[i];
  return result;
}
