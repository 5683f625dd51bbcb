//===- Normalization.cpp - Batch, instance and group normalization --------===//
// SPDX-License-Identifier: Apache-2.0
// Statistics and coefficients in float64 as shift/Support/GroupNorm.h states
// them, then x * a + b, unfused float32.
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/Normalization.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "lib/Conversion/ShiftToCPU/Families.h"
#include "lib/Conversion/ShiftToCPU/LaneSums.h"
#include "lib/Conversion/ShiftToCPU/Panel.h"
#include <cmath>

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cpu;
using ::shift::FixedPoint;

namespace {
class GroupNormKernel {
public:
  GroupNormKernel(KernelBuilder &kb, const GroupNorm &norm,
                  ArrayRef<Value> buffers, Value scratch)
      : kb(kb), norm(norm), input(buffers[0]), scale(buffers[1]),
        bias(buffers[2]), out(buffers[3]) {
    if (!norm.in)
      lanes = kb.view(scratch, kb.index(0), kb.f64(), sumLanes);
  }

  /// An item is one group of one image.
  void run(Val begin, Val end) {
    kb.loop(begin, end, 1, [&](Val item) {
      Val firstPlane = item * norm.members();
      LaneSums sums = norm.in ? integerSums(firstPlane * norm.plane)
                              : floatSums(firstPlane * norm.plane);
      Val firstChannel = item % norm.groups * norm.members();
      kb.loop(kb.index(0), kb.index(norm.members()), 1, [&](Val i) {
        channel(sums, firstChannel + i, (firstPlane + i) * norm.plane);
      });
    });
  }

private:
  Val f64(double value) { return kb.constantFloat(kb.f64(), value); }

  /// Planes in channel order, each by lanes.
  LaneSums floatSums(Val base) {
    SmallVector<Val> total =
        kb.loopCarried(kb.index(0), kb.index(norm.members()), 1,
                       {f64(0), f64(0)}, [&](Val i, ArrayRef<Val> carried) {
                         LaneSums plane =
                             emitLaneSums(kb, input, base + i * norm.plane,
                                          norm.plane, true, lanes);
                         return SmallVector<Val>{carried[0] + plane.sum,
                                                 carried[1] + plane.squares};
                       });
    return {total[0], total[1]};
  }

  /// Exact, so in any order: by lanes of 16, in 32 bits as long as they hold
  /// the squares.
  LaneSums integerSums(Val base) {
    int64_t count = norm.members() * norm.plane;
    int64_t whole = count / sumLanes * sumLanes;
    int64_t q = norm.in->maxAbsQ();
    bool isNarrow = q <= 32768;
    Type narrow = kb.i(isNarrow ? 32 : 64);
    int64_t runs =
        isNarrow
            ? std::min<int64_t>(INT32_MAX / std::max<int64_t>(q * q, 1), 4096)
            : 4096;
    auto accumulate = [&](int64_t from, int64_t to, int64_t width) {
      Val zero = kb.constant(kb.vec(kb.i(64), width), 0);
      Val start = kb.constant(kb.vec(narrow, width), 0);
      return kb.loopCarried(
          kb.index(from), kb.index(to), width * runs, {zero, zero},
          [&](Val first, ArrayRef<Val> carried) {
            Val past = kb.min(first + width * runs, kb.index(to));
            SmallVector<Val> run = kb.loopCarried(
                first, past, width, {start, start},
                [&](Val i, ArrayRef<Val> sums) {
                  Val x = kb.convert(kb.load(input, base + i, width), narrow,
                                     norm.in->isSigned);
                  return SmallVector<Val>{sums[0] + x, sums[1] + x * x};
                });
            return SmallVector<Val>{carried[0] + kb.convert(run[0], kb.i(64)),
                                    carried[1] + kb.convert(run[1], kb.i(64))};
          });
    };
    SmallVector<Val> blocks = accumulate(0, whole, sumLanes);
    SmallVector<Val> rest = accumulate(whole, count, 1);
    auto total = [&](int k) {
      Val sum = kb.wrap(vector::ReductionOp::create(
          kb.b, kb.loc, vector::CombiningKind::ADD, blocks[k].value));
      return kb.convert(sum + rest[k], kb.f64());
    };
    return {total(0), total(1)};
  }

