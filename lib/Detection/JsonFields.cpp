//===- JsonFields.cpp - Checked reading of JSON objects -------------------===//
// SPDX-License-Identifier: Apache-2.0
// The JSON library is used without exceptions: every type is checked before a
// value is taken.
//===----------------------------------------------------------------------===//
#include "JsonFields.h"

#include <cmath>
#include <sstream>

namespace shift::detection {
namespace {

/// Numbers as a person writes them, for messages.
std::string show(double value) {
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

bool readInteger(const nlohmann::json &value, int low, int high, int &result) {
  if (!value.is_number())
    return false;
  const double number = value.get<double>();
  if (!(number >= low && number <= high) || number != std::floor(number))
    return false;
  result = static_cast<int>(number);
  return true;
}

} // namespace

JsonFields::JsonFields(const std::string &text, std::string what)
    : object(nlohmann::json::parse(text, nullptr, false)),
      what(std::move(what)) {
  if (object.is_discarded())
    fail("is no valid JSON");
  else if (!object.is_object())
    fail("expected a JSON object, got " + std::string(object.type_name()));
}

void JsonFields::fail(const std::string &text) {
  if (message.empty())
    message = what + ": " + text;
}

void JsonFields::expect(const char *key, const std::string &expected,
                        const nlohmann::json &got) {
  std::string shown = dumpJson(got);
  if (shown.size() > 60)
    shown = shown.substr(0, 57) + "...";
  fail("expected " + expected + " for '" + key + "', got " + shown);
}

const nlohmann::json *JsonFields::find(const char *key, bool isNeeded) {
  known.insert(key);
  if (!object.is_object())
    return nullptr;
  auto field = object.find(key);
  if (field != object.end())
    return &*field;
  if (isNeeded)
    fail("expected a field '" + std::string(key) + "', got none");
  return nullptr;
}

void JsonFields::number(const char *key, float &value, double low,
                        double high) {
  const nlohmann::json *field = find(key);
  if (!field)
    return;
  const double number = field->is_number() ? field->get<double>() : NAN;
  if (number >= low && number <= high)
    value = static_cast<float>(number);
  else
    expect(key, "a number from " + show(low) + " to " + show(high), *field);
}

void JsonFields::integer(const char *key, int &value, int low, int high) {
  const nlohmann::json *field = find(key);
  if (field && !readInteger(*field, low, high, value))
    expect(key,
           "an integer from " + std::to_string(low) + " to " +
               std::to_string(high),
           *field);
}

void JsonFields::word(const char *key, std::string &value,
                      const std::vector<std::string> &allowed) {
  const nlohmann::json *field = find(key);
  if (!field)
    return;
  std::string choices;
  for (const std::string &word : allowed) {
    if (field->is_string() && field->get_ref<const std::string &>() == word) {
      value = word;
      return;
    }
    choices += (choices.empty() ? "'" : ", '") + word + "'";
  }
  expect(key, (allowed.size() > 1 ? "one of " : "") + choices, *field);
}

void JsonFields::integers(const char *key, std::vector<int> &value, int low,
                          int high) {
  const nlohmann::json *field = find(key, true);
  if (!field)
    return;
  std::vector<int> read;
  bool isRight = field->is_array() && !field->empty();
  for (size_t i = 0; isRight && i < field->size(); ++i) {
    int entry = 0;
    isRight = readInteger((*field)[i], low, high, entry);
    read.push_back(entry);
  }
  if (isRight)
    value = std::move(read);
  else
    expect(key,
           "a list of integers from " + std::to_string(low) + " to " +
               std::to_string(high),
           *field);
}

void JsonFields::numbers(const char *key, std::vector<float> &value) {
  const nlohmann::json *field = find(key);
  if (!field)
    return;
  std::vector<float> read;
  bool isRight = field->is_array();
  for (size_t i = 0; isRight && i < field->size(); ++i) {
    isRight = (*field)[i].is_number();
    if (isRight) {
      read.push_back(static_cast<float>((*field)[i].get<double>()));
      isRight = std::isfinite(read.back());
    }
  }
  if (isRight)
    value = std::move(read);
  else
    expect(key, "a list of float32 numbers", *field);
}

void JsonFields::words(const char *key, std::vector<std::string> &value) {
  const nlohmann::json *field = find(key, true);
  if (field && !readWords(*field, value))
    expect(key, "a list of names", *field);
}

std::string JsonFields::finish() {
  if (object.is_object())
    for (const auto &field : object.items())
      if (!known.count(field.key()))
        fail("unknown field '" + field.key() + "'");
  return message;
}

std::string dumpJson(const nlohmann::json &value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool readWords(const nlohmann::json &value, std::vector<std::string> &words) {
  if (!value.is_array() || value.empty())
    return false;
  std::vector<std::string> read;
  for (const nlohmann::json &entry : value) {
    if (!entry.is_string() || entry.get_ref<const std::string &>().empty())
      return false;
    read.push_back(entry.get<std::string>());
  }
  words = std::move(read);
  return true;
}

} // namespace shift::detection
