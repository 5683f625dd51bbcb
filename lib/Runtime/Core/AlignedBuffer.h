//===- AlignedBuffer.h - Memory that kernels work on ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Memory with the alignment and the readable padding that KernelABI.h promises
// to generated code.
//===----------------------------------------------------------------------===//
#ifndef LIB_RUNTIME_CORE_ALIGNEDBUFFER_H
#define LIB_RUNTIME_CORE_ALIGNEDBUFFER_H

#include "shift/Runtime/Common.h"

#include <cstdlib>
#include <memory>
#include <new>

namespace shift::rt {

/// Uninitialised memory, aligned to SHIFT_BUFFER_ALIGNMENT and followed by
/// SHIFT_BUFFER_PADDING zero bytes.
class AlignedBuffer {
public:
  AlignedBuffer() = default;
  /// Throws std::bad_alloc. bytes >= 0.
  explicit AlignedBuffer(int64_t bytes);

  char *data() const { return memory.get(); }
  int64_t size() const { return bytes; }

private:
  struct Free {
    void operator()(char *pointer) const { std::free(pointer); }
  };
  std::unique_ptr<char, Free> memory;
  int64_t bytes = 0;
};

} // namespace shift::rt

#endif // LIB_RUNTIME_CORE_ALIGNEDBUFFER_H