  /// The plane of one channel.
  void channel(const LaneSums &sums, Val c, Val base) {
    NormCoefficients known = emitCoefficients(
        kb, norm, sums.sum, sums.squares, kb.load(scale, c), kb.load(bias, c));
    forEachRun(kb, kb.index(0), kb.index(norm.plane),
               [&](Val i, int64_t width) {
                 Val x = kb.load(input, base + i, width);
                 kb.store(emitNormalized(kb, norm, x,
                                         kb.broadcast(known.factor, width),
                                         kb.broadcast(known.addend, width)),
                          out, base + i);
               });
  }

  KernelBuilder &kb;
  const GroupNorm &norm;
  Value input, scale, bias, out, lanes;
};

/// X * k + c with k and c of each channel from float64.
void lowerBatchNorm(onnx::BatchNormalizationOp op, Lowering &lowering) {
  ArrayRef<int64_t> shape = shapeOf(op.getX());
  int64_t channels = shape[1], plane = product(shape.drop_front(2));
  float epsilon = op.getEpsilon().convertToFloat();
  SmallVector<Value> args;
  for (Value operand : op->getOperands())
    args.push_back(lowering.buffer(operand));
  args.push_back(lowering.output(op.getResult()));
  StepInfo info;
  info.extent = shape[0] * channels;
  info.reason = "coefficients in float64";
  lowering.step(op, "batch_norm", shapeKey(shape) + "e" + floatKey(epsilon),
                "planes", args, info,
                [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value,
                    Val begin, Val end) {
                  kb.loop(begin, end, 1, [&](Val item) {
                    Val c = item % channels;
                    auto number = [&](int i) {
                      return kb.convert(kb.load(buffers[i], c), kb.f64());
                    };
                    Val root =
                        kb.sqrt(number(4) +
                                kb.constantFloat(kb.f64(), double(epsilon)));
                    Val k = number(1) / root;
                    Val offset = number(2) - number(3) * k;
                    Val k32 = kb.convert(k, kb.f32());
                    Val offset32 = kb.convert(offset, kb.f32());
                    forEachRun(kb, kb.index(0), kb.index(plane),
                               [&](Val i, int64_t width) {
                                 Val at = item * plane + i;
                                 Val x = kb.load(buffers[0], at, width);
                                 kb.store(x * kb.broadcast(k32, width) +
                                              kb.broadcast(offset32, width),
                                          buffers.back(), at);
                               });
                  });
                });
}

class NormalizationFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "groups"; }

  bool canTake(Operation *op, std::string &reason) const override {
    return isNormalization(op, reason);
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    if (auto batch = dyn_cast<onnx::BatchNormalizationOp>(op)) {
      lowerBatchNorm(batch, lowering);
      return success();
    }
    GroupNorm norm = describeGroupNorm(op);
    SmallVector<Value> args{
        lowering.buffer(norm.input), lowering.buffer(norm.scale),
        lowering.buffer(norm.bias), lowering.output(norm.result)};
    StepInfo info;
    info.extent = norm.batch * norm.groups;
    info.scratchBytes = sumLanes * 8;
    info.reason =
        norm.in ? "64-bit sums of q and q*q" : "float64 sums in a fixed order";
    lowering.step(op, "group_norm", norm.key(), getStrategy(), args, info,
                  [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value scratch,
                      Val begin, Val end) {
                    GroupNormKernel(kb, norm, buffers, scratch).run(begin, end);
                  });
    return success();
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::cpu::createNormalizationFamily() {
  return std::make_unique<NormalizationFamily>();
}
