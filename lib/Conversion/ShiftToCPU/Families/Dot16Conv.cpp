//===- Dot16Conv.cpp - Fixed-point layers on 16-bit dot products ----------===//
// SPDX-License-Identifier: Apache-2.0
// Strategy `dot16`: weights are int16 multiples of 2^e_c, activations int16;
// pairs of taps are multiplied and added in int32. Where int32 or int16 is too
// narrow for all exponents of a channel, weights are cut into planes of
// exponents with sums of their own. The certificate of the constants at hand
// chooses the planes.
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/ShiftToCPU/DotKernel.h"
#include "lib/Conversion/ShiftToCPU/Families.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cpu;
using ::shift::FixedPoint;
using ::shift::Term;

namespace {
constexpr int64_t largestRows = 6;
constexpr int64_t largestPlanes = 3;

/// For every exponent relative to e_c, how many terms a channel has at most.
using TermCounts = std::vector<std::vector<int64_t>>;

TermCounts countTerms(const FixedLayer &layer,
                      const SumCertificate &certificate) {
  std::vector<Term> terms = getTerms(getWeightOp(layer.weights));
  int64_t perChannel = terms.size() / certificate.exponent.size();
  TermCounts counts(certificate.exponent.size());
  for (auto [c, exponent] : llvm::enumerate(certificate.exponent))
    for (int64_t i = 0; i < perChannel; ++i) {
      Term term = terms[c * perChannel + i];
      if (term.sign == 0)
        continue;
      size_t at = term.exponent - exponent;
      if (counts[c].size() <= at)
        counts[c].resize(at + 1);
      ++counts[c][at];
    }
  return counts;
}

/// The exponents at which planes start: each takes as many exponents as int16
/// weights and int32 sums of activations up to `maxAbsQ` hold. Empty if that
/// takes too many planes.
SmallVector<int8_t> choosePlanes(const TermCounts &counts, int terms,
                                 int64_t maxAbsQ) {
  // The sum of `terms` different powers below 2^16 / terms fits int16.
  const int64_t mostExponents = terms == 1 ? 15 : 14;
  int64_t exponents = 1;
  for (const std::vector<int64_t> &channel : counts)
    exponents = std::max<int64_t>(exponents, channel.size());
  const int64_t limit = ::shift::magnitudeLimit(maxAbsQ, 32);
  SmallVector<int8_t> starts{0};
  std::vector<int64_t> sums(counts.size(), 0);
  for (int64_t e = 0; e < exponents; ++e) {
    auto add = [&] {
      bool fits = e - starts.back() < mostExponents;
      for (auto [sum, channel] : llvm::zip(sums, counts)) {
        if (e < int64_t(channel.size()) && fits)
          sum += channel[e] << (e - starts.back());
        fits &= sum <= limit;
      }
      return fits;
    };
    if (add())
      continue;
    if (int64_t(starts.size()) == largestPlanes || starts.back() == e)
      return {};
    starts.push_back(e);
    std::fill(sums.begin(), sums.end(), 0);
    if (!add())
      return {};
  }
  return starts;
}

class Dot16Kernel : public DotKernel {
public:
  using DotKernel::DotKernel;

private:
  void emitTile(const Tile &tile) override {
    Value weights = buffers[1];
    Val base = ((tile.block * shape.planes() + tile.plane) * shape.steps +
                tile.chunk * shape.chunk) *
               shape.rows;
    constexpr int64_t unroll = 2;
    SmallVector<Val> sums =
        kb.loopCarried(kb.index(0), tile.steps, unroll, loadSums(tile),
                       [&](Val step, ArrayRef<Val> carried) {
                         SmallVector<Val> next(carried);
                         for (int64_t u = 0; u < unroll; ++u)
                           addStep(tile, step + u, base, weights, next);
                         return next;
                       });
    storeSums(tile, sums);
  }

  void addStep(const Tile &tile, Val step, Val base, Value weights,
               SmallVectorImpl<Val> &sums) {
    SmallVector<Val> taps;
    for (int64_t v = 0; v < tile.vectors; ++v)
      taps.push_back(loadPanel(tile, step, v));
    for (int64_t r = 0; r < shape.rows; ++r) {
      Val weight = broadcastWord(weights, base + (step * shape.rows + r));
      for (int64_t v = 0; v < tile.vectors; ++v) {
        Val &sum = sums[r * tile.vectors + v];
        sum = call("llvm.x86.avx512.vpdpwssd.512", sum.type(),
                   {sum, taps[v], weight});
      }
    }
  }
};

/// What the family knows of a layer.
struct Dot16Layer {
  DotShape shape;
  SumCertificate certificate;
};

/// None, with a reason, where the family cannot take the layer.
std::optional<Dot16Layer> describe(Operation *op, std::string &reason) {
  if (!isConstantFixedLayer(op, reason))
    return std::nullopt;
  Dot16Layer result;
  DotShape &shape = result.shape;
  shape.layer = describeFixedLayer(op);
  FixedPoint in = shape.layer.inputFormat();
  if (in.qMax() > INT16_MAX) {
    reason = "activations do not fit int16";
    return std::nullopt;
  }
  FailureOr<SumCertificate> certificate = certifySums(shape.layer, reason);
  if (failed(certificate))
    return std::nullopt;
  result.certificate = *certificate;
  auto type = cast<Pow2Type>(elementOf(shape.layer.weights));
  shape.planeShifts = choosePlanes(countTerms(shape.layer, *certificate),
                                   type.getTerms(), in.maxAbsQ());
  if (shape.planeShifts.empty()) {
    reason = "weights take more than " + std::to_string(largestPlanes) +
             " planes of 16 bits";
    return std::nullopt;
  }
  shape.choose(largestRows);
  return result;
}

class Dot16ConvFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "dot16"; }

  bool canTake(Operation *op, std::string &reason) const override {
    return describe(op, reason).has_value();
  }

  bool computesAdds() const override { return true; }
  double countRepeats(Operation *op) const override {
    std::string reason;
    return describe(op, reason)->shape.planes();
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    std::string reason;
    Dot16Layer known = *describe(op, reason);
    const DotShape &shape = known.shape;
    Builder b(op->getContext());
    DotStep step;
    step.strategy = getStrategy();
    if (shape.planes() > 1 || known.certificate.boundBits > 32)
      step.width = sumWidth(std::max(known.certificate.boundBits, 33));
    step.layout = shape.weightLayout(b, "dot16");
    step.layout.set("plane_shifts", b.getDenseI8ArrayAttr(shape.planeShifts));
    step.words = shape.layer.layer.groups * shape.blocksPerGroup() *
                 shape.planes() * shape.steps * shape.rows;
    step.how = "int16 weights in " + std::to_string(shape.planes()) +
               (shape.planes() == 1 ? " plane" : " planes");
    lowerDot(op, shape, known.certificate, step, lowering,
             [&](KernelBuilder &kb, const EpilogueTables &tables,
                 ArrayRef<Value> buffers, int64_t epilogueAt, Value scratch,
                 Val begin, Val end) {
               Dot16Kernel(kb, shape, tables, buffers, epilogueAt, scratch)
                   .run(begin, end);
             });
    return success();
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::cpu::createDot16ConvFamily() {
  return std::make_unique<Dot16ConvFamily>();
}
