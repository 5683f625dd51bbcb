//===- Pools.cpp - Maximum and average over windows -----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "lib/Conversion/Kernels/FixedMath.h"
#include "shift/Support/ConvWindow.h"
#include <cmath>

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;
using ::shift::ConvWindow;
using ::shift::FixedPoint;
using ::shift::int128;

namespace {
/// The most spatial dimensions.
constexpr int axes = 3;

/// A pool over three spatial dimensions; missing ones lead with size 1.
struct Pool {
  Value input, result;
  int64_t planes = 1;
  int64_t in[axes] = {1, 1, 1}, out[axes] = {1, 1, 1};
  ConvWindow windows[axes];
  bool isMaximum = true, countIncludePad = false;
  std::optional<FixedPoint> inFormat, outFormat;

  std::string key() const {
    std::string text;
    llvm::raw_string_ostream os(text);
    os << planes << (countIncludePad ? "pad" : "");
    for (int i = 0; i < axes; ++i)
      os << ' ' << in[i] << "to" << out[i] << 'k' << windows[i].kernel << 's'
         << windows[i].stride << 'd' << windows[i].dilation << 'p'
         << windows[i].padBegin;
    return text;
  }
};

void setWindows(Pool &pool, ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads) {
  ArrayRef<int64_t> in = shapeOf(pool.input), out = shapeOf(pool.result);
  pool.planes = in[0] * in[1];
  size_t rank = kernel.size();
  for (size_t d = 0; d < rank; ++d) {
    size_t i = d + axes - rank;
    pool.in[i] = in[d + 2];
    pool.out[i] = out[d + 2];
    pool.windows[i] = {kernel[d], strides[d], dilations[d], pads[d],
                       pads[d + rank]};
  }
}

template <typename PoolOp>
Pool describe(PoolOp op, Value input, ArrayRef<int64_t> kernel) {
  Pool pool;
  pool.input = input;
  pool.result = op.getResult();
  setWindows(pool, kernel, op.getStrides(), op.getDilations(), op.getPads());
  auto formatOf = [](Value tensor) {
    return getFixedPoint(
        cast<RankedTensorType>(tensor.getType()).getElementType());
  };
  pool.inFormat = formatOf(pool.input);
  pool.outFormat = formatOf(pool.result);
  return pool;
}

Pool describe(Operation *op) {
  if (auto max = dyn_cast<onnx::MaxPoolOp>(op))
    return describe(max, max.getX(), max.getKernelShape());
  if (auto max = dyn_cast<mlir::shift::MaxPoolOp>(op))
    return describe(max, max.getInput(), max.getKernel());
  Pool pool;
  if (auto average = dyn_cast<onnx::AveragePoolOp>(op)) {
    pool = describe(average, average.getX(), average.getKernelShape());
    pool.countIncludePad = average.getCountIncludePad() != 0;
  } else if (auto fixed = dyn_cast<mlir::shift::AveragePoolOp>(op)) {
    pool = describe(fixed, fixed.getInput(), fixed.getKernel());
    pool.countIncludePad = fixed.getCountIncludePad() != 0;
  } else {
    // The global maximum: one window over the whole plane.
    pool.input = op->getOperand(0);
    pool.result = op->getResult(0);
    ArrayRef<int64_t> shape = shapeOf(pool.input);
    pool.planes = shape[0] * shape[1];
    int64_t &plane = pool.in[axes - 1];
    plane = product(shape.drop_front(2));
    pool.windows[axes - 1].kernel = plane;
    return pool;
  }
  pool.isMaximum = false;
  return pool;
}

/// The count of every output position along one axis.
std::vector<int64_t> countsOf(const Pool &pool, int axis) {
  std::vector<int64_t> result;
  for (int64_t i = 0; i < pool.out[axis]; ++i)
    result.push_back(::shift::averagePoolCount(
        i, pool.in[axis], pool.windows[axis], pool.countIncludePad));
  return result;
}

class PoolKernel {
public:
  PoolKernel(KernelBuilder &kb, const Pool &pool, ArrayRef<Value> buffers,
             int64_t itemSize)
      : kb(kb), pool(pool), itemSize(itemSize), input(buffers[0]),
        out(buffers.back()), counts(buffers.drop_front().drop_back()) {}

