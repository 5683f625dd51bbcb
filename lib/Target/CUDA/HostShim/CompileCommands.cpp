//===- CompileCommands.cpp - Compiling a .cu file for the CPU -------------===//
// SPDX-License-Identifier: Apache-2.0
// Paths of the shim come from the build.
//===----------------------------------------------------------------------===//
#include "shift/Target/CUDA/HostShim.h"

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

using namespace shift::cuda;

/// The names of `extern __shared__` arrays, separated by commas.
static std::string dynamicSharedNames(const std::string &path) {
  std::ifstream stream(path);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  static const std::regex declaration(
      R"(extern\s+__shared__[^;{}]*?(\w+)\s*\[\s*\]\s*;)");
  std::set<std::string> names;
  for (std::sregex_iterator i(text.begin(), text.end(), declaration), end;
       i != end; ++i)
    names.insert((*i)[1]);
  std::string list;
  for (const std::string &name : names)
    list += (list.empty() ? "" : ",") + name;
  return list;
}

static void append(Command &command, std::initializer_list<const char *> more) {
  command.insert(command.end(), more.begin(), more.end());
}

static void append(Command &command, const std::vector<std::string> &more) {
  command.insert(command.end(), more.begin(), more.end());
}

/// The order of operations, and what is read and written, must be the text's.
static void addCheckedFlags(Command &command, bool isClang) {
  append(command, {"-O1", "-g", "-fsanitize=thread,alignment"});
  if (isClang)
    append(command, {"-fno-vectorize", "-fno-slp-vectorize", "-mllvm",
                     "-tsan-instrument-read-before-write", "-mllvm",
                     "-tsan-instrument-func-entry-exit=0"});
  else
    append(command, {"-fno-tree-loop-distribute-patterns", "--param",
                     "tsan-instrument-func-entry-exit=0"});
}

std::vector<Command>
shift::cuda::hostShimCommands(const HostShimOptions &options) {
  std::string compiler =
      options.compiler.empty() ? SHIFT_HOST_SHIM_COMPILER : options.compiler;
  bool isClang = compiler.find("clang") != std::string::npos;
  std::string object = options.output + ".o";

  Command compile{compiler};
  append(compile, {"-x", "c++", "-std=c++17", "-fPIC", "-march=native",
                   "-ffp-contract=off", "-fno-strict-aliasing"});
  if (options.isChecked)
    addCheckedFlags(compile, isClang);
  else
    append(compile, {"-O2"});
  // #pragma unroll speaks to nvcc.
  append(compile, {isClang ? "-Wno-pass-failed" : "-Wno-unknown-pragmas", "-I",
                   SHIFT_HOST_SHIM_INCLUDE});
  std::string names = dynamicSharedNames(options.source);
  if (!names.empty())
    compile.push_back("-DSHIFT_SHIM_DYNAMIC_NAMES=" + names);
  append(compile, options.compileFlags);
  append(compile, std::vector<std::string>{"-c", options.source, "-o", object});

  Command link{compiler};
  if (!options.isProgram)
    append(link, {"-shared", "-Wl,-Bsymbolic"});
  append(link, {"-Wl,--no-undefined", "-Wl,--exclude-libs,ALL"});
  link.push_back(object);
  append(link, options.linkInputs);
  append(link, {SHIFT_HOST_SHIM_LIBRARIES, "-lpthread", "-ldl"});
  append(link, std::vector<std::string>{"-o", options.output});
  return {compile, link};
}

std::string shift::cuda::toShellLine(const Command &command) {
  std::string line;
  for (const std::string &word : command) {
    std::string quoted = "'";
    for (char c : word)
      quoted += c == '\'' ? "'\\''" : std::string(1, c);
    quoted += "'";
    static const std::regex plain(R"([-\w./,=+:@%]+)");
    line += (line.empty() ? "" : " ") +
            (std::regex_match(word, plain) ? word : quoted);
  }
  return line;
}
