//===- Plane.cpp - Padded bands of one channel ----------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToCPU/Plane.h"

using namespace mlir;
using namespace mlir::shift::cpu;

void mlir::shift::cpu::emitCover(KernelBuilder &kb, int64_t count,
                                 function_ref<void(Val, int64_t)> emit) {
  if (count <= 0)
    return;
  int64_t lanes = std::min<int64_t>(32, llvm::bit_floor(uint64_t(count)));
  int64_t whole = count / lanes * lanes;
  kb.loop(kb.index(0), kb.index(whole), lanes,
          [&](Val offset) { emit(offset, lanes); });
  if (whole < count)
    emit(kb.index(count - lanes), lanes);
}

namespace {
/// Emits the code that fills one band.
class PlaneEmitter {
public:
  PlaneEmitter(KernelBuilder &kb, const PlaneSpec &spec, Value source,
               Value plane)
      : kb(kb), spec(spec), source(source), plane(plane) {}

  void fill(Val base, Val first) {
    kb.loop(kb.index(0), kb.index(spec.rows), 1, [&](Val row) {
      Val to = row * spec.rowElements();
      // Rows above the image wrap to large numbers.
      Val y = first + row - spec.pad[0];
      kb.ifThenElse(
          kb.compare(arith::CmpIPredicate::ult, y, kb.index(spec.height)),
          [&] { copyRow(base + y * spec.width, to); },
          [&] {
            emitCover(kb, spec.rowElements(), [&](Val offset, int64_t lanes) {
              put(kb.constant(kb.vec(spec.elementType, lanes), 0), to + offset);
            });
          });
    });
  }

private:
  void put(Val value, Val to) {
    kb.store(value, plane, to);
    if (spec.isNegated)
      kb.store(-value, plane, to + spec.elements());
  }

  Val widen(Val value) {
    return kb.convert(value, spec.elementType, spec.isSigned);
  }

  /// Where column `x` of the image lies in a row.
  int64_t place(int64_t x) const {
    int64_t column = x + spec.pad[1];
    return column % spec.phases * spec.pitch + column / spec.phases;
  }

  void copyRow(Val from, Val to) {
    if (spec.phases == 1)
      return emitCover(kb, spec.columns, [&](Val x, int64_t lanes) {
        put(widen(kb.load(source, from + x, lanes)), to + x + place(0));
      });
    // Columns of the image whose phases differ, each with its successors.
    int64_t pairs = spec.phases == 2 ? spec.columns / 2 : 0;
    if (pairs > 0)
      emitCover(kb, pairs, [&](Val j, int64_t lanes) {
        Val both = kb.load(source, from + j * 2, 2 * lanes);
        auto halves = vector::DeinterleaveOp::create(kb.b, kb.loc, both.value);
        put(widen(scalarIfOne(halves.getRes1())), to + j + place(0));
        put(widen(scalarIfOne(halves.getRes2())), to + j + place(1));
      });
    for (int64_t x = 2 * pairs;
         x < std::min(spec.columns, 2 * pairs + spec.phases); ++x)
      kb.loop(kb.index(0),
              kb.index(llvm::divideCeil(spec.columns - x, spec.phases)), 1,
              [&](Val j) {
                put(widen(kb.load(source, from + j * spec.phases + x)),
                    to + j + place(x));
              });
  }

  /// KernelBuilder has scalars in place of vectors of one element.
  Val scalarIfOne(Value vector) {
    if (KernelBuilder::lanesOf(vector.getType()) != 1)
      return kb.wrap(vector);
    return kb.wrap(vector::ExtractOp::create(kb.b, kb.loc, vector, 0));
  }

  KernelBuilder &kb;
  const PlaneSpec &spec;
  Value source, plane;
};
} // namespace

void mlir::shift::cpu::emitPlaneClear(KernelBuilder &kb, const PlaneSpec &spec,
                                      Value plane) {
  emitCover(kb, spec.elements() * (spec.isNegated ? 2 : 1),
            [&](Val offset, int64_t lanes) {
              kb.store(kb.constant(kb.vec(spec.elementType, lanes), 0), plane,
                       offset);
            });
}

void mlir::shift::cpu::emitPlaneFill(KernelBuilder &kb, const PlaneSpec &spec,
                                     Value source, Val base, Value plane,
                                     Val first) {
  PlaneEmitter(kb, spec, source, plane).fill(base, first);
}
