//===- KernelCompiler.h - MLIR kernels to object code -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CPU_KERNELCOMPILER_H
#define LIB_TARGET_CPU_KERNELCOMPILER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

namespace shift::cpu {

/// An object file in memory.
using ObjectCode = llvm::SmallVector<char, 0>;

/// The target machine of all code: x86-64, position independent, no fusing of
/// float operations. Functions say their instruction set themselves.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine();

/// Emits `module` as it is.
llvm::Expected<ObjectCode> emitObject(llvm::Module &module,
                                      llvm::TargetMachine &machine);

/// Compiles the functions of an MLIR module, given as text, for every
/// instruction set: one or two objects each. Runs in contexts of its own, so
/// that several calls may run at once.
llvm::Expected<std::vector<ObjectCode>>
compileKernels(llvm::StringRef text, llvm::ArrayRef<std::string> isas);

/// Replaces calls of llvm.fma on float32 by float64 operations with the same
/// result, for machines without the instruction.
void expandFma(llvm::Module &module);

/// Replaces calls of AVX-512's dot product instructions by what the instruction
/// set `isa` has.
void expandDot(llvm::Module &module, llvm::StringRef isa);

/// Replaces multiplications of integers by constants by shifts and additions
/// that stay so in machine code.
void expandMultiplications(llvm::Module &module);

} // namespace shift::cpu

#endif // LIB_TARGET_CPU_KERNELCOMPILER_H
