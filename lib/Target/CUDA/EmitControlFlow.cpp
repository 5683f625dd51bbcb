//===- EmitControlFlow.cpp - scf as for, if and while ---------------------===//
// SPDX-License-Identifier: Apache-2.0
// A value that a loop carries is a variable. Where the initial value lies in
// one that nothing reads any more, that one is used, so that a sum over nested
// loops is one variable and `+=`.
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/KernelEmitter.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace shift::cuda;

using Variable = KernelEmitter::Variable;

namespace {
/// A scope of names, indented.
class Body {
public:
  explicit Body(KernelEmitter &e) : e(e) {
    e.names.open();
    e.writer.indent();
  }
  ~Body() {
    e.writer.outdent();
    e.names.close();
  }

private:
  KernelEmitter &e;
};
} // namespace

/// Whether a statement needs no braces.
static bool isOneLine(const std::string &text) {
  return llvm::count(text, '\n') == 1;
}

static LogicalResult checkTypes(KernelEmitter &e, Operation *op,
                                TypeRange types) {
  for (Type type : types)
    if (cppType(type).empty())
      return e.refuse(op, "expected types that CUDA C++ has, got " +
                              llvm::to_string(type));
  return success();
}

/// Texts of values that are modulo 2^n.
static SmallVector<Expression> getModular(KernelEmitter &e, ValueRange values) {
  return llvm::map_to_vector(values,
                             [&](Value value) { return e.getModular(value); });
}

/// Variables for values that `op` carries, which start with `inits`, whose
/// texts are `starts`. Expressions of `fixed` stay what they are while the
/// variables change.
static SmallVector<Variable>
declareCarried(KernelEmitter &e, Operation *op, ValueRange inits,
               ArrayRef<Expression> starts, ValueRange carried,
               MutableArrayRef<std::pair<Expression, Type>> fixed) {
  SmallVector<Variable> variables;
  for (auto [init, value, start] : llvm::zip(inits, carried, starts)) {
    std::optional<Variable> taken = e.takeOver(init, op);
    bool isTwice = taken && llvm::any_of(variables, [&](const Variable &other) {
                     return other.id == taken->id;
                   });
    if (!taken || isTwice) {
      variables.push_back(e.makeVariable(value, "acc"));
      e.writer.line(cppType(value.getType()) + " " +
                    variables.back().name.text + " = " + start.text + ";");
      continue;
    }
    e.flushMentions(taken->id);
    for (auto &[expression, type] : fixed)
      e.fixMentions(expression, type, taken->id);
    variables.push_back(*taken);
  }
  return variables;
}

static void placeAll(KernelEmitter &e, ValueRange values,
                     ArrayRef<Variable> variables) {
  for (auto [value, variable] : llvm::zip(values, variables))
    e.place(value, variable);
}

/// Assigns what a region yields.
static void emitYield(KernelEmitter &e, Operation *yield,
                      ArrayRef<Variable> variables) {
  SmallVector<Expression> sources = getModular(e, yield->getOperands());
  e.assign(variables, sources, yield->getOperandTypes());
}

//===----------------------------------------------------------------------===//
// for
//===----------------------------------------------------------------------===//

/// `#pragma unroll` for `shift.unroll`, a number or the unit attribute.
static void emitUnroll(KernelEmitter &e, scf::ForOp op) {
  Attribute unroll = op->getAttr("shift.unroll");
  if (auto factor = dyn_cast_or_null<IntegerAttr>(unroll))
    e.writer.line("#pragma unroll " + std::to_string(factor.getInt()));
  else if (unroll)
    e.writer.line("#pragma unroll");
}

/// The name of a loop's variable: its location's, the loop's, or i, j, k, ...
static std::string declareInductionName(KernelEmitter &e, scf::ForOp op) {
  StringRef name = e.findName(op.getInductionVar().getLoc());
  if (name.empty())
    name = e.findName(op.getLoc());
  if (!name.empty())
    return e.names.declare(name);
  unsigned depth = 0;
  for (Operation *at = op->getParentOp(); at; at = at->getParentOp())
    depth += isa<scf::ForOp>(at);
  return e.names.declare(StringRef("ijklmn").substr(std::min(depth, 5u), 1));
}

