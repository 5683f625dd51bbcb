//===- KernelEmitter.cpp - One gpu.func as CUDA C++ -----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/KernelEmitter.h"
#include "mlir/Analysis/DataFlow/ConstantPropagationAnalysis.h"
#include "mlir/Analysis/DataFlow/DeadCodeAnalysis.h"
#include "mlir/Analysis/DataFlow/IntegerRangeAnalysis.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace shift::cuda {

/// Longer expressions get a name, unless they are what a statement assigns.
static constexpr size_t longestFolded = 60, longestAssigned = 160;

const EmitterTable &getEmitterTable() {
  static const EmitterTable table = [] {
    EmitterTable all;
    registerIntegerEmitters(all);
    registerFloatEmitters(all);
    registerConversionEmitters(all);
    registerMemoryEmitters(all);
    registerVectorEmitters(all);
    registerControlFlowEmitters(all);
    registerGPUEmitters(all);
    registerMatrixEmitters(all);
    return all;
  }();
  return table;
}

KernelEmitter::KernelEmitter(gpu::GPUFuncOp kernel, const KernelTraits &traits,
                             TextNeeds &needs)
    : needs(needs), kernel(kernel), traits(traits) {
  ranges.load<dataflow::DeadCodeAnalysis>();
  ranges.load<dataflow::SparseConstantPropagation>();
  ranges.load<dataflow::IntegerRangeAnalysis>();
}

