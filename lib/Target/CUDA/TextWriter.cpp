//===- TextWriter.cpp - Indented, wrapped lines ---------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/TextWriter.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <climits>

using namespace shift::cuda;
using llvm::StringRef;

/// The column limit.
static constexpr size_t lineWidth = 80;

/// The space of `statement` at which a line of at most `width` columns ends
/// best: in as few brackets as possible, there rather behind a comma than
/// behind an operator, late. npos if there is none.
static size_t findBreak(StringRef statement, size_t width) {
  size_t best = StringRef::npos;
  int depth = 0, bestRank = INT_MAX;
  bool inString = false;
  for (size_t i = 0; i < statement.size() && i <= width; ++i) {
    char c = statement[i];
    if (c == '"' && (i == 0 || statement[i - 1] != '\\'))
      inString = !inString;
    if (inString)
      continue;
    if (StringRef("([{").contains(c))
      ++depth;
    if (StringRef(")]}").contains(c))
      --depth;
    if (c != ' ' || i < width / 3)
      continue;
    char before = statement[i - 1];
    int rank = 2 * depth + (before != ',');
    if (StringRef(",;=+-*/%&|^?:<>").contains(before) && rank <= bestRank) {
      best = i;
      bestRank = rank;
    }
  }
  return best;
}

/// The space behind the `=` of an assignment, if what follows fits a line.
static size_t findAssignment(StringRef statement, size_t width) {
  size_t at = statement.find(" = ");
  if (at == StringRef::npos || at + 2 > width ||
      statement.take_front(at).contains('(') ||
      statement.size() - at - 3 + 4 > width)
    return StringRef::npos;
  return at + 2;
}

void TextWriter::line(const llvm::Twine &statement) {
  std::string whole = statement.str();
  StringRef rest = whole;
  size_t indent = 2 * depth;
  while (indent + rest.size() > lineWidth) {
    size_t end = findAssignment(rest, lineWidth - indent);
    if (end == StringRef::npos)
      end = findBreak(rest, lineWidth - indent);
    if (end == StringRef::npos)
      break;
    text += std::string(indent, ' ') + rest.take_front(end).str() + "\n";
    rest = rest.drop_front(end + 1);
    indent = 2 * depth + 4;
  }
  text += std::string(indent, ' ') + rest.str() + "\n";
}

void TextWriter::comment(StringRef given) {
  llvm::SmallVector<StringRef> lines;
  given.split(lines, '\n');
  std::string start = std::string(2 * depth, ' ') + "//";
  for (StringRef line : lines) {
    std::string current = start;
    llvm::SmallVector<StringRef> words;
    line.split(words, ' ', -1, /*KeepEmpty=*/false);
    for (StringRef word : words) {
      if (current.size() > start.size() &&
          current.size() + 1 + word.size() > lineWidth) {
        text += current + "\n";
        current = start;
      }
      // A backslash at the end would take in the next line.
      current += " " + word.rtrim('\\').str();
    }
    text += current + "\n";
  }
}

void TextWriter::directive(const llvm::Twine &directive) {
  text += directive.str() + "\n";
}
