//===- GuardedRun.h - Kernels between inaccessible pages --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Generated code is not instrumented, so that sanitizers are blind to it. Here
// each buffer of a model lies against a page that cannot be accessed, and what
// may not be written is watched.
//===----------------------------------------------------------------------===//
#ifndef TEST_UNIT_CONVERSION_GUARDEDRUN_H
#define TEST_UNIT_CONVERSION_GUARDEDRUN_H

#include "shift/Reference/Tensor.h"

#include <string>
#include <vector>

namespace shift::test {

/// Which end of a buffer touches an inaccessible page.
enum class GuardedEnd { Front, Back };

/// Runs the compiled model `path` for the instruction set `isa` (empty: the
/// best) once into `outputs`, which have their types, with every input, output,
/// constant, scratch block and the arena in pages of its own, of exactly the
/// size that KernelABI.h gives it. Steps run in several parts, last part first.
///
/// An access past the guarded end ends the process after printing `where`.
/// Returns what else is wrong: a write outside a buffer.
std::string runGuarded(const std::string &path, const std::string &isa,
                       const std::vector<reference::Tensor> &inputs,
                       std::vector<reference::Tensor> &outputs, GuardedEnd end,
                       const std::string &where);

} // namespace shift::test

#endif // TEST_UNIT_CONVERSION_GUARDEDRUN_H