static LogicalResult emitFor(KernelEmitter &e, scf::ForOp op) {
  if (failed(checkTypes(e, op, op->getOperandTypes())))
    return failure();
  if (op.getUnsignedCmp())
    return e.refuse(op, "expected a signed comparison");
  Type type = op.getInductionVar().getType();
  // Each iteration looks at the end and the step.
  Expression start = e.get(op.getLowerBound());
  std::pair<Expression, Type> fixed[] = {{e.get(op.getUpperBound()), type},
                                         {e.get(op.getStep()), type}};
  for (auto &[expression, expressionType] : fixed)
    if (expression.readsMemory)
      expression = e.makeAtom(expression, expressionType, "end");
  SmallVector<Expression> starts = getModular(e, op.getInitArgs());
  e.flushReads();
  SmallVector<Variable> variables = declareCarried(
      e, op, op.getInitArgs(), starts, op.getRegionIterArgs(), fixed);
  auto &[end, endType] = fixed[0];
  auto &[step, stepType] = fixed[1];
  emitUnroll(e, op);
  e.names.open();
  std::string name = declareInductionName(e, op);
  bool isOne = step.literal && step.literal->isOne();
  e.alias(op.getInductionVar(), makeName(name));
  placeAll(e, op.getRegionIterArgs(), variables);
  auto text = e.capture([&]() -> LogicalResult {
    Body body(e);
    if (failed(e.emitBlock(*op.getBody())))
      return failure();
    emitYield(e, op.getBody()->getTerminator(), variables);
    return success();
  });
  if (failed(text))
    return failure();
  bool hasBraces = !isOneLine(*text);
  e.writer.line("for (" + cppType(type) + " " + name + " = " + start.text +
                "; " + name + " < " + parenthesize(end, Precedence::Shift) +
                "; " + (isOne ? "++" + name : name + " += " + step.text) + ")" +
                (hasBraces ? " {" : ""));
  e.writer.verbatim(*text);
  e.names.close();
  if (hasBraces)
    e.writer.line("}");
  placeAll(e, op.getResults(), variables);
  return success();
}

//===----------------------------------------------------------------------===//
// if
//===----------------------------------------------------------------------===//

/// The lines of a branch; its results are assigned to `variables`, or given as
/// `sources`.
static FailureOr<std::string> captureBranch(KernelEmitter &e, Region &region,
                                            ArrayRef<Variable> variables,
                                            SmallVector<Expression> *sources) {
  return e.capture([&]() -> LogicalResult {
    if (region.empty())
      return success();
    Body body(e);
    Block &block = region.front();
    if (failed(e.emitBlock(block)))
      return failure();
    if (!sources)
      emitYield(e, block.getTerminator(), variables);
    else
      *sources = getModular(e, block.getTerminator()->getOperands());
    return success();
  });
}

static void printIf(KernelEmitter &e, Expression condition,
                    const std::string &thenText, const std::string &elseText) {
  if (thenText.empty() && elseText.empty())
    return;
  std::string first = thenText, second = elseText;
  if (first.empty()) {
    condition = makeUnary("!", condition);
    std::swap(first, second);
  }
  bool hasBraces = !isOneLine(first) || !(second.empty() || isOneLine(second));
  e.writer.line("if (" + condition.text + ")" + (hasBraces ? " {" : ""));
  e.writer.verbatim(first);
  if (!second.empty()) {
    e.writer.line(hasBraces ? "} else {" : "else");
    e.writer.verbatim(second);
  }
  if (hasBraces)
    e.writer.line("}");
}

/// The variable of a result that one branch leaves as it is.
static std::optional<Variable> findKept(KernelEmitter &e, scf::IfOp op,
                                        unsigned i) {
  for (Region *region : {&op.getElseRegion(), &op.getThenRegion()}) {
    Value value = region->front().getTerminator()->getOperand(i);
    if (!op->isProperAncestor(value.getParentBlock()->getParentOp()) &&
        value.getParentBlock()->getParentOp() != op)
      if (std::optional<Variable> variable = e.takeOver(value, op))
        return variable;
  }
  return std::nullopt;
}

/// An if with one result as `condition ? a : b`, where the branches need no
/// statements; otherwise as statements.
static LogicalResult emitChoice(KernelEmitter &e, scf::IfOp op,
                                const Expression &condition) {
  // Declared first: no variable of a branch may hide it.
  Variable variable = e.makeVariable(op.getResult(0), "result");
  SmallVector<Expression> chosen, other;
  auto thenText = captureBranch(e, op.getThenRegion(), {}, &chosen);
  if (failed(thenText))
    return failure();
  auto elseText = captureBranch(e, op.getElseRegion(), {}, &other);
  if (failed(elseText))
    return failure();
  Type type = op.getResult(0).getType();
  if (thenText->empty() && elseText->empty()) {
    e.names.release(variable.name.text);
    e.bind(op.getResult(0),
           makeTernary(condition, KernelEmitter::asSigned(chosen[0], type),
                       KernelEmitter::asSigned(other[0], type)));
    return success();
  }
  e.writer.line(cppType(type) + " " + variable.name.text + ";");
  auto append = [&](std::string &text, SmallVector<Expression> &source) {
    auto assignment = e.capture([&]() {
      Body body(e);
      e.assign(variable, source, type);
      return success();
    });
    text += *assignment;
  };
  append(*thenText, chosen);
  append(*elseText, other);
  printIf(e, condition, *thenText, *elseText);
  e.place(op.getResult(0), variable);
  return success();
}

