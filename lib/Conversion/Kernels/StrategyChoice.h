//===- StrategyChoice.h - Strategies of layers, by name or not --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Several kernel families can take a convolution or linear layer: the one that
// the user asked for by name, else the one that the target chooses.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_STRATEGYCHOICE_H
#define LIB_CONVERSION_KERNELS_STRATEGYCHOICE_H

#include "lib/Conversion/Kernels/Lowering.h"
#include "llvm/Support/GlobPattern.h"

namespace mlir::shift::kernels {

/// The first family of `strategy` that can take `op`. If there is none, null
/// and perhaps a `reason`.
const KernelFamily *findTaker(Operation *op,
                              ArrayRef<std::unique_ptr<KernelFamily>> families,
                              StringRef strategy, std::string &reason);

/// Which strategies can take a layer, and why others cannot.
struct StrategyOptions {
  SmallVector<StringRef> candidates;
  SmallVector<std::pair<StringRef, std::string>> refusals;

  StringRef reasonAgainst(StringRef strategy) const;
};

struct StrategyChoice {
  StringRef strategy;
  std::string reason;
};

/// A list of `pattern=strategy`.
class StrategyOverrides {
public:
  /// Fails with an error on `module`.
  static FailureOr<StrategyOverrides> parse(ModuleOp module,
                                            ArrayRef<std::string> texts,
                                            ArrayRef<StringRef> known);

  /// The choice for a layer: the first that matches its name and can take it;
  /// where none matches, what the module says; where that says nothing, or
  /// `auto` matches, `automatic()`; else the candidate that is nearest in
  /// `order` to what was asked for.
  StrategyChoice choose(Operation *op, const StrategyOptions &options,
                        ArrayRef<StringRef> order,
                        function_ref<StrategyChoice()> automatic) const;

  /// Warns of patterns that match none of `layers`.
  void warnOfUnused(ModuleOp module, ArrayRef<Operation *> layers) const;

private:
  struct Override {
    llvm::GlobPattern pattern;
    std::string text;
    std::string strategy;
  };
  std::vector<Override> overrides;
};

/// The strategy that somebody wrote on the layer: one without a reason.
std::optional<StringRef> getWrittenStrategy(Operation *op);

/// Records a choice on the layer.
void setStrategy(Operation *op, const StrategyChoice &choice);

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_STRATEGYCHOICE_H
