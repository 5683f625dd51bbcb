//===- Report.h - What went wrong, said once --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The first failure of a kernel is printed to stderr and stays: as on a GPU,
// every later call of the API returns its error. cudaGetErrorString gives the
// message.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_REPORT_H
#define LIB_TARGET_CUDA_HOSTSHIM_REPORT_H

#include "shim/HostApi.h"

#include <cstdint>
#include <string>

namespace shift::shim {

/// Records a failure that stays. Only the first of the process counts.
void reportFailure(cudaError_t error, const std::string &message);

/// The error that stays, or cudaSuccess.
cudaError_t lastingError();

/// Records `error` for cudaGetLastError and returns it. `message`, if any, is
/// printed.
cudaError_t apiError(cudaError_t error, const std::string &message = "");

/// The value of SHIFT_SHIM_SEED, 0 if unset. Read anew at each call.
uint64_t currentSeed();

/// A hash of two numbers: source of all that depends on the seed.
uint64_t mix(uint64_t a, uint64_t b);

/// "(1, 2, 3)".
std::string toText(const uint3 &v);

} // namespace shift::shim

#endif // LIB_TARGET_CUDA_HOSTSHIM_REPORT_H
