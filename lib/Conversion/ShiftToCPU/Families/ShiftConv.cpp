//===- ShiftConv.cpp - Fixed-point convolutions without multiplication ----===//
// SPDX-License-Identifier: Apache-2.0
// Strategy `shift`: each output channel walks its lists of taps by falling
// exponent, adding whole panel rows; between exponents the sum is shifted left
// by the gap (Horner's scheme). The certificate, the worst case of the
// constants at hand, chooses the accumulator's width. 8-bit activations are
// summed in 16 bits as far as they are certain to fit, then widened
// (WeightLayouts.h).
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftCertificate.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/Kernels/FixedLayer.h"
#include "lib/Conversion/ShiftToCPU/Families.h"
#include "lib/Conversion/ShiftToCPU/Panel.h"
#include "shift/Runtime/WeightLayouts.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cpu;
using ::shift::FixedPoint;

namespace {
/// Every panel row takes so many bytes: one field of a list is its offset in
/// 16-bit elements.
constexpr int64_t rowBytes = 128;
/// So many taps and their negations leave room in a level 1 cache of 32 KiB; a
/// few more cost less than a second block.
constexpr int64_t mostBlockTaps = 112, mostSingleBlockTaps = 144;
/// Channels that share a section of the lists. It does not depend on the size
/// of the image, so that layers which share weights share their lists.
constexpr int64_t mostChunkChannels = 64;
/// The sums of so many channels stay in the level 2 cache.
constexpr int64_t mostItemChannels = 512;
/// Fewer work items than this are cut into parts of fewer chunks each.
constexpr int64_t enoughItems = 24;

/// How a layer is cut into work items, panels and lists.
struct ShiftTiling {
  /// Bits of a panel's elements and of an accumulator.
  int sumBits = 32, accumulatorBits = 32;
  int64_t blockChannels = 0, blockTaps = 0, blocks = 0;
  /// Of a group: chunks of channels; a work item takes some of them.
  int64_t chunkChannels = 0, chunks = 0, itemChunks = 0, parts = 0;

  int64_t panelBytes() const { return (2 * blockTaps + 1) * rowBytes; }
  int64_t sumBytes(int64_t lanes) const {
    return blocks > 1 ? itemChunks * chunkChannels * lanes * accumulatorBits / 8
                      : 0;
  }
  std::string key() const {
    return llvm::formatv("s{0}a{1}b{2}c{3}x{4}", sumBits, accumulatorBits,
                         blockTaps, chunkChannels, itemChunks);
  }
};

/// Emits the kernel of one layer.
class ShiftKernel {
public:
  ShiftKernel(KernelBuilder &kb, const FixedLayer &shape,
              const ShiftTiling &tiling, const EpilogueTables &tables,
              ArrayRef<Value> buffers, Value scratch)
      : kb(kb), layer(shape.layer), tiling(tiling), lanes(layer.panel.block),
        input(buffers[0]), lists(buffers[1]),
        epilogue(shape, tables, buffers.drop_front(2)), out(buffers.back()),
        sumElement(kb.i(tiling.sumBits)),
        accumulatorElement(kb.i(tiling.accumulatorBits)),
        zeroSum(kb.constant(kb.vec(sumElement, lanes), 0)),
        zeroAccumulator(kb.constant(kb.vec(accumulatorElement, lanes), 0)) {
    int64_t at = tiling.panelBytes();
    panel = kb.view(scratch, kb.index(0), layer.panel.panelType,
                    at * 8 / tiling.sumBits);
    rows = kb.view(scratch, kb.index(0), kb.i(16), at / 2);
    int64_t count = tiling.sumBytes(lanes) * 8 / tiling.accumulatorBits;
    sums = kb.view(scratch, kb.index(at), accumulatorElement, count);
    storeBuffer = kb.view(scratch, kb.index(at + tiling.sumBytes(lanes)),
                          storageOf(shape.result), lanes);
  }

