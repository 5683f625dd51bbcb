//===- HostText.h - Fixed parts of the host program -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The C++ that is the same in every program. It uses what the printed part
// before it defines: workspaceBytes, weightBytes, weightHash, expandedBytes,
// inputCount, inputBytes, outputCount, outputBytes, streamCount (beside the
// caller's), eventCount, faultOffset, faultCount, faultTexts. Lines between
// `//@if streams` and `//@end` are for programs with several streams, those
// after `//@if faults` for programs that check data.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTTEXT_H
#define LIB_TARGET_CUDA_HOSTTEXT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace shift::cuda {

/// Errors, weights, the model, launches.
extern const llvm::StringLiteral hostHelpers;
/// shift_cuda_create, ..., shift_cuda_destroy.
extern const llvm::StringLiteral hostInterface;
/// main.
extern const llvm::StringLiteral hostMain;

/// The text with those of the conditional parts whose condition holds.
std::string selectParts(llvm::StringRef text,
                        llvm::ArrayRef<llvm::StringRef> conditions);

} // namespace shift::cuda

#endif // LIB_TARGET_CUDA_HOSTTEXT_H
