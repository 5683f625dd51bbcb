//===- CommandLine.cpp - Conventions of the command-line tools ------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/Version.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace shift::pipelines {

void releaseOptionName(StringRef name) {
  auto &options = cl::getRegisteredOptions();
  auto found = options.find(name);
  if (found != options.end())
    found->second->removeArgument();
}

bool parseCommandLine(int argc, char **argv, cl::OptionCategory &category,
                      const char *overview, const char *examples) {
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter([](raw_ostream &os) {
    os << "shift " << version << " on LLVM " << LLVM_VERSION_STRING << "\n";
  });
  cl::extrahelp help(examples);
  return cl::ParseCommandLineOptions(argc, argv, overview, &errs());
}

int reportFailure(Error error, ExitCode exitCode) {
  handleAllErrors(std::move(error), [](const ErrorInfoBase &info) {
    errs() << "error: " << info.message() << "\n";
  });
  return exitCode;
}

Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

} // namespace shift::pipelines
