//===- KernelBuilder.cpp - Writing loops and arithmetic in MLIR -----------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/KernelBuilder.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"

using namespace mlir;
using namespace mlir::shift::kernels;

Type KernelBuilder::elementOf(Type type) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.getElementType();
  return type;
}

int64_t KernelBuilder::lanesOf(Type type) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.getNumElements();
  return 1;
}

bool Val::isFloat() const {
  return isa<FloatType>(KernelBuilder::elementOf(type()));
}

Type KernelBuilder::vec(Type element, int64_t lanes) {
  return lanes == 1 ? element : VectorType::get({lanes}, element);
}

Type KernelBuilder::like(Type shape, Type element) {
  return vec(element, lanesOf(shape));
}

/// A splat of `scalar` if `type` is a vector, else the scalar itself.
static TypedAttr splat(Type type, Attribute scalar) {
  if (auto vector = dyn_cast<VectorType>(type))
    return DenseElementsAttr::get(vector, scalar);
  return cast<TypedAttr>(scalar);
}

Val KernelBuilder::constant(Type type, int64_t value) {
  if (isa<FloatType>(elementOf(type)))
    return constantFloat(type, double(value));
  Attribute scalar = b.getIntegerAttr(elementOf(type), value);
  return wrap(arith::ConstantOp::create(b, loc, splat(type, scalar)));
}

Val KernelBuilder::constantFloat(Type type, double value) {
  Attribute scalar = b.getFloatAttr(elementOf(type), value);
  return wrap(arith::ConstantOp::create(b, loc, splat(type, scalar)));
}

Val KernelBuilder::constantWide(Type type, __int128 value) {
  Type element = elementOf(type);
  unsigned width = element.getIntOrFloatBitWidth();
  uint64_t words[2] = {uint64_t(value), uint64_t(value >> 64)};
  APInt wide(128, ArrayRef<uint64_t>(words, 2));
  Attribute scalar = IntegerAttr::get(element, wide.sextOrTrunc(width));
  return wrap(arith::ConstantOp::create(b, loc, splat(type, scalar)));
}

void KernelBuilder::loop(Val lo, Val hi, int64_t step,
                         function_ref<void(Val)> body, bool unroll) {
  Value stepValue = index(step).value;
  auto op = scf::ForOp::create(b, loc, lo.value, hi.value, stepValue);
  if (unroll)
    op->setAttr("shift.unroll", b.getUnitAttr());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  body(wrap(op.getInductionVar()));
}

void KernelBuilder::unrolled(int64_t count, StringRef name,
                             function_ref<void(Val)> body, int64_t step) {
  loop(
      index(0), index(count), step, [&](Val i) { body(named(i, name)); },
      /*unroll=*/true);
}

SmallVector<Val> KernelBuilder::loopCarried(
    Val lo, Val hi, int64_t step, ArrayRef<Val> inits,
    function_ref<SmallVector<Val>(Val, ArrayRef<Val>)> body, bool unroll) {
  SmallVector<Value> initValues;
  for (Val init : inits)
    initValues.push_back(init.value);
  Value stepValue = index(step).value;
  auto op =
      scf::ForOp::create(b, loc, lo.value, hi.value, stepValue, initValues);
  if (unroll)
    op->setAttr("shift.unroll", b.getUnitAttr());
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(op.getBody());
    SmallVector<Val> carried;
    for (Value arg : op.getRegionIterArgs())
      carried.push_back(wrap(arg));
    SmallVector<Value> next;
    for (Val value : body(wrap(op.getInductionVar()), carried))
      next.push_back(value.value);
    // A loop that carries nothing has its end already.
    if (!inits.empty())
      scf::YieldOp::create(b, loc, next);
  }
  SmallVector<Val> results;
  for (Value result : op.getResults())
    results.push_back(wrap(result));
  return results;
}

void KernelBuilder::ifThen(Val condition, function_ref<void()> body) {
  auto op = scf::IfOp::create(b, loc, condition.value);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.thenBlock());
  body();
}

