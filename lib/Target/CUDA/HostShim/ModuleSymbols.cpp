//===- ModuleSymbols.cpp - Names and extents of a program's data ----------===//
// SPDX-License-Identifier: Apache-2.0
// Walks the loaded modules and reads .symtab from the file of one.
//===----------------------------------------------------------------------===//
#include "ModuleSymbols.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <fstream>
#include <link.h>
#include <map>
#include <memory>

using namespace shift::shim;

static std::string demangle(const char *name) {
  int status = 0;
  std::unique_ptr<char, void (*)(void *)> text(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), std::free);
  return status == 0 ? text.get() : name;
}

//===----------------------------------------------------------------------===//
// Loaded modules
//===----------------------------------------------------------------------===//

namespace {
struct ModuleSearch {
  uintptr_t code;
  ModuleSymbols *found;
};

struct ThreadLocalSearch {
  uintptr_t loadAddress, base;
};
} // namespace

static int visitModule(dl_phdr_info *info, size_t, void *data) {
  auto &search = *static_cast<ModuleSearch *>(data);
  std::vector<Segment> segments;
  size_t threadLocalBytes = 0;
  bool holdsCode = false;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) &header = info->dlpi_phdr[i];
    if (header.p_type == PT_TLS)
      threadLocalBytes = header.p_memsz;
    if (header.p_type != PT_LOAD)
      continue;
    segments.push_back({info->dlpi_addr + header.p_vaddr, header.p_memsz,
                        (header.p_flags & PF_W) != 0});
    holdsCode |= search.code - segments.back().start < header.p_memsz;
  }
  if (!holdsCode)
    return 0;
  ModuleSymbols &module = *search.found;
  bool isProgram = !info->dlpi_name || !*info->dlpi_name;
  module.path = isProgram ? "/proc/self/exe" : info->dlpi_name;
  module.loadAddress = info->dlpi_addr;
  module.threadLocalBytes = threadLocalBytes;
  module.segments = segments;
  return 1;
}

static int visitThreadLocal(dl_phdr_info *info, size_t, void *data) {
  auto &search = *static_cast<ThreadLocalSearch *>(data);
  if (info->dlpi_addr != search.loadAddress)
    return 0;
  search.base = reinterpret_cast<uintptr_t>(info->dlpi_tls_data);
  return 1;
}

const ModuleSymbols &ModuleSymbols::containing(const void *code) {
  static auto &known = *new std::map<uintptr_t, ModuleSymbols>;
  auto module = std::make_unique<ModuleSymbols>();
  ModuleSearch search{reinterpret_cast<uintptr_t>(code), module.get()};
  dl_iterate_phdr(visitModule, &search);
  ModuleSymbols &result = known[module->loadAddress];
  if (result.path != module->path) {
    module->readSymbols();
    result = std::move(*module);
  }
  return result;
}

uintptr_t ModuleSymbols::threadLocalBase() const {
  ThreadLocalSearch search{loadAddress, 0};
  dl_iterate_phdr(visitThreadLocal, &search);
  return search.base;
}

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

/// Reads element `index` of a table at `offset` of a file, if it is inside.
template <typename T>
static bool readEntry(const std::vector<char> &file, size_t offset,
                      size_t index, T &entry) {
  if (offset > file.size() || index >= (file.size() - offset) / sizeof(T))
    return false;
  std::memcpy(&entry, file.data() + offset + index * sizeof(T), sizeof(T));
  return true;
}

void ModuleSymbols::readSymbols() {
  std::ifstream stream(path, std::ios::binary | std::ios::ate);
  if (!stream)
    return;
  std::vector<char> file(size_t(stream.tellg()) + 1); // a 0 ends any name
  stream.seekg(0);
  stream.read(file.data(), std::streamsize(file.size() - 1));
  ElfW(Ehdr) header;
  ElfW(Shdr) section, names;
  if (!readEntry(file, 0, 0, header))
    return;
  for (size_t i = 0;
       readEntry(file, header.e_shoff, i, section) && i < header.e_shnum; ++i) {
    if (section.sh_type != SHT_SYMTAB ||
        !readEntry(file, header.e_shoff, section.sh_link, names))
      continue;
    ElfW(Sym) symbol;
    for (size_t k = 0; k < section.sh_size / sizeof(symbol) &&
                       readEntry(file, section.sh_offset, k, symbol);
         ++k) {
      size_t name = names.sh_offset + symbol.st_name;
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_size == 0 ||
          name >= file.size())
        continue;
      bool isKernel = ELF64_ST_VISIBILITY(symbol.st_other) == STV_PROTECTED;
      Symbol entry{symbol.st_value, symbol.st_size,
                   demangle(file.data() + name), isKernel};
      switch (ELF64_ST_TYPE(symbol.st_info)) {
      case STT_FUNC:
        entry.start += loadAddress;
        functions.push_back(entry);
        break;
      case STT_OBJECT:
        entry.start += loadAddress;
        data.push_back(entry);
        break;
      case STT_TLS:
        threadLocal.push_back(entry);
        break;
      }
    }
  }
  for (std::vector<Symbol> *symbols : {&functions, &data, &threadLocal})
    std::sort(
        symbols->begin(), symbols->end(),
        [](const Symbol &a, const Symbol &b) { return a.start < b.start; });
}

const Symbol *ModuleSymbols::find(const std::vector<Symbol> &symbols,
                                  uintptr_t address) {
  auto next = std::upper_bound(
      symbols.begin(), symbols.end(), address,
      [](uintptr_t a, const Symbol &symbol) { return a < symbol.start; });
  if (next == symbols.begin())
    return nullptr;
  const Symbol &symbol = *std::prev(next);
  return address - symbol.start < symbol.bytes ? &symbol : nullptr;
}

std::string ModuleSymbols::functionAt(uintptr_t address) const {
  const Symbol *symbol = find(functions, address);
  return symbol ? symbol->name : "?";
}

bool ModuleSymbols::isKernel(const std::string &name) const {
  return std::any_of(functions.begin(), functions.end(),
                     [&](const Symbol &function) {
                       return function.isKernel && function.name == name;
                     });
}

const Segment *ModuleSymbols::findSegment(uintptr_t address) const {
  for (const Segment &segment : segments)
    if (address - segment.start < segment.bytes)
      return &segment;
  return nullptr;
}

std::string ModuleSymbols::describeCode(const void *returnAddress) const {
  // The call is the instruction before.
  uintptr_t address = reinterpret_cast<uintptr_t>(returnAddress) - 1;
  std::string function = functionAt(address);
  char offset[32];
  std::snprintf(offset, sizeof(offset), "0x%zx", address - loadAddress);
  std::string file = path == "/proc/self/exe" ? "" : path;
  if (std::unique_ptr<char, void (*)(void *)> real(
          realpath(path.c_str(), nullptr), std::free);
      real)
    file = real.get();
  std::string where = file.substr(file.rfind('/') + 1) + "+" + offset;
  // Debug information says the line, if there is some and a reader for it.
  if (file.find('\'') == std::string::npos) {
    std::string command =
        "addr2line -s -e '" + file + "' " + offset + " 2>/dev/null";
    if (std::unique_ptr<FILE, int (*)(FILE *)> pipe(popen(command.c_str(), "r"),
                                                    pclose);
        pipe) {
      char line[512];
      if (std::fgets(line, sizeof(line), pipe.get()) && line[0] != '?')
        where = std::string(line, std::strcspn(line, " \n"));
    }
  }
  return function + " (" + where + ")";
}
