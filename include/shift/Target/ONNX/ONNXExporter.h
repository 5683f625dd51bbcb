//===- ONNXExporter.h - The onnx and shift dialects to ONNX -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_TARGET_ONNX_ONNXEXPORTER_H
#define SHIFT_TARGET_ONNX_ONNXEXPORTER_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace shift {

/// What becomes of fixed-point activations.
enum class ExportedActivations {
  /// The steps vanish: tensors are float32.
  Float,
  /// Each rounding is a QuantizeLinear and a DequantizeLinear with scale 2^-f.
  /// ONNX Runtime rounds the weights of such graphs to 8 bits unless its
  /// session
  /// option session.disable_quant_qdq is 1.
  QuantizeDequantize
};

/// Options of the exporter.
struct ONNXExportOptions {
  ExportedActivations activations = ExportedActivations::Float;
};

/// Writes @main of a module of onnx and shift ops as a plain ONNX model.
/// Weights of shift ops become float32 initializers, exact sums of powers of
/// two, once each. Names of nodes, initializers, inputs and outputs are kept;
/// the module's descriptions go to the model's metadata. The opset is 13, or
/// the first one that has all that the model uses.
///
/// Errors name the op and its node; nothing is written by then.
llvm::Error exportONNX(mlir::ModuleOp module, llvm::raw_ostream &os,
                       const ONNXExportOptions &options = {});

} // namespace shift

#endif // SHIFT_TARGET_ONNX_ONNXEXPORTER_H
