//===- CompileForHostShim.cpp - Runs the commands of HostShim.h -----------===//
// SPDX-License-Identifier: Apache-2.0
// CompileForHostShim COMPILER fast|checked SOURCE OUTPUT: so that the build
// compiles the cases of the tests by the commands that users get.
//===----------------------------------------------------------------------===//
#include "shift/Target/CUDA/HostShim.h"

#include <cstdio>
#include <cstdlib>
#include <string>

int main(int argc, char **argv) {
  if (argc != 5)
    return 2;
  shift::cuda::HostShimOptions options;
  options.compiler = argv[1];
  options.isChecked = std::string(argv[2]) == "checked";
  options.source = argv[3];
  options.output = argv[4];
  options.compileFlags = {"-Wall", "-Werror"};
  for (const shift::cuda::Command &command :
       shift::cuda::hostShimCommands(options)) {
    std::string line = shift::cuda::toShellLine(command);
    if (std::system(line.c_str()) != 0) {
      std::fprintf(stderr, "error: failed: %s\n", line.c_str());
      return 1;
    }
  }
  std::remove((options.output + ".o").c_str());
  return 0;
}
