//===- ShiftActivationOps.cpp - Verifiers of ops on fixed point -----------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftOps.h"
#include "dialects/Shift/IR/ShiftVerify.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::shift;

LogicalResult mlir::shift::verifySameShape(Operation *op, Value a, Value b) {
  if (shapeOf(a) != shapeOf(b))
    return op->emitOpError("expected equal shapes, got ")
           << a.getType() << " and " << b.getType();
  return success();
}

LogicalResult mlir::shift::verifyInside(Operation *op, Value result,
                                        Value inside) {
  if (!inside)
    return success();
  if (!getFixedPoint(result.getType()))
    return op->emitOpError("expected inside of a fixed-point result only, got ")
           << result.getType();
  return verifySameShape(op, result, inside);
}

static LogicalResult verifySameElement(Operation *op, Value a, Value b) {
  if (getElementTypeOrSelf(a) != getElementTypeOrSelf(b))
    return op->emitOpError("expected equal element types, got ")
           << getElementTypeOrSelf(a) << " and " << getElementTypeOrSelf(b);
  return success();
}

LogicalResult QuantizeOp::verify() {
  if (failed(verifySameShape(*this, getInput(), getResult())))
    return failure();                                   // quantize_c1
  return verifyInside(*this, getResult(), getInside()); // quantize_c2
}

LogicalResult DequantizeOp::verify() { // dequantize_c1
  return verifySameShape(*this, getInput(), getResult());
}

LogicalResult RequantizeOp::verify() {
  if (failed(verifySameShape(*this, getInput(), getResult())))
    return failure(); // requantize_c1
  if (failed(verifyClamp(*this, getClampMin(), getClampMax())))
    return failure();                                   // requantize_c2
  return verifyInside(*this, getResult(), getInside()); // requantize_c3
}

LogicalResult AddOp::verify() {
  if (failed(verifySameShape(*this, getLhs(), getRhs())) ||
      failed(verifySameShape(*this, getLhs(), getResult()))) // add_c1
    return failure();
  if (failed(verifyClamp(*this, getClampMin(), getClampMax()))) // add_c2
    return failure();
  return verifyInside(*this, getResult(), getInside()); // add_c3
}

LogicalResult ConcatOp::verify() { // concat_c1
  ArrayRef<int64_t> result = shapeOf(getResult());
  int64_t axis = getAxis(), sum = 0;
  if (getInputs().empty() || axis < 0 || axis >= int64_t(result.size()))
    return emitOpError("expected inputs and an axis in [0, ")
           << result.size() << "), got axis " << axis;
  for (Value input : getInputs()) {
    SmallVector<int64_t> shape(shapeOf(input));
    if (shape.size() != result.size())
      return emitOpError("expected inputs of rank ")
             << result.size() << ", got " << shape.size();
    sum += shape[axis];
    shape[axis] = result[axis];
    if (ArrayRef<int64_t>(shape) != result)
      return emitOpError("expected shapes equal but for axis ")
             << axis << ", got " << input.getType();
  }
  if (sum != result[axis])
    return emitOpError("expected a result of ")
           << sum << " along axis " << axis << ", got " << result[axis];
  return success();
}

LogicalResult MaxPoolOp::verify() {
  Window2D window{getKernel(), getStrides(), getDilations(), getPads(),
                  getCeilMode() != 0};
  if (failed(verifyWindow(*this, getInput(), getResult(), window)))
    return failure(); // max_pool_c1, max_pool_c2
  if (shapeOf(getInput())[1] != shapeOf(getResult())[1])
    return emitOpError("expected equal channels");          // max_pool_c2
  return verifySameElement(*this, getInput(), getResult()); // max_pool_c3
}

LogicalResult AveragePoolOp::verify() {
  Window2D window{getKernel(), getStrides(), getDilations(), getPads(),
                  getCeilMode() != 0};
  if (failed(verifyWindow(*this, getInput(), getResult(), window)))
    return failure(); // average_pool_c1, average_pool_c2
  if (shapeOf(getInput())[1] != shapeOf(getResult())[1])
    return emitOpError("expected equal channels"); // average_pool_c2
  return success();
}

LogicalResult mlir::shift::verifyResample(Operation *op, Value input,
                                          Value result, ArrayRef<int64_t> rows,
                                          ArrayRef<int64_t> columns) {
  ArrayRef<int64_t> in = shapeOf(input), out = shapeOf(result);
  if (in.size() != 4 || out.size() != 4)
    return op->emitOpError("expected tensors of rank 4");
  ArrayRef<int64_t> indices[] = {rows, columns};
  for (int i = 0; i < 2; ++i)
    for (int64_t index : indices[i])
      if (index < 0 || index >= in[i + 2])
        return op->emitOpError("expected indices in [0, ")
               << in[i + 2] << "), got " << index;
  int64_t expected[] = {in[0], in[1], int64_t(rows.size()),
                        int64_t(columns.size())};
  if (out != ArrayRef<int64_t>(expected))
    return op->emitOpError("expected ")
           << expected[2] << " x " << expected[3]
           << " resampled elements a channel, got " << result.getType();
  return success();
}