  /// An item is one row of one plane's outputs, for a block of threads a run of
  /// outputs.
  void run(Val begin, Val end) {
    if (kb.threads)
      return forEachElement(kb, begin, pool.planes * product(pool.out),
                            itemSize, [&](Val i) { computeOne(i); });
    kb.loop(begin, end, 1, [&](Val item) {
      Val oy = item % pool.out[1], slice = item / pool.out[1];
      Val oz = slice % pool.out[0], plane = slice / pool.out[0];
      Val base = plane * product(pool.in);
      Taps tz = taps(oz, 0), ty = taps(oy, 1);
      auto storeOne = [&](Val ox) {
        kb.store(single(base, tz, ty, oz, oy, ox), out,
                 item * pool.out[2] + ox);
      };
      Inside inside = findInside();
      if (!inside.lanes)
        return kb.loop(kb.index(0), kb.index(pool.out[2]), 1, storeOne);
      kb.loop(kb.index(0), kb.index(inside.first), 1, storeOne);
      kb.loop(kb.index(inside.first), kb.index(inside.last), inside.lanes,
              [&](Val at) {
                // The last vector computes some of the one before it again.
                Val ox = kb.min(at, kb.index(inside.last - inside.lanes));
                const ConvWindow &w = pool.windows[2];
                Taps all{kb.index(0), kb.index(w.kernel),
                         ox * w.stride - w.padBegin};
                kb.store(reduce(base, tz, ty, all, inside.lanes), out,
                         item * pool.out[2] + ox);
              });
      kb.loop(kb.index(inside.last), kb.index(pool.out[2]), 1, storeOne);
    });
  }

private:
  /// The taps inside the image and where tap 0 lies (it may be outside; index
  /// arithmetic wraps).
  struct Taps {
    Val lo, hi, origin;
  };

  /// One output, of which the taps along two axes are known.
  Val single(Val base, const Taps &tz, const Taps &ty, Val oz, Val oy, Val ox) {
    Val acc = reduce(base, tz, ty, taps(ox, 2), 1);
    if (pool.isMaximum)
      return acc;
    return average(acc, kb.load(counts[0], oz) * kb.load(counts[1], oy) *
                            kb.load(counts[2], ox));
  }

  /// Output number `i` of all.
  void computeOne(Val i) {
    Val ox = i % pool.out[2], row = i / pool.out[2];
    Val oy = row % pool.out[1], slice = row / pool.out[1];
    Val oz = slice % pool.out[0], plane = slice / pool.out[0];
    kb.store(
        single(plane * product(pool.in), taps(oz, 0), taps(oy, 1), oz, oy, ox),
        out, i);
  }

  /// Outputs of a row that are computed by `lanes`: vectors of all their taps
  /// lie in the input's row. No lanes where there are none.
  struct Inside {
    int64_t first = 0, last = 0, lanes = 0;
  };

  Inside findInside() const {
    const ConvWindow &w = pool.windows[2];
    if (!pool.isMaximum || w.stride > 2)
      return {};
    int64_t first = llvm::divideCeil(w.padBegin, w.stride);
    bool isByte = storageOf(pool.input).getIntOrFloatBitWidth() == 8;
    for (int64_t lanes : {32, 16, 8}) {
      // Where the last vector may start.
      int64_t room = pool.in[2] + w.padBegin - (w.kernel - 1) * w.dilation -
                     lanes * w.stride;
      if (room < 0 || (lanes == 32 && !isByte))
        continue;
      int64_t last = std::min(room / w.stride + lanes, pool.out[2]);
      if (last - first >= lanes)
        return {first, last, lanes};
    }
    return {};
  }

  /// Tap elements of `lanes` neighbouring outputs.
  Val loadTaps(Val at, int64_t lanes) {
    if (lanes == 1 || pool.windows[2].stride == 1)
      return kb.load(input, at, lanes);
    return kb.everySecond(kb.load(input, at, 2 * lanes));
  }

  Taps taps(Val output, int axis) {
    const ConvWindow &w = pool.windows[axis];
    // Positions counted from the beginning of the padding.
    Val start = output * w.stride;
    Val least = kb.max(start, kb.index(w.padBegin)) - start;
    Val past = kb.max(start, kb.index(w.padBegin + pool.in[axis])) - start;
    Val lo = (least + (w.dilation - 1)) / w.dilation;
    Val hi = kb.min(kb.index(w.kernel), (past + (w.dilation - 1)) / w.dilation);
    return {lo, hi, start - w.padBegin};
  }

  /// Combines the taps in row order.
  Val reduce(Val base, const Taps &tz, const Taps &ty, const Taps &tx,
             int64_t lanes) {
    Val none = kb.broadcast(initial(), lanes);
    return alongAxis(tz, 0, none, [&](Val z, Val planes) {
      return alongAxis(ty, 1, planes, [&](Val y, Val rows) {
        Val row = base + (z * pool.in[1] + y) * pool.in[2];
        return alongAxis(tx, 2, rows, [&](Val x, Val acc) {
          return combine(acc, loadTaps(row + x, lanes));
        });
      });
    });
  }

  /// The last of `next(position, accumulator)` over the taps of an axis.
  Val alongAxis(const Taps &taps, int axis, Val first,
                function_ref<Val(Val, Val)> next) {
    return kb.loopCarried(
        taps.lo, taps.hi, 1, {first}, [&](Val tap, ArrayRef<Val> carried) {
          Val position = taps.origin + tap * pool.windows[axis].dilation;
          return SmallVector<Val>{next(position, carried[0])};
        })[0];
  }

