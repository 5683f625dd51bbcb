//===- ConvGemm.cpp - Loop nest of GPU convolutions -----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToGPU/ConvGemm.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::shift::cuda;

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

std::string GemmTiling::key() const {
  return "tile" +
         shapeKey({rows, columns, depth, threadRows, threadColumns, lanes});
}

GemmTiling mlir::shift::cuda::chooseTiling(const ConvLayer &layer,
                                           int64_t depth) {
  GemmTiling tiling;
  tiling.depth = depth;
  // All threads of a row of the input tile read one position each, so a block
  // has as many threads as positions, or a multiple.
  tiling.rows = std::min<int64_t>(llvm::PowerOf2Ceil(layer.channels), 64);
  if (layer.channels > 32 && layer.channels <= 48)
    tiling.rows = 16;
  tiling.threadRows = std::min<int64_t>(tiling.rows, 4);
  tiling.threadColumns = std::min<int64_t>(tiling.rows / tiling.threadRows, 4);
  int64_t copies = tiling.rows / (tiling.threadRows * tiling.threadColumns);
  int64_t most = copies > 1 ? 64 : 128,
          least = std::max<int64_t>(32 / copies, 8);
  tiling.columns = std::clamp<int64_t>(
      llvm::PowerOf2Ceil(layer.panel.positions), least, most);
  return tiling;
}

int64_t mlir::shift::cuda::countBlocks(const ConvLayer &layer,
                                       const GemmTiling &tiling) {
  return layer.batch * layer.groups *
         llvm::divideCeil(layer.channels, tiling.rows) *
         llvm::divideCeil(layer.panel.positions, tiling.columns);
}

//===----------------------------------------------------------------------===//
// Input
//===----------------------------------------------------------------------===//

TapReader::Column TapReader::emitColumn(Val position, bool isInside) {
  const PanelSpec &panel = layer.panel;
  Column column;
  if (!isInside)
    column.isThere = kb.named(kb.compare(arith::CmpIPredicate::ult, position,
                                         kb.index(panel.positions)),
                              "isPosition");
  column.position = position;
  if (panel.kind == PanelKind::Strided)
    return column;
  Val y = position / panel.outWidth, x = position % panel.outWidth;
  if (panel.kind == PanelKind::TransposedWindow) {
    column.y = kb.named(y + panel.pad[0], "top");
    column.x = kb.named(x + panel.pad[1], "left");
    return column;
  }
  column.y = kb.named(y * panel.stride[0] - panel.pad[0], "top");
  column.x = kb.named(x * panel.stride[1] - panel.pad[1], "left");
  return column;
}

Val TapReader::emitAlong(Val origin, Val tap, int axis,
                         SmallVectorImpl<Val> &conditions) {
  const PanelSpec &panel = layer.panel;
  int64_t size = axis == 0 ? panel.height : panel.width;
  auto isBelow = [&](Val value, int64_t limit) {
    // Negative values are large ones.
    return kb.compare(arith::CmpIPredicate::ult, value, kb.index(limit));
  };
  if (panel.kind == PanelKind::Window) {
    Val place = origin + tap * panel.dilation[axis];
    if (panel.hasPadding)
      conditions.push_back(isBelow(place, size));
    return place;
  }
  int64_t stride = panel.stride[axis];
  Val distance = origin - tap * panel.dilation[axis];
  conditions.push_back(isBelow(distance, size * stride));
  if (stride > 1)
    conditions.push_back(
        kb.compare(arith::CmpIPredicate::eq, distance % stride, kb.index(0)));
  return distance / stride;
}

Val TapReader::emitPixel(const Column &column, Val window,
                         SmallVectorImpl<Val> &conditions) {
  const PanelSpec &panel = layer.panel;
  if (column.isThere.kb)
    conditions.push_back(column.isThere);
  if (panel.kind == PanelKind::Strided)
    return column.position;
  Val ky = kb.named(window / panel.kernel[1], "ky");
  Val kx = kb.named(window % panel.kernel[1], "kx");
  Val y = kb.named(emitAlong(column.y, ky, 0, conditions), "y");
  Val x = kb.named(emitAlong(column.x, kx, 1, conditions), "x");
  return kb.named(y * panel.width + x, "pixel");
}

std::pair<Val, Val> TapReader::emitPlace(Val image, const Column &column,
                                         Val tap, bool isInside) {
  const PanelSpec &panel = layer.panel;
  SmallVector<Val> conditions;
  if (!isInside)
    conditions.push_back(
        kb.compare(arith::CmpIPredicate::ult, tap, kb.index(panel.taps)));
  bool isOne = panel.window() == 1;
  Val window = isOne ? kb.index(0) : kb.named(tap / panel.channels, "window");
  Val channel = isOne ? tap : kb.named(tap % panel.channels, "channel");
  Val pixel = emitPixel(column, window, conditions);
  if (panel.kind == PanelKind::Strided)
    pixel = pixel * panel.positionStride;
  return {image + channel * panel.channelStride() + pixel, kb.all(conditions)};
}

