//===- ONNXDialect.td - The onnx dialect and base classes --*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
// The float operations that models arrive in, one op per ONNX operator.
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_ONNX_IR_ONNXDIALECT_TD
#define DIALECTS_ONNX_IR_ONNXDIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def ONNX_Dialect : Dialect {
  let name = "onnx";
  let cppNamespace = "::mlir::onnx";
  let summary = "ONNX operators on tensors of static shape";
  let description = [{
    One op per ONNX operator, with ONNX's names, in the form of the newest
    operator set. Tensors are operands. What a static compiler must know
    (shapes, axes, pads, sizes, scales, the bounds of Clip) is an attribute
    named like ONNX's attribute or input, whichever form the model used.
    `auto_pad` is resolved to explicit `pads` and every shape is static, so
    that each op's result type follows from its operands and attributes.

    Formulas are float32 with each step rounded by itself, unless they say fma,
    which rounds once, or float64. Broadcasting follows NumPy.
  }];
  let hasConstantMaterializer = 1;
}

def ONNX_Tensor : StaticShapeTensorOf<[AnyType]>;

/// `params` are the op's operands and attributes. Every op also carries the
/// name of the ONNX node it came from, which messages and name patterns use.
class ONNX_Op<string mnemonic, dag params, list<Trait> traits = []>
    : Op<ONNX_Dialect, mnemonic, !listconcat([Pure], traits)> {
  let arguments = !con(params, (ins OptionalAttr<StrAttr>:$node_name));
  let results = (outs ONNX_Tensor:$result);
  let assemblyFormat =
      "operands attr-dict `:` functional-type(operands, results)";
}

/// An op whose result type follows from its operands and attributes; the same
/// function serves the builders, the importer and the verifier.
class ONNX_InferredOp<string mnemonic, dag params, list<Trait> traits = []>
    : ONNX_Op<mnemonic, params, !listconcat([InferTypeOpAdaptor], traits)>;

#endif // DIALECTS_ONNX_IR_ONNXDIALECT_TD
