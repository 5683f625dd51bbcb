//===- RoundingCasesTest.cpp - Rounding against exact tables --------------===//
// SPDX-License-Identifier: Apache-2.0
// The tables come from exact rational arithmetic (make_rounding_cases.py). The
// Python package checks its NumPy reference on the same files.
//===----------------------------------------------------------------------===//
#include "shift/Support/Philox.h"
#include "shift/Support/PowerOfTwo.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace shift;

namespace {

/// The parts of `text` between separators.
std::vector<std::string> split(const std::string &text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);)
    parts.push_back(part);
  return parts;
}

/// The rows of a table below its header.
std::vector<std::vector<std::string>> readTable(const std::string &name) {
  std::ifstream file(std::string(SHIFT_TEST_TABLES) + "/" + name);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line))
    rows.push_back(split(line, ','));
  return rows;
}

Rounding roundingOf(const std::string &text) {
  return text == "nearest" ? Rounding::Nearest
         : text == "log"   ? Rounding::Log
                           : Rounding::Stochastic;
}

Underflow underflowOf(const std::string &text) {
  return text == "zero" ? Underflow::Zero : Underflow::Raise;
}

/// Terms as the tables write them: "+3 --1 ." is 2^3 - 2^-1.
std::string textOf(const Term *terms, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += i ? " " : "";
    if (terms[i].sign == 0)
      text += ".";
    else
      text +=
          (terms[i].sign > 0 ? "+" : "-") + std::to_string(terms[i].exponent);
  }
  return text;
}

TEST(RoundingCasesTest, SingleValuesMatchTheTable) {
  auto rows = readTable("rounding-cases.csv");
  ASSERT_GT(rows.size(), 700u);
  for (const auto &row : rows) {
    ASSERT_EQ(row.size(), 7u);
    float value = std::strtof(row[0].c_str(), nullptr);
    int count = static_cast<int>(split(row[6], ' ').size());
    Term terms[maxTerms];
    roundTerms(value, {std::stoi(row[1]), std::stoi(row[2])},
               roundingOf(row[3]), underflowOf(row[4]),
               static_cast<uint32_t>(std::stoul(row[5])), count, terms);
    EXPECT_EQ(textOf(terms, count), row[6])
        << row[0] << " in " << row[1] << ":" << row[2] << " by " << row[3]
        << ", underflow " << row[4];
  }
}

TEST(RoundingCasesTest, WindowsMatchTheTable) {
  auto rows = readTable("window-cases.csv");
  ASSERT_GT(rows.size(), 80u);
  for (const auto &row : rows) {
    ASSERT_EQ(row.size(), 12u);
    PowerOfTwoOptions options;
    options.range = {std::stoi(row[0]), std::stoi(row[1])};
    options.window = std::stoi(row[2]);
    options.rounding = roundingOf(row[3]);
    options.underflow = underflowOf(row[4]);
    options.terms = std::stoi(row[5]);
    options.seed = std::stoull(row[6]);
    options.step = static_cast<uint32_t>(std::stoul(row[7]));
    std::vector<float> weights;
    for (const std::string &text : split(row[9], ' '))
      weights.push_back(std::strtof(text.c_str(), nullptr));
    int64_t count = static_cast<int64_t>(weights.size());
    RoundedWeights rounded =
        roundWeights(weights.data(), 1, count, options, row[8]);
    ASSERT_EQ(rounded.windowTops.size(), 1u);
    EXPECT_EQ(rounded.windowTops[0], std::stoi(row[10]));
    auto expected = split(row[11], ';');
    ASSERT_EQ(expected.size(), weights.size());
    for (int64_t i = 0; i < count; ++i)
      EXPECT_EQ(textOf(&rounded.terms[i * options.terms], options.terms),
                expected[i])
          << row[3] << " weight " << weights[i];
  }
}

} // namespace