LogicalResult ResizeNearestOp::verify() {
  if (failed(verifyResample(*this, getInput(), getResult(), getRows(),
                            getColumns())))
    return failure(); // resize_nearest_c1, resize_nearest_c2
  return verifySameElement(*this, getInput(), getResult()); // resize_nearest_c3
}

LogicalResult PadOp::verify() {
  ArrayRef<int64_t> in = shapeOf(getInput()), out = shapeOf(getResult());
  ArrayRef<int64_t> pads = getPads();
  if (pads.size() != 2 * in.size() || out.size() != in.size()) // pad_c1
    return emitOpError("expected two pads a dimension, got ") << pads.size();
  constexpr int64_t limit = int64_t(1) << 31;
  for (int64_t pad : pads)
    if (pad < -limit || pad > limit) // pad_c1
      return emitOpError("expected pads within -2^31 to 2^31, got ") << pad;
  for (size_t i = 0; i < in.size(); ++i)
    if (in[i] + pads[i] + pads[i + in.size()] != out[i]) // pad_c1
      return emitOpError("expected a result of ")
             << in[i] + pads[i] + pads[i + in.size()] << " in dimension " << i
             << ", got " << out[i];
  return verifySameElement(*this, getInput(), getResult()); // pad_c2
}

LogicalResult ReshapeOp::verify() {
  if (cast<ShapedType>(getInput().getType()).getNumElements() !=
      cast<ShapedType>(getType()).getNumElements()) // reshape_c1
    return emitOpError("expected equal numbers of elements, got ")
           << getInput().getType() << " and " << getType();
  return verifySameElement(*this, getInput(), getResult()); // reshape_c2
}

LogicalResult TransposeOp::verify() {
  ArrayRef<int64_t> in = shapeOf(getInput()), out = shapeOf(getResult());
  SmallVector<bool> seen(in.size(), false);
  if (getPerm().size() != in.size() || out.size() != in.size())
    return emitOpError("expected perm of ") << in.size() << " entries";
  for (auto [i, axis] : llvm::enumerate(getPerm())) { // transpose_c1
    if (axis < 0 || axis >= int64_t(in.size()) || seen[axis] ||
        out[i] != in[axis])
      return emitOpError("expected a permutation and the shape it gives");
    seen[axis] = true;
  }
  return verifySameElement(*this, getInput(), getResult()); // transpose_c2
}

LogicalResult SliceOp::verify() {
  ArrayRef<int64_t> in = shapeOf(getInput()), out = shapeOf(getResult());
  if (getStarts().size() != in.size() || getSteps().size() != in.size() ||
      out.size() != in.size()) // slice_c1
    return emitOpError("expected one start and one step a dimension");
  for (size_t i = 0; i < in.size(); ++i) { // slice_c2
    int64_t first = getStarts()[i];
    int64_t last;
    if (getSteps()[i] == 0) // slice_c4
      return emitOpError("expected steps other than 0");
    if (llvm::MulOverflow(std::max<int64_t>(0, out[i] - 1), getSteps()[i],
                          last) ||
        llvm::AddOverflow(first, last, last) ||
        (out[i] > 0 &&
         (std::min(first, last) < 0 || std::max(first, last) >= in[i])))
      return emitOpError("expected indices inside dimension ")
             << i << " of size " << in[i];
  }
  return verifySameElement(*this, getInput(), getResult()); // slice_c3
}

LogicalResult GroupNormOp::verify() {
  ArrayRef<int64_t> in = shapeOf(getInput());
  if (in.size() < 2 || getNumGroups() < 1 ||
      in[1] % getNumGroups() != 0) // group_norm_c1
    return emitOpError("expected num_groups that divide the channels, got ")
           << getNumGroups() << " and " << getInput().getType();
  for (Value parameter : {getScale(), getBias()})
    if (shapeOf(parameter) != ArrayRef<int64_t>{in[1]}) // group_norm_c2
      return emitOpError("expected parameters of ")
             << in[1] << " elements, got " << parameter.getType();
  if (failed(verifySameShape(*this, getInput(), getResult())))
    return failure(); // group_norm_c3
  if (failed(verifyClamp(*this, getClampMin(), getClampMax())))
    return failure();                                   // group_norm_c4
  return verifyInside(*this, getResult(), getInside()); // group_norm_c5
}
