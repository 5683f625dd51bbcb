//===- ModelDescriptionsTest.cpp - Which modules become detectors ---------===//
// SPDX-License-Identifier: Apache-2.0
// Modules are @main with the wanted ports: what computes them does not matter.
//===----------------------------------------------------------------------===//
#include "shift/Import/ModelDescriptions.h"
#include "shift/Import/ONNXImporter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace shift::import;

namespace {

class ModelDescriptionsTest : public testing::Test {
protected:
  ModelDescriptionsTest() { context.loadDialect<func::FuncDialect>(); }

  /// A module with these inputs and outputs, "name 1x3x64x64" each.
  OwningOpRef<ModuleOp> makeModule(ArrayRef<StringRef> inputs,
                                   ArrayRef<StringRef> outputs) {
    std::string text;
    llvm::raw_string_ostream os(text);
    auto port = [&](StringRef words) {
      auto [name, shape] = words.split(' ');
      os << " tensor<" << shape << "xf32> {onnx.name = \"" << name << "\"}";
    };
    os << "func.func private @main(";
    llvm::interleaveComma(inputs, os, port);
    os << ") -> (";
    llvm::interleaveComma(outputs, os, port);
    os << ")";
    return parseSourceString<ModuleOp>(text, &context);
  }

  /// The module's detector after describeModel, or "error: ...".
  std::string describe(ModuleOp module, const ModelDescriptions &given = {}) {
    if (llvm::Error error = describeModel(module, given))
      return "error: " + llvm::toString(std::move(error));
    auto text = module->getAttrOfType<StringAttr>(detectorAttr);
    return text ? text.str() : "";
  }

  MLIRContext context;
  std::vector<StringRef> heads = {"cls8 1x2x8x8",  "box8 1x4x8x8",
                                  "ctr8 1x1x8x8",  "cls16 1x2x4x4",
                                  "box16 1x4x4x4", "ctr16 1x1x4x4"};
};

TEST_F(ModelDescriptionsTest, FcosIsRecognised) {
  auto module = makeModule({"image 1x3x64x64"}, heads);
  std::string detector = describe(*module);
  EXPECT_NE(detector.find("\"strides\":[8,16]"), std::string::npos) << detector;
  EXPECT_NE(detector.find("\"cls\":[\"cls8\",\"cls16\"]"), std::string::npos);
  EXPECT_NE(detector.find("class1"), std::string::npos);
  EXPECT_EQ(detector.find("class2"), std::string::npos);
}

TEST_F(ModelDescriptionsTest, ChannelsMayComeLast) {
  auto module = makeModule({"image 1x64x64x3"}, heads);
  EXPECT_NE(describe(*module).find("\"strides\":[8,16]"), std::string::npos);
}

TEST_F(ModelDescriptionsTest, OtherModelsAreNoDetectors) {
  // Two inputs that may be the image; a level without centerness; no levels.
  EXPECT_EQ(describe(*makeModule({"a 1x3x64x64", "b 1x3x64x64"}, heads)), "");
  heads.pop_back();
  EXPECT_EQ(describe(*makeModule({"image 1x3x64x64"}, heads)), "");
  EXPECT_EQ(describe(*makeModule({"image 1x3x64x64"}, {"y 1x10"})), "");
}

TEST_F(ModelDescriptionsTest, WhatIsGivenWins) {
  ModelDescriptions given;
  given.detectorJson = R"({"kind":"fcos","classes":["a","b"],"strides":[8,16],)"
                       R"("outputs":{"cls":["cls8","cls16"],)"
                       R"("box":["box8","box16"],)"
                       R"("centerness":["ctr8","ctr16"]}})";
  auto module = makeModule({"image 1x3x64x64"}, heads);
  EXPECT_EQ(describe(*module, given), given.detectorJson);
  // It stays when nothing new is said.
  EXPECT_EQ(describe(*module), given.detectorJson);
}

TEST_F(ModelDescriptionsTest, WhatDoesNotFitIsNamed) {
  ModelDescriptions given;
  given.isFcos = true;
  EXPECT_EQ(
      describe(*makeModule({"image 1x3x64x64"}, {"y 1x10"}), given),
      "error: expected the outputs of an FCOS, three maps a level "
      "(classes, 4 box distances, 1 centerness), got y [1x10]; name the "
      "raw heads with --outputs, or describe the detector in a JSON file");
  given.isFcos = false;
  given.detectorJson = R"({"kind":"one-stage","classes":["a"],"box":"corners",)"
                       R"("outputs":{"cls":["scores"],"box":["y"]}})";
  EXPECT_EQ(describe(*makeModule({"image 1x3x64x64"}, {"y 1x4x8x8"}), given),
            "error: the detector reads an output 'scores' (cls), the model has "
            "y [1x4x8x8]");
}

TEST(ONNXImporterTest, MissingFilesGiveOneDiagnostic) {
  MLIRContext context;
  std::vector<std::string> messages;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    messages.push_back(diagnostic.str());
  });
  EXPECT_FALSE(importONNXModel("no/such.onnx", {}, context));
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_NE(messages[0].find("No such file"), std::string::npos) << messages[0];
}

} // namespace
