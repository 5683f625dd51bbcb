//===- NpyFile.h - NumPy's .npy files ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_NPYFILE_H
#define SHIFT_PIPELINES_NPYFILE_H

#include "shift/Reference/Tensor.h"
#include "llvm/Support/Error.h"
#include <string>

namespace shift::pipelines {

/// Reads a .npy file (format 1.0 to 3.0, little endian, C order; numbers and
/// bool). Errors name the file: absent, truncated, not .npy, unsupported type.
llvm::Expected<reference::Tensor> readNpy(const std::string &path);

/// Writes `tensor` as format 1.0, to a temporary that is then renamed.
llvm::Error writeNpy(const std::string &path, const reference::Tensor &tensor);

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_NPYFILE_H
