//===- ShiftConv.cpp - Fixed-point convolutions without multiplication ----===//
// SPDX-License-Identifier: Apache-2.0
// Strategy `shift`: each output channel walks its lists of taps by falling
// exponent, adding and subtracting whole panel rows; between exponents the
// accumulator is shifted left by the gap (Horner's scheme). The certificate,
// the worst case of the constants at hand, chooses the accumulator's width.
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/ShiftToCPU/ConvLayer.h"
#include "lib/Conversion/ShiftToCPU/FixedMath.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cpu;
using ::shift::FixedPoint;
using ::shift::int128;
using ::shift::Term;

namespace {
/// The operands and attributes that conv2d and linear share.
struct ShiftLayer {
  Value input, weights, bias, result;
  std::optional<float> clampMin, clampMax;
  ConvLayer layer;
};

/// What is known of the layer's sums at compile time.
struct Certificate {
  int boundBits = 0;
  /// Of each output channel: left and right shift of the accumulator, what is
  /// added between them, and the exponent of a float result's unit.
  std::vector<int> left, right, unit;
  std::vector<int128> add;
  /// The largest rounding error of a bias.
  double biasError = 0;
};

std::optional<float> toFloat(std::optional<APFloat> value) {
  if (!value)
    return std::nullopt;
  return value->convertToFloat();
}

ShiftLayer describe(Operation *op) {
  ShiftLayer layer;
  if (auto conv = dyn_cast<Conv2DOp>(op)) {
    layer = {conv.getInput(),
             conv.getWeights(),
             conv.getBias(),
             conv.getResult(),
             toFloat(conv.getClampMin()),
             toFloat(conv.getClampMax()),
             {}};
    ConvAttributes attributes{shapeOf(layer.input),
                              shapeOf(layer.result),
                              shapeOf(layer.weights).drop_front(2),
                              conv.getStrides(),
                              conv.getDilations(),
                              conv.getPads(),
                              int64_t(conv.getGroup())};
    layer.layer = convLayer(attributes, /*channelsLast=*/false);
    return layer;
  }
  auto linear = cast<LinearOp>(op);
  layer = {linear.getInput(),
           linear.getWeights(),
           linear.getBias(),
           linear.getResult(),
           toFloat(linear.getClampMin()),
           toFloat(linear.getClampMax()),
           {}};
  ArrayRef<int64_t> shape = shapeOf(layer.weights);
  layer.layer =
      linearLayer(countOf(layer.input) / std::max<int64_t>(shape[1], 1),
                  shape[1], shape[0]);
  return layer;
}

/// The bias as numbers, zeros without one; empty if it is not a constant.
std::vector<float> biasValues(Value bias, int64_t channels) {
  if (!bias)
    return std::vector<float>(channels, 0.0f);
  ElementsAttr attr;
  if (!matchPattern(bias, m_Constant(&attr)))
    return {};
  std::vector<uint8_t> bytes = getRawBytes(attr);
  std::vector<float> values(bytes.size() / sizeof(float));
  memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

FailureOr<Certificate> certify(Operation *op, const ShiftLayer &layer) {
  FixedPoint in = *getFixedPoint(
      cast<RankedTensorType>(layer.input.getType()).getElementType());
  std::optional<FixedPoint> out = getFixedPoint(
      cast<RankedTensorType>(layer.result.getType()).getElementType());
  auto type = cast<Pow2Type>(
      cast<RankedTensorType>(layer.weights.getType()).getElementType());
  std::vector<Term> terms = getTerms(getWeightOp(layer.weights));
  int64_t channels = shapeOf(layer.weights)[0];
  int64_t perChannel = terms.size() / channels;
  std::vector<float> bias = biasValues(layer.bias, channels);
  Certificate result;
  for (int64_t c = 0; c < channels; ++c) {
    const Term *first = terms.data() + c * perChannel;
    int fallback = out ? in.fraction - out->fraction : int(type.getLo());
    int exponent = ::shift::channelExponent(first, perChannel, fallback);
    int r = out ? in.fraction - exponent - out->fraction : 0;
    int biasUnit = out ? ::shift::biasUnit(exponent, in.fraction, out->fraction)
                       : exponent - in.fraction;
    ::shift::RoundedBias rounded = ::shift::roundBias(bias[c], biasUnit);
    int128 magnitude = rounded.value < 0 ? -rounded.value : rounded.value;
    ::shift::AccumulatorBound bound = ::shift::accumulatorBound(
        in.maxAbsQ(), ::shift::weightMagnitude(first, perChannel, exponent),
        magnitude, r);
    int bits = ::shift::accumulatorBits(bound);
    if (rounded.overflow || bits > 128)
      return op->emitOpError("channel ")
             << c << " needs an accumulator of more than 128 bits";
    result.boundBits = std::max(result.boundBits, bits);
    result.left.push_back(std::max(-r, 0));
    result.right.push_back(std::max(r, 0));
    result.biasError = std::max(result.biasError, std::fabs(rounded.error));
    int128 half = r > 0 ? int128(1) << (r - 1) : 0;
    result.add.push_back(rounded.value + half);
    result.unit.push_back(exponent - in.fraction);
  }
  return result;
}

int accumulatorWidth(int bits) {
  return bits <= 32 ? 32 : bits <= 64 ? 64 : 128;
}

/// Little-endian bytes of `value` in `width` bits.
void append(std::vector<char> &bytes, int128 value, int width) {
  for (int i = 0; i < width / 8; ++i)
    bytes.push_back(char(uint8_t(value >> (8 * i))));
}

/// Per channel: left shift, addend, right shift, in the accumulator's type.
std::vector<char> epilogueTable(const Certificate &certificate, int width) {
  std::vector<char> bytes;
  for (size_t c = 0; c < certificate.add.size(); ++c) {
    append(bytes, certificate.left[c], width);
    append(bytes, certificate.add[c], width);
    append(bytes, certificate.right[c], width);
  }
  return bytes;
}

/// Emits the kernel of one layer.
class ShiftKernel {
public:
  ShiftKernel(KernelBuilder &kb, const ShiftLayer &shape, int width,
              ArrayRef<Value> buffers, Value scratch)
      : kb(kb), shape(shape), layer(shape.layer), block(layer.panel.block),
        input(buffers[0]), lists(buffers[1]), epilogue(buffers[2]),
        scales(buffers.size() > 4 ? buffers[3] : Value()), out(buffers.back()),
        accumulatorElement(kb.i(width)),
        accumulatorType(kb.vec(kb.i(width), block)) {
    panel = kb.view(scratch, kb.index(0), layer.panel.panelType,
                    layer.panel.taps * block);
    Type outElement = storageOf(shape.result);
    storeBuffer =
        kb.view(scratch, kb.index(layer.panel.bytes()), outElement, block);
  }

  void run(Val begin, Val end) {
    kb.loop(begin, end, 1, [&](Val index) {
      ConvItem item = emitItem(kb, layer, index);
      Val base = item.batch * layer.inBatch + item.group * layer.inGroup;
      emitPanel(kb, layer.panel, input, base, panel, item.first);
      kb.loop(kb.index(0), kb.index(layer.channels), 1, [&](Val i) {
        Val channel = item.group * layer.channels + i;
        Val target = item.batch * layer.outBatch + channel * layer.outChannel;
        Val result = finish(sum(channel), channel);
        emitBlockStore(
            kb, {out, layer.outPosition, layer.panel.positions, storeBuffer},
            result, target, item.first);
      });
    });
  }

private:
  Val word(Val position) { return kb.toIndex(kb.load(lists, position)); }

  /// Adds or subtracts the rows listed at [from, to).
  Val addRows(Val accumulator, Val from, Val to, bool subtract) {
    return kb.loopCarried(from, to, 1, {accumulator},
                          [&](Val at, ArrayRef<Val> carried) {
                            Val row = kb.load(panel, word(at) * block, block);
                            row = kb.convert(row, accumulatorElement);
                            return SmallVector<Val>{
                                subtract ? carried[0] - row : carried[0] + row};
                          })[0];
  }

  /// Walks the channel's stream (layout "shift-lists" of WeightLayouts.h).
  Val sum(Val channel) {
    Val start = word(channel + 1);
    Val zero = kb.constant(accumulatorType, 0);
    return kb.loopCarried(kb.index(0), word(start + 1), 1, {start + 2, zero},
                          [&](Val, ArrayRef<Val> carried) {
                            Val at = carried[0];
                            Val gap = kb.load(lists, at);
                            if (accumulatorElement.getIntOrFloatBitWidth() > 32)
                              gap = kb.convert(gap, accumulatorElement);
                            Val plus = at + 3, minus = plus + word(at + 1);
                            Val next = minus + word(at + 2);
                            Val added = addRows(carried[1], plus, minus, false);
                            Val sum = addRows(added, minus, next, true);
                            return SmallVector<Val>{
                                next, kb.shl(sum, kb.broadcast(gap, block))};
                          })[1];
  }

  /// Bias, requantize, clamp.
  Val finish(Val accumulator, Val channel) {
    auto entry = [&](int64_t i) {
      return kb.broadcast(kb.load(epilogue, channel * 3 + i), block);
    };
    Val value = kb.shl(accumulator, entry(0)) + entry(1);
    std::optional<FixedPoint> format = getFixedPoint(
        cast<RankedTensorType>(shape.result.getType()).getElementType());
    if (!format) {
      // One float32 rounding of the sum; the scaling, exact but for subnormal
      // results, goes through float64 so that it too rounds once.
      Val number = kb.convert(emitAccumulatorToFloat(kb, value), kb.f64());
      Val scale = kb.broadcast(kb.load(scales, channel), block);
      return emitFloatClamp(kb, kb.convert(number * scale, kb.f32()),
                            shape.clampMin, shape.clampMax);
    }
    value = kb.shr(value, entry(2));
    return emitSaturate(kb, value,
                        fixedRange(*format, shape.clampMin, shape.clampMax),
                        *format);
  }

  KernelBuilder &kb;
  const ShiftLayer &shape;
  const ConvLayer &layer;
  int64_t block;
  Value input, lists, epilogue, scales, out;
  Type accumulatorElement, accumulatorType;
  Value panel, storeBuffer;
};

class ShiftConvFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "shift"; }

