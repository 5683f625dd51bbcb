//===- ConvolutionSweep.cpp - Very many random convolutions ---------------===//
// SPDX-License-Identifier: Apache-2.0
// A case is a random convolution or linear layer, a strategy and an instruction
// set; it has three inputs (random, all lowest, all highest), each run by 1, 2,
// 3 and 7 threads and between guard pages, and must give the interpreter's
// bits. Compiling costs most, so a batch of layers with all their strategies is
// one module, in which several layers share a shape and thus kernels, and
// strategies that come to the same kernel share it.
//===----------------------------------------------------------------------===//
#include "CompareEngines.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "shift/Conversion/Kernels/Passes.h"
#include "shift/Support/ConvWindow.h"

#include <chrono>
#include <cstdio>
#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::shift;
using ::shift::ConvWindow;
using ::shift::FixedPoint;
using ::shift::PowerOfTwoOptions;
using ::shift::test::Fill;

namespace {

constexpr int shapesPerBatch = 10;
constexpr int layersPerShape = 6;
/// Each layer is compiled with all of them; "auto" is the cost model's choice.
constexpr StringLiteral strategies[] = {"auto", "shift", "dot16", "dot8"};

/// Layers, strategies and the instruction sets of this machine.
int64_t casesPerBatch() {
  return int64_t{shapesPerBatch} * layersPerShape * std::size(strategies) *
         ::shift::test::machineOptions().isas.size();
}

/// What the command line asks for.
struct SweepOptions {
  int64_t cases = 1920;
  int64_t seed = 1;
  /// Runs only the batch of this number.
  int64_t batch = -1;
} sweep;

/// All that the layers of one shape share.
struct LayerShape {
  SmallVector<int64_t> x, w, y, strides{1, 1}, dilations{1, 1},
      pads{0, 0, 0, 0};
  int64_t group = 1;
  bool isLinear = false;
  FixedPoint input, output;
  /// Whether the sum itself is the output, as float32.
  bool isFloatOutput = false;
  PowerOfTwoOptions options;
};

/// A module of independent layers.
class Batch {
public:
  explicit Batch(uint32_t seed) : random(seed), b(context.get()) {
    module = ModuleOp::create(loc);
    b.setInsertionPointToEnd(module->getBody());
    main = func::FuncOp::create(b, loc, "main", b.getFunctionType({}, {}));
    b.setInsertionPointToStart(main.addEntryBlock());
    for (int i = 0; i < shapesPerBatch; ++i) {
      LayerShape shape = pickShape();
      for (int k = 0; k < layersPerShape; ++k)
        addLayer(shape);
    }
    func::ReturnOp::create(b, loc, results);
    main.setFunctionType(b.getFunctionType(main.getBody().getArgumentTypes(),
                                           ValueRange(results).getTypes()));
  }

  ModuleOp getModule() const { return *module; }

private:
  int64_t pick(int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(random);
  }

  FixedPoint pickFormat() {
    static const int bitChoices[] = {8, 8, 10, 12, 16, 16, 5};
    FixedPoint format;
    format.bits = bitChoices[pick(0, 6)];
    format.storageBits = format.bits <= 8 ? 8 : 16;
    format.isSigned = format.storageBits != 8 || pick(0, 1);
    format.fraction = pick(-3, 12);
    return format;
  }

  PowerOfTwoOptions pickRange() {
    static const std::pair<int, int> ranges[] = {
        {-15, 0}, {0, 15}, {-10, 5}, {-10, 5}, {-24, 2}, {-3, -3}, {-7, 0}};
    PowerOfTwoOptions options;
    auto [lo, hi] = ranges[pick(0, 6)];
    options.range = {lo, hi};
    options.rounding =
        pick(0, 1) ? ::shift::Rounding::Nearest : ::shift::Rounding::Log;
    options.underflow =
        pick(0, 1) ? ::shift::Underflow::Zero : ::shift::Underflow::Raise;
    options.terms = pick(0, 1) ? 1 : pick(2, 3);
    options.window = pick(0, 1) ? 0 : pick(1, 8);
    return options;
  }

