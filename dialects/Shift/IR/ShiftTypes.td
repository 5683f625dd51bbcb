//===- ShiftTypes.td - Types of the shift dialect ----------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_IR_SHIFTTYPES_TD
#define DIALECTS_SHIFT_IR_SHIFTTYPES_TD

include "dialects/Shift/IR/ShiftDialect.td"
include "mlir/IR/AttrTypeBase.td"

def Shift_Pow2Type : TypeDef<Shift_Dialect, "Pow2"> {
  let mnemonic = "pow2";
  let summary = "A sum of at most `terms` signed powers of two";
  let description = [{
    Values are 0 or sums of `terms` numbers s * 2^p with s in {-1, +1},
    lo <= p <= hi and strictly falling p. With `window = n` each output channel
    uses only the exponents t-n+1..t for one t of its own.

    Constraints:
    * (pow2_c1) -126 <= lo <= hi <= 127
    * (pow2_c2) 1 <= terms <= 3
    * (pow2_c3) 0 <= window <= 128, 0 meaning none

    Example: `tensor<64x3x7x7x!shift.pow2<-10:5>>`,
    `!shift.pow2<-10:5, terms = 2, window = 7>`
  }];
  let parameters = (ins "int64_t":$lo, "int64_t":$hi,
                        DefaultValuedParameter<"int64_t", "1">:$terms,
                        DefaultValuedParameter<"int64_t", "0">:$window);
  let assemblyFormat = [{
    `<` custom<Pow2>($lo, $hi, $terms, $window) `>`
  }];
  let genVerifyDecl = 1;
}

def Shift_IsFixedPoint : CPred<"::mlir::shift::getFixedPoint($_self)">;

/// An upstream quantized type with a power-of-two scale and zero point 0.
def Shift_FixedPoint
    : Type<Shift_IsFixedPoint,
           "fixed point (!quant.uniform with scale 2^-f, zero point 0)">;

def Shift_FixedTensor : StaticShapeTensorOf<[Shift_FixedPoint]>;
def Shift_FloatTensor : StaticShapeTensorOf<[F32]>;
def Shift_Int32Tensor : StaticShapeTensorOf<[I32]>;
def Shift_ActivationTensor : StaticShapeTensorOf<[F32, Shift_FixedPoint]>;
def Shift_WeightTensor : StaticShapeTensorOf<[Shift_Pow2Type]>;

#endif // DIALECTS_SHIFT_IR_SHIFTTYPES_TD
