//===- ValuePairing.cpp - Values of two runs meet -------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "ValuePairing.h"
#include <cstring>

using namespace llvm;

namespace shift::pipelines {

static int64_t bytesOf(const ObservedValue &value) {
  // "<f4": the last character is the size of an element.
  return value.count * (value.dtype.back() - '0');
}

void ValuePairing::store(StringRef key, const ObservedValue &value) {
  Stored &entry = stored[key.str()];
  auto *data = static_cast<const char *>(value.data);
  entry.bytes.assign(data, data + bytesOf(value));
  entry.dtype = value.dtype.str();
  entry.value = {value.id, entry.dtype, entry.bytes.data(), value.count};
}

void ValuePairing::join(int side, StringRef key, const ObservedValue &own,
                        const ObservedValue &other) {
  meet(key, side == 0 ? own : other, side == 0 ? other : own);
}

void ValuePairing::offer(int side, StringRef key, const ObservedValue &value) {
  std::unique_lock<std::mutex> lock(mutex);
  if (!keys.contains(key))
    return;
  if (auto found = stored.find(key.str()); found != stored.end()) {
    join(side, key, value, found->second.value);
    stored.erase(found);
    return;
  }
  const ObservedValue *&other = waiting[1 - side];
  if (other && waitingKey[1 - side] == key) {
    join(side, key, value, *other);
    other = nullptr;
    changed.notify_all();
    return;
  }
  // Somebody has to move on; the other side stays where it is.
  if (other)
    return store(key, value);
  waiting[side] = &value;
  waitingKey[side] = key.str();
  changed.wait(lock, [&] { return !waiting[side] || isFinished[1 - side]; });
  waiting[side] = nullptr;
}

void ValuePairing::finish(int side) {
  std::unique_lock<std::mutex> lock(mutex);
  isFinished[side] = true;
  changed.notify_all();
}

} // namespace shift::pipelines
