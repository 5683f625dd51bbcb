//===- ConvShape.h - Convolution shapes of real networks --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef TOOLS_SHIFT_BENCH_CONVSHAPE_H
#define TOOLS_SHIFT_BENCH_CONVSHAPE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace shift::bench {

/// One convolution and how often a network has it.
struct ConvShape {
  std::string name;
  int64_t repeat = 1;
  /// N, C, H, W and M, C / group, KH, KW.
  std::vector<int64_t> input, weights;
  /// Vertical, horizontal.
  std::vector<int64_t> strides, dilations;
  /// Top, left, bottom, right.
  std::vector<int64_t> pads;
  int64_t group = 1;

  /// N, M, OH, OW.
  std::vector<int64_t> output() const;
  /// Products of the plain formula, those with padding included.
  int64_t macs() const;
  /// Weights, input and what is not 1, for example "256x256x3x3 100x152".
  std::string describe() const;
};

/// The shapes of a text file, a line each (ConvShape's fields in order, sizes
/// joined by x, `#` starts a comment). Errors name file and line.
llvm::Expected<std::vector<ConvShape>> readShapes(const std::string &path);

/// The convolutions of @main, each shape once under the name of its first
/// node, in the order of the model.
std::vector<ConvShape> findShapes(mlir::ModuleOp module);

/// The lines that readShapes reads, with a head that names `model`.
void printShapes(llvm::ArrayRef<ConvShape> shapes, llvm::StringRef model,
                 llvm::raw_ostream &os);

} // namespace shift::bench

#endif // TOOLS_SHIFT_BENCH_CONVSHAPE_H