  bool canTake(Operation *op, std::string &reason) const override {
    if (!isa<Conv2DOp, LinearOp>(op) || isFloatTensor(op->getOperand(0)))
      return false;
    ShiftLayer layer = describe(op);
    if (!getWeightOp(layer.weights)) {
      reason = "weights are not a constant";
      return false;
    }
    if (biasValues(layer.bias, shapeOf(layer.weights)[0]).empty()) {
      reason = "the bias is not a constant";
      return false;
    }
    return true;
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    ShiftLayer shape = describe(op);
    FailureOr<Certificate> certificate = certify(op, shape);
    if (failed(certificate))
      return failure();
    int width = accumulatorWidth(certificate->boundBits);
    Builder b(op->getContext());
    PanelSpec &panel = shape.layer.panel;
    FixedPoint in = *getFixedPoint(
        cast<RankedTensorType>(shape.input.getType()).getElementType());
    panel.block = width == 32 ? 64 : width == 64 ? 32 : 4;
    panel.sourceType = storageOf(shape.input);
    panel.isSigned = in.isSigned;
    panel.panelType = b.getIntegerType(in.storageBits == 32 ? 32 : 16);
    WeightOp weights = getWeightOp(shape.weights);
    auto type = cast<Pow2Type>(
        cast<RankedTensorType>(shape.weights.getType()).getElementType());

    SmallVector<Value> args{
        lowering.buffer(shape.input),
        lowering.expanded(weights, listLayout(b, shape), b.getI32Type(),
                          listBound(shape, type.getTerms())),
        lowering.constant(ArrayRef<char>(epilogueTable(*certificate, width)),
                          b.getIntegerType(width))};
    if (isFloatTensor(shape.result)) {
      std::vector<double> scales;
      for (int unit : certificate->unit)
        scales.push_back(std::ldexp(1.0, unit));
      args.push_back(
          lowering.constant(ArrayRef<double>(scales), b.getF64Type()));
    }
    args.push_back(lowering.output(shape.result));

    StepInfo info;
    info.extent = shape.layer.extent();
    info.scratchBytes =
        panel.bytes() + panel.block * 16 /* one block of any result type */;
    info.macs = shape.layer.macs();
    info.accumulatorBits = width;
    info.boundBits = certificate->boundBits;
    info.describeWeights(weights);
    if (shape.bias)
      info.error += (info.error.empty() ? "bias " : ", bias ") +
                    llvm::formatv("{0:e1}", certificate->biasError).str();
    info.reason = "weights are powers of two, the worst case takes " +
                  std::to_string(certificate->boundBits) + " bits";
    std::string key;
    llvm::raw_string_ostream os(key);
    os << typeKey(shape.input) << '_' << typeKey(shape.result) << '_'
       << shapeKey(shapeOf(shape.input)) << '_'
       << shapeKey(shapeOf(shape.weights)) << " acc" << width << ' '
       << shape.layer.key();
    if (shape.clampMin)
      os << " min" << floatKey(*shape.clampMin);
    if (shape.clampMax)
      os << " max" << floatKey(*shape.clampMax);
    lowering.step(
        op, isa<LinearOp>(op) ? "linear" : "conv2d", key, getStrategy(), args,
        info,
        [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value scratch,
            Val begin, Val end) {
          ShiftKernel(kb, shape, width, buffers, scratch).run(begin, end);
        });
    return success();
  }

private:
  /// The exponent of an empty channel is in the epilogue's tables only, so
  /// that layers which share weights share their lists.
  static DictionaryAttr listLayout(Builder &b, const ShiftLayer &shape) {
    NamedAttrList attrs;
    attrs.set("layout", b.getStringAttr("shift-lists"));
    attrs.set("out_channels", b.getI64IntegerAttr(shapeOf(shape.weights)[0]));
    attrs.set("taps_per_channel", b.getI64IntegerAttr(shape.layer.panel.taps));
    attrs.set("empty_exponent", b.getI64IntegerAttr(0));
    return attrs.getDictionary(b.getContext());
  }

  /// At most so many words do the lists of any weights of this shape take.
  static int64_t listBound(const ShiftLayer &shape, int64_t terms) {
    int64_t channels = shapeOf(shape.weights)[0];
    return 2 + channels * (3 + 4 * terms * shape.layer.panel.taps);
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::cpu::createShiftConvFamily() {
  return std::make_unique<ShiftConvFamily>();
}
