//===- KernelBuilder.h - Writing loops and arithmetic in MLIR ---*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A thin layer over OpBuilder in which kernel generators read like the loops
// they make. A Val is an MLIR value with C++ operators, so that the templates
// of shift/Support/FloatMath.h run on it and build what they compute.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_KERNELBUILDER_H
#define LIB_CONVERSION_KERNELS_KERNELBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"

namespace mlir::shift::kernels {

class KernelBuilder;

/// An SSA value (index, integer, float, or a vector of these) with operators.
/// Integer comparison, division and shift right are signed, except that index
/// values are never negative and divide unsigned.
struct Val {
  KernelBuilder *kb = nullptr;
  Value value;

  Type type() const { return value.getType(); }
  bool isFloat() const;
};

/// Builds one kernel body.
class KernelBuilder {
public:
  /// `threads`: of a block, whose threads share the elements of a work item
  /// one by one; 0 where one thread computes an item, in vectors.
  KernelBuilder(OpBuilder &builder, Location loc, int64_t threads = 0)
      : b(builder), loc(loc), threads(threads) {}

  Val wrap(Value value) { return {this, value}; }
  /// A constant of `type`, splat over vectors.
  Val constant(Type type, int64_t value);
  Val constantFloat(Type type, double value);
  /// A constant of any width up to 128 bits.
  Val constantWide(Type type, __int128 value);
  Val index(int64_t value) { return constant(b.getIndexType(), value); }

  /// `lanes` elements of `element`; a scalar for lanes == 1.
  Type vec(Type element, int64_t lanes);
  Type f32() { return b.getF32Type(); }
  Type f64() { return b.getF64Type(); }
  Type i(unsigned bits) { return b.getIntegerType(bits); }

  /// for (iv = lo; iv < hi; iv += step) body(iv). `unroll` marks a short loop
  /// that the compiler of CUDA C++ is to unroll.
  void loop(Val lo, Val hi, int64_t step, function_ref<void(Val)> body,
            bool unroll = false);
  /// The same with loop-carried values; body returns the next ones.
  SmallVector<Val>
  loopCarried(Val lo, Val hi, int64_t step, ArrayRef<Val> inits,
              function_ref<SmallVector<Val>(Val, ArrayRef<Val>)> body,
              bool unroll = false);
  /// An unrolled loop over [0, count), whose variable has this name.
  void unrolled(int64_t count, StringRef name, function_ref<void(Val)> body,
                int64_t step = 1);
  void ifThen(Val condition, function_ref<void()> body);
  void ifThenElse(Val condition, function_ref<void()> thenBody,
                  function_ref<void()> elseBody);
  /// condition ? emit() : other, where `emit` may read only if the condition
  /// holds.
  Val guarded(Val condition, function_ref<Val()> emit, Val other);

  /// Element or `lanes` elements of a buffer.
  Val load(Value buffer, ArrayRef<Val> indices, int64_t lanes = 1);
  void store(Val value, Value buffer, ArrayRef<Val> indices);
  /// Asks for an element's cache line to be in the second-level cache soon.
  void prefetch(Value buffer, Val index);
  /// The number of this thread in its block.
  Val thread();
  /// An array that a block's threads share.
  Value shared(Type element, ArrayRef<int64_t> shape, StringRef name);
  /// An array of this thread's own.
  Value local(Type element, ArrayRef<int64_t> shape, StringRef name);
  /// Gives a value the name that printed code shows.
  Val named(Val value, StringRef name);
  void named(Value value, StringRef name);
  /// Starts to copy `count` elements from a place in global memory to one in
  /// shared memory; zeros where `isThere`, if given, does not hold.
  void copyAsync(Value source, Val at, Value target, ArrayRef<Val> to,
                 int64_t count, Val isThere = {});
  /// Waits for the other threads of the block.
  void barrier();
  /// An array at a byte offset of the scratch area or of shared memory.
  Value view(Value bytes, Val byteOffset, Type element,
             ArrayRef<int64_t> shape);

  Val select(Val condition, Val a, Val b);
  Val min(Val a, Val b); ///< signed integers; unsigned for index
  Val max(Val a, Val b);
  Val minSigned(Val a, Val b);
  Val maxSigned(Val a, Val b);
  Val compare(arith::CmpIPredicate predicate, Val a, Val b);
  Val compare(arith::CmpFPredicate predicate, Val a, Val b);
  Val fma(Val a, Val b, Val c);
  Val sqrt(Val a);
  Val abs(Val a);
  Val shl(Val a, Val b);
  Val shr(Val a, Val b); ///< arithmetic
  Val shrUnsigned(Val a, Val b);
  Val bitAnd(Val a, Val b);
  Val bitOr(Val a, Val b);
  Val bitXor(Val a, Val b);
  /// Whether all hold; an empty value for no condition.
  Val all(ArrayRef<Val> conditions);
  Val broadcast(Val scalar, int64_t lanes);
  /// The elements of a vector; a scalar alone.
  SmallVector<Val> elements(Val a);
  /// The elements 0, 2, 4, ... of a vector.
  Val everySecond(Val a);
  /// a / divisor for an index a whose quotient is at most `largest`, in shifts
  /// and subtractions (a division by a constant becomes a multiplication).
  Val divide(Val a, int64_t divisor, int64_t largest);
  Val bitcast(Val a, Type element);
  /// The same bits as a vector of `lanes` elements.
  Val vectorCast(Val a, Type element, int64_t lanes);

  /// Changes the element type: integer widths (signed or not), integer to
  /// float (half to even), float to wider or narrower float, float to an
  /// integer type that holds its whole part.
  Val convert(Val a, Type element, bool isSigned = true);
  Val toIndex(Val a);

  static Type elementOf(Type type);
  static int64_t lanesOf(Type type);

  OpBuilder &b;
  Location loc;
  int64_t threads;

private:
  Type like(Type shape, Type element);
};

Val operator+(Val a, Val b);
Val operator-(Val a, Val b);
Val operator*(Val a, Val b);
Val operator/(Val a, Val b);
Val operator%(Val a, Val b);
Val operator-(Val a);
Val operator+(Val a, int64_t b);
Val operator-(Val a, int64_t b);
Val operator*(Val a, int64_t b);
Val operator/(Val a, int64_t b);
Val operator%(Val a, int64_t b);

/// `clamp_min` and `clamp_max` of a float result: v < lo ? lo : v > hi ? hi :
/// v.
Val emitFloatClamp(KernelBuilder &kb, Val value, std::optional<float> lo,
                   std::optional<float> hi);

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_KERNELBUILDER_H
