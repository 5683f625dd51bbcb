//===- IntegerFacts.cpp - What is known of integers -----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/KernelEmitter.h"
#include "mlir/Analysis/DataFlow/IntegerRangeAnalysis.h"

using namespace mlir;

namespace shift::cuda {

std::optional<ConstantIntRanges> KernelEmitter::findRange(Value value) {
  auto *state = ranges.lookupState<dataflow::IntegerValueRangeLattice>(value);
  if (!state || state->getValue().isUninitialized())
    return std::nullopt;
  return state->getValue().getValue();
}

bool KernelEmitter::isNonNegative(Value value) {
  auto range = findRange(value);
  return range && range->smin().isNonNegative();
}

bool KernelEmitter::fitsSigned(Value value, unsigned bits) {
  auto range = findRange(value);
  return range && range->smin().isSignedIntN(bits) &&
         range->smax().isSignedIntN(bits);
}

bool KernelEmitter::cannotOverflow(Operation *op) {
  Type type = elementOf(op->getResult(0).getType());
  if (isa<IndexType>(type))
    return true;
  auto flags = dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(op);
  if (flags && flags.hasNoSignedWrap())
    return true;
  auto a = findRange(op->getOperand(0)), b = findRange(op->getOperand(1));
  unsigned width = bitsOf(type);
  if (!a || !b || width > 64)
    return false;
  auto wide = [&](const APInt &x) { return x.sext(2 * width); };
  for (const APInt &x : {wide(a->smin()), wide(a->smax())})
    for (const APInt &y : {wide(b->smin()), wide(b->smax())}) {
      APInt result = isa<arith::AddIOp>(op)   ? x + y
                     : isa<arith::SubIOp>(op) ? x - y
                                              : x * y;
      if (!result.isSignedIntN(width))
        return false;
    }
  return true;
}

} // namespace shift::cuda
