//===- HostText.h - Fixed parts of the host program -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The C++ that is the same in every program. It uses what the printed part
// before it defines: workspaceBytes, weightBytes, weightHash, expandedBytes,
// inputCount, inputBytes, outputCount, outputBytes, streamCount (beside the
// caller's), eventCount. Lines between `//@if streams` and `//@end` are for
// programs with several streams.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTTEXT_H
#define LIB_TARGET_CUDA_HOSTTEXT_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace shift::cuda {

/// Errors, weights, the model, launches.
extern const llvm::StringLiteral hostHelpers;
/// shift_cuda_create, ..., shift_cuda_destroy.
extern const llvm::StringLiteral hostInterface;
/// main.
extern const llvm::StringLiteral hostMain;

/// The text with or without the parts for several streams.
std::string selectParts(llvm::StringRef text, bool hasStreams);

} // namespace shift::cuda

#endif // LIB_TARGET_CUDA_HOSTTEXT_H
