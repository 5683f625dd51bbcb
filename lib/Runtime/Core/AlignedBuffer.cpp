//===- AlignedBuffer.cpp - Memory that kernels work on --------------------===//
// SPDX-License-Identifier: Apache-2.0
// Allocation with alignment and padding.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Core/AlignedBuffer.h"

#include <cstring>

using namespace shift::rt;

AlignedBuffer::AlignedBuffer(int64_t bytes) : bytes(bytes) {
  constexpr uint64_t alignment = SHIFT_BUFFER_ALIGNMENT;
  uint64_t total = static_cast<uint64_t>(bytes) + SHIFT_BUFFER_PADDING;
  total = (total + alignment - 1) / alignment * alignment;
  memory.reset(static_cast<char *>(std::aligned_alloc(alignment, total)));
  if (!memory)
    throw std::bad_alloc();
  std::memset(memory.get() + bytes, 0, total - static_cast<uint64_t>(bytes));
}
