//===- Networks.cpp - Files of shapes that --shapes names -----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Networks.h"
#include "shift/Pipelines/CommandLine.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using shift::pipelines::makeError;
using shift::pipelines::makeUsageError;

namespace shift::bench {

/// Keeps the layers that the flags ask for.
static void choose(std::vector<ConvShape> &layers, const GlobPattern &pattern,
                   size_t largest) {
  erase_if(layers,
           [&](const ConvShape &shape) { return !pattern.match(shape.name); });
  if (largest == 0)
    return;
  // Equal ones by name, so that the choice is always the same.
  llvm::sort(layers, [](const ConvShape &a, const ConvShape &b) {
    return std::make_pair(-a.macs(), a.name) <
           std::make_pair(-b.macs(), b.name);
  });
  layers.resize(std::min(layers.size(), largest));
}

/// Those that come with the tool.
static std::vector<std::string> listShapeFiles(StringRef folder) {
  std::vector<std::string> paths;
  std::error_code code;
  for (sys::fs::directory_iterator it(folder, code), end; it != end && !code;
       it.increment(code))
    paths.push_back(it->path());
  llvm::sort(paths);
  return paths;
}

static Expected<std::vector<std::string>>
findShapeFiles(const BenchOptions &options) {
  std::vector<std::string> known = listShapeFiles(options.shapesFolder), paths;
  for (const std::string &name : options.shapes) {
    auto found = find_if(
        known, [&](StringRef path) { return sys::path::stem(path) == name; });
    if (sys::fs::exists(name))
      paths.push_back(name);
    else if (found != known.end())
      paths.push_back(*found);
    else
      return makeUsageError(
          "--shapes: expected a file or " +
          join(map_range(known,
                         [](StringRef path) { return sys::path::stem(path); }),
               ", ") +
          ", got '" + name + "'");
  }
  if (options.shapes.empty())
    paths = std::move(known);
  if (paths.empty())
    return makeError("no shapes in '" + options.shapesFolder +
                     "'; name a file with --shapes");
  return paths;
}

Expected<std::vector<Network>> readNetworks(const BenchOptions &options) {
  Expected<GlobPattern> pattern = GlobPattern::create(options.layer);
  if (!pattern)
    return makeUsageError("--layer: expected a name pattern, got '" +
                          options.layer +
                          "': " + toString(pattern.takeError()));
  Expected<std::vector<std::string>> paths = findShapeFiles(options);
  if (!paths)
    return paths.takeError();
  std::vector<Network> networks;
  bool hasLayers = false;
  for (const std::string &path : *paths) {
    Expected<std::vector<ConvShape>> layers = readShapes(path);
    if (!layers)
      return layers.takeError();
    choose(*layers, *pattern, options.largest);
    hasLayers |= !layers->empty();
    networks.push_back({sys::path::stem(path).str(), std::move(*layers)});
  }
  if (!hasLayers)
    return makeUsageError("--layer: expected a pattern that fits a layer's "
                          "name, got '" +
                          options.layer + "'");
  return networks;
}

} // namespace shift::bench
