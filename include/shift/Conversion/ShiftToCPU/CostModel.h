//===- CostModel.h - What the strategies of a layer cost --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A linear model: what a kernel has to do for a layer, counted, times measured
// nanoseconds (lib/Conversion/ShiftToCPU/CostTable.inc).
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_SHIFTTOCPU_COSTMODEL_H
#define SHIFT_CONVERSION_SHIFTTOCPU_COSTMODEL_H

#include "mlir/IR/Operation.h"

#include <array>
#include <string>
#include <vector>

namespace mlir::shift {

/// What the cost model counts, in the order of the table's columns.
enum class Work {
  /// Multiplied (or, by strategy `shift`, added) panel elements.
  Product,
  /// Pieces of an image's rows that are copied to panel rows.
  Segment,
  /// Panel elements, and those of positions that are no neighbours in the
  /// input once more.
  Copy,
  Gather,
  /// Results, those that pad a block of positions included.
  Output,
  /// Sums that are shifted between two exponents; only of `shift`.
  Slot,
  /// Blocks of positions of each group and image.
  Item,
  /// The layer itself: 1.
  Run
};
constexpr size_t workKinds = 8;
using WorkCounts = std::array<double, workKinds>;

/// A way to compute a layer.
struct LayerCandidate {
  llvm::StringRef strategy;
  /// The name of the kernel's form in the table, the strategy's and
  /// "-depthwise" where groups have one input channel; bits of stored
  /// activations.
  std::string form;
  int activationBits = 8;
  WorkCounts work{};
};

/// Why a strategy cannot take a layer.
struct Refusal {
  llvm::StringRef strategy;
  std::string reason;
};

/// The ways to compute a layer. Both are empty for ops that are none.
struct LayerChoices {
  std::vector<LayerCandidate> candidates;
  std::vector<Refusal> refusals;
};

/// The strategies of layers; the distance of two is the distance of their
/// places, and between two that are equally near the first is nearer.
llvm::ArrayRef<llvm::StringRef> getLayerStrategies();

/// Looks at a convolution or linear layer with the kernel families' eyes.
LayerChoices listChoices(Operation *op);

/// A row of the table: nanoseconds of each kind of work on one thread.
struct CostRow {
  llvm::StringRef isa, form;
  int activationBits;
  WorkCounts nanoseconds;
};

/// The measured rows.
llvm::ArrayRef<CostRow> getCostTable();

/// Seconds of one run on one thread, with `isa`'s own row if it was measured,
/// else with one derived from avx2's. A form without a row has its strategy's.
/// Infinite if there is none.
double predictSeconds(const LayerCandidate &candidate, llvm::StringRef isa);

} // namespace mlir::shift

#endif // SHIFT_CONVERSION_SHIFTTOCPU_COSTMODEL_H
