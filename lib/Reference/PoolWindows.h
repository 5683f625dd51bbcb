//===- PoolWindows.h - The loop nest of pools and their gradients -*- C++ -*-=//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_REFERENCE_POOLWINDOWS_H
#define LIB_REFERENCE_POOLWINDOWS_H

#include "Loops.h"

namespace shift::reference {

/// Calls visit(image and channel, output offset, output index, the offsets of
/// the taps inside the image in row order) for every output of a pool of `x`;
/// of one plane in row order.
template <typename Function>
void forEachWindow(const Shape &x, const Windows &windows, const Shape &shape,
                   Function &&visit) {
  Shape input(x.begin() + 2, x.end());
  Shape output(shape.begin() + 2, shape.end());
  int64_t plane = product(output), inputPlane = product(input);
  int64_t taps = product(windows.kernel);
  Odometer position(output);
  for (int64_t i = 0; i < plane; ++i, position.next()) {
    std::vector<int64_t> offsets;
    Odometer tap(windows.kernel);
    for (int64_t k = 0; k < taps; ++k, tap.next()) {
      int64_t offset = tapOffset(windows, input, *position, *tap);
      if (offset >= 0)
        offsets.push_back(offset);
    }
    for (int64_t c = 0; c < shape[0] * shape[1]; ++c)
      visit(c * inputPlane, c * plane + i, *position, offsets);
  }
}

/// What an average pool of `x` divides the sum of the window at `position` by.
inline int64_t countWindow(const Shape &x, const Windows &windows,
                           const Shape &position, bool countIncludePad) {
  int64_t count = 1;
  for (size_t d = 0; d < position.size(); ++d)
    count *= averagePoolCount(position[d], x[d + 2], windowOf(windows, d),
                              countIncludePad);
  return count;
}

/// Whether a maximum goes on with `b` after `a`: NaN before anything, the first
/// of equals.
template <typename T>
bool isLarger(T b, T a) {
  return b > a || b != b;
}

} // namespace shift::reference

#endif // LIB_REFERENCE_POOLWINDOWS_H
