//===- EmitterTable.h - Which function prints which op ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The one place where emitters of ops are registered; a file for each group.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_EMITTERTABLE_H
#define LIB_TARGET_CUDA_EMITTERTABLE_H

#include "lib/Target/CUDA/Expression.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/StringSet.h"

#include <functional>

namespace shift::cuda {

class KernelEmitter;

/// Operands of an op, in order.
using Operands = llvm::ArrayRef<Expression>;
using Printed = llvm::FailureOr<Expression>;

/// Gives the expression of an op with one result and no effect. For an op on
/// vectors that works element by element it is called for each element; types
/// are those of elementOf(...) then.
using PureEmitter =
    std::function<Printed(KernelEmitter &, mlir::Operation *, Operands)>;
/// Prints an op and binds its results.
using StatementEmitter =
    std::function<llvm::LogicalResult(KernelEmitter &, mlir::Operation *)>;

class EmitterTable {
public:
  template <typename Op>
  void pure(Printed (*emit)(KernelEmitter &, Op, Operands)) {
    pureEmitters[Op::getOperationName()] =
        [emit](KernelEmitter &emitter, mlir::Operation *op, Operands operands) {
          return emit(emitter, llvm::cast<Op>(op), operands);
        };
  }
  /// The same for an op modulo 2^n, whose operands may be unsigned texts.
  template <typename Op>
  void modular(Printed (*emit)(KernelEmitter &, Op, Operands)) {
    pure<Op>(emit);
    modularOps.insert(Op::getOperationName());
  }
  template <typename Op>
  void statement(llvm::LogicalResult (*emit)(KernelEmitter &, Op)) {
    statementEmitters[Op::getOperationName()] = [emit](KernelEmitter &emitter,
                                                       mlir::Operation *op) {
      return emit(emitter, llvm::cast<Op>(op));
    };
  }

  /// Null where there is none.
  const PureEmitter *findPure(mlir::Operation *op) const {
    auto found = pureEmitters.find(op->getName().getStringRef());
    return found == pureEmitters.end() ? nullptr : &found->second;
  }
  const StatementEmitter *findStatement(mlir::Operation *op) const {
    auto found = statementEmitters.find(op->getName().getStringRef());
    return found == statementEmitters.end() ? nullptr : &found->second;
  }

  bool isModular(mlir::Operation *op) const {
    return modularOps.contains(op->getName().getStringRef());
  }

private:
  llvm::StringSet<> modularOps;
  llvm::StringMap<PureEmitter> pureEmitters;
  llvm::StringMap<StatementEmitter> statementEmitters;
};

void registerIntegerEmitters(EmitterTable &table);
void registerFloatEmitters(EmitterTable &table);
void registerConversionEmitters(EmitterTable &table);
void registerMemoryEmitters(EmitterTable &table);
void registerVectorEmitters(EmitterTable &table);
void registerControlFlowEmitters(EmitterTable &table);
void registerGPUEmitters(EmitterTable &table);
void registerMatrixEmitters(EmitterTable &table);

/// All of them.
const EmitterTable &getEmitterTable();

} // namespace shift::cuda

#endif // LIB_TARGET_CUDA_EMITTERTABLE_H
