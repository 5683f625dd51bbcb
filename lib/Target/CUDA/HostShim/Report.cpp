//===- Report.cpp - What went wrong, said once ----------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Error state of the API, names and texts of errors.
//===----------------------------------------------------------------------===//
#include "Report.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>

using namespace shift::shim;

namespace {
struct ErrorState {
  std::mutex mutex;
  std::atomic<cudaError_t> lasting{cudaSuccess};
  std::string lastingMessage;
};

struct ErrorText {
  cudaError_t error;
  const char *name, *text;
};
} // namespace

// Never destroyed: a program may ask while it ends.
static ErrorState &state() {
  static ErrorState &instance = *new ErrorState;
  return instance;
}

static thread_local cudaError_t lastError = cudaSuccess;

#define ERROR_TEXT(error, text) {error, #error, text}
static const ErrorText errorTexts[] = {
    ERROR_TEXT(cudaSuccess, "no error"),
    ERROR_TEXT(cudaErrorInvalidValue, "invalid argument"),
    ERROR_TEXT(cudaErrorMemoryAllocation, "out of memory"),
    ERROR_TEXT(cudaErrorInvalidConfiguration, "invalid configuration argument"),
    ERROR_TEXT(cudaErrorInvalidMemcpyDirection,
               "invalid copy direction for memcpy"),
    ERROR_TEXT(cudaErrorInvalidDeviceFunction, "invalid device function"),
    ERROR_TEXT(cudaErrorNoDevice, "no CUDA-capable device is detected"),
    ERROR_TEXT(cudaErrorInvalidDevice, "invalid device ordinal"),
    ERROR_TEXT(cudaErrorInvalidResourceHandle, "invalid resource handle"),
    ERROR_TEXT(cudaErrorNotReady, "device not ready"),
    ERROR_TEXT(cudaErrorIllegalAddress,
               "an illegal memory access was encountered"),
    ERROR_TEXT(cudaErrorMisalignedAddress, "misaligned address"),
    ERROR_TEXT(cudaErrorLaunchFailure, "unspecified launch failure"),
    ERROR_TEXT(cudaErrorNotSupported, "operation not supported"),
    ERROR_TEXT(cudaErrorStreamCaptureUnsupported,
               "operation not permitted when stream is capturing"),
    ERROR_TEXT(cudaErrorStreamCaptureInvalidated,
               "operation failed due to a previous error during capture"),
    ERROR_TEXT(cudaErrorStreamCaptureUnmatched,
               "capture was not initiated in this stream"),
    ERROR_TEXT(cudaErrorStreamCaptureUnjoined,
               "capturing stream has unjoined work"),
    ERROR_TEXT(cudaErrorStreamCaptureIsolation,
               "dependency created on uncaptured work in another stream"),
    ERROR_TEXT(cudaErrorStreamCaptureImplicit,
               "operation would make the legacy stream depend on a capturing "
               "blocking stream"),
    ERROR_TEXT(cudaErrorCapturedEvent,
               "operation not permitted on an event last recorded in a "
               "capturing stream"),
};
#undef ERROR_TEXT

static const ErrorText *findText(cudaError_t error) {
  for (const ErrorText &text : errorTexts)
    if (text.error == error)
      return &text;
  return nullptr;
}

void shift::shim::reportFailure(cudaError_t error, const std::string &message) {
  std::lock_guard<std::mutex> lock(state().mutex);
  if (state().lasting != cudaSuccess)
    return;
  state().lastingMessage = message;
  state().lasting = error;
  std::fprintf(stderr, "error: CUDA host shim: %s\n", message.c_str());
}

cudaError_t shift::shim::lastingError() { return state().lasting; }

cudaError_t shift::shim::apiError(cudaError_t error,
                                  const std::string &message) {
  if (error != cudaSuccess)
    lastError = error;
  if (!message.empty())
    std::fprintf(stderr, "error: CUDA host shim: %s\n", message.c_str());
  return error;
}

uint64_t shift::shim::currentSeed() {
  const char *text = std::getenv("SHIFT_SHIM_SEED");
  return text ? std::strtoull(text, nullptr, 0) : 0;
}

uint64_t shift::shim::mix(uint64_t a, uint64_t b) {
  uint64_t x = a * 0x9e3779b97f4a7c15u + b;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

std::string shift::shim::toText(const uint3 &v) {
  return "(" + std::to_string(v.x) + ", " + std::to_string(v.y) + ", " +
         std::to_string(v.z) + ")";
}

cudaError_t cudaPeekAtLastError() {
  return lastingError() != cudaSuccess ? lastingError() : lastError;
}

cudaError_t cudaGetLastError() {
  cudaError_t error = cudaPeekAtLastError();
  lastError = cudaSuccess;
  return error;
}

const char *cudaGetErrorName(cudaError_t error) {
  const ErrorText *text = findText(error);
  return text ? text->name : "unrecognized error code";
}

const char *cudaGetErrorString(cudaError_t error) {
  // Written once, before `lasting`, so that it can be read without a lock.
  if (error != cudaSuccess && error == lastingError())
    return state().lastingMessage.c_str();
  const ErrorText *text = findText(error);
  return text ? text->text : "unrecognized error code";
}
