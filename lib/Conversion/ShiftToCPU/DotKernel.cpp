//===- DotKernel.cpp - Loop nest of the dot product kernels ---------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToCPU/DotKernel.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cpu;
using ::shift::FixedPoint;

//===----------------------------------------------------------------------===//
// Shape
//===----------------------------------------------------------------------===//

/// Bytes of one vector of the panel.
constexpr int64_t vectorBytes = 4 * dotLanes;

static int64_t alignUp(int64_t size, int64_t to) {
  return llvm::divideCeil(size, to) * to;
}

/// The block of positions that pads least; larger ones reuse weights more.
static int64_t chooseBlock(int64_t positions, int64_t rowBytes) {
  // Rows of a block stay in the second-level cache.
  constexpr int64_t largestRows = 320 * 1024;
  int64_t best = dotLanes;
  double least = 0;
  for (int64_t block : {16, 32, 48, 64}) {
    if (block > dotLanes && block * rowBytes > largestRows)
      continue;
    double cost = double(alignUp(positions, block)) * (1 + 4.0 / block);
    if (least != 0 && cost >= least)
      continue;
    best = block;
    least = cost;
  }
  return best;
}

/// The rows of a tile that pad least; each tile costs a little in itself.
static int64_t chooseRows(int64_t channels, int64_t maxRows) {
  int64_t best = 1;
  double least = 0;
  for (int64_t rows = 1; rows <= maxRows; ++rows) {
    double cost = double(llvm::divideCeil(channels, rows)) * (rows + 1.0);
    if (least != 0 && cost >= least)
      continue;
    best = rows;
    least = cost;
  }
  return best;
}

void DotShape::choose(int64_t maxRows) {
  PanelSpec &panel = layer.layer.panel;
  panel.sourceType = panel.panelType = storageOf(layer.input);
  panel.isSigned = layer.inputFormat().isSigned;
  panel.block =
      chooseBlock(panel.positions,
                  panel.taps * panel.sourceType.getIntOrFloatBitWidth() / 8);
  panel.rowStride = panel.block;
  rows = chooseRows(layer.layer.channels, maxRows);
  // Tiles take two lane groups at a time.
  steps = alignUp(panel.taps, 2 * depth) / depth;
  // A chunk of the panel takes so much of the first-level cache.
  constexpr int64_t panelBytes = 24 * 1024;
  int64_t most = panelBytes / (panel.block / dotLanes * vectorBytes);
  chunk = alignUp(llvm::divideCeil(steps, llvm::divideCeil(steps, most)), 2);
}

int64_t DotShape::blocksKept() const {
  constexpr int64_t rowsKept = 264;
  if (chunks() == 1)
    return 1;
  return std::min(blocksPerGroup(), std::max<int64_t>(rowsKept / rows, 1));
}

/// Bytes of the rows, padded to whole pairs of lane groups.
static int64_t rowBytes(const DotShape &shape) {
  const PanelSpec &panel = shape.layer.layer.panel;
  return shape.steps * shape.depth * panel.block *
         panel.sourceType.getIntOrFloatBitWidth() / 8;
}

static int64_t panelBytes(const DotShape &shape) {
  return shape.layer.layer.panel.block / dotLanes * shape.chunk * vectorBytes;
}

static int64_t sumCount(const DotShape &shape) {
  return shape.planes() * shape.blocksKept() * shape.rows *
         shape.layer.layer.panel.block;
}

int64_t DotShape::scratchBytes() const {
  return rowBytes(*this) + panelBytes(*this) + sumCount(*this) * sumBits / 8 +
         layer.layer.panel.block * 8;
}

NamedAttrList DotShape::weightLayout(Builder &b, StringRef name) const {
  const ConvLayer &conv = layer.layer;
  NamedAttrList attrs;
  attrs.set("layout", b.getStringAttr(name));
  attrs.set("out_channels", b.getI64IntegerAttr(conv.groups * conv.channels));
  attrs.set("taps_per_channel", b.getI64IntegerAttr(conv.panel.taps));
  attrs.set("groups", b.getI64IntegerAttr(conv.groups));
  attrs.set("rows", b.getI64IntegerAttr(rows));
  return attrs;
}

