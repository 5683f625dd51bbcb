//===- PackedBytes.cpp - Activations as bytes, channels last --------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToGPU/ByteKernels.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cuda;

PackedBytes::PackedBytes(const FixedLayer &fixed) {
  const ConvLayer &layer = fixed.layer;
  const PanelSpec &panel = layer.panel;
  planes = fixed.inputFormat().storageBits / 8;
  bool isStrided = panel.kind == PanelKind::Strided;
  pixels = isStrided ? panel.positions : panel.height * panel.width;
  channels = panel.taps / panel.window();
  copy = channels <= 4 ? 4 : channels <= 8 ? 8 : 16;
  allChannels = llvm::alignTo(channels, copy);
  padding = layer.batch * pixels * layer.groups * allChannels;
  planeSize = llvm::alignTo(padding + copy, 16);
  taps = panel.window() * allChannels;
}

/// The signed bytes of elements, the lowest ones first.
static SmallVector<Val> emitBytes(KernelBuilder &kb, Val x, bool isSigned) {
  SmallVector<Val> bytes{kb.convert(x, kb.i(8))};
  if (KernelBuilder::elementOf(x.type()).isInteger(16))
    bytes.push_back(kb.convert(kb.shr(x, kb.constant(x.type(), 8)), kb.i(8)));
  for (Val &byte : bytes)
    if (!isSigned || &byte != &bytes.back())
      byte = kb.bitXor(byte, kb.constant(byte.type(), -128));
  return bytes;
}

/// A thread packs the channels of a pixel that one copy takes. Neighbouring
/// threads read neighbouring pixels.
static void emitPacking(KernelBuilder &kb, const FixedLayer &fixed,
                        const PackedBytes &packed, int64_t itemSize,
                        Value input, Value output, Val block) {
  const ConvLayer &layer = fixed.layer;
  const PanelSpec &panel = layer.panel;
  int64_t groupChunks = packed.allChannels / packed.copy;
  int64_t chunks = layer.groups * groupChunks;
  int64_t count = packed.padding / packed.copy;
  int64_t pixelStride =
      panel.kind == PanelKind::Strided ? panel.positionStride : 1;
  // The last one is what padding reads.
  forEachElement(kb, block, count + 1, itemSize, [&](Val i) {
    Val pixel = kb.named(i % packed.pixels, "pixel");
    Val chunk = kb.named(i / packed.pixels % chunks, "chunk");
    Val batch = kb.named(i / (packed.pixels * chunks), "batch");
    Val first = kb.named(chunk % groupChunks * packed.copy, "firstChannel");
    Val image = batch * layer.inBatch + chunk / groupChunks * layer.inGroup +
                pixel * pixelStride;
    kb.named(image, "image");
    Val isPixel = kb.named(
        kb.compare(arith::CmpIPredicate::ult, i, kb.index(count)), "isPixel");
    Value bytes = kb.local(kb.i(8), {packed.planes, packed.copy}, "bytes");
    auto packFour = [&](Val c0) {
      SmallVector<Value> elements;
      for (int64_t c = 0; c < 4; ++c) {
        Val channel = first + c0 + c, isThere = isPixel;
        if (packed.channels % packed.copy)
          isThere =
              kb.bitAnd(isThere, kb.compare(arith::CmpIPredicate::ult, channel,
                                            kb.index(packed.channels)));
        Type element = cast<MemRefType>(input.getType()).getElementType();
        Val x = kb.guarded(
            isThere,
            [&] {
              return kb.load(input, image + channel * panel.channelStride());
            },
            kb.constant(element, 0));
        elements.push_back(kb.named(x, "x").value);
      }
      auto type = VectorType::get(4, elements[0].getType());
      Val four =
          kb.wrap(vector::FromElementsOp::create(kb.b, kb.loc, type, elements));
      for (auto [plane, quad] :
           llvm::enumerate(emitBytes(kb, four, fixed.inputFormat().isSigned)))
        kb.store(quad, bytes, {kb.index(plane), c0});
    };
    kb.unrolled(packed.copy, "c", packFour, 4);
    Val at = (batch * packed.pixels + pixel) * (chunks * packed.copy) +
             chunk * packed.copy;
    kb.named(at, "at");
    for (int64_t plane = 0; plane < packed.planes; ++plane)
      kb.store(kb.load(bytes, {kb.index(plane), kb.index(0)}, packed.copy),
               output, at + plane * packed.planeSize);
  });
}

Value mlir::shift::cuda::addPackedInput(const FixedLayer &fixed,
                                        Lowering &lowering) {
  const ConvLayer &layer = fixed.layer;
  const PanelSpec &panel = layer.panel;
  PackedBytes packed(fixed);
  std::string layout =
      "bytes " +
      shapeKey({packed.planes, layer.batch, packed.pixels, layer.groups,
                packed.allChannels, packed.channels, layer.inBatch,
                layer.inGroup, panel.channelStride(),
                panel.kind == PanelKind::Strided ? panel.positionStride : 1});
  return lowering.copy(fixed.input, layout, [&] {
    // A thread moves many elements.
    int64_t itemSize = 256;
    StepInfo info;
    info.extent = llvm::divideCeil(packed.padding / packed.copy + 1, itemSize);
    info.reason = "activations as bytes, channels last";
    Builder b(lowering.getModule().getContext());
    Value output =
        lowering.temporary(b.getI8Type(), packed.planes * packed.planeSize);
    lowering.prepare(
        fixed.op, "pack_bytes", typeKey(fixed.input) + " " + layout, "map",
        {lowering.buffer(fixed.input), output}, info,
        [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
          emitPacking(kb, fixed, packed, itemSize, buffers[0], buffers[1],
                      block);
        });
    return output;
  });
}