Val TapReader::emitLoad(Val image, const Column &column, Val tap,
                        bool isInside) {
  auto [at, isThere] = emitPlace(image, column, tap, isInside);
  if (!isThere.kb)
    return kb.load(source, at);
  Type element = cast<MemRefType>(source.getType()).getElementType();
  return kb.guarded(
      isThere, [&, at = at] { return kb.load(source, at); },
      kb.constant(element, 0));
}

void TapReader::emitCopy(Val image, const Column &column, Val tap,
                         bool isInside, Value target, ArrayRef<Val> to) {
  auto [at, isThere] = emitPlace(image, column, tap, isInside);
  if (isThere.kb)
    at = kb.select(isThere, at, kb.index(0));
  // The rest of the copy is zeros.
  kb.copyAsync(source, at, target, to, 1, isThere);
}

//===----------------------------------------------------------------------===//
// Loop nest
//===----------------------------------------------------------------------===//

Val ConvGemm::emitImage() {
  return kb.named(batch * layer.inBatch, "image") + group * layer.inGroup;
}

void ConvGemm::run(Val block) {
  int64_t across = llvm::divideCeil(layer.panel.positions, tiling.columns);
  int64_t down = llvm::divideCeil(layer.channels, tiling.rows);
  firstColumn = block % across * tiling.columns;
  Val rest = block / across;
  firstRow = rest % down * tiling.rows;
  group = rest / down % layer.groups;
  batch = rest / (down * layer.groups);
  kb.named(rest, "tile");
  kb.named(firstColumn, "firstColumn");
  kb.named(firstRow, "firstRow");
  kb.named(group, "group");
  kb.named(batch, "batch");
  declare();
  fill(kb.index(0), kb.index(0));
  commitCopies();
  finish(kb.loopCarried(kb.index(0), kb.index(taps()), tiling.depth,
                        emitStart(), [&](Val tap, ArrayRef<Val> carried) {
                          return emitStep(kb.named(tap, "tap"), carried);
                        }));
}

void ConvGemm::commitCopies() {
  if (copiesAsync())
    NVVM::CpAsyncCommitGroupOp::create(kb.b, kb.loc);
}

SmallVector<Val> ConvGemm::emitStep(Val tap, ArrayRef<Val> sums) {
  if (copiesAsync())
    NVVM::CpAsyncWaitGroupOp::create(kb.b, kb.loc, 0);
  // This step's tiles are there, and nobody uses the other ones any more.
  kb.barrier();
  if (stages() == 1)
    return emitProducts(sums, kb.index(0));
  Val stage = kb.named(tap / tiling.depth % 2, "stage");
  Val next = kb.named(tap + tiling.depth, "next");
  kb.ifThen(kb.compare(arith::CmpIPredicate::ult, next, kb.index(taps())), [&] {
    fill(next, kb.named(kb.index(1) - stage, "other"));
    commitCopies();
  });
  return emitProducts(sums, stage);
}

void ConvGemm::ifBelow(Val index, int64_t size, bool isCertain,
                       function_ref<void()> emit) {
  if (isCertain)
    return emit();
  kb.ifThen(kb.compare(arith::CmpIPredicate::ult, index, kb.index(size)), emit);
}

void ConvGemm::shareItems(int64_t count, StringRef name,
                          function_ref<void(Val)> emit) {
  int64_t threads = tiling.threads();
  if (count <= threads)
    return ifBelow(kb.thread(), count, count == threads,
                   [&] { emit(kb.thread()); });
  if (count % threads)
    return kb.loop(kb.thread(), kb.index(count), threads,
                   [&](Val i) { emit(kb.named(i, name)); });
  kb.unrolled(
      count, "first",
      [&](Val first) { emit(kb.named(kb.thread() + first, name)); }, threads);
}

void ConvGemm::unrolledBy(int64_t factor, int64_t count, StringRef name,
                          function_ref<void(Val)> body, int64_t step) {
  kb.loop(kb.index(0), kb.index(count), step, [&](Val i) {
    Operation *loop = i.value.getParentBlock()->getParentOp();
    loop->setAttr("shift.unroll", kb.b.getI64IntegerAttr(factor));
    body(kb.named(i, name));
  });
}

