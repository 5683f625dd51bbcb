//===- SelectGPUKernels.cpp - A GPU strategy for each layer ---------------===//
// SPDX-License-Identifier: Apache-2.0
// Of the strategies that a layer's numbers fit, the one that the user asked for
// by name, else the one that the cost model predicts to be the fastest.
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftOps.h"
#include "lib/Conversion/Kernels/StrategyChoice.h"
#include "lib/Conversion/ShiftToGPU/CostModel.h"
#include "lib/Conversion/ShiftToGPU/Families.h"
#include "mlir/IR/Threading.h"
#include "shift/Conversion/ShiftToGPU/Passes.h"
#include "llvm/Support/Format.h"

namespace mlir::shift {
#define GEN_PASS_DEF_SELECTGPUKERNELSPASS
#include "shift/Conversion/ShiftToGPU/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;

llvm::ArrayRef<StringRef> mlir::shift::getGPULayerStrategies() {
  static const StringRef order[] = {"mma", "dp4a", "shift", "float"};
  return order;
}

FailureOr<int> mlir::shift::parseArchitecture(ModuleOp module, StringRef arch) {
  StringRef number = arch;
  int architecture = 0;
  if (number.consume_front("sm_") && !number.getAsInteger(10, architecture))
    return architecture;
  return module.emitError("expected an architecture of the form sm_75, got '")
         << arch << "'";
}

namespace {
/// The first architecture with a strategy's instruction.
int firstArchitecture(StringRef strategy) {
  return llvm::StringSwitch<int>(strategy)
      .Case("mma", 72)
      .Case("dp4a", 61)
      .Default(0);
}

struct SelectGPUKernelsPass
    : mlir::shift::impl::SelectGPUKernelsPassBase<SelectGPUKernelsPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<int> architecture = parseArchitecture(module, arch);
    FailureOr<StrategyOverrides> overrides =
        StrategyOverrides::parse(module, strategies, getGPULayerStrategies());
    if (failed(architecture) || failed(overrides))
      return signalPassFailure();
    // To read a layer's weights takes time.
    std::vector<Operation *> ops;
    module.walk([&](Operation *op) { ops.push_back(op); });
    parallelForEach(&getContext(), ops, [&](Operation *op) {
      select(op, *overrides, *architecture);
    });
    llvm::erase_if(
        ops, [](Operation *op) { return !op->hasAttr(strategyAttrName); });
    overrides->warnOfUnused(module, ops);
  }

  void select(Operation *op, const StrategyOverrides &overrides,
              int architecture) const {
    StrategyOptions options = listOptions(op, architecture);
    if (options.candidates.empty())
      return;
    setStrategy(op, overrides.choose(op, options, getGPULayerStrategies(), [&] {
      return chooseFastest(op, options, architecture);
    }));
  }

  StrategyOptions listOptions(Operation *op, int architecture) const {
    StrategyOptions options;
    bool isFixed =
        isa<Conv2DOp, LinearOp>(op) && !isFloatTensor(op->getOperand(0));
    for (StringRef strategy : getGPULayerStrategies()) {
      std::string reason =
          isFixed ? "the layer is of fixed point" : "the layer is of float32";
      if (!findTaker(op, cuda::getKernelFamilies(), strategy, reason))
        options.refusals.push_back({strategy, reason});
      else if (firstArchitecture(strategy) > architecture)
        options.refusals.push_back({strategy, arch + " does not have it"});
      else
        options.candidates.push_back(strategy);
    }
    return options;
  }

  /// The fastest, with what all take and why others cannot be.
  StrategyChoice chooseFastest(Operation *op, const StrategyOptions &options,
                               int architecture) const {
    StrategyChoice choice{options.candidates.front(), ""};
    llvm::raw_string_ostream os(choice.reason);
    if (options.candidates.size() > 1) {
      const cuda::GPUModel &gpu = cuda::findGPU(architecture);
      FixedLayer fixed = describeFixedLayer(op);
      // Of equal ones the first.
      std::vector<std::pair<double, size_t>> costs;
      for (auto [i, strategy] : llvm::enumerate(options.candidates))
        costs.emplace_back(cuda::predictSeconds(fixed, strategy, gpu), i);
      llvm::sort(costs);
      choice.strategy = options.candidates[costs.front().second];
      os << "predicted on " << gpu.name << ' ';
      llvm::interleaveComma(costs, os, [&](auto &cost) {
        os << llvm::format("%.3g us ", cost.first * 1e6)
           << options.candidates[cost.second];
      });
    }
    for (const auto &[strategy, reason] : options.refusals)
      // That one is float and the other is not says nothing new.
      if (strategy != "float" && choice.strategy != "float")
        os << (choice.reason.empty() ? "" : "; ") << "not " << strategy << ": "
           << reason;
    return choice;
  }
};
} // namespace