  void run(Val begin, Val end) {
    kb.store(zeroSum, panel, kb.index(2 * tiling.blockTaps * rowElements()));
    kb.loop(begin, end, 1, [&](Val index) {
      Item item = decode(index);
      epilogue.prefetch(kb, item.batch,
                        item.group * layer.channels + item.channel,
                        item.channels, item.first);
      if (tiling.blocks == 1) {
        fill(item, kb.index(0));
        sections(item, kb.index(0), [&](Val channel, Val accumulator) {
          emit(item, channel, accumulator);
        });
        return;
      }
      kb.loop(kb.index(0), item.channels, 1, [&](Val channel) {
        kb.store(zeroAccumulator, sums, channel * lanes);
      });
      kb.loop(kb.index(0), kb.index(tiling.blocks), 1, [&](Val block) {
        fill(item, block);
        sections(item, block, [&](Val channel, Val accumulator) {
          Val at = channel * lanes;
          kb.store(kb.load(sums, at, lanes) + accumulator, sums, at);
        });
      });
      kb.loop(kb.index(0), item.channels, 1, [&](Val channel) {
        emit(item, channel, kb.load(sums, channel * lanes, lanes));
      });
    });
  }

private:
  /// `channels` channels of a group from number `channel` on, which is the
  /// start of chunk `chunk`, at the positions from `first` on.
  struct Item {
    Val batch, group, chunk, channel, channels, first;
  };

  int64_t rowElements() const { return rowBytes * 8 / tiling.sumBits; }

  /// Items are numbered [batch][group][part][block of positions].
  Item decode(Val index) {
    int64_t positions = layer.panel.blocks();
    auto split = [&](int64_t size, int64_t largest) {
      Val quotient = kb.divide(index, size, largest);
      Val rest = index - quotient * size;
      index = quotient;
      return rest;
    };
    int64_t outer = layer.batch * layer.groups;
    Val first = split(positions, outer * tiling.parts) * lanes;
    Val chunk = split(tiling.parts, outer) * tiling.itemChunks;
    Val group = split(layer.groups, layer.batch);
    Val channel = chunk * tiling.chunkChannels;
    Val channels = kb.min(kb.index(layer.channels) - channel,
                          kb.index(tiling.itemChunks * tiling.chunkChannels));
    return {index, group, chunk, channel, channels, first};
  }

  void fill(const Item &item, Val block) {
    int64_t channels = layer.panel.taps / layer.panel.window();
    Val channel = block * tiling.blockChannels;
    Val base = item.batch * layer.inBatch + item.group * layer.inGroup +
               channel * layer.panel.channelStride();
    Val count =
        kb.min(kb.index(channels) - channel, kb.index(tiling.blockChannels));
    emitPanel(kb, layer.panel, input, base, panel, item.first, count);
  }

  /// The field of 16 bits from bit `from` on.
  Val field(Val word, int from) {
    return kb.bitAnd(kb.shrUnsigned(word, kb.constant(word.type(), from)),
                     kb.constant(word.type(), 0xffff));
  }

  /// use(channel of the item, its sum over a block of taps) for all channels
  /// of the item (layout "shift-lists").
  void sections(const Item &item, Val block, function_ref<void(Val, Val)> use) {
    Val section =
        (item.group * tiling.chunks + item.chunk) * tiling.blocks + block;
    Val chunkChannels = kb.index(tiling.chunkChannels);
    kb.loopCarried(kb.index(0), item.channels, tiling.chunkChannels, {section},
                   [&](Val from, ArrayRef<Val> number) {
                     Val start = kb.toIndex(kb.load(lists, number[0]));
                     Val count = kb.min(item.channels - from, chunkChannels);
                     kb.loopCarried(kb.index(0), count, 1, {start},
                                    [&](Val, ArrayRef<Val> at) {
                                      return SmallVector<Val>{
                                          channel(from, at[0], use)};
                                    });
                     return SmallVector<Val>{number[0] + tiling.blocks};
                   });
  }

  /// One channel of the chunk that starts at channel `from`; returns where the
  /// next one's list starts.
  Val channel(Val from, Val at, function_ref<void(Val, Val)> use) {
    Val header = kb.load(lists, at);
    SmallVector<Val> end = kb.loopCarried(
        kb.index(0), kb.toIndex(field(header, 16)), 1,
        {at + 1, zeroAccumulator},
        [&](Val, ArrayRef<Val> carried) { return slot(carried); });
    use(from + kb.toIndex(field(header, 0)), end[1]);
    return end[0];
  }

  SmallVector<Val> slot(ArrayRef<Val> carried) {
    Val header = kb.load(lists, carried[0]);
    Type word = header.type();
    Val quads = kb.bitAnd(header, kb.constant(word, 0xffffffff));
    Val gap = kb.shrUnsigned(header, kb.constant(word, 32));
    Val begin = carried[0] + 1, end = begin + kb.toIndex(quads);
    Val sum = kb.loopCarried(begin, end, 1, {zeroSum},
                             [&](Val at, ArrayRef<Val> carried) {
                               return SmallVector<Val>{quad(at, carried[0])};
                             })[0];
    Val accumulator = carried[1] + kb.convert(sum, accumulatorElement);
    return {end, kb.shl(accumulator, kb.broadcast(toWidth(gap), lanes))};
  }