LogicalResult KernelEmitter::refuse(Operation *op, const Twine &reason) {
  InFlightDiagnostic message = op->emitError("cannot print '")
                               << op->getName() << "' in kernel '"
                               << kernel.getName() << "'";
  if (!reason.isTriviallyEmpty())
    message << ": " << reason.str();
  return message;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Expression KernelEmitter::get(Value value) {
  pending.remove(value);
  return asSigned(values.lookup(value), value.getType());
}

Expression KernelEmitter::getModular(Value value) {
  pending.remove(value);
  return values.lookup(value);
}

SmallVector<Expression> KernelEmitter::get(ValueRange given) {
  SmallVector<Expression> result;
  for (Value value : given)
    result.push_back(get(value));
  return result;
}

Expression KernelEmitter::getAtom(Value value) {
  Expression expression = get(value);
  if (expression.isAtom || !expression.lanes.empty())
    return expression;
  bindVariable(value, expression);
  return values.lookup(value);
}

Expression KernelEmitter::makeAtom(Expression expression, Type type,
                                   StringRef name) {
  if (expression.isAtom)
    return expression;
  std::string declared = names.declare(name);
  printVariable(type, declared, expression);
  return makeName(declared);
}

void KernelEmitter::printVariable(Type type, StringRef name,
                                  const Expression &expression) {
  writer.line("const " + cppType(type) + " " + name + " = " + expression.text +
              ";");
}

bool KernelEmitter::canFold(Value value, const Expression &expression) const {
  if (!value.hasOneUse())
    return false;
  Operation *user = *value.user_begin();
  bool isAssigned = isa<scf::YieldOp, memref::StoreOp, vector::StoreOp>(user) &&
                    user->getOperand(0) == value;
  if (expression.text.size() > (isAssigned ? longestAssigned : longestFolded))
    return false;
  Block *home = value.getParentBlock();
  if (expression.readsMemory)
    return user->getBlock() == home;
  // Into an if, but not into a loop, which would repeat it.
  for (Operation *at = user; at->getBlock() != home; at = at->getParentOp())
    if (!isa<scf::IfOp>(at->getParentOp()))
      return false;
  return true;
}

void KernelEmitter::bind(Value value, Expression expression) {
  if (value.use_empty())
    return;
  bool isRepeatable = expression.isAtom || !expression.lanes.empty();
  if (isRepeatable && expression.variables.empty()) {
    values[value] = std::move(expression);
  } else if (canFold(value, expression)) {
    values[value] = std::move(expression);
    pending.insert(value);
  } else {
    bindVariable(value, std::move(expression));
  }
}

/// What a value without a name of its own is called.
static StringRef suggestName(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return "value";
  if (value.getType().isInteger(1))
    return "condition";
  return llvm::StringSwitch<StringRef>(op->getName().getStringRef())
      .Cases({"arith.addi", "arith.addf"}, "sum")
      .Cases({"arith.subi", "arith.subf"}, "difference")
      .Cases({"arith.muli", "arith.mulf"}, "product")
      .Cases({"arith.divui", "arith.divsi", "arith.divf"}, "quotient")
      .Cases({"arith.remui", "arith.remsi", "arith.remf"}, "remainder")
      .Cases({"arith.shli", "arith.shrsi", "arith.shrui"}, "shifted")
      .Cases({"arith.minsi", "arith.maxsi", "arith.minui", "arith.maxui"},
             "limited")
      .Cases({"arith.cmpi", "arith.cmpf"}, "condition")
      .Cases({"arith.andi", "arith.ori", "arith.xori", "arith.bitcast",
              "vector.bitcast"},
             "bits")
      .Case("arith.select", "chosen")
      .Case("gpu.shuffle", "received")
      .Cases({"nvvm.dot.accumulate.4way", "math.fma"}, "dot")
      .Cases({"memref.view", "memref.subview"}, "part")
      .Case("memref.atomic_rmw", "old")
      .Default("value");
}

void KernelEmitter::bindVariable(Value value, Expression expression) {
  std::string name = declareName(value, suggestName(value));
  printVariable(value.getType(), name, expression);
  values[value] = makeName(name);
}

void KernelEmitter::materialize(Value value) {
  pending.remove(value);
  bindVariable(value, values.lookup(value));
}

void KernelEmitter::flushReads() {
  SmallVector<Value> reads;
  for (Value value : pending)
    if (values[value].readsMemory)
      reads.push_back(value);
  llvm::for_each(reads, [&](Value value) { materialize(value); });
}

void KernelEmitter::flushMentions(unsigned variable) {
  SmallVector<Value> mentions;
  for (Value value : pending)
    if (values[value].mentions(variable))
      mentions.push_back(value);
  llvm::for_each(mentions, [&](Value value) { materialize(value); });
}

void KernelEmitter::fixMentions(Expression &expression, Type type,
                                unsigned variable) {
  if (!expression.mentions(variable))
    return;
  expression.isAtom = false;
  expression = makeAtom(expression, type, "next");
}

StringRef KernelEmitter::findName(Location loc) {
  // Ops that share the kernel's location say nothing about themselves.
  auto named = loc->findInstanceOf<NameLoc>();
  if (!named || loc == kernel.getLoc() || !isFreeVariable(named.getName()))
    return {};
  return named.getName();
}

std::string KernelEmitter::declareName(Value value, StringRef suggestion) {
  StringRef name = findName(value.getLoc());
  return names.declare(name.empty() ? suggestion : name);
}

//===----------------------------------------------------------------------===//
// Variables that change
//===----------------------------------------------------------------------===//

KernelEmitter::Variable KernelEmitter::makeVariable(Value value,
                                                    StringRef suggestion) {
  return adoptVariable(declareName(value, suggestion));
}

KernelEmitter::Variable KernelEmitter::adoptVariable(StringRef name) {
  Variable variable{makeName(name), ++variableCount};
  variable.name.variables = {variable.id};
  return variable;
}

void KernelEmitter::place(Value value, const Variable &variable) {
  values[value] = variable.name;
  variableOf[value] = variable.id;
}

std::optional<KernelEmitter::Variable> KernelEmitter::takeOver(Value value,
                                                               Operation *op) {
  auto found = variableOf.find(value);
  if (found == variableOf.end())
    return std::nullopt;
  // Where a loop stands between, the next iteration would read it again.
  for (Operation *at = op; at->getBlock() != value.getParentBlock();
       at = at->getParentOp())
    if (!isa<scf::IfOp>(at->getParentOp()))
      return std::nullopt;
  for (Operation *user : value.getUsers())
    if (user != op && mayFollow(user, op))
      return std::nullopt;
  for (Value waiting : pending)
    if (values[waiting].mentions(found->second) &&
        waiting.getParentBlock() != op->getBlock())
      return std::nullopt;
  return Variable{values[value], found->second};
}

bool KernelEmitter::mayFollow(Operation *user, Operation *op) {
  // A region of an if reads before its results are assigned.
  if (op->isProperAncestor(user))
    return !isa<scf::IfOp>(op);
  for (Operation *at = op;; at = at->getParentOp()) {
    Operation *other = at->getBlock()->findAncestorOpInBlock(*user);
    if (!other)
      continue;
    // The same op: another branch of an if.
    return other != at && !other->isBeforeInBlock(at);
  }
}

void KernelEmitter::assign(ArrayRef<Variable> targets,
                           MutableArrayRef<Expression> sources,
                           TypeRange types) {
  auto isSame = [&](size_t i) {
    return sources[i].text == targets[i].name.text;
  };
  for (size_t i = 0; i < targets.size(); ++i)
    for (size_t j = i + 1; j < targets.size(); ++j)
      if (!isSame(i) && !isSame(j))
        fixMentions(sources[j], types[j], targets[i].id);
  for (size_t i = 0; i < targets.size(); ++i) {
    const std::string &name = targets[i].name.text;
    if (isSame(i))
      continue;
    if (sources[i].target == name)
      writer.line(name + " " + sources[i].update + ";");
    else
      writer.line(name + " = " + sources[i].text + ";");
  }
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

LogicalResult KernelEmitter::emitBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(emitOp(op)))
      return failure();
  return success();
}

