//===- ONNXNeuralOps.cpp - Types of convolutions, norms and pools ---------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/ONNX/IR/ONNXTypeInference.h"
#include "shift/Support/ConvWindow.h"

using namespace mlir;
using namespace mlir::onnx;

/// Checks that a window attribute has one entry (pads: two) a spatial
/// dimension.
static LogicalResult checkCount(std::optional<Location> loc, StringRef name,
                                ArrayRef<int64_t> values, size_t expected,
                                int64_t least) {
  if (values.size() != expected)
    return emitOptionalError(loc, "expected ", expected, " ", name, ", got ",
                             values.size());
  for (int64_t value : values)
    if (value < least || value > (int64_t(1) << 31))
      return emitOptionalError(loc, "expected ", name, " of at least ", least,
                               " and at most 2^31, got ", value);
  return success();
}

static LogicalResult checkWindow(std::optional<Location> loc, size_t spatial,
                                 ArrayRef<int64_t> kernel,
                                 ArrayRef<int64_t> dilations,
                                 ArrayRef<int64_t> pads,
                                 ArrayRef<int64_t> strides) {
  return success(
      succeeded(checkCount(loc, "kernel sizes", kernel, spatial, 1)) &&
      succeeded(checkCount(loc, "dilations", dilations, spatial, 1)) &&
      succeeded(checkCount(loc, "pads", pads, 2 * spatial, 0)) &&
      succeeded(checkCount(loc, "strides", strides, spatial, 1)));
}

/// The spatial output sizes of a convolution or pool.
static LogicalResult
windowOutput(std::optional<Location> loc, ArrayRef<int64_t> spatial,
             ArrayRef<int64_t> kernel, ArrayRef<int64_t> dilations,
             ArrayRef<int64_t> pads, ArrayRef<int64_t> strides, bool ceilMode,
             SmallVectorImpl<int64_t> &result) {
  if (failed(
          checkWindow(loc, spatial.size(), kernel, dilations, pads, strides)))
    return failure();
  for (size_t i = 0; i < spatial.size(); ++i) {
    ::shift::ConvWindow window{kernel[i], strides[i], dilations[i], pads[i],
                               pads[i + spatial.size()]};
    int64_t size = ::shift::convOutputSize(spatial[i], window, ceilMode);
    if (size < 1)
      return emitOptionalError(loc, "expected a window that fits dimension ", i,
                               " of size ", spatial[i],
                               " with its padding, got an empty result");
    result.push_back(size);
  }
  return success();
}

static LogicalResult checkBias(std::optional<Location> loc, Value bias,
                               int64_t channels) {
  if (bias && shapeOf(bias) != ArrayRef<int64_t>{channels})
    return emitOptionalError(loc, "expected a bias of ", channels,
                             " elements, got ", bias.getType());
  return success();
}

/// Checks ranks and groups common to both convolutions; `inputs` is W's
/// dimension that holds the input channels, times the groups.
static LogicalResult checkConvolution(std::optional<Location> loc,
                                      ArrayRef<int64_t> x, ArrayRef<int64_t> w,
                                      int64_t group, int64_t inputs) {
  if (x.size() < 3 || w.size() != x.size())
    return emitOptionalError(loc,
                             "expected X and W of one rank of at least 3,"
                             " got ranks ",
                             x.size(), " and ", w.size());
  if (group < 1 || w[0] % group != 0 || x[1] % group != 0)
    return emitOptionalError(loc,
                             "expected channels that divide into groups, "
                             "got ",
                             x[1], " inputs, W of ", w[0], " and group ",
                             group);
  if (inputs != x[1])
    return emitOptionalError(loc, "expected W for ", x[1],
                             " input channels, got one for ", inputs);
  return success();
}

LogicalResult ConvOp::inferReturnTypes(MLIRContext *,
                                       std::optional<Location> loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> x = shapeOf(adaptor.getX()), w = shapeOf(adaptor.getW());
  int64_t group = adaptor.getGroup();
  if (failed(checkConvolution(loc, x, w, group,
                              w.size() > 1 ? w[1] * group : 0)) ||
      failed(checkBias(loc, adaptor.getB(), w[0])))
    return failure();
  SmallVector<int64_t> shape{x[0], w[0]};
  if (failed(windowOutput(loc, x.drop_front(2), w.drop_front(2),
                          adaptor.getDilations(), adaptor.getPads(),
                          adaptor.getStrides(), false, shape)))
    return failure();
  types.push_back(RankedTensorType::get(shape, elementTypeOf(adaptor.getX())));
  return success();
}

LogicalResult ConvTransposeOp::inferReturnTypes(MLIRContext *,
                                                std::optional<Location> loc,
                                                Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> x = shapeOf(adaptor.getX()), w = shapeOf(adaptor.getW());
  int64_t group = adaptor.getGroup();
  if (failed(checkConvolution(loc, x, w, group, w.empty() ? 0 : w[0])))
    return failure();
  size_t spatial = x.size() - 2;
  if (failed(checkBias(loc, adaptor.getB(), w[1] * group)) ||
      failed(checkWindow(loc, spatial, w.drop_front(2), adaptor.getDilations(),
                         adaptor.getPads(), adaptor.getStrides())) ||
      failed(checkCount(loc, "output paddings", adaptor.getOutputPadding(),
                        spatial, 0)))
    return failure();
  SmallVector<int64_t> shape{x[0], w[1] * group};
  for (size_t i = 0; i < spatial; ++i) {
    ::shift::ConvWindow window{w[i + 2], adaptor.getStrides()[i],
                               adaptor.getDilations()[i], adaptor.getPads()[i],
                               adaptor.getPads()[i + spatial]};
    int64_t size = ::shift::transposedOutputSize(x[i + 2], window,
                                                 adaptor.getOutputPadding()[i]);
    if (size < 1)
      return emitOptionalError(loc, "expected pads that leave a result, got ",
                               size, " elements in dimension ", i);
    shape.push_back(size);
  }
  types.push_back(RankedTensorType::get(shape, elementTypeOf(adaptor.getX())));
  return success();
}

