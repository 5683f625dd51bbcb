//===- AtomicFile.h - Files that are whole or absent, without LLVM --------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_ATOMICFILE_H
#define SHIFT_SUPPORT_ATOMICFILE_H

#include <cstdio>
#include <string>

namespace shift {

/// A file under construction. It is a temporary beside `path`, which commit()
/// renames, so that a failure of any kind leaves a file of that name as it was.
/// A device (or anything else that is no regular file) is written directly.
class AtomicFile {
public:
  explicit AtomicFile(const std::string &path);
  AtomicFile(const AtomicFile &) = delete;
  AtomicFile &operator=(const AtomicFile &) = delete;
  /// Removes the temporary unless it was committed.
  ~AtomicFile();

  /// Null if the file could not be made; error() says why.
  std::FILE *stream() const { return file; }
  /// Closes the stream and puts the file in its place. Returns an empty string,
  /// or a message that names the file.
  std::string commit();
  /// "cannot write 'PATH': REASON" with errno's reason.
  std::string error() const;

private:
  std::string path, temporary;
  std::FILE *file;
};

} // namespace shift

#endif // SHIFT_SUPPORT_ATOMICFILE_H
