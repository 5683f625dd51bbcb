//===- OpsNeural.cpp - Import of convolutions, norms and pools ------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "OpRegistry.h"
#include "shift/Support/ConvWindow.h"

using llvm::Twine;
using mlir::Value;

namespace shift::import {

constexpr int64_t maxSize = int64_t(1) << 31;

namespace {
/// The window attributes of convolutions and pools, one entry a spatial
/// dimension, begins and ends of `pads` apart.
struct WindowAttributes {
  Ints kernel, strides, dilations, begins, ends;
  AutoPad autoPad = AutoPad::NotSet;

  ConvWindow window(size_t i) const {
    return {kernel[i], strides[i], dilations[i], begins[i], ends[i]};
  }
  Ints pads() const {
    Ints result(begins);
    result.append(ends.begin(), ends.end());
    return result;
  }
};
} // namespace

static AutoPad readAutoPad(NodeImporter &n) {
  std::string text = n.stringAttr("auto_pad", "NOTSET");
  if (text == "VALID")
    return AutoPad::Valid;
  if (text == "SAME_UPPER")
    return AutoPad::SameUpper;
  if (text == "SAME_LOWER")
    return AutoPad::SameLower;
  if (text != "NOTSET")
    n.fail("expected auto_pad NOTSET, VALID, SAME_UPPER or SAME_LOWER, got '" +
           printable(text) + "'");
  return AutoPad::NotSet;
}

/// A list attribute of `count` entries in [least, 2^31].
static Ints readList(NodeImporter &n, llvm::StringRef name, size_t count,
                     int64_t otherwise, int64_t least) {
  Ints values = n.intsAttr(name, Ints(count, otherwise));
  if (values.size() != count)
    n.fail("expected " + Twine(count) + " " + name + ", got " +
           Twine(values.size()));
  for (int64_t value : values)
    if (value < least || value > maxSize)
      n.fail("expected " + name + " in [" + Twine(least) + ", 2^31], got " +
             Twine(value));
  values.resize(count, otherwise);
  return values;
}

/// Reads what belongs to a window of this kernel; nothing is usable after a
/// failure.
static WindowAttributes readWindow(NodeImporter &n, Ints kernel) {
  size_t spatial = kernel.size();
  WindowAttributes w;
  for (int64_t size : kernel)
    if (size < 1 || size > maxSize)
      n.fail("expected kernel sizes of at least 1, got " + Twine(size));
  w.kernel = std::move(kernel);
  w.strides = readList(n, "strides", spatial, 1, 1);
  w.dilations = readList(n, "dilations", spatial, 1, 1);
  Ints pads = readList(n, "pads", 2 * spatial, 0, 0);
  w.begins.assign(pads.begin(), pads.begin() + spatial);
  w.ends.assign(pads.begin() + spatial, pads.end());
  w.autoPad = readAutoPad(n);
  return w;
}

/// Replaces auto_pad by the pads that it means.
static void resolvePads(NodeImporter &n, WindowAttributes &w,
                        llvm::ArrayRef<int64_t> spatial) {
  if (n.failed())
    return;
  for (size_t i = 0; i < spatial.size(); ++i) {
    PadPair pads = resolveAutoPad(spatial[i], w.window(i), w.autoPad);
    w.begins[i] = pads.begin;
    w.ends[i] = pads.end;
  }
}

/// Checks X and W of a convolution and gives the kernel's size.
static Ints convolutionKernel(NodeImporter &n) {
  Value x = n.input(0), w = n.input(1);
  if (rankOf(x) < 3 || rankOf(w) != rankOf(x)) {
    n.fail("expected X and W of one rank of at least 3, got ranks " +
           Twine(rankOf(x)) + " and " + Twine(rankOf(w)));
    return {};
  }
  Ints kernel(shapeOf(w).drop_front(2));
  if (n.intsAttr("kernel_shape", kernel) != kernel)
    n.fail("expected kernel_shape to be that of W");
  return kernel;
}

/// The group, bounded so that products with it cannot overflow.
static mlir::NamedAttribute readGroup(NodeImporter &n) {
  int64_t group = n.intAttr("group", 1);
  if (group < 1 || group > maxSize)
    n.fail("expected a group in [1, 2^31], got " + Twine(group));
  return n.integer("group", group);
}

static llvm::SmallVector<Value> presentInputs(NodeImporter &n, size_t count) {
  llvm::SmallVector<Value> values;
  for (size_t i = 0; i < count; ++i)
    if (n.has(i))
      values.push_back(n.input(i));
  return values;
}

static void importConv(NodeImporter &n) {
  Ints kernel = convolutionKernel(n);
  if (n.failed())
    return;
  WindowAttributes w = readWindow(n, std::move(kernel));
  resolvePads(n, w, shapeOf(n.input(0)).drop_front(2));
  mlir::NamedAttribute group = readGroup(n);
  n.result(n.infer<dialect::ConvOp>(presentInputs(n, 3),
                                    {n.ints("dilations", w.dilations), group,
                                     n.ints("pads", w.pads()),
                                     n.ints("strides", w.strides)}));
}

/// output_shape and auto_pad become pads; what the taps do not reach becomes
/// output padding.
static void resolveOutputShape(NodeImporter &n, WindowAttributes &w,
                               Ints &outputPadding,
                               llvm::ArrayRef<int64_t> spatial) {
  Ints sizes = n.intsAttr("output_shape");
  bool isSame =
      w.autoPad == AutoPad::SameUpper || w.autoPad == AutoPad::SameLower;
  if (w.autoPad == AutoPad::Valid) {
    w.begins.assign(spatial.size(), 0);
    w.ends.assign(spatial.size(), 0);
  }
  if (sizes.empty() && !isSame)
    return;
  // Some exporters write all dimensions of the output.
  if (sizes.size() == spatial.size() + 2)
    sizes.erase(sizes.begin(), sizes.begin() + 2);
  if (!sizes.empty() && sizes.size() != spatial.size())
    n.fail("expected " + Twine(spatial.size()) +
           " entries in output_shape, got " + Twine(sizes.size()));
  if (n.failed())
    return;
  for (size_t i = 0; i < spatial.size(); ++i) {
    int64_t size = sizes.empty() ? spatial[i] * w.strides[i] : sizes[i];
    if (size < 1 || size > maxSize) {
      n.fail("expected output sizes of at least 1, got " + Twine(size));
      return;
    }
    PadPair pads = resolveTransposedPads(spatial[i], w.window(i),
                                         outputPadding[i], size, w.autoPad);
    outputPadding[i] += std::max<int64_t>(0, -pads.end);
    w.begins[i] = pads.begin;
    w.ends[i] = std::max<int64_t>(0, pads.end);
  }
}

static void importConvTranspose(NodeImporter &n) {
  Ints kernel = convolutionKernel(n);
  if (n.failed())
    return;
  size_t spatial = kernel.size();
  WindowAttributes w = readWindow(n, std::move(kernel));
  Ints outputPadding = readList(n, "output_padding", spatial, 0, 0);
  mlir::NamedAttribute group = readGroup(n);
  if (n.failed())
    return;
  resolveOutputShape(n, w, outputPadding, shapeOf(n.input(0)).drop_front(2));
  n.result(n.infer<dialect::ConvTransposeOp>(
      presentInputs(n, 3),
      {n.ints("dilations", w.dilations), group,
       n.ints("output_padding", outputPadding), n.ints("pads", w.pads()),
       n.ints("strides", w.strides)}));
}

static void importGemm(NodeImporter &n) {
  auto flag = [&](llvm::StringRef name) {
    return n.integer(name, n.intAttr(name, 0) != 0);
  };
  n.result(n.infer<dialect::GemmOp>(presentInputs(n, 3),
                                    {n.number("alpha", n.floatAttr("alpha", 1)),
                                     n.number("beta", n.floatAttr("beta", 1)),
                                     flag("transA"), flag("transB")}));
}

static void importMatMul(NodeImporter &n) {
  n.result(n.infer<dialect::MatMulOp>({n.input(0), n.input(1)}));
}

static mlir::NamedAttribute epsilon(NodeImporter &n) {
  return n.number("epsilon", n.floatAttr("epsilon", 1e-5f));
}

static void importBatchNormalization(NodeImporter &n) {
  if (n.opset >= 14 && n.intAttr("training_mode", 0) != 0)
    n.fail("training_mode is not supported; export the model in evaluation "
           "mode");
  if (n.opset < 9 && n.intAttr("spatial", 1) == 0)
    n.fail("spatial 0 is not supported");
  Value x = n.input(0);
  n.result(n.make<dialect::BatchNormalizationOp>(n.allInputs(), {epsilon(n)},
                                                 shapeOf(x), elementOf(x)));
}

static void importInstanceNormalization(NodeImporter &n) {
  Value x = n.input(0);
  n.result(n.make<dialect::InstanceNormalizationOp>(n.allInputs(), {epsilon(n)},
                                                    shapeOf(x), elementOf(x)));
}

/// The parameters of opset 18 have one element a group: spread to channels.
static Value spreadGroups(NodeImporter &n, Value parameter, int64_t groups,
                          int64_t channels) {
  if (shapeOf(parameter) != llvm::ArrayRef<int64_t>{groups}) {
    n.fail("expected parameters of " + Twine(groups) +
           " elements, one a group");
    return {};
  }
  reference::Tensor indices(reference::DType::I64, {channels});
  for (int64_t i = 0; i < channels; ++i)
    indices.data<int64_t>()[i] = i / (channels / groups);
  Value index = n.constantOfTensor(indices, n.builder.getIntegerType(64));
  return n.fold(
      n.infer<dialect::GatherOp>({parameter, index}, {n.integer("axis", 0)}));
}

static void importGroupNormalization(NodeImporter &n) {
  Value x = n.input(0), scale = n.input(1), bias = n.input(2);
  int64_t groups = n.intAttr("num_groups", 0);
  int64_t channels = rankOf(x) > 1 ? shapeOf(x)[1] : 0;
  constexpr int64_t maxChannels = 1 << 24;
  if (groups < 1 || channels < 1 || channels > maxChannels ||
      channels % groups != 0)
    n.fail("expected num_groups that divide " + Twine(channels) +
           " channels, got " + Twine(groups));
  if (n.failed())
    return;
  if (n.opset < 21) {
    scale = spreadGroups(n, scale, groups, channels);
    bias = spreadGroups(n, bias, groups, channels);
  }
  if (n.failed())
    return;
  n.result(n.make<dialect::GroupNormalizationOp>(
      {x, scale, bias}, {epsilon(n), n.integer("num_groups", groups)},
      shapeOf(x), elementOf(x)));
}

/// The common part of pools; `extra` joins the op's attributes.
template <typename Op>
static void importPool(NodeImporter &n, Attributes extra) {
  Value x = n.input(0);
  if (rankOf(x) < 3)
    n.fail("expected X of rank 3 or more, got rank " + Twine(rankOf(x)));
  Ints kernel = n.intsAttr("kernel_shape");
  if (int64_t(kernel.size()) != rankOf(x) - 2)
    n.fail("expected " + Twine(rankOf(x) - 2) +
           " entries in kernel_shape, got " + Twine(kernel.size()));
  if (n.failed())
    return;
  WindowAttributes w = readWindow(n, std::move(kernel));
  resolvePads(n, w, shapeOf(x).drop_front(2));
  llvm::SmallVector<mlir::NamedAttribute> attrs{
      n.ints("kernel_shape", w.kernel), n.ints("dilations", w.dilations),
      n.ints("pads", w.pads()), n.ints("strides", w.strides),
      n.integer("ceil_mode", n.intAttr("ceil_mode", 0) != 0)};
  llvm::append_range(attrs, extra);
  n.result(n.infer<Op>(x, attrs));
}

static void importMaxPool(NodeImporter &n) {
  if (n.intAttr("storage_order", 0) != 0)
    n.fail("storage_order 1 (column major) is not supported");
  importPool<dialect::MaxPoolOp>(n, {});
}

static void importAveragePool(NodeImporter &n) {
  importPool<dialect::AveragePoolOp>(
      n,
      {n.integer("count_include_pad", n.intAttr("count_include_pad", 0) != 0)});
}

template <typename Op>
static void importGlobalPool(NodeImporter &n) {
  n.result(n.infer<Op>(n.input(0)));
}

llvm::ArrayRef<OpEntry> neuralOps() {
  constexpr Folding never = Folding::Never;
  static const OpEntry table[] = {
      {"AveragePool", 7, 27, 1, 1, 1, never, importAveragePool, ""},
      {"BatchNormalization", 7, 27, 5, 5, 5, never, importBatchNormalization,
       "inference only, first output only"},
      {"Conv", 7, 27, 2, 3, 3, never, importConv, ""},
      {"ConvTranspose", 7, 27, 2, 3, 3, never, importConvTranspose, ""},
      {"Gemm", 7, 27, 2, 3, 3, never, importGemm, "float only"},
      {"GlobalAveragePool", 7, 27, 1, 1, 1, never,
       importGlobalPool<dialect::GlobalAveragePoolOp>, ""},
      {"GlobalMaxPool", 7, 27, 1, 1, 1, never,
       importGlobalPool<dialect::GlobalMaxPoolOp>, ""},
      {"GroupNormalization", 18, 27, 3, 3, 3, never, importGroupNormalization,
       ""},
      {"InstanceNormalization", 7, 27, 3, 3, 3, never,
       importInstanceNormalization, ""},
      {"MatMul", 7, 27, 2, 2, 2, never, importMatMul, "float only"},
      {"MaxPool", 7, 27, 1, 1, 0, never, importMaxPool,
       "first output only, row-major storage_order"},
  };
  return table;
}

} // namespace shift::import
