//===- SanitizerDefaults.cpp - What sanitized tests tolerate --------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//

/// One test asks for more memory than there is and expects a null pointer.
extern "C" const char *__asan_default_options() {
  return "allocator_may_return_null=1";
}

/// OpenMP keeps the memory of its threads.
extern "C" const char *__lsan_default_suppressions() { return "leak:libomp"; }
