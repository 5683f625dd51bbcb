//===- FixedLayer.h - Fixed-point layers of constant weights ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// What every family that sums fixed-point convolutions exactly needs: the layer
// behind a conv2d or linear op, the overflow certificate of its constants, and
// the end of each sum: bias, requantization, clamp.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_FIXEDLAYER_H
#define LIB_CONVERSION_KERNELS_FIXEDLAYER_H

#include "lib/Conversion/Kernels/ConvLayer.h"
#include "lib/Conversion/Kernels/FixedMath.h"
#include "shift/Support/FixedPoint.h"

namespace mlir::shift::kernels {

/// A shift.add that the epilogue of a layer computes. The layer's own result is
/// not stored: it is one operand, `other` the other one.
struct AddedTensor {
  Value other, result;
  FixedAdd formats;
  /// Whether the layer is the left operand.
  bool isLeft = true;
};

/// The operands and attributes that conv2d and linear share.
struct FixedLayer {
  Operation *op = nullptr;
  Value input, weights, bias, result;
  std::optional<float> clampMin, clampMax;
  std::optional<AddedTensor> added;
  ConvLayer layer;

  ::shift::FixedPoint inputFormat() const;
  /// None for float32 results.
  std::optional<::shift::FixedPoint> resultFormat() const;
  /// The tensor that is stored.
  Value stored() const { return added ? added->result : result; }
  /// Appends the other operand of the add and the stored tensor to a step's
  /// arguments, behind the epilogue's tables.
  void addOutputTo(SmallVectorImpl<Value> &args, StepInfo &info,
                   Lowering &lowering) const;
  /// What the code of every family depends on.
  std::string key() const;
};

/// The layer of a shift.conv2d or shift.linear; panel rows run over
/// (ci, ky, kx). The add that `fuse-adds` has given to `op` is part of it.
FixedLayer describeFixedLayer(Operation *op);

/// Whether `op` is a fixed-point layer whose weights and bias are constants; if
/// it is one of others, `reason` says so.
bool isConstantFixedLayer(Operation *op, std::string &reason);

/// What is known of a layer's sums at compile time.
struct SumCertificate {
  /// Bits that hold every sum and what follows it.
  int boundBits = 0;
  /// Of each output channel: the exponent e_c that sums are relative to, left
  /// and right shift of the sum, what is added between them, and the exponent
  /// of a float result's unit.
  std::vector<int> exponent, left, right, unit;
  std::vector<::shift::int128> add;
  /// The largest rounding error of a bias.
  double biasError = 0;
};

/// Certifies the sums of a constant fixed-point layer, with the widths of the
/// certificate that its op carries, if any (checkCertificate). Fails, with a
/// `reason`, where a channel needs more than 128 bits.
FailureOr<SumCertificate> certifySums(const FixedLayer &layer,
                                      std::string &reason);

/// Says in `info` what a step for `layer` does: its products, accumulators of
/// `width` bits, the errors of its constants, and as the reason `how`.
void describeSums(StepInfo &info, const FixedLayer &layer,
                  const SumCertificate &certificate, int width,
                  const Twine &how);

/// The narrowest of 32, 64 and 128 bits for sums of so many.
int sumWidth(int bits);

/// The constants behind a layer's epilogue, each of `width` bits a channel: the
/// addends, then all left shifts where there are some, then all right shifts
/// where there are some; and what scales float32 results, to be added to the
/// bits of a float64.
struct EpilogueTables {
  EpilogueTables(const FixedLayer &layer, const SumCertificate &certificate,
                 int width);

  /// Appends the tables' buffers to a step's arguments.
  void addTo(SmallVectorImpl<Value> &args, Lowering &lowering) const;
  /// What the code depends on.
  std::string key() const;

  int width;
  bool hasLeft = false, hasRight = false, isFloat = false;
  std::vector<char> words;
  std::vector<int64_t> scales;
};

/// Emits the epilogue of a kernel. `buffers` start with those that addTo made.
class Epilogue {
public:
  Epilogue(const FixedLayer &layer, const EpilogueTables &tables,
           ArrayRef<Value> buffers)
      : layer(layer), tables(tables), words(buffers[0]),
        scales(tables.isFloat ? buffers[1] : Value()),
        other(layer.added ? buffers[1] : Value()) {}

  /// Gives the buffers the names that printed code shows.
  void nameBuffers(KernelBuilder &kb) const;

  /// Sums (a vector, `width` bits an element) of one output channel to stored
  /// elements of the result.
  Val emit(KernelBuilder &kb, Val sums, Val channel) const;

  bool computesAdd() const { return layer.added.has_value(); }
  /// What the layer's add makes of `own`, elements that `emit` gave, at element
  /// `at` of the result.
  Val emitAdd(KernelBuilder &kb, Val own, Val at) const;

  /// Asks early for what `store` will read of the added tensor, for `channels`
  /// channels from number `channel` of the batch on and the block of positions
  /// from `first` on: a row of each channel is too short for the hardware to
  /// foresee the next.
  void prefetch(KernelBuilder &kb, Val batch, Val channel, Val channels,
                Val first) const;

private:
  const FixedLayer &layer;
  const EpilogueTables &tables;
  Value words, scales, other;
};

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_FIXEDLAYER_H
