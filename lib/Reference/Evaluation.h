//===- Evaluation.h - From ops to kernels -----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Each family file adds its ops to one table: op name to a function that reads
// the op's attributes and calls the kernel.
//===----------------------------------------------------------------------===//
#ifndef LIB_REFERENCE_EVALUATION_H
#define LIB_REFERENCE_EVALUATION_H

#include "shift/Reference/Interpreter.h"
#include "shift/Reference/Kernels.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"

namespace shift::reference {

/// The operands' values of one op.
using Inputs = llvm::ArrayRef<const Tensor *>;
using Results = llvm::SmallVector<Tensor>;

/// Fills `results`; returns an empty string or what is wrong.
using Evaluator =
    std::function<std::string(mlir::Operation *, Inputs, Results &)>;
using EvaluatorTable = llvm::StringMap<Evaluator>;

/// Registers an op class with a function on its own type.
template <typename Op, typename Function>
void addEvaluator(EvaluatorTable &table, Function function) {
  table[Op::getOperationName()] = [function](mlir::Operation *op, Inputs in,
                                             Results &results) {
    return function(llvm::cast<Op>(op), in, results);
  };
}

void addGradientEvaluators(EvaluatorTable &table);
void addOnnxMathEvaluators(EvaluatorTable &table);
void addOnnxNeuralEvaluators(EvaluatorTable &table);
void addOnnxTensorEvaluators(EvaluatorTable &table);
void addShiftEvaluators(EvaluatorTable &table);

inline Shape toShape(llvm::ArrayRef<int64_t> values) {
  return {values.begin(), values.end()};
}

inline Shape dimsOf(mlir::Value value) {
  return toShape(llvm::cast<mlir::ShapedType>(value.getType()).getShape());
}

/// `axis` counted from the front.
inline int64_t frontAxis(int64_t axis, const Tensor &x) {
  return axis < 0 ? axis + x.rank() : axis;
}

/// Empty if all inputs are float32, else a message.
std::string expectFloat(Inputs inputs);

/// The value of a float or integer attribute as a tensor of one element, or
/// nothing for other attributes.
std::optional<Tensor> scalarOf(mlir::Attribute attr, DType dtype);

/// Operand number `i`, or null where the op has fewer.
inline const Tensor *optionalInput(Inputs inputs, size_t i) {
  return i < inputs.size() ? inputs[i] : nullptr;
}

} // namespace shift::reference

#endif // LIB_REFERENCE_EVALUATION_H
