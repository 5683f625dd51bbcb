//===- ShiftOps.cpp - Verifiers of convolution, linear and weights --------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftOps.h"
#include "dialects/Shift/IR/ShiftVerify.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "mlir/IR/TypeUtilities.h"
#include "shift/Support/PackedWeights.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::shift;

LogicalResult mlir::shift::verifyClamp(Operation *op,
                                       std::optional<APFloat> min,
                                       std::optional<APFloat> max) {
  if ((min && min->isNaN()) || (max && max->isNaN()))
    return op->emitOpError("expected clamp bounds that are numbers, got NaN");
  if (min && max && *max < *min)
    return op->emitOpError("expected clamp_min <= clamp_max, got ")
           << min->convertToFloat() << " and " << max->convertToFloat();
  return success();
}

LogicalResult mlir::shift::verifyWindow(Operation *op, Value input,
                                        Value result, const Window2D &window) {
  ArrayRef<int64_t> in = shapeOf(input), out = shapeOf(result);
  if (in.size() != 4 || out.size() != 4)
    return op->emitOpError("expected tensors of rank 4, got ranks ")
           << in.size() << " and " << out.size();
  if (window.kernel.size() != 2 || window.strides.size() != 2 ||
      window.dilations.size() != 2 || window.pads.size() != 4)
    return op->emitOpError("expected 2 kernel sizes, 2 strides, 2 dilations "
                           "and 4 pads");
  auto isIn = [](ArrayRef<int64_t> values, int64_t least) {
    return llvm::all_of(values, [&](int64_t value) {
      return value >= least && value <= (int64_t(1) << 31);
    });
  };
  if (!isIn(window.kernel, 1) || !isIn(window.strides, 1) ||
      !isIn(window.dilations, 1) || !isIn(window.pads, 0))
    return op->emitOpError("expected kernel sizes, strides and dilations of at "
                           "least 1 and pads of at least 0, all at most 2^31");
  for (int i = 0; i < 2; ++i) {
    ::shift::ConvWindow one{window.kernel[i], window.strides[i],
                            window.dilations[i], window.pads[i],
                            window.pads[i + 2]};
    int64_t size = ::shift::convOutputSize(in[i + 2], one, window.ceilMode);
    if (size < 1 || size != out[i + 2])
      return op->emitOpError("expected a result of size ")
             << size << " in dimension " << i + 2 << ", got " << out[i + 2];
  }
  if (in[0] != out[0])
    return op->emitOpError("expected a batch of ")
           << in[0] << ", got " << out[0];
  return success();
}

LogicalResult mlir::shift::verifyConvolution(Operation *op, Value input,
                                             Value weights, Value result,
                                             ArrayRef<int64_t> strides,
                                             ArrayRef<int64_t> dilations,
                                             ArrayRef<int64_t> pads,
                                             int64_t group) {
  ArrayRef<int64_t> in = shapeOf(input), w = shapeOf(weights);
  if (w.size() != 4)
    return op->emitOpError("expected weights of rank 4, got rank ") << w.size();
  Window2D window{w.drop_front(2), strides, dilations, pads, false};
  if (failed(verifyWindow(op, input, result, window)))
    return failure();
  if (group < 1 || in[1] % group != 0 || w[0] % group != 0 ||
      w[1] * group != in[1])
    return op->emitOpError("expected group * ")
           << w[1] << " input channels and a group that divides " << w[0]
           << " outputs, got " << in[1] << " inputs and group " << group;
  if (shapeOf(result)[1] != w[0])
    return op->emitOpError("expected ")
           << w[0] << " result channels, got " << shapeOf(result)[1];
  return success();
}

/// A fixed-point result is made by rounding an integer sum.
static LogicalResult verifyResultKind(Operation *op, Value input,
                                      Value result) {
  if (getFixedPoint(result.getType()) && !getFixedPoint(input.getType()))
    return op->emitOpError("expected a fixed-point input for the fixed-point "
                           "result, got ")
           << input.getType();
  return success();
}

static LogicalResult verifyBias(Operation *op, Value bias, int64_t channels) {
  if (bias && shapeOf(bias) != ArrayRef<int64_t>{channels})
    return op->emitOpError("expected a bias of ")
           << channels << " elements, got " << bias.getType();
  return success();
}

LogicalResult Conv2DOp::verify() {
  if (failed(verifyConvolution(*this, getInput(), getWeights(), getResult(),
                               getStrides(), getDilations(), getPads(),
                               getGroup())))
    return failure(); // conv2d_c1, conv2d_c2, conv2d_c3, conv2d_c5
  int64_t channels = shapeOf(getWeights())[0];
  if (failed(verifyBias(*this, getBias(), channels))) // conv2d_c4
    return failure();
  if (failed(verifyResultKind(*this, getInput(), getResult()))) // conv2d_c6
    return failure();
  if (failed(verifyClamp(*this, getClampMin(), getClampMax()))) // conv2d_c7
    return failure();
  return verifyInside(*this, getResult(), getInside()); // conv2d_c8
}

