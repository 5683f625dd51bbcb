//===- ShiftDetectionOps.cpp - Verifiers of ops that detect ---------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftDetection.h"
#include "dialects/Shift/IR/ShiftVerify.h"

using namespace mlir;
using namespace mlir::shift;
namespace detection = ::shift::detection;

/// The heads' names and shapes, as descriptions know them.
static std::vector<detection::NamedShape> listHeads(DecodeOp op) {
  std::vector<detection::NamedShape> heads;
  for (auto [name, head] : llvm::zip_equal(
           op.getHeadNames().getAsValueRange<StringAttr>(), op.getHeads()))
    heads.push_back({name.str(), shapeOf(head).vec()});
  return heads;
}

FailureOr<DetectorHead> mlir::shift::readDetectorHead(DecodeOp op) {
  constexpr int64_t largest = 1 << 24;
  for (int64_t side : {op.getInputHeight(), op.getInputWidth()})
    if (side < 1 || side > largest) // decode_c5
      return op.emitOpError(
                 "expected an input of 1 to 2^24 pixels a side, got ")
             << side;
  DetectorHead head;
  head.inputHeight = int(op.getInputHeight());
  head.inputWidth = int(op.getInputWidth());
  std::string error =
      detection::parseDetector(op.getDetector().str(), head.description);
  if (!error.empty()) // decode_c1
    return op.emitOpError(error);
  if (op.getHeadNames().size() != op.getHeads().size()) // decode_c2
    return op.emitOpError("expected a name for each of ")
           << op.getHeads().size() << " heads, got "
           << op.getHeadNames().size();
  error =
      detection::findHeadLevels(head.description, listHeads(op),
                                head.inputHeight, head.inputWidth, head.levels);
  if (!error.empty()) // decode_c2
    return op.emitOpError(error);
  head.images = shapeOf(op.getHeads().front()).front();
  return head;
}

SmallVector<Type, 4> DecodeOp::makeResultTypes(Builder &b, int64_t images,
                                               int64_t maxDetections) {
  Type f32 = b.getF32Type(), i32 = b.getI32Type();
  return {RankedTensorType::get({images, maxDetections, 4}, f32),
          RankedTensorType::get({images, maxDetections}, f32),
          RankedTensorType::get({images, maxDetections}, i32),
          RankedTensorType::get({images}, i32)};
}

LogicalResult DecodeOp::verify() {
  FailureOr<DetectorHead> head = readDetectorHead(*this);
  if (failed(head)) // decode_c1, decode_c2, decode_c5
    return failure();
  for (Value other : getHeads())
    if (shapeOf(other).empty() || shapeOf(other)[0] != head->images)
      return emitOpError("expected heads of ") // decode_c3
             << head->images << " images, got " << other.getType();
  Builder b(getContext());
  SmallVector<Type, 4> expected =
      makeResultTypes(b, head->images, head->description.maxDetections);
  for (auto [result, type] : llvm::zip_equal(getResults(), expected))
    if (result.getType() != type) // decode_c4
      return emitOpError("expected a result of ")
             << type << ", got " << result.getType();
  return success();
}
