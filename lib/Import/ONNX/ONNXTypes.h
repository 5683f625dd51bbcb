//===- ONNXTypes.h - ONNX's types and tensors to attributes -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_IMPORT_ONNX_ONNXTYPES_H
#define LIB_IMPORT_ONNX_ONNXTYPES_H

#include "Protobuf.h"

#include "llvm/Support/Error.h"

namespace shift::import {

/// Text of untrusted names for messages: unprintable characters escaped,
/// shortened where long.
std::string printable(llvm::StringRef text);

/// "FLOAT", "INT64", ..., or the number of an unknown type.
std::string dataTypeName(int32_t dataType);

/// The element type that a TensorProto data type is computed in: half, bfloat16
/// and double become float32; signed integers are signless.
llvm::Expected<mlir::Type> elementType(int32_t dataType,
                                       mlir::MLIRContext *context);

/// A tensor type, or an error where a dimension is negative or the tensor too
/// large to address (2^31 a dimension, 2^36 elements).
llvm::Expected<mlir::RankedTensorType> tensorType(llvm::ArrayRef<int64_t> shape,
                                                  mlir::Type element);

/// The elements of `tensor`, whatever its encoding. The data of large float
/// tensors moves out of `tensor` without a copy. `folder` is where external
/// data may lie.
llvm::Expected<mlir::ElementsAttr> tensorAttribute(proto::TensorProto &tensor,
                                                   llvm::StringRef folder,
                                                   mlir::MLIRContext *context);

/// The bytes of an external tensor in a file inside `folder`, `expected` of
/// them.
llvm::Expected<std::string> readExternalData(const proto::TensorProto &tensor,
                                             llvm::StringRef folder,
                                             uint64_t expected);

} // namespace shift::import

#endif // LIB_IMPORT_ONNX_ONNXTYPES_H
