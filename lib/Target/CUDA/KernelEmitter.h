//===- KernelEmitter.h - One gpu.func as CUDA C++ ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Walks a kernel and gives each op to its emitter (EmitterTable.h). A value
// that is used once becomes part of the expression that uses it, any other a
// variable. Values that loops carry are variables that change; the text of an
// expression that mentions one is fixed before it changes.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_KERNELEMITTER_H
#define LIB_TARGET_CUDA_KERNELEMITTER_H

#include "lib/Target/CUDA/EmitterTable.h"
#include "lib/Target/CUDA/Expression.h"
#include "lib/Target/CUDA/Names.h"
#include "lib/Target/CUDA/TextWriter.h"
#include "mlir/Analysis/DataFlowFramework.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ScopedPrinter.h"

#include <set>

namespace shift::cuda {

/// What the text around the kernels must provide.
struct TextNeeds {
  bool mma = false, asyncCopies = false, packBytes = false, packHalves = false;
};

/// How kernels' parameters are declared.
struct KernelTraits {
  /// Parameters whose memory a launch also passes as another one, which is
  /// written.
  std::set<unsigned> aliased;
};

class KernelEmitter {
public:
  KernelEmitter(mlir::gpu::GPUFuncOp kernel, const KernelTraits &traits,
                TextNeeds &needs);

  /// Writes the kernel to `os`, or says on an op what it cannot print.
  llvm::LogicalResult emit(llvm::raw_ostream &os);

  //===--------------------------------------------------------------------===//
  // For the emitters of ops
  //===--------------------------------------------------------------------===//

  /// Reports that `op` cannot be printed and why.
  llvm::LogicalResult refuse(mlir::Operation *op, const llvm::Twine &reason);

  /// The text of a value, which must be used in the next statement or bound.
  Expression get(mlir::Value value);
  /// The same for operators modulo 2^n, to which it does not matter whether the
  /// text is one of the unsigned type.
  Expression getModular(mlir::Value value);
  llvm::SmallVector<Expression> get(mlir::ValueRange values);
  /// The same as a name or literal, which may be used more than once.
  Expression getAtom(mlir::Value value);
  /// `expression`, of `type`, as a name or literal.
  Expression makeAtom(Expression expression, mlir::Type type,
                      llvm::StringRef name);
  /// Lets `value` stand for `expression`; prints a variable unless the
  /// expression can be a part of the one that uses it.
  void bind(mlir::Value value, Expression expression);
  /// Lets `value` stand for a new variable with this initial value.
  void bindVariable(mlir::Value value, Expression expression);
  /// Lets `value` stand for `expression`, an atom.
  void alias(mlir::Value value, Expression expression) {
    values[value] = std::move(expression);
  }

  /// Fixes reads of memory that are not part of a statement yet. To be called
  /// after get() of the operands and before a statement that writes memory,
  /// synchronises or has a region is printed.
  void flushReads();
  /// Fixes all expressions that mention a variable which is about to change.
  void flushMentions(unsigned variable);
  /// The same for operands that were taken already.
  void fixMentions(Expression &expression, mlir::Type type, unsigned variable);

  /// Prints the ops of a block up to its terminator.
  llvm::LogicalResult emitBlock(mlir::Block &block);
  /// Runs `print` and returns the lines that it wrote, instead of adding them.
  template <typename Function>
  llvm::FailureOr<std::string> capture(Function print) {
    std::string outer;
    std::swap(outer, writer.text);
    bool failed = llvm::failed(print());
    std::swap(outer, writer.text);
    if (failed)
      return llvm::failure();
    return outer;
  }

  /// A variable that changes, for the results of loops and ifs.
  struct Variable {
    Expression name;
    unsigned id = 0;
  };
  /// A new one, whose declaration is the caller's. `suggestion` names it if
  /// `named` has no name.
  Variable makeVariable(mlir::Value named, llvm::StringRef suggestion);
  /// A variable that the caller has declared under this name.
  Variable adoptVariable(llvm::StringRef name);
  /// Whether `value` is a position that was declared at the kernel's start.
  bool hasPosition(mlir::Value value) const { return values.contains(value); }
  /// Lets `value` lie in a variable.
  void place(mlir::Value value, const Variable &variable);
  /// The variable that `value` lies in, if nothing reads it after `op`, which
  /// may then write to it.
  std::optional<Variable> takeOver(mlir::Value value, mlir::Operation *op);
  /// Prints target = value for all at the same time.
  void assign(llvm::ArrayRef<Variable> targets,
              llvm::MutableArrayRef<Expression> sources, mlir::TypeRange types);

