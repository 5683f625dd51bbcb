//===- CertificateBordersTest.cpp - Sums at the ends of their integers ----===//
// SPDX-License-Identifier: Apache-2.0
// Weights and biases are chosen so that the worst case of a layer is the
// largest number of 16, 32 or 64 bits, or one more. The certificate tells the
// two apart, and compiled code of every strategy gives the interpreter's bits
// on the activations that reach the worst case.
//===----------------------------------------------------------------------===//
#include "CompareEngines.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftCertificate.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::shift;
using ::shift::FixedPoint;
using ::shift::Term;
using ::shift::test::Fill;

namespace {
/// A linear layer of one output with float32 result.
struct Border {
  FixedPoint input;
  /// Exponents of its weights.
  std::vector<int> exponents;
  float bias = 0;
};

/// Exponents 0 to `count` - 1: they sum up to 2^count - 1.
std::vector<int> exponentsBelow(int count) {
  std::vector<int> exponents(count);
  for (int i = 0; i < count; ++i)
    exponents[i] = i;
  return exponents;
}

/// `exponents` and one weight 1 more.
std::vector<int> oneMore(std::vector<int> exponents) {
  exponents.push_back(0);
  return exponents;
}

FixedPoint format(int bits, bool isSigned) {
  FixedPoint format;
  format.bits = bits;
  format.storageBits = bits <= 8 ? 8 : 16;
  format.isSigned = isSigned;
  format.fraction = 0;
  return format;
}

/// @main is two rows of `border`; `sign` is that of all weights.
OwningOpRef<ModuleOp> makeModule(MLIRContext &context, const Border &border,
                                 int sign) {
  OpBuilder b(&context);
  Location loc = b.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  b.setInsertionPointToEnd(module->getBody());
  int64_t taps = border.exponents.size();
  Type input = RankedTensorType::get({2, taps},
                                     getFixedPointType(&context, border.input));
  Type result = RankedTensorType::get({2, 1}, b.getF32Type());
  auto main = func::FuncOp::create(b, loc, "main",
                                   b.getFunctionType({input}, {result}));
  b.setInsertionPointToStart(main.addEntryBlock());
  std::vector<Term> terms;
  for (int exponent : border.exponents)
    terms.push_back({int8_t(sign), int8_t(exponent)});
  WeightOp weights =
      createWeight(b, loc, {1, taps}, Pow2Type::get(&context, 0, 70, 1, 0),
                   terms, {}, b.getStringAttr("w"));
  auto biasType = RankedTensorType::get({1}, b.getF32Type());
  Value bias = onnx::ConstantOp::create(
      b, loc, biasType, DenseElementsAttr::get(biasType, sign * border.bias),
      StringAttr(), StringAttr());
  auto linear =
      LinearOp::create(b, loc, result, /*inside=*/Type(), main.getArgument(0),
                       weights, bias, FloatAttr(), FloatAttr(), StringAttr());
  func::ReturnOp::create(b, loc, linear.getResult());
  EXPECT_TRUE(succeeded(module->verify()));
  return module;
}

class CertificateBordersTest : public testing::Test {
protected:
  CertificateAttr certify(const Border &border) {
    OwningOpRef<ModuleOp> module = makeModule(*context, border, 1);
    CertificateAttr certificate;
    module->walk([&](LinearOp op) {
      std::string reason;
      int64_t channel = 0;
      FailureOr<CertificateAttr> made =
          ConstantLayer::get(op, reason)->certify(context.get(), channel);
      ASSERT_TRUE(succeeded(made)) << reason;
      certificate = *made;
    });
    return certificate;
  }

  std::unique_ptr<MLIRContext> context = ::shift::test::createContext();
};

/// Every strategy that takes the layer, at both ends of the activations.
void expectEqualEverywhere(const Border &border) {
  for (const char *strategy : {"shift", "dot8", "dot16"})
    for (int sign : {1, -1})
      for (Fill fill : {Fill::Highest, Fill::Lowest, Fill::Random}) {
        SCOPED_TRACE(strategy);
        auto context = ::shift::test::createContext();
        OwningOpRef<ModuleOp> module = makeModule(*context, border, sign);
        ::shift::cpu::CPUOptions options = ::shift::test::machineOptions();
        options.strategies = {std::string("*=") + strategy};
        ::shift::test::expectEqualEngines(*module, 5, options, fill);
      }
}
} // namespace

// q is 0 or 1, so that the worst case is the sum of the weights.
TEST_F(CertificateBordersTest, WeightsAloneReachTheBorder) {
  for (int bits : {16, 32, 64}) {
    SCOPED_TRACE(bits);
    Border fits{format(1, false), exponentsBelow(bits - 1), 0};
    EXPECT_EQ(certify(fits).getBoundBits(), bits);
    Border tooLarge{fits.input, oneMore(fits.exponents), 0};
    EXPECT_EQ(certify(tooLarge).getBoundBits(), bits + 1);
    expectEqualEverywhere(fits);
    expectEqualEverywhere(tooLarge);
  }
}

