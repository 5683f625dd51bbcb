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

/// A context with the dialects of networks.
std::unique_ptr<mlir::MLIRContext> createContext();

/// A random tensor of a ranked tensor type: fixed point over its whole range
/// and integers over their whole range (the ends are frequent), float32 with
/// magnitudes around 1, zeros and a few large, tiny and subnormal values.
reference::Tensor randomTensor(mlir::Type type, std::mt19937 &random);

/// What fixed-point inputs hold; other inputs are random.
enum class InputFill { Random, Smallest, Largest };

/// Runs @main of `module` on inputs of a kind in the interpreter and in
/// compiled code, with 1, 2 and 3 threads and with the best and the baseline
/// instruction set, and expects equal bits of every output. NaNs are equal to
/// each other.
void expectEqualEngines(mlir::ModuleOp module, uint32_t seed,
                        const cpu::CPUOptions &options = {},
                        InputFill fill = InputFill::Random);

/// Expects that compiled code refuses random inputs with `message`, whatever
/// the number of threads, and that the interpreter refuses them too.
void expectEqualFailures(mlir::ModuleOp module, uint32_t seed,
                         const std::string &message);

} // namespace shift::test

#endif // TEST_UNIT_CONVERSION_COMPAREENGINES_H
