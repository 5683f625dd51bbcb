//===- OutputFile.h - Files that are whole or absent ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// For the tools, which link LLVM.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_OUTPUTFILE_H
#define SHIFT_SUPPORT_OUTPUTFILE_H

#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <functional>

namespace shift {

/// Calls `write` with a stream to a temporary beside `path` and renames it when
/// all of it has reached the disk, so that a failure of any kind leaves a file
/// of that name as it was. "-" is stdout; devices are written directly.
inline llvm::Error
writeOutputFile(llvm::StringRef path,
                const std::function<llvm::Error(llvm::raw_ostream &)> &write) {
  auto checked = [&](llvm::raw_ostream &os) -> llvm::Error {
    if (llvm::Error error = write(os))
      return error;
    os.flush();
    // Every stream here is one on a file descriptor.
    auto &file = static_cast<llvm::raw_fd_ostream &>(os);
    if (!file.has_error())
      return llvm::Error::success();
    std::error_code code = file.error();
    file.clear_error();
    return llvm::errorCodeToError(code);
  };
  auto written = [&]() -> llvm::Error {
    // A rename would replace the device by a file.
    if (path == "-" || !llvm::sys::fs::exists(path) ||
        llvm::sys::fs::is_regular_file(path)) {
      // So would it a link; the file behind it is meant.
      llvm::SmallString<128> target(path);
      if (llvm::sys::fs::is_symlink_file(path))
        if (auto code = llvm::sys::fs::real_path(path, target))
          return llvm::errorCodeToError(code);
      return llvm::writeToOutput(target, checked);
    }
    std::error_code code;
    llvm::raw_fd_ostream device(path, code);
    return code ? llvm::errorCodeToError(code) : checked(device);
  };
  llvm::Error error = written();
  if (!error)
    return error;
  // The path is in LLVM's own text too; once is enough.
  std::string reason;
  llvm::handleAllErrors(
      std::move(error),
      [&](const llvm::FileError &e) { reason = e.messageWithoutFileInfo(); },
      [&](const llvm::ErrorInfoBase &e) { reason = e.message(); });
  return llvm::createStringError("cannot write '" + path + "': " + reason);
}

/// Whether `path` can be written to, as far as its folder tells, so that long
/// work need not be lost at its end.
inline llvm::Error checkWritable(llvm::StringRef path) {
  llvm::StringRef folder = llvm::sys::path::parent_path(path);
  if (folder.empty())
    folder = ".";
  std::error_code code;
  if (llvm::sys::fs::is_directory(path))
    code = std::make_error_code(std::errc::is_a_directory);
  else if (path != "-" && !llvm::sys::fs::exists(path))
    code = llvm::sys::fs::access(folder, llvm::sys::fs::AccessMode::Write);
  if (!code)
    return llvm::Error::success();
  return llvm::createStringError("cannot write '" + path +
                                 "': " + code.message());
}

} // namespace shift

#endif // SHIFT_SUPPORT_OUTPUTFILE_H