Value ConvGemm::declareSums(Type element, ArrayRef<int64_t> shape) {
  Value sums = kb.local(element, shape, "acc");
  SmallVector<Val> indices;
  auto clear = [&](auto &self) -> void {
    size_t depth = indices.size();
    if (depth == shape.size())
      return kb.store(kb.constant(element, 0), sums, indices);
    kb.unrolled(shape[depth],
                StringRef("pij").substr(3 - shape.size() + depth, 1),
                [&](Val i) {
                  indices.push_back(i);
                  self(self);
                  indices.pop_back();
                });
  };
  clear(clear);
  return sums;
}

void ConvGemm::forEachOutput(function_ref<void(Val, Val, Val, Val)> emit) {
  auto columns = [&](Val j) {
    Val position = kb.named(firstColumn + threadColumn() + j, "position");
    ifBelow(position, layer.panel.positions, hasAllColumns(), [&] {
      kb.unrolled(tiling.threadRows, "i", [&](Val i) {
        Val row = kb.named(firstRow + threadRow() + i, "row");
        ifBelow(row, layer.channels, hasAllRows(),
                [&] { emit(i, j, row, position); });
      });
    });
  };
  kb.unrolled(tiling.threadColumns, "j", columns, tiling.lanes);
}

//===----------------------------------------------------------------------===//
// Tiles of words
//===----------------------------------------------------------------------===//

void ConvGemm::declareWordTiles(Type element, int64_t perWeight) {
  terms = perWeight;
  inputTile =
      kb.shared(element, {stages(), tiling.depth, tiling.columns}, "inputTile");
  // Threads that store neighbouring taps of a row use different banks.
  weightTile = kb.shared(
      element, {stages(), terms, tiling.depth, tiling.rows + 4}, "weightTile");
  Val own = kb.named(kb.thread() % tiling.columns, "column");
  column = reader.emitColumn(kb.named(firstColumn + own, "position"),
                             hasAllColumns());
}

void ConvGemm::fillInput(Val tap, Val stage, function_ref<Val(Val)> convert) {
  Val image = kb.named(emitImage(), "image");
  int64_t step = tiling.threads() / tiling.columns;
  kb.unrolled(
      tiling.depth, "k",
      [&](Val k) {
        Val first = kb.named(kb.thread() / tiling.columns, "firstTap");
        Val inStep = kb.named(first + k, "inStep");
        Val at = kb.named(tap + inStep, "inputTap");
        Val to[] = {stage, inStep,
                    kb.named(kb.thread() % tiling.columns, "column")};
        if (copiesAsync())
          return reader.emitCopy(image, column, at, hasAllTaps(), inputTile,
                                 to);
        Val x = reader.emitLoad(image, column, at, hasAllTaps());
        kb.store(convert(kb.named(x, "x")), inputTile, to);
      },
      step);
}

void ConvGemm::fillWeights(Val tap, Val stage,
                           function_ref<SmallVector<Val>(Val, Val)> emit) {
  auto item = [&](Val i) {
    Val row = kb.named(i / tiling.depth, "row");
    Val inStep = kb.named(i % tiling.depth, "inStep");
    Val channel = kb.named(firstRow + row, "channel");
    Val at = kb.named(tap + inStep, "weightTap");
    SmallVector<Val> conditions;
    auto require = [&](Val index, int64_t size) {
      conditions.push_back(
          kb.compare(arith::CmpIPredicate::ult, index, kb.index(size)));
    };
    if (!hasAllRows())
      require(channel, layer.channels);
    if (!hasAllTaps())
      require(at, layer.panel.taps);
    Val isThere = kb.all(conditions);
    if (isThere.kb) {
      kb.named(isThere, "isThere");
      channel = kb.select(isThere, channel, kb.index(0));
      at = kb.select(isThere, at, kb.index(0));
    }
    for (auto [t, value] : llvm::enumerate(emit(channel, at))) {
      if (isThere.kb)
        value = kb.select(isThere, value, kb.constant(value.type(), 0));
      kb.store(value, weightTile, {stage, kb.index(t), inStep, row});
    }
  };
  shareItems(tiling.rows * tiling.depth, "weight", item);
}

void ConvGemm::forEachProduct(Val stage, function_ref<void(Val, Val)> emit) {
  Type element = cast<MemRefType>(inputTile.getType()).getElementType();
  unrolledBy(4, tiling.depth, "k", [&](Val k) {
    inputs = kb.local(element, tiling.threadColumns, "x");
    Value words = kb.local(element, tiling.threadRows, "w");
    kb.store(
        kb.load(inputTile, {stage, k, threadColumn()}, tiling.threadColumns),
        inputs, kb.index(0));
    kb.unrolled(terms, "term", [&](Val term) {
      kb.store(
          kb.load(weightTile, {stage, term, k, threadRow()}, tiling.threadRows),
          words, kb.index(0));
      kb.unrolled(tiling.threadRows, "i",
                  [&](Val i) { emit(i, kb.named(kb.load(words, i), "word")); });
    });
  });
}
