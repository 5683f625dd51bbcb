//===- ValuePairing.h - Values of two runs meet -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_PIPELINES_VALUEPAIRING_H
#define LIB_PIPELINES_VALUEPAIRING_H

#include "shift/Pipelines/Engine.h"
#include "llvm/ADT/StringSet.h"
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>

namespace shift::pipelines {

/// Brings values of equal keys together that two threads compute, each in its
/// own order, and copies one only where the orders cross: a thread waits with
/// its value until the other one has the counterpart.
class ValuePairing {
public:
  /// Called with the values of side 0 and side 1, one call at a time.
  using Meet = std::function<void(llvm::StringRef key, const ObservedValue &,
                                  const ObservedValue &)>;

  /// `keys` are those that both sides will offer once.
  ValuePairing(llvm::StringSet<> keys, Meet meet)
      : keys(std::move(keys)), meet(std::move(meet)) {}

  /// Gives the value of side 0 or 1; keys of one side only are ignored.
  void offer(int side, llvm::StringRef key, const ObservedValue &value);

  /// Says that a side offers no more, for whatever reason.
  void finish(int side);

private:
  struct Stored {
    std::vector<char> bytes;
    std::string dtype;
    ObservedValue value;
  };
  void store(llvm::StringRef key, const ObservedValue &value);
  void join(int side, llvm::StringRef key, const ObservedValue &own,
            const ObservedValue &other);

  llvm::StringSet<> keys;
  Meet meet;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, Stored> stored;
  /// What a side waits with; null when it does not.
  const ObservedValue *waiting[2] = {};
  std::string waitingKey[2];
  bool isFinished[2] = {};
};

} // namespace shift::pipelines

#endif // LIB_PIPELINES_VALUEPAIRING_H
