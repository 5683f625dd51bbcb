//===- ShiftTypes.cpp - Power-of-two and fixed-point types ----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::shift;

/// `-10:5, terms = 2, window = 7`, without spaces in the range as users write
/// it. Terms and window stand only where they are not the default; either may
/// stand without the other, which optional groups cannot say.
static ParseResult parsePow2(AsmParser &parser, int64_t &lo, int64_t &hi,
                             int64_t &terms, int64_t &window) {
  terms = 1;
  window = 0;
  if (parser.parseInteger(lo) || parser.parseColon() || parser.parseInteger(hi))
    return failure();
  if (failed(parser.parseOptionalComma()))
    return success();
  bool hasTerms = succeeded(parser.parseOptionalKeyword("terms"));
  if (hasTerms && (parser.parseEqual() || parser.parseInteger(terms)))
    return failure();
  if (hasTerms && failed(parser.parseOptionalComma()))
    return success();
  return failure(parser.parseKeyword("window") || parser.parseEqual() ||
                 parser.parseInteger(window));
}

static void printPow2(AsmPrinter &printer, int64_t lo, int64_t hi,
                      int64_t terms, int64_t window) {
  printer << lo << ":" << hi;
  if (terms != 1)
    printer << ", terms = " << terms;
  if (window != 0)
    printer << ", window = " << window;
}

#define GET_TYPEDEF_CLASSES
#include "dialects/Shift/IR/ShiftTypes.cpp.inc"

void ShiftDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Shift/IR/ShiftTypes.cpp.inc"
      >();
}

LogicalResult Pow2Type::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t lo, int64_t hi, int64_t terms,
                               int64_t window) {
  if (lo < -126 || hi > 127 || lo > hi) // pow2_c1
    return emitError() << "expected a range lo:hi with -126 <= lo <= hi <= 127,"
                          " got "
                       << lo << ":" << hi;
  if (terms < 1 || terms > 3) // pow2_c2
    return emitError() << "expected 1 to 3 terms, got " << terms;
  if (window < 0 || window > ::shift::maxWindow) // pow2_c3
    return emitError() << "expected a window of 0 to 128, got " << window;
  return success();
}

std::optional<::shift::FixedPoint> mlir::shift::getFixedPoint(Type type) {
  auto quantized =
      dyn_cast<quant::UniformQuantizedType>(getElementTypeOrSelf(type));
  if (!quantized || quantized.getZeroPoint() != 0 ||
      !quantized.getExpressedType().isF32())
    return std::nullopt;
  int exponent;
  if (std::frexp(quantized.getScale(), &exponent) != 0.5)
    return std::nullopt;
  ::shift::FixedPoint format;
  format.fraction = 1 - exponent;
  format.storageBits = quantized.getStorageTypeIntegralWidth();
  format.isSigned = quantized.isSigned();
  int64_t max = quantized.getStorageTypeMax();
  format.bits = llvm::Log2_64_Ceil(uint64_t(max) + 1) + format.isSigned;
  // Unsigned values are 8 bits wide at most.
  bool hasStorage = format.storageBits == 8 ||
                    (format.isSigned &&
                     (format.storageBits == 16 || format.storageBits == 32));
  if (!hasStorage || format.fraction < -32 || format.fraction > 31 ||
      quantized.getStorageTypeMin() != format.qMin() || max != format.qMax())
    return std::nullopt;
  return format;
}

quant::UniformQuantizedType
mlir::shift::getFixedPointType(MLIRContext *context,
                               ::shift::FixedPoint format) {
  return quant::UniformQuantizedType::get(
      format.isSigned ? quant::QuantizationFlags::Signed : 0,
      IntegerType::get(context, format.storageBits), Float32Type::get(context),
      std::ldexp(1.0, -format.fraction), /*zeroPoint=*/0, format.qMin(),
      format.qMax());
}
