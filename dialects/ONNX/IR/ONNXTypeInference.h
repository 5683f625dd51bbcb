//===- ONNXTypeInference.h - Helpers of the type inference ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_ONNX_IR_ONNXTYPEINFERENCE_H
#define DIALECTS_ONNX_IR_ONNXTYPEINFERENCE_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"

namespace mlir::onnx {

inline RankedTensorType tensorType(Type type) {
  return cast<RankedTensorType>(type);
}

inline ArrayRef<int64_t> shapeOf(Value value) {
  return tensorType(value.getType()).getShape();
}

inline Type elementTypeOf(Value value) {
  return tensorType(value.getType()).getElementType();
}

/// `axis` counted from the front, or failure with a message when it is not in
/// [-rank, rank).
FailureOr<int64_t> normalizeAxis(std::optional<Location> loc, int64_t axis,
                                 int64_t rank);

/// NumPy's broadcast of two shapes, or failure with a message.
FailureOr<SmallVector<int64_t>> broadcastShapes(std::optional<Location> loc,
                                                ArrayRef<int64_t> a,
                                                ArrayRef<int64_t> b);

/// The elements that ONNX Slice takes of a dimension of `dim` elements: the
/// first index and how many.
struct SliceRange {
  int64_t first;
  int64_t size;
};
SliceRange sliceRange(int64_t dim, int64_t start, int64_t end, int64_t step);

} // namespace mlir::onnx

#endif // DIALECTS_ONNX_IR_ONNXTYPEINFERENCE_H