  Val initial() {
    if (!pool.isMaximum)
      return pool.inFormat ? kb.constant(kb.i(64), 0)
                           : kb.constantFloat(kb.f64(), 0.0);
    Type element = storageOf(pool.input);
    if (isa<FloatType>(element))
      return kb.constantFloat(element, -INFINITY);
    unsigned bits = element.getIntOrFloatBitWidth();
    APInt least =
        isSigned() ? APInt::getSignedMinValue(bits) : APInt::getZero(bits);
    if (pool.inFormat)
      least = APInt(bits, uint64_t(pool.inFormat->qMin()), /*isSigned=*/true);
    return kb.wrap(arith::ConstantOp::create(kb.b, kb.loc,
                                             IntegerAttr::get(element, least)));
  }

  bool isSigned() const {
    auto type = cast<RankedTensorType>(pool.input.getType());
    return pool.inFormat ? pool.inFormat->isSigned
                         : !type.getElementType().isUnsignedInteger();
  }

  Val combine(Val acc, Val x) {
    if (!pool.isMaximum)
      return acc + (pool.inFormat ? kb.convert(x, kb.i(64), isSigned())
                                  : kb.convert(x, kb.f64()));
    if (x.isFloat()) {
      Val wins = kb.bitOr(kb.compare(arith::CmpFPredicate::OGT, x, acc),
                          kb.compare(arith::CmpFPredicate::UNO, x, x));
      return kb.select(wins, x, acc);
    }
    if (isSigned())
      return kb.maxSigned(acc, x);
    return kb.wrap(arith::MaxUIOp::create(kb.b, kb.loc, acc.value, x.value));
  }

  Val average(Val sum, Val count) {
    if (!pool.inFormat)
      return kb.convert(sum / kb.convert(count, kb.f64()), kb.f32());
    // floor(S * 2^d / n + 1/2) = floor((2 S' + n') / (2 n')).
    int d = pool.outFormat->fraction - pool.inFormat->fraction;
    Val n = kb.maxSigned(count, kb.constant(kb.i(64), 1));
    Val scaledSum = d > 0 ? sum * (int64_t(1) << d) : sum;
    Val scaledCount = d < 0 ? n * (int64_t(1) << -d) : n;
    Val numerator = scaledSum * 2 + scaledCount;
    Val quotient = kb.wrap(arith::FloorDivSIOp::create(
        kb.b, kb.loc, numerator.value, (scaledCount * 2).value));
    return emitSaturate(kb, quotient,
                        {pool.outFormat->qMin(), pool.outFormat->qMax()},
                        *pool.outFormat);
  }

  KernelBuilder &kb;
  const Pool &pool;
  int64_t itemSize;
  Value input, out;
  /// One an axis, of averages.
  ArrayRef<Value> counts;
};

/// Whether the integers of a fixed-point average stay below 2^62.
bool averageFits(const Pool &pool) {
  int d = pool.outFormat->fraction - pool.inFormat->fraction;
  double window = 1;
  for (const ConvWindow &one : pool.windows)
    window *= double(one.kernel);
  double largest = window * double(pool.inFormat->maxAbsQ());
  return std::ldexp(largest, std::max(d, 0) + 1) +
             std::ldexp(window, std::max(-d, 0) + 1) <
         0x1p62;
}

class PoolFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "window"; }

  bool canTake(Operation *op, std::string &reason) const override {
    if (!isa<onnx::MaxPoolOp, onnx::AveragePoolOp, onnx::GlobalMaxPoolOp,
             mlir::shift::MaxPoolOp, mlir::shift::AveragePoolOp>(op))
      return false;
    size_t rank = shapeOf(op->getOperand(0)).size();
    if (!isa<onnx::GlobalMaxPoolOp>(op) && (rank < 3 || rank > axes + 2)) {
      reason = "expected one to three spatial dimensions, got " +
               std::to_string(int64_t(rank) - 2);
      return false;
    }
    Pool pool = describe(op);
    if (!pool.isMaximum && pool.inFormat && !averageFits(pool)) {
      reason = "sums of the average exceed 64 bits";
      return false;
    }
    if (!pool.isMaximum && !pool.inFormat && !isFloatTensor(pool.input)) {
      reason = "expected float32";
      return false;
    }
    return true;
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    Pool pool = describe(op);
    SmallVector<Value> args{lowering.buffer(pool.input)};
    if (!pool.isMaximum) {
      Type i64 = IntegerType::get(op->getContext(), 64);
      for (int axis = 0; axis < axes; ++axis)
        args.push_back(
            lowering.constant(ArrayRef<int64_t>(countsOf(pool, axis)), i64));
    }
    args.push_back(lowering.output(pool.result));
    StepInfo info;
    int64_t itemSize = lowering.itemSize();
    info.extent =
        lowering.target.hasBlocks()
            ? llvm::divideCeil(pool.planes * product(pool.out), itemSize)
            : pool.planes * pool.out[0] * pool.out[1];
    info.reason = "windows row by row";
    lowering.step(op, op->getName().stripDialect().lower(),
                  typeKey(pool.input) + "_" + typeKey(pool.result) + "_" +
                      pool.key(),
                  getStrategy(), args, info,
                  [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value,
                      Val begin, Val end) {
                    PoolKernel(kb, pool, buffers, itemSize).run(begin, end);
                  });
    return success();
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::kernels::createPoolFamily() {
  return std::make_unique<PoolFamily>();
}
