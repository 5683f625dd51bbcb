//===- ShiftDetection.h - What a shift.decode decodes -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_IR_SHIFTDETECTION_H
#define DIALECTS_SHIFT_IR_SHIFTDETECTION_H

#include "dialects/Shift/IR/ShiftOps.h"
#include "shift/Detection/HeadLevels.h"

namespace mlir::shift {

/// A decode's description, read, and where each level's values lie in the
/// operands.
struct DetectorHead {
  ::shift::detection::DetectorDescription description;
  std::vector<::shift::detection::HeadLevel> levels;
  int64_t images = 0;
  int inputHeight = 0, inputWidth = 0;
};

/// Reads `op`; fails with a message on it, but never on a verified one.
FailureOr<DetectorHead> readDetectorHead(DecodeOp op);

} // namespace mlir::shift

#endif // DIALECTS_SHIFT_IR_SHIFTDETECTION_H
