//===- UpsampleAdd.cpp - Adding a feature map of half the size ------------===//
// SPDX-License-Identifier: Apache-2.0
// shift.add with an operand from a shift.resize_nearest that doubles rows and
// columns, in one pass: a row of the small map meets the two rows of the large
// one that it covers.
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/FixedMath.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;

namespace {
/// The operand that is upsampled in the add; null if none is.
ResizeNearestOp getUpsampled(Operation *op) {
  auto add = dyn_cast<AddOp>(op);
  if (!add)
    return {};
  for (Value operand : add->getOperands())
    if (auto resize = operand.getDefiningOp<ResizeNearestOp>())
      if (getFusedAdd(resize) == add)
        return resize;
  return {};
}

class UpsampleAddKernel {
public:
  /// `buffers`: the small map, the large one, the result.
  UpsampleAddKernel(KernelBuilder &kb, const FixedAdd &add, bool isSmallLeft,
                    ArrayRef<int64_t> small, ArrayRef<int64_t> large,
                    ArrayRef<Value> buffers)
      : kb(kb), add(add), isSmallLeft(isSmallLeft), small(small), large(large),
        source(buffers[0]), other(buffers[1]), out(buffers[2]) {}

  /// An item is one row of the small map.
  void run(Val begin, Val end) {
    if (kb.threads)
      return addElements(begin);
    kb.loop(begin, end, 1, [&](Val item) {
      Val plane = item / small[2], row = item % small[2] * 2;
      Val rows = kb.min(row + 2, kb.index(large[2]));
      kb.loop(row, rows, 1, [&](Val y) {
        addRow(item * small[3], (plane * large[2] + y) * large[3]);
      });
    });
  }

  /// An item of a block is a run of the result.
  static constexpr int64_t blockSize = 1024;

private:
  void addElements(Val block) {
    forEachElement(kb, block, product(large), blockSize, [&](Val i) {
      Val row = i / large[3], plane = row / large[2];
      Val from =
          (plane * small[2] + row % large[2] / 2) * small[3] + i % large[3] / 2;
      addRun(from, i, 1);
    });
  }

  void addRow(Val from, Val to) {
    int64_t done = 0;
    for (int64_t lanes : {32, 8, 1}) {
      int64_t end = large[3] / lanes * lanes;
      kb.loop(kb.index(done), kb.index(end), lanes,
              [&](Val x) { addRun(from + x / 2, to + x, lanes); });
      done = end;
    }
  }

  void addRun(Val from, Val to, int64_t lanes) {
    Val value = kb.load(source, from, std::max<int64_t>(lanes / 2, 1));
    if (lanes > 1)
      value = kb.wrap(
          vector::InterleaveOp::create(kb.b, kb.loc, value.value, value.value));
    Val rest = kb.load(other, to, lanes);
    kb.store(emitFixedAdd(kb, add, isSmallLeft ? value : rest,
                          isSmallLeft ? rest : value),
             out, to);
  }

  KernelBuilder &kb;
  const FixedAdd &add;
  bool isSmallLeft;
  ArrayRef<int64_t> small, large;
  Value source, other, out;
};

class UpsampleAddFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "map"; }

  bool canTake(Operation *op, std::string &) const override {
    return bool(getUpsampled(op));
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    ResizeNearestOp resize = getUpsampled(op);
    auto addOp = cast<AddOp>(op);
    FixedAdd add = describeAdd(addOp);
    bool isSmallLeft = addOp.getLhs() == resize.getResult();
    Value other = isSmallLeft ? addOp.getRhs() : addOp.getLhs();
    ArrayRef<int64_t> small = shapeOf(resize.getInput());
    ArrayRef<int64_t> large = shapeOf(op->getResult(0));
    SmallVector<Value> args{lowering.buffer(resize.getInput()),
                            lowering.buffer(other),
                            lowering.output(op->getResult(0))};
    StepInfo info;
    info.extent =
        lowering.target.hasBlocks()
            ? llvm::divideCeil(product(large), UpsampleAddKernel::blockSize)
            : small[0] * small[1] * small[2];
    info.grain = std::max<int64_t>(1, 1024 / std::max<int64_t>(large[3], 1));
    info.inPlace = {1};
    info.reason = "upsamples and adds in one pass";
    lowering.step(op, "upsample_add",
                  shapeKey(small) + "to" + shapeKey(large) + " " + add.key() +
                      (isSmallLeft ? " left" : " right"),
                  getStrategy(), args, info,
                  [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value,
                      Val begin, Val end) {
                    UpsampleAddKernel(kb, add, isSmallLeft, small, large,
                                      buffers)
                        .run(begin, end);
                  });
    return success();
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::kernels::createUpsampleAddFamily() {
  return std::make_unique<UpsampleAddFamily>();
}
