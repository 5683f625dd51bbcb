//===- ShiftCertificate.h - Worst cases of exact sums -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// What the constants of a fixed-point convolution or linear layer say of its
// sums: the overflow certificate of design.md section 2.
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_IR_SHIFTCERTIFICATE_H
#define DIALECTS_SHIFT_IR_SHIFTCERTIFICATE_H

#include "dialects/Shift/IR/ShiftOps.h"

#include <string>
#include <vector>

namespace mlir::shift {

/// Taps a chunk of a certificate, for channels of `taps` taps.
inline int64_t getCertificateChunk(int64_t taps) {
  return std::max<int64_t>(1, std::min<int64_t>(taps, 64));
}

/// One output channel's sum before it is rounded to the result.
struct ChannelSum {
  /// e_c, the smallest exponent of any term: sums have the unit 2^(e_c - f_in).
  int exponent = 0;
  /// r = f_in - e_c - f_out, 0 where the result is float32.
  int shift = 0;
  /// The bias in the unit that `shift` asks for.
  ::shift::RoundedBias bias;
  /// The worst case of the products' sum, and of it with bias, shift and half.
  ::shift::AccumulatorBound sum, bound;
};

/// A conv2d or linear with fixed-point input, constant weights and constant
/// bias.
class ConstantLayer {
public:
  /// Whether `op` is one; for other fixed-point layers, `reason` says why not.
  static bool is(Operation *op, std::string &reason);
  /// None for other ops, with `reason` as of `is`. Reads all weights.
  static std::optional<ConstantLayer> get(Operation *op, std::string &reason);

  int64_t channels() const { return int64_t(bias.size()); }
  /// Taps an output channel: input channels of the group times the window.
  int64_t taps() const { return tapsPerChannel; }

  ChannelSum sumOf(int64_t channel) const;

  /// The overflow certificate. Fails with the number of a channel that needs
  /// more than 128 bits in `channel`.
  FailureOr<CertificateAttr> certify(MLIRContext *context,
                                     int64_t &channel) const;

private:
  ArrayRef<::shift::Term> termsOf(int64_t channel) const {
    int64_t count = tapsPerChannel * termsPerTap;
    return ArrayRef(terms).slice(channel * count, count);
  }
  /// Appends how many products of each chunk fit 16 and 32 bits.
  void countProducts(int64_t channel, int exponent,
                     std::vector<uint8_t> &fits16,
                     std::vector<uint8_t> &fits32) const;

  ::shift::FixedPoint in;
  std::optional<::shift::FixedPoint> out;
  int lo = 0;
  int64_t tapsPerChannel = 0, termsPerTap = 1;
  std::vector<::shift::Term> terms;
  std::vector<float> bias;
};

/// The certificate that `op` carries, or null.
inline CertificateAttr getCertificate(Operation *op) {
  return op->getAttrOfType<CertificateAttr>(CertificateAttr::attributeName);
}

/// The smallest number of `fits`, fits16 or fits32 of the certificate of `op`,
/// over the channels and chunks of which not all products fit; the
/// certificate's chunk if there are none.
int64_t leastProducts(Operation *op, DenseIntElementsAttr fits);

/// Whether a certificate that `op` carries is the one that its constants give;
/// else an error.
LogicalResult checkCertificate(Operation *op);

} // namespace mlir::shift

#endif // DIALECTS_SHIFT_IR_SHIFTCERTIFICATE_H