void mlir::shift::cpu::lowerDot(
    Operation *op, const DotShape &shape, const SumCertificate &certificate,
    const DotStep &step, Lowering &lowering,
    function_ref<void(KernelBuilder &, const EpilogueTables &,
                      ArrayRef<Value> buffers, int64_t epilogueAt,
                      Value scratch, Val begin, Val end)>
        emit) {
  Builder b(op->getContext());
  const FixedLayer &layer = shape.layer;
  EpilogueTables tables(layer, certificate, step.width);
  SmallVector<Value> args{
      lowering.buffer(layer.input),
      lowering.expanded(getWeightOp(layer.weights),
                        step.layout.getDictionary(b.getContext()),
                        b.getI32Type(), step.words)};
  int64_t epilogueAt = args.size();
  tables.addTo(args, lowering);
  StepInfo info;
  layer.addOutputTo(args, info, lowering);
  info.extent = layer.layer.extent();
  info.scratchBytes = shape.scratchBytes();
  describeSums(info, layer, certificate, tables.width, step.how);
  lowering.step(op, isa<LinearOp>(op) ? "linear" : "conv2d",
                shape.key() + " " + tables.key(), step.strategy, args, info,
                [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value scratch,
                    Val begin, Val end) {
                  emit(kb, tables, buffers, epilogueAt, scratch, begin, end);
                });
}

std::string DotShape::key() const {
  std::string key = layer.key();
  llvm::raw_string_ostream os(key);
  os << " d" << depth << 'r' << rows << 's' << steps << 'c' << chunk << 'o'
     << offset << "_" << sumBits << 'p';
  llvm::interleave(planeShifts, os, [&](int8_t s) { os << int(s); }, "_");
  return key;
}

//===----------------------------------------------------------------------===//
// Kernel
//===----------------------------------------------------------------------===//

DotKernel::DotKernel(KernelBuilder &kb, const DotShape &shape,
                     const EpilogueTables &tables, ArrayRef<Value> buffers,
                     int64_t epilogueAt, Value scratch)
    : kb(kb), shape(shape), buffers(buffers), layer(shape.layer.layer),
      epilogue(shape.layer, tables, buffers.drop_front(epilogueAt)),
      block(layer.panel.block), keptRows(shape.blocksKept() * shape.rows),
      width(tables.width), panelElement(kb.i(32 / shape.depth)) {
  int64_t at = 0;
  auto view = [&](Type element, int64_t count, int64_t bytes) {
    Value result = kb.view(scratch, kb.index(at), element, count);
    at += bytes;
    return result;
  };
  rowBuffer = view(layer.panel.panelType, shape.steps * shape.depth * block,
                   rowBytes(shape));
  panel = view(panelElement, panelBytes(shape) * shape.depth / 4,
               panelBytes(shape));
  sums = view(kb.i(shape.sumBits), sumCount(shape),
              sumCount(shape) * shape.sumBits / 8);
  storeBuffer = view(storageOf(shape.layer.result), block, block * 8);
}

void DotKernel::run(Val begin, Val end) {
  kb.loop(begin, end, 1, [&](Val index) {
    ConvItem item = emitItem(kb, layer, index);
    Val base = item.batch * layer.inBatch + item.group * layer.inGroup;
    Val past = item.first + block;
    Val positions = kb.index(layer.panel.positions);
    auto copied = [&] {
      emitPanel(kb, layer.panel, buffers[0], base, rowBuffer, item.first,
                kb.index(layer.panel.taps / layer.panel.window()));
      computeItem(item, {rowBuffer, kb.index(0), block});
    };
    if (!readsInput())
      return copied();
    kb.ifThen(kb.compare(arith::CmpIPredicate::ule, past, positions), [&] {
      computeItem(item, {buffers[0], base + item.first, layer.panel.tapStride});
    });
    if (layer.panel.positions % block)
      kb.ifThen(kb.compare(arith::CmpIPredicate::ugt, past, positions), copied);
  });
}

/// Whether whole blocks need no copy: rows lie in the input as they are, and
/// are read only once.
bool DotKernel::readsInput() const {
  const PanelSpec &spec = layer.panel;
  return spec.kind == PanelKind::Strided && spec.positionStride == 1 &&
         spec.taps == shape.steps * shape.depth &&
         (shape.chunks() == 1 || shape.blocksKept() == shape.blocksPerGroup());
}

