//===- ByteKernels.h - Fixed-point layers as products of bytes --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Strategies dp4a and mma, for weights that are signed bytes relative to e_c.
// Activations are signed bytes too: unsigned ones less 128; those of 16 bits
// are two, the lower one less 128 and the upper one times 256. 128 times the
// weights' sum for each offset is a constant of the channel.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOGPU_BYTEKERNELS_H
#define LIB_CONVERSION_SHIFTTOGPU_BYTEKERNELS_H

#include "lib/Conversion/ShiftToGPU/FixedKernel.h"

namespace mlir::shift::cuda {

/// Whether the sums of a layer are sums of 32 bits of such products; `reason`
/// says why not.
bool hasByteProducts(const FixedLayer &fixed, const SumCertificate &certificate,
                     std::string &reason);

/// The buffer of the weights, which @setup fills: those of a channel one after
/// another, each group padded with zeros to whole tiles of channels and taps.
/// Adds what activations are offset by to the certificate's constants.
Value addByteWeights(const FixedLayer &fixed, const GemmTiling &tiling,
                     SumCertificate &certificate, Lowering &lowering);

/// Four taps a word, multiplied and added by one __dp4a.
void emitDp4aKernel(KernelBuilder &kb, const FixedGemm &gemm,
                    ArrayRef<Value> buffers, Val block);

/// Products of 16 x 16 x 16 bytes by tensor cores; the tiles of its warps.
void emitMmaKernel(KernelBuilder &kb, const FixedGemm &gemm,
                   ArrayRef<Value> buffers, Val block);
GemmTiling chooseMmaTiling(const ConvLayer &layer);

} // namespace mlir::shift::cuda

#endif // LIB_CONVERSION_SHIFTTOGPU_BYTEKERNELS_H
