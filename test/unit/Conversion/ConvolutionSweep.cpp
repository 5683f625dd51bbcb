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
#include "RandomLayers.h"
#include "Sweep.h"

#include <gtest/gtest.h>

using namespace mlir;
using ::shift::test::Fill;
using ::shift::test::Layer;
using ::shift::test::RandomLayers;
using ::shift::test::SweepOptions;

namespace {

constexpr int shapesPerBatch = 10;
constexpr int layersPerShape = 6;
/// Those that a layer asks for; without, the cost model chooses.
constexpr StringRef strategies[] = {"shift", "dot16", "dot8"};

SweepOptions options{/*cases=*/3840};

void addLayers(RandomLayers &layers) {
  for (int i = 0; i < shapesPerBatch; ++i) {
    Layer layer = layers.pickShape(/*maxChannels=*/19);
    layer.input = layers.pickFixedType();
    layer.output =
        layers.pick(0, 2) ? layers.pickFixedType() : layers.getFloatType();
    layer.rounding = layers.pickRounding();
    layers.pickEpilogue(layer);
    for (int k = 0; k < layersPerShape; ++k) {
      layer.weights = layers.pickWeights(layer);
      layers.addTwins(layers.add(layer), strategies);
    }
  }
}

int64_t runBatch(uint32_t seed) {
  RandomLayers layers(seed);
  addLayers(layers);
  ::shift::test::ModelComparison comparison(
      layers.finish(), seed, {Fill::Random, Fill::Lowest, Fill::Highest});
  ::shift::cpu::CPUOptions machine = ::shift::test::machineOptions();
  comparison.expectEqual(machine);
  return int64_t{shapesPerBatch} * layersPerShape *
         (1 + std::size(strategies)) * machine.isas.size();
}

} // namespace

TEST(ConvolutionSweep, EveryCaseHasTheBitsOfTheInterpreter) {
  ::shift::test::runSweep(
      options, "ConvolutionSweep",
      [](int64_t, uint32_t seed) { return runBatch(seed); });
}

int main(int argc, char **argv) {
  // Idle threads sleep: there are more of them than cores.
  setenv("OMP_WAIT_POLICY", "passive", /*overwrite=*/0);
  static const char usage[] =
      "usage: ConvolutionSweep [--cases=N] [--seed=S] [--batch=B]\n"
      "Compares at least N random layer x strategy x instruction set cases "
      "with "
      "the interpreter, in batches;\n"
      "--batch repeats one batch of the seed.\n";
  if (!::shift::test::parseSweepOptions(argc, argv, usage, options))
    return 2;
  return RUN_ALL_TESTS();
}
