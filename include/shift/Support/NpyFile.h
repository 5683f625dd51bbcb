//===- NpyFile.h - NumPy's .npy files ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_NPYFILE_H
#define SHIFT_SUPPORT_NPYFILE_H

#include <cstdint>
#include <string>
#include <vector>

namespace shift {

/// A dense array in row order. `dtype` is NumPy's little-endian code: "<f4",
/// "<i8", "|u1", "|b1", ...
struct NpyArray {
  std::string dtype;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;
};

/// Reads a .npy file (formats 1.0 to 3.0; little endian, C order, numbers and
/// bool). Returns an empty string, or a message that names the file.
std::string readNpy(const std::string &path, NpyArray &array);

/// Writes format 1.0 to a temporary beside `path`, then renames it, so that no
/// half-written file is ever left. Returns an empty string, or a message that
/// names the file.
std::string writeNpy(const std::string &path, const NpyArray &array);

} // namespace shift

#endif // SHIFT_SUPPORT_NPYFILE_H
