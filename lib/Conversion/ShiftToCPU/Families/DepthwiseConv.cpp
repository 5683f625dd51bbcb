//===- DepthwiseConv.cpp - Fixed-point depthwise convolutions -------------===//
// SPDX-License-Identifier: Apache-2.0
// Strategies `shift`, `dot16` and `dot8` for groups of one input channel
// (Depthwise.h), in sums of 32 bits. Weights are read as float32 powers of two,
// from which each channel's shifts or multipliers are made before its tiles:
//
//   shift   acc += (x or -x) << (p - e_c), over the weights that are not zero
//   dot     weights are int16 multiples of 2^e_c. A lane takes the products of
//           two neighbouring columns: with stride 2 of one output; with stride
//           1 of the outputs 2 i and 2 i + 1, from the same pairs of columns
//           with weights that are moved by one.
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/Kernels/FixedLayer.h"
#include "lib/Conversion/ShiftToCPU/Depthwise.h"
#include "lib/Conversion/ShiftToCPU/Families.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <cmath>
#include <map>

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cpu;
using ::shift::FixedPoint;
using ::shift::Term;

namespace {
/// What the families know of a layer.
struct FixedDepthwise {
  FixedLayer layer;
  SumCertificate certificate;
  DepthwiseShape shape;
  int64_t terms = 1;

  /// Number of a term of a weight of the channel's among all values.
  Val valueAt(Val channel, int64_t tap, int64_t term) const {
    return channel * shape.taps() + (term * countOf(layer.weights) + tap);
  }
};

//===----------------------------------------------------------------------===//
// Shifts
//===----------------------------------------------------------------------===//

/// Scratch: the plane's element and the shift of each term that is not zero.
class ShiftTaps : public DepthwiseKernel {
public:
  /// `buffers`: input, values, e_c, those of the epilogue, output.
  ShiftTaps(KernelBuilder &kb, const FixedDepthwise &known,
            const EpilogueTables &tables, ArrayRef<Value> buffers,
            Value scratch)
      : DepthwiseKernel(kb, known.shape, buffers[0], buffers.back(), scratch),
        known(known), values(buffers[1]), exponents(buffers[2]),
        epilogue(known.layer, tables, buffers.drop_front(3)) {
    int64_t most = entries(known), at = known.shape.extraAt();
    places = kb.view(scratch, kb.index(at), kb.i(64), most);
    shifts = kb.view(scratch, kb.index(at + most * 8), kb.i(32), most);
  }

  static int64_t entries(const FixedDepthwise &known) {
    return known.shape.taps() * known.terms;
  }
  static int64_t extraBytes(const FixedDepthwise &known) {
    return entries(known) * 12;
  }

private:
  void prepare(Val channel) override {
    this->channel = channel;
    Val unit = kb.load(exponents, channel);
    count = kb.index(0);
    int64_t width = shape.layer.panel.kernel[1];
    for (int64_t tap = 0; tap < shape.taps(); ++tap)
      for (int64_t term = 0; term < known.terms; ++term)
        add(kb.load(values, known.valueAt(channel, tap, term)),
            shape.tapPlace(tap / width, tap % width), unit);
  }

  /// Appends a term with its float32 value; the next one replaces a zero.
  void add(Val value, int64_t place, Val unit) {
    Val bits = kb.bitcast(value, kb.i(32));
    Type type = bits.type();
    Val zero = kb.constant(type, 0);
    Val exponent = kb.bitAnd(kb.shrUnsigned(bits, kb.constant(type, 23)),
                             kb.constant(type, 255));
    Val isNegative = kb.compare(arith::CmpIPredicate::slt, bits, zero);
    Val from = kb.select(isNegative,
                         kb.constant(kb.i(64), place + shape.plane.elements()),
                         kb.constant(kb.i(64), place));
    kb.store(from, places, count);
    kb.store(exponent - 127 - unit, shifts, count);
    Val isSome = kb.compare(arith::CmpIPredicate::ne, exponent, zero);
    count = count + kb.select(isSome, kb.index(1), kb.index(0));
  }

  Val emitTile(Val at) override {
    Val zero = kb.constant(kb.vec(kb.i(32), shape.lanes), 0);
    Val sum = kb.loopCarried(
        kb.index(0), count, 1, {zero}, [&](Val i, ArrayRef<Val> carried) {
          Val from = at + kb.toIndex(kb.load(places, i));
          Val shift = kb.broadcast(kb.load(shifts, i), shape.lanes);
          Val taps = kb.load(plane, from, shape.lanes);
          return SmallVector<Val>{carried[0] + kb.shl(taps, shift)};
        })[0];
    return epilogue.emit(kb, sum, channel);
  }

