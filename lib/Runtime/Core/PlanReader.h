//===- PlanReader.h - JSON values that know where they are ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Reading a field of the plan checks its type and range; the error names the
// file and the field's path, like steps[3].args[0].
//===----------------------------------------------------------------------===//
#ifndef LIB_RUNTIME_CORE_PLANREADER_H
#define LIB_RUNTIME_CORE_PLANREADER_H

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace shift::rt {

/// A value inside a plan.
class PlanReader {
public:
  PlanReader(const nlohmann::json &value, std::string path,
             const std::string &source)
      : value(value), path(std::move(path)), source(source) {}

  /// The field `name` of an object that has it.
  PlanReader field(const char *name) const;
  /// Whether the object has the field and it is not null.
  bool has(const char *name) const;
  /// The elements of an array.
  std::vector<PlanReader> items() const;
  std::string text() const;
  int64_t integer(int64_t lo, int64_t hi) const;
  std::vector<int64_t> integers(int64_t lo, int64_t hi) const;
  const nlohmann::json &json() const { return value; }

  /// Throws an Error: source, path, message.
  [[noreturn]] void fail(const std::string &message) const;

private:
  void expectObject() const;
  [[noreturn]] void failType(const char *expected) const;

  const nlohmann::json &value;
  std::string path;
  const std::string &source;
};

} // namespace shift::rt

#endif // LIB_RUNTIME_CORE_PLANREADER_H