TEST_F(CertificateBordersTest, ProductsThatFitReachTheBorder) {
  for (int bits : {16, 32}) {
    SCOPED_TRACE(bits);
    Border fits{format(1, false), exponentsBelow(bits - 1), 0};
    CertificateAttr certificate = certify(fits);
    int64_t taps = fits.exponents.size();
    auto fitting = [&](CertificateAttr of) {
      return int64_t(*(bits == 16 ? of.getFits16() : of.getFits32())
                          .getValues<uint8_t>()
                          .begin());
    };
    EXPECT_EQ(fitting(certificate), taps);
    // The two smallest weights are 1 now: all but one of them fit.
    EXPECT_EQ(fitting(certify({fits.input, oneMore(fits.exponents), 0})), taps);
  }
}

// 128 * (2^k - 1) + 127 = 2^(k+7) - 1; the largest -q is 128.
TEST_F(CertificateBordersTest, BiasReachesTheBorderOfSignedActivations) {
  for (int bits : {16, 32, 64}) {
    SCOPED_TRACE(bits);
    Border fits{format(8, true), exponentsBelow(bits - 8), 127};
    EXPECT_EQ(certify(fits).getBoundBits(), bits);
    Border tooLarge = fits;
    tooLarge.bias = 128;
    EXPECT_EQ(certify(tooLarge).getBoundBits(), bits + 1);
    EXPECT_EQ(certify(tooLarge).getSumBits(), bits);
    expectEqualEverywhere(fits);
    expectEqualEverywhere(tooLarge);
  }
}

// 7 * 4681 = 2^15 - 1, and 4681 = 73 * 64 + 9: weights of at most 64, as the
// strategy dot8 takes them. 7 * 4682 is beyond 16 bits.
TEST_F(CertificateBordersTest, ManySmallWeightsReachTheBorderOf16Bits) {
  std::vector<int> exponents(73, 6);
  exponents.insert(exponents.end(), {3, 0});
  Border fits{format(3, false), exponents, 0};
  EXPECT_EQ(certify(fits).getSumBits(), 16);
  Border tooLarge{fits.input, oneMore(exponents), 0};
  EXPECT_EQ(certify(tooLarge).getSumBits(), 17);
  expectEqualEverywhere(fits);
  expectEqualEverywhere(tooLarge);
}

// 16-bit activations: 2^15 * (2^16 - 1) + 2^15 - 1 = 2^31 - 1.
TEST_F(CertificateBordersTest, SixteenBitActivationsReachTheBorderOf32Bits) {
  Border fits{format(16, true), exponentsBelow(16), 32767};
  EXPECT_EQ(certify(fits).getBoundBits(), 32);
  Border tooLarge = fits;
  tooLarge.bias = 32768;
  EXPECT_EQ(certify(tooLarge).getBoundBits(), 33);
  expectEqualEverywhere(fits);
  expectEqualEverywhere(tooLarge);
}

/// The reason that a compiled layer of strategy dot16 gives.
static std::string explainDot16(MLIRContext &context, const Border &border) {
  OwningOpRef<ModuleOp> module = makeModule(context, border, 1);
  ::shift::cpu::CPUOptions options = ::shift::test::machineOptions();
  options.strategies = {"*=dot16"};
  ::shift::cpu::LayerReports reports;
  EXPECT_TRUE(
      succeeded(::shift::cpu::compileInProcess(*module, options, &reports)));
  return reports.empty() ? "" : reports.front().reason;
}

// The kernel sums chunks of 520 taps in 32 bits. The first one's weights are
// 511 * 128 + 127 = 2^16 - 1, so that 2^15 times their sum just fits; the sum
// of both chunks does not.
TEST_F(CertificateBordersTest, ChunksReachTheBorderOf32Bits) {
  std::vector<int> exponents(511, 7);
  exponents.insert(exponents.end(), {6, 5, 4, 3, 1, 1, 0, 0, 0});
  ASSERT_EQ(exponents.size(), 520u);
  exponents.resize(1020, 7);
  exponents.resize(1036, 0);
  Border fits{format(16, true), exponents, 0};
  EXPECT_NE(explainDot16(*context, fits).find("1 plane, widened after 520"),
            std::string::npos)
      << explainDot16(*context, fits);
  Border tooLarge = fits;
  tooLarge.exponents[519] = 1;
  EXPECT_NE(explainDot16(*context, tooLarge).find("1 plane, widened after 260"),
            std::string::npos)
      << explainDot16(*context, tooLarge);
  expectEqualEverywhere(fits);
  expectEqualEverywhere(tooLarge);
}
