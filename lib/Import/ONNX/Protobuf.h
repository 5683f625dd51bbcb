//===- Protobuf.h - ONNX's messages under one name --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// ONNX's C++ namespace and our dialect's are both called onnx.
//===----------------------------------------------------------------------===//
#ifndef LIB_IMPORT_ONNX_PROTOBUF_H
#define LIB_IMPORT_ONNX_PROTOBUF_H

#include "dialects/ONNX/IR/ONNXOps.h"

#include <onnx/onnx_pb.h>

namespace shift::import {
namespace proto = ::onnx;
namespace dialect = ::mlir::onnx;
} // namespace shift::import

#endif // LIB_IMPORT_ONNX_PROTOBUF_H
