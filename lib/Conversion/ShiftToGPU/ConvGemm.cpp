//===- ConvGemm.cpp - Loop nest of GPU convolutions -----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToGPU/ConvGemm.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"

using namespace mlir;
using namespace mlir::shift::cuda;

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

std::string GemmTiling::key() const {
  return "tile" + shapeKey({rows, columns, depth, threadRows, threadColumns});
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

TapReader::Column TapReader::emitColumn(Val image, Val position,
                                        bool isInside) {
  const PanelSpec &panel = layer.panel;
  Column column;
  if (!isInside)
    column.isThere = kb.compare(arith::CmpIPredicate::ult, position,
                                kb.index(panel.positions));
  if (panel.kind == PanelKind::Strided) {
    column.offset = image + position * panel.positionStride;
    return column;
  }
  column.offset = image;
  Val y = position / panel.outWidth, x = position % panel.outWidth;
  if (panel.kind == PanelKind::TransposedWindow) {
    column.y = y + panel.pad[0];
    column.x = x + panel.pad[1];
    return column;
  }
  column.y = y * panel.stride[0] - panel.pad[0];
  column.x = x * panel.stride[1] - panel.pad[1];
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

std::pair<Val, Val> TapReader::emitPlace(const Column &column, Val tap,
                                         bool isInside) {
  const PanelSpec &panel = layer.panel;
  SmallVector<Val> conditions;
  if (column.isThere.kb)
    conditions.push_back(column.isThere);
  if (!isInside)
    conditions.push_back(
        kb.compare(arith::CmpIPredicate::ult, tap, kb.index(panel.taps)));
  Val at = column.offset;
  if (panel.kind == PanelKind::Strided) {
    at = at + tap * panel.tapStride;
  } else {
    bool isOne = panel.window() == 1;
    Val window = isOne ? kb.index(0) : tap / panel.channels;
    Val channel = isOne ? tap : tap % panel.channels;
    Val y = emitAlong(column.y, window / panel.kernel[1], 0, conditions);
    Val x = emitAlong(column.x, window % panel.kernel[1], 1, conditions);
    at = at + channel * (panel.height * panel.width) + y * panel.width + x;
  }
  Val isThere;
  for (Val condition : conditions)
    isThere = isThere.kb ? kb.bitAnd(isThere, condition) : condition;
  if (isThere.kb)
    at = kb.select(isThere, at, kb.index(0));
  return {at, isThere};
}

Val TapReader::emitLoad(const Column &column, Val tap, bool isInside) {
  auto [at, isThere] = emitPlace(column, tap, isInside);
  Val value = kb.load(source, at);
  if (!isThere.kb)
    return value;
  return kb.select(isThere, value, kb.constant(value.type(), 0));
}

void TapReader::emitCopy(const Column &column, Val tap, bool isInside,
                         Value target, Val to) {
  auto [at, isThere] = emitPlace(column, tap, isInside);
  Value count;
  // The rest of the copy is zeros.
  if (isThere.kb)
    count = kb.select(isThere, kb.index(1), kb.index(0)).value;
  nvgpu::DeviceAsyncCopyOp::create(
      kb.b, kb.loc, nvgpu::DeviceAsyncTokenType::get(kb.b.getContext()), target,
      to.value, source, at.value, kb.b.getIndexAttr(1), count, UnitAttr());
}

//===----------------------------------------------------------------------===//
// Loop nest
//===----------------------------------------------------------------------===//

Val ConvGemm::emitImage() {
  return batch * layer.inBatch + group * layer.inGroup;
}

void ConvGemm::run(Val block) {
  int64_t across = llvm::divideCeil(layer.panel.positions, tiling.columns);
  int64_t down = llvm::divideCeil(layer.channels, tiling.rows);
  firstColumn = block % across * tiling.columns;
  Val rest = block / across;
  firstRow = rest % down * tiling.rows;
  group = rest / down % layer.groups;
  batch = rest / (down * layer.groups);
  kb.named(firstColumn, "firstColumn");
  kb.named(firstRow, "firstRow");
  column = reader.emitColumn(
      emitImage(), firstColumn + kb.thread() % tiling.columns, hasAllColumns());
  declare();
  // The tables are there.
  kb.barrier();
  fill(kb.index(0), kb.index(0));
  finish(kb.loopCarried(kb.index(0), kb.index(layer.panel.taps), tiling.depth,
                        emitStart(), [&](Val tap, ArrayRef<Val> carried) {
                          return emitStep(kb.named(tap, "tap"), carried);
                        }));
}

SmallVector<Val> ConvGemm::emitStep(Val tap, ArrayRef<Val> sums) {
  if (copiesAsync()) {
    auto token = nvgpu::DeviceAsyncTokenType::get(kb.b.getContext());
    Value all = nvgpu::DeviceAsyncCreateGroupOp::create(kb.b, kb.loc, token,
                                                        ValueRange());
    nvgpu::DeviceAsyncWaitOp::create(kb.b, kb.loc, all,
                                     kb.b.getI32IntegerAttr(0));
  }
  // This step's tiles are there, and nobody uses the other ones any more.
  kb.barrier();
  if (stages() == 1)
    return emitProducts(sums, kb.index(0));
  Val stage = kb.named(tap / tiling.depth % 2, "stage");
  Val next = kb.named(tap + tiling.depth, "next");
  kb.ifThen(
      kb.compare(arith::CmpIPredicate::ult, next, kb.index(layer.panel.taps)),
      [&] { fill(next, kb.index(1) - stage); });
  return emitProducts(sums, stage);
}

void ConvGemm::copyInput(Val tap, Value tile, Val first) {
  Val position = kb.thread() % tiling.columns;
  Val row = kb.thread() / tiling.columns;
  int64_t step = tiling.threads() / tiling.columns;
  for (int64_t k = 0; k < tiling.depth; k += step)
    reader.emitCopy(column, tap + (row + k), hasAllTaps(), tile,
                    first + (row + k) * tiling.columns + position);
}

void ConvGemm::forEachInput(Val tap, function_ref<void(Val, Val, Val)> store) {
  Val position = kb.thread() % tiling.columns;
  Val first = kb.thread() / tiling.columns;
  int64_t step = tiling.threads() / tiling.columns;
  for (int64_t k = 0; k < tiling.depth; k += step) {
    Val inStep = first + k;
    store(inStep, position,
          reader.emitLoad(column, tap + inStep, hasAllTaps()));
  }
}

void ConvGemm::forEachInputQuad(
    Val tap, function_ref<void(Val, Val, ArrayRef<Val>)> store) {
  Val position = kb.thread() % tiling.columns;
  Val first = kb.thread() / tiling.columns;
  int64_t step = tiling.threads() / tiling.columns;
  for (int64_t quad = 0; quad < tiling.depth / 4; quad += step) {
    Val inStep = first + quad;
    SmallVector<Val> elements;
    for (int64_t i = 0; i < 4; ++i)
      elements.push_back(
          reader.emitLoad(column, tap + inStep * 4 + i, hasAllTaps()));
    store(inStep, position, elements);
  }
}

void ConvGemm::forEachWeight(
    Val tap, int64_t perItem,
    function_ref<void(Val, Val, Val, Val, Val)> store) {
  int64_t perRow = tiling.depth / perItem, count = tiling.rows * perRow;
  auto item = [&](Val i) {
    Val row = i / perRow, inStep = i % perRow * perItem;
    Val channel = firstRow + row, at = tap + inStep;
    Val isThere;
    auto require = [&](Val index, int64_t size) {
      Val is = kb.compare(arith::CmpIPredicate::ult, index, kb.index(size));
      isThere = isThere.kb ? kb.bitAnd(isThere, is) : is;
    };
    if (!hasAllRows())
      require(channel, layer.channels);
    if (!hasAllTaps())
      require(at, layer.panel.taps);
    store(inStep, row, channel, at, isThere);
  };
  if (count % tiling.threads())
    return kb.loop(kb.thread(), kb.index(count), tiling.threads(), item);
  for (int64_t first = 0; first < count; first += tiling.threads())
    item(kb.thread() + first);
}

void ConvGemm::ifBelow(Val index, int64_t size, bool isCertain,
                       function_ref<void()> emit) {
  if (isCertain)
    return emit();
  kb.ifThen(kb.compare(arith::CmpIPredicate::ult, index, kb.index(size)), emit);
}

void ConvGemm::forEachOutput(function_ref<void(Val, Val, int64_t)> emit) {
  for (int64_t j = 0; j < tiling.threadColumns; ++j) {
    Val position = firstColumn + threadColumn(j);
    ifBelow(position, layer.panel.positions, hasAllColumns(), [&] {
      for (int64_t i = 0; i < tiling.threadRows; ++i) {
        Val row = firstRow + threadRow() + i;
        ifBelow(row, layer.channels, hasAllRows(),
                [&] { emit(row, position, i * tiling.threadColumns + j); });
      }
    });
  }
}