static LogicalResult emitIf(KernelEmitter &e, scf::IfOp op) {
  if (failed(checkTypes(e, op, op->getResultTypes())))
    return failure();
  Expression condition = e.get(op.getCondition());
  e.flushReads();
  SmallVector<std::optional<Variable>> kept;
  for (unsigned i = 0; i < op.getNumResults(); ++i) {
    kept.push_back(findKept(e, op, i));
    for (unsigned j = 0; j < i && kept.back(); ++j)
      if (kept[j] && kept[j]->id == kept.back()->id)
        kept.back().reset();
  }
  if (op.getNumResults() == 1 && !kept[0])
    return emitChoice(e, op, condition);
  SmallVector<Variable> variables;
  for (auto [result, variable] : llvm::zip(op.getResults(), kept)) {
    if (variable) {
      e.flushMentions(variable->id);
      variables.push_back(*variable);
      continue;
    }
    variables.push_back(e.makeVariable(result, "result"));
    e.writer.line(cppType(result.getType()) + " " + variables.back().name.text +
                  ";");
  }
  auto thenText = captureBranch(e, op.getThenRegion(), variables, nullptr);
  if (failed(thenText))
    return failure();
  auto elseText = captureBranch(e, op.getElseRegion(), variables, nullptr);
  if (failed(elseText))
    return failure();
  printIf(e, condition, *thenText, *elseText);
  placeAll(e, op.getResults(), variables);
  return success();
}

//===----------------------------------------------------------------------===//
// while
//===----------------------------------------------------------------------===//

namespace {
/// The values that the condition of a while passes on: a variable of the loop
/// as it is, or one of its own, which is assigned.
struct Passed {
  SmallVector<Variable> all, own;
  SmallVector<Value> ownValues;
};
} // namespace

static Passed declarePassed(KernelEmitter &e, scf::WhileOp op,
                            ArrayRef<Variable> variables) {
  Passed passed;
  for (auto [value, result] :
       llvm::zip(op.getConditionOp().getArgs(), op.getResults())) {
    auto arg = dyn_cast<BlockArgument>(value);
    if (arg && arg.getOwner() == op.getBeforeBody()) {
      passed.all.push_back(variables[arg.getArgNumber()]);
      continue;
    }
    passed.all.push_back(e.makeVariable(result, "passed"));
    passed.own.push_back(passed.all.back());
    passed.ownValues.push_back(value);
    e.writer.line(cppType(result.getType()) + " " +
                  passed.all.back().name.text + ";");
  }
  return passed;
}

/// The lines before the condition, which is given as `condition`.
static LogicalResult emitTest(KernelEmitter &e, scf::WhileOp op,
                              const Passed &passed, Expression &condition) {
  if (failed(e.emitBlock(*op.getBeforeBody())))
    return failure();
  Value value = op.getConditionOp().getCondition();
  condition = e.get(value);
  SmallVector<Expression> sources = getModular(e, passed.ownValues);
  if (!passed.own.empty())
    condition = e.makeAtom(condition, value.getType(), "goesOn");
  e.assign(passed.own, sources, ValueRange(passed.ownValues).getTypes());
  return success();
}

static LogicalResult emitWhile(KernelEmitter &e, scf::WhileOp op) {
  if (failed(checkTypes(e, op, op->getOperandTypes())) ||
      failed(checkTypes(e, op, op->getResultTypes())))
    return failure();
  SmallVector<Expression> starts = getModular(e, op.getInits());
  e.flushReads();
  SmallVector<Variable> variables =
      declareCarried(e, op, op.getInits(), starts, op.getBeforeArguments(), {});
  placeAll(e, op.getBeforeArguments(), variables);
  Passed passed = declarePassed(e, op, variables);
  Expression condition;
  std::string test, text;
  {
    Body body(e);
    auto tested = e.capture([&] { return emitTest(e, op, passed, condition); });
    if (failed(tested))
      return failure();
    auto printed = e.capture([&]() -> LogicalResult {
      placeAll(e, op.getAfterArguments(), passed.all);
      if (failed(e.emitBlock(*op.getAfterBody())))
        return failure();
      emitYield(e, op.getYieldOp(), variables);
      return success();
    });
    if (failed(printed))
      return failure();
    test = std::move(*tested);
    if (!test.empty())
      text = *e.capture([&] {
        e.writer.line("if (" + makeUnary("!", condition).text + ")");
        e.writer.line("  break;");
        return success();
      });
    text += *printed;
  }
  e.writer.line("while (" + (test.empty() ? condition.text : "true") + ") {");
  e.writer.verbatim(test);
  e.writer.verbatim(text);
  e.writer.line("}");
  placeAll(e, op.getResults(), passed.all);
  return success();
}

static LogicalResult emitReturn(KernelEmitter &, gpu::ReturnOp) {
  return success();
}

void shift::cuda::registerControlFlowEmitters(EmitterTable &table) {
  table.statement<scf::ForOp>(emitFor);
  table.statement<scf::IfOp>(emitIf);
  table.statement<scf::WhileOp>(emitWhile);
  table.statement<gpu::ReturnOp>(emitReturn);
}
