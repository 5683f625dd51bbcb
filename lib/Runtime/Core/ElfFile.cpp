//===- ElfFile.cpp - A look at a shared library before it is loaded -------===//
// SPDX-License-Identifier: Apache-2.0
// Reads headers and the dynamic symbol table with plain file reads, so that no
// corrupt offset can fault, and checks the file's checksum.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Core/ElfFile.h"

#include "lib/Runtime/Core/Error.h"
#include "shift/Support/Checksum.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <sys/stat.h>
#include <vector>

using namespace shift::rt;

#if defined(__x86_64__)
static constexpr Elf64_Half nativeMachine = EM_X86_64;
#elif defined(__aarch64__)
static constexpr Elf64_Half nativeMachine = EM_AARCH64;
#elif defined(__riscv)
static constexpr Elf64_Half nativeMachine = EM_RISCV;
#else
static constexpr Elf64_Half nativeMachine = EM_NONE;
#endif

namespace {

/// An open file whose reads are checked.
class ElfReader {
public:
  ElfReader(const std::string &path, const std::string &source)
      : source(source) {
    struct stat status;
    if (stat(path.c_str(), &status) != 0)
      failFile(std::strerror(errno));
    if (!S_ISREG(status.st_mode))
      failFile("expected a file, got a folder or device");
    file.open(path, std::ios::binary);
    if (!file)
      failFile(std::strerror(errno));
    size = static_cast<uint64_t>(status.st_size);
  }

  SymbolSizes inspect() {
    readHeader();
    checkSegments();
    SymbolSizes symbols = readSymbols();
    checkContent();
    return symbols;
  }

private:
  [[noreturn]] void failFile(const std::string &message) const {
    throw Error(SHIFT_ERROR_FILE, source + ": " + message);
  }
  [[noreturn]] void failTruncated() const {
    failFile("expected a complete shared library, got a truncated or corrupt "
             "one of " +
             std::to_string(size) + " bytes; compile the model again");
  }

  bool inFile(uint64_t offset, uint64_t bytes) const {
    return offset <= size && bytes <= size - offset;
  }

  /// `count` records of the file at `offset`.
  template <typename Record>
  std::vector<Record> read(uint64_t offset, uint64_t count) {
    if (count > size / sizeof(Record) ||
        !inFile(offset, count * sizeof(Record)))
      failTruncated();
    std::vector<Record> records(count);
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(reinterpret_cast<char *>(records.data()),
              static_cast<std::streamsize>(count * sizeof(Record)));
    if (!file)
      failTruncated();
    return records;
  }

  void readHeader() {
    if (size == 0)
      failFile("expected a compiled model, got an empty file");
    unsigned char ident[EI_NIDENT] = {};
    file.read(reinterpret_cast<char *>(ident), EI_NIDENT);
    file.clear();
    if (std::memcmp(ident, ELFMAG, SELFMAG) != 0)
      failFile("expected a compiled model (a shared library that shift-compile "
               "writes), got another kind of file");
    header = read<Elf64_Ehdr>(0, 1)[0];
    if (ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != ELFDATA2LSB ||
        header.e_type != ET_DYN || header.e_machine != nativeMachine)
      failFile("expected a shared library for this machine, got one of another "
               "architecture or another kind of object");
    if (header.e_phentsize != sizeof(Elf64_Phdr) ||
        (header.e_shnum != 0 && header.e_shentsize != sizeof(Elf64_Shdr)))
      failTruncated();
  }

  void checkSegments() {
    segments = read<Elf64_Phdr>(header.e_phoff, header.e_phnum);
    for (const Elf64_Phdr &segment : segments)
      if (segment.p_type == PT_LOAD || segment.p_type == PT_DYNAMIC)
        if (!inFile(segment.p_offset, segment.p_filesz))
          failTruncated();
  }

  bool isLoaded(const Elf64_Sym &symbol) const {
    for (const Elf64_Phdr &segment : segments)
      if (segment.p_type == PT_LOAD && symbol.st_value >= segment.p_vaddr &&
          symbol.st_value - segment.p_vaddr <= segment.p_memsz &&
          symbol.st_size <=
              segment.p_memsz - (symbol.st_value - segment.p_vaddr))
        return true;
    return false;
  }

  /// The hash of the first `bytes` bytes.
  uint64_t hashContent(uint64_t bytes) {
    constexpr uint64_t block = 1 << 20;
    uint64_t hash = shift::fnv1a64Start;
    for (uint64_t at = 0; at < bytes; at += block) {
      std::vector<char> part = read<char>(at, std::min(block, bytes - at));
      hash = shift::fnv1a64({part.data(), part.size()}, hash);
    }
    return hash;
  }

  void checkContent() {
    if (size < shift::checksumTrailerBytes)
      return;
    const uint64_t bytes = size - shift::checksumTrailerBytes;
    std::vector<char> end = read<char>(bytes, shift::checksumTrailerBytes);
    std::string_view trailer(end.data(), end.size());
    if (trailer.substr(0, shift::checksumMagic.size()) ==
            shift::checksumMagic &&
        trailer != shift::checksumTrailer(hashContent(bytes)))
      failFile("expected the content that shift-compile wrote, got bytes that "
               "do not match its checksum: the file was damaged; compile the "
               "model again");
  }

  SymbolSizes readSymbols() {
    SymbolSizes found;
    std::vector<Elf64_Shdr> sections =
        read<Elf64_Shdr>(header.e_shoff, header.e_shnum);
    for (const Elf64_Shdr &section : sections) {
      if (section.sh_type != SHT_DYNSYM || section.sh_link >= sections.size())
        continue;
      const Elf64_Shdr &strings = sections[section.sh_link];
      std::vector<char> names = read<char>(strings.sh_offset, strings.sh_size);
      std::vector<Elf64_Sym> symbols = read<Elf64_Sym>(
          section.sh_offset, section.sh_size / sizeof(Elf64_Sym));
      if (names.empty() || names.back() != '\0')
        failTruncated();
      for (const Elf64_Sym &symbol : symbols) {
        if (symbol.st_shndx == SHN_UNDEF || symbol.st_name >= names.size())
          continue;
        std::string name = &names[symbol.st_name];
        if (name.compare(0, 6, "shift_") != 0)
          continue;
        if (!isLoaded(symbol))
          failTruncated();
        found[name] = static_cast<int64_t>(symbol.st_size);
      }
    }
    return found;
  }

  std::ifstream file;
  std::string source;
  uint64_t size = 0;
  Elf64_Ehdr header{};
  std::vector<Elf64_Phdr> segments;
};

} // namespace

SymbolSizes shift::rt::inspectSharedLibrary(const std::string &path,
                                            const std::string &source) {
  return ElfReader(path, source).inspect();
}
