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
        out(buffers.back()) {
    kb.named(buffers[0], "input");
    kb.named(out, "output");
    epilogue.nameBuffers(kb);
  }

protected:
  /// `sum`: of one output, or of `tiling.lanes` neighbouring positions.
  void storeResult(Val sum, Val row, Val position) {
    Val value = epilogue.emit(kb, sum, emitChannel(row));
    Val at = kb.named(emitTarget(row, position), "at");
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
