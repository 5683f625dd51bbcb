//===- Interpreter.h - Runs modules op by op --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The oracle of every test and the engine of calibration: walks @main of a
// module of onnx and shift ops and evaluates each op with the plain loops of
// Kernels.h and ShiftKernels.h.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_REFERENCE_INTERPRETER_H
#define SHIFT_REFERENCE_INTERPRETER_H

#include "shift/Reference/Tensor.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <optional>

namespace shift::reference {

/// The element type that tensors of `type` are kept in: float and integer types
/// as they are (signless integers are signed, i1 is bool), fixed point as its
/// storage integer. Nothing for other types.
std::optional<DType> storageType(mlir::Type type);

/// A zero tensor of a ranked tensor type, or nothing where storageType gives
/// nothing. Weights of powers of two are i8 with two dimensions more: terms,
/// then (sign, exponent).
std::optional<Tensor> makeTensor(mlir::Type type);

/// The elements of a dense or resource attribute, or an error where its data is
/// missing or its type unsupported.
llvm::Expected<Tensor> tensorOf(mlir::ElementsAttr attr);

/// The attribute of `tensor` with `type`: a resource blob where it is large.
mlir::ElementsAttr attributeOf(const Tensor &tensor, mlir::ShapedType type,
                               llvm::StringRef name);

/// Evaluates one op of the onnx or shift dialect on the values of its operands.
/// Errors name the op and its node. A shift.weight gives an i8 tensor with two
/// dimensions more than its type: terms, then (sign, exponent).
llvm::Expected<llvm::SmallVector<Tensor>>
evaluate(mlir::Operation *op, llvm::ArrayRef<const Tensor *> inputs);

/// Whether evaluate knows ops of this name.
bool canEvaluate(mlir::Operation *op);

/// Runs @main of one module, which must outlive the interpreter.
class Interpreter {
public:
  /// Sees every result of every op.
  using Observer =
      std::function<void(mlir::Operation *op, unsigned result, const Tensor &)>;
  /// Called before op number `done` of `total`.
  using Progress =
      std::function<void(int64_t done, int64_t total, mlir::Operation *op)>;

  /// Fails where the module has no @main of one block.
  static llvm::Expected<Interpreter> create(mlir::ModuleOp module);

  void setObserver(Observer callback) { observer = std::move(callback); }
  void setProgress(Progress callback) { progress = std::move(callback); }

  /// Names of inputs and outputs (`onnx.name`, or argN and resultN) and their
  /// types, in order.
  llvm::ArrayRef<std::string> inputNames() const { return inputs; }
  llvm::ArrayRef<std::string> outputNames() const { return outputs; }
  mlir::Type inputType(unsigned i) const;

  /// The values that @main returns for `arguments`, which must have the types
  /// of its arguments. Values are freed after their last use.
  llvm::Expected<std::vector<Tensor>> run(llvm::ArrayRef<Tensor> arguments);

private:
  Interpreter() = default;

  mlir::Operation *main = nullptr;
  std::vector<std::string> inputs, outputs;
  Observer observer;
  Progress progress;
};

} // namespace shift::reference

#endif // SHIFT_REFERENCE_INTERPRETER_H
