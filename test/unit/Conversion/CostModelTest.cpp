//===- CostModelTest.cpp - Predictions and their fit ----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Conversion/ShiftToCPU/CostModel.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "shift/Support/FixedPoint.h"
#include "tools/shift-bench/CostFit.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace mlir;
using namespace mlir::shift;

namespace {

const char *const instructionSets[] = {"baseline", "avx2", "avx512",
                                       "avx512vnni"};

/// A 3x3 layer whose weights are +-2^-3..2^3, every `zeros`-th one 0.
struct TestLayer {
  int64_t inChannels = 64, outChannels = 64, height = 20, width = 30;
  int bits = 8;
  int64_t zeros = 0;
};

class CostModelTest : public ::testing::Test {
protected:
  CostModelTest() {
    context.loadDialect<ShiftDialect, func::FuncDialect, quant::QuantDialect>();
  }

  LayerChoices choicesOf(const TestLayer &layer) {
    OpBuilder b(&context);
    Location loc = b.getUnknownLoc();
    OwningOpRef<ModuleOp> module(ModuleOp::create(loc));
    b.setInsertionPointToEnd(module->getBody());
    ::shift::FixedPoint format;
    format.bits = format.storageBits = layer.bits;
    format.fraction = 4;
    Type element = getFixedPointType(&context, format);
    auto type = [&](int64_t channels) {
      return RankedTensorType::get({1, channels, layer.height, layer.width},
                                   element);
    };
    auto main = func::FuncOp::create(
        b, loc, "main",
        b.getFunctionType(type(layer.inChannels), type(layer.outChannels)));
    b.setInsertionPointToStart(main.addEntryBlock());
    std::vector<::shift::Term> terms(layer.outChannels * layer.inChannels * 9);
    for (size_t i = 0; i < terms.size(); ++i) {
      terms[i].sign = i % 3 ? 1 : -1;
      terms[i].exponent = int(i % 7) - 3;
      if (layer.zeros && i % layer.zeros == 0)
        terms[i].sign = 0;
    }
    auto weights = createWeight(
        b, loc, {layer.outChannels, layer.inChannels, 3, 3},
        Pow2Type::get(&context, -10, 5, 1, 0), terms, {}, b.getStringAttr("w"));
    auto ones = b.getDenseI64ArrayAttr({1, 1});
    auto conv = Conv2DOp::create(
        b, loc, type(layer.outChannels), /*inside=*/Type(), main.getArgument(0),
        weights, Value(), ones, b.getI64IntegerAttr(1),
        b.getDenseI64ArrayAttr({1, 1, 1, 1}), ones, FloatAttr(), FloatAttr(),
        b.getStringAttr("conv"));
    return listChoices(conv);
  }

  double predict(const TestLayer &layer, StringRef strategy, StringRef isa) {
    for (const LayerCandidate &candidate : choicesOf(layer).candidates)
      if (candidate.strategy == strategy)
        return predictSeconds(candidate, isa);
    ADD_FAILURE() << "no candidate " << strategy.str();
    return 0;
  }

  MLIRContext context;
};

TEST_F(CostModelTest, AllStrategiesArePredictedOnAllInstructionSets) {
  for (int bits : {8, 16}) {
    TestLayer layer;
    layer.bits = bits;
    LayerChoices choices = choicesOf(layer);
    EXPECT_EQ(choices.candidates.size(), bits == 8 ? 3u : 2u);
    for (const LayerCandidate &candidate : choices.candidates)
      for (const char *isa : instructionSets) {
        double seconds = predictSeconds(candidate, isa);
        EXPECT_TRUE(std::isfinite(seconds) && seconds > 0)
            << candidate.strategy.str() << " on " << isa;
      }
  }
}

TEST_F(CostModelTest, LargerLayersCostMore) {
  TestLayer layer;
  for (const char *isa : instructionSets)
    for (const char *strategy : {"dot8", "dot16", "shift"}) {
      double base = predict(layer, strategy, isa);
      for (int64_t TestLayer::*size :
           {&TestLayer::inChannels, &TestLayer::outChannels, &TestLayer::height,
            &TestLayer::width}) {
        TestLayer larger = layer;
        larger.*size *= 2;
        double more = predict(larger, strategy, isa);
        EXPECT_GT(more, 1.3 * base) << strategy << " on " << isa;
        EXPECT_LT(more, 2.7 * base) << strategy << " on " << isa;
      }
    }
}

TEST_F(CostModelTest, OnlyShiftGainsByZeroWeights) {
  TestLayer dense, sparse;
  sparse.zeros = 2;
  EXPECT_LT(predict(sparse, "shift", "avx2"),
            0.8 * predict(dense, "shift", "avx2"));
  EXPECT_EQ(predict(sparse, "dot8", "avx2"), predict(dense, "dot8", "avx2"));
}

TEST_F(CostModelTest, WiderInstructionSetsAreFaster) {
  TestLayer layer;
  for (const char *strategy : {"dot8", "dot16", "shift"})
    for (int i = 0; i + 1 < 4; ++i)
      EXPECT_GE(predict(layer, strategy, instructionSets[i]),
                predict(layer, strategy, instructionSets[i + 1]))
          << strategy << " on " << instructionSets[i];
}

TEST_F(CostModelTest, LargeLayersAreFastestAsDotProductsOfTheNarrowestKind) {
  TestLayer layer;
  layer.inChannels = layer.outChannels = 256;
  layer.height = 100;
  layer.width = 152;
  for (const char *isa : {"avx2", "avx512vnni"}) {
    double dot8 = predict(layer, "dot8", isa);
    EXPECT_LT(dot8, predict(layer, "dot16", isa)) << isa;
    EXPECT_LT(dot8, predict(layer, "shift", isa)) << isa;
  }
  layer.bits = 16;
  EXPECT_LT(predict(layer, "dot16", "avx2"), predict(layer, "shift", "avx2"));
}

TEST(CostFitTest, FindsTheCostsThatMadeTheTimes) {
  const WorkCounts costs{0.01, 4, 0, 0.2, 0.05, 0, 150, 900};
  std::vector<::shift::bench::CostSample> samples;
  for (int i = 1; i <= 40; ++i) {
    WorkCounts work{
        1e5 * i * i, 300.0 * (i % 7), 0, 1e4 * (i % 5), 1e3 * (i % 11),
        0,           double(i),       1};
    double nanoseconds = 0;
    for (size_t k = 0; k < workKinds; ++k)
      nanoseconds += costs[k] * work[k];
    samples.push_back({work, nanoseconds * 1e-9});
  }
  WorkCounts fitted = ::shift::bench::fitCosts(samples);
  for (size_t k = 0; k < workKinds; ++k)
    EXPECT_NEAR(fitted[k], costs[k], 0.02 * costs[k]) << "kind " << k;
}

TEST(CostFitTest, NoCostIsNegative) {
  // The second kind seems to save time.
  std::vector<::shift::bench::CostSample> samples;
  for (int i = 1; i <= 10; ++i)
    samples.push_back({{100.0 * i, 10.0 * i}, (100.0 * i - 20 * i) * 1e-9});
  for (double cost : ::shift::bench::fitCosts(samples))
    EXPECT_GE(cost, 0);
}

} // namespace
