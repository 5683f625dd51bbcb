//===- ShiftAttributes.td - Attributes of the shift dialect *- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_IR_SHIFTATTRIBUTES_TD
#define DIALECTS_SHIFT_IR_SHIFTATTRIBUTES_TD

include "dialects/Shift/IR/ShiftDialect.td"
include "mlir/IR/AttrTypeBase.td"

def Shift_CertificateAttr : AttrDef<Shift_Dialect, "Certificate"> {
  let mnemonic = "certificate";
  let summary = "How large the sums of a fixed-point layer can become";
  let description = [{
    The overflow certificate of a `shift.conv2d` or `shift.linear` with
    fixed-point input and constant weights and bias, kept as its attribute
    `shift.certificate`. `certify-accumulators` makes it. It follows from the op
    and says nothing new: what uses it first makes sure that it is that of the
    op.

    With Q the largest magnitude of the input's q, e and r the exponent and the
    shift of an output channel (see `shift.conv2d`), the magnitude of a tap is
    `m = sum over its terms of 2^(p - e)`, and

    ```
    sum   = Q * (sum over the channel's taps of m)
    bound = r > 0:  sum + |rounded bias| + 2^(r-1)
            else:   sum * 2^-r + |rounded bias|     (r = 0 for a float result)
    ```

    `sum_bits` and `bound_bits` are the widths of the smallest two's complement
    integers that hold every number from -sum to sum and from -bound to bound,
    over all channels. No sum of a part of the products leaves `sum_bits`.

    For partial sums, the taps of a channel, in stored order, are cut into
    chunks of `chunk` taps, the last of which may be smaller. For channel c and
    chunk k, `fits16` and `fits32` at [c, k] say how many products of the chunk
    may be summed in 16 or 32 bits, whichever they are and in whatever order:

    ```
    the largest n such that Q * (the n largest m of the chunk) <= 2^(bits-1) - 1
    ```

    Constraints:
    * (certificate_c1) 1 <= sum_bits <= bound_bits <= 128
    * (certificate_c2) 1 <= chunk <= 255
    * (certificate_c3) fits16 and fits32 are tensors of ui8 of rank 2 and of one
      shape
    * (certificate_c4) fits16 <= fits32 <= chunk everywhere
    * (certificate_c5) the op is a conv2d or linear with fixed-point input
    * (certificate_c6) chunk is that of the op's taps a channel T,
      max(1, min(T, 64)), and fits16 has one row an output channel and
      ceil(T / chunk) columns

    Example: q of 8 bits (Q = 128) and one channel with weights 1, 2, -128 and
    256 (e = 0): sum = 128 * 387 = 49536 takes 17 bits; 128 * 256 > 32767, so
    not even one product is certain to fit 16 bits.

    ```
    #shift.certificate<sum_bits = 17, bound_bits = 17, chunk = 4,
      fits16 = dense<0> : tensor<1x1xui8>, fits32 = dense<4> : tensor<1x1xui8>>
    ```
  }];
  let parameters = (ins "int64_t":$sum_bits, "int64_t":$bound_bits,
                        "int64_t":$chunk, "DenseIntElementsAttr":$fits16,
                        "DenseIntElementsAttr":$fits32);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let genMnemonicAlias = 1;
  let extraClassDeclaration = [{
    /// The name of the op attribute.
    static constexpr llvm::StringLiteral attributeName = "shift.certificate";
  }];
}

#endif // DIALECTS_SHIFT_IR_SHIFTATTRIBUTES_TD
