//===- PlanReader.cpp - JSON values that know where they are --------------===//
// SPDX-License-Identifier: Apache-2.0
// Every access tests before it reads; the JSON library's own exceptions are
// never needed.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Core/PlanReader.h"

#include "lib/Runtime/Core/Error.h"

using namespace shift::rt;

void PlanReader::fail(const std::string &message) const {
  throw Error(SHIFT_ERROR_MODEL,
              source + ": corrupt plan: " + (path.empty() ? "" : path + ": ") +
                  message + "; compile the model again");
}

void PlanReader::failType(const char *expected) const {
  fail(std::string("expected ") + expected + ", got " + value.type_name());
}

void PlanReader::expectObject() const {
  if (!value.is_object())
    failType("an object");
}

PlanReader PlanReader::field(const char *name) const {
  expectObject();
  auto found = value.find(name);
  std::string fieldPath = path.empty() ? name : path + "." + name;
  if (found == value.end())
    PlanReader(value, fieldPath, source).fail("expected a value, got none");
  return PlanReader(*found, fieldPath, source);
}

bool PlanReader::has(const char *name) const {
  expectObject();
  auto found = value.find(name);
  return found != value.end() && !found->is_null();
}

std::vector<PlanReader> PlanReader::items() const {
  if (!value.is_array())
    failType("an array");
  std::vector<PlanReader> elements;
  for (size_t i = 0; i < value.size(); ++i)
    elements.emplace_back(value[i], path + "[" + std::to_string(i) + "]",
                          source);
  return elements;
}

std::string PlanReader::text() const {
  if (!value.is_string())
    failType("a string");
  return value.get<std::string>();
}

int64_t PlanReader::integer(int64_t lo, int64_t hi) const {
  if (!value.is_number_integer())
    failType("an integer");
  bool tooLarge =
      value.is_number_unsigned() && value.get<uint64_t>() > uint64_t{INT64_MAX};
  int64_t number = tooLarge ? INT64_MAX : value.get<int64_t>();
  if (tooLarge || number < lo || number > hi)
    fail("expected an integer in [" + std::to_string(lo) + ", " +
         std::to_string(hi) + "], got " + value.dump());
  return number;
}

std::vector<int64_t> PlanReader::integers(int64_t lo, int64_t hi) const {
  std::vector<int64_t> numbers;
  for (const PlanReader &item : items())
    numbers.push_back(item.integer(lo, hi));
  return numbers;
}
