//===- Dot8Conv.cpp - Fixed-point layers on 8-bit dot products ------------===//
// SPDX-License-Identifier: Apache-2.0
// Strategy `dot8`: weights are int8 multiples of 2^e_c, activations unsigned
// bytes (signed ones have an offset, whose share of each sum is a constant in
// the epilogue). Quads of taps are multiplied and added in int16; sums of a few
// quads, as many as their weights prove to fit, are widened to int32 together.
// Which quads these are is data, made from the weights when a model is loaded
// (layout "dot8" of WeightLayouts.h). With AVX-512 VNNI the same quads are
// added in int32 at once (lib/Target/CPU/ExpandDot.cpp).
//
// There is no form in two planes, neither for activations of 16 bits (high and
// low byte) nor for weights in more than 7 exponents: it would never beat
// dot16. Instructions allow, in GMAC/s a core on an AVX2 machine, 113 to 125
// for a plane of dot8, so 57 to 62 for two, but 80 for dot16; with VNNI 231 / 2
// = 115 (vpdpbusd) against 116 (vpdpwssd), before the panels, sums and epilogue
// of a second plane.
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/ShiftToCPU/DotKernel.h"
#include "lib/Conversion/ShiftToCPU/Families.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cpu;
using ::shift::FixedPoint;
using ::shift::int128;
using ::shift::Term;

namespace {
constexpr int64_t largestRows = 3;
/// Quads that are summed in int16 at most, and words before a slot's order.
constexpr int64_t largestGroup = 3;

class Dot8Kernel : public DotKernel {
public:
  using DotKernel::DotKernel;

private:
  void emitTile(const Tile &tile) override {
    Value words = buffers[1];
    Val base = firstWord(tile.block, tile.plane, tile.chunk);
    SmallVector<Val> state = loadSums(tile);
    state.push_back(kb.index(0));
    for (int64_t size = largestGroup; size > 0; --size) {
      Val count = kb.toIndex(kb.load(words, base + (largestGroup - size)));
      state = kb.loopCarried(
          kb.index(0), count, 1, state, [&](Val, ArrayRef<Val> carried) {
            return addGroup(tile, base + largestGroup, size, carried);
          });
    }
    state.pop_back();
    storeSums(tile, state);
  }

  Val firstWord(Val block, int64_t, Val chunk) override {
    return (block * shape.chunks() + chunk) * chunkWords();
  }

  int64_t chunkWords() const override {
    return largestGroup + shape.chunk * (1 + shape.rows);
  }