  const FixedDepthwise &known;
  Value values, exponents;
  Epilogue epilogue;
  Value places, shifts;
  Val channel, count;
};

//===----------------------------------------------------------------------===//
// Pairs of columns
//===----------------------------------------------------------------------===//

constexpr int64_t pairLanes = 16;

class PairTaps : public DepthwiseKernel {
public:
  /// `buffers`: input, values, 2^-e_c, those of the epilogue, output.
  PairTaps(KernelBuilder &kb, const FixedDepthwise &known,
           const EpilogueTables &tables, ArrayRef<Value> buffers, Value scratch)
      : DepthwiseKernel(kb, known.shape, buffers[0], buffers.back(), scratch),
        known(known), values(buffers[1]), scales(buffers[2]),
        epilogue(known.layer, tables, buffers.drop_front(3)) {}

private:
  /// Outputs that the sums of one tile are apart.
  int64_t outputs() const { return shape.lanes / pairLanes; }

  void prepare(Val channel) override {
    this->channel = channel;
    words.clear();
    Val scale = kb.load(scales, channel);
    int64_t width = shape.layer.panel.kernel[1];
    // Halves of words by the plane's element of the pair, then the output.
    std::map<std::pair<int64_t, int64_t>, std::array<Val, 2>> halves;
    for (int64_t tap = 0; tap < shape.taps(); ++tap) {
      Val weight = loadWeight(channel, tap, scale);
      int64_t ky = tap / width, kx = tap % width;
      for (int64_t output = 0; output < outputs(); ++output) {
        int64_t column = output + shape.tapPlace(0, kx);
        int64_t place = shape.tapPlace(ky, 0) + column / 2 * 2;
        halves[{place, output}][column % 2] = weight;
      }
    }
    Type word = kb.i(32);
    Val zero = kb.constant(word, 0);
    for (auto &[where, half] : halves) {
      Val low = half[0].kb ? half[0] : zero, high = half[1].kb ? half[1] : zero;
      Val both = kb.bitOr(kb.bitAnd(low, kb.constant(word, 0xffff)),
                          kb.shl(high, kb.constant(word, 16)));
      words.push_back({where.first, where.second,
                       kb.vectorCast(kb.broadcast(both, pairLanes), kb.i(16),
                                     2 * pairLanes)});
    }
  }

  /// In units of 2^e_c.
  Val loadWeight(Val channel, int64_t tap, Val scale) {
    Val sum;
    for (int64_t term = 0; term < known.terms; ++term) {
      Val value = kb.load(values, known.valueAt(channel, tap, term));
      Val weight = kb.convert(value * scale, kb.i(32));
      sum = term ? sum + weight : weight;
    }
    return sum;
  }

  Val emitTile(Val at) override {
    Type type = kb.vec(kb.i(32), pairLanes);
    SmallVector<Val> sums(outputs(), kb.constant(type, 0));
    int64_t loaded = -1;
    Val taps;
    for (const Word &word : words) {
      if (word.place != loaded)
        taps = kb.load(plane, at + word.place, 2 * pairLanes);
      loaded = word.place;
      Val &sum = sums[word.output];
      auto call = LLVM::CallIntrinsicOp::create(
          kb.b, kb.loc, type,
          kb.b.getStringAttr("llvm.x86.avx512.vpdpwssd.512"),
          ValueRange{sum.value, taps.value, word.weights.value});
      sum = kb.wrap(call.getResult(0));
    }
    for (Val &sum : sums)
      sum = epilogue.emit(kb, sum, channel);
    if (sums.size() == 1)
      return sums[0];
    return kb.wrap(vector::InterleaveOp::create(kb.b, kb.loc, sums[0].value,
                                                sums[1].value));
  }

  /// Weights of the pair of columns at `place` for one of the outputs.
  struct Word {
    int64_t place, output;
    Val weights;
  };

  const FixedDepthwise &known;
  Value values, scales;
  Epilogue epilogue;
  SmallVector<Word> words;
  Val channel;
};

//===----------------------------------------------------------------------===//
// Families
//===----------------------------------------------------------------------===//

/// The largest p - e_c of any channel.
int largestShift(const FixedLayer &layer, const SumCertificate &certificate) {
  std::vector<Term> terms = getTerms(getWeightOp(layer.weights));
  int64_t perChannel = terms.size() / certificate.exponent.size();
  int largest = 0;
  for (auto [i, term] : llvm::enumerate(terms))
    if (term.sign != 0)
      largest = std::max(largest,
                         term.exponent - certificate.exponent[i / perChannel]);
  return largest;
}

class DepthwiseConvFamily : public KernelFamily {
public:
  DepthwiseConvFamily(StringRef strategy)
      : strategy(strategy), isShift(strategy == "shift") {}

