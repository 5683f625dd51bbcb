//===- OpsResize.cpp - Import of Resize and Upsample ----------------------===//
// SPDX-License-Identifier: Apache-2.0
// The scales of each era and sizes become one scale a dimension and a result
// type.
//===----------------------------------------------------------------------===//
#include "OpRegistry.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using llvm::Twine;
using mlir::NamedAttribute;
using mlir::Value;

namespace shift::import {

/// A float size as an integer, or a failure beyond 2^31.
static int64_t sizeOf(NodeImporter &n, float size) {
  if (!(size >= 0 && size <= 2147483648.0f)) {
    n.fail("expected scales that give sizes in [0, 2^31]");
    return 0;
  }
  return static_cast<int64_t>(std::floor(size));
}

/// `values`, given for `axes`, spread to all dimensions.
static Floats spread(const Floats &values, const Ints &axes, int64_t rank,
                     float otherwise) {
  Floats all(rank, otherwise);
  for (size_t i = 0; i < axes.size(); ++i)
    all[axes[i]] = values[i];
  return all;
}

namespace {
/// What Resize says about sizes, one entry an axis of `axes`.
struct ResizeSizes {
  Ints axes, sizes;
  Floats scales, starts, ends;
};
} // namespace

/// Scales and result sizes from `sizes`, under keep_aspect_ratio_policy.
static void applySizes(NodeImporter &n, ResizeSizes &r,
                       llvm::ArrayRef<int64_t> shape) {
  std::string policy = n.opset >= 18
                           ? n.stringAttr("keep_aspect_ratio_policy", "stretch")
                           : "stretch";
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller")
    n.fail("expected keep_aspect_ratio_policy stretch, not_larger or "
           "not_smaller, got '" +
           printable(policy) + "'");
  for (size_t i = 0; i < r.axes.size() && !n.failed(); ++i) {
    if (shape[r.axes[i]] < 1 || r.sizes[i] < 1)
      n.fail("expected sizes of at least 1, got " + Twine(r.sizes[i]) +
             " from " + Twine(shape[r.axes[i]]));
    else
      r.scales.push_back(static_cast<float>(r.sizes[i]) /
                         static_cast<float>(shape[r.axes[i]]));
  }
  if (n.failed() || policy == "stretch" || r.scales.empty())
    return;
  float scale = policy == "not_larger"
                    ? *std::min_element(r.scales.begin(), r.scales.end())
                    : *std::max_element(r.scales.begin(), r.scales.end());
  for (size_t i = 0; i < r.axes.size(); ++i) {
    r.scales[i] = scale;
    // Halves round up.
    r.sizes[i] = sizeOf(n, scale * static_cast<float>(shape[r.axes[i]]) + 0.5f);
  }
}

/// The axes that scales, sizes and roi speak of.
static Ints readAxes(NodeImporter &n, int64_t rank) {
  Ints axes;
  for (int64_t i = 0; i < rank; ++i)
    axes.push_back(i);
  if (n.opset < 18 || !n.hasAttr("axes"))
    return axes;
  axes = n.intsAttr("axes");
  n.axesOf(axes, rank);
  for (int64_t &axis : axes)
    axis = n.axisOf(axis, rank);
  return axes;
}

static ResizeSizes readSizes(NodeImporter &n, llvm::ArrayRef<int64_t> shape,
                             bool usesRoi) {
  ResizeSizes r;
  r.axes = readAxes(n, shape.size());
  size_t count = r.axes.size();
  auto check = [&](llvm::StringRef what, size_t got, size_t expected) {
    if (got != expected)
      n.fail("expected " + Twine(expected) + " " + what + ", got " +
             Twine(got));
  };
  r.starts.assign(count, 0);
  r.ends.assign(count, 1);
  if (usesRoi) {
    Floats roi = n.constantFloats(1, "roi");
    check("entries in roi", roi.size(), 2 * count);
    if (n.failed())
      return r;
    r.starts.assign(roi.begin(), roi.begin() + count);
    r.ends.assign(roi.begin() + count, roi.end());
  }
  size_t scalesInput = n.opset < 11 ? 1 : 2;
  if (n.has(scalesInput))
    r.scales = n.constantFloats(scalesInput, "scales");
  if (n.opset >= 11 && n.has(3) && r.scales.empty()) {
    r.sizes = n.constantInts(3, "sizes");
    check("sizes", r.sizes.size(), count);
    if (!n.failed())
      applySizes(n, r, shape);
    return r;
  }
  check("scales", r.scales.size(), count);
  for (size_t i = 0; i < count && !n.failed(); ++i) {
    float length = static_cast<float>(shape[r.axes[i]]);
    if (usesRoi)
      length *= r.ends[i] - r.starts[i];
    r.sizes.push_back(sizeOf(n, length * r.scales[i]));
  }
  return r;
}

/// A string attribute that must be one of `choices`.
static std::string choice(NodeImporter &n, llvm::StringRef name,
                          llvm::StringRef otherwise,
                          llvm::ArrayRef<llvm::StringRef> choices) {
  std::string value = n.stringAttr(name, otherwise);
  if (!llvm::is_contained(choices, value))
    n.fail("expected " + name + " " + llvm::join(choices, ", ") + ", got '" +
           printable(value) + "'");
  return value;
}

static void importResize(NodeImporter &n) {
  Value x = n.input(0);
  llvm::ArrayRef<int64_t> shape = shapeOf(x);
  std::string mode =
      choice(n, "mode", "nearest", {"nearest", "linear", "cubic"});
  // Opset 10 has neither attribute: x / scale, rounded down.
  std::string transform = "asymmetric", nearest = "floor";
  if (n.opset >= 11) {
    transform =
        choice(n, "coordinate_transformation_mode", "half_pixel",
               {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",
                "align_corners", "asymmetric", "tf_crop_and_resize"});
    nearest =
        choice(n, "nearest_mode", "round_prefer_floor",
               {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"});
  }
  bool usesRoi = transform == "tf_crop_and_resize";
  ResizeSizes r = readSizes(n, shape, usesRoi);
  if (n.failed())
    return;
  Ints result(shape);
  for (size_t i = 0; i < r.axes.size(); ++i)
    result[r.axes[i]] = r.sizes[i];
  int64_t rank = shape.size();
  llvm::SmallVector<NamedAttribute> attrs{
      n.floats("scales", spread(r.scales, r.axes, rank, 1)),
      n.string("mode", mode),
      n.string("coordinate_transformation_mode", transform),
      n.string("nearest_mode", nearest),
      n.number("cubic_coeff_a", n.floatAttr("cubic_coeff_a", -0.75f)),
      n.integer("exclude_outside", n.intAttr("exclude_outside", 0) != 0),
      n.number("extrapolation_value", n.floatAttr("extrapolation_value", 0)),
      n.integer("antialias", n.intAttr("antialias", 0) != 0)};
  if (usesRoi) {
    Floats roi = spread(r.starts, r.axes, rank, 0);
    llvm::append_range(roi, spread(r.ends, r.axes, rank, 1));
    attrs.push_back(n.floats("roi", roi));
  }
  n.result(n.make<dialect::ResizeOp>(x, attrs, result, elementOf(x)));
}

/// Scales are an attribute in opset 7 and an input in 9; the op left ONNX at
/// 10, but models kept it.
static void importUpsample(NodeImporter &n) {
  Value x = n.input(0);
  Floats scales =
      n.opset < 9 ? n.floatsAttr("scales") : n.constantFloats(1, "scales");
  std::string mode =
      choice(n, "mode", "nearest", {"nearest", "linear", "bilinear"});
  if (mode == "bilinear")
    mode = "linear";
  if (int64_t(scales.size()) != rankOf(x))
    n.fail("expected " + Twine(rankOf(x)) + " scales, got " +
           Twine(scales.size()));
  if (n.failed())
    return;
  Ints result;
  for (size_t i = 0; i < scales.size(); ++i)
    result.push_back(sizeOf(n, static_cast<float>(shapeOf(x)[i]) * scales[i]));
  n.result(n.make<dialect::UpsampleOp>(
      x, {n.floats("scales", scales), n.string("mode", mode)}, result,
      elementOf(x)));
}

llvm::ArrayRef<OpEntry> resizeOps() {
  static const OpEntry table[] = {
      {"Resize", 10, 27, 1, 4, 0, Folding::Never, importResize,
       "roi, scales and sizes are constants"},
      {"Upsample", 7, 27, 1, 2, 0, Folding::Never, importUpsample,
       "scales are constants; from opset 10 on read as in opset 9"},
  };
  return table;
}

} // namespace shift::import
