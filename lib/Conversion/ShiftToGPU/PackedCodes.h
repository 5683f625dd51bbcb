//===- PackedCodes.h - Weights as codes in kernels --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Kernels read weights as they are stored, as codes of a few bits, and look up
// in a table in shared memory what a code means.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOGPU_PACKEDCODES_H
#define LIB_CONVERSION_SHIFTTOGPU_PACKEDCODES_H

#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/Kernels/ConvLayer.h"

namespace mlir::shift::cuda {
using namespace kernels;

/// What a kernel makes of a term of a weight.
enum class CodeMeaning {
  /// The bits of its float32 value, relative to the channel's window.
  Float,
  /// Bits 0..7 the exponent + 128, relative to the channel's window; bit 31 the
  /// sign; bit 30 whether the weight is there.
  Shift
};

/// The weights of a layer as codes. Each channel's are in the order of
/// accumulation: over window positions, for each over input channels.
class PackedCodes {
public:
  PackedCodes(WeightOp weights, const ConvLayer &layer, CodeMeaning meaning);

  int64_t terms() const { return codebook.terms; }
  /// Appends the buffers of codes, of the table and, where channels have
  /// windows, of their tops to a step's arguments.
  void addTo(SmallVectorImpl<Value> &args, Lowering &lowering) const;
  /// How many addTo appends.
  int64_t bufferCount() const { return codebook.windowTops.empty() ? 2 : 3; }
  /// What the code depends on.
  std::string key() const;
  /// Whether the positions of all bits are numbers of 32 bits.
  bool fits() const { return count * bits + 32 < INT32_MAX; }

  /// Where a kernel's threads find what they need.
  struct Reader {
    Value codes, table, tops;
  };
  /// Starts the kernel's use of the buffers: copies the table to shared memory.
  /// A barrier must follow.
  Reader emitReader(KernelBuilder &kb, ArrayRef<Value> buffers) const;
  /// The words, one a term, of weight number `tap` (in order of accumulation)
  /// of output channel `channel` of all.
  SmallVector<Val> emitLoad(KernelBuilder &kb, const Reader &reader,
                            Val channel, Val tap) const;

private:
  ::shift::Codebook codebook;
  int bits;
  int64_t taps, count;
  std::vector<uint8_t> codes;
  std::vector<int32_t> table, tops;
};

/// The terms of a layer's weights in the order of accumulation: those of weight
/// `tap` of channel c start at (c * taps + tap) * terms.
std::vector<::shift::Term> getOrderedTerms(WeightOp weights,
                                           const ConvLayer &layer);

} // namespace mlir::shift::cuda

#endif // LIB_CONVERSION_SHIFTTOGPU_PACKEDCODES_H
