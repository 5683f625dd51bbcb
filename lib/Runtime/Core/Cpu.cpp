//===- Cpu.cpp - Instruction sets -----------------------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Detection asks the compiler's run-time library, which also checks that the
// operating system saves the wide registers.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Core/Cpu.h"

#include "lib/Runtime/Core/Error.h"

using namespace shift::rt;

static constexpr const char *isaNames[isaCount] = {"baseline", "avx2", "avx512",
                                                   "avx512vnni"};

const char *shift::rt::isaName(Isa isa) {
  return isaNames[static_cast<int>(isa)];
}

std::optional<Isa> shift::rt::findIsa(std::string_view name) {
  for (int i = 0; i < isaCount; ++i)
    if (name == isaNames[i])
      return static_cast<Isa>(i);
  return std::nullopt;
}

Isa shift::rt::detectIsa() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("f16c");
  bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512cd") &&
                __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512vl");
  if (avx512 && __builtin_cpu_supports("avx512vnni"))
    return Isa::Avx512Vnni;
  if (avx512)
    return Isa::Avx512;
  if (avx2)
    return Isa::Avx2;
#endif
  return Isa::Baseline;
}

Isa shift::rt::chooseIsa(const std::vector<Isa> &available, Isa machine,
                         const char *restriction, const std::string &source) {
  Isa limit = machine;
  if (restriction && *restriction) {
    std::optional<Isa> wanted = findIsa(restriction);
    if (!wanted)
      throw Error(SHIFT_ERROR_CPU,
                  source +
                      ": SHIFT_CPU: expected baseline, avx2, avx512 or "
                      "avx512vnni, got " +
                      quote(restriction));
    if (*wanted > machine)
      throw Error(SHIFT_ERROR_CPU,
                  source + ": SHIFT_CPU: expected at most " + isaName(machine) +
                      ", which is what this machine has, got " + restriction);
    limit = *wanted;
  }
  std::optional<Isa> best;
  std::string list;
  for (Isa isa : available) {
    if (isa <= limit && (!best || isa > *best))
      best = isa;
    list += (list.empty() ? "" : ", ") + std::string(isaName(isa));
  }
  if (!best)
    throw Error(SHIFT_ERROR_CPU, source + ": expected code for at most " +
                                     isaName(limit) + ", got " + list +
                                     " only; compile the model with baseline");
  return *best;
}
