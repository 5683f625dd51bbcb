//===- ONNXTypes.cpp - ONNX's types and tensors to attributes -------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "ONNXTypes.h"
#include "shift/Reference/Interpreter.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"

using llvm::createStringError;
using llvm::StringRef;
using llvm::Twine;
using shift::reference::DType;
using shift::reference::Tensor;

namespace shift::import {

std::string printable(StringRef text) {
  constexpr size_t limit = 200;
  std::string result;
  llvm::raw_string_ostream os(result);
  llvm::printEscapedString(text.take_front(limit), os);
  if (text.size() > limit)
    os << "...";
  return result;
}

std::string dataTypeName(int32_t dataType) {
  if (proto::TensorProto_DataType_IsValid(dataType))
    return proto::TensorProto_DataType_Name(
        static_cast<proto::TensorProto_DataType>(dataType));
  return std::to_string(dataType);
}

llvm::Expected<mlir::Type> elementType(int32_t dataType,
                                       mlir::MLIRContext *context) {
  mlir::Builder builder(context);
  switch (dataType) {
  case proto::TensorProto::FLOAT:
  case proto::TensorProto::FLOAT16:
  case proto::TensorProto::BFLOAT16:
  case proto::TensorProto::DOUBLE:
    return builder.getF32Type();
  case proto::TensorProto::BOOL:
    return builder.getI1Type();
  case proto::TensorProto::INT8:
    return builder.getIntegerType(8);
  case proto::TensorProto::INT16:
    return builder.getIntegerType(16);
  case proto::TensorProto::INT32:
    return builder.getIntegerType(32);
  case proto::TensorProto::INT64:
    return builder.getIntegerType(64);
  case proto::TensorProto::UINT8:
    return builder.getIntegerType(8, /*isSigned=*/false);
  case proto::TensorProto::UINT16:
    return builder.getIntegerType(16, /*isSigned=*/false);
  case proto::TensorProto::UINT32:
    return builder.getIntegerType(32, /*isSigned=*/false);
  case proto::TensorProto::UINT64:
    return builder.getIntegerType(64, /*isSigned=*/false);
  default:
    return createStringError("unsupported element type " +
                             dataTypeName(dataType) +
                             "; float, integer (8 to 64 bits) and bool "
                             "tensors are supported");
  }
}

llvm::Expected<mlir::RankedTensorType> tensorType(llvm::ArrayRef<int64_t> shape,
                                                  mlir::Type element) {
  constexpr int64_t maxDim = int64_t(1) << 31, maxCount = int64_t(1) << 36;
  constexpr size_t maxRank = 64;
  if (shape.size() > maxRank)
    return createStringError("expected at most " + Twine(maxRank) +
                             " dimensions, got " + Twine(shape.size()));
  int64_t count = 1;
  for (int64_t dim : shape) {
    if (dim < 0 || dim > maxDim)
      return createStringError("expected dimensions in [0, 2^31], got " +
                               Twine(dim));
    // Zeros must not hide an overflow: every other dimension counts.
    count *= std::max<int64_t>(dim, 1);
    if (count > maxCount)
      return createStringError("expected at most 2^36 elements, got more");
  }
  return mlir::RankedTensorType::get(shape, element);
}

/// Bytes of an element as stored in raw_data.
static int64_t storedBytes(int32_t dataType) {
  switch (dataType) {
  case proto::TensorProto::BOOL:
  case proto::TensorProto::INT8:
  case proto::TensorProto::UINT8:
    return 1;
  case proto::TensorProto::FLOAT16:
  case proto::TensorProto::BFLOAT16:
  case proto::TensorProto::INT16:
  case proto::TensorProto::UINT16:
    return 2;
  case proto::TensorProto::DOUBLE:
  case proto::TensorProto::INT64:
  case proto::TensorProto::UINT64:
    return 8;
  default:
    return 4;
  }
}

/// The value of the half or bfloat16 with these bits.
static float smallFloat(uint16_t bits, int32_t dataType) {
  const llvm::fltSemantics &semantics = dataType == proto::TensorProto::FLOAT16
                                            ? llvm::APFloat::IEEEhalf()
                                            : llvm::APFloat::BFloat();
  llvm::APFloat value(semantics, llvm::APInt(16, bits));
  bool losesInfo;
  value.convert(llvm::APFloat::IEEEsingle(), llvm::APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.convertToFloat();
}

/// Copies `count` elements of raw bytes, which callers have measured.
static Tensor fromRaw(StringRef raw, int32_t dataType, DType dtype,
                      reference::Shape shape) {
  Tensor tensor(dtype, std::move(shape));
  int64_t count = tensor.size();
  const char *bytes = raw.data();
  if (dataType == proto::TensorProto::FLOAT16 ||
      dataType == proto::TensorProto::BFLOAT16) {
    for (int64_t i = 0; i < count; ++i)
      tensor.data<float>()[i] =
          smallFloat(llvm::support::endian::read16le(bytes + 2 * i), dataType);
  } else if (dataType == proto::TensorProto::DOUBLE) {
    for (int64_t i = 0; i < count; ++i)
      tensor.data<float>()[i] = static_cast<float>(llvm::bit_cast<double>(
          llvm::support::endian::read64le(bytes + 8 * i)));
  } else if (dataType == proto::TensorProto::BOOL) {
    for (int64_t i = 0; i < count; ++i)
      tensor.bytes[i] = bytes[i] != 0;
  } else if (count) {
    std::memcpy(tensor.bytes.data(), bytes, tensor.bytes.size());
  }
  return tensor;
}

template <typename Field>
static llvm::Expected<Tensor> fromField(const Field &field, int32_t dataType,
                                        DType dtype, reference::Shape shape) {
  int64_t count = reference::product(shape);
  if (field.size() != count)
    return createStringError("expected " + Twine(count) + " elements, got " +
                             Twine(field.size()));
  Tensor tensor(dtype, std::move(shape));
  bool isSmall = dataType == proto::TensorProto::FLOAT16 ||
                 dataType == proto::TensorProto::BFLOAT16;
  reference::dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    T *data = tensor.data<T>();
    for (int64_t i = 0; i < count; ++i) {
      if (isSmall)
        data[i] = static_cast<T>(
            smallFloat(static_cast<uint16_t>(int64_t(field.Get(i))), dataType));
      else
        data[i] = static_cast<T>(field.Get(i));
    }
  });
  return tensor;
}

