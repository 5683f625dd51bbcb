//===- ShapeArithmetic.cpp - Ops that exist on constants only -------------===//
// SPDX-License-Identifier: Apache-2.0
// Exporters compute sizes with them; on values known at import they vanish.
//===----------------------------------------------------------------------===//
#include "OpRegistry.h"
#include "shift/Reference/Interpreter.h"
#include "shift/Reference/Kernels.h"

#include <cmath>

using llvm::Twine;
using shift::reference::DType;
using shift::reference::Tensor;

namespace shift::import {

template <float (*function)(float)>
static void importRounding(NodeImporter &n) {
  auto x = n.requireTensor(0, "X");
  if (!x)
    return;
  for (int64_t i = 0; i < x->size(); ++i)
    x->data<float>()[i] = function(x->data<float>()[i]);
  n.result(n.constantOfTensor(*x, elementOf(n.input(0))));
}

static void importRange(NodeImporter &n) {
  Ints bounds;
  for (size_t i = 0; i < 3; ++i) {
    Ints value = n.constantInts(i, "an integer bound");
    if (!n.failed() && value.size() != 1)
      n.fail("expected scalars");
    bounds.push_back(value.empty() ? 0 : value[0]);
  }
  constexpr int64_t limit = int64_t(1) << 40, maxCount = 4096;
  for (int64_t bound : bounds)
    if (bound > limit || bound < -limit)
      n.fail("expected bounds within 2^40, got " + Twine(bound));
  if (!n.failed() && bounds[2] == 0)
    n.fail("expected a delta other than 0");
  if (n.failed())
    return;
  int64_t distance = bounds[1] - bounds[0], step = bounds[2];
  int64_t count = distance / step + (distance % step != 0);
  // A step away from the limit gives nothing.
  if ((distance > 0) != (step > 0))
    count = 0;
  if (count > maxCount) {
    n.fail("expected at most " + Twine(maxCount) + " elements, got " +
           Twine(count));
    return;
  }
  Tensor values(DType::I64, {count});
  for (int64_t i = 0; i < count; ++i)
    values.data<int64_t>()[i] = bounds[0] + i * step;
  mlir::Type element = elementOf(n.input(0));
  n.result(n.constantOfTensor(
      reference::cast(values, *reference::storageType(element)), element));
}

/// The operands broadcast to one shape; false after a failure.
static bool broadcastInputs(NodeImporter &n, std::vector<Tensor> &tensors) {
  Ints shape;
  for (size_t i = 0; i < n.allInputs().size(); ++i) {
    auto tensor = n.requireTensor(i, "an operand");
    if (!tensor)
      return false;
    tensors.push_back(std::move(*tensor));
    Ints own(tensors.back().shape.begin(), tensors.back().shape.end());
    while (own.size() < shape.size())
      own.insert(own.begin(), 1);
    while (shape.size() < own.size())
      shape.insert(shape.begin(), 1);
    for (size_t d = 0; d < own.size(); ++d) {
      if (own[d] != shape[d] && own[d] != 1 && shape[d] != 1) {
        n.fail("expected shapes that broadcast");
        return false;
      }
      shape[d] = shape[d] == 1 ? own[d] : shape[d];
    }
  }
  auto type = tensorType(shape, n.builder.getF32Type());
  constexpr int64_t maxCount = 1 << 16;
  if (!type || (*type).getNumElements() > maxCount) {
    llvm::consumeError(type.takeError());
    n.fail("expected a small result");
    return false;
  }
  for (Tensor &tensor : tensors)
    tensor = reference::expand(tensor, {shape.begin(), shape.end()});
  return true;
}

enum class Comparison { Equal, Less, Greater };

template <Comparison comparison>
static void importComparison(NodeImporter &n) {
  std::vector<Tensor> operands;
  if (!broadcastInputs(n, operands))
    return;
  if (operands[0].dtype != operands[1].dtype) {
    n.fail("expected operands of one type");
    return;
  }
  Tensor result(DType::Bool, operands[0].shape);
  reference::dispatch(operands[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    const T *a = operands[0].data<T>(), *b = operands[1].data<T>();
    for (int64_t i = 0; i < result.size(); ++i)
      result.data<bool>()[i] = comparison == Comparison::Equal  ? a[i] == b[i]
                               : comparison == Comparison::Less ? a[i] < b[i]
                                                                : a[i] > b[i];
  });
  n.result(n.constantOfTensor(result, n.builder.getI1Type()));
}

static void importNot(NodeImporter &n) {
  auto x = n.requireTensor(0, "X");
  if (!x)
    return;
  if (x->dtype != DType::Bool) {
    n.fail("expected a bool operand");
    return;
  }
  for (uint8_t &value : x->bytes)
    value = !value;
  n.result(n.constantOfTensor(*x, n.builder.getI1Type()));
}

static void importWhere(NodeImporter &n) {
  std::vector<Tensor> operands;
  if (!broadcastInputs(n, operands))
    return;
  if (operands[0].dtype != DType::Bool ||
      operands[1].dtype != operands[2].dtype) {
    n.fail("expected a bool condition and two operands of one type");
    return;
  }
  Tensor result = operands[1];
  int64_t width = reference::elementBytes(result.dtype);
  for (int64_t i = 0; i < result.size(); ++i)
    if (!operands[0].data<bool>()[i])
      std::memcpy(&result.bytes[i * width], &operands[2].bytes[i * width],
                  width);
  n.result(n.constantOfTensor(result, elementOf(n.input(1))));
}

/// The number of elements; the shape is known.
static void importSize(NodeImporter &n) {
  auto type = llvm::cast<mlir::RankedTensorType>(n.input(0).getType());
  n.result(n.constantOfTensor(Tensor::of<int64_t>({}, {type.getNumElements()}),
                              n.builder.getIntegerType(64)));
}

llvm::ArrayRef<OpEntry> shapeArithmeticOps() {
  constexpr Folding never = Folding::Never;
  static const OpEntry table[] = {
      {"Ceil", 7, 27, 1, 1, 1, never, importRounding<std::ceil>,
       "on constants"},
      {"Equal", 7, 27, 2, 2, 0, never, importComparison<Comparison::Equal>,
       "on constants"},
      {"Floor", 7, 27, 1, 1, 1, never, importRounding<std::floor>,
       "on constants"},
      {"Greater", 7, 27, 2, 2, 0, never, importComparison<Comparison::Greater>,
       "on constants"},
      {"Less", 7, 27, 2, 2, 0, never, importComparison<Comparison::Less>,
       "on constants"},
      {"Not", 7, 27, 1, 1, 0, never, importNot, "on constants"},
      {"Range", 11, 27, 3, 3, 0, never, importRange, "on integer constants"},
      {"Size", 7, 27, 1, 1, 0, never, importSize, "becomes a constant"},
      {"Where", 9, 27, 3, 3, 0, never, importWhere, "on constants"},
  };
  return table;
}

} // namespace shift::import
