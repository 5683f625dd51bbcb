//===- Depthwise.cpp - Loop nest of the depthwise kernels -----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToCPU/Depthwise.h"

using namespace mlir;
using namespace mlir::shift::cpu;

//===----------------------------------------------------------------------===//
// Shape
//===----------------------------------------------------------------------===//

/// Input rows or columns that `outputs` outputs read.
static int64_t reach(const PanelSpec &panel, int axis, int64_t outputs) {
  return (outputs - 1) * panel.stride[axis] +
         (panel.kernel[axis] - 1) * panel.dilation[axis] + 1;
}

bool mlir::shift::cpu::isDepthwise(const ConvLayer &layer,
                                   ArrayRef<int64_t> pads, int64_t terms) {
  // More output channels a group make up for a row a tap; more taps would not
  // stay in registers.
  constexpr int64_t mostChannels = 4, mostTaps = 64, mostColumns = 4096;
  const PanelSpec &panel = layer.panel;
  return panel.kind == PanelKind::Window && panel.channels == 1 &&
         layer.channels <= mostChannels && panel.taps * terms <= mostTaps &&
         layer.macs() > 0 &&
         llvm::all_of(pads, [](int64_t pad) { return pad >= 0; }) &&
         reach(panel, 0, 1) * reach(panel, 1, panel.outWidth) <=
             4 * mostColumns;
}

void DepthwiseShape::choose() {
  const PanelSpec &panel = layer.panel;
  int64_t columns = reach(panel, 1, panel.outWidth);
  plane.height = panel.height;
  plane.width = panel.width;
  plane.pad[0] = panel.pad[0];
  plane.pad[1] = panel.pad[1];
  plane.columns = std::clamp<int64_t>(columns - panel.pad[1], 0, panel.width);
  plane.pitch = llvm::divideCeil(columns, plane.phases);
  // Tiles run past the last output of a row by less than their lanes.
  plane.slack = lanes * step + 32;
  int64_t width = panel.outWidth;
  isFlat = panel.stride[0] == 1 && panel.stride[1] == 1 &&
           columns + width / 4 < int64_t(llvm::alignTo(width, lanes));

  // A band takes so much of the first-level cache, and there are enough of
  // them for a few threads.
  constexpr int64_t planeBytes = 20 * 1024, enoughItems = 16;
  auto fits = [&](int64_t rows) {
    plane.rows = reach(panel, 0, rows);
    return plane.bytes() <= planeBytes;
  };
  int64_t most = 1;
  while (most < outHeight() && fits(most + 1))
    ++most;
  bands = llvm::divideCeil(outHeight(), most);
  while (extent() < enoughItems && bands < outHeight())
    ++bands;
  bandRows = llvm::divideCeil(outHeight(), bands);
  bands = llvm::divideCeil(outHeight(), bandRows);
  plane.rows = reach(panel, 0, bandRows);
}

int64_t DepthwiseShape::resultCount() const {
  return isFlat ? llvm::alignTo(bandRows * plane.pitch, lanes) : lanes;
}

int64_t DepthwiseShape::resultsAt() const {
  return llvm::alignTo(plane.bytes(), 64);
}

int64_t DepthwiseShape::extraAt() const {
  int64_t bytes = resultCount() * resultType.getIntOrFloatBitWidth() / 8;
  return resultsAt() + llvm::alignTo(bytes, 64);
}

int64_t DepthwiseShape::tapPlace(int64_t ky, int64_t kx) const {
  int64_t column = kx * layer.panel.dilation[1];
  return ky * layer.panel.dilation[0] * plane.rowElements() +
         column % plane.phases * plane.pitch + column / plane.phases;
}

std::string DepthwiseShape::key() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << layer.key() << " r" << bandRows << 'l' << lanes << 's' << step
     << (isFlat ? "flat" : "") << plane.phases << plane.isSigned;
  return text;
}

//===----------------------------------------------------------------------===//
// Kernel
//===----------------------------------------------------------------------===//

DepthwiseKernel::DepthwiseKernel(KernelBuilder &kb, const DepthwiseShape &shape,
                                 Value input, Value out, Value scratch)
    : kb(kb), shape(shape), input(input), out(out) {
  const PlaneSpec &spec = shape.plane;
  plane = kb.view(scratch, kb.index(0), spec.elementType,
                  spec.elements() * (spec.isNegated ? 2 : 1));
  results = kb.view(scratch, kb.index(shape.resultsAt()), shape.resultType,
                    shape.resultCount());
}

void DepthwiseKernel::run(Val begin, Val end) {
  const ConvLayer &layer = shape.layer;
  emitPlaneClear(kb, shape.plane, plane);
  kb.loop(begin, end, 1, [&](Val index) {
    int64_t outer = layer.batch * layer.groups;
    Val image = kb.divide(index, shape.bands, outer);
    Val firstRow = (index - image * shape.bands) * shape.bandRows;
    Val batch = kb.divide(image, layer.groups, layer.batch);
    Val group = image - batch * layer.groups;
    emitPlaneFill(kb, shape.plane, input,
                  batch * layer.inBatch + group * layer.inGroup, plane,
                  firstRow * layer.panel.stride[0]);
    kb.loop(kb.index(0), kb.index(layer.channels), 1, [&](Val inGroup) {
      Val channel = group * layer.channels + inGroup;
      prepare(channel);
      computeBand(batch * layer.outBatch + channel * layer.outChannel,
                  firstRow);
    });
  });
}

/// The rows of a band from `firstRow` on, of the output channel that starts at
/// out[target].
void DepthwiseKernel::computeBand(Val target, Val firstRow) {
  int64_t width = shape.layer.panel.outWidth;
  Val rows =
      kb.min(kb.index(shape.outHeight()) - firstRow, kb.index(shape.bandRows));
  if (shape.isFlat) {
    int64_t pitch = shape.plane.pitch;
    kb.loop(kb.index(0), rows * pitch, shape.lanes,
            [&](Val at) { kb.store(emitTile(at), results, at); });
    kb.loop(kb.index(0), rows, 1, [&](Val row) {
      emitCover(kb, width, [&](Val column, int64_t lanes) {
        kb.store(kb.load(results, row * pitch + column, lanes), out,
                 target + (firstRow + row) * width + column);
      });
    });
    return;
  }
  Val end = (firstRow + rows) * width;
  int64_t rowStep = shape.layer.panel.stride[0] * shape.plane.rowElements();
  kb.loop(kb.index(0), rows, 1, [&](Val row) {
    kb.loop(kb.index(0), kb.index(width), shape.lanes, [&](Val column) {
      Val values = emitTile(row * rowStep + column * shape.step);
      storeRun(values, target, (firstRow + row) * width + column, column, end);
    });
  });
}

/// Stores a tile at `offset` of the channel. What lies past the end of its row
/// is overwritten by the next row, but nothing is stored past the band's `end`,
/// where another thread may be.
void DepthwiseKernel::storeRun(Val values, Val target, Val offset, Val column,
                               Val end) {
  Val isWhole =
      kb.compare(arith::CmpIPredicate::ule, offset + shape.lanes, end);
  kb.ifThenElse(
      isWhole, [&] { kb.store(values, out, target + offset); },
      [&] {
        kb.store(values, results, kb.index(0));
        Val left = kb.index(shape.layer.panel.outWidth) - column;
        kb.loop(kb.index(0), kb.min(left, kb.index(shape.lanes)), 1,
                [&](Val j) {
                  kb.store(kb.load(results, j), out, target + offset + j);
                });
      });
}
