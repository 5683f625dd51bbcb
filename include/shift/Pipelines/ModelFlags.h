//===- ModelFlags.h - Flags about the model that tools share ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_MODELFLAGS_H
#define SHIFT_PIPELINES_MODELFLAGS_H

#include "shift/Pipelines/ModelLoader.h"

namespace shift::pipelines {

/// --input-shape, --outputs, --detector and the description of image inputs.
/// An object of this class, made before the command line is parsed, registers
/// them.
class ModelFlags {
public:
  explicit ModelFlags(llvm::cl::OptionCategory &category);

  /// Writes what the flags say to `options`, or says which is malformed.
  llvm::Error apply(ModelOptions &options) const;

private:
  llvm::cl::list<std::string> inputShapes, outputs;
  llvm::cl::opt<std::string> detector, layout, mean, std, channelOrder, resize;
};

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_MODELFLAGS_H