  /// A name for `value` from its location, else `suggestion`, in this scope.
  std::string declareName(mlir::Value value, llvm::StringRef suggestion);
  /// The name that a location gives, if it is one that a variable can have.
  llvm::StringRef findName(mlir::Location loc);

  /// Whether it is known that an integer is not negative; that an addition,
  /// subtraction, multiplication or left shift does not leave its type.
  bool isNonNegative(mlir::Value value);
  bool cannotOverflow(mlir::Operation *op);
  /// Whether `value` lies within the signed range of `bits` bits.
  bool fitsSigned(mlir::Value value, unsigned bits);

  /// The integer of `expression` as its C++ type or as the unsigned one, for
  /// operators to which that matters.
  static Expression asSigned(const Expression &expression, mlir::Type type);
  static Expression asUnsigned(const Expression &expression, mlir::Type type);

  TextWriter writer;
  NameScopes names;
  TextNeeds &needs;

private:
  void emitPositions();
  llvm::FailureOr<std::string> signature();
  llvm::LogicalResult declareArrays();
  /// Whether the kernel has an op of this kind.
  template <typename Op>
  bool contains() {
    return kernel.walk([](Op) { return mlir::WalkResult::interrupt(); })
        .wasInterrupted();
  }
  llvm::LogicalResult emitOp(mlir::Operation &op);
  llvm::LogicalResult emitLanes(mlir::Operation &op, const PureEmitter &emit,
                                mlir::VectorType type);
  bool canFold(mlir::Value value, const Expression &expression) const;
  void materialize(mlir::Value value);
  void printVariable(mlir::Type type, llvm::StringRef name,
                     const Expression &expression);
  std::optional<mlir::ConstantIntRanges> findRange(mlir::Value value);
  /// Whether `user` may read a value after `op`, inside a region of it or on
  /// another way through the block.
  static bool mayFollow(mlir::Operation *user, mlir::Operation *op);

  mlir::gpu::GPUFuncOp kernel;
  const KernelTraits &traits;
  mlir::DataFlowSolver ranges;
  llvm::DenseMap<mlir::Value, Expression> values;
  /// Values whose expressions are not printed yet, in order.
  llvm::SetVector<mlir::Value> pending;
  /// The variable of a value that lies in one.
  llvm::DenseMap<mlir::Value, unsigned> variableOf;
  unsigned variableCount = 0;
};

/// The C++ type of a value, empty where it has none. Vectors of bytes and
/// halves are words of int, int2 and int4.
std::string cppType(mlir::Type type);
/// The element type of a vector, else the type itself.
mlir::Type elementOf(mlir::Type type);
/// Bits of an integer or float; 32 for index, which is printed as int.
unsigned bitsOf(mlir::Type type);
/// A declaration of a pointer to the elements of a buffer, of an array.
std::string declarePointer(mlir::MemRefType type, bool isConst,
                           llvm::StringRef qualifier, llvm::StringRef name);
std::string declareArray(mlir::MemRefType type, llvm::StringRef name);
/// Literals of numbers.
Expression makeInteger(const llvm::APInt &value, mlir::Type type);
Expression makeInteger(int64_t value);
Expression makeFloat(const llvm::APFloat &value);

/// The address of an element.
Expression makePointer(KernelEmitter &emitter, mlir::Value buffer,
                       mlir::ValueRange indices);

/// Element `i` of a vector, as a scalar of its element type.
Expression makeLane(const Expression &vector, mlir::VectorType type, int64_t i);
/// A vector of these elements.
Expression assembleLanes(KernelEmitter &emitter, mlir::VectorType type,
                         llvm::ArrayRef<Expression> lanes);
/// The 32-bit words of a vector; of one that fits a word, itself.
llvm::SmallVector<Expression> makeWords(const Expression &vector,
                                        mlir::VectorType type);
/// A vector of these words.
Expression assembleWords(mlir::VectorType type,
                         llvm::ArrayRef<Expression> words);
/// Whether a vector's elements lie in words of int, several in each.
bool isPacked(mlir::VectorType type);

} // namespace shift::cuda

#endif // LIB_TARGET_CUDA_KERNELEMITTER_H
