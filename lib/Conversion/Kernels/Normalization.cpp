//===- Normalization.cpp - Batch, instance and group norms ----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/Normalization.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include <cmath>

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;

std::string GroupNorm::key() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << typeKey(input) << '_' << typeKey(result) << '_' << batch << 'x'
     << channels << 'x' << plane << 'g' << groups << 'e' << floatKey(epsilon);
  if (clampMin)
    os << " min" << floatKey(*clampMin);
  if (clampMax)
    os << " max" << floatKey(*clampMax);
  return text;
}

GroupNorm mlir::shift::kernels::describeGroupNorm(Operation *op) {
  GroupNorm norm;
  norm.input = op->getOperand(0);
  norm.scale = op->getOperand(1);
  norm.bias = op->getOperand(2);
  norm.result = op->getResult(0);
  ArrayRef<int64_t> shape = shapeOf(norm.input);
  norm.batch = shape[0];
  norm.channels = norm.groups = shape[1];
  norm.plane = product(shape.drop_front(2));
  if (auto group = dyn_cast<onnx::GroupNormalizationOp>(op)) {
    norm.groups = group.getNumGroups();
    norm.epsilon = group.getEpsilon().convertToFloat();
  } else if (auto instance = dyn_cast<onnx::InstanceNormalizationOp>(op)) {
    norm.epsilon = instance.getEpsilon().convertToFloat();
  } else {
    auto fixed = cast<GroupNormOp>(op);
    norm.groups = fixed.getNumGroups();
    norm.epsilon = fixed.getEpsilon().convertToFloat();
    if (fixed.getClampMin())
      norm.clampMin = fixed.getClampMin()->convertToFloat();
    if (fixed.getClampMax())
      norm.clampMax = fixed.getClampMax()->convertToFloat();
    auto formatOf = [](Value tensor) {
      return getFixedPoint(
          cast<RankedTensorType>(tensor.getType()).getElementType());
    };
    norm.in = formatOf(norm.input);
    norm.out = formatOf(norm.result);
  }
  return norm;
}

bool mlir::shift::kernels::isNormalization(Operation *op, std::string &reason) {
  if (!isa<onnx::BatchNormalizationOp, onnx::GroupNormalizationOp,
           onnx::InstanceNormalizationOp, GroupNormOp>(op))
    return false;
  if (!isa<GroupNormOp>(op)) {
    if (isFloatTensor(op->getOperand(0)))
      return true;
    reason = "expected float32";
    return false;
  }
  GroupNorm norm = describeGroupNorm(op);
  double q = double(norm.in->maxAbsQ());
  if (q * q * double(norm.members() * norm.plane) < 0x1p63)
    return true;
  reason = "the sum of squares may exceed 64 bits";
  return false;
}

NormCoefficients mlir::shift::kernels::emitCoefficients(KernelBuilder &kb,
                                                        const GroupNorm &norm,
                                                        Val sum, Val squares,
                                                        Val scale, Val bias) {
  auto f64 = [&](double value) { return kb.constantFloat(kb.f64(), value); };
  Val n = f64(double(norm.members() * norm.plane));
  Val mean = sum / n;
  Val raw = squares / n - mean * mean;
  Val isNegative = kb.compare(arith::CmpFPredicate::OLT, raw, f64(0));
  Val variance = kb.select(isNegative, f64(0), raw);
  int fraction = norm.in ? norm.in->fraction : 0;
  Val scaled = variance * f64(std::ldexp(1.0, -2 * fraction));
  Val gamma = kb.convert(scale, kb.f64()), beta = kb.convert(bias, kb.f64());
  Val a = gamma / kb.sqrt(scaled + f64(double(norm.epsilon)));
  Val b = beta - mean * f64(std::ldexp(1.0, -fraction)) * a;
  return {kb.convert(a, kb.f32()), kb.convert(b, kb.f32())};
}

Val mlir::shift::kernels::emitNormalized(KernelBuilder &kb,
                                         const GroupNorm &norm, Val stored,
                                         Val factor, Val addend) {
  Val x = norm.in ? emitToFloat(kb, stored, *norm.in) : stored;
  Val y = emitFloatClamp(kb, x * factor + addend, norm.clampMin, norm.clampMax);
  if (!norm.out)
    return y;
  return emitToFixed(kb, y, {norm.out->qMin(), norm.out->qMax()}, *norm.out);
}
