//===- Cpu.h - Instruction sets -----------------------------------*- C++ -*-=//
// SPDX-License-Identifier: Apache-2.0
// Which of the instruction sets that code is generated for the machine has, and
// which one a model runs with.
//===----------------------------------------------------------------------===//
#ifndef LIB_RUNTIME_CORE_CPU_H
#define LIB_RUNTIME_CORE_CPU_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shift::rt {

/// Instruction sets, each containing the ones before it.
enum class Isa { Baseline, Avx2, Avx512, Avx512Vnni };
constexpr int isaCount = 4;

/// "baseline", "avx2", "avx512", "avx512vnni": also the suffixes of kernels.
const char *isaName(Isa isa);
std::optional<Isa> findIsa(std::string_view name);

/// The last instruction set of the enumeration that machine and operating
/// system support (KernelABI.h says what each needs).
Isa detectIsa();

/// The last of `available` that is at most `machine` and at most `restriction`,
/// the value of SHIFT_CPU (null or empty: none). Throws an Error that starts
/// with `source` where there is none, `restriction` is no instruction set, or
/// it names one beyond `machine`.
Isa chooseIsa(const std::vector<Isa> &available, Isa machine,
              const char *restriction, const std::string &source);

} // namespace shift::rt

#endif // LIB_RUNTIME_CORE_CPU_H