void DotKernel::computeItem(const ConvItem &item, const Rows &rows) {
  Val zero = kb.index(0), steps = kb.index(shape.steps);
  int64_t blocks = shape.blocksPerGroup(), kept = shape.blocksKept();
  if (shape.chunks() == 1)
    interleave(rows, zero, steps);
  kb.loop(zero, kb.index(blocks), kept, [&](Val first) {
    Val last = kb.min(first + kept, kb.index(blocks));
    Val channel = first * shape.rows;
    epilogue.prefetch(kb, item.batch, item.group * layer.channels + channel,
                      kb.min(last * shape.rows, kb.index(layer.channels)) -
                          channel,
                      item.first);
    if (shape.chunks() == 1) {
      channelBlocks(item.group, first, last, zero, steps);
      return finish(item, first, last);
    }
    clearSums();
    kb.loop(zero, kb.index(shape.chunks()), 1, [&](Val chunk) {
      Val at = chunk * shape.chunk;
      Val count = kb.min(steps - at, kb.index(shape.chunk));
      interleave(rows, at, count);
      channelBlocks(item.group, first, last, chunk, count);
    });
    finish(item, first, last);
  });
}

/// Copies `count` lane groups from `firstStep` on from the rows to the panel.
void DotKernel::interleave(const Rows &rows, Val firstStep, Val count) {
  kb.loop(kb.index(0), count, 1, [&](Val step) {
    Val tap = (firstStep + step) * shape.depth;
    for (int64_t v = 0; v < block / dotLanes; ++v)
      kb.store(interleaveStep(rows, tap, v * dotLanes), panel,
               (step + v * shape.chunk) * (dotLanes * shape.depth));
  });
}

/// One vector of the panel: `depth` rows, element by element.
Val DotKernel::interleaveStep(const Rows &rows, Val tap, int64_t position) {
  SmallVector<Val> taps;
  for (int64_t d = 0; d < shape.depth; ++d)
    taps.push_back(kb.load(rows.buffer,
                           rows.first + (tap + d) * rows.stride + position,
                           dotLanes));
  auto weave = [&](Val a, Val b) {
    return kb.wrap(
        vector::InterleaveOp::create(kb.b, kb.loc, a.value, b.value));
  };
  Val woven = shape.depth == 2
                  ? weave(taps[0], taps[1])
                  : weave(weave(taps[0], taps[2]), weave(taps[1], taps[3]));
  if (shape.offset)
    woven = woven + kb.constant(woven.type(), int8_t(shape.offset));
  return kb.convert(woven, panelElement, layer.panel.isSigned);
}

/// All tiles of the channel blocks [kept, end) of a group.
void DotKernel::channelBlocks(Val group, Val kept, Val end, Val chunk,
                              Val steps) {
  kb.loop(kept, end, 1, [&](Val block) {
    prefetchWeights(group * shape.blocksPerGroup() + block + 1, chunk);
    tiles(group * shape.blocksPerGroup() + block, (block - kept) * shape.rows,
          chunk, steps);
  });
}

/// Asks for the weights of a channel block and chunk, which start anywhere in
/// memory: the hardware would notice only after some misses.
void DotKernel::prefetchWeights(Val channelBlock, Val chunk) {
  constexpr int64_t lineWords = 16;
  for (int64_t plane = 0; plane < shape.planes(); ++plane) {
    Val first = firstWord(channelBlock, plane, chunk);
    kb.loop(kb.index(0), kb.index(chunkWords()), lineWords,
            [&](Val i) { kb.prefetch(buffers[1], first + i); });
  }
}

void DotKernel::tiles(Val channelBlock, Val keptRow, Val chunk, Val steps) {
  int64_t most = block / dotLanes;
  if (most == 1)
    return tiles(channelBlock, keptRow, chunk, steps, 1);
  // 32 registers of 512 bits hold the sums of whole blocks, whose tiles load
  // a weight once for all positions; 16 registers hold those of one vector.
  Val parts = call("llvm.vscale", kb.i(64), {});
  kb.ifThenElse(
      kb.compare(arith::CmpIPredicate::eq, parts, kb.constant(kb.i(64), 4)),
      [&] { tiles(channelBlock, keptRow, chunk, steps, most); },
      [&] { tiles(channelBlock, keptRow, chunk, steps, 1); });
}

