//===- AppendDecode.cpp - Boxes as outputs of a detector ------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXPorts.h"
#include "dialects/Shift/Transforms/Passes.h"
#include "mlir/IR/Verifier.h"
#include "shift/Detection/Detector.h"
#include "shift/Detection/ImageInput.h"

namespace mlir::shift {
#define GEN_PASS_DEF_APPENDDECODEPASS
#include "dialects/Shift/Transforms/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;
namespace detection = ::shift::detection;

namespace {
constexpr StringLiteral resultNames[] = {"detection_boxes", "detection_scores",
                                         "detection_labels", "detection_count"};

struct AppendDecodePass
    : mlir::shift::impl::AppendDecodePassBase<AppendDecodePass> {
  using Base::Base;

  void runOnOperation() override {
    auto text = getOperation()->getAttrOfType<StringAttr>("shift.detector");
    main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!text || !main || main.isExternal())
      return;
    std::string error = detection::parseDetector(text.str(), description);
    if (!error.empty()) {
      main.emitError(error);
      return signalPassFailure();
    }
    if (failed(findInput()) || failed(findHeads()) || failed(append(text)))
      signalPassFailure();
  }

private:
  /// The size of the image that is the only input.
  LogicalResult findInput() {
    auto type = main.getNumArguments() == 1
                    ? dyn_cast<RankedTensorType>(main.getArgumentTypes()[0])
                    : RankedTensorType();
    if (!type)
      return main.emitError("expected an image as the only input of a detector "
                            "whose outputs are to be decoded, got ")
             << main.getNumArguments() << " inputs";
    auto json = getOperation()->getAttrOfType<StringAttr>("shift.image_input");
    std::string error = detection::readImageInput(json ? json.str() : "",
                                                  type.getShape().vec(), input);
    if (!error.empty())
      return main.emitError("input '")
             << onnx::getInputName(main, 0) << "': " << error;
    return success();
  }

  /// The results that the detector reads.
  LogicalResult findHeads() {
    names.clear();
    heads.clear();
    Operation *terminator = main.getBody().front().getTerminator();
    for (auto [i, value] : llvm::enumerate(terminator->getOperands())) {
      std::string name = onnx::getOutputName(main, i);
      if (llvm::is_contained(resultNames, StringRef(name)))
        return main.emitError("expected outputs of other names than those of "
                              "decoded detections, got '")
               << name << "'";
      if (llvm::none_of(description.outputs, [&](const auto &role) {
            return llvm::is_contained(role.second, name);
          }))
        continue;
      auto type = dyn_cast<RankedTensorType>(value.getType());
      if (!type || !type.getElementType().isF32())
        return main.emitError("expected float32 of output '")
               << name << "', which the detector reads, got "
               << value.getType();
      names.push_back(name);
      heads.push_back(value);
    }
    return success();
  }

  LogicalResult append(StringAttr text) {
    Operation *terminator = main.getBody().front().getTerminator();
    OpBuilder b(terminator);
    SmallVector<StringRef> views(names.begin(), names.end());
    int64_t images =
        cast<RankedTensorType>(main.getArgumentTypes()[0]).getDimSize(0);
    auto decode = DecodeOp::create(
        b, main.getLoc(),
        DecodeOp::makeResultTypes(b, images, description.maxDetections), heads,
        text, b.getStrArrayAttr(views), b.getI64IntegerAttr(input.height),
        b.getI64IntegerAttr(input.width), b.getStringAttr("decode"));
    if (failed(verify(decode)))
      return failure();
    terminator->insertOperands(terminator->getNumOperands(),
                               decode.getResults());
    for (auto [name, result] :
         llvm::zip_equal(resultNames, decode.getResults())) {
      NamedAttribute attr(b.getStringAttr(onnx::portNameAttr),
                          b.getStringAttr(name));
      if (failed(main.insertResult(main.getNumResults(), result.getType(),
                                   b.getDictionaryAttr(attr))))
        return main.emitError("expected a function whose results can change");
    }
    return success();
  }

  func::FuncOp main;
  detection::DetectorDescription description;
  detection::ImageInput input;
  std::vector<std::string> names;
  SmallVector<Value> heads;
};
} // namespace
