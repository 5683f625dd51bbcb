//===- TopCandidates.h - The best of many scored places ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A selection of the best candidates of each level and their sorting. Every
// candidate has a key of 64 bits, no two the same: its score above, the
// complement of its position below. Larger keys come first, so that the order
// is total and no result depends on which thread was first.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOGPU_TOPCANDIDATES_H
#define LIB_CONVERSION_SHIFTTOGPU_TOPCANDIDATES_H

#include "lib/Conversion/Kernels/Lowering.h"

namespace mlir::shift::cuda {
using namespace kernels;

/// `count` candidates at positions from `first` on, of which at most `kept`
/// stay, in slots from `keptFirst` on.
struct CandidateLevel {
  int64_t first = 0, count = 0, kept = 0, keptFirst = 0;
};

/// The candidates of a batch of images, all alike.
class CandidateLayout {
public:
  /// Levels of so many candidates, each to keep at most `limit`.
  CandidateLayout(int64_t images, ArrayRef<int64_t> counts, int64_t limit);

  int64_t segments() const { return images * int64_t(levels.size()); }
  std::string key() const;
  /// The number of the level that holds a position, and a number of that level.
  Val levelOf(KernelBuilder &kb, Val position) const;
  Val pick(KernelBuilder &kb, Val level,
           function_ref<int64_t(const CandidateLevel &)> number) const;
  /// The key of a candidate from what orders its score, and its position again.
  Val makeKey(KernelBuilder &kb, Val order, Val position) const;
  Val positionOf(KernelBuilder &kb, Val key) const;

  int64_t images;
  std::vector<CandidateLevel> levels;
  /// Positions of an image; each level's begin at a multiple of a block's.
  int64_t positions = 0;
  /// Slots of an image, whole runs to sort.
  int64_t slots = 0;
  int positionBits = 0;
};

/// 32 bits that order scores as unsigned numbers: larger for larger scores,
/// equal for zeros of both signs, never 0 unless the score is NaN.
Val orderOf(KernelBuilder &kb, Val score);

/// Adds the steps that find each image's best candidates. `orders` has 32 bits
/// for each position, 0 where there is no candidate. Returns the buffer of all
/// images' keys, `layout.slots` each, in falling order and then zeros.
Value lowerTopCandidates(Operation *op, const CandidateLayout &layout,
                         Value orders, Lowering &lowering);

} // namespace mlir::shift::cuda

#endif // LIB_CONVERSION_SHIFTTOGPU_TOPCANDIDATES_H
