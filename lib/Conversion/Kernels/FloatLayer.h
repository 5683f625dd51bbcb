//===- FloatLayer.h - Float32 convolutions and products ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// What every family that computes convolutions, linear layers and matrix
// products of float32 needs. Matrix products are layers with the rows of A for
// weights and the columns of B for positions.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_FLOATLAYER_H
#define LIB_CONVERSION_KERNELS_FLOATLAYER_H

#include "lib/Conversion/Kernels/ConvLayer.h"

namespace mlir::shift::kernels {

/// Where the weight of (group, channel, window position, input channel, term)
/// lies. Packed weights are stored [tile][tap][row of the tile].
struct WeightLayout {
  bool isPacked = false;
  int64_t terms = 1, termStride = 0;
  int64_t batchStride = 0, groupStride = 0, rowStride = 0;
  int64_t windowStride = 0, channelStride = 0;
};

/// The operands and attributes that float32 convolutions and matrix products
/// share.
struct FloatLayer {
  ConvLayer layer;
  WeightLayout weights;
  Value input, weightTensor, bias, result;
  std::optional<float> clampMin, clampMax;
  // MatMul with broadcast batches: their sizes and how far apart the matrices
  // of both operands lie in each dimension. Empty where all lie one distance
  // apart.
  SmallVector<int64_t> batchSizes, inBatches, weightBatches;
  // Gemm: alpha * sum + beta * bias[i * biasRow + p * biasColumn].
  bool isGemm = false;
  float alpha = 1, beta = 1;
  int64_t biasRow = 1, biasColumn = 0;

  std::string key() const;
};

/// Window positions of a layer; accumulation runs over these, for each over
/// input channels, for each over terms.
int64_t windowCount(const ConvLayer &layer);

/// Whether `op` is such a layer; if it is one of others, `reason` says so.
bool isFloatLayer(Operation *op, std::string &reason);

FloatLayer describeFloatLayer(Operation *op);

/// The result of a Gemm from one sum; `bias` is null without one.
Val emitGemmResult(KernelBuilder &kb, const FloatLayer &layer, Val sum,
                   Value bias, Val row, Val column);

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_FLOATLAYER_H
