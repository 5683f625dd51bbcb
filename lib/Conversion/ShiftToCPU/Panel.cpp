//===- Panel.cpp - Blocks of positions and the taps they read -------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToCPU/Panel.h"

using namespace mlir;
using namespace mlir::shift::cpu;

std::string PanelSpec::key() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << int(kind) << 'p' << positions << 't' << taps << 'b' << block << 's'
     << tapStride << '_' << positionStride << 'c' << channels << 'i' << height
     << 'x' << width << 'o' << outWidth << 'k' << kernel[0] << 'x' << kernel[1]
     << 's' << stride[0] << 'x' << stride[1] << 'd' << dilation[0] << 'x'
     << dilation[1] << 'p' << pad[0] << 'x' << pad[1] << (hasPadding ? "z" : "")
     << 'r' << windowRow << '_' << channelRow << sourceType << panelType
     << isSigned;
  return text;
}

namespace {
/// Emits the code of one panel.
class PanelEmitter {
public:
  PanelEmitter(KernelBuilder &kb, const PanelSpec &spec, Value source, Val base,
               Value panel, Val first)
      : kb(kb), spec(spec), source(source), base(base), panel(panel),
        first(first),
        last(kb.min(first + spec.block, kb.index(spec.positions))) {}

  void run() {
    bool isWindow = spec.kind != PanelKind::Strided;
    if (spec.kind == PanelKind::TransposedWindow || spec.hasPadding ||
        (isWindow && spec.positions % spec.block))
      fillZero();
    if (!isWindow)
      return strided();
    kb.loop(first / spec.outWidth, (last - 1) / spec.outWidth + 1, 1,
            [&](Val oy) { outputRow(oy); });
  }

private:
  void fillZero() {
    Val zero = kb.constant(kb.vec(spec.panelType, spec.block), 0);
    kb.loop(kb.index(0), kb.index(spec.taps), 1,
            [&](Val k) { kb.store(zero, panel, k * spec.block); });
  }

  /// panel[to + j] = source[from + j * step] for j < count.
  void copy(Val from, Val to, Val count, int64_t step) {
    auto run = [&](Val j, int64_t lanes) {
      Val value = lanes == 1 || step == 1
                      ? kb.load(source, from + j * step, lanes)
                      : loadEverySecond(from + j * 2, lanes);
      kb.store(kb.convert(value, spec.panelType, spec.isSigned), panel, to + j);
    };
    if (step <= 2)
      return coverRuns(count, run);
    kb.loop(kb.index(0), count, 1, [&](Val j) { run(j, 1); });
  }

  /// Elements 0, 2, ..., 2 * lanes - 2 from `from` on; reads no others past
  /// these.
  Val loadEverySecond(Val from, int64_t lanes) {
    Val low = kb.load(source, from, lanes);
    Val high = kb.load(source, from + (lanes - 1), lanes);
    SmallVector<int64_t> mask;
    for (int64_t i = 0; i < lanes; ++i)
      mask.push_back(2 * i < lanes ? 2 * i : 2 * i + 1);
    return kb.wrap(
        vector::ShuffleOp::create(kb.b, kb.loc, low.value, high.value, mask));
  }

  /// Calls of `emit(first, lanes)` that cover [0, count): vectors, of which the
  /// last overlaps its neighbour, and single elements only for counts below 4.
  void coverRuns(Val count, function_ref<void(Val, int64_t)> emit) {
    constexpr int64_t lanes = 16;
    Val zero = kb.index(0);
    auto less = [&](Val a, int64_t b) {
      return kb.compare(arith::CmpIPredicate::ult, a, kb.index(b));
    };
    kb.loop(zero, count / lanes * lanes, lanes, [&](Val i) { emit(i, lanes); });
    kb.ifThen(kb.compare(arith::CmpIPredicate::ne, count % lanes, zero), [&] {
      kb.ifThen(kb.compare(arith::CmpIPredicate::ugt, count, kb.index(lanes)),
                [&] { emit(count - lanes, lanes); });
      for (int64_t part : {lanes / 2, lanes / 4})
        kb.ifThen(less(count - part, part), [&] {
          emit(zero, part);
          emit(count - part, part);
        });
      kb.ifThen(less(count, lanes / 4),
                [&] { kb.loop(zero, count, 1, [&](Val i) { emit(i, 1); }); });
    });
  }

  void strided() {
    Val count = last - first;
    Val start = base + first * spec.positionStride;
    if (spec.positionStride == 1) {
      kb.loop(kb.index(0), kb.index(spec.taps), 1, [&](Val k) {
        copy(start + k * spec.tapStride, k * spec.block, count, 1);
      });
      return;
    }
    kb.loop(kb.index(0), count, 1, [&](Val p) {
      Val from = start + p * spec.positionStride;
      kb.loop(kb.index(0), kb.index(spec.taps), 1, [&](Val k) {
        Val value = kb.load(source, from + k * spec.tapStride);
        kb.store(kb.convert(value, spec.panelType, spec.isSigned), panel,
                 k * spec.block + p);
      });
    });
  }