LogicalResult GemmOp::inferReturnTypes(MLIRContext *,
                                       std::optional<Location> loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> a = shapeOf(adaptor.getA()), b = shapeOf(adaptor.getB());
  if (a.size() != 2 || b.size() != 2)
    return emitOptionalError(loc, "expected matrices, got ranks ", a.size(),
                             " and ", b.size());
  bool transA = adaptor.getTransA(), transB = adaptor.getTransB();
  if (a[!transA] != b[transB])
    return emitOptionalError(loc, "expected equal inner dimensions, got ",
                             a[!transA], " and ", b[transB]);
  SmallVector<int64_t> shape{a[transA], b[!transB]};
  if (Value c = adaptor.getC()) {
    auto joined = broadcastShapes(loc, shape, shapeOf(c));
    if (failed(joined))
      return failure();
    if (*joined != shape)
      return emitOptionalError(loc, "expected C that broadcasts to the result");
  }
  types.push_back(RankedTensorType::get(shape, elementTypeOf(adaptor.getA())));
  return success();
}

LogicalResult MatMulOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> a(shapeOf(adaptor.getA())), b(shapeOf(adaptor.getB()));
  if (a.empty() || b.empty())
    return emitOptionalError(loc, "expected operands of rank 1 or more");
  bool rowOnly = a.size() == 1, columnOnly = b.size() == 1;
  if (rowOnly)
    a.insert(a.begin(), 1);
  if (columnOnly)
    b.push_back(1);
  if (a.back() != b[b.size() - 2])
    return emitOptionalError(loc, "expected equal inner dimensions, got ",
                             a.back(), " and ", b[b.size() - 2]);
  auto shape = broadcastShapes(loc, ArrayRef<int64_t>(a).drop_back(2),
                               ArrayRef<int64_t>(b).drop_back(2));
  if (failed(shape))
    return failure();
  if (!rowOnly)
    shape->push_back(a[a.size() - 2]);
  if (!columnOnly)
    shape->push_back(b.back());
  types.push_back(RankedTensorType::get(*shape, elementTypeOf(adaptor.getA())));
  return success();
}

/// Norm parameters are vectors with one element a channel.
static LogicalResult verifyChannels(Operation *op, Value x,
                                    ValueRange parameters) {
  ArrayRef<int64_t> shape = shapeOf(x);
  if (shape.size() < 2)
    return op->emitOpError("expected X of rank 2 or more, got rank ")
           << shape.size();
  for (Value parameter : parameters)
    if (shapeOf(parameter) != ArrayRef<int64_t>{shape[1]})
      return op->emitOpError("expected parameters of ")
             << shape[1] << " elements, got " << parameter.getType();
  return success();
}

LogicalResult BatchNormalizationOp::verify() {
  return verifyChannels(*this, getX(),
                        {getScale(), getB(), getMean(), getVar()});
}

LogicalResult InstanceNormalizationOp::verify() {
  return verifyChannels(*this, getX(), {getScale(), getB()});
}

LogicalResult GroupNormalizationOp::verify() {
  if (failed(verifyChannels(*this, getX(), {getScale(), getBias()})))
    return failure();
  int64_t channels = shapeOf(getX())[1];
  if (getNumGroups() < 1 || channels % getNumGroups() != 0)
    return emitOpError("expected num_groups that divide ")
           << channels << " channels, got " << getNumGroups();
  return success();
}

template <typename Adaptor>
static LogicalResult inferPool(std::optional<Location> loc, Adaptor adaptor,
                               SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> x = shapeOf(adaptor.getX());
  if (x.size() < 3)
    return emitOptionalError(loc, "expected X of rank 3 or more, got rank ",
                             x.size());
  SmallVector<int64_t> shape(x.take_front(2));
  if (failed(windowOutput(loc, x.drop_front(2), adaptor.getKernelShape(),
                          adaptor.getDilations(), adaptor.getPads(),
                          adaptor.getStrides(), adaptor.getCeilMode(), shape)))
    return failure();
  types.push_back(RankedTensorType::get(shape, elementTypeOf(adaptor.getX())));
  return success();
}

LogicalResult MaxPoolOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferPool(loc, adaptor, types);
}

LogicalResult AveragePoolOp::inferReturnTypes(MLIRContext *,
                                              std::optional<Location> loc,
                                              Adaptor adaptor,
                                              SmallVectorImpl<Type> &types) {
  return inferPool(loc, adaptor, types);
}

static LogicalResult inferGlobalPool(std::optional<Location> loc, Value x,
                                     SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> shape(shapeOf(x));
  if (shape.size() < 3)
    return emitOptionalError(loc, "expected X of rank 3 or more, got rank ",
                             shape.size());
  std::fill(shape.begin() + 2, shape.end(), 1);
  types.push_back(RankedTensorType::get(shape, elementTypeOf(x)));
  return success();
}

LogicalResult GlobalAveragePoolOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  return inferGlobalPool(loc, adaptor.getX(), types);
}

LogicalResult GlobalMaxPoolOp::inferReturnTypes(MLIRContext *,
                                                std::optional<Location> loc,
                                                Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  return inferGlobalPool(loc, adaptor.getX(), types);
}
