//===- CommandLine.h - Conventions of the command-line tools ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_COMMANDLINE_H
#define SHIFT_PIPELINES_COMMANDLINE_H

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace shift::pipelines {

/// Exit codes of shift-run and shift-compile.
enum ExitCode { exitSuccess = 0, exitFailure = 1, exitUsage = 2 };

/// Takes a name back from the options that linked LLVM libraries register, so
/// that a tool can use it.
void releaseOptionName(llvm::StringRef name);

/// For the start of every main: --version prints the project's, and a file that
/// outgrows a size limit is an error of that write, not the end of the process.
void initializeTool();

/// Parses the command line, showing only options of `category` in --help, which
/// ends with `examples`; --version prints the project's. Returns false after a
/// message to stderr when the usage is wrong.
bool parseCommandLine(int argc, char **argv, llvm::cl::OptionCategory &category,
                      const char *overview, const char *examples);

/// Prints "error: <message>" to stderr and returns exitUsage for a usage error,
/// else exitFailure.
int reportFailure(llvm::Error error);

/// An error with this message; and one that says the command line is wrong.
llvm::Error makeError(const llvm::Twine &message);
llvm::Error makeUsageError(const llvm::Twine &message);

/// The pass options of a --strategy flag: strategies and pattern=strategy pairs
/// separated by commas; a strategy alone is for all layers that can take it.
/// One that is neither `auto` nor `known` is an error.
llvm::Expected<std::vector<std::string>>
parseStrategies(llvm::StringRef flag, llvm::ArrayRef<llvm::StringRef> known);

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_COMMANDLINE_H
