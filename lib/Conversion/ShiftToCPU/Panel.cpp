//===- Panel.cpp - Blocks of positions and the taps they read -------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToCPU/Panel.h"

using namespace mlir;
using namespace mlir::shift::cpu;

namespace {
/// Emits the code of one panel.
class PanelEmitter {
public:
  PanelEmitter(KernelBuilder &kb, const PanelSpec &spec, Value source, Val base,
               Value panel, Val first, Val channels)
      : kb(kb), spec(spec), source(source), base(base), panel(panel),
        first(first), channels(channels),
        last(kb.min(first + spec.block, kb.index(spec.positions))) {}

  void run() {
    if (spec.kind == PanelKind::Strided)
      return strided();
    if (spec.kind == PanelKind::TransposedWindow)
      fillZero();
    int64_t outHeight = spec.positions / spec.outWidth;
    kb.loop(kb.divide(first, spec.outWidth, outHeight),
            kb.divide(last - 1, spec.outWidth, outHeight) + 1, 1,
            [&](Val oy) { outputRow(oy); });
  }

private:
  void fillZero() {
    Val zero = kb.constant(kb.vec(spec.panelType, spec.block), 0);
    kb.loop(kb.index(0), kb.index(spec.taps), 1,
            [&](Val k) { put(zero, k * spec.rowStride); });
  }

  void put(Val value, Val to) {
    kb.store(value, panel, to);
    if (spec.negation)
      kb.store(-value, panel, to + spec.negation);
  }

  Val widen(Val value) {
    return kb.convert(value, spec.panelType, spec.isSigned);
  }

  /// row(source element of the channel's image, panel element of its first tap)
  /// for every channel.
  void forEachChannel(Val from, Val to, function_ref<void(Val, Val)> row) {
    kb.loopCarried(
        kb.index(0), channels, 1, {from, to}, [&](Val, ArrayRef<Val> at) {
          row(at[0], at[1]);
          return SmallVector<Val>{at[0] + spec.channelStride(),
                                  at[1] + spec.channelRow * spec.rowStride};
        });
  }

  /// For every channel, panel[to + j] = source[from + j * step] for j < count.
  void copy(Val from, Val to, Val count, int64_t step) {
    constexpr int64_t lanes = 16;
    auto scalars = [&](Val from, Val to, Val begin) {
      kb.loop(begin, count, 1, [&](Val j) {
        put(widen(kb.load(source, from + j * step)), to + j);
      });
    };
    auto isAtLeast = [&](int64_t limit) {
      return kb.compare(arith::CmpIPredicate::uge, count, kb.index(limit));
    };
    if (step == 1) {
      auto vectors = [&](Val from, Val to) {
        auto part = [&](Val j) {
          put(widen(kb.load(source, from + j, lanes)), to + j);
        };
        // The last vector may overlap the one before.
        kb.loop(kb.index(0), count - lanes, lanes, part);
        part(count - lanes);
      };
      kb.ifThenElse(
          isAtLeast(spec.block),
          [&] {
            forEachChannel(from, to, [&](Val from, Val to) {
              put(widen(kb.load(source, from, spec.block)), to);
            });
          },
          [&] {
            auto rest = [&] {
              forEachChannel(from, to, [&](Val from, Val to) {
                scalars(from, to, kb.index(0));
              });
            };
            if (spec.block <= lanes)
              return rest();
            kb.ifThenElse(
                isAtLeast(lanes), [&] { forEachChannel(from, to, vectors); },
                rest);
          });
      return;
    }
    forEachChannel(from, to, [&](Val from, Val to) {
      if (step != 2)
        return scalars(from, to, kb.index(0));
      // Vectors read one element past what they need, which the last run may
      // not have.
      Val whole = kb.max(count, kb.index(1)) - 1;
      Val middle = whole - whole % lanes;
      kb.loop(kb.index(0), middle, lanes, [&](Val j) {
        Val pairs = kb.load(source, from + j * 2, 2 * lanes);
        put(widen(kb.everySecond(pairs)), to + j);
      });
      scalars(from, to, middle);
    });
  }