static llvm::Expected<Tensor> fromFields(const proto::TensorProto &tensor,
                                         DType dtype, reference::Shape shape) {
  int32_t type = tensor.data_type();
  switch (type) {
  case proto::TensorProto::FLOAT:
    return fromField(tensor.float_data(), type, dtype, std::move(shape));
  case proto::TensorProto::DOUBLE:
    return fromField(tensor.double_data(), type, dtype, std::move(shape));
  case proto::TensorProto::INT64:
    return fromField(tensor.int64_data(), type, dtype, std::move(shape));
  case proto::TensorProto::UINT32:
  case proto::TensorProto::UINT64:
    return fromField(tensor.uint64_data(), type, dtype, std::move(shape));
  default:
    return fromField(tensor.int32_data(), type, dtype, std::move(shape));
  }
}

/// A resource that owns `data`; no copy is made.
static mlir::ElementsAttr adopt(std::string data, mlir::RankedTensorType type,
                                StringRef name) {
  auto *owned = new std::string(std::move(data));
  // Heap memory of this size is aligned to at least 16 bytes.
  constexpr size_t alignment = 16;
  mlir::AsmResourceBlob blob(
      llvm::ArrayRef<char>(owned->data(), owned->size()), alignment,
      [owned](void *, size_t, size_t) { delete owned; },
      /*dataIsMutable=*/false);
  return mlir::DenseResourceElementsAttr::get(type, name, std::move(blob));
}

llvm::Expected<mlir::ElementsAttr> tensorAttribute(proto::TensorProto &tensor,
                                                   StringRef folder,
                                                   mlir::MLIRContext *context) {
  auto element = elementType(tensor.data_type(), context);
  if (!element)
    return element.takeError();
  reference::Shape shape(tensor.dims().begin(), tensor.dims().end());
  auto type = tensorType(shape, *element);
  if (!type)
    return type.takeError();
  if (tensor.has_segment())
    return createStringError("segmented tensors are not supported");
  uint64_t expected =
      (*type).getNumElements() * storedBytes(tensor.data_type());
  bool isExternal = tensor.data_location() == proto::TensorProto::EXTERNAL;
  if (isExternal) {
    auto bytes = readExternalData(tensor, folder, expected);
    if (!bytes)
      return bytes.takeError();
    tensor.set_raw_data(std::move(*bytes));
  }
  DType dtype = *reference::storageType(*element);
  std::string name = printable(tensor.name());
  if (name.empty())
    name = "constant";
  if (isExternal || tensor.has_raw_data()) {
    if (tensor.raw_data().size() != expected)
      return createStringError("expected " + Twine(expected) +
                               " bytes of data, got " +
                               Twine(tensor.raw_data().size()));
    constexpr uint64_t inlineLimit = 64;
    if (tensor.data_type() == proto::TensorProto::FLOAT &&
        expected > inlineLimit)
      return adopt(std::move(*tensor.mutable_raw_data()), *type, name);
    Tensor values =
        fromRaw(tensor.raw_data(), tensor.data_type(), dtype, std::move(shape));
    tensor.clear_raw_data();
    return reference::attributeOf(values, *type, name);
  }
  auto values = fromFields(tensor, dtype, std::move(shape));
  if (!values)
    return values.takeError();
  return reference::attributeOf(*values, *type, name);
}

} // namespace shift::import
