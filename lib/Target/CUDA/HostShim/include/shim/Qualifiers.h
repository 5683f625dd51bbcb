//===- Qualifiers.h - The words that CUDA adds to C++ -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A block runs on one thread of the operating system, so shared memory is
// thread-local memory. Dynamic shared memory is one more such array, which each
// name that a .cu file gives to it (`extern __shared__ T name[]`) stands for.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_SHIM_QUALIFIERS_H
#define LIB_TARGET_CUDA_HOSTSHIM_SHIM_QUALIFIERS_H

/// Tells a .cu file that it is compiled for the CPU.
#define SHIFT_CUDA_HOST_SHIM 1

#if defined(__SANITIZE_THREAD__)
#define SHIFT_SHIM_CHECKED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SHIFT_SHIM_CHECKED 1
#endif
#endif
#ifndef SHIFT_SHIM_CHECKED
#define SHIFT_SHIM_CHECKED 0
#endif

// clang sends these calls to the checking functions by itself.
#if SHIFT_SHIM_CHECKED && !defined(__clang__)
extern "C" {
void *memcpy(void *, const void *, __SIZE_TYPE__) noexcept
    __asm__("__tsan_memcpy");
void *memmove(void *, const void *, __SIZE_TYPE__) noexcept
    __asm__("__tsan_memmove");
void *memset(void *, int, __SIZE_TYPE__) noexcept __asm__("__tsan_memset");
}
#endif

// The visibility marks kernels in the symbol table: the runtime tells by it
// whose shared variables are whose.
#define __global__ __attribute__((visibility("protected")))
#define __device__
#define __host__
#define __constant__
#define __managed__
#define __shared__ thread_local
#define __launch_bounds__(...)
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__

/// Bytes of dynamic shared memory that a block can have (sm_90, sm_100).
#define SHIFT_SHIM_DYNAMIC_BYTES 232448

/// Names of dynamic shared memory, separated by commas.
#ifndef SHIFT_SHIM_DYNAMIC_NAMES
#define SHIFT_SHIM_DYNAMIC_NAMES smem, shared_memory, dynamic_shared
#endif

#define SHIFT_SHIM_TEXT_OF(...) #__VA_ARGS__
#define SHIFT_SHIM_TEXT(...) SHIFT_SHIM_TEXT_OF(__VA_ARGS__)
// In assembly, since declarations of one variable with several names and
// element types cannot be written in C++. The symbols are local to the file.
// clang-format off
asm(".pushsection .tbss,\"awT\",@nobits\n"
    ".p2align 10\n"
    ".irp name, shift_shim_dynamic_shared, "
    SHIFT_SHIM_TEXT(SHIFT_SHIM_DYNAMIC_NAMES) "\n"
    ".type \\name, @tls_object\n"
    "\\name:\n"
    ".endr\n"
    ".zero " SHIFT_SHIM_TEXT(SHIFT_SHIM_DYNAMIC_BYTES) "\n"
    ".popsection\n");
// clang-format on

#endif // LIB_TARGET_CUDA_HOSTSHIM_SHIM_QUALIFIERS_H
