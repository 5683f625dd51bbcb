//===- Loops.cpp - Loops that the kernels share ---------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Loops.h"

#include <algorithm>
#include <atomic>
#include <thread>

using namespace shift::reference;

void shift::reference::parallelFor(
    int64_t count, int64_t costOfOne,
    const std::function<void(int64_t)> &function) {
  constexpr int64_t worthAThread = 1 << 18;
  int64_t threads =
      std::min<int64_t>({std::max(1u, std::thread::hardware_concurrency()),
                         count, 1 + count * costOfOne / worthAThread});
  std::atomic<int64_t> next{0};
  auto work = [&] {
    for (int64_t i; (i = next++) < count;)
      function(i);
  };
  std::vector<std::thread> others;
  for (int64_t i = 1; i < threads; ++i)
    others.emplace_back(work);
  work();
  for (std::thread &other : others)
    other.join();
}

Shape shift::reference::rowStrides(const Shape &shape) {
  Shape strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

Shape shift::reference::broadcastStrides(const Shape &shape,
                                         const Shape &result) {
  Shape own = rowStrides(shape), strides(result.size(), 0);
  size_t lead = result.size() - shape.size();
  for (size_t i = 0; i < shape.size(); ++i)
    strides[lead + i] = shape[i] == 1 ? 0 : own[i];
  return strides;
}

shift::ConvWindow shift::reference::windowOf(const Windows &windows, size_t i) {
  return {windows.kernel[i], windows.strides[i], windows.dilations[i],
          windows.pads[i], windows.pads[i + windows.kernel.size()]};
}

int64_t shift::reference::tapOffset(const Windows &windows, const Shape &input,
                                    const Shape &output, const Shape &tap) {
  int64_t offset = 0;
  for (size_t i = 0; i < output.size(); ++i) {
    int64_t position = windowOf(windows, i).position(output[i], tap[i]);
    if (position < 0 || position >= input[i])
      return -1;
    offset = offset * input[i] + position;
  }
  return offset;
}
