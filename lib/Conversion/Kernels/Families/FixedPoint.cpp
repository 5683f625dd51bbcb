//===- FixedPoint.cpp - Quantize, dequantize, requantize, add -------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/ElementMap.h"
#include "lib/Conversion/Kernels/FixedMath.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;
using ::shift::FixedPoint;

namespace {
std::optional<FixedPoint> formatOf(Value tensor) {
  return getFixedPoint(
      cast<RankedTensorType>(tensor.getType()).getElementType());
}

std::string rangeKey(FixedRange range) {
  return std::to_string(range.lo) + "_" + std::to_string(range.hi);
}

class FixedPointFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "map"; }

  bool canTake(Operation *op, std::string &) const override {
    return isa<QuantizeOp, DequantizeOp, RequantizeOp, mlir::shift::AddOp>(op);
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    if (auto quantize = dyn_cast<QuantizeOp>(op)) {
      FixedPoint out = *formatOf(quantize.getResult());
      FixedRange range{out.qMin(), out.qMax()};
      if (quantize.getFloor())
        out.rounding = ::shift::FixedRounding::Floor;
      lowerElementMap(op, op->getOperands(), quantize.getFloor() ? "floor" : "",
                      lowering,
                      [=](KernelBuilder &kb, ArrayRef<Val> x, int64_t) {
                        return emitToFixed(kb, x[0], range, out);
                      });
    } else if (auto dequantize = dyn_cast<DequantizeOp>(op)) {
      FixedPoint in = *formatOf(dequantize.getInput());
      lowerElementMap(op, op->getOperands(), "", lowering,
                      [=](KernelBuilder &kb, ArrayRef<Val> x, int64_t) {
                        return emitToFloat(kb, x[0], in);
                      });
    } else if (auto requantize = dyn_cast<RequantizeOp>(op)) {
      FixedPoint in = *formatOf(requantize.getInput());
      FixedPoint out = *formatOf(requantize.getResult());
      FixedRange range = fixedRange(out, toFloat(requantize.getClampMin()),
                                    toFloat(requantize.getClampMax()));
      lowerElementMap(op, op->getOperands(), rangeKey(range), lowering,
                      [=](KernelBuilder &kb, ArrayRef<Val> x, int64_t) {
                        return emitRequantize(kb, emitWiden(kb, x[0], in),
                                              in.fraction - out.fraction, range,
                                              out);
                      });
    } else {
      lowerAdd(cast<mlir::shift::AddOp>(op), lowering);
    }
    return success();
  }

private:
  static void lowerAdd(mlir::shift::AddOp op, Lowering &lowering) {
    FixedAdd add = describeAdd(op);
    lowerElementMap(op, op->getOperands(), add.key(), lowering,
                    [=](KernelBuilder &kb, ArrayRef<Val> x, int64_t) {
                      return emitFixedAdd(kb, add, x[0], x[1]);
                    });
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::kernels::createFixedPointFamily() {
  return std::make_unique<FixedPointFamily>();
}
