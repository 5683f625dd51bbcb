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
    if (!isKnown || !glob || pattern.empty()) {
      llvm::consumeError(glob.takeError());
      return mlir::emitError(module.getLoc(),
                             "expected pattern=strategy with auto, ")
             << llvm::join(known, ", ") << ", got '" << text << "'";
    }
    result.overrides.push_back(
        {std::move(*glob), pattern.str(), strategy.str()});
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
StrategyOverrides::choose(Operation *op, const StrategyOptions &options,
                          ArrayRef<StringRef> order,
                          function_ref<StrategyChoice()> automatic) const {
  std::string name = nodeName(op);
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
    if (asked.empty())
      asked = one.strategy;
    refused += one.strategy + " asked, but " +
               options.reasonAgainst(one.strategy).str() + "; ";
  }
  std::optional<StringRef> written = getWrittenStrategy(op);
  if (asked.empty() && written) {
    if (llvm::is_contained(options.candidates, *written))
      return {*written, "asked for in the module"};
    if (llvm::is_contained(order, *written)) {
      asked = *written;
      refused = "the module asks for " + asked.str() + ", but " +
                options.reasonAgainst(asked).str() + "; ";
    }
  }
  if (asked.empty())
    return automatic();
  return {findNearest(options, order, asked), refused + "the nearest that can"};
}

void StrategyOverrides::warnOfUnused(ModuleOp module,
                                     ArrayRef<Operation *> layers) const {
  for (const Override &one : overrides)
    if (one.text != "*" && llvm::none_of(layers, [&](Operation *op) {
          return one.pattern.match(nodeName(op));
        }))
      mlir::emitWarning(module.getLoc(), "the pattern '")
          << one.text << "' of strategy " << one.strategy
          << " matches no layer";
}

std::optional<StringRef>
mlir::shift::kernels::getWrittenStrategy(Operation *op) {
  auto strategy = op->getAttrOfType<StringAttr>(strategyAttrName);
  if (!strategy || op->hasAttr(strategyReasonAttrName))
    return std::nullopt;
  return strategy.getValue();
}

void mlir::shift::kernels::setStrategy(Operation *op,
                                       const StrategyChoice &choice) {
  Builder b(op->getContext());
  op->setAttr(strategyAttrName, b.getStringAttr(choice.strategy));
  if (!choice.reason.empty())
    op->setAttr(strategyReasonAttrName, b.getStringAttr(choice.reason));
}
