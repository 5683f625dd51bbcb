//===- CompareEngines.h - Compiled code against the interpreter -*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef TEST_UNIT_CONVERSION_COMPAREENGINES_H
#define TEST_UNIT_CONVERSION_COMPAREENGINES_H

#include "mlir/IR/MLIRContext.h"
#include "shift/Pipelines/CPUPipeline.h"
#include "shift/Reference/Interpreter.h"

#include <random>

namespace shift::test {

/// Options that compile for the instruction sets of this machine only, which
/// takes less time.
cpu::CPUOptions machineOptions();

/// A context with the dialects of networks.
std::unique_ptr<mlir::MLIRContext> createContext();

/// A random tensor of a ranked tensor type: fixed point over its whole range
/// and integers over their whole range (the ends are frequent), float32 with
/// magnitudes around 1, zeros and a few large, tiny and subnormal values.
reference::Tensor randomTensor(mlir::Type type, std::mt19937 &random);

/// What inputs hold: random numbers, or the lowest or highest number of fixed
/// point everywhere (other types are random in any case).
enum class Fill { Random, Lowest, Highest };

/// The inputs of a run and what the interpreter makes of them.
struct Example {
  std::vector<reference::Tensor> inputs, outputs;
};

/// A module and what the interpreter computes with it, against compiled code.
class ModelComparison {
public:
  /// Runs the interpreter on inputs of each of `fills`.
  ModelComparison(mlir::ModuleOp module, uint32_t seed,
                  llvm::ArrayRef<Fill> fills);

  /// Compiles once, runs with 1, 2, 3 and 7 threads and with each
  /// instruction set of `options` that the machine has, and expects equal bits
  /// of every output. NaNs are equal to each other. Runs compiled code between
  /// guard pages too (GuardedRun.h).
  void expectEqual(const cpu::CPUOptions &options) const;

  /// Loads the compiled library `path`, runs it and expects equal bits.
  void expectEqual(const std::string &path, const std::string &where) const;

  mlir::ModuleOp getModule() const { return module; }

private:
  mlir::ModuleOp module;
  std::vector<Example> examples;
};

/// Compares once.
void expectEqualEngines(mlir::ModuleOp module, uint32_t seed,
                        const cpu::CPUOptions &options = machineOptions(),
                        llvm::ArrayRef<Fill> fills = {Fill::Random});

/// Expects that compiled code refuses random inputs with `message`, whatever
/// the number of threads, and that the interpreter refuses them too.
void expectEqualFailures(mlir::ModuleOp module, uint32_t seed,
                         const std::string &message);

} // namespace shift::test

#endif // TEST_UNIT_CONVERSION_COMPAREENGINES_H