  /// Adds a group of `size` quads, the next ones of the order at `order`.
  SmallVector<Val> addGroup(const Tile &tile, Val order, int64_t size,
                            ArrayRef<Val> carried) {
    Value words = buffers[1];
    Val at = carried.back();
    Val weights = order + shape.chunk;
    Type wordType = kb.vec(kb.i(16), 2 * dotLanes);
    SmallVector<Val> sums(shape.rows * tile.vectors);
    for (int64_t j = 0; j < size; ++j) {
      Val offset = kb.toIndex(kb.load(words, order + at + j));
      SmallVector<Val> taps;
      for (int64_t v = 0; v < tile.vectors; ++v)
        taps.push_back(loadPanelAt(tile, offset, v));
      for (int64_t r = 0; r < shape.rows; ++r) {
        Val weight =
            broadcastWord(words, weights + ((at + j) * shape.rows + r));
        for (int64_t v = 0; v < tile.vectors; ++v) {
          Val product = call("llvm.x86.avx512.pmaddubs.w.512", wordType,
                             {taps[v], weight});
          Val &sum = sums[r * tile.vectors + v];
          sum = j ? sum + product : product;
        }
      }
    }
    Val ones = kb.constant(wordType, 1);
    SmallVector<Val> next;
    for (auto [sum, total] : llvm::zip(sums, carried.drop_back()))
      next.push_back(call("llvm.x86.avx512.vpdpwssd.512", total.type(),
                          {total, sum, ones}));
    next.push_back(at + size);
    return next;
  }
};

/// What the family knows of a layer.
struct Dot8Layer {
  DotShape shape;
  SumCertificate certificate;
  /// The largest activation with its offset.
  int64_t largest = 0;
};

/// The value of one weight in units of 2^exponent.
int128 weightValue(ArrayRef<Term> terms, int exponent) {
  int128 value = 0;
  for (Term term : terms)
    if (term.sign != 0)
      value += term.sign * (int128(1) << (term.exponent - exponent));
  return value;
}

/// Looks at all weights: none may be above `limit`; what the offset of
/// activations adds to each sum is taken off in the epilogue.
bool checkWeights(Dot8Layer &known, int64_t offset, int64_t limit,
                  std::string &reason) {
  std::vector<Term> terms = getTerms(getWeightOp(known.shape.layer.weights));
  int64_t perWeight =
      cast<Pow2Type>(elementOf(known.shape.layer.weights)).getTerms();
  SumCertificate &certificate = known.certificate;
  int64_t channels = certificate.exponent.size();
  int64_t perChannel = terms.size() / channels;
  int128 largestSum = ::shift::magnitudeLimit(known.largest, 32);
  for (int64_t c = 0; c < channels; ++c) {
    ArrayRef<Term> own(terms.data() + c * perChannel, perChannel);
    int128 sum = 0, magnitude = 0;
    for (; !own.empty(); own = own.drop_front(perWeight)) {
      int128 value =
          weightValue(own.take_front(perWeight), certificate.exponent[c]);
      int128 size = value < 0 ? -value : value;
      if (size > limit) {
        reason = "channel " + std::to_string(c) + " has weights above " +
                 std::to_string(limit) +
                 " times its smallest, and two planes are slower than dot16";
        return false;
      }
      sum += value;
      magnitude += size;
    }
    if (magnitude > largestSum) {
      reason = "channel " + std::to_string(c) + " needs more than 32 bits";
      return false;
    }
    certificate.add[c] -= (sum * offset) << certificate.left[c];
  }
  return true;
}

/// None, with a reason, where the family cannot take the layer.
std::optional<Dot8Layer> describe(Operation *op, std::string &reason) {
  if (!isConstantFixedLayer(op, reason))
    return std::nullopt;
  Dot8Layer result;
  DotShape &shape = result.shape;
  shape.layer = describeFixedLayer(op);
  FixedPoint in = shape.layer.inputFormat();
  if (in.storageBits != 8) {
    reason = "activations are not of 8 bits, and two planes of 8 bits are "
             "slower than dot16";
    return std::nullopt;
  }
  FailureOr<SumCertificate> certificate = certifySums(shape.layer, reason);
  if (failed(certificate))
    return std::nullopt;
  result.certificate = *certificate;
  shape.depth = 4;
  shape.offset = -in.qMin();
  result.largest = in.qMax() - in.qMin();
  // Two products at once stay in int16.
  int64_t limit = std::min<int64_t>(
      INT8_MAX, ::shift::magnitudeLimit(result.largest, 16) / 2);
  if (!checkWeights(result, shape.offset, limit, reason))
    return std::nullopt;
  shape.choose(largestRows);
  return result;
}

class Dot8ConvFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "dot8"; }

  bool canTake(Operation *op, std::string &reason) const override {
    return describe(op, reason).has_value();
  }

  bool computesAdds() const override { return true; }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    std::string reason;
    Dot8Layer known = *describe(op, reason);
    const DotShape &shape = known.shape;
    Builder b(op->getContext());
    DotStep step;
    step.strategy = getStrategy();
    step.width = sumWidth(known.certificate.boundBits);
    step.layout = shape.weightLayout(b, "dot8");
    step.layout.set("chunk", b.getI64IntegerAttr(shape.chunk));
    step.layout.set("largest", b.getI64IntegerAttr(known.largest));
    step.words = shape.layer.layer.groups * shape.blocksPerGroup() *
                 shape.chunks() *
                 (largestGroup + shape.chunk * (1 + shape.rows));
    step.how = "int8 weights and activations";
    lowerDot(op, shape, known.certificate, step, lowering,
             [&](KernelBuilder &kb, const EpilogueTables &tables,
                 ArrayRef<Value> buffers, int64_t epilogueAt, Value scratch,
                 Val begin, Val end) {
               Dot8Kernel(kb, shape, tables, buffers, epilogueAt, scratch)
                   .run(begin, end);
             });
    return success();
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::cpu::createDot8ConvFamily() {
  return std::make_unique<Dot8ConvFamily>();
}
