//===- JsonFields.h - Checked reading of JSON objects ---------------------===//
// SPDX-License-Identifier: Apache-2.0
// Reads fields of an object into plain values and keeps the first error, which
// names the field. Fields that nobody asked for are an error at the end.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_LIB_DETECTION_JSONFIELDS_H
#define SHIFT_LIB_DETECTION_JSONFIELDS_H

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <vector>

namespace shift::detection {

class JsonFields {
public:
  /// Parses `text`, an object that errors call `what`.
  JsonFields(const std::string &text, std::string what);

  /// Each reads a field if it is there, and leaves the value alone if not
  /// (unless it is needed). Numbers must lie in [low, high].
  void number(const char *key, float &value, double low, double high);
  void integer(const char *key, int &value, int low, int high);
  void word(const char *key, std::string &value,
            const std::vector<std::string> &allowed);
  void integers(const char *key, std::vector<int> &value, int low, int high);
  void numbers(const char *key, std::vector<float> &value);
  void words(const char *key, std::vector<std::string> &value);

  /// The field's value, or null if it is missing, which is an error if needed.
  const nlohmann::json *find(const char *key, bool isNeeded = false);

  void fail(const std::string &message);
  bool hasFailed() const { return !message.empty(); }

  /// The first error; an unknown field is one.
  std::string finish();

private:
  void expect(const char *key, const std::string &expected,
              const nlohmann::json &got);

  nlohmann::json object;
  std::string what;
  std::set<std::string> known;
  std::string message;
};

/// One line of JSON; bytes that are not UTF-8 become replacement characters.
std::string dumpJson(const nlohmann::json &value);

/// Reads an array of words; false if it is none, or empty, or has an empty one.
bool readWords(const nlohmann::json &value, std::vector<std::string> &words);

} // namespace shift::detection

#endif // SHIFT_LIB_DETECTION_JSONFIELDS_H