  /// A small number as a scalar of the accumulator's type.
  Val toWidth(Val word) { return kb.convert(word, accumulatorElement, false); }

  Val quad(Val at, Val sum) {
    Val word = kb.load(lists, at);
    Val shift = kb.bitAnd(word, kb.constant(word.type(), 63));
    shift = kb.convert(shift, sumElement, false);
    sum = kb.shl(sum, kb.broadcast(shift, lanes));
    for (int i = 0; i < 4; ++i) {
      Val row = field(word, 16 * i);
      if (i == 0)
        row = kb.bitAnd(row, kb.constant(word.type(), 0xffc0));
      int64_t elements = lanes * tiling.sumBits / 16;
      Val values = kb.load(rows, kb.toIndex(row), elements);
      sum = sum + kb.vectorCast(values, sumElement, lanes);
    }
    return sum;
  }

  /// Bias, requantize, clamp, store.
  void emit(const Item &item, Val inItem, Val accumulator) {
    Val channel = item.group * layer.channels + item.channel + inItem;
    Val target = item.batch * layer.outBatch + channel * layer.outChannel;
    storeResults(kb, epilogue,
                 {out, layer.outPosition, layer.panel.positions, storeBuffer},
                 accumulator, channel, target, item.first);
  }

  KernelBuilder &kb;
  const ConvLayer &layer;
  const ShiftTiling &tiling;
  int64_t lanes;
  Value input, lists;
  Epilogue epilogue;
  Value out;
  Type sumElement, accumulatorElement;
  Val zeroSum, zeroAccumulator;
  /// The same memory as elements and in 16-bit elements, in which lists count.
  Value panel, rows;
  Value sums, storeBuffer;
};

class ShiftConvFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "shift"; }

  bool canTake(Operation *op, std::string &reason) const override {
    if (!isConstantFixedLayer(op, reason))
      return false;
    if (describeFixedLayer(op).layer.panel.window() >
        ::shift::rt::ShiftListShape::maxBlockTaps) {
      reason = "a window of more than " +
               std::to_string(::shift::rt::ShiftListShape::maxBlockTaps) +
               " taps";
      return false;
    }
    // Only sums of at most 128 bits have a certificate.
    return getCertificate(op) ||
           succeeded(certifySums(describeFixedLayer(op), reason));
  }

  bool computesAdds() const override { return true; }
  double countRepeats(Operation *op) const override {
    FixedLayer known = describeFixedLayer(op);
    std::string reason;
    FixedPoint in = known.inputFormat();
    // Elements of rows are wider than usual where sums are.
    ShiftTiling tiling = choose(
        known.layer, in, sumWidth(certifySums(known, reason)->boundBits));
    return double(tiling.sumBits) / (in.storageBits == 8 ? 16 : 32);
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    FixedLayer shape = describeFixedLayer(op);
    std::string reason;
    SumCertificate certificate = *certifySums(shape, reason);
    Builder b(op->getContext());
    FixedPoint in = shape.inputFormat();
    EpilogueTables tables(shape, certificate, sumWidth(certificate.boundBits));
    ShiftTiling tiling = choose(shape.layer, in, tables.width);
    PanelSpec &panel = shape.layer.panel;
    panel.sourceType = storageOf(shape.input);
    panel.isSigned = in.isSigned;
    panel.panelType = b.getIntegerType(tiling.sumBits);
    WeightOp weights = getWeightOp(shape.weights);
    ::shift::rt::ShiftListShape listShape = describeLists(shape, tiling, in);

    int64_t terms = cast<Pow2Type>(elementOf(shape.weights)).getTerms();
    SmallVector<Value> args{lowering.buffer(shape.input),
                            lowering.expanded(weights, listLayout(b, listShape),
                                              b.getI64Type(),
                                              listShape.wordBound(terms))};
    tables.addTo(args, lowering);
    StepInfo info;
    shape.addOutputTo(args, info, lowering);
    info.extent = shape.layer.extent() * tiling.parts;
    info.scratchBytes = tiling.panelBytes() + tiling.sumBytes(panel.block) +
                        panel.block * 4 /* one block of any result type */;
    describeSums(info, shape, certificate, tables.width,
                 "weights are powers of two");
    lowering.step(op, isa<LinearOp>(op) ? "linear" : "conv2d",
                  shape.key() + " " + tiling.key() + " " + tables.key(),
                  getStrategy(), args, info,
                  [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value scratch,
                      Val begin, Val end) {
                    ShiftKernel(kb, shape, tiling, tables, buffers, scratch)
                        .run(begin, end);
                  });
    return success();
  }

