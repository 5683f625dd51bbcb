/*===- Common.h - Shared declarations of the runtime's C ABIs -------------===*\
|* SPDX-License-Identifier: Apache-2.0
|* Element types and alignments that users of the C API and generated code
|* agree on. Plain C, no functions.
\*===----------------------------------------------------------------------===*/
#ifndef SHIFT_RUNTIME_COMMON_H
#define SHIFT_RUNTIME_COMMON_H

#include <stddef.h>
#include <stdint.h>

/** Version of the API of ShiftRuntime.h. It grows when a function or structure
 * changes its meaning; additions leave it alone. */
#define SHIFT_API_VERSION 1

/** Version of the plan in a compiled model (KernelABI.h). */
#define SHIFT_PLAN_VERSION 2

/** Alignment in bytes of the arena, the constants and the scratch memory. */
#define SHIFT_BUFFER_ALIGNMENT 64

/** Bytes after the end of the arena, of each expanded constant and of each
 * scratch block that may be read (their content means nothing). */
#define SHIFT_BUFFER_PADDING 64

/** The type behind an enumeration. C++ is told, so that numbers which are none
 * of its constants can be passed and refused; C has it so already. */
#ifdef __cplusplus
#define SHIFT_ENUM_TYPE : int32_t
#else
#define SHIFT_ENUM_TYPE
#endif

/** Element type of a tensor. Tensors are dense, row-major. */
enum ShiftDType SHIFT_ENUM_TYPE {
  SHIFT_DTYPE_F32 = 0, /**< "f32": IEEE binary32 */
  SHIFT_DTYPE_I8 = 1,  /**< "i8" */
  SHIFT_DTYPE_U8 = 2,  /**< "u8" */
  SHIFT_DTYPE_I16 = 3, /**< "i16" */
  SHIFT_DTYPE_U16 = 4, /**< "u16" */
  SHIFT_DTYPE_I32 = 5, /**< "i32" */
  SHIFT_DTYPE_I64 = 6  /**< "i64" */
};
typedef enum ShiftDType ShiftDType;

#endif /* SHIFT_RUNTIME_COMMON_H */