void KernelBuilder::ifThenElse(Val condition, function_ref<void()> thenBody,
                               function_ref<void()> elseBody) {
  auto op = scf::IfOp::create(b, loc, condition.value, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.thenBlock());
  thenBody();
  b.setInsertionPointToStart(op.elseBlock());
  elseBody();
}

Val KernelBuilder::guarded(Val condition, function_ref<Val()> emit, Val other) {
  auto op = scf::IfOp::create(b, loc, other.type(), condition.value,
                              /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.thenBlock());
  scf::YieldOp::create(b, loc, emit().value);
  b.setInsertionPointToStart(op.elseBlock());
  scf::YieldOp::create(b, loc, other.value);
  return wrap(op.getResult(0));
}

static SmallVector<Value> valuesOf(ArrayRef<Val> vals) {
  return llvm::map_to_vector(vals, [](Val val) { return val.value; });
}

Val KernelBuilder::load(Value buffer, ArrayRef<Val> indices, int64_t lanes) {
  if (lanes == 1)
    return wrap(memref::LoadOp::create(b, loc, buffer, valuesOf(indices)));
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  return wrap(vector::LoadOp::create(b, loc,
                                     cast<VectorType>(vec(element, lanes)),
                                     buffer, valuesOf(indices)));
}

void KernelBuilder::store(Val value, Value buffer, ArrayRef<Val> indices) {
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  if (value.type() == element)
    memref::StoreOp::create(b, loc, value.value, buffer, valuesOf(indices));
  else
    vector::StoreOp::create(b, loc, value.value, buffer, valuesOf(indices));
}

void KernelBuilder::prefetch(Value buffer, Val index) {
  memref::PrefetchOp::create(b, loc, buffer, index.value, /*isWrite=*/false,
                             /*localityHint=*/2, /*isDataCache=*/true);
}

Val KernelBuilder::thread() {
  return wrap(gpu::ThreadIdOp::create(b, loc, gpu::Dimension::x));
}

Value KernelBuilder::shared(Type element, ArrayRef<int64_t> shape,
                            StringRef name) {
  auto kernel =
      b.getInsertionBlock()->getParent()->getParentOfType<gpu::GPUFuncOp>();
  auto space =
      gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  auto type =
      MemRefType::get(shape, element, MemRefLayoutAttrInterface(), space);
  Location named = NameLoc::get(b.getStringAttr(name), loc);
  return kernel.addWorkgroupAttribution(type, named);
}

Value KernelBuilder::local(Type element, ArrayRef<int64_t> shape,
                           StringRef name) {
  Location named = NameLoc::get(b.getStringAttr(name), loc);
  return memref::AllocaOp::create(b, named, MemRefType::get(shape, element));
}

Val KernelBuilder::named(Val value, StringRef name) {
  named(value.value, name);
  return value;
}

void KernelBuilder::named(Value value, StringRef name) {
  value.setLoc(NameLoc::get(b.getStringAttr(name), loc));
}

void KernelBuilder::copyAsync(Value source, Val at, Value target,
                              ArrayRef<Val> to, int64_t count, Val isThere) {
  Value read;
  if (isThere.kb)
    read = select(isThere, index(count), index(0)).value;
  nvgpu::DeviceAsyncCopyOp::create(
      b, loc, nvgpu::DeviceAsyncTokenType::get(b.getContext()), target,
      valuesOf(to), source, at.value, b.getIndexAttr(count), read, UnitAttr());
}

void KernelBuilder::barrier() { gpu::BarrierOp::create(b, loc); }

Value KernelBuilder::view(Value bytes, Val byteOffset, Type element,
                          ArrayRef<int64_t> shape) {
  auto type =
      MemRefType::get(shape, element, MemRefLayoutAttrInterface(),
                      cast<MemRefType>(bytes.getType()).getMemorySpace());
  return memref::ViewOp::create(b, loc, type, bytes, byteOffset.value,
                                ValueRange{});
}

Val KernelBuilder::select(Val condition, Val x, Val y) {
  return wrap(
      arith::SelectOp::create(b, loc, condition.value, x.value, y.value));
}

Val KernelBuilder::min(Val x, Val y) {
  if (isa<IndexType>(elementOf(x.type())))
    return wrap(arith::MinUIOp::create(b, loc, x.value, y.value));
  return minSigned(x, y);
}

