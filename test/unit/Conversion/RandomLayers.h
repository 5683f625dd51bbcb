//===- RandomLayers.h - Modules of random layers ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef TEST_UNIT_CONVERSION_RANDOMLAYERS_H
#define TEST_UNIT_CONVERSION_RANDOMLAYERS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "shift/Support/FixedPoint.h"
#include "shift/Support/PowerOfTwo.h"

#include <random>

namespace shift::test {

/// A convolution or linear layer.
struct Layer {
  /// Shapes of input, weights and output.
  llvm::SmallVector<int64_t> x, w, y;
  llvm::SmallVector<int64_t> strides{1, 1}, dilations{1, 1}, pads{0, 0, 0, 0};
  int64_t group = 1;
  bool isLinear = false;
  /// Element types of input and output.
  mlir::Type input, output;
  /// How weights are rounded; without, they stay float32.
  std::optional<PowerOfTwoOptions> rounding;
  std::vector<float> weights;
  bool hasBias = false;
  std::optional<float> lower, upper;

  int64_t weightsPerChannel() const;
};

/// A module of independent layers, each with an argument and a result of @main.
class RandomLayers {
public:
  explicit RandomLayers(uint32_t seed);

  int64_t pick(int64_t lo, int64_t hi);
  std::vector<float> pickNormal(int64_t count, float deviation);
  /// A format as an element type.
  mlir::Type pickFixedType();
  mlir::Type getFixedType(const FixedPoint &format);
  mlir::Type getFloatType();
  /// Exponents from the narrowest to the widest range, either rounding.
  PowerOfTwoOptions pickRounding();

  /// Picks strides, dilations, pads of up to `maxPad` and the sizes of the
  /// image, so much larger than the smallest for the window of `layer`.
  void pickWindow(Layer &layer, llvm::ArrayRef<int64_t> extra,
                  int64_t maxPad = 2);
  /// A depthwise, grouped or plain convolution, in about one of eight cases a
  /// linear layer, of up to `maxChannels` channels a group; all but its types
  /// and numbers.
  Layer pickShape(int64_t maxChannels);
  /// Whether a bias and clamps follow the sum.
  void pickEpilogue(Layer &layer);
  /// Random weights, and of those that are rounded also all of one size and
  /// sign, or such as bring sums to a border of the accumulators.
  std::vector<float> pickWeights(const Layer &layer);

  /// Arguments are of whole words, which saturate to what a layer takes: CUDA
  /// code cannot report numbers beyond a format.
  bool saturatesInputs = false;

  mlir::Operation *add(const Layer &layer);
  /// Adds a twin of `layer` for each strategy, which asks for it.
  void addTwins(mlir::Operation *layer,
                llvm::ArrayRef<llvm::StringRef> strategies);

  /// The module, verified. No layer can be added any more.
  mlir::ModuleOp finish();

private:
  mlir::Value addInput(const Layer &layer);
  mlir::Value makeFloatConstant(llvm::ArrayRef<int64_t> shape,
                                llvm::ArrayRef<float> values);
  mlir::Value makeRoundedWeights(const Layer &layer);
  void addResult(mlir::Operation *layer);

  std::mt19937 random;
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OpBuilder b;
  mlir::Location loc;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp main;
  llvm::SmallVector<mlir::Value> results;
};

} // namespace shift::test

#endif // TEST_UNIT_CONVERSION_RANDOMLAYERS_H
