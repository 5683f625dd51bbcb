//===- ElementMap.cpp - Element by element with broadcasting --------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/ElementMap.h"

using namespace mlir;
using namespace mlir::shift::kernels;

namespace {
/// The iteration space of a map with as few dimensions as possible. The last
/// one has stride 0 or 1 in every operand.
struct MapSpace {
  SmallVector<int64_t> sizes;
  /// strides[operand][dimension]
  SmallVector<SmallVector<int64_t>> strides;

  /// Whether the operand has an element of its own for each of the result.
  bool isWhole(size_t operand) const {
    int64_t stride = 1;
    for (size_t d = sizes.size(); d-- > 0; stride *= sizes[d])
      if (strides[operand][d] != stride)
        return false;
    return true;
  }

  std::string key() const {
    std::string text = shapeKey(sizes);
    for (ArrayRef<int64_t> one : strides)
      text += "," + shapeKey(one);
    return text;
  }
};

/// Strides of a tensor of `shape` under broadcasting to `rank` dimensions.
SmallVector<int64_t> broadcastStrides(ArrayRef<int64_t> shape, size_t rank) {
  SmallVector<int64_t> strides(rank, 0);
  int64_t stride = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    int64_t size = shape[shape.size() - 1 - i];
    if (size != 1)
      strides[rank - 1 - i] = stride;
    stride *= size;
  }
  return strides;
}

MapSpace mapSpace(ArrayRef<int64_t> result,
                  ArrayRef<SmallVector<int64_t>> inputs) {
  SmallVector<SmallVector<int64_t>> full;
  for (ArrayRef<int64_t> shape : inputs)
    full.push_back(broadcastStrides(shape, result.size()));
  MapSpace space;
  space.strides.resize(inputs.size());
  for (size_t d = 0; d < result.size(); ++d) {
    if (result[d] == 1)
      continue;
    // Dimension d joins the one before it if every operand walks over both
    // with one stride.
    bool joins = !space.sizes.empty();
    for (size_t i = 0; i < inputs.size() && joins; ++i)
      joins = space.strides[i].back() == full[i][d] * result[d];
    if (joins) {
      space.sizes.back() *= result[d];
    } else {
      space.sizes.push_back(result[d]);
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (joins)
        space.strides[i].back() = full[i][d];
      else
        space.strides[i].push_back(full[i][d]);
    }
  }
  if (space.sizes.empty()) {
    space.sizes.push_back(1);
    for (auto &strides : space.strides)
      strides.push_back(0);
  }
  return space;
}

/// Offset of row number `row` (all dimensions but the last) in one operand.
Val rowOffset(KernelBuilder &kb, const MapSpace &space,
              ArrayRef<int64_t> strides, Val row) {
  Val offset = kb.index(0);
  for (int64_t d = int64_t(space.sizes.size()) - 2; d >= 0; --d) {
    if (strides[d])
      offset = offset + row % space.sizes[d] * strides[d];
    row = row / space.sizes[d];
  }
  return offset;
}

void emitMap(KernelBuilder &kb, const MapSpace &space, ArrayRef<Value> buffers,
             Val begin, Val end, int64_t itemSize,
             const ElementFunction &function) {
  int64_t length = space.sizes.back();
  if (kb.threads)
    return forEachElement(
        kb, begin, product(space.sizes), itemSize, [&](Val i) {
          bool isFlat = space.sizes.size() == 1;
          Val row = isFlat ? kb.index(0) : i / length;
          Val column = isFlat ? i : i % length;
          SmallVector<Val> elements;
          for (auto [k, strides] : llvm::enumerate(space.strides)) {
            Val offset = rowOffset(kb, space, strides, row);
            elements.push_back(
                kb.load(buffers[k], strides.back() ? offset + column : offset));
          }
          kb.store(function(kb, elements, 1), buffers.back(), i);
        });
  int64_t chunks = (length + itemSize - 1) / itemSize;
  kb.loop(begin, end, 1, [&](Val item) {
    Val row = item / chunks;
    Val lo = item % chunks * itemSize;
    Val hi = kb.min(lo + itemSize, kb.index(length));
    SmallVector<Val> offsets;
    for (ArrayRef<int64_t> strides : space.strides)
      offsets.push_back(rowOffset(kb, space, strides, row));
    forEachRun(kb, lo, hi, [&](Val i, int64_t lanes) {
      SmallVector<Val> elements;
      for (size_t k = 0; k < offsets.size(); ++k) {
        if (space.strides[k].back())
          elements.push_back(kb.load(buffers[k], offsets[k] + i, lanes));
        else
          elements.push_back(
              kb.broadcast(kb.load(buffers[k], offsets[k]), lanes));
      }
      kb.store(function(kb, elements, lanes), buffers.back(), row * length + i);
    });
  });
}
} // namespace

void mlir::shift::kernels::lowerElementMap(Operation *op, ValueRange inputs,
                                           StringRef key, Lowering &lowering,
                                           const ElementFunction &function) {
  SmallVector<SmallVector<int64_t>> shapes;
  for (Value input : inputs)
    shapes.emplace_back(shapeOf(input));
  lowerElementMap(op, inputs, shapes, key, lowering, function);
}

void mlir::shift::kernels::lowerElementMap(
    Operation *op, ValueRange inputs, ArrayRef<SmallVector<int64_t>> shapes,
    StringRef key, Lowering &lowering, const ElementFunction &function) {
  Value result = op->getResult(0);
  MapSpace space = mapSpace(shapeOf(result), shapes);
  int64_t length = space.sizes.back();
  StepInfo info;
  int64_t itemSize = lowering.itemSize();
  info.extent = lowering.target.hasBlocks()
                    ? llvm::divideCeil(countOf(result), itemSize)
                    : countOf(result) / std::max<int64_t>(length, 1) *
                          llvm::divideCeil(length, itemSize);
  info.grain = std::max<int64_t>(1, itemSize / std::max<int64_t>(length, 1));
  info.reason = "element by element";
  SmallVector<Value> args;
  std::string types;
  auto widthOf = [](Value tensor) {
    return storageOf(tensor).getIntOrFloatBitWidth();
  };
  for (auto [i, input] : llvm::enumerate(inputs)) {
    if (space.isWhole(i) && widthOf(input) == widthOf(result))
      info.inPlace.push_back(i);
    args.push_back(lowering.buffer(input));
    types += typeKey(input) + "_";
  }
  args.push_back(lowering.output(result));
  lowering.step(op, op->getName().stripDialect().lower(),
                types + typeKey(result) + "_" + space.key() + " " + key, "map",
                args, info,
                [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value,
                    Val begin, Val end) {
                  emitMap(kb, space, buffers, begin, end, itemSize, function);
                });
}
