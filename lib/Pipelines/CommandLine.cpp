//===- CommandLine.cpp - Conventions of the command-line tools ------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/Version.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>

using namespace llvm;

namespace shift::pipelines {

void releaseOptionName(StringRef name) {
  auto &options = cl::getRegisteredOptions();
  auto found = options.find(name);
  if (found != options.end())
    found->second->removeArgument();
}

void initializeTool() {
  std::signal(SIGXFSZ, SIG_IGN);
  cl::SetVersionPrinter([](raw_ostream &os) {
    os << "shift " << version << " on LLVM " << LLVM_VERSION_STRING << "\n";
  });
}

bool parseCommandLine(int argc, char **argv, cl::OptionCategory &category,
                      const char *overview, const char *examples) {
  cl::HideUnrelatedOptions(category);
  initializeTool();
  cl::extrahelp help(examples);
  return cl::ParseCommandLineOptions(argc, argv, overview, &errs());
}

namespace {
/// Tells wrong usage from a failure; the text is all it holds.
class UsageError : public ErrorInfo<UsageError, StringError> {
public:
  static char ID;
  explicit UsageError(const Twine &message)
      : ErrorInfo(message, inconvertibleErrorCode()) {}
};
char UsageError::ID;
} // namespace

int reportFailure(Error error) {
  int code = exitFailure;
  handleAllErrors(std::move(error), [&](const ErrorInfoBase &info) {
    errs() << "error: " << info.message() << "\n";
    if (info.isA<UsageError>())
      code = exitUsage;
  });
  return code;
}

Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

Error makeUsageError(const Twine &message) {
  return make_error<UsageError>(message);
}

Expected<std::vector<std::string>> parseStrategies(StringRef flag,
                                                   ArrayRef<StringRef> known) {
  std::vector<std::string> strategies;
  SmallVector<StringRef> items;
  flag.split(items, ',', -1, /*KeepEmpty=*/false);
  for (StringRef item : items) {
    auto [pattern, name] = item.rsplit('=');
    if (!item.contains('='))
      std::swap(pattern, name);
    if (name != "auto" && !is_contained(known, name))
      return makeUsageError("--strategy: expected auto, " + join(known, ", ") +
                            ", got '" + name + "'");
    if (item == name)
      pattern = "*";
    Expected<GlobPattern> glob = GlobPattern::create(pattern);
    if (!glob || pattern.empty()) {
      consumeError(glob.takeError());
      return makeUsageError(
          "--strategy: expected a pattern of node names before '=', got '" +
          item + "'");
    }
    strategies.push_back((pattern + "=" + name).str());
  }
  return strategies;
}

} // namespace shift::pipelines
