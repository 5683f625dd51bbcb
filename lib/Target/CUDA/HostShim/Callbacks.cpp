//===- Callbacks.cpp - What -fsanitize=thread,alignment calls -------------===//
// SPDX-License-Identifier: Apache-2.0
// Our own definitions of the functions that instrumented code calls, in place
// of the sanitizers' runtime libraries. Accesses of the host's code are only
// checked for device memory, which the host cannot reach on a GPU.
//===----------------------------------------------------------------------===//
#include "BlockRunner.h"
#include "Checker.h"
#include "Report.h"

#include <cstring>

using namespace shift::shim;

static void hostAccess(uintptr_t address, size_t bytes, bool isWrite) {
  Checker &checker = Checker::get();
  if (checker.isDeviceMemory(address))
    reportFailure(cudaErrorIllegalAddress,
                  std::string("code of the host ") +
                      (isWrite ? "writes " : "reads ") + std::to_string(bytes) +
                      " bytes at " + checker.describe(address) +
                      ", expected memory of the host");
}

static inline __attribute__((always_inline)) void
onAccess(const volatile void *pointer, size_t bytes, bool isWrite,
         bool isAtomic = false) {
  uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  Checker &checker = Checker::get();
  if (checker.inKernel(__builtin_frame_address(0)))
    checker.access(address, bytes, isWrite, isAtomic,
                   __builtin_return_address(0));
  else
    hostAccess(address, bytes, isWrite);
}

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

#define ACCESS(name, bytes, isWrite)                                           \
  void __tsan_##name(void *address) { onAccess(address, bytes, isWrite); }