  StringRef getStrategy() const override { return strategy; }

  bool canTake(Operation *op, std::string &) const override {
    return describe(op).has_value();
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    FixedDepthwise known = *describe(op);
    const FixedLayer &layer = known.layer;
    Builder b(op->getContext());
    EpilogueTables tables(layer, known.certificate, 32);
    SmallVector<Value> args{lowering.buffer(layer.input),
                            lowering.values(getWeightOp(layer.weights)),
                            units(known.certificate, lowering, b)};
    tables.addTo(args, lowering);
    args.push_back(lowering.output(layer.result));

    StepInfo info;
    info.extent = known.shape.extent();
    info.scratchBytes = known.shape.scratchBytes();
    describeSums(info, layer, known.certificate, tables.width, "depthwise");
    lowering.step(
        op, "conv2d",
        "depthwise_" + layer.key() + ' ' + known.shape.key() + ' ' +
            std::to_string(known.terms) + ' ' + tables.key(),
        getStrategy(), args, info,
        [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value scratch,
            Val begin, Val end) {
          if (isShift)
            ShiftTaps(kb, known, tables, buffers, scratch).run(begin, end);
          else
            PairTaps(kb, known, tables, buffers, scratch).run(begin, end);
        });
    return success();
  }

private:
  /// What a channel's weights are relative to.
  Value units(const SumCertificate &certificate, Lowering &lowering,
              Builder &b) const {
    if (isShift)
      return lowering.constant(
          ArrayRef<int32_t>(std::vector<int32_t>(certificate.exponent.begin(),
                                                 certificate.exponent.end())),
          b.getI32Type());
    std::vector<float> scales;
    for (int exponent : certificate.exponent)
      scales.push_back(std::ldexp(1.0f, -exponent));
    return lowering.constant(ArrayRef<float>(scales), b.getF32Type());
  }

  /// None where another family of the strategy has to take the op.
  std::optional<FixedDepthwise> describe(Operation *op) const {
    auto conv = dyn_cast<Conv2DOp>(op);
    std::string reason;
    if (!conv || !isConstantFixedLayer(op, reason))
      return std::nullopt;
    FixedDepthwise known;
    FixedLayer &layer = known.layer;
    layer = describeFixedLayer(op);
    known.terms = cast<Pow2Type>(elementOf(layer.weights)).getTerms();
    FixedPoint in = layer.inputFormat();
    if (!isDepthwise(layer.layer, conv.getPads(), known.terms) ||
        in.qMax() > INT16_MAX)
      return std::nullopt;
    FailureOr<SumCertificate> certificate = certifySums(layer, reason);
    if (failed(certificate) || certificate->boundBits > 32)
      return std::nullopt;
    known.certificate = *certificate;
    // Multipliers are int16; a pair of columns is read with stride 1 or 2.
    if (!isShift && (largestShift(layer, *certificate) > 14 ||
                     layer.layer.panel.stride[1] > 2))
      return std::nullopt;
    if (strategy == "dot8" && in.storageBits != 8)
      return std::nullopt;
    chooseShape(known);
    return known;
  }

  void chooseShape(FixedDepthwise &known) const {
    DepthwiseShape &shape = known.shape;
    const FixedLayer &layer = known.layer;
    shape.layer = layer.layer;
    shape.resultType = storageOf(layer.result);
    int64_t stride = layer.layer.panel.stride[1];
    PlaneSpec &plane = shape.plane;
    Builder b(layer.result.getContext());
    plane.sourceType = storageOf(layer.input);
    plane.isSigned = layer.inputFormat().isSigned;
    plane.elementType = b.getIntegerType(isShift ? 32 : 16);
    plane.isNegated = isShift;
    plane.phases = isShift ? stride : 1;
    if (isShift) {
      shape.lanes = layer.layer.panel.outWidth > 16 ? 32 : 16;
    } else {
      shape.lanes = stride == 1 ? 2 * pairLanes : pairLanes;
      shape.step = stride;
    }
    shape.choose();
    if (isShift)
      shape.extraBytes = ShiftTaps::extraBytes(known);
  }

  std::string strategy;
  bool isShift;
};
} // namespace

std::unique_ptr<KernelFamily>
mlir::shift::cpu::createDepthwiseConvFamily(StringRef strategy) {
  return std::make_unique<DepthwiseConvFamily>(strategy);
}
