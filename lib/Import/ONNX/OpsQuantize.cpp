//===- OpsQuantize.cpp - Import of QuantizeLinear, DequantizeLinear -------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "OpRegistry.h"

using mlir::Value;

namespace shift::import {

static llvm::SmallVector<Value> operands(NodeImporter &n) {
  llvm::SmallVector<Value> values{n.input(0), n.input(1)};
  if (n.has(2))
    values.push_back(n.input(2));
  return values;
}

static void checkScale(NodeImporter &n) {
  if (n.intAttr("block_size", 0) != 0)
    n.fail("blocked quantization is not supported; quantize per tensor or per "
           "axis");
  if (!elementOf(n.input(1)).isF32())
    n.fail("expected a float scale");
}

static bool isQuantized(mlir::Type type, std::initializer_list<int> widths) {
  return llvm::any_of(widths, [&](int width) { return type.isInteger(width); });
}

static void importQuantizeLinear(NodeImporter &n) {
  checkScale(n);
  mlir::Type element = n.builder.getIntegerType(8, /*isSigned=*/false);
  int64_t type = n.opset >= 21 ? n.intAttr("output_dtype", 0) : 0;
  if (n.has(2)) {
    element = elementOf(n.input(2));
  } else if (type != 0) {
    auto given = elementType(static_cast<int32_t>(type & 0xffff),
                             n.builder.getContext());
    if (!given) {
      n.fail("attribute 'output_dtype': " + llvm::toString(given.takeError()));
      return;
    }
    element = *given;
  }
  if (!isQuantized(element, {8, 16}))
    n.fail("expected a result of 8 or 16 bits");
  Value x = n.input(0);
  n.result(n.make<dialect::QuantizeLinearOp>(
      operands(n), {n.integer("axis", n.intAttr("axis", 1))}, shapeOf(x),
      element));
}

static void importDequantizeLinear(NodeImporter &n) {
  checkScale(n);
  Value x = n.input(0);
  if (!isQuantized(elementOf(x), {8, 16, 32}) ||
      (n.has(2) && elementOf(n.input(2)) != elementOf(x)))
    n.fail("expected x of 8, 16 or 32 bits and a zero point of its type");
  n.result(n.make<dialect::DequantizeLinearOp>(
      operands(n), {n.integer("axis", n.intAttr("axis", 1))}, shapeOf(x),
      n.builder.getF32Type()));
}

llvm::ArrayRef<OpEntry> quantizeOps() {
  static const OpEntry table[] = {
      {"DequantizeLinear", 10, 27, 2, 3, 0, Folding::Never,
       importDequantizeLinear, "per tensor or per axis, 8 to 32 bits"},
      {"QuantizeLinear", 10, 27, 2, 3, 2, Folding::Never, importQuantizeLinear,
       "per tensor or per axis, 8 or 16 bits"},
  };
  return table;
}

} // namespace shift::import
