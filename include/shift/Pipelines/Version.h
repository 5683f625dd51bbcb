//===- Version.h - The project's version ------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_VERSION_H
#define SHIFT_PIPELINES_VERSION_H

namespace shift::pipelines {

inline constexpr const char *version = "0.1.0";

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_VERSION_H
