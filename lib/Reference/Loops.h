//===- Loops.h - Loops that the kernels share -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_REFERENCE_LOOPS_H
#define LIB_REFERENCE_LOOPS_H

#include "shift/Reference/Kernels.h"
#include "shift/Support/ConvWindow.h"

#include <functional>

namespace shift::reference {

/// Walks the indices of a box in row order.
class Odometer {
public:
  explicit Odometer(Shape sizes) : sizes(std::move(sizes)) {
    index.assign(this->sizes.size(), 0);
  }

  /// Moves to the next index; false after the last one.
  bool next() {
    for (size_t i = sizes.size(); i-- > 0;) {
      if (++index[i] < sizes[i])
        return true;
      index[i] = 0;
    }
    return false;
  }

  const Shape &operator*() const { return index; }

private:
  Shape sizes, index;
};

/// Calls function(i) for i in [0, count), on several threads when
/// `costOfOne * count` elementary steps are worth it. Calls must not depend on
/// each other.
void parallelFor(int64_t count, int64_t costOfOne,
                 const std::function<void(int64_t)> &function);

/// Row-order strides of a shape, in elements.
Shape rowStrides(const Shape &shape);

/// Strides that read a tensor of `shape` as if broadcast to `result`.
Shape broadcastStrides(const Shape &shape, const Shape &result);

/// The window along spatial dimension `i`.
ConvWindow windowOf(const Windows &windows, size_t i);

/// Input offsets of the taps of one output position over several spatial
/// dimensions of sizes `input`: the row-order offset of tap `tap` of output
/// `output`, or -1 where it lies outside.
int64_t tapOffset(const Windows &windows, const Shape &input,
                  const Shape &output, const Shape &tap);

} // namespace shift::reference

#endif // LIB_REFERENCE_LOOPS_H
