//===- Networks.h - Files of shapes that --shapes names ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef TOOLS_SHIFT_BENCH_NETWORKS_H
#define TOOLS_SHIFT_BENCH_NETWORKS_H

#include "BenchDriver.h"

namespace shift::bench {

/// A file of shapes, and those of its layers that the flags ask for.
struct Network {
  std::string name;
  std::vector<ConvShape> layers;
};

/// The networks of --shapes, which have at least one layer together; what no
/// file or layer is named like is a usage error.
llvm::Expected<std::vector<Network>> readNetworks(const BenchOptions &options);

} // namespace shift::bench

#endif // TOOLS_SHIFT_BENCH_NETWORKS_H
