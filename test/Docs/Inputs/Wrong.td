//===- Wrong.td - Ops whose descriptions check-examples.py refuses --------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
include "mlir/IR/OpBase.td"

def Wrong_Dialect : Dialect {
  let name = "wrong";
}

def Wrong_WithoutOp : Op<Wrong_Dialect, "without"> {
  let description = [{ Says nothing. }];
}

def Wrong_OtherOp : Op<Wrong_Dialect, "other"> {
  let description = [{
    ```mlir
    %y = onnx.Relu %x : (tensor<2xf32>) -> tensor<2xf32>
    ```
  }];
}

def Wrong_CountOp : Op<Wrong_Dialect, "count"> {
  let description = [{
    ```mlir
    %y = wrong.count %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    ```
  }];
}

def Wrong_DialectOp : Op<Wrong_Dialect, "dialect"> {
  let description = [{
    ```mlir
    %y = wrong.dialect %x : (tensor<2xf32>) -> tensor<2xf32>
    ```
  }];
}
