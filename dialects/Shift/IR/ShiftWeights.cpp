//===- ShiftWeights.cpp - Reading and making shift.weight -----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftWeights.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::shift;

std::string RoundingError::show() const {
  std::string ratio = sqnr ? llvm::formatv("{0:f1} dB", *sqnr).str() : "exact";
  return llvm::formatv("{0}, {1} saturated, {2} underflowed", ratio, saturated,
                       underflowed)
      .str();
}

static constexpr StringLiteral roundingAttr = "shift.rounding";

void mlir::shift::setRoundingError(WeightOp op, const RoundingError &error) {
  Builder b(op.getContext());
  NamedAttrList attrs;
  if (error.sqnr)
    attrs.set("sqnr_db", b.getF64FloatAttr(*error.sqnr));
  attrs.set("saturated", b.getI64IntegerAttr(error.saturated));
  attrs.set("underflowed", b.getI64IntegerAttr(error.underflowed));
  op->setAttr(roundingAttr, attrs.getDictionary(b.getContext()));
}

std::optional<RoundingError> mlir::shift::getRoundingError(WeightOp op) {
  auto attrs = op->getAttrOfType<DictionaryAttr>(roundingAttr);
  if (!attrs)
    return std::nullopt;
  RoundingError error;
  if (auto sqnr = attrs.getAs<FloatAttr>("sqnr_db"))
    error.sqnr = sqnr.getValueAsDouble();
  if (auto count = attrs.getAs<IntegerAttr>("saturated"))
    error.saturated = count.getInt();
  if (auto count = attrs.getAs<IntegerAttr>("underflowed"))
    error.underflowed = count.getInt();
  return error;
}

::shift::Codebook mlir::shift::getCodebook(WeightOp op) {
  auto type = cast<Pow2Type>(getElementTypeOrSelf(op.getType()));
  ::shift::Codebook codebook;
  codebook.terms = type.getTerms();
  for (auto [sign, exponent] :
       llvm::zip_equal(op.getSigns(), op.getExponents()))
    codebook.entries.push_back({sign, exponent});
  if (std::optional<ArrayRef<int8_t>> tops = op.getWindowTops()) {
    codebook.windowTops.assign(tops->begin(), tops->end());
    codebook.perChannel = cast<ShapedType>(op.getType()).getNumElements() /
                          std::max<int64_t>(tops->size(), 1);
  }
  return codebook;
}

std::vector<::shift::Term> mlir::shift::getTerms(WeightOp op) {
  ::shift::Codebook codebook = getCodebook(op);
  std::vector<uint8_t> codes = getRawBytes(op.getCodes());
  int64_t count = cast<ShapedType>(op.getType()).getNumElements();
  std::vector<::shift::Term> terms(count * codebook.terms);
  ::shift::unpackTerms(codebook, codes.data(), op.getBits(), 0, count,
                       terms.data());
  return terms;
}

std::vector<float> mlir::shift::getValues(WeightOp op) {
  std::vector<uint8_t> codes = getRawBytes(op.getCodes());
  int64_t count = cast<ShapedType>(op.getType()).getNumElements();
  std::vector<float> values(count);
  ::shift::unpackValues(getCodebook(op), codes.data(), op.getBits(), 0, count,
                        values.data());
  return values;
}

WeightOp mlir::shift::createWeight(OpBuilder &builder, Location loc,
                                   ArrayRef<int64_t> shape, Pow2Type element,
                                   ArrayRef<::shift::Term> terms,
                                   ArrayRef<int8_t> windowTops,
                                   StringAttr name) {
  auto type = RankedTensorType::get(shape, element);
  ::shift::ExponentRange range{int(element.getLo()), int(element.getHi())};
  ::shift::PackedWeights packed = ::shift::packWeights(
      terms.data(), type.getNumElements(), element.getTerms(), range,
      {int(element.getWindow()), windowTops.vec()});
  SmallVector<int8_t> signs, exponents;
  for (::shift::Term term : packed.codebook.entries) {
    signs.push_back(term.sign);
    exponents.push_back(term.exponent);
  }
  auto codesType = RankedTensorType::get({int64_t(packed.codes.size())},
                                         builder.getI8Type());
  ArrayRef<char> bytes(reinterpret_cast<const char *>(packed.codes.data()),
                       packed.codes.size());
  ElementsAttr codes =
      getBlobAttr(codesType, bytes, name ? name.getValue() : "weight");
  return WeightOp::create(
      builder, loc, type, codes, builder.getI64IntegerAttr(packed.bits),
      builder.getDenseI8ArrayAttr(signs),
      builder.getDenseI8ArrayAttr(exponents),
      windowTops.empty() ? DenseI8ArrayAttr()
                         : builder.getDenseI8ArrayAttr(windowTops),
      name);
}
