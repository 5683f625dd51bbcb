//===- Names.cpp - Names of C++ variables in scopes -----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/Names.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace shift::cuda;
using llvm::StringRef;

/// Words that a variable must not be called: keywords, types and functions that
/// the emitter prints, names of CUDA that people would trip over.
static const llvm::StringSet<> &reservedWords() {
  static const llvm::StringSet<> words = [] {
    llvm::StringSet<> set;
    for (StringRef text :
         {"alignas alignof and and_eq asm auto bitand bitor bool break case "
          "catch char char16_t char32_t class compl const const_cast constexpr "
          "continue decltype default delete do double dynamic_cast else enum "
          "explicit export extern false float for friend goto if inline int "
          "long mutable namespace new noexcept not not_eq nullptr operator or "
          "or_eq private protected public register reinterpret_cast return "
          "short signed sizeof static static_assert static_cast struct switch "
          "template this thread_local throw true try typedef typeid typename "
          "union unsigned using virtual void volatile wchar_t while xor xor_eq",
          "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t "
          "size_t int2 int4 float2 float4 double2 longlong2 dim3 min max abs "
          "fabs fabsf sqrt sqrtf floor floorf ceil ceilf rintf trunc truncf "
          "fmod fmodf exp log index std nvcuda threadIdx blockIdx blockDim "
          "gridDim warpSize smem packBytes packHalves main",
          "linux unix NULL INT_MIN INT_MAX assert errno signal stdin stdout y0 "
          "y1 yn j0 j1 jn gamma"}) {
      llvm::SmallVector<StringRef> names;
      text.split(names, ' ');
      for (StringRef name : names)
        set.insert(name);
    }
    return set;
  }();
  return words;
}

bool shift::cuda::isFreeIdentifier(StringRef name) {
  if (name.empty() || llvm::isDigit(name[0]) || name.starts_with("__") ||
      name.starts_with("shift_cuda_") || reservedWords().contains(name))
    return false;
  if (name.size() > 1 && name[0] == '_' && llvm::isUpper(name[1]))
    return false;
  return llvm::all_of(name,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

bool shift::cuda::isFreeVariable(StringRef name) {
  return isFreeIdentifier(name) && !name.contains("__") &&
         !name.starts_with("shift_");
}

bool NameScopes::isTaken(StringRef name) const {
  return llvm::any_of(scopes, [&](const llvm::StringSet<> &scope) {
    return scope.contains(name);
  });
}

std::string NameScopes::declare(StringRef wanted) {
  std::string name = wanted.str();
  for (int i = 1; !isFreeVariable(name) || isTaken(name); ++i)
    name = (wanted + llvm::Twine(i)).str();
  scopes.back().insert(name);
  return name;
}
