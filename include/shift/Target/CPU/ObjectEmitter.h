//===- ObjectEmitter.h - From kernels to a shared library -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Compiles the kernels that convert-shift-to-cpu made, once for each
// instruction set, and links them with the plan and the constants to a library
// of the form of shift/Runtime/KernelABI.h. Needs no compiler or linker
// program.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_TARGET_CPU_OBJECTEMITTER_H
#define SHIFT_TARGET_CPU_OBJECTEMITTER_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

struct ShiftModel;

namespace shift::cpu {

/// Instruction sets that code can be made for: "baseline" (x86-64), "avx2",
/// "avx512", "avx512vnni".
std::vector<std::string> allInstructionSets();

/// What a library is made of besides the kernels.
struct LibraryContent {
  std::string plan;
  std::vector<char> constants;
  std::vector<std::string> isas;
};

/// Hears that `done` of `total` parts of the kernels are compiled, on one
/// thread at a time.
using CompileProgress = std::function<void(size_t done, size_t total)>;

/// Compiles the kernels of `module` (private functions in memref, scf, vector,
/// arith and math) and writes a shared library. The file appears complete or
/// not at all. Uses `threads` threads (0: all cores). `progress` may be empty.
///
/// Linking resets every command line option (cl::opt) of the process.
llvm::Error emitSharedLibrary(mlir::ModuleOp module,
                              const LibraryContent &content,
                              llvm::StringRef path, unsigned threads = 0,
                              const CompileProgress &progress = {});

/// A model that was compiled and loaded in this process.
class JitArtifact {
public:
  JitArtifact() = default;
  explicit JitArtifact(ShiftModel *model) : handle(model) {}
  JitArtifact(JitArtifact &&other) noexcept;
  JitArtifact &operator=(JitArtifact &&other) noexcept;
  ~JitArtifact();

  /// The model of the C API (ShiftRuntime.h), owned by this object.
  ShiftModel *model() const { return handle; }

private:
  ShiftModel *handle = nullptr;
};

/// Compiles and loads; nothing stays on the file system.
llvm::Expected<JitArtifact> compileAndLoad(mlir::ModuleOp module,
                                           const LibraryContent &content,
                                           unsigned threads = 0);

} // namespace shift::cpu

#endif // SHIFT_TARGET_CPU_OBJECTEMITTER_H
