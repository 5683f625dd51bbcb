//===- FixedKernel.h - Fixed-point layers on GPUs ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOGPU_FIXEDKERNEL_H
#define LIB_CONVERSION_SHIFTTOGPU_FIXEDKERNEL_H

#include "lib/Conversion/Kernels/FixedLayer.h"
#include "lib/Conversion/ShiftToGPU/ConvGemm.h"

namespace mlir::shift::cuda {

/// What the kernels of all three know of a layer.
struct FixedGemm {
  const FixedLayer &fixed;
  const GemmTiling &tiling;
  const EpilogueTables &tables;
  /// Bits of a sum.
  int width;

  /// Bytes of an activation.
  int planes() const { return fixed.inputFormat().storageBits / 8; }
};

/// The tile of `strategy` for a layer.
GemmTiling chooseFixedTiling(const FixedLayer &fixed, StringRef strategy);

/// The end of each sum.
class FixedKernel : public ConvGemm {
public:
  /// `buffers`: the input, the weights' ones, then the epilogue's and the
  /// result.
  FixedKernel(KernelBuilder &kb, const FixedGemm &gemm, ArrayRef<Value> buffers,
              size_t weightBuffers)
      : ConvGemm(kb, gemm.fixed.layer, gemm.tiling, buffers[0]), gemm(gemm),
        weights(buffers.slice(1, weightBuffers)),
        epilogue(gemm.fixed, gemm.tables,
                 buffers.drop_front(1 + weightBuffers)),
        out(buffers.back()) {}

protected:
  SmallVector<Val> emitStart() override {
    return SmallVector<Val>(tiling.threadRows * tiling.threadColumns,
                            kb.constant(kb.i(gemm.width), 0));
  }

  void finish(ArrayRef<Val> sums) override {
    forEachOutput([&](Val row, Val position, int64_t sum) {
      storeResult(sums[sum], row, position);
    });
  }

  virtual void storeResult(Val sum, Val row, Val position) {
    Val value = epilogue.emit(kb, sum, emitChannel(row));
    Val at = emitTarget(row, position);
    if (epilogue.computesAdd())
      value = epilogue.emitAdd(kb, value, at);
    kb.store(value, out, at);
  }

  const FixedGemm &gemm;
  ArrayRef<Value> weights;
  Epilogue epilogue;
  Value out;
};

} // namespace mlir::shift::cuda

#endif // LIB_CONVERSION_SHIFTTOGPU_FIXEDKERNEL_H
