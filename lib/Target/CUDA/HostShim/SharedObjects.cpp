//===- SharedObjects.cpp - The shared variables of a kernel ---------------===//
// SPDX-License-Identifier: Apache-2.0
// Thread-local symbols become a table with one entry a byte.
//===----------------------------------------------------------------------===//
#include "SharedObjects.h"

#include <algorithm>

using namespace shift::shim;

static bool startsWith(const std::string &text, const char *prefix) {
  return text.rfind(prefix, 0) == 0;
}

/// Variables of this library in the module that it is linked into.
static bool isOfRuntime(const std::string &name) {
  return startsWith(name, "shift::shim::") || name == "threadIdx" ||
         name == "blockIdx" || name == "blockDim" || name == "gridDim";
}

void SharedObjects::fill(const Object &object, uint16_t number) {
  size_t begin = std::min(object.offset, bytes);
  std::fill_n(objectOf.begin() + begin, std::min(object.bytes, bytes - begin),
              number);
}

void SharedObjects::readObjects(const ModuleSymbols &module) {
  objectOf.assign(bytes, noObject);
  objects.assign(3, {});
  if (module.threadLocal.empty()) { // a stripped file
    objects.push_back({"?", 0, bytes, ""});
    fill(objects.back(), 3);
  }
  for (const Symbol &symbol : module.threadLocal) {
    // "kernel(int*)::tile"
    size_t split = symbol.name.rfind("::");
    std::string owner =
        split == std::string::npos ? "" : symbol.name.substr(0, split);
    if (!module.isKernel(owner))
      owner.clear();
    std::string name = split == std::string::npos
                           ? symbol.name
                           : symbol.name.substr(split + 2);
    Object object{name, symbol.start, symbol.bytes, owner};
    if (isOfRuntime(symbol.name)) {
      fill(object, runtimesObject);
      continue;
    }
    objects.push_back(object);
    fill(object, uint16_t(objects.size() - 1));
  }
}

void SharedObjects::map(const Launch &launch, const std::string &kernelName,
                        const ModuleSymbols &module) {
  // Also makes sure that this thread has a thread-local block.
  uintptr_t dynamic = reinterpret_cast<uintptr_t>(launch.dynamicShared());
  base = module.threadLocalBase();
  bytes = base ? module.threadLocalBytes : 0;
  if (mapped != &module) {
    mapped = &module;
    kernel.clear();
    readObjects(module);
  }
  if (kernel != kernelName) {
    kernel = kernelName;
    isForeign.assign(objects.size(), false);
    for (size_t i = 0; i < objects.size(); ++i)
      isForeign[i] = !objects[i].owner.empty() && objects[i].owner != kernel;
  }
  // All of it is the object; how much a launch asked for differs.
  fill({"", dynamic - base, SHIFT_SHIM_DYNAMIC_BYTES, ""}, dynamicObject);
  objects[dynamicObject] = {"", dynamic - base, launch.dynamicBytes, ""};
}

bool SharedObjects::holds(uintptr_t address, size_t size) const {
  size_t offset = address - base;
  if (size > bytes - offset)
    return false;
  uint16_t number = objectOf[offset];
  if (number != objectOf[offset + size - 1] || number == noObject)
    return false;
  if (number == dynamicObject)
    return offset + size <= objects[number].offset + objects[number].bytes;
  return !isForeign[number];
}

std::string SharedObjects::describe(uintptr_t address) const {
  size_t offset = address - base;
  uint16_t number = objectOf[offset];
  if (number == dynamicObject)
    return "dynamic shared memory (" + std::to_string(objects[number].bytes) +
           " bytes) + " + std::to_string(offset - objects[number].offset);
  // The kernel's last variable before a gap or another kernel's variables.
  const Object *nearest = nullptr;
  for (size_t i = dynamicObject + 1; i < objects.size(); ++i)
    if (objects[i].offset <= offset && !isForeign[i] &&
        (!nearest || nearest->offset < objects[i].offset))
      nearest = &objects[i];
  if (!nearest)
    return "shared memory that is no variable of the kernel";
  return "shared variable '" + nearest->name + "' (" +
         std::to_string(nearest->bytes) + " bytes) + " +
         std::to_string(offset - nearest->offset);
}
