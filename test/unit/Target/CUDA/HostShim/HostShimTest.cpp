//===- HostShimTest.cpp - Runs the cases of the host shim -----------------===//
// SPDX-License-Identifier: Apache-2.0
// Each case of Cases/*.cu was compiled to a library (see Testing.cuh for what
// the files announce). It runs in a process of its own, since failures of
// kernels stay.
//===----------------------------------------------------------------------===//
#include "gtest/gtest.h"

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

/// A function of a library, and the message that its planted twin gives.
struct Case {
  std::string library, file, name, expected;
};

void PrintTo(const Case &c, std::ostream *os) {
  *os << c.file << " " << c.name << " in " << c.library;
}

/// What a function said, its result and messages, and how it ended.
struct Outcome {
  int status;
  std::string text;
};

/// The comments "// KEYWORD name: expected" of a file of cases.
std::vector<Case> readCases(const std::string &file,
                            const std::string &keyword) {
  std::vector<Case> cases;
  std::ifstream stream(std::string(TEST_CASES) + file + ".cu");
  std::string line, start = "// " + keyword + " ";
  while (std::getline(stream, line)) {
    if (line.compare(0, start.size(), start) != 0)
      continue;
    std::string comment = line.substr(start.size());
    while (std::getline(stream, line) && line.compare(0, 3, "// ") == 0)
      comment += line.substr(2);
    size_t colon = comment.find(": ");
    std::string expected =
        colon == std::string::npos ? "" : comment.substr(colon + 2);
    cases.push_back({"", file, comment.substr(0, colon), expected});
  }
  EXPECT_FALSE(cases.empty()) << file;
  return cases;
}

/// All cases of `files`, in the libraries of each of `variants`.
std::vector<Case> allCases(const std::vector<std::string> &files,
                           const std::string &keyword,
                           const std::vector<std::string> &variants) {
  std::vector<Case> all;
  for (const std::string &file : files)
    for (const std::string &variant : variants)
      for (Case c : readCases(file, keyword)) {
        c.library = file + "." + variant + ".so";
        all.push_back(c);
      }
  return all;
}

std::string caseName(const testing::TestParamInfo<Case> &info) {
  std::string name = info.param.library + "_" + info.param.name;
  for (char &c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)))
      c = '_';
  return name;
}

/// Loads a library and returns what its function returns.
const char *callFunction(const std::string &library,
                         const std::string &function, void *&handle) {
  handle = dlopen((TEST_LIBRARIES + library).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return dlerror();
  auto *call =
      reinterpret_cast<const char *(*)()>(dlsym(handle, function.c_str()));
  return call ? call() : dlerror();
}

/// Runs `body` in a process of its own, where it returns a problem or null.
template <typename Body>
Outcome runApart(Body body) {
  int ends[2];
  if (pipe(ends) != 0)
    return {-1, "no pipe"};
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    const char *problem = body();
    if (problem)
      std::fprintf(stderr, "%s\n", problem);
    _exit(problem ? 1 : 0);
  }
  close(ends[1]);
  Outcome outcome{-1, ""};
  char buffer[4096];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof(buffer))) > 0;)
    outcome.text.append(buffer, size_t(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

Outcome runCase(const std::string &library, const std::string &function,
                const std::string &seed) {
  return runApart([&] {
    void *handle;
    setenv("SHIFT_SHIM_SEED", seed.c_str(), 1);
    return callFunction(library, function, handle);
  });
}

const std::vector<std::string> seeds = {"0", "1", "42"};

const std::vector<std::string> plantedFiles = {
    "alignment",    "async-copies", "barriers",  "bounds",
    "captures",     "global-races", "lifetime",  "host-memory",
    "shared-races", "stream-races", "undefined", "warps"};

class PlantedBug : public testing::TestWithParam<Case> {};

TEST_P(PlantedBug, IsCaught) {
  const Case &c = GetParam();
  for (const std::string &seed : seeds) {
    Outcome outcome = runCase(c.library, "planted_" + c.name, seed);
    EXPECT_EQ(outcome.status, 1) << "seed " << seed;
    // Other orders may lead to another message about the same bug.
    if (seed == "0")
      EXPECT_NE(outcome.text.find(c.expected), std::string::npos)
          << "expected: " << c.expected << "\ngot: " << outcome.text;
  }
}

TEST_P(PlantedBug, HasACorrectTwin) {
  const Case &c = GetParam();
  for (const std::string &seed : seeds) {
    Outcome outcome = runCase(c.library, "correct_" + c.name, seed);
    EXPECT_EQ(outcome.status, 0) << "seed " << seed;
    EXPECT_EQ(outcome.text, "") << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Checked, PlantedBug,
                         testing::ValuesIn(allCases(plantedFiles, "CASE",
                                                    {"checked-clang",
                                                     "checked-gcc"})),
                         caseName);

// What needs no look at each access is found in fast mode too.
INSTANTIATE_TEST_SUITE_P(Fast, PlantedBug,
                         testing::ValuesIn(allCases({"barriers", "captures"},
                                                    "CASE", {"fast-clang"})),
                         caseName);

class Works : public testing::TestWithParam<Case> {};

TEST_P(Works, WithAllSeeds) {
  const Case &c = GetParam();
  for (const std::string &seed : seeds) {
    Outcome outcome = runCase(c.library, "test_" + c.name, seed);
    EXPECT_EQ(outcome.status, 0) << "seed " << seed;
    EXPECT_EQ(outcome.text, "") << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Function, Works,
    testing::ValuesIn(allCases({"functions", "streams"}, "TEST",
                               {"fast-clang", "fast-gcc", "checked-clang",
                                "checked-gcc"})),
    caseName);

// A process may compile, load and unload any number of programs.
TEST(HostShimTest, UnloadedLibrariesLeaveNoAddresses) {
  for (const std::string mode : {"fast", "checked"}) {
    Outcome outcome = runApart([&]() -> const char * {
      // Addresses of checked programs would be used up after 120 of them.
      for (int i = 0; i < 150; ++i) {
        void *handle;
        if (const char *problem = callFunction(
                "functions." + mode + "-clang.so", "test_indices", handle))
          return problem;
        dlclose(handle);
      }
      return nullptr;
    });
    EXPECT_EQ(outcome.status, 0) << mode;
    EXPECT_EQ(outcome.text, "") << mode;
  }
}

TEST(HostShimTest, NamesWhatWasNotFreed) {
  Outcome outcome = runApart([]() -> const char * {
    setenv("SHIFT_SHIM_LEAKS", "1", 1);
    void *handle;
    const char *problem =
        callFunction("undefined.checked-clang.so", "correct_copied", handle);
    if (!problem)
      dlclose(handle);
    return problem;
  });
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.text.find("allocation #3 (64 bytes) was not freed"),
            std::string::npos)
      << outcome.text;
}

} // namespace
