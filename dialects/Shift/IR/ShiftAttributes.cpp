//===- ShiftAttributes.cpp - The overflow certificate ---------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftCertificate.h"
#include "dialects/Shift/IR/ShiftVerify.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::shift;

#define GET_ATTRDEF_CLASSES
#include "dialects/Shift/IR/ShiftAttributes.cpp.inc"

void ShiftDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Shift/IR/ShiftAttributes.cpp.inc"
      >();
}

LogicalResult
CertificateAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                        int64_t sumBits, int64_t boundBits, int64_t chunk,
                        DenseIntElementsAttr fits16,
                        DenseIntElementsAttr fits32) {
  if (sumBits < 1 || boundBits < sumBits || boundBits > 128) // certificate_c1
    return emitError() << "expected 1 <= sum_bits <= bound_bits <= 128, got "
                       << sumBits << " and " << boundBits;
  if (chunk < 1 || chunk > 255) // certificate_c2
    return emitError() << "expected a chunk of 1 to 255 taps, got " << chunk;
  ShapedType type = fits16.getType();
  if (type != fits32.getType() || type.getRank() != 2 ||
      !type.getElementType().isUnsignedInteger(8)) // certificate_c3
    return emitError() << "expected fits16 and fits32 of one type "
                          "tensor<channels x chunks x ui8>, got "
                       << type << " and " << fits32.getType();
  for (auto [at16, at32] : llvm::zip_equal(fits16.getValues<uint8_t>(),
                                           fits32.getValues<uint8_t>()))
    if (at16 > at32 || at32 > chunk) // certificate_c4
      return emitError() << "expected fits16 <= fits32 <= chunk, got "
                         << unsigned(at16) << ", " << unsigned(at32) << " and "
                         << chunk;
  return success();
}

LogicalResult ShiftDialect::verifyOperationAttribute(Operation *op,
                                                     NamedAttribute attr) {
  if (attr.getName() != CertificateAttr::attributeName)
    return success();
  auto certificate = dyn_cast<CertificateAttr>(attr.getValue());
  bool isLayer =
      isa<Conv2DOp, LinearOp>(op) && getFixedPoint(op->getOperand(0).getType());
  if (!certificate || !isLayer) // certificate_c5
    return op->emitOpError("expected the attribute ")
           << attr.getName()
           << " to be a #shift.certificate of a conv2d or linear with "
              "fixed-point input";
  ArrayRef<int64_t> weights = shapeOf(op->getOperand(1));
  int64_t taps = ShapedType::getNumElements(weights.drop_front());
  int64_t chunk = getCertificateChunk(taps);
  SmallVector<int64_t> expected{weights[0],
                                int64_t(llvm::divideCeil(taps, chunk))};
  ArrayRef<int64_t> shape = certificate.getFits16().getType().getShape();
  if (certificate.getChunk() != chunk ||
      shape != ArrayRef<int64_t>(expected)) // certificate_c6
    return op->emitOpError("expected a certificate of chunks of ")
           << chunk << " taps and of shape " << expected[0] << "x"
           << expected[1] << " for " << weights[0] << " channels of " << taps
           << " taps, got chunks of " << certificate.getChunk() << " and shape "
           << shape[0] << "x" << shape[1];
  return success();
}
