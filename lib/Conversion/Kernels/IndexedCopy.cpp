//===- IndexedCopy.cpp - Moving elements by index -------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/IndexedCopy.h"

using namespace mlir;
using namespace mlir::shift::kernels;

namespace {
/// Joins dimensions that source and target both walk over with one stride.
void collapse(SmallVectorImpl<CopyDimension> &dimensions) {
  SmallVector<CopyDimension> result;
  for (CopyDimension &next : dimensions) {
    if (next.size == 1 && next.table.empty())
      continue;
    if (!result.empty() && next.table.empty() && result.back().table.empty() &&
        result.back().sourceStride == next.sourceStride * next.size &&
        result.back().targetStride == next.targetStride * next.size) {
      result.back().size *= next.size;
      result.back().sourceStride = next.sourceStride;
      result.back().targetStride = next.targetStride;
    } else {
      result.push_back(next);
    }
  }
  if (result.empty())
    result.push_back({});
  dimensions = std::move(result);
}

std::string copyKey(const IndexedCopy &copy) {
  std::string key;
  llvm::raw_string_ostream os(key);
  for (const CopyDimension &d : copy.dimensions) {
    os << d.size << (d.table.empty() ? "s" : "t");
    if (d.table.empty())
      os << d.sourceStride;
    os << '_' << d.targetStride << 'x';
  }
  os << " from " << copy.sourceBase << " to " << copy.targetBase << ' '
     << copy.convertKey << ' ';
  if (copy.fill)
    os << copy.fill;
  return key;
}

/// Emits the loops of one copy.
class CopyEmitter {
public:
  CopyEmitter(KernelBuilder &kb, const IndexedCopy &copy,
              ArrayRef<Value> buffers, int64_t itemSize)
      : kb(kb), copy(copy), itemSize(itemSize), source(buffers.front()),
        target(buffers.back()), tables(buffers.drop_front().drop_back()) {}

  void run(Val begin, Val end) {
    const CopyDimension &inner = copy.dimensions.back();
    if (kb.threads) {
      int64_t count = 1;
      for (const CopyDimension &one : copy.dimensions)
        count *= one.size;
      return forEachElement(kb, begin, count, itemSize, [&](Val i) {
        bool isFlat = copy.dimensions.size() == 1;
        Val column = isFlat ? i : i % inner.size;
        row(isFlat ? kb.index(0) : i / inner.size,
            [&](function_ref<void(Val, int64_t)> move) { move(column, 1); });
      });
    }
    int64_t chunks = (inner.size + itemSize - 1) / itemSize;
    kb.loop(begin, end, 1, [&](Val item) {
      Val lo = item % chunks * itemSize;
      Val hi = kb.min(lo + itemSize, kb.index(inner.size));
      row(item / chunks, [&](function_ref<void(Val, int64_t)> move) {
        if (inner.table.empty() && inner.sourceStride == 1 &&
            inner.targetStride == 1)
          return forEachRun(kb, lo, hi, move);
        kb.loop(lo, hi, 1, [&](Val i) { move(i, 1); });
      });
    });
  }

private:
  /// A table's entry; entries outside become 0 and clear `inside`.
  Val lookUp(Value table, Val index, Val &inside) {
    Val offset = kb.toIndex(kb.load(table, index));
    if (!copy.fill)
      return offset;
    Val zero = kb.index(0);
    Val isInside = kb.compare(arith::CmpIPredicate::sge, offset, zero);
    inside = inside.kb ? kb.bitAnd(inside, isInside) : isInside;
    return kb.select(isInside, offset, zero);
  }

  /// Gives `emit` what moves elements of a row, from one of its number on.
  void row(Val rest,
           function_ref<void(function_ref<void(Val, int64_t)>)> emit) {
    Val from = kb.index(copy.sourceBase), to = kb.index(copy.targetBase);
    Val inside;
    size_t table = tables.size();
    const CopyDimension &inner = copy.dimensions.back();
    Value innerTable = inner.table.empty() ? Value() : tables[--table];
    for (int64_t d = int64_t(copy.dimensions.size()) - 2; d >= 0; --d) {
      const CopyDimension &one = copy.dimensions[d];
      Val index = rest % one.size;
      rest = rest / one.size;
      from =
          from + (one.table.empty() ? index * one.sourceStride
                                    : lookUp(tables[--table], index, inside));
      to = to + index * one.targetStride;
    }
    auto move = [&](Val i, int64_t lanes) {
      Val valid = inside;
      Val offset =
          innerTable ? lookUp(innerTable, i, valid) : i * inner.sourceStride;
      Val value = kb.load(source, from + offset, lanes);
      if (copy.convert)
        value = copy.convert(kb, value);
      if (valid.kb)
        value = kb.select(valid, value, fillValue(value.type()));
      kb.store(value, target, to + i * inner.targetStride);
    };
    emit(move);
  }

  Val fillValue(Type type) {
    TypedAttr attr = copy.fill;
    if (auto vector = dyn_cast<VectorType>(type))
      attr = DenseElementsAttr::get(vector, Attribute(attr));
    return kb.wrap(arith::ConstantOp::create(kb.b, kb.loc, attr));
  }

  KernelBuilder &kb;
  const IndexedCopy &copy;
  int64_t itemSize;
  Value source, target;
  ArrayRef<Value> tables;
};
} // namespace

SmallVector<int64_t> mlir::shift::kernels::rowStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t d = int64_t(shape.size()) - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * shape[d + 1];
  return strides;
}

IndexedCopy mlir::shift::kernels::wholeCopy(ArrayRef<int64_t> shape) {
  IndexedCopy copy;
  for (auto [size, stride] : llvm::zip(shape, rowStrides(shape)))
    copy.dimensions.push_back({size, stride, stride, {}});
  return copy;
}

void mlir::shift::kernels::lowerCopy(Operation *op, Value source, Value target,
                                     IndexedCopy copy, Lowering &lowering) {
  collapse(copy.dimensions);
  SmallVector<Value> args{source};
  Type i64 = IntegerType::get(op->getContext(), 64);
  int64_t rows = 1;
  for (const CopyDimension &one : copy.dimensions) {
    rows *= one.size;
    if (!one.table.empty())
      args.push_back(lowering.constant(ArrayRef<int64_t>(one.table), i64));
  }
  args.push_back(target);
  int64_t inner = copy.dimensions.back().size;
  rows /= std::max<int64_t>(inner, 1);
  StepInfo info;
  int64_t itemSize = lowering.itemSize();
  info.extent = lowering.target.hasBlocks()
                    ? llvm::divideCeil(rows * inner, itemSize)
                    : rows * llvm::divideCeil(inner, itemSize);
  info.grain = std::max<int64_t>(1, itemSize / std::max<int64_t>(inner, 1));
  info.reason = "moves elements";
  std::string key = copyKey(copy);
  lowering.step(op, op->getName().stripDialect().lower(), key, "move", args,
                info,
                [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value,
                    Val begin, Val end) {
                  CopyEmitter(kb, copy, buffers, itemSize).run(begin, end);
                });
}
