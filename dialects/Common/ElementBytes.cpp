//===- ElementBytes.cpp - The data of elements attributes -----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/Common/ElementBytes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

std::vector<uint8_t> mlir::shift::getRawBytes(ElementsAttr attr) {
  ShapedType type = attr.getShapedType();
  int64_t bytes = type.getNumElements() *
                  llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  ArrayRef<char> raw;
  if (auto dense = dyn_cast<DenseElementsAttr>(attr)) {
    raw = dense.getRawData();
  } else if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      raw = blob->getData();
  }
  std::vector<uint8_t> result(raw.begin(), raw.end());
  // A splat keeps one element.
  if (isa<SplatElementsAttr>(attr) && !raw.empty())
    while (int64_t(result.size()) < bytes)
      result.insert(result.end(), raw.begin(), raw.end());
  if (int64_t(result.size()) != bytes)
    result.clear();
  return result;
}

ElementsAttr mlir::shift::getBlobAttr(RankedTensorType type,
                                      ArrayRef<char> bytes, StringRef name) {
  constexpr size_t inlineLimit = 64;
  if (bytes.size() <= inlineLimit)
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  return DenseResourceElementsAttr::get(
      type, name, HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, 64));
}
