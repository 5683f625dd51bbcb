//===- Types.cpp - Types, literals and conversions of C++ -----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/KernelEmitter.h"

using namespace mlir;
using namespace shift::cuda;

Type shift::cuda::elementOf(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? vector.getElementType() : type;
}

unsigned shift::cuda::bitsOf(Type type) {
  return isa<IndexType>(type) ? 32 : type.getIntOrFloatBitWidth();
}

bool shift::cuda::isPacked(VectorType type) {
  return type.getElementType().isInteger(8) ||
         type.getElementType().isInteger(16);
}

static std::string vectorType(VectorType type) {
  Type element = type.getElementType();
  int64_t count = type.getNumElements();
  if (type.getRank() != 1 || type.isScalable() || !element.isIntOrFloat() ||
      element.isInteger(1))
    return "";
  if (count == 1)
    return cppType(element);
  int64_t bytes = count * element.getIntOrFloatBitWidth() / 8;
  if (element.isF64())
    return count == 2 ? "double2" : "";
  if (element.isInteger(64))
    return count == 2 ? "longlong2" : "";
  if (element.isF32())
    return bytes == 8 ? "float2" : bytes == 16 ? "float4" : "";
  if (!isPacked(type) && !element.isInteger(32))
    return "";
  switch (bytes) {
  case 2:
    return "int16_t";
  case 4:
    return "int";
  case 8:
    return "int2";
  case 16:
    return "int4";
  default:
    return "";
  }
}

std::string shift::cuda::cppType(Type type) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vectorType(vector);
  if (auto matrix = dyn_cast<gpu::MMAMatrixType>(type))
    return matrix.getOperand() == "COp" && matrix.getElementType().isInteger(32)
               ? "wmma::fragment<wmma::accumulator, 16, 16, 16, int>"
               : "";
  if (type.isIndex())
    return "int";
  if (type.isF32())
    return "float";
  if (type.isF64())
    return "double";
  if (!type.isSignlessInteger())
    return "";
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return "bool";
  case 8:
    return "int8_t";
  case 16:
    return "int16_t";
  case 32:
    return "int";
  case 64:
    return "int64_t";
  case 128:
    return "__int128";
  default:
    return "";
  }
}

std::string shift::cuda::declareArray(MemRefType type, StringRef name) {
  std::string text = cppType(type.getElementType()) + " " + name.str();
  for (int64_t size : type.getShape())
    text += "[" + std::to_string(size) + "]";
  return text;
}

std::string shift::cuda::declarePointer(MemRefType type, bool isConst,
                                        StringRef qualifier, StringRef name) {
  std::string element =
      (isConst ? "const " : "") + cppType(type.getElementType());
  if (type.getRank() == 1)
    return element + " *" + qualifier.str() + name.str();
  std::string text = element + " (*" + qualifier.str() + name.str() + ")";
  for (int64_t size : type.getShape().drop_front())
    text += "[" + std::to_string(size) + "]";
  return text;
}

//===----------------------------------------------------------------------===//
// Literals
//===----------------------------------------------------------------------===//

Expression shift::cuda::makeInteger(const APInt &value, Type type) {
  Expression result;
  result.isAtom = true;
  result.literal = value;
  unsigned bits = bitsOf(type);
  SmallString<40> digits;
  value.toString(digits, 10, /*Signed=*/true);
  if (type.isInteger(1)) {
    result.text = value.isZero() ? "false" : "true";
  } else if (bits > 64 && !value.isSignedIntN(64)) {
    uint64_t high = value.lshr(64).trunc(64).getZExtValue();
    uint64_t low = value.trunc(64).getZExtValue();
    result.text = "(__int128(" + std::to_string(int64_t(high)) + "L) << 64 | " +
                  std::to_string(low) + "UL)";
  } else if (bits > 64) {
    result.text = ("__int128(" + digits + "L)").str();
  } else if (value.isMinSignedValue() && bits >= 32) {
    result.text = bits == 32 ? "INT32_MIN" : "INT64_MIN";
  } else {
    result.text = std::string(digits) + (bits == 64 ? "L" : "");
    if (value.isNegative())
      result.precedence = Precedence::Unary;
  }
  return result;
}

Expression shift::cuda::makeInteger(int64_t value) {
  Expression result = makeName(std::to_string(value));
  result.literal = APInt(64, value, /*isSigned=*/true);
  if (value < 0)
    result.precedence = Precedence::Unary;
  return result;
}

Expression shift::cuda::makeFloat(const APFloat &value) {
  Expression result;
  result.isAtom = true;
  bool isDouble = &value.getSemantics() == &APFloat::IEEEdouble();
  APInt bits = value.bitcastToAPInt();
  if (!value.isFinite()) {
    SmallString<20> digits;
    bits.toStringUnsigned(digits, 16);
    result.text =
        ((isDouble ? "__longlong_as_double(0x" : "__int_as_float(0x") +
         StringRef(digits).lower() + ")");
    return result;
  }
  // The fewest digits that give the same number again.
  SmallString<40> digits;
  for (unsigned precision = 1; precision <= 17; ++precision) {
    digits.clear();
    value.toString(digits, precision, /*FormatMaxPadding=*/7,
                   /*TruncateZero=*/true);
    if (APFloat(value.getSemantics(), digits).bitwiseIsEqual(value))
      break;
  }
  if (!StringRef(digits).contains('.') && !StringRef(digits).contains('E'))
    digits += ".0";
  result.text = StringRef(digits).lower() + (isDouble ? "" : "f");
  if (value.isNegative())
    result.precedence = Precedence::Unary;
  return result;
}

//===----------------------------------------------------------------------===//
// Signed and unsigned
//===----------------------------------------------------------------------===//

static std::string unsignedType(unsigned bits) {
  switch (bits) {
  case 8:
    return "uint8_t";
  case 16:
    return "uint16_t";
  case 64:
    return "uint64_t";
  case 128:
    return "unsigned __int128";
  default:
    return "unsigned";
  }
}

/// `expression` converted to a type.
static Expression convertTo(const Expression &expression, StringRef type) {
  if (!type.contains(' '))
    return makeCall(type, expression);
  Expression result = makeUnary(("(" + type + ")").str(), expression);
  return result;
}

Expression KernelEmitter::asSigned(const Expression &expression, Type type) {
  if (!expression.isUnsigned)
    return expression;
  return makeCall(cppType(type), expression);
}

Expression KernelEmitter::asUnsigned(const Expression &expression, Type type) {
  if (expression.isUnsigned)
    return expression;
  unsigned bits = bitsOf(elementOf(type));
  if (expression.literal && bits == 32 && expression.literal->isNonNegative()) {
    Expression result = expression;
    result.text += "u";
    result.literal.reset();
    return result;
  }
  Expression result = convertTo(expression, unsignedType(bits));
  result.isUnsigned = bits >= 32;
  return result;
}
