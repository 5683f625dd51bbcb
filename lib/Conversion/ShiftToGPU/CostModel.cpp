//===- CostModel.cpp - What strategies take on GPUs -----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToGPU/CostModel.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/ShiftToGPU/FixedKernel.h"
#include "lib/Conversion/ShiftToGPU/ShiftProducts.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cuda;

namespace {
struct GPUFamily {
  int architecture;
  double threads, blocks, sharedBytes, sharedPiece, sharedReserved, integer,
      multiply, float32, float64, mma;
};

/// What a strategy does for a product, counted as in
/// lib/Target/CUDA/Instructions.md.
struct ProductCost {
  /// Results of its pipe, and instructions with their share of loads from
  /// shared memory.
  double results, instructions;
  /// Instructions that bring an element of the input or a weight to shared
  /// memory.
  double copy;
};
} // namespace

#define SHIFT_GPU_FAMILY(...)
#define SHIFT_GPU(...)
#define SHIFT_GPU_ASSUMPTION(name, value) static constexpr double name = value;
#include "lib/Conversion/ShiftToGPU/GPUTable.inc"
#undef SHIFT_GPU_FAMILY
#undef SHIFT_GPU_ASSUMPTION

static constexpr GPUFamily families[] = {
#define SHIFT_GPU_FAMILY(...) {__VA_ARGS__},
#define SHIFT_GPU_ASSUMPTION(name, value)
#include "lib/Conversion/ShiftToGPU/GPUTable.inc"
#undef SHIFT_GPU_FAMILY
#undef SHIFT_GPU
};

static std::vector<GPUModel> makeModels() {
  std::vector<GPUModel> models;
  auto add = [&](StringRef name, int architecture, double multiprocessors,
                 double megahertz, double gigabytes, double, double) {
    const GPUFamily *family = llvm::find_if(families, [&](const auto &one) {
      return one.architecture == architecture;
    });
    models.push_back({name, architecture, multiprocessors, megahertz, gigabytes,
                      family->threads, family->integer, family->multiply,
                      family->mma});
  };
#define SHIFT_GPU_FAMILY(...)
#define SHIFT_GPU(...) add(__VA_ARGS__);
#include "lib/Conversion/ShiftToGPU/GPUTable.inc"
#undef SHIFT_GPU_FAMILY
#undef SHIFT_GPU
#undef SHIFT_GPU_ASSUMPTION
  return models;
}

const GPUModel &mlir::shift::cuda::findGPU(int architecture) {
  static const std::vector<GPUModel> models = makeModels();
  const GPUModel *best = &models.front();
  for (const GPUModel &model : models)
    if (model.architecture <= architecture)
      best = &model;
  return *best;
}

/// Of one term of a weight and one byte of an activation; shifts take whole
/// activations.
static ProductCost costOf(const FixedLayer &fixed, StringRef strategy,
                          const GPUModel &gpu) {
  // m8n8k16 before sm_80, then m16n8k16; most of a copy is the address.
  if (strategy == "mma")
    return {1 / gpu.mma, 1.6 / (gpu.architecture < 80 ? 32 : 64), 2};
  if (strategy == "dp4a")
    return {0.25 / gpu.multiply, 0.28, 2};
  // A shift, an inversion, and an addition for two products; halves of 64 bits
  // each and no pairs. Codes are decoded on the way.
  std::string reason;
  FailureOr<SumCertificate> sums = certifySums(fixed, reason);
  bool isWide = failed(sums) || doubledWidth(*sums) > 32;
  double results = isWide ? 5 : 2.5;
  return {results / gpu.integer, results + 0.4, 30};
}

double mlir::shift::cuda::predictSeconds(const FixedLayer &fixed,
                                         StringRef strategy,
                                         const GPUModel &gpu) {
  const ConvLayer &layer = fixed.layer;
  GemmTiling tiling = chooseFixedTiling(fixed, strategy);
  bool isShift = strategy == "shift";
  double planes = isShift ? 1 : fixed.inputFormat().storageBits / 8;
  double terms =
      isShift ? cast<Pow2Type>(elementOf(fixed.weights)).getTerms() : 1;
  ProductCost cost = costOf(fixed, strategy, gpu);
  // A block's tile is computed whole, also where there is no output or tap.
  double steps = llvm::divideCeil(layer.panel.taps, tiling.depth);
  double products =
      planes * terms * tiling.rows * tiling.columns * tiling.depth * steps;
  double copied =
      (tiling.rows * terms + tiling.columns * planes) * tiling.depth * steps;
  double cycles =
      std::max(products * cost.results,
               (products * cost.instructions + copied * cost.copy) / issued);
  double blocks = std::ceil(countBlocks(layer, tiling) / gpu.multiprocessors);
  double resident = std::min(blocks * tiling.threads(), gpu.threads);
  double busy = std::min(1.0, resident / 32 / busyWarps);
  double computing = blocks * cycles / busy / (gpu.megahertz * 1e6);
  double bytes = countOf(fixed.input) * fixed.inputFormat().storageBits / 8 +
                 countOf(fixed.weights);
  double moving = bytes / (gpu.gigabytes * 1e9 * bandwidthPercent / 100);
  return std::max(computing, moving) + launchNanoseconds * 1e-9;
}
