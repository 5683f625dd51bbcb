//===- Dot16Conv.cpp - Fixed-point layers on 16-bit dot products ----------===//
// SPDX-License-Identifier: Apache-2.0
// Strategy `dot16`: weights are int16 multiples of 2^e_c, activations int16;
// pairs of taps are multiplied and added in int32. Where int32 is too narrow
// for all taps of a channel, the sums of chunks of taps are added in int64.
// Where that or int16 is too narrow for all exponents, weights are cut into
// planes of exponents with sums of their own. The constants at hand choose.
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

/// For each part of the taps of each channel, how many terms there are of every
/// exponent relative to e_c.
using TermCounts = std::vector<std::vector<int64_t>>;

/// Counts the terms, `perTap` a tap, of parts of `taps` taps.
TermCounts countTerms(ArrayRef<Term> terms, int64_t perTap,
                      const SumCertificate &certificate, int64_t taps) {
  int64_t perChannel = terms.size() / certificate.exponent.size();
  int64_t parts = llvm::divideCeil(perChannel, taps * perTap);
  TermCounts counts(certificate.exponent.size() * parts);
  for (auto [c, exponent] : llvm::enumerate(certificate.exponent))
    for (int64_t i = 0; i < perChannel; ++i) {
      Term term = terms[c * perChannel + i];
      if (term.sign == 0)
        continue;
      std::vector<int64_t> &part = counts[c * parts + i / (taps * perTap)];
      size_t at = term.exponent - exponent;
      if (part.size() <= at)
        part.resize(at + 1);
      ++part[at];
    }
  return counts;
}

/// The exponents at which planes start: each takes as many exponents as int16
/// weights and int32 sums of a part of activations up to `maxAbsQ` hold. Empty
/// if that takes too many planes.
SmallVector<int8_t> choosePlanes(const TermCounts &counts, int terms,
                                 int64_t maxAbsQ) {
  // The sum of `terms` different powers below 2^16 / terms fits int16.
  const int64_t mostExponents = terms == 1 ? 15 : 14;
  int64_t exponents = 1;
  for (const std::vector<int64_t> &part : counts)
    exponents = std::max<int64_t>(exponents, part.size());
  const int64_t limit = ::shift::magnitudeLimit(maxAbsQ, 32);
  SmallVector<int8_t> starts{0};
  std::vector<int64_t> sums(counts.size(), 0);
  for (int64_t e = 0; e < exponents; ++e) {
    auto add = [&] {
      bool fits = e - starts.back() < mostExponents;
      for (auto [sum, part] : llvm::zip(sums, counts)) {
        if (e < int64_t(part.size()) && fits)
          sum += part[e] << (e - starts.back());
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

/// Sets the planes, the width of sums and the chunk so that there are as few
/// planes as can be; a smaller chunk costs less than a plane. False if there
/// are too many.
bool chooseSums(DotShape &shape, const SumCertificate &certificate) {
  constexpr int64_t leastSteps = 64;
  std::vector<Term> terms = getTerms(getWeightOp(shape.layer.weights));
  int perTap = cast<Pow2Type>(elementOf(shape.layer.weights)).getTerms();
  auto planesOf = [&](int64_t steps) {
    return choosePlanes(
        countTerms(terms, perTap, certificate, steps * shape.depth), perTap,
        shape.layer.inputFormat().maxAbsQ());
  };
  shape.planeShifts = planesOf(shape.steps);
  for (int64_t chunk = shape.chunk; shape.planes() != 1 && chunk >= leastSteps;
       chunk = llvm::alignTo(chunk / 2, 2)) {
    SmallVector<int8_t> planes = planesOf(chunk);
    if (planes.empty() || chunk >= shape.steps ||
        (shape.planes() && int64_t(planes.size()) >= shape.planes()))
      continue;
    shape.planeShifts = planes;
    shape.chunk = chunk;
    shape.sumBits = 64;
  }
  return shape.planes() > 0;
}

class Dot16Kernel : public DotKernel {
public:
  using DotKernel::DotKernel;

private:
  void emitTile(const Tile &tile) override {
    Value weights = buffers[1];
    Val base = firstWord(tile.block, tile.plane, tile.chunk);
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

  Val firstWord(Val block, int64_t plane, Val chunk) override {
    return ((block * shape.planes() + plane) * shape.steps +
            chunk * shape.chunk) *
           shape.rows;
  }

  int64_t chunkWords() const override { return shape.chunk * shape.rows; }

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
  shape.choose(largestRows);
  if (!chooseSums(shape, *certificate)) {
    reason = "weights take more than " + std::to_string(largestPlanes) +
             " planes of 16 bits";
    return std::nullopt;
  }
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
    if (shape.planes() > 1 || shape.sumBits > 32 ||
        known.certificate.boundBits > 32)
      step.width = sumWidth(std::max(known.certificate.boundBits, 33));
    step.layout = shape.weightLayout(b, "dot16");
    step.layout.set("plane_shifts", b.getDenseI8ArrayAttr(shape.planeShifts));
    step.words = shape.layer.layer.groups * shape.blocksPerGroup() *
                 shape.planes() * shape.steps * shape.rows;
    step.how =
        "int16 weights in " + std::to_string(shape.planes()) +
        (shape.planes() == 1 ? " plane" : " planes") +
        (shape.sumBits > 32
             ? ", widened after " + std::to_string(shape.chunk * 2) + " taps"
             : "");
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
