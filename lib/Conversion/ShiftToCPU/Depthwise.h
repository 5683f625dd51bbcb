//===- Depthwise.h - Loop nest of the depthwise kernels ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Convolutions whose groups have one input channel. A work item is a band of
// output rows of one group: its input is copied once, with its padding
// (Plane.h), and read from there by all taps. Where rows are short the band is
// computed as one long row with a few columns in between that nobody needs.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOCPU_DEPTHWISE_H
#define LIB_CONVERSION_SHIFTTOCPU_DEPTHWISE_H

#include "lib/Conversion/Kernels/ConvLayer.h"
#include "lib/Conversion/ShiftToCPU/Plane.h"

namespace mlir::shift::cpu {
using namespace kernels;

/// How a depthwise layer is cut up.
struct DepthwiseShape {
  ConvLayer layer;
  Type resultType;
  PlaneSpec plane;
  /// Outputs of a tile, and elements of the plane from one to the next.
  int64_t lanes = 32, step = 1;
  /// Whether the rows of a band are computed as one.
  bool isFlat = false;
  int64_t bandRows = 1, bands = 1;
  /// Scratch that the family needs besides.
  int64_t extraBytes = 0;

  /// Chooses the rest; `layer`, `resultType`, the plane's types, phases and
  /// negation, `lanes` and `step` are set.
  void choose();

  int64_t taps() const { return layer.panel.taps; }
  int64_t outHeight() const {
    return layer.panel.positions / layer.panel.outWidth;
  }
  int64_t extent() const { return layer.batch * layer.groups * bands; }
  int64_t scratchBytes() const { return extraAt() + extraBytes; }
  /// Where results wait and where the family's scratch starts, in bytes.
  int64_t resultsAt() const;
  int64_t extraAt() const;
  /// Elements that wait.
  int64_t resultCount() const;
  /// The element of the plane that tap (ky, kx) reads for the first output.
  int64_t tapPlace(int64_t ky, int64_t kx) const;
  std::string key() const;
};

/// Whether `op`, a convolution with these weights, has one input channel a
/// group and is otherwise such as these kernels compute; `terms` a weight.
bool isDepthwise(const ConvLayer &layer, ArrayRef<int64_t> pads, int64_t terms);

/// Emits the kernel of one layer; the families emit tiles.
class DepthwiseKernel {
public:
  DepthwiseKernel(KernelBuilder &kb, const DepthwiseShape &shape, Value input,
                  Value out, Value scratch);
  virtual ~DepthwiseKernel() = default;

  void run(Val begin, Val end);

protected:
  /// What all tiles of an output channel share.
  virtual void prepare(Val channel) = 0;
  /// The results of `lanes` outputs, the first of which reads element `at` of
  /// the plane with its first tap.
  virtual Val emitTile(Val at) = 0;

  KernelBuilder &kb;
  const DepthwiseShape &shape;
  Value plane;

private:
  void computeBand(Val target, Val firstRow);
  void storeRun(Val values, Val target, Val offset, Val column, Val end);

  Value input, out, results;
};

} // namespace mlir::shift::cpu

#endif // LIB_CONVERSION_SHIFTTOCPU_DEPTHWISE_H
