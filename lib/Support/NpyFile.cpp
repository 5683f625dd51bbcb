//===- NpyFile.cpp - NumPy's .npy files -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Format: NumPy enhancement proposal 1. The header is a Python dictionary with
// three fixed keys, so a search for each key reads it.
//===----------------------------------------------------------------------===//
#include "shift/Support/NpyFile.h"

#include "shift/Support/AtomicFile.h"
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <unistd.h>

namespace shift {
namespace {

struct CloseFile {
  void operator()(FILE *file) const { fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

constexpr char magic[] = "\x93NUMPY";

/// The text behind `'key':` in the header, or nullptr.
const char *findValue(const std::string &header, const char *key) {
  size_t at = header.find(std::string("'") + key + "'");
  if (at == std::string::npos)
    return nullptr;
  at = header.find(':', at);
  if (at == std::string::npos)
    return nullptr;
  do
    ++at;
  while (at < header.size() && header[at] == ' ');
  return header.c_str() + at;
}

/// Reads "(1, 3, 224, 224)"; false if it is anything else or overflows.
bool parseShape(const char *text, std::vector<int64_t> &shape, int64_t &count) {
  if (*text++ != '(')
    return false;
  count = 1;
  while (true) {
    while (*text == ' ' || *text == ',')
      ++text;
    if (*text == ')')
      return true;
    if (!isdigit(static_cast<unsigned char>(*text)))
      return false;
    char *end;
    errno = 0;
    int64_t dim = strtoll(text, &end, 10);
    if (errno || __builtin_mul_overflow(count, dim, &count))
      return false;
    shape.push_back(dim);
    text = end;
  }
}

std::string parseHeader(const std::string &header, NpyArray &array,
                        int64_t &byteCount) {
  const char *descr = findValue(header, "descr");
  const char *order = findValue(header, "fortran_order");
  const char *shape = findValue(header, "shape");
  if (!descr || !order || !shape)
    return "its header lacks descr, fortran_order or shape";
  if (strncmp(order, "False", 5) != 0)
    return "expected C order; save np.ascontiguousarray(x)";
  const char *end = *descr == '\'' ? strchr(descr + 1, '\'') : nullptr;
  if (!end)
    return "its element type is not a plain number";
  array.dtype.assign(descr + 1, end);
  const char *known[] = {"<f4", "<f8", "|i1", "|u1", "<i2", "<u2",
                         "<i4", "<u4", "<i8", "<u8", "|b1"};
  bool isKnown = false;
  for (const char *dtype : known)
    isKnown |= array.dtype == dtype;
  if (!isKnown)
    return "unsupported element type '" + array.dtype + "'; save it as float32";
  int64_t count;
  if (!parseShape(shape, array.shape, count) ||
      __builtin_mul_overflow(count, int64_t(array.dtype[2] - '0'), &byteCount))
    return "its shape is malformed";
  return "";
}

std::string readOpened(FILE *file, NpyArray &array) {
  unsigned char start[12];
  if (fread(start, 1, 10, file) != 10 || memcmp(start, magic, 6) != 0)
    return "not a .npy file";
  size_t length = start[8] | start[9] << 8;
  if (start[6] > 1) {
    if (fread(start + 10, 1, 2, file) != 2)
      return "truncated";
    length |= size_t(start[10]) << 16 | size_t(start[11]) << 24;
  }
  if (length > (1 << 20))
    return "its header is malformed";
  std::string header(length, '\0');
  if (fread(header.data(), 1, length, file) != length)
    return "truncated";
  int64_t expected;
  std::string error = parseHeader(header, array, expected);
  if (!error.empty())
    return error;
  long here = ftell(file);
  if (fseek(file, 0, SEEK_END) != 0)
    return strerror(errno);
  int64_t available = ftell(file) - here;
  if (available != expected)
    return "expected " + std::to_string(expected) + " bytes of data, got " +
           std::to_string(available);
  fseek(file, here, SEEK_SET);
  array.bytes.resize(expected);
  if (fread(array.bytes.data(), 1, expected, file) != size_t(expected))
    return "truncated";
  return "";
}

std::string makeHeader(const NpyArray &array) {
  std::string text =
      "{'descr': '" + array.dtype + "', 'fortran_order': False, 'shape': (";
  for (int64_t dim : array.shape)
    text += std::to_string(dim) + ",";
  text += "), }";
  // The data starts at a multiple of 64.
  text.append(63 - (10 + text.size()) % 64, ' ');
  return text + "\n";
}

} // namespace

std::string readNpy(const std::string &path, NpyArray &array) {
  array = {};
  File file(fopen(path.c_str(), "rb"));
  if (!file)
    return "cannot read '" + path + "': " + strerror(errno);
  std::string error = readOpened(file.get(), array);
  return error.empty() ? "" : "cannot read '" + path + "': " + error;
}

std::string writeNpy(const std::string &path, const NpyArray &array) {
  AtomicFile file(path);
  if (!file.stream())
    return file.error();
  std::string header = makeHeader(array);
  unsigned char start[10] = {0x93,
                             'N',
                             'U',
                             'M',
                             'P',
                             'Y',
                             1,
                             0,
                             static_cast<unsigned char>(header.size()),
                             static_cast<unsigned char>(header.size() >> 8)};
  bool written =
      fwrite(start, 1, 10, file.stream()) == 10 &&
      fwrite(header.data(), 1, header.size(), file.stream()) == header.size() &&
      fwrite(array.bytes.data(), 1, array.bytes.size(), file.stream()) ==
          array.bytes.size();
  return written ? file.commit() : file.error();
}

} // namespace shift