LogicalResult LinearOp::verify() {
  ArrayRef<int64_t> in = shapeOf(getInput()), w = shapeOf(getWeights());
  if (w.size() != 2 || in.empty() || in.back() != w[1]) // linear_c1
    return emitOpError("expected weights M x K and an input ... x K, got ")
           << getWeights().getType() << " and " << getInput().getType();
  SmallVector<int64_t> expected(in);
  expected.back() = w[0];
  if (shapeOf(getResult()) != ArrayRef<int64_t>(expected)) // linear_c2
    return emitOpError("expected a last dimension of ")
           << w[0] << " in the result, got " << getResult().getType();
  if (failed(verifyBias(*this, getBias(), w[0]))) // linear_c3
    return failure();
  if (failed(verifyResultKind(*this, getInput(), getResult()))) // linear_c4
    return failure();
  if (failed(verifyClamp(*this, getClampMin(), getClampMax()))) // linear_c5
    return failure();
  return verifyInside(*this, getResult(), getInside()); // linear_c6
}

/// Elements of a shape, none where they do not fit an int64_t.
static std::optional<int64_t> checkedCount(ArrayRef<int64_t> shape) {
  std::optional<int64_t> count = 1;
  for (int64_t side : shape)
    if (!(count = llvm::checkedMul(*count, side)))
      return std::nullopt;
  return count;
}

/// The windows lie in the range and the codebook in a window.
static std::string checkWindows(WeightOp op) {
  auto type = cast<Pow2Type>(getElementTypeOrSelf(op.getType()));
  int window = type.getWindow();
  ::shift::ExponentRange range{int(type.getLo()), int(type.getHi())};
  int lowest = ::shift::lowestWindowTop(range, window);
  ArrayRef<int8_t> tops = *op.getWindowTops();
  for (int top : tops)
    if (top < lowest || top > range.hi)
      return llvm::formatv("expected window tops in {0} to {1}, got {2}",
                           lowest, range.hi, top);
  for (int exponent : op.getExponents())
    if (exponent > 0 || exponent <= -window)
      return llvm::formatv("expected exponents in a window of {0}, {1} to 0, "
                           "got {2}",
                           window, 1 - window, exponent);
  return {};
}

LogicalResult WeightOp::verify() {
  auto tensor = cast<RankedTensorType>(getType());
  // Codes may take no bits at all, so that no data bounds the size.
  constexpr int64_t maxWeights = int64_t(1) << 31;
  std::optional<int64_t> elements = checkedCount(tensor.getShape());
  if (!elements || *elements > maxWeights) // weight_c8
    return emitOpError("expected at most 2^31 weights, got ") << tensor;
  auto type = cast<Pow2Type>(tensor.getElementType());
  int64_t terms = type.getTerms(), count = getSigns().size();
  if (count == 0 || count % terms != 0 ||
      int64_t(getExponents().size()) != count) // weight_c1
    return emitOpError("expected signs and exponents of ")
           << terms << " terms an entry, got " << count << " and "
           << getExponents().size();
  int64_t size = count / terms, bits = getBits();
  if (bits != ::shift::codeBits(size)) // weight_c2
    return emitOpError("expected ") << ::shift::codeBits(size) << " bits for "
                                    << size << " entries, got " << bits;
  auto codes = cast<ShapedType>(getCodes().getType());
  int64_t bytes = ::shift::packedBytes(*elements, bits);
  if (codes.getRank() != 1 || !codes.getElementType().isInteger(8) ||
      codes.getNumElements() != bytes) // weight_c3
    return emitOpError("expected codes of type tensor<")
           << bytes << "xi8>, got " << codes;
  bool hasTops = getWindowTops().has_value();
  if (hasTops != (type.getWindow() > 0) ||
      (hasTops && (tensor.getRank() == 0 ||
                   int64_t(getWindowTops()->size()) != tensor.getDimSize(0))))
    return emitOpError("expected one window top a channel exactly if the type "
                       "has a window"); // weight_c7
  std::vector<uint8_t> raw = getRawBytes(getCodes());
  if (int64_t(raw.size()) != bytes)
    return emitOpError("expected the data of resource codes, got none; it was "
                       "elided when the file was printed");
  ::shift::ExponentRange range{int(type.getLo()), int(type.getHi())};
  std::string error;
  if (type.getWindow() > 0)
    error = checkWindows(*this); // weight_c7
  if (error.empty())
    error = ::shift::checkPacked(getCodebook(*this), range, raw.data(), bytes,
                                 bits, *elements);
  if (!error.empty()) // weight_c4, weight_c5, weight_c6
    return emitOpError() << error;
  return success();
}
