//===- ShiftDialect.td - The shift dialect and base classes *- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_IR_SHIFTDIALECT_TD
#define DIALECTS_SHIFT_IR_SHIFTDIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Shift_Dialect : Dialect {
  let name = "shift";
  let cppNamespace = "::mlir::shift";
  let summary = "Networks whose weights are signed powers of two";
  let description = [{
    Weights are sums of at most three signed powers of two (`!shift.pow2`),
    kept as packed codes. Activations are float32 or fixed point; a fixed-point
    tensor has an upstream element type `!quant.uniform<i16<-512:511>:f32, s>`
    whose scale s is an exact power of two, 2^-f, and whose zero point is 0. The
    stored integer q stands for q * 2^-f; its storage range is the saturation
    range. All sums are exact.

    Pseudo-code of the ops works on stored integers, which are unbounded unless
    it says otherwise; f_x is the fraction of tensor x, and `saturate` and
    `fixed` use the format of the result:

    ```
    saturate(v)      = v < qmin ? qmin : v > qmax ? qmax : v
    fixed(x)         = x is NaN ? 0 : saturate(half_even(x * 2^f))
    rescale(v, r)    = r > 0 ? (v + 2^(r-1)) >> r : v << -r
    clamp(v, lo, hi) = v < lo ? lo : v > hi ? hi : v
    passes(v, lo, hi) = qmin <= v * 2^f <= qmax and lo < v < hi
    ```

    `half_even` rounds to the nearest integer, ties to the even one; `>>` rounds
    to minus infinity, so that `rescale` rounds half up; products with powers of
    two are exact. What an absent bias or bound would do is skipped. `passes` is
    of real numbers: where the derivative of rounding, saturating and clamping v
    is taken to be 1 (straight-through); elsewhere it is 0.
  }];
  let dependentDialects = ["::mlir::quant::QuantDialect"];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
    void registerTypes();
  }];
}

#endif // DIALECTS_SHIFT_IR_SHIFTDIALECT_TD