  /// For every channel, panel[to + j] = 0 for j < count.
  void clear(Val to, Val count) {
    Val zero = kb.constant(spec.panelType, 0);
    kb.ifThen(kb.compare(arith::CmpIPredicate::ne, count, kb.index(0)), [&] {
      forEachChannel(kb.index(0), to, [&](Val, Val to) {
        kb.loop(kb.index(0), count, 1, [&](Val j) { put(zero, to + j); });
      });
    });
  }

  void strided() {
    Val count = last - first;
    Val start = base + first * spec.positionStride;
    if (spec.positionStride == 1)
      return copy(start, kb.index(0), count, 1);
    kb.loop(kb.index(0), count, 1, [&](Val p) {
      forEachChannel(start + p * spec.positionStride, p, [&](Val from, Val to) {
        put(widen(kb.load(source, from)), to);
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
      kb.ifThenElse(inside(padded, spec.pad[0], spec.height), row, [&] {
        kb.loop(kb.index(0), kb.index(spec.kernel[1]), 1, [&](Val kx) {
          clear(tapStart(ky, kx) + column + lo, hi - lo);
        });
      });
    });
  }

  /// pad <= value < pad + size
  Val inside(Val value, int64_t pad, int64_t size) {
    return kb.compare(arith::CmpIPredicate::ult, value - pad, kb.index(size));
  }

  /// The panel element where the row of tap (ky, kx) of channel 0 starts.
  Val tapStart(Val ky, Val kx) {
    return (ky * spec.kernel[1] + kx) * (spec.windowRow * spec.rowStride);
  }

  void tapRow(Val iy, Val ky, Val lo, Val hi, Val column) {
    int64_t step = spec.stride[1], pad = spec.pad[1];
    kb.loop(kb.index(0), kb.index(spec.kernel[1]), 1, [&](Val kx) {
      Val offset = kx * spec.dilation[1];
      Val target = tapStart(ky, kx) + column;
      Val from = lo, to = hi;
      if (spec.hasPadding) {
        // The outputs whose input column lies inside the image.
        Val least = kb.max(kb.index(pad), offset) - offset;
        Val past = kb.max(kb.index(pad + spec.width), offset) - offset;
        from = kb.min(hi, kb.max(lo, kb.divide(least + (step - 1), step, pad)));
        to = kb.max(from, kb.min(hi, kb.divide(past + (step - 1), step,
                                               (pad + spec.width) / step + 1)));
        clear(target + lo, from - lo);
        clear(target + to, hi - to);
      }
      Val ix = from * step + offset - pad;
      copy(base + iy * spec.width + ix, target + from, to - from, step);
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
            kb.loop(kb.index(0), channels, 1, [&](Val ci) {
              Val value =
                  kb.load(source, pixel + ci * (spec.height * spec.width));
              put(widen(value),
                  (row + ci * spec.channelRow) * spec.rowStride + column + ox);
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
  Val first, channels, last;
};
} // namespace

void mlir::shift::cpu::emitPanel(KernelBuilder &kb, const PanelSpec &spec,
                                 Value source, Val base, Value panel, Val first,
                                 Val channels) {
  PanelEmitter(kb, spec, source, base, panel, first, channels).run();
}

void mlir::shift::cpu::emitBlockStore(KernelBuilder &kb, const BlockStore &spec,
                                      Val values, Val base, Val first,
                                      BlockFinish finish) {
  int64_t block = KernelBuilder::lanesOf(values.type());
  auto put = [&](Val value, Val at) {
    kb.store(finish ? finish(value, at) : value, spec.out, at);
  };
  auto whole = [&] { put(values, base + first); };
  auto part = [&] {
    Val last = kb.min(first + block, kb.index(spec.positions));
    kb.store(values, spec.buffer, kb.index(0));
    kb.loop(kb.index(0), last - first, 1, [&](Val j) {
      put(kb.load(spec.buffer, j), base + (first + j) * spec.stride);
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

void mlir::shift::cpu::storeResults(KernelBuilder &kb, const Epilogue &epilogue,
                                    const BlockStore &target, Val sums,
                                    Val channel, Val base, Val first) {
  Val values = epilogue.emit(kb, sums, channel);
  if (!epilogue.computesAdd())
    return emitBlockStore(kb, target, values, base, first);
  emitBlockStore(kb, target, values, base, first, [&](Val own, Val at) {
    return epilogue.emitAdd(kb, own, at);
  });
}
