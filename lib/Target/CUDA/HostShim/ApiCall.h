//===- ApiCall.h - What all functions of the API begin with -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// One call at a time; after a failure that stays, no call does anything.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_APICALL_H
#define LIB_TARGET_CUDA_HOSTSHIM_APICALL_H

#include "Report.h"
#include "Streams.h"

namespace shift::shim {

/// Calls `body` with the streams, unless an earlier failure stays.
template <typename Body>
cudaError_t apiCall(Body body) {
  Streams &streams = Streams::get();
  std::lock_guard<std::recursive_mutex> lock(streams.mutex);
  if (lastingError() != cudaSuccess)
    return lastingError();
  cudaError_t error = body(streams);
  return lastingError() != cudaSuccess ? lastingError() : apiError(error);
}

/// As apiCall, with the stream of a handle.
template <typename Body>
cudaError_t streamCall(cudaStream_t handle, Body body) {
  return apiCall([&](Streams &streams) {
    cudaStream_t stream = streams.resolve(handle);
    if (!streams.isKnown(stream))
      return cudaErrorInvalidResourceHandle;
    return body(streams, stream);
  });
}

} // namespace shift::shim

#endif // LIB_TARGET_CUDA_HOSTSHIM_APICALL_H
