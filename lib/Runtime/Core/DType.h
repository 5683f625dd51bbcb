//===- DType.h - Names and sizes of element types ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The one table behind the plan's dtype words and the C API's enumeration.
//===----------------------------------------------------------------------===//
#ifndef LIB_RUNTIME_CORE_DTYPE_H
#define LIB_RUNTIME_CORE_DTYPE_H

#include "shift/Runtime/Common.h"

#include <optional>
#include <string_view>

namespace shift::rt {

/// A row of the table; its place is the ShiftDType.
struct DTypeRow {
  const char *name;
  int64_t size;
};

inline constexpr DTypeRow dtypeTable[] = {{"f32", 4}, {"i8", 1},  {"u8", 1},
                                          {"i16", 2}, {"u16", 2}, {"i32", 4},
                                          {"i64", 8}};
inline constexpr int dtypeCount = sizeof(dtypeTable) / sizeof(dtypeTable[0]);
static_assert(SHIFT_DTYPE_I64 == dtypeCount - 1, "one row a ShiftDType");

inline bool isDType(int dtype) { return dtype >= 0 && dtype < dtypeCount; }

/// The element type with that name, if there is one.
inline std::optional<ShiftDType> findDType(std::string_view name) {
  for (int i = 0; i < dtypeCount; ++i)
    if (name == dtypeTable[i].name)
      return static_cast<ShiftDType>(i);
  return std::nullopt;
}

} // namespace shift::rt

#endif // LIB_RUNTIME_CORE_DTYPE_H