#define ACCESSES(bytes)                                                        \
  ACCESS(read##bytes, bytes, false)                                            \
  ACCESS(write##bytes, bytes, true)                                            \
  ACCESS(unaligned_read##bytes, bytes, false)                                  \
  ACCESS(unaligned_write##bytes, bytes, true)                                  \
  ACCESS(volatile_read##bytes, bytes, false)                                   \
  ACCESS(volatile_write##bytes, bytes, true)                                   \
  ACCESS(unaligned_volatile_read##bytes, bytes, false)                         \
  ACCESS(unaligned_volatile_write##bytes, bytes, true)

extern "C" {
ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)

void __tsan_read_range(void *address, size_t bytes) {
  onAccess(address, bytes, false);
}
void __tsan_write_range(void *address, size_t bytes) {
  onAccess(address, bytes, true);
}

void __tsan_init() { Checker::get().turnOn(); }
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}
void __tsan_vptr_update(void **, void *) {}
void __tsan_vptr_read(void **) {}

void *__tsan_memcpy(void *to, const void *from, size_t bytes) {
  onAccess(from, bytes, false);
  onAccess(to, bytes, true);
  return std::memcpy(to, from, bytes);
}
void *__tsan_memmove(void *to, const void *from, size_t bytes) {
  onAccess(from, bytes, false);
  onAccess(to, bytes, true);
  return std::memmove(to, from, bytes);
}
void *__tsan_memset(void *address, int value, size_t bytes) {
  onAccess(address, bytes, true);
  return std::memset(address, value, bytes);
}
}

//===----------------------------------------------------------------------===//
// Alignment
//===----------------------------------------------------------------------===//

namespace {
struct SourceLocation {
  const char *file;
  uint32_t line, column;
};

struct TypeDescription {
  uint16_t kind, info;
  char name[1];
};

/// What the compiler says about an access, as it lays it out.
struct TypeMismatch {
  SourceLocation location;
  const TypeDescription *type;
  unsigned char alignmentLog, accessKind;
};

/// The same about a __builtin_assume_aligned.
struct AlignmentAssumption {
  SourceLocation location, assumption;
  const TypeDescription *type;
};
} // namespace

[[noreturn]] static void failAlignment(const SourceLocation &location,
                                       const TypeDescription &type,
                                       uintptr_t address, size_t alignment) {
  std::string file = location.file;
  failKernel(cudaErrorMisalignedAddress,
             "accesses " + std::string(type.name) + " at " +
                 Checker::get().describe(address) +
                 ", expected an alignment of " + std::to_string(alignment) +
                 " bytes, in " + file.substr(file.rfind('/') + 1) + ":" +
                 std::to_string(location.line));
}

extern "C" {
void __ubsan_handle_type_mismatch_v1(void *data, uintptr_t address) {
  const auto &access = *static_cast<const TypeMismatch *>(data);
  if (Checker::get().inKernel(__builtin_frame_address(0)))
    failAlignment(access.location, *access.type, address,
                  size_t(1) << access.alignmentLog);
}

void __ubsan_handle_alignment_assumption(void *data, uintptr_t address,
                                         uintptr_t alignment, uintptr_t) {
  const auto &access = *static_cast<const AlignmentAssumption *>(data);
  if (Checker::get().inKernel(__builtin_frame_address(0)))
    failAlignment(access.location, *access.type, address, alignment);
}
}

//===----------------------------------------------------------------------===//
// Atomic accesses
//===----------------------------------------------------------------------===//

// The orders that are passed do not matter: checked grids run on one thread.
// Host code may run on several, so that the operations are real.
#define ATOMIC_UPDATE(bits, T, name)                                           \
  T __tsan_atomic##bits##_##name(volatile T *address, T value, int) {          \
    onAccess(address, sizeof(T), true, true);                                  \
    return __atomic_##name(address, value, __ATOMIC_SEQ_CST);                  \
  }
#define ATOMIC_COMPARE(bits, T, name)                                          \
  int __tsan_atomic##bits##_compare_exchange_##name(                           \
      volatile T *address, T *expected, T value, int, int) {                   \
    onAccess(address, sizeof(T), true, true);                                  \
    return __atomic_compare_exchange_n(address, expected, value, false,        \
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);    \
  }
#define ATOMICS(bits, T)                                                       \
  T __tsan_atomic##bits##_load(const volatile T *address, int) {               \
    onAccess(address, sizeof(T), false, true);                                 \
    return __atomic_load_n(address, __ATOMIC_SEQ_CST);                         \
  }                                                                            \
  void __tsan_atomic##bits##_store(volatile T *address, T value, int) {        \
    onAccess(address, sizeof(T), true, true);                                  \
    __atomic_store_n(address, value, __ATOMIC_SEQ_CST);                        \
  }                                                                            \
  T __tsan_atomic##bits##_exchange(volatile T *address, T value, int) {        \
    onAccess(address, sizeof(T), true, true);                                  \
    return __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);              \
  }                                                                            \
  ATOMIC_UPDATE(bits, T, fetch_add)                                            \
  ATOMIC_UPDATE(bits, T, fetch_sub)                                            \
  ATOMIC_UPDATE(bits, T, fetch_and)                                            \
  ATOMIC_UPDATE(bits, T, fetch_or)                                             \
  ATOMIC_UPDATE(bits, T, fetch_xor)                                            \
  ATOMIC_UPDATE(bits, T, fetch_nand)                                           \
  ATOMIC_COMPARE(bits, T, strong)                                              \
  ATOMIC_COMPARE(bits, T, weak)                                                \
  T __tsan_atomic##bits##_compare_exchange_val(                                \
      volatile T *address, T expected, T value, int, int) {                    \
    onAccess(address, sizeof(T), true, true);                                  \
    __atomic_compare_exchange_n(address, &expected, value, false,              \
                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);           \
    return expected;                                                           \
  }

extern "C" {
ATOMICS(8, uint8_t)
ATOMICS(16, uint16_t)
ATOMICS(32, uint32_t)
ATOMICS(64, uint64_t)
void __tsan_atomic_thread_fence(int) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
void __tsan_atomic_signal_fence(int) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}
}
