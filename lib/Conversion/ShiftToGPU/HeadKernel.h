//===- HeadKernel.h - Scores and boxes in kernels ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOGPU_HEADKERNEL_H
#define LIB_CONVERSION_SHIFTTOGPU_HEADKERNEL_H

#include "dialects/Shift/IR/ShiftDetection.h"
#include "lib/Conversion/Kernels/Lowering.h"
#include "lib/Conversion/Kernels/MLIRFloatOps.h"
#include "shift/Detection/HeadMath.h"

namespace mlir::shift::cuda {
using namespace kernels;
namespace detection = ::shift::detection;

using BoxVal = detection::BoxOf<MLIRFloatOps>;

/// Emits what shift/Detection/HeadMath.h states of the places of one level of
/// one image.
class HeadKernel {
public:
  /// `heads` are the buffers of all heads, null where the level has none of its
  /// values; `sizes` are their elements an image.
  HeadKernel(KernelBuilder &kb, const DetectorHead &head,
             const detection::HeadLevel &level, ArrayRef<Value> heads,
             ArrayRef<int64_t> sizes, Val image)
      : kb(kb), ops(kb, 1), head(head), format(head.description.head),
        level(level), heads(heads), sizes(sizes), image(image) {}

  /// The first label with the highest value.
  Val bestLabel(Val place);
  /// The objectness of a place; null where the score needs none.
  Val objectness(Val place);
  /// A class's own probability, and its score from that.
  Val probability(Val place, Val label);
  Val score(Val probability, Val objectness);
  /// Whether the class is a candidate by its numbers.
  Val exceeds(Val probability, Val score);
  /// The box as the head has it, not clipped.
  BoxVal box(Val place);
  /// Neither score nor box are NaN.
  Val isNumber(Val score) { return kb.compare(ordered, score, score); }
  Val isNumber(const BoxVal &box);

private:
  static constexpr auto ordered = arith::CmpFPredicate::ORD;

  Val load(const detection::HeadPart &part, Val channel, Val place);
  Val boxValue(int64_t index, Val place);

  KernelBuilder &kb;
  MLIRFloatOps ops;
  const DetectorHead &head;
  const detection::HeadFormat &format;
  const detection::HeadLevel &level;
  ArrayRef<Value> heads;
  ArrayRef<int64_t> sizes;
  Val image;
};

} // namespace mlir::shift::cuda

#endif // LIB_CONVERSION_SHIFTTOGPU_HEADKERNEL_H
