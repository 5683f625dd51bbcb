//===- Evaluation.h - shift-run --eval --------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_PIPELINES_EVALUATION_H
#define LIB_PIPELINES_EVALUATION_H

#include "shift/Detection/AveragePrecision.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace shift::pipelines {

/// A dataset, and what a detector's classes are called there.
class Evaluation {
public:
  /// `flag` is a COCO JSON whose images lie in the only folder of `folders`, or
  /// voc:FOLDER,SPLIT.
  static llvm::Expected<Evaluation> create(llvm::StringRef flag,
                                           llvm::ArrayRef<std::string> folders,
                                           llvm::ArrayRef<std::string> classes);

  /// The images, in the order of what `print` takes.
  std::vector<std::string> getFiles() const;

  /// Prints AP, AP50 and the rest of COCO's twelve numbers, then a line a
  /// class.
  void print(std::vector<std::vector<detection::Detection>> found) const;

private:
  detection::Dataset dataset;
  /// The dataset's class of each of the detector's, -1 where it has none.
  std::vector<int> labels;
};

} // namespace shift::pipelines

#endif // LIB_PIPELINES_EVALUATION_H
