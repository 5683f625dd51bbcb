//===- HeadMath.h - The formulas of detectors -----------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Scores, boxes and overlaps as templates on the operations of
// shift/Support/FloatOps.h: the decoder runs them on float, code generators
// build what they compute, so that both have the same bits.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_DETECTION_HEADMATH_H
#define SHIFT_DETECTION_HEADMATH_H

#include "shift/Detection/HeadLevels.h"
#include "shift/Support/FloatMath.h"

#include <array>

namespace shift::detection {

template <typename Ops>
struct BoxOf {
  typename Ops::Float x0, y0, x1, y1;
};

/// value < low ? low : high < value ? high : value; NaN stays.
template <typename Ops>
typename Ops::Float clampTo(Ops &ops, typename Ops::Float value, float low,
                            float high) {
  auto lo = ops.constant(low), hi = ops.constant(high);
  return ops.select(ops.less(value, lo), lo,
                    ops.select(ops.less(hi, value), hi, value));
}

template <typename Ops>
typename Ops::Float activate(Ops &ops, Activation activation,
                             typename Ops::Float value) {
  switch (activation) {
  case Activation::None:
    break;
  case Activation::Clip:
    return clampTo(ops, value, 0, 1);
  case Activation::Sigmoid:
    return math::sigmoid(ops, value);
  case Activation::Tanh:
    return math::tanh(ops, value);
  case Activation::Exp:
    return math::exp(ops, value);
  }
  return value;
}

/// The score of a class from its probability and the objectness, both
/// activated; the latter is not looked at where the rule needs none.
template <typename Ops>
typename Ops::Float scoreOf(Ops &ops, const HeadFormat &head,
                            typename Ops::Float probability,
                            typename Ops::Float objectness) {
  switch (head.score) {
  case ScoreRule::Cls:
    break;
  case ScoreRule::Product:
    return ops.mul(probability, objectness);
  case ScoreRule::Sqrt:
    return ops.sqrt(ops.mul(probability, objectness));
  case ScoreRule::Power:
    return ops.mul(math::pow(ops, objectness, ops.constant(head.objPower)),
                   math::pow(ops, probability, ops.constant(head.clsPower)));
  }
  return probability;
}

/// Pixels of one unit along an axis.
inline float pixelsOf(BoxUnit unit, float stride, int inputSide) {
  switch (unit) {
  case BoxUnit::Pixels:
    break;
  case BoxUnit::Stride:
    return stride;
  case BoxUnit::Input:
    return static_cast<float>(inputSide);
  }
  return 1;
}

/// The box of a place from its four values, not clipped.
template <typename Ops>
BoxOf<Ops> boxOf(Ops &ops, const HeadFormat &head, const HeadLevel &level,
                 int inputHeight, int inputWidth,
                 typename Ops::Float columnValue, typename Ops::Float rowValue,
                 const std::array<typename Ops::Float, 4> &values) {
  using Number = math::Number<Ops>;
  const float unitX = pixelsOf(head.boxUnit, level.strideX, inputWidth);
  const float unitY = pixelsOf(head.boxUnit, level.strideY, inputHeight);
  const Number column{&ops, columnValue}, row{&ops, rowValue};
  auto center = [&](int i) {
    return Number{&ops, activate(ops, head.centerActivation, values[i])};
  };
  auto size = [&](int i) {
    return Number{&ops, activate(ops, head.sizeActivation, values[i])};
  };
  auto around = [](Number x, Number y, Number left, Number top, Number right,
                   Number bottom) {
    return BoxOf<Ops>{(x - left).value, (y - top).value, (x + right).value,
                      (y + bottom).value};
  };
  auto centered = [&](Number x, Number y) {
    const Number halfW = size(2) * unitX * 0.5f, halfH = size(3) * unitY * 0.5f;
    return around(x, y, halfW, halfH, halfW, halfH);
  };
  switch (head.box) {
  case BoxCoding::Distances:
    return around(column * level.strideX + level.strideX * head.location,
                  row * level.strideY + level.strideY * head.location,
                  size(0) * unitX, size(1) * unitY, size(2) * unitX,
                  size(3) * unitY);
  case BoxCoding::Center:
    return centered((column + head.location + center(0)) * level.strideX,
                    (row + head.location + center(1)) * level.strideY);
  case BoxCoding::Absolute:
    return centered(center(0) * unitX, center(1) * unitY);
  case BoxCoding::Corners:
    break;
  }
  // A negative zero becomes a positive one.
  const Number zero{&ops, ops.constant(0)};
  return {(zero + center(0) * unitX).value, (zero + center(1) * unitY).value,
          (zero + center(2) * unitX).value, (zero + center(3) * unitY).value};
}

/// Limits a box to 0..width, 0..height.
template <typename Ops>
BoxOf<Ops> clipBox(Ops &ops, const BoxOf<Ops> &box, float width, float height) {
  return {clampTo(ops, box.x0, 0, width), clampTo(ops, box.y0, 0, height),
          clampTo(ops, box.x1, 0, width), clampTo(ops, box.y1, 0, height)};
}

/// Intersection over union, 0 where the union has no area.
template <typename Ops>
typename Ops::Float overlapOf(Ops &ops, const BoxOf<Ops> &a,
                              const BoxOf<Ops> &b) {
  using Number = math::Number<Ops>;
  auto number = [&](typename Ops::Float value) { return Number{&ops, value}; };
  const Number zero{&ops, ops.constant(0)};
  auto min = [&](Number x, Number y) {
    return number(ops.select(ops.less(y.value, x.value), y.value, x.value));
  };
  auto max = [&](Number x, Number y) {
    return number(ops.select(ops.less(x.value, y.value), y.value, x.value));
  };
  auto area = [&](const BoxOf<Ops> &box) {
    return (number(box.x1) - number(box.x0)) *
           (number(box.y1) - number(box.y0));
  };
  const Number w = max(
      min(number(a.x1), number(b.x1)) - max(number(a.x0), number(b.x0)), zero);
  const Number h = max(
      min(number(a.y1), number(b.y1)) - max(number(a.y0), number(b.y0)), zero);
  const Number overlap = w * h;
  const Number united = area(a) + area(b) - overlap;
  return ops.select(ops.less(zero.value, united.value),
                    (overlap / united).value, zero.value);
}

} // namespace shift::detection

#endif // SHIFT_DETECTION_HEADMATH_H
