//===- CostModel.cpp - What the strategies of a layer cost ----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Conversion/ShiftToCPU/CostModel.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/Kernels/FixedLayer.h"
#include "lib/Conversion/Kernels/StrategyChoice.h"
#include "lib/Conversion/ShiftToCPU/Families.h"

#include <limits>

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cpu;
using ::shift::Term;

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

namespace {
/// What the lists of strategy `shift` are made of.
struct WeightCounts {
  /// Terms that are not zero, and different exponents of each output channel,
  /// all channels together.
  int64_t terms = 0, exponents = 0;
};
} // namespace

static WeightCounts countWeights(const FixedLayer &layer) {
  std::vector<Term> terms = getTerms(getWeightOp(layer.weights));
  int64_t channels = shapeOf(layer.weights)[0];
  int64_t perChannel = terms.size() / channels;
  WeightCounts counts;
  for (int64_t c = 0; c < channels; ++c) {
    std::array<bool, 256> isUsed{};
    for (const Term &term : ArrayRef(terms).slice(c * perChannel, perChannel)) {
      if (term.sign == 0)
        continue;
      ++counts.terms;
      bool &used = isUsed[uint8_t(term.exponent)];
      counts.exponents += !used;
      used = true;
    }
  }
  return counts;
}

/// `repeats`: how often products are done.
static WorkCounts countWork(const FixedLayer &fixed,
                            const WeightCounts &weights, bool isList,
                            double repeats) {
  // Sizes that all forms of a strategy come near to; the coefficients, which
  // are measured, take up the rest.
  constexpr int64_t vectorLanes = 16, blockLanes = 64, listTaps = 128;
  const ConvLayer &layer = fixed.layer;
  const PanelSpec &panel = layer.panel;
  int64_t lanes = vectorLanes;
  if (isList)
    lanes = std::clamp<int64_t>(llvm::PowerOf2Ceil(panel.positions),
                                vectorLanes, blockLanes);
  double positions = llvm::alignTo(panel.positions, lanes);
  double images = layer.batch * layer.groups;
  double blocks = llvm::divideCeil(panel.positions, blockLanes);
  WorkCounts counts{};
  auto count = [&](Work kind) -> double & { return counts[size_t(kind)]; };
  if (isList) {
    double columns = layer.batch * positions * repeats;
    count(Work::Product) = columns * weights.terms;
    count(Work::Slot) =
        columns * weights.exponents * llvm::divideCeil(panel.taps, listTaps);
  } else {
    count(Work::Product) =
        images * positions * panel.taps * layer.channels * repeats;
  }
  bool isWindow = panel.kind == PanelKind::Window;
  if (isWindow)
    count(Work::Segment) =
        images * panel.taps * (panel.positions / panel.outWidth + blocks);
  if ((isWindow ? panel.stride[1] : panel.positionStride) != 1)
    count(Work::Gather) = images * positions * panel.taps;
  count(Work::Copy) = images * positions * panel.taps;
  count(Work::Output) = images * positions * layer.channels;
  count(Work::Item) = images * blocks;
  count(Work::Run) = 1;
  return counts;
}

ArrayRef<StringRef> mlir::shift::getLayerStrategies() {
  static const StringRef order[] = {"dot8", "dot16", "shift", "float"};
  return order;
}

LayerChoices mlir::shift::listChoices(Operation *op) {
  LayerChoices choices;
  bool isFixed =
      isa<Conv2DOp, LinearOp>(op) && !isFloatTensor(op->getOperand(0));
  std::optional<WeightCounts> weights;
  for (StringRef strategy : getLayerStrategies()) {
    std::string reasons;
    const KernelFamily *taker =
        findTaker(op, getKernelFamilies(), strategy, reasons);
    if (!taker) {
      if (reasons.empty())
        reasons =
            isFixed ? "the layer is of fixed point" : "the layer is of float32";
      choices.refusals.push_back({strategy, reasons});
      continue;
    }
    LayerCandidate candidate{strategy, strategy.str()};
    if (isFixed) {
      FixedLayer layer = describeFixedLayer(op);
      if (!weights)
        weights = countWeights(layer);
      if (layer.layer.panel.channels == 1)
        candidate.form += "-depthwise";
      candidate.activationBits = layer.inputFormat().storageBits;
      candidate.work = countWork(layer, *weights, strategy == "shift",
                                 taker->countRepeats(op));
    }
    choices.candidates.push_back(std::move(candidate));
  }
  if (choices.candidates.empty())
    choices.refusals.clear();
  return choices;
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

ArrayRef<CostRow> mlir::shift::getCostTable() {
#define SHIFT_COST(isa, form, bits, ...) {isa, form, bits, {__VA_ARGS__}},
  static const CostRow rows[] = {
#include "lib/Conversion/ShiftToCPU/CostTable.inc"
  };
#undef SHIFT_COST
  return rows;
}

namespace {
/// Costs on an instruction set that was not measured, as shares of avx2's:
/// instructions for as many elements.
struct DerivedCosts {
  StringRef isa, strategy;
  double products, rest;
};
} // namespace

// avx512: the same instructions on twice the bits. avx512vnni: one vpdpwssd for
// vpmaddwd and vpaddd; one vpdpbusd for vpmaddubsw, its share of widening by
// vpmaddwd and vpaddd, and the addition before. baseline: half the bits.
static constexpr DerivedCosts derivedCosts[] = {
    {"avx512", "", 0.5, 0.5},
    {"avx512vnni", "dot8", 0.2, 0.5},
    {"avx512vnni", "dot16", 0.25, 0.5},
    {"avx512vnni", "", 0.5, 0.5},
    {"baseline", "", 2, 2},
};

static const CostRow *findRow(StringRef isa, StringRef form, int bits) {
  for (const CostRow &row : getCostTable())
    if (row.isa == isa && row.form == form && row.activationBits == bits)
      return &row;
  return nullptr;
}

/// The row of the candidate's form, else of its strategy.
static const CostRow *findRow(StringRef isa, const LayerCandidate &candidate) {
  for (StringRef form : {StringRef(candidate.form), candidate.strategy})
    if (const CostRow *row = findRow(isa, form, candidate.activationBits))
      return row;
  // 32 bits are stored only by modules of published numbers.
  return candidate.activationBits > 16 ? findRow(isa, candidate.strategy, 16)
                                       : nullptr;
}

double mlir::shift::predictSeconds(const LayerCandidate &candidate,
                                   StringRef isa) {
  const CostRow *row = findRow(isa, candidate);
  double products = 1, rest = 1;
  if (!row) {
    row = findRow("avx2", candidate);
    const auto *derived = llvm::find_if(derivedCosts, [&](const auto &one) {
      return one.isa == isa &&
             (one.strategy.empty() || one.strategy == candidate.strategy);
    });
    if (!row || derived == std::end(derivedCosts))
      return std::numeric_limits<double>::infinity();
    products = derived->products;
    rest = derived->rest;
  }
  double sum = 0;
  for (size_t i = 0; i < workKinds; ++i)
    sum += candidate.work[i] * row->nanoseconds[i] *
           (i == size_t(Work::Product) ? products : rest);
  return sum * 1e-9;
}