Val KernelBuilder::max(Val x, Val y) {
  if (isa<IndexType>(elementOf(x.type())))
    return wrap(arith::MaxUIOp::create(b, loc, x.value, y.value));
  return maxSigned(x, y);
}

Val KernelBuilder::minSigned(Val x, Val y) {
  return wrap(arith::MinSIOp::create(b, loc, x.value, y.value));
}

Val KernelBuilder::maxSigned(Val x, Val y) {
  return wrap(arith::MaxSIOp::create(b, loc, x.value, y.value));
}

Val KernelBuilder::compare(arith::CmpIPredicate predicate, Val x, Val y) {
  return wrap(arith::CmpIOp::create(b, loc, predicate, x.value, y.value));
}

Val KernelBuilder::compare(arith::CmpFPredicate predicate, Val x, Val y) {
  return wrap(arith::CmpFOp::create(b, loc, predicate, x.value, y.value));
}

Val KernelBuilder::fma(Val x, Val y, Val z) {
  return wrap(math::FmaOp::create(b, loc, x.value, y.value, z.value));
}

Val KernelBuilder::sqrt(Val x) {
  return wrap(math::SqrtOp::create(b, loc, x.value));
}

Val KernelBuilder::abs(Val x) {
  return wrap(math::AbsFOp::create(b, loc, x.value));
}

Val KernelBuilder::shl(Val x, Val y) {
  return wrap(arith::ShLIOp::create(b, loc, x.value, y.value));
}

Val KernelBuilder::shr(Val x, Val y) {
  return wrap(arith::ShRSIOp::create(b, loc, x.value, y.value));
}

Val KernelBuilder::shrUnsigned(Val x, Val y) {
  return wrap(arith::ShRUIOp::create(b, loc, x.value, y.value));
}

Val KernelBuilder::bitAnd(Val x, Val y) {
  return wrap(arith::AndIOp::create(b, loc, x.value, y.value));
}

Val KernelBuilder::bitOr(Val x, Val y) {
  return wrap(arith::OrIOp::create(b, loc, x.value, y.value));
}

Val KernelBuilder::bitXor(Val x, Val y) {
  return wrap(arith::XOrIOp::create(b, loc, x.value, y.value));
}

Val KernelBuilder::all(ArrayRef<Val> conditions) {
  Val result;
  for (Val condition : conditions)
    result = result.kb ? bitAnd(result, condition) : condition;
  return result;
}

Val KernelBuilder::broadcast(Val scalar, int64_t lanes) {
  if (lanes == 1)
    return scalar;
  return wrap(vector::BroadcastOp::create(b, loc, vec(scalar.type(), lanes),
                                          scalar.value));
}

SmallVector<Val> KernelBuilder::elements(Val a) {
  if (!isa<VectorType>(a.type()))
    return {a};
  SmallVector<Val> all;
  for (int64_t i = 0; i < lanesOf(a.type()); ++i)
    all.push_back(wrap(vector::ExtractOp::create(b, loc, a.value, i)));
  return all;
}

Val KernelBuilder::everySecond(Val a) {
  return wrap(vector::DeinterleaveOp::create(b, loc, a.value).getRes1());
}

Val KernelBuilder::divide(Val a, int64_t divisor, int64_t largest) {
  if (llvm::isPowerOf2_64(divisor))
    return a / divisor;
  Val quotient = index(0);
  for (int bit = llvm::Log2_64(std::max<int64_t>(largest, 1)); bit >= 0;
       --bit) {
    Val part = index(divisor << bit);
    Val fits = compare(arith::CmpIPredicate::uge, a, part);
    a = select(fits, a - part, a);
    quotient = select(fits, quotient + (int64_t(1) << bit), quotient);
  }
  return quotient;
}

Val KernelBuilder::bitcast(Val x, Type element) {
  return wrap(
      arith::BitcastOp::create(b, loc, like(x.type(), element), x.value));
}

Val KernelBuilder::vectorCast(Val x, Type element, int64_t lanes) {
  Type type = vec(element, lanes);
  if (x.type() == type)
    return x;
  return wrap(
      vector::BitCastOp::create(b, loc, cast<VectorType>(type), x.value));
}

