//===- SelectKernels.cpp - A strategy for each layer ----------------------===//
// SPDX-License-Identifier: Apache-2.0
// Several kernel families can take a convolution or linear layer of fixed
// point: the one that the user asked for by name, else the one that the cost
// model predicts to be the fastest.
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/StrategyChoice.h"
#include "mlir/IR/Threading.h"
#include "shift/Conversion/ShiftToCPU/CostModel.h"
#include "shift/Conversion/ShiftToCPU/Passes.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::shift {
#define GEN_PASS_DEF_SELECTKERNELSPASS
#include "shift/Conversion/ShiftToCPU/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;

namespace {
/// The fastest, with what all cost and why others cannot be.
StrategyChoice chooseFastest(const LayerChoices &choices, StringRef isa) {
  std::vector<std::pair<double, StringRef>> costs;
  for (const LayerCandidate &candidate : choices.candidates)
    costs.emplace_back(predictSeconds(candidate, isa), candidate.strategy);
  llvm::sort(costs);
  StrategyChoice choice{costs.front().second, ""};
  llvm::raw_string_ostream os(choice.reason);
  if (costs.size() > 1) {
    os << "predicted ";
    llvm::interleaveComma(costs, os, [&](auto &cost) {
      os << llvm::format("%.3g ms ", cost.first * 1e3) << cost.second;
    });
  }
  for (const Refusal &refusal : choices.refusals)
    // That one is float and the other is not says nothing new.
    if (refusal.strategy != "float" && choice.strategy != "float")
      os << (choice.reason.empty() ? "" : "; ") << "not " << refusal.strategy
         << ": " << refusal.reason;
  return choice;
}

struct SelectKernelsPass
    : mlir::shift::impl::SelectKernelsPassBase<SelectKernelsPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<StrategyOverrides> overrides =
        StrategyOverrides::parse(module, strategies, getLayerStrategies());
    if (failed(overrides) || failed(checkIsa()))
      return signalPassFailure();
    // To read a layer's weights takes time.
    std::vector<Operation *> ops;
    module.walk([&](Operation *op) { ops.push_back(op); });
    parallelForEach(&getContext(), ops,
                    [&](Operation *op) { select(op, *overrides); });
    llvm::erase_if(
        ops, [](Operation *op) { return !op->hasAttr(strategyAttrName); });
    overrides->warnOfUnused(module, ops);
  }

  LogicalResult checkIsa() {
    if (llvm::is_contained({"baseline", "avx2", "avx512", "avx512vnni"},
                           StringRef(isa)))
      return success();
    return mlir::emitError(getOperation().getLoc(),
                           "expected an instruction set of baseline, "
                           "avx2, avx512, avx512vnni, got '")
           << isa << "'";
  }

  void select(Operation *op, const StrategyOverrides &overrides) const {
    LayerChoices choices = listChoices(op);
    if (choices.candidates.empty())
      return;
    StrategyOptions options;
    for (const LayerCandidate &candidate : choices.candidates)
      options.candidates.push_back(candidate.strategy);
    for (const Refusal &refusal : choices.refusals)
      options.refusals.push_back({refusal.strategy, refusal.reason});
    setStrategy(op, overrides.choose(op, options, getLayerStrategies(), [&] {
      return chooseFastest(choices, isa);
    }));
  }
};
} // namespace
