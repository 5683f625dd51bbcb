//===- ElementBytes.h - The data of elements attributes ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Large tensors are resource blobs, small ones dense attributes; whoever reads
// or makes one need not know which.
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_COMMON_ELEMENTBYTES_H
#define DIALECTS_COMMON_ELEMENTBYTES_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

#include <vector>

namespace mlir::shift {

/// The bytes of a dense or resource attribute, a splat written out; empty if
/// the attribute's data is not present (an elided or missing resource) or has
/// another size.
std::vector<uint8_t> getRawBytes(ElementsAttr attr);

/// An elements attribute over `bytes`: a resource blob when it is larger than a
/// few elements, so that printing and hashing stay cheap.
ElementsAttr getBlobAttr(RankedTensorType type, ArrayRef<char> bytes,
                         StringRef name);

} // namespace mlir::shift

#endif // DIALECTS_COMMON_ELEMENTBYTES_H
