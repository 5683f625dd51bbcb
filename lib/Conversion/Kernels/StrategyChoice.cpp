//===- StrategyChoice.cpp - Strategies of layers, by name or not ----------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/StrategyChoice.h"
#include "shift/Conversion/Kernels/Passes.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;

static constexpr StringRef automaticName = "auto";

const KernelFamily *mlir::shift::kernels::findTaker(
    Operation *op, ArrayRef<std::unique_ptr<KernelFamily>> families,
    StringRef strategy, std::string &reason) {
  for (const auto &family : families) {
    std::string own;
    if (family->getStrategy() != strategy)
      continue;
    if (family->canTake(op, own))
      return family.get();
    if (!own.empty())
      reason = own;
  }
  return nullptr;
}

std::vector<StringRef> mlir::shift::kernels::listStrategies(
    ArrayRef<std::unique_ptr<KernelFamily>> families) {
  std::vector<StringRef> names;
  for (const auto &family : families)
    if (!llvm::is_contained(names, family->getStrategy()))
      names.push_back(family->getStrategy());
  return names;
}

StringRef StrategyOptions::reasonAgainst(StringRef strategy) const {
  for (const auto &[refused, reason] : refusals)
    if (refused == strategy)
      return reason;
  return "it computes other ops";
}

FailureOr<StrategyOverrides>
StrategyOverrides::parse(ModuleOp module, ArrayRef<std::string> texts,
                         ArrayRef<StringRef> known) {
  StrategyOverrides result;
  for (const std::string &text : texts) {
    auto [pattern, strategy] = StringRef(text).rsplit('=');
    llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(pattern);
    bool isKnown =
        strategy == automaticName || llvm::is_contained(known, strategy);
    if (!isKnown || !glob) {
      llvm::consumeError(glob.takeError());
      return module.emitError(
                 "expected pattern=strategy with a known strategy, got '")
             << text << "'";
    }
    result.overrides.push_back({std::move(*glob), strategy.str()});
  }
  return result;
}

/// The candidate whose strategy is nearest to `strategy`.
static StringRef findNearest(const StrategyOptions &options,
                             ArrayRef<StringRef> order, StringRef strategy) {
  auto place = [&](StringRef name) { return llvm::find(order, name); };
  StringRef nearest;
  for (StringRef candidate : options.candidates) {
    auto distance = [&](StringRef name) {
      return std::abs(place(name) - place(strategy));
    };
    if (nearest.empty() || distance(candidate) < distance(nearest))
      nearest = candidate;
  }
  return nearest;
}

StrategyChoice
StrategyOverrides::choose(StringRef name, const StrategyOptions &options,
                          ArrayRef<StringRef> order,
                          function_ref<StrategyChoice()> automatic) const {
  StringRef asked;
  std::string refused;
  for (const Override &one : overrides) {
    if (!one.pattern.match(name))
      continue;
    if (one.strategy == automaticName) {
      StrategyChoice choice = automatic();
      choice.reason = refused + choice.reason;
      return choice;
    }
    if (llvm::is_contained(options.candidates, one.strategy))
      return {one.strategy, refused + "asked for"};
    // A strategy of other ops, such as a pool's, says nothing about layers.
    if (!llvm::is_contained(order, one.strategy))
      continue;
    if (asked.empty())
      asked = one.strategy;
    refused += one.strategy + " asked, but " +
               options.reasonAgainst(one.strategy).str() + "; ";
  }
  if (asked.empty())
    return automatic();
  return {findNearest(options, order, asked), refused + "the nearest that can"};
}

void mlir::shift::kernels::setStrategy(Operation *op,
                                       const StrategyChoice &choice) {
  Builder b(op->getContext());
  op->setAttr(strategyAttrName, b.getStringAttr(choice.strategy));
  if (!choice.reason.empty())
    op->setAttr(strategyReasonAttrName, b.getStringAttr(choice.reason));
}
