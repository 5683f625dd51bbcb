//===- Plane.h - Padded bands of one channel --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Kernels that use each input channel for a few output channels only do not
// copy a row for every tap. They copy a band of the channel's rows once,
// widened and with its padding, and find tap (ky, kx) of a run of outputs at a
// constant distance from the run's first one.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOCPU_PLANE_H
#define LIB_CONVERSION_SHIFTTOCPU_PLANE_H

#include "lib/Conversion/Kernels/Lowering.h"

namespace mlir::shift::cpu {
using namespace kernels;

/// A band of `rows` rows of an image with padding. Column x of the padded image
/// lies in phase x % phases of its row, at x / phases, so that a row that is
/// read with a stride of `phases` is read contiguously.
struct PlaneSpec {
  /// Of the source in memory and of the band; `isSigned` says how the source is
  /// widened.
  Type sourceType, elementType;
  bool isSigned = true;
  /// Of the image; of the padding above and left of it.
  int64_t height = 0, width = 0;
  int64_t pad[2] = {0, 0};
  /// Columns of the image that are copied.
  int64_t columns = 0;
  int64_t rows = 0, phases = 1;
  /// Elements of one phase of a row.
  int64_t pitch = 0;
  /// Elements that may be read past the last row.
  int64_t slack = 0;
  /// Whether a second band with the negated values follows.
  bool isNegated = false;

  int64_t rowElements() const { return phases * pitch; }
  int64_t elements() const { return rows * rowElements() + slack; }
  int64_t bytes() const {
    return elements() * (isNegated ? 2 : 1) *
           elementType.getIntOrFloatBitWidth() / 8;
  }
};

/// Zeros everywhere; to be done once before the first fill.
void emitPlaneClear(KernelBuilder &kb, const PlaneSpec &spec, Value plane);

/// Fills the band with rows from number `first` of the padded image on; the
/// image starts at source[base].
void emitPlaneFill(KernelBuilder &kb, const PlaneSpec &spec, Value source,
                   Val base, Value plane, Val first);

/// Calls emit(offset, lanes) for vectors of 32 elements or fewer that cover
/// [0, count); some may overlap.
void emitCover(KernelBuilder &kb, int64_t count,
               function_ref<void(Val, int64_t)> emit);

} // namespace mlir::shift::cpu

#endif // LIB_CONVERSION_SHIFTTOCPU_PLANE_H
