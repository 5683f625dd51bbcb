//===- TextWriter.h - Indented, wrapped lines -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_TEXTWRITER_H
#define LIB_TARGET_CUDA_TEXTWRITER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"

#include <string>

namespace shift::cuda {

/// Text of C++ in lines of up to 80 columns.
class TextWriter {
public:
  /// One statement or part of one, broken at its outermost operators and commas
  /// where it is too long.
  void line(const llvm::Twine &statement);
  /// A comment of `//` lines; line breaks of `text` are kept.
  void comment(llvm::StringRef text);
  void blankLine() { text += "\n"; }
  /// A directive, which starts at the first column.
  void directive(const llvm::Twine &directive);
  /// Lines as they are.
  void verbatim(llvm::StringRef lines) { text += lines; }

  void indent() { ++depth; }
  void outdent() { --depth; }

  std::string text;

private:
  unsigned depth = 0;
};

} // namespace shift::cuda

#endif // LIB_TARGET_CUDA_TEXTWRITER_H
