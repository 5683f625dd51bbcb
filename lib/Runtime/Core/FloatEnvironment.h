//===- FloatEnvironment.h - Float arithmetic as IEEE says -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A host program may have switched its threads to flush subnormals or to
// another rounding; kernels need neither, or their bits would depend on the
// host.
//===----------------------------------------------------------------------===//
#ifndef LIB_RUNTIME_CORE_FLOATENVIRONMENT_H
#define LIB_RUNTIME_CORE_FLOATENVIRONMENT_H

#include <cfenv>

namespace shift::rt {

/// Sets the calling thread to round to nearest even, honour subnormals and not
/// trap; its destructor restores what was.
class FloatEnvironment {
public:
  FloatEnvironment() {
    std::fegetenv(&saved);
    std::fesetenv(FE_DFL_ENV);
  }
  ~FloatEnvironment() { std::fesetenv(&saved); }
  FloatEnvironment(const FloatEnvironment &) = delete;
  FloatEnvironment &operator=(const FloatEnvironment &) = delete;

private:
  std::fenv_t saved;
};

} // namespace shift::rt

#endif // LIB_RUNTIME_CORE_FLOATENVIRONMENT_H