  LayerShape pickShape() {
    LayerShape shape;
    shape.input = pickFormat();
    shape.output = pickFormat();
    shape.isFloatOutput = pick(0, 2) == 0;
    shape.options = pickRange();
    shape.isLinear = pick(0, 7) == 0;
    if (shape.isLinear) {
      shape.w = {pick(1, 40), pick(1, 90)};
      shape.x = {pick(1, 9), shape.w[1]};
      shape.y = {shape.x[0], shape.w[0]};
      return shape;
    }
    bool isDepthwise = pick(0, 4) == 0;
    shape.group = isDepthwise ? pick(2, 35) : pick(0, 4) ? 1 : pick(2, 4);
    int64_t inputs = isDepthwise ? 1 : pick(1, 19);
    int64_t outputs = isDepthwise ? pick(1, 2) : pick(1, 19);
    shape.w = {outputs * shape.group, inputs, pick(1, 5), pick(1, 5)};
    if (pick(0, 2) == 0)
      shape.w[2] = shape.w[3] = pick(0, 1) ? 1 : 3;
    shape.x = {pick(0, 5) ? 1 : 2, inputs * shape.group, 0, 0};
    shape.y = {shape.x[0], shape.w[0], 0, 0};
    bool isPixel = pick(0, 9) == 0;
    for (int i = 0; i < 2; ++i) {
      shape.strides[i] = pick(0, 1) ? 1 : pick(1, 3);
      shape.dilations[i] = pick(0, 2) ? 1 : pick(1, 3);
      shape.pads[i] = pick(0, 2);
      shape.pads[i + 2] = pick(0, 1) ? shape.pads[i] : pick(0, 3);
      ConvWindow window{shape.w[2 + i], shape.strides[i], shape.dilations[i],
                        shape.pads[i], shape.pads[i + 2]};
      int64_t least = std::max<int64_t>(1, window.extent() - shape.pads[i] -
                                               shape.pads[i + 2]);
      shape.x[2 + i] = least + (isPixel ? 0 : pick(0, i ? 40 : 9));
      shape.y[2 + i] = ::shift::convOutputSize(shape.x[2 + i], window);
    }
    return shape;
  }

  /// Random weights, all of one size and sign, or such as bring sums to a
  /// border of the accumulators.
  std::vector<float> pickValues(const LayerShape &shape) {
    int64_t perChannel = 1;
    for (int64_t size : ArrayRef(shape.w).drop_front())
      perChannel *= size;
    std::vector<float> values(shape.w[0] * perChannel);
    const auto [lo, hi] = shape.options.range;
    std::normal_distribution<float> normal(0, std::ldexp(1.0f, hi - 1));
    int kind = pick(0, 4);
    for (int64_t c = 0; c < shape.w[0]; ++c) {
      float sign = pick(0, 1) ? 1.0f : -1.0f;
      int64_t border = pick(-1, 1) + (int64_t{1} << pick(3, 8));
      for (int64_t i = 0; i < perChannel; ++i) {
        float &value = values[c * perChannel + i];
        if (kind == 0) // one of each exponent, then up to two of the least
          value = i <= hi - lo              ? sign * std::ldexp(1.0f, hi - i)
                  : i < hi - lo + 1 + c % 3 ? sign * std::ldexp(1.0f, lo)
                                            : 0.0f;
        else if (kind == 1) // 2^n - 1, 2^n or 2^n + 1 equal weights
          value = i < border ? sign * std::ldexp(1.0f, hi) : 0.0f;
        else
          value = pick(0, 9) ? normal(random) : 0.0f;
      }
      if (pick(0, 9) == 0)
        std::fill_n(values.begin() + c * perChannel, perChannel, 0.0f);
    }
    return values;
  }

  Value makeWeights(const LayerShape &shape) {
    std::vector<float> values = pickValues(shape);
    const PowerOfTwoOptions &options = shape.options;
    ::shift::RoundedWeights rounded = ::shift::roundWeights(
        values.data(), shape.w[0], values.size() / shape.w[0], options, "w");
    auto element =
        Pow2Type::get(context.get(), options.range.lo, options.range.hi,
                      options.terms, options.window);
    return createWeight(b, loc, shape.w, element, rounded.terms,
                        rounded.windowTops, b.getStringAttr("w"));
  }

  Value makeBias(int64_t channels) {
    if (pick(0, 2) == 0)
      return Value();
    auto type = RankedTensorType::get({channels}, b.getF32Type());
    std::normal_distribution<float> normal(0, 3);
    std::vector<float> values(channels);
    for (float &value : values)
      value = normal(random);
    return onnx::ConstantOp::create(
        b, loc, type, DenseElementsAttr::get(type, ArrayRef<float>(values)),
        StringAttr(), StringAttr());
  }

