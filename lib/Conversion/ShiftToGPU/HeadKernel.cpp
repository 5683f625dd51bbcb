//===- HeadKernel.cpp - Scores and boxes in kernels -----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToGPU/HeadKernel.h"

using namespace mlir;
using namespace mlir::shift::cuda;

Val HeadKernel::load(const detection::HeadPart &part, Val channel, Val place) {
  Val at = channel * part.channelStep + place * part.placeStep;
  return kb.load(heads[part.output],
                 image * sizes[part.output] + (at + part.first));
}

Val HeadKernel::bestLabel(Val place) {
  int64_t classes = int64_t(head.description.classes.size());
  Val first = kb.index(0);
  return kb.loopCarried(
      kb.index(1), kb.index(classes), 1, {first, load(level.cls, first, place)},
      [&](Val label, ArrayRef<Val> best) {
        Val value = load(level.cls, label, place);
        Val isBetter = kb.compare(arith::CmpFPredicate::OGT, value, best[1]);
        return SmallVector<Val>{kb.select(isBetter, label, best[0]),
                                kb.select(isBetter, value, best[1])};
      })[0];
}

Val HeadKernel::objectness(Val place) {
  if (!head.description.objRole())
    return Val();
  return detection::activate(ops, format.objActivation,
                             load(level.obj, kb.index(0), place));
}

Val HeadKernel::probability(Val place, Val label) {
  return detection::activate(ops, format.clsActivation,
                             load(level.cls, label, place));
}

Val HeadKernel::score(Val probability, Val objectness) {
  return detection::scoreOf(ops, format, probability, objectness);
}

Val HeadKernel::exceeds(Val probability, Val score) {
  return kb.compare(
      arith::CmpFPredicate::OGT, format.isThresholdOnCls ? probability : score,
      kb.constantFloat(kb.f32(), head.description.scoreThreshold));
}

/// A raw value, or the mean of its bins under their softmax.
Val HeadKernel::boxValue(int64_t index, Val place) {
  if (format.bins == 0)
    return load(level.box, kb.index(index), place);
  Val first = kb.index(index * format.bins);
  auto bin = [&](Val i) { return load(level.box, first + i, place); };
  Val zero = kb.index(0), count = kb.index(format.bins);
  Val none = kb.constantFloat(kb.f32(), 0.0);
  Val largest = kb.loopCarried(
      kb.index(1), count, 1, {bin(zero)}, [&](Val i, ArrayRef<Val> carried) {
        Val value = bin(i);
        Val isLarger = kb.compare(arith::CmpFPredicate::OLT, carried[0], value);
        return SmallVector<Val>{kb.select(isLarger, value, carried[0])};
      })[0];
  auto weight = [&](Val i) {
    return ::shift::math::exp(ops, bin(i) - largest);
  };
  Val sum =
      kb.loopCarried(zero, count, 1, {none}, [&](Val i, ArrayRef<Val> carried) {
        return SmallVector<Val>{carried[0] + weight(i)};
      })[0];
  return kb.loopCarried(
      zero, count, 1, {none}, [&](Val i, ArrayRef<Val> carried) {
        Val position = kb.convert(kb.fromIndex(i, 32), kb.f32());
        return SmallVector<Val>{carried[0] + weight(i) / sum * position};
      })[0];
}

BoxVal HeadKernel::box(Val place) {
  auto number = [&](Val index) {
    return kb.convert(kb.fromIndex(index, 32), kb.f32());
  };
  Val column = number(place % level.width), row = number(place / level.width);
  Val left = boxValue(0, place), top = boxValue(1, place);
  Val right = boxValue(2, place), bottom = boxValue(3, place);
  return detection::boxOf<MLIRFloatOps>(ops, format, level, head.inputHeight,
                                        head.inputWidth, column, row,
                                        {left, top, right, bottom});
}

Val HeadKernel::isNumber(const BoxVal &box) {
  return kb.bitAnd(kb.compare(ordered, box.x0, box.y0),
                   kb.compare(ordered, box.x1, box.y1));
}
