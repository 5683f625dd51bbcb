//===- SelectKernels.cpp - A strategy for each layer ----------------------===//
// SPDX-License-Identifier: Apache-2.0
// Several kernel families can take a convolution or linear layer of fixed
// point: the one that the user asked for by name, else the one that the cost
// model predicts to be the fastest.
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Threading.h"
#include "shift/Conversion/ShiftToCPU/CostModel.h"
#include "shift/Conversion/ShiftToCPU/Passes.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/GlobPattern.h"

namespace mlir::shift {
#define GEN_PASS_DEF_SELECTKERNELSPASS
#include "shift/Conversion/ShiftToCPU/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;

namespace {
constexpr StringRef automatic = "auto";

/// `pattern=strategy`.
struct Override {
  llvm::GlobPattern pattern;
  std::string strategy;
};

struct Choice {
  StringRef strategy;
  std::string reason;
};

const LayerCandidate *find(const LayerChoices &choices, StringRef strategy) {
  for (const LayerCandidate &candidate : choices.candidates)
    if (candidate.strategy == strategy)
      return &candidate;
  return nullptr;
}

StringRef reasonAgainst(const LayerChoices &choices, StringRef strategy) {
  for (const Refusal &refusal : choices.refusals)
    if (refusal.strategy == strategy)
      return refusal.reason;
  return "it computes other ops";
}

/// The candidate whose strategy is nearest to `strategy`.
StringRef findNearest(const LayerChoices &choices, StringRef strategy) {
  ArrayRef<StringRef> order = getLayerStrategies();
  auto place = [&](StringRef name) { return llvm::find(order, name); };
  StringRef nearest;
  for (const LayerCandidate &candidate : choices.candidates) {
    auto distance = [&](StringRef name) {
      return std::abs(place(name) - place(strategy));
    };
    if (nearest.empty() || distance(candidate.strategy) < distance(nearest))
      nearest = candidate.strategy;
  }
  return nearest;
}

/// The fastest, with what all cost and why others cannot be.
Choice chooseFastest(const LayerChoices &choices, StringRef isa) {
  std::vector<std::pair<double, StringRef>> costs;
  for (const LayerCandidate &candidate : choices.candidates)
    costs.emplace_back(predictSeconds(candidate, isa), candidate.strategy);
  llvm::sort(costs);
  Choice choice{costs.front().second, ""};
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

  LogicalResult parseOverrides() {
    overrides.clear();
    std::vector<StringRef> known = getStrategies();
    known.push_back(automatic);
    for (const std::string &text : strategies) {
      auto [pattern, strategy] = StringRef(text).rsplit('=');
      llvm::Expected<llvm::GlobPattern> glob =
          llvm::GlobPattern::create(pattern);
      if (!llvm::is_contained(known, strategy) || !glob) {
        llvm::consumeError(glob.takeError());
        return getOperation().emitError(
                   "expected pattern=strategy with a known strategy, got '")
               << text << "'";
      }
      overrides.push_back({std::move(*glob), strategy.str()});
    }
    if (!llvm::is_contained({"baseline", "avx2", "avx512", "avx512vnni"},
                            StringRef(isa)))
      return getOperation().emitError("expected an instruction set of "
                                      "baseline, avx2, avx512, avx512vnni, "
                                      "got '")
             << isa << "'";
    return success();
  }

  Choice choose(StringRef name, const LayerChoices &choices) const {
    StringRef asked;
    std::string refused;
    for (const Override &one : overrides) {
      if (!one.pattern.match(name))
        continue;
      if (one.strategy == automatic) {
        Choice choice = chooseFastest(choices, isa);
        choice.reason = refused + choice.reason;
        return choice;
      }
      if (find(choices, one.strategy))
        return {one.strategy, refused + "asked for"};
      // A strategy of other ops, such as a pool's, says nothing about layers.
      if (!llvm::is_contained(getLayerStrategies(), one.strategy))
        continue;
      if (asked.empty())
        asked = one.strategy;
      refused += one.strategy + " asked, but " +
                 reasonAgainst(choices, one.strategy).str() + "; ";
    }
    if (asked.empty())
      return chooseFastest(choices, isa);
    return {findNearest(choices, asked), refused + "the nearest that can"};
  }

  void runOnOperation() override {
    if (failed(parseOverrides()))
      return signalPassFailure();
    // To read a layer's weights takes time.
    std::vector<Operation *> ops;
    getOperation().walk([&](Operation *op) { ops.push_back(op); });
    parallelForEach(&getContext(), ops, [&](Operation *op) { select(op); });
  }

  void select(Operation *op) const {
    LayerChoices choices = listChoices(op);
    if (choices.candidates.empty())
      return;
    Builder b(op->getContext());
    auto name = op->getAttrOfType<StringAttr>("node_name");
    Choice choice = choose(name ? name.getValue() : "", choices);
    op->setAttr(strategyAttrName, b.getStringAttr(choice.strategy));
    if (!choice.reason.empty())
      op->setAttr(strategyReasonAttrName, b.getStringAttr(choice.reason));
  }

  std::vector<Override> overrides;
};
} // namespace
