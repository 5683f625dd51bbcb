//===- FloatOps.h - The operations that float math is built from ----------===//
// SPDX-License-Identifier: Apache-2.0
// FloatMath.h is written against a small set of operations, each of which is
// exact or correctly rounded on every machine. FloatOps runs them on float;
// code generators supply a class of the same shape that builds IR.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_FLOATOPS_H
#define SHIFT_SUPPORT_FLOATOPS_H

#include <cmath>
#include <cstdint>
#include <cstring>

namespace shift::math {

/// The operations on plain float32. A class for another value type has the same
/// members (they may be non-static); comparisons are ordered, so false for NaN.
struct FloatOps {
  using Float = float;
  using Int = int32_t;
  using Bool = bool;

  static Float constant(float value) { return value; }
  static Int integer(int32_t value) { return value; }

  static Float add(Float a, Float b) { return a + b; }
  static Float sub(Float a, Float b) { return a - b; }
  static Float mul(Float a, Float b) { return a * b; }
  static Float div(Float a, Float b) { return a / b; }
  static Float sqrt(Float a) { return std::sqrt(a); }

  static Bool less(Float a, Float b) { return a < b; }
  static Bool equal(Float a, Float b) { return a == b; }
  static Bool isNan(Float a) { return a != a; }
  static Bool both(Bool a, Bool b) { return a && b; }
  static Bool either(Bool a, Bool b) { return a || b; }
  static Bool negate(Bool a) { return !a; }
  static Float select(Bool condition, Float a, Float b) {
    return condition ? a : b;
  }
  static Int selectInt(Bool condition, Int a, Int b) {
    return condition ? a : b;
  }

  /// The 32 bits of a float and the float of 32 bits.
  static Int bits(Float a) {
    Int result;
    std::memcpy(&result, &a, sizeof(result));
    return result;
  }
  static Float fromBits(Int a) {
    Float result;
    std::memcpy(&result, &a, sizeof(result));
    return result;
  }
  /// Truncation; only called with |a| < 2^24.
  static Int truncate(Float a) { return static_cast<Int>(a); }
  /// Exact; only called with |a| <= 2^24.
  static Float toFloat(Int a) { return static_cast<Float>(a); }

  /// Integers wrap modulo 2^32; shiftRight repeats the sign.
  static Int addInt(Int a, Int b) {
    return static_cast<Int>(static_cast<uint32_t>(a) +
                            static_cast<uint32_t>(b));
  }
  static Int subInt(Int a, Int b) {
    return static_cast<Int>(static_cast<uint32_t>(a) -
                            static_cast<uint32_t>(b));
  }
  static Int andInt(Int a, Int b) { return a & b; }
  static Int orInt(Int a, Int b) { return a | b; }
  static Int shiftLeft(Int a, int amount) {
    return static_cast<Int>(static_cast<uint32_t>(a) << amount);
  }
  static Int shiftRight(Int a, int amount) { return a >> amount; }
  static Bool equalInt(Int a, Int b) { return a == b; }
};

/// A float value together with the operations on it, for readable formulas.
template <typename Ops>
struct Number {
  using Float = typename Ops::Float;
  Ops *ops;
  Float value;

  Number with(Float other) const { return {ops, other}; }
  Number constant(float other) const { return {ops, ops->constant(other)}; }

  friend Number operator+(Number a, Number b) {
    return a.with(a.ops->add(a.value, b.value));
  }
  friend Number operator-(Number a, Number b) {
    return a.with(a.ops->sub(a.value, b.value));
  }
  friend Number operator*(Number a, Number b) {
    return a.with(a.ops->mul(a.value, b.value));
  }
  friend Number operator/(Number a, Number b) {
    return a.with(a.ops->div(a.value, b.value));
  }
  friend Number operator+(Number a, float b) { return a + a.constant(b); }
  friend Number operator-(Number a, float b) { return a - a.constant(b); }
  friend Number operator*(Number a, float b) { return a * a.constant(b); }
  friend Number operator/(float a, Number b) { return b.constant(a) / b; }
  friend Number operator-(float a, Number b) { return b.constant(a) - b; }
};

} // namespace shift::math

#endif // SHIFT_SUPPORT_FLOATOPS_H