  /// Adds it once for each strategy.
  void addLayer(const LayerShape &shape) {
    Type input = getFixedPointType(context.get(), shape.input);
    Type output = shape.isFloatOutput
                      ? Type(b.getF32Type())
                      : getFixedPointType(context.get(), shape.output);
    Value x =
        main.getBody().addArgument(RankedTensorType::get(shape.x, input), loc);
    Type result = RankedTensorType::get(shape.y, output);
    Value weights = makeWeights(shape), bias = makeBias(shape.w[0]);
    FloatAttr lower = pick(0, 1) ? b.getF32FloatAttr(0) : FloatAttr();
    FloatAttr upper = pick(0, 3) ? FloatAttr() : b.getF32FloatAttr(1.75f);
    Operation *layer;
    if (shape.isLinear)
      layer = LinearOp::create(b, loc, result, x, weights, bias, lower, upper,
                               StringAttr());
    else
      layer = Conv2DOp::create(
          b, loc, result, x, weights, bias,
          b.getDenseI64ArrayAttr(shape.dilations),
          b.getI64IntegerAttr(shape.group), b.getDenseI64ArrayAttr(shape.pads),
          b.getDenseI64ArrayAttr(shape.strides), lower, upper, StringAttr());
    results.push_back(layer->getResult(0));
    for (StringRef strategy : ArrayRef(strategies).drop_front()) {
      Operation *other = b.clone(*layer);
      other->setAttr(strategyAttrName, b.getStringAttr(strategy));
      results.push_back(other->getResult(0));
    }
  }

  std::mt19937 random;
  std::unique_ptr<MLIRContext> context = ::shift::test::createContext();
  OpBuilder b;
  Location loc = UnknownLoc::get(context.get());
  OwningOpRef<ModuleOp> module;
  func::FuncOp main;
  SmallVector<Value> results;
};

void runBatch(int64_t number) {
  const auto seed = static_cast<uint32_t>(sweep.seed * 1000003 + number);
  Batch batch(seed);
  ASSERT_TRUE(succeeded(batch.getModule().verify()));
  ::shift::test::ModelComparison comparison(
      batch.getModule(), seed, {Fill::Random, Fill::Lowest, Fill::Highest});
  comparison.expectEqual(::shift::test::machineOptions());
  ASSERT_FALSE(::testing::Test::HasFailure())
      << "again: ConvolutionSweep --seed=" << sweep.seed
      << " --batch=" << number;
}

} // namespace

TEST(ConvolutionSweep, EveryCaseHasTheBitsOfTheInterpreter) {
  if (sweep.batch >= 0)
    return runBatch(sweep.batch);
  auto start = std::chrono::steady_clock::now();
  int64_t batches = llvm::divideCeil(sweep.cases, casesPerBatch());
  for (int64_t i = 0; i < batches; ++i) {
    runBatch(i);
    if (HasFailure())
      return;
    double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count();
    int64_t done = (i + 1) * casesPerBatch();
    std::fprintf(stderr, "%lld of %lld cases, %.1f a second\n",
                 static_cast<long long>(done),
                 static_cast<long long>(batches * casesPerBatch()),
                 double(done) / seconds);
  }
}

int main(int argc, char **argv) {
  // Idle threads sleep: there are more of them than cores.
  setenv("OMP_WAIT_POLICY", "passive", /*overwrite=*/0);
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    StringRef flag(argv[i]);
    bool isKnown =
        (flag.consume_front("--cases=") &&
         !flag.getAsInteger(10, sweep.cases) && sweep.cases > 0) ||
        (flag.consume_front("--seed=") && !flag.getAsInteger(10, sweep.seed)) ||
        (flag.consume_front("--batch=") &&
         !flag.getAsInteger(10, sweep.batch) && sweep.batch >= 0);
    if (isKnown)
      continue;
    std::fprintf(stderr,
                 "usage: ConvolutionSweep [--cases=N] [--seed=S] [--batch=B]\n"
                 "Compares N random layer x strategy x instruction set cases "
                 "with the interpreter, in batches of %lld;\n"
                 "--batch repeats one batch of the seed.\n",
                 static_cast<long long>(casesPerBatch()));
    return 2;
  }
  return RUN_ALL_TESTS();
}