private:
  static ShiftTiling choose(ConvLayer &layer, const FixedPoint &in,
                            int accumulatorBits) {
    ShiftTiling tiling;
    tiling.accumulatorBits = accumulatorBits;
    tiling.sumBits =
        accumulatorBits == 32 && in.storageBits == 8 ? 16 : accumulatorBits;
    PanelSpec &panel = layer.panel;
    int64_t rowElements = rowBytes * 8 / tiling.sumBits;
    panel.rowStride = 2 * rowElements;
    panel.negation = rowElements;
    // Few positions take a part of each row only.
    panel.block = std::min<int64_t>(
        rowElements, std::max<uint64_t>(llvm::PowerOf2Ceil(panel.positions),
                                        rowElements / 4));

    int64_t window = panel.window(), channels = panel.taps / window;
    int64_t mostTaps =
        panel.taps <= mostSingleBlockTaps ? panel.taps : mostBlockTaps;
    int64_t most = std::max<int64_t>(1, mostTaps / window);
    tiling.blocks = llvm::divideCeil(channels, most);
    tiling.blockChannels = llvm::divideCeil(channels, tiling.blocks);
    tiling.blocks = llvm::divideCeil(channels, tiling.blockChannels);
    tiling.blockTaps = tiling.blockChannels * window;

    // Chunks of about the same size, and items of about as many chunks.
    auto pieces = [](int64_t count, int64_t most) {
      return llvm::divideCeil(count, llvm::divideCeil(count, most));
    };
    tiling.chunkChannels = pieces(layer.channels, mostChunkChannels);
    tiling.chunks = llvm::divideCeil(layer.channels, tiling.chunkChannels);
    tiling.itemChunks =
        pieces(tiling.chunks,
               std::max<int64_t>(1, mostItemChannels / tiling.chunkChannels));
    auto parts = [&] {
      return llvm::divideCeil(tiling.chunks, tiling.itemChunks);
    };
    while (tiling.itemChunks > 1 && layer.extent() * parts() < enoughItems)
      tiling.itemChunks = llvm::divideCeil(tiling.itemChunks, 2);
    tiling.parts = parts();
    return tiling;
  }

  static ::shift::rt::ShiftListShape describeLists(const FixedLayer &shape,
                                                   const ShiftTiling &tiling,
                                                   const FixedPoint &in) {
    ::shift::rt::ShiftListShape lists;
    lists.outChannels = shapeOf(shape.weights)[0];
    lists.tapsPerChannel = shape.layer.panel.taps;
    lists.groups = shape.layer.groups;
    lists.setDefaults();
    lists.blockTaps = tiling.blockTaps;
    lists.chunkChannels = tiling.chunkChannels;
    if (tiling.sumBits < tiling.accumulatorBits) {
      lists.qMin = in.qMin();
      lists.qMax = in.qMax();
    }
    return lists;
  }

  /// The shifts and biases are in the epilogue's table only, so that layers
  /// which share weights share their lists.
  static DictionaryAttr listLayout(Builder &b,
                                   const ::shift::rt::ShiftListShape &shape) {
    NamedAttrList attrs;
    attrs.set("layout", b.getStringAttr("shift-lists"));
    auto set = [&](StringRef name, int64_t value, int64_t byDefault) {
      if (value != byDefault)
        attrs.set(name, b.getI64IntegerAttr(value));
    };
    set("out_channels", shape.outChannels, 0);
    set("taps_per_channel", shape.tapsPerChannel, 0);
    set("groups", shape.groups, 1);
    set("block_taps", shape.blockTaps, shape.tapsPerChannel);
    set("chunk_channels", shape.chunkChannels, shape.channelsPerGroup());
    set("q_min", shape.qMin, 0);
    set("q_max", shape.qMax, 0);
    return attrs.getDictionary(b.getContext());
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::cpu::createShiftConvFamily() {
  return std::make_unique<ShiftConvFamily>();
}