LogicalResult KernelEmitter::emitOp(Operation &op) {
  const EmitterTable &table = getEmitterTable();
  if (const StatementEmitter *emit = table.findStatement(&op))
    return (*emit)(*this, &op);
  const PureEmitter *emit = table.findPure(&op);
  if (!emit)
    return refuse(&op, "");
  for (Type type :
       llvm::concat<const Type>(op.getOperandTypes(), op.getResultTypes()))
    if (cppType(type).empty() && !isa<MemRefType>(type))
      return refuse(&op, "expected types that CUDA C++ has, got " +
                             llvm::to_string(type));
  auto vector = dyn_cast<VectorType>(op.getResult(0).getType());
  if (vector && op.hasTrait<OpTrait::Elementwise>())
    return emitLanes(op, *emit, vector);
  SmallVector<Expression> operands;
  for (Value operand : op.getOperands())
    operands.push_back(table.isModular(&op) ? getModular(operand)
                                            : get(operand));
  Printed result = (*emit)(*this, &op, operands);
  if (failed(result))
    return failure();
  bind(op.getResult(0), *result);
  return success();
}

LogicalResult KernelEmitter::emitLanes(Operation &op, const PureEmitter &emit,
                                       VectorType type) {
  SmallVector<Expression> operands, lanes;
  for (Value operand : op.getOperands())
    operands.push_back(getAtom(operand));
  if (isa<arith::AndIOp, arith::OrIOp, arith::XOrIOp>(op)) {
    auto words = llvm::map_to_vector(operands, [&](const Expression &operand) {
      return makeWords(operand, type);
    });
    for (auto [a, b] : llvm::zip(words[0], words[1])) {
      Printed word = emit(*this, &op, {a, b});
      lanes.push_back(*word);
    }
    bind(op.getResult(0), assembleWords(type, lanes));
    return success();
  }
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    SmallVector<Expression> scalars;
    for (auto [operand, value] : llvm::zip(op.getOperands(), operands)) {
      auto from = dyn_cast<VectorType>(operand.getType());
      scalars.push_back(from ? makeLane(value, from, i) : value);
    }
    Printed lane = emit(*this, &op, scalars);
    if (failed(lane))
      return failure();
    lanes.push_back(*lane);
  }
  bind(op.getResult(0), assembleLanes(*this, type, lanes));
  return success();
}

} // namespace shift::cuda
