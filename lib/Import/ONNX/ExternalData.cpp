//===- ExternalData.cpp - Tensors whose data lies in other files ----------===//
// SPDX-License-Identifier: Apache-2.0
// A model may name any path; only files inside its own folder are read.
//===----------------------------------------------------------------------===//
#include "ONNXTypes.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using llvm::createStringError;
using llvm::StringRef;

namespace shift::import {

/// The real path of `location` if it lies inside `folder`, links resolved.
static llvm::Expected<std::string> resolveInside(StringRef folder,
                                                 StringRef location) {
  std::string shown = "external data '" + printable(location) + "'";
  bool hasParent =
      llvm::is_contained(llvm::make_range(llvm::sys::path::begin(location),
                                          llvm::sys::path::end(location)),
                         "..");
  if (location.empty() || location.contains('\0') ||
      llvm::sys::path::is_absolute(location) || hasParent)
    return createStringError(
        shown + ": expected a relative path inside the model's folder");
  llvm::SmallString<256> root, path(folder);
  llvm::sys::path::append(path, location);
  llvm::SmallString<256> real;
  if (auto error = llvm::sys::fs::real_path(folder, root))
    return createStringError(shown + ": " + error.message());
  if (auto error = llvm::sys::fs::real_path(path, real))
    return createStringError(shown + ": " + error.message());
  StringRef inside(real);
  if (!inside.consume_front(root) ||
      !(root.str().ends_with("/") || inside.starts_with("/")))
    return createStringError(shown +
                             ": leads out of the model's folder by a link");
  if (!llvm::sys::fs::is_regular_file(real))
    return createStringError(shown + ": expected a regular file");
  return std::string(real);
}

llvm::Expected<std::string> readExternalData(const proto::TensorProto &tensor,
                                             StringRef folder,
                                             uint64_t expected) {
  StringRef location;
  uint64_t offset = 0, length = expected;
  for (const auto &entry : tensor.external_data()) {
    StringRef value = entry.value();
    if (entry.key() == "location")
      location = value;
    else if (entry.key() == "offset" && value.getAsInteger(10, offset))
      return createStringError("external data: expected an offset, got '" +
                               printable(value) + "'");
    else if (entry.key() == "length" && value.getAsInteger(10, length))
      return createStringError("external data: expected a length, got '" +
                               printable(value) + "'");
  }
  auto path = resolveInside(folder, location);
  if (!path)
    return path.takeError();
  std::string shown = "external data '" + printable(location) + "'";
  uint64_t size = 0;
  if (auto error = llvm::sys::fs::file_size(*path, size))
    return createStringError(shown + ": " + error.message());
  if (length != expected)
    return createStringError(shown + ": expected " + llvm::Twine(expected) +
                             " bytes, got a length of " + llvm::Twine(length));
  if (offset > size || expected > size - offset)
    return createStringError(shown + ": expected " + llvm::Twine(expected) +
                             " bytes at offset " + llvm::Twine(offset) +
                             ", got a file of " + llvm::Twine(size));
  if (expected == 0)
    return std::string();
  auto slice = llvm::MemoryBuffer::getFileSlice(*path, expected, offset);
  if (!slice)
    return createStringError(shown + ": " + slice.getError().message());
  if ((*slice)->getBufferSize() != expected)
    return createStringError(shown + ": the file changed while it was read");
  return (*slice)->getBuffer().str();
}

} // namespace shift::import