/// Tiles of `vectors` vectors of positions, which divide the block.
void DotKernel::tiles(Val channelBlock, Val keptRow, Val chunk, Val steps,
                      int64_t vectors) {
  int64_t positions = vectors * dotLanes;
  kb.loop(kb.index(0), kb.index(block / positions), 1, [&](Val i) {
    for (int64_t plane = 0; plane < shape.planes(); ++plane) {
      Tile tile{channelBlock, chunk, steps, plane, vectors, {}, {}};
      tile.panel = i * (positions * shape.chunk * shape.depth);
      tile.sums = (keptRow + plane * keptRows) * block + i * positions;
      emitTile(tile);
    }
  });
}

void DotKernel::clearSums() {
  Val zero = kb.constant(kb.vec(kb.i(shape.sumBits), dotLanes), 0);
  kb.loop(kb.index(0), kb.index(sumCount(shape)), dotLanes,
          [&](Val at) { kb.store(zero, sums, at); });
}

/// The results of the channel blocks [kept, end).
void DotKernel::finish(const ConvItem &item, Val kept, Val end) {
  int64_t lanes = block % 32 == 0 ? 32 : dotLanes;
  Val first = kept * shape.rows;
  Val last = kb.min(end * shape.rows, kb.index(layer.channels));
  Val positions =
      kb.min(kb.index(layer.panel.positions) - item.first, kb.index(block));
  kb.loop(first, last, 1, [&](Val i) {
    Val channel = item.group * layer.channels + i;
    Val target = item.batch * layer.outBatch + channel * layer.outChannel;
    kb.loop(kb.index(0), positions, lanes, [&](Val position) {
      Val total;
      for (auto [plane, shift] : llvm::enumerate(shape.planeShifts)) {
        Val at = ((i - first) + int64_t(plane) * keptRows) * block + position;
        Val sum = kb.convert(kb.load(sums, at, lanes), kb.i(width));
        if (shift)
          sum = kb.shl(sum, kb.constant(sum.type(), shift));
        total = plane ? total + sum : sum;
      }
      storeResults(kb, epilogue,
                   {buffers.back(), layer.outPosition, layer.panel.positions,
                    storeBuffer},
                   total, channel, target, item.first + position);
    });
  });
}

//===----------------------------------------------------------------------===//
// What tiles are made of
//===----------------------------------------------------------------------===//

bool DotKernel::startsFromZero() const {
  return shape.chunks() == 1 || shape.sumBits > 32;
}

SmallVector<Val> DotKernel::loadSums(const Tile &tile) {
  SmallVector<Val> result;
  for (int64_t r = 0; r < shape.rows; ++r)
    for (int64_t v = 0; v < tile.vectors; ++v)
      result.push_back(startsFromZero()
                           ? kb.constant(kb.vec(kb.i(32), dotLanes), 0)
                           : kb.load(sums, sumPlace(tile, r, v), dotLanes));
  return result;
}

void DotKernel::storeSums(const Tile &tile, ArrayRef<Val> values) {
  for (int64_t r = 0; r < shape.rows; ++r)
    for (int64_t v = 0; v < tile.vectors; ++v) {
      Val sum = values[r * tile.vectors + v], at = sumPlace(tile, r, v);
      if (shape.sumBits > 32)
        sum =
            kb.convert(sum, kb.i(shape.sumBits)) + kb.load(sums, at, dotLanes);
      kb.store(sum, sums, at);
    }
}

Val DotKernel::sumPlace(const Tile &tile, int64_t row, int64_t vector) {
  return tile.sums + (row * block + vector * dotLanes);
}

Val DotKernel::loadPanel(const Tile &tile, Val step, int64_t vector) {
  return loadPanelAt(tile, step * (dotLanes * shape.depth), vector);
}

Val DotKernel::loadPanelAt(const Tile &tile, Val offset, int64_t vector) {
  int64_t elements = dotLanes * shape.depth;
  return kb.load(panel, tile.panel + offset + vector * shape.chunk * elements,
                 elements);
}

Val DotKernel::broadcastWord(Value words, Val at) {
  Val word = kb.broadcast(kb.load(words, at), dotLanes);
  auto type = cast<VectorType>(kb.vec(panelElement, dotLanes * shape.depth));
  return kb.wrap(vector::BitCastOp::create(kb.b, kb.loc, type, word.value));
}

Val DotKernel::call(StringRef intrinsic, Type result, ArrayRef<Val> args) {
  SmallVector<Value> values;
  for (Val arg : args)
    values.push_back(arg.value);
  auto op = LLVM::CallIntrinsicOp::create(
      kb.b, kb.loc, result, kb.b.getStringAttr(intrinsic), values);
  return kb.wrap(op.getResult(0));
}
