//===- ConvLayer.cpp - What the convolution families share ----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/ConvLayer.h"

using namespace mlir;
using namespace mlir::shift::kernels;

std::string PanelSpec::key() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << int(kind) << 'p' << positions << 't' << taps << 'b' << block << 's'
     << tapStride << '_' << positionStride << 'c' << channels << 'i' << height
     << 'x' << width << 'o' << outWidth << 'k' << kernel[0] << 'x' << kernel[1]
     << 's' << stride[0] << 'x' << stride[1] << 'd' << dilation[0] << 'x'
     << dilation[1] << 'p' << pad[0] << 'x' << pad[1] << (hasPadding ? "z" : "")
     << 'r' << windowRow << '_' << channelRow << '_' << rowStride << '_'
     << negation << sourceType << panelType << isSigned;
  return text;
}

std::string ConvLayer::key() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << batch << 'g' << groups << 'm' << channels << 'n' << inBatch << '_'
     << inGroup << '_' << outBatch << '_' << outChannel << '_' << outPosition
     << ' ' << panel.key();
  return text;
}

/// 1x1 windows that read each pixel once are matrix products.
static bool isPointwise(const ConvAttributes &conv) {
  return product(conv.kernel) == 1 && product(conv.strides) == 1 &&
         llvm::all_of(conv.pads, [](int64_t pad) { return pad == 0; });
}

ConvLayer mlir::shift::kernels::convLayer(const ConvAttributes &conv,
                                          bool channelsLast) {
  ConvLayer layer;
  layer.batch = conv.input[0];
  layer.groups = conv.group;
  layer.channels = conv.result[1] / conv.group;
  int64_t pixels = conv.input[2] * conv.input[3];
  PanelSpec &panel = layer.panel;
  panel.channels = conv.input[1] / conv.group;
  panel.positions = conv.result[2] * conv.result[3];
  panel.taps = panel.channels * product(conv.kernel);
  if (isPointwise(conv)) {
    panel.tapStride = pixels;
    panel.positionStride = 1;
  } else {
    panel.kind = PanelKind::Window;
    panel.height = conv.input[2];
    panel.width = conv.input[3];
    panel.outWidth = conv.result[3];
    for (int i = 0; i < 2; ++i) {
      panel.kernel[i] = conv.kernel[i];
      panel.stride[i] = conv.strides[i];
      panel.dilation[i] = conv.dilations[i];
      panel.pad[i] = conv.pads[i];
      panel.hasPadding |= conv.pads[i] != 0 || conv.pads[i + 2] != 0;
    }
    panel.windowRow = channelsLast ? panel.channels : 1;
    panel.channelRow = channelsLast ? 1 : product(conv.kernel);
  }
  layer.inGroup = panel.channels * pixels;
  layer.inBatch = conv.input[1] * pixels;
  layer.outChannel = panel.positions;
  layer.outBatch = conv.result[1] * panel.positions;
  return layer;
}

ConvLayer mlir::shift::kernels::linearLayer(int64_t rows, int64_t taps,
                                            int64_t channels) {
  ConvLayer layer;
  layer.channels = channels;
  layer.panel.positions = rows;
  layer.panel.taps = taps;
  layer.panel.tapStride = 1;
  layer.panel.positionStride = taps;
  layer.outChannel = 1;
  layer.outPosition = channels;
  return layer;
}

ConvItem mlir::shift::kernels::emitItem(KernelBuilder &kb,
                                        const ConvLayer &layer, Val item) {
  int64_t blocks = layer.panel.blocks();
  Val outer = item / blocks;
  return {outer / layer.groups, outer % layer.groups,
          item % blocks * layer.panel.block};
}