  /// The positions of the block in one row of the output.
  void outputRow(Val oy) {
    Val start = oy * spec.outWidth;
    Val lo = kb.max(start, first) - start;
    Val hi = kb.min(start + spec.outWidth, last) - start;
    // Column 0 of this output row, relative to the block, may be negative;
    // index arithmetic wraps and comes back when lo is added.
    Val column = start - first;
    bool transposed = spec.kind == PanelKind::TransposedWindow;
    kb.loop(kb.index(0), kb.index(spec.kernel[0]), 1, [&](Val ky) {
      if (transposed)
        return transposedTapRow(oy, ky, lo, hi, column);
      // Row of the image plus the padding above it.
      Val padded = oy * spec.stride[0] + ky * spec.dilation[0];
      Val iy = padded - spec.pad[0];
      auto row = [&] { tapRow(iy, ky, lo, hi, column); };
      if (!spec.hasPadding)
        return row();
      kb.ifThen(inside(padded, spec.pad[0], spec.height), row);
    });
  }

  /// pad <= value < pad + size
  Val inside(Val value, int64_t pad, int64_t size) {
    return kb.compare(arith::CmpIPredicate::ult, value - pad, kb.index(size));
  }

  void tapRow(Val iy, Val ky, Val lo, Val hi, Val column) {
    int64_t step = spec.stride[1], pad = spec.pad[1];
    kb.loop(kb.index(0), kb.index(spec.kernel[1]), 1, [&](Val kx) {
      Val offset = kx * spec.dilation[1];
      Val from = lo, to = hi;
      if (spec.hasPadding) {
        // The outputs whose input column lies inside the image.
        Val least = kb.max(kb.index(pad), offset) - offset;
        Val past = kb.max(kb.index(pad + spec.width), offset) - offset;
        from = kb.max(lo, (least + (step - 1)) / step);
        to = kb.max(from, kb.min(hi, (past + (step - 1)) / step));
      }
      Val ix = from * step + offset - pad;
      Val pixel = base + iy * spec.width + ix;
      Val row = (ky * spec.kernel[1] + kx) * spec.windowRow;
      kb.loop(kb.index(0), kb.index(spec.channels), 1, [&](Val ci) {
        Val target = (row + ci * spec.channelRow) * spec.block;
        copy(pixel + ci * (spec.height * spec.width), target + column + from,
             to - from, step);
      });
    });
  }

  void transposedTapRow(Val oy, Val ky, Val lo, Val hi, Val column) {
    auto hit = [&](Val padded, Val tap, int axis, Val &input) {
      // padded = output + pad; the tap reads input (padded - tap) / stride.
      Val offset = padded - tap * spec.dilation[axis];
      input = offset / spec.stride[axis];
      Val exact = kb.compare(arith::CmpIPredicate::eq,
                             input * spec.stride[axis], offset);
      Val in = kb.compare(arith::CmpIPredicate::ult, input,
                          kb.index(axis == 0 ? spec.height : spec.width));
      return kb.bitAnd(exact, in);
    };
    Val iy;
    Val valid = hit(oy + spec.pad[0], ky, 0, iy);
    kb.ifThen(valid, [&] {
      kb.loop(kb.index(0), kb.index(spec.kernel[1]), 1, [&](Val kx) {
        kb.loop(lo, hi, 1, [&](Val ox) {
          Val ix;
          Val validX = hit(ox + spec.pad[1], kx, 1, ix);
          kb.ifThen(validX, [&] {
            Val row = (ky * spec.kernel[1] + kx) * spec.windowRow;
            Val pixel = base + iy * spec.width + ix;
            kb.loop(kb.index(0), kb.index(spec.channels), 1, [&](Val ci) {
              Val value =
                  kb.load(source, pixel + ci * (spec.height * spec.width));
              kb.store(value, panel,
                       (row + ci * spec.channelRow) * spec.block + column + ox);
            });
          });
        });
      });
    });
  }

  KernelBuilder &kb;
  const PanelSpec &spec;
  Value source;
  Val base;
  Value panel;
  Val first, last;
};
} // namespace

void mlir::shift::cpu::emitPanel(KernelBuilder &kb, const PanelSpec &spec,
                                 Value source, Val base, Value panel,
                                 Val first) {
  PanelEmitter(kb, spec, source, base, panel, first).run();
}

void mlir::shift::cpu::emitBlockStore(KernelBuilder &kb, const BlockStore &spec,
                                      Val values, Val base, Val first) {
  int64_t block = KernelBuilder::lanesOf(values.type());
  auto whole = [&] { kb.store(values, spec.out, base + first); };
  auto part = [&] {
    Val last = kb.min(first + block, kb.index(spec.positions));
    kb.store(values, spec.buffer, kb.index(0));
    kb.loop(kb.index(0), last - first, 1, [&](Val j) {
      kb.store(kb.load(spec.buffer, j), spec.out,
               base + (first + j) * spec.stride);
    });
  };
  if (spec.stride != 1)
    return part();
  if (spec.positions % block == 0)
    return whole();
  Val past = kb.index(spec.positions);
  kb.ifThen(kb.compare(arith::CmpIPredicate::ule, first + block, past), whole);
  kb.ifThen(kb.compare(arith::CmpIPredicate::ugt, first + block, past), part);
}

Val mlir::shift::cpu::emitFloatClamp(KernelBuilder &kb, Val value,
                                     std::optional<float> lo,
                                     std::optional<float> hi) {
  if (lo) {
    Val bound = kb.constantFloat(value.type(), *lo);
    // The upper bound is looked at only where the lower one was not taken; as
    // lo <= hi that is the same as applying both in turn.
    value = kb.select(kb.compare(arith::CmpFPredicate::OLT, value, bound),
                      bound, value);
  }
  if (hi) {
    Val bound = kb.constantFloat(value.type(), *hi);
    value = kb.select(kb.compare(arith::CmpFPredicate::OGT, value, bound),
                      bound, value);
  }
  return value;
}
