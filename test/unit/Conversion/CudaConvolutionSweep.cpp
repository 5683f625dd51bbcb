//===- CudaConvolutionSweep.cpp - Very many random convolutions in CUDA ---===//
// SPDX-License-Identifier: Apache-2.0
// A case is a random convolution or linear layer and a strategy that it can
// take. Its CUDA text, compiled by the host shim, must give the interpreter's
// bits for three inputs (random, all lowest, all highest), with blocks in an
// order that each batch shuffles in its own way. Every second batch runs in
// checked mode, once. To compile texts costs most, so a batch is one text, in
// which several layers share a shape and thus kernels.
//===----------------------------------------------------------------------===//
#include "CompareEngines.h"
#include "RandomLayers.h"
#include "Sweep.h"
#include "shift/Pipelines/CUDALibrary.h"
#include "llvm/Support/FileSystem.h"

#include <gtest/gtest.h>
#include <map>
#include <set>

using namespace mlir;
using ::shift::cuda::Backend;
using ::shift::test::Fill;
using ::shift::test::Layer;
using ::shift::test::RandomLayers;
using ::shift::test::SweepOptions;

namespace {

constexpr int shapesPerBatch = 16;
constexpr int layersPerShape = 6;
/// Architectures that get different kernels.
constexpr StringRef architectures[] = {"sm_75", "sm_80"};
/// Those that layers of fixed point ask for; others are all `float`.
constexpr StringRef fixedStrategies[] = {"mma", "dp4a", "shift"};

SweepOptions options{/*cases=*/200};

/// What a layer multiplies.
enum class Kind { Fixed, FloatActivations, FloatWeights };

StringRef describe(const Layer &layer) {
  if (layer.isLinear)
    return "linear";
  if (layer.group == 1)
    return "convolution";
  return layer.w[1] == 1 ? "depthwise" : "grouped";
}

int64_t countMacs(const Layer &layer) {
  return ShapedType::getNumElements(layer.y) * layer.weightsPerChannel();
}

/// A layer without numbers that the shim computes within milliseconds.
Layer pickLayer(RandomLayers &layers) {
  Layer layer;
  // Tensor cores take matrices of at least 32 channels.
  const int64_t least = layers.pick(0, 1) ? 32 : 1;
  do
    layer = layers.pickShape(least == 1 ? 19 : 80);
  while (layer.w[0] / layer.group < least ||
         countMacs(layer) > (least == 1 ? 1'000'000 : 2'000'000));
  auto kind = static_cast<Kind>(std::max<int64_t>(layers.pick(-2, 2), 0));
  if (kind == Kind::FloatWeights && layer.isLinear)
    kind = Kind::FloatActivations;
  bool isFixed = kind == Kind::Fixed;
  layer.input = isFixed ? layers.pickFixedType() : layers.getFloatType();
  layer.output = isFixed && layers.pick(0, 2) ? layers.pickFixedType()
                                              : layers.getFloatType();
  layers.pickEpilogue(layer);
  if (kind == Kind::FloatWeights)
    return layer;
  layer.rounding = layers.pickRounding();
  // Half of the weights are bytes relative to their smallest.
  if (layers.pick(0, 1)) {
    layer.rounding->terms = 1;
    layer.rounding->window = layers.pick(1, 7);
  }
  return layer;
}

/// The layers of a batch, one for each op of a convolution or linear layer.
std::vector<Layer> addLayers(RandomLayers &layers) {
  std::vector<Layer> added;
  for (int i = 0; i < shapesPerBatch; ++i) {
    Layer layer = pickLayer(layers);
    for (int k = 0; k < layersPerShape; ++k) {
      layer.weights = layers.pickWeights(layer);
      Operation *op = layers.add(layer);
      added.push_back(layer);
      if (isa<Float32Type>(layer.input))
        continue;
      layers.addTwins(op, fixedStrategies);
      added.insert(added.end(), std::size(fixedStrategies), layer);
    }
  }
  return added;
}

/// Cases of a kind of layer and a strategy.
std::map<std::string, int64_t> passed;

/// Counts what ran. A strategy that a layer cannot take has given way to
/// another one and is no case of its own.
int64_t countCases(ArrayRef<Layer> layers,
                   const std::vector<mlir::shift::LayerReport> &reports,
                   bool isChecked) {
  EXPECT_EQ(layers.size(), reports.size());
  int64_t cases = 0;
  std::set<std::string> seen;
  for (size_t i = 0; i < reports.size(); ++i) {
    if (i == 0 || layers[i].weights != layers[i - 1].weights)
      seen.clear();
    if (!seen.insert(reports[i].strategy).second)
      continue;
    ++cases;
    std::string name = reports[i].strategy + " " + describe(layers[i]).str();
    ++passed[name + (isChecked ? ", checked" : "")];
  }
  return cases;
}

int64_t runBatch(int64_t number, uint32_t seed) {
  RandomLayers layers(seed);
  layers.saturatesInputs = true;
  std::vector<Layer> added = addLayers(layers);
  bool isChecked = number % 2 == 1;
  // Accesses do not depend on the numbers.
  std::vector<Fill> fills{Fill::Random};
  if (!isChecked)
    fills.insert(fills.end(), {Fill::Lowest, Fill::Highest});
  ::shift::test::ModelComparison comparison(layers.finish(), seed, fills);
  ::shift::cuda::GPUOptions gpu;
  gpu.arch = architectures[number / 2 % std::size(architectures)].str();
  std::vector<mlir::shift::LayerReport> reports;
  auto program =
      ::shift::cuda::makeCUDAProgram(comparison.getModule(), gpu, {}, &reports);
  if (failed(program)) {
    ADD_FAILURE() << "no program";
    return 0;
  }
  SmallString<128> path;
  EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("sweep", "so", path));
  llvm::Error error = ::shift::cuda::buildCUDALibrary(
      *program, isChecked ? Backend::CheckedHostShim : Backend::HostShim,
      // Optimization takes longer than the rest together.
      gpu.arch, path, {"-O0"});
  EXPECT_FALSE(bool(error)) << llvm::toString(std::move(error));
  // Requantizations of inputs are no cases.
  llvm::erase_if(reports, [](const auto &report) { return report.macs == 0; });
  setenv("SHIFT_SHIM_SEED", std::to_string(number).c_str(), /*overwrite=*/1);
  comparison.expectEqual(std::string(path),
                         gpu.arch + (isChecked ? ", checked" : ""));
  llvm::sys::fs::remove(path);
  return countCases(added, reports, isChecked);
}

} // namespace

TEST(CudaConvolutionSweep, EveryCaseHasTheBitsOfTheInterpreter) {
  ::shift::test::runSweep(options, "CudaConvolutionSweep", runBatch);
  for (const auto &[name, count] : passed)
    std::fprintf(stderr, "%6lld %s\n", static_cast<long long>(count),
                 name.c_str());
}

int main(int argc, char **argv) {
  static const char usage[] =
      "usage: CudaConvolutionSweep [--cases=N] [--seed=S] [--batch=B]\n"
      "Compares at least N random layer x strategy cases of CUDA text, run by "
      "the host shim, with\n"
      "the interpreter, in batches; --batch repeats one batch of the seed.\n";
  if (!::shift::test::parseSweepOptions(argc, argv, usage, options))
    return 2;
  return RUN_ALL_TESTS();
}
