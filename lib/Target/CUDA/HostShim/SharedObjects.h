//===- SharedObjects.h - The shared variables of a kernel -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Shared memory is thread-local memory: this is the map of the thread-local
// block of a kernel's module.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_SHAREDOBJECTS_H
#define LIB_TARGET_CUDA_HOSTSHIM_SHAREDOBJECTS_H

#include "ModuleSymbols.h"
#include "shim/Launch.h"

namespace shift::shim {

class SharedObjects {
public:
  /// Makes the map for a launch on the calling thread.
  void map(const Launch &launch, const std::string &kernel,
           const ModuleSymbols &module);

  bool contains(uintptr_t address) const { return address - base < bytes; }
  size_t size() const { return bytes; }
  size_t offsetOf(uintptr_t address) const { return address - base; }

  /// Is the address one of the runtime library's own variables?
  bool isRuntimes(uintptr_t address) const {
    return objectOf[address - base] == runtimesObject;
  }
  /// May the kernel access these bytes: are they of one of its variables?
  bool holds(uintptr_t address, size_t size) const;

  /// "shared variable 'tile' + 4".
  std::string describe(uintptr_t address) const;

private:
  static constexpr uint16_t noObject = 0, runtimesObject = 1, dynamicObject = 2;
  struct Object {
    std::string name;
    size_t offset, bytes;
    /// The kernel that it is a variable of; empty if it may be any's.
    std::string owner;
  };
  void readObjects(const ModuleSymbols &module);
  void fill(const Object &object, uint16_t number);

  uintptr_t base = 0;
  size_t bytes = 0;
  /// For each byte the number of its object.
  std::vector<uint16_t> objectOf;
  std::vector<Object> objects;
  std::vector<bool> isForeign;
  const ModuleSymbols *mapped = nullptr;
  std::string kernel;
};

} // namespace shift::shim

#endif // LIB_TARGET_CUDA_HOSTSHIM_SHAREDOBJECTS_H