Val KernelBuilder::convert(Val x, Type element, bool isSigned) {
  Type from = elementOf(x.type()), to = like(x.type(), element);
  if (from == element)
    return x;
  if (isa<FloatType>(from) && isa<FloatType>(element)) {
    if (from.getIntOrFloatBitWidth() < element.getIntOrFloatBitWidth())
      return wrap(arith::ExtFOp::create(b, loc, to, x.value));
    return wrap(arith::TruncFOp::create(b, loc, to, x.value));
  }
  if (isa<FloatType>(element)) {
    if (isSigned)
      return wrap(arith::SIToFPOp::create(b, loc, to, x.value));
    return wrap(arith::UIToFPOp::create(b, loc, to, x.value));
  }
  if (isa<FloatType>(from)) {
    if (isSigned)
      return wrap(arith::FPToSIOp::create(b, loc, to, x.value));
    return wrap(arith::FPToUIOp::create(b, loc, to, x.value));
  }
  if (from.getIntOrFloatBitWidth() > element.getIntOrFloatBitWidth())
    return wrap(arith::TruncIOp::create(b, loc, to, x.value));
  if (isSigned)
    return wrap(arith::ExtSIOp::create(b, loc, to, x.value));
  return wrap(arith::ExtUIOp::create(b, loc, to, x.value));
}

Val KernelBuilder::toIndex(Val x) {
  return wrap(arith::IndexCastOp::create(b, loc, b.getIndexType(), x.value));
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

template <typename FloatOp, typename IntOp>
static Val binary(Val a, Val b) {
  KernelBuilder &kb = *a.kb;
  if (a.isFloat())
    return kb.wrap(FloatOp::create(kb.b, kb.loc, a.value, b.value));
  return kb.wrap(IntOp::create(kb.b, kb.loc, a.value, b.value));
}

namespace mlir::shift::kernels {
Val operator+(Val a, Val b) {
  return binary<arith::AddFOp, arith::AddIOp>(a, b);
}
Val operator-(Val a, Val b) {
  return binary<arith::SubFOp, arith::SubIOp>(a, b);
}
Val operator*(Val a, Val b) {
  return binary<arith::MulFOp, arith::MulIOp>(a, b);
}
Val operator/(Val a, Val b) {
  if (isa<IndexType>(a.type()))
    return binary<arith::DivFOp, arith::DivUIOp>(a, b);
  return binary<arith::DivFOp, arith::DivSIOp>(a, b);
}
Val operator%(Val a, Val b) {
  return binary<arith::RemFOp, arith::RemUIOp>(a, b);
}
Val operator-(Val a) {
  if (a.isFloat())
    return a.kb->wrap(arith::NegFOp::create(a.kb->b, a.kb->loc, a.value));
  return a.kb->constant(a.type(), 0) - a;
}
Val operator+(Val a, int64_t b) { return a + a.kb->constant(a.type(), b); }
Val operator-(Val a, int64_t b) { return a - a.kb->constant(a.type(), b); }
Val operator*(Val a, int64_t b) { return a * a.kb->constant(a.type(), b); }
Val operator/(Val a, int64_t b) { return a / a.kb->constant(a.type(), b); }
Val operator%(Val a, int64_t b) { return a % a.kb->constant(a.type(), b); }
} // namespace mlir::shift::kernels

Val mlir::shift::kernels::emitFloatClamp(KernelBuilder &kb, Val value,
                                         std::optional<float> lo,
                                         std::optional<float> hi) {
  if (lo) {
    Val bound = kb.constantFloat(value.type(), *lo);
    // The upper bound is looked at only where the lower one was not taken; as
    // lo <= hi that is the same as applying both in turn.
    value = kb.select(kb.compare(arith::CmpFPredicate::OLT, value, bound),
                      bound, value);
  }
  if (hi) {
    Val bound = kb.constantFloat(value.type(), *hi);
    value = kb.select(kb.compare(arith::CmpFPredicate::OGT, value, bound),
                      bound, value);
  }
  return value;
}
