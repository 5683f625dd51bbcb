//===- ByteKernels.h - Fixed-point layers as products of bytes --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Strategies dp4a and mma, for weights that are signed bytes relative to e_c.
// Activations are signed bytes too: unsigned ones less 128; those of 16 bits
// are two, the lower one less 128 and the upper one times 256. 128 times the
// weights' sum for each offset is a constant of the channel.
//
// A kernel of its own writes activations as bytes, channels last, once for all
// layers that read them. So every copy to shared memory is one of whole words
// at an address that only depends on the window's position.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOGPU_BYTEKERNELS_H
#define LIB_CONVERSION_SHIFTTOGPU_BYTEKERNELS_H

#include "lib/Conversion/ShiftToGPU/FixedKernel.h"

namespace mlir::shift::cuda {

/// Whether the sums of a layer are sums of 32 bits of such products; `reason`
/// says why not.
bool hasByteProducts(const FixedLayer &fixed, const SumCertificate &certificate,
                     std::string &reason);

/// Activations as bytes: [plane][batch][pixel][group][channel], the plane of
/// the lowest bytes first. Each plane ends with what padding reads.
struct PackedBytes {
  explicit PackedBytes(const FixedLayer &fixed);

  int64_t planes, pixels;
  /// Channels of a group; the same with those that fill up the last copy; of a
  /// copy.
  int64_t channels, allChannels, copy;
  /// Of a plane: where padding lies, and its size.
  int64_t padding, planeSize;
  /// Taps in order of window position, then channel.
  int64_t taps;
  /// Taps of a step.
  int64_t depth() const { return taps % 64 && taps <= 256 ? 32 : 64; }
};

/// The buffer of the layer's input as bytes, which a step fills unless one of
/// another layer does.
Value addPackedInput(const FixedLayer &fixed, Lowering &lowering);

/// The buffer of the weights, which @setup fills: of each group, [channel][tap]
/// padded with zeros to whole tiles. Adds what activations are offset by to the
/// certificate's constants.
Value addByteWeights(const FixedLayer &fixed, const GemmTiling &tiling,
                     SumCertificate &certificate, Lowering &lowering);

/// Four taps a word, multiplied and added by one __dp4a.
void emitDp4aKernel(KernelBuilder &kb, const FixedGemm &gemm,
                    ArrayRef<Value> buffers, Val block);

/// Products of 16 x 16 x 16 bytes by tensor cores; the tiles of its warps.
void emitMmaKernel(KernelBuilder &kb, const FixedGemm &gemm,
                   ArrayRef<Value> buffers, Val block);
GemmTiling chooseMmaTiling(const FixedLayer &fixed);

} // namespace mlir::shift::cuda

#endif // LIB_CONVERSION_SHIFTTOGPU_BYTEKERNELS_H
