//===- InterpretShift.cpp - Ops of the shift dialect ----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Evaluation.h"
#include "dialects/Shift/IR/ShiftDetection.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "shift/Detection/Decode.h"
#include "shift/Reference/ShiftKernels.h"

#include <cstring>

using namespace shift::reference;
namespace dialect = mlir::shift;

static_assert(sizeof(shift::Term) == 2, "terms are (sign, exponent) bytes");

/// The fixed-point format of a value whose type was verified to have one.
static shift::FixedPoint formatOf(mlir::Value value) {
  return *dialect::getFixedPoint(value.getType());
}

template <typename Op>
static Clamp clampOf(Op op) {
  Clamp clamp;
  if (op.getClampMin())
    clamp.min = op.getClampMin()->convertToFloat();
  if (op.getClampMax())
    clamp.max = op.getClampMax()->convertToFloat();
  return clamp;
}

static std::string runWeight(dialect::WeightOp op, Inputs, Results &results) {
  Shape shape = dimsOf(op);
  std::vector<shift::Term> terms = dialect::getTerms(op);
  int64_t count = product(shape);
  shape.push_back(count == 0 ? 1 : int64_t(terms.size()) / count);
  shape.push_back(2);
  Tensor &tensor = results.emplace_back(DType::I8, shape);
  std::memcpy(tensor.bytes.data(), terms.data(), tensor.bytes.size());
  return {};
}

/// The weights of a convolution from runWeight's tensor.
static ShiftWeights weightsOf(mlir::Value weights, const Tensor &tensor) {
  auto type = llvm::cast<dialect::Pow2Type>(
      mlir::getElementTypeOrSelf(weights.getType()));
  ShiftWeights result;
  result.perWeight = type.getTerms();
  result.lo = type.getLo();
  result.terms.resize(tensor.size() / 2);
  std::memcpy(result.terms.data(), tensor.bytes.data(), tensor.bytes.size());
  return result;
}

/// What conv2d and linear have in common.
template <typename Op>
static ShiftConvolution convolutionOf(Op op) {
  ShiftConvolution convolution;
  convolution.in = dialect::getFixedPoint(op.getInput().getType());
  convolution.out = dialect::getFixedPoint(op.getType());
  convolution.clamp = clampOf(op);
  convolution.dtype = *storageType(op.getType());
  convolution.shape = dimsOf(op);
  return convolution;
}

static std::string runConv2D(dialect::Conv2DOp op, Inputs in,
                             Results &results) {
  ShiftConvolution convolution = convolutionOf(op);
  Shape w = dimsOf(op.getWeights());
  convolution.windows = {{w[2], w[3]},
                         toShape(op.getStrides()),
                         toShape(op.getDilations()),
                         toShape(op.getPads())};
  convolution.group = op.getGroup();
  return shiftConvolution(*in[0], weightsOf(op.getWeights(), *in[1]),
                          optionalInput(in, 2), convolution,
                          results.emplace_back());
}

static std::string runLinear(dialect::LinearOp op, Inputs in,
                             Results &results) {
  ShiftConvolution convolution = convolutionOf(op);
  int64_t inputs = in[0]->shape.back(), outputs = convolution.shape.back();
  int64_t rows = product(in[0]->shape, 0, in[0]->shape.size() - 1);
  Shape shape = convolution.shape;
  convolution.windows = {{1}, {1}, {1}, {0, 0}};
  convolution.shape = {rows, outputs, 1};
  Tensor result;
  std::string error = shiftConvolution(
      reshape(*in[0], {rows, inputs, 1}), weightsOf(op.getWeights(), *in[1]),
      optionalInput(in, 2), convolution, result);
  if (error.empty())
    results.push_back(reshape(result, shape));
  return error;
}

static std::string runQuantize(dialect::QuantizeOp op, Inputs in,
                               Results &results) {
  shift::FixedPoint format = formatOf(op);
  if (op.getFloor())
    format.rounding = shift::FixedRounding::Floor;
  results.push_back(quantizeTensor(*in[0], format, *storageType(op.getType())));
  return {};
}

static std::string runDequantize(dialect::DequantizeOp op, Inputs in,
                                 Results &results) {
  results.push_back(dequantizeTensor(*in[0], formatOf(op.getInput())));
  return {};
}

static std::string runRequantize(dialect::RequantizeOp op, Inputs in,
                                 Results &results) {
  results.push_back(requantizeTensor(*in[0], formatOf(op.getInput()),
                                     formatOf(op), clampOf(op),
                                     *storageType(op.getType())));
  return {};
}

static std::string runAdd(dialect::AddOp op, Inputs in, Results &results) {
  results.push_back(addTensors(*in[0], formatOf(op.getLhs()), *in[1],
                               formatOf(op.getRhs()), formatOf(op), clampOf(op),
                               *storageType(op.getType())));
  return {};
}

static std::string runConcat(dialect::ConcatOp op, Inputs in,
                             Results &results) {
  std::vector<Tensor> parts;
  for (auto [value, tensor] : llvm::zip_equal(op.getInputs(), in))
    parts.push_back(requantizeTensor(*tensor, formatOf(value), formatOf(op), {},
                                     *storageType(op.getType())));
  std::vector<const Tensor *> pointers;
  for (const Tensor &part : parts)
    pointers.push_back(&part);
  results.push_back(concat(pointers, op.getAxis(), dimsOf(op)));
  return {};
}

template <typename Op>
static Windows poolWindows(Op op) {
  return {toShape(op.getKernel()), toShape(op.getStrides()),
          toShape(op.getDilations()), toShape(op.getPads())};
}

static std::string runMaxPool(dialect::MaxPoolOp op, Inputs in,
                              Results &results) {
  // A window of padding alone gives the least q of the format.
  shift::FixedPoint format = formatOf(op);
  results.push_back(
      requantizeTensor(maxPool(*in[0], poolWindows(op), dimsOf(op)), format,
                       format, {}, *storageType(op.getType())));
  return {};
}

static std::string runAveragePool(dialect::AveragePoolOp op, Inputs in,
                                  Results &results) {
  results.push_back(averagePoolFixed(*in[0], formatOf(op.getInput()),
                                     poolWindows(op),
                                     op.getCountIncludePad() != 0, formatOf(op),
                                     *storageType(op.getType()), dimsOf(op)));
  return {};
}

static std::string runResize(dialect::ResizeNearestOp op, Inputs in,
                             Results &results) {
  results.push_back(
      resizeNearest(*in[0], toShape(op.getRows()), toShape(op.getColumns())));
  return {};
}

static std::string runPad(dialect::PadOp op, Inputs in, Results &results) {
  Tensor value = tensorOfIntegers(
      {shift::toFixed(op.getValue().convertToFloat(), formatOf(op))},
      in[0]->dtype, {});
  return pad(*in[0], toShape(op.getPads()), PadMode::Constant,
             value.bytes.data(), dimsOf(op), results.emplace_back());
}

static std::string runReshape(dialect::ReshapeOp op, Inputs in,
                              Results &results) {
  results.push_back(reshape(*in[0], dimsOf(op)));
  return {};
}

static std::string runTranspose(dialect::TransposeOp op, Inputs in,
                                Results &results) {
  results.push_back(transpose(*in[0], toShape(op.getPerm())));
  return {};
}

static std::string runSlice(dialect::SliceOp op, Inputs in, Results &results) {
  results.push_back(slice(*in[0], toShape(op.getStarts()),
                          toShape(op.getSteps()), dimsOf(op)));
  return {};
}

static std::string runGroupNorm(dialect::GroupNormOp op, Inputs in,
                                Results &results) {
  return groupNormFixed(*in[0], formatOf(op.getInput()), *in[1], *in[2],
                        op.getEpsilon().convertToFloat(), op.getNumGroups(),
                        clampOf(op), dialect::getFixedPoint(op.getType()),
                        *storageType(op.getType()), results.emplace_back());
}

/// The heads' values of one of the batch's images.
static std::vector<shift::detection::OutputView>
viewsOf(dialect::DecodeOp op, Inputs in, int64_t image, int64_t images) {
  std::vector<shift::detection::OutputView> views;
  for (auto [name, tensor] : llvm::zip_equal(
           op.getHeadNames().getAsValueRange<mlir::StringAttr>(), in))
    views.push_back({name.str(), tensor->shape,
                     tensor->data<float>() + tensor->size() / images * image});
  return views;
}

static std::string runDecode(dialect::DecodeOp op, Inputs in,
                             Results &results) {
  auto head = dialect::readDetectorHead(op);
  if (mlir::failed(head))
    return "expected a valid detector";
  int64_t limit = head->description.maxDetections;
  for (mlir::Value result : op.getResults())
    results.push_back(*makeTensor(result.getType()));
  for (int64_t image = 0; image < head->images; ++image) {
    std::vector<shift::detection::Detection> found;
    std::string error = shift::detection::decode(
        head->description, viewsOf(op, in, image, head->images),
        head->inputHeight, head->inputWidth, found);
    if (!error.empty())
      return error;
    int64_t row = image * limit;
    for (const shift::detection::Detection &box : found) {
      const float corners[] = {box.x0, box.y0, box.x1, box.y1};
      std::memcpy(results[0].data<float>() + 4 * row, corners, sizeof(corners));
      results[1].data<float>()[row] = box.score;
      results[2].data<int32_t>()[row++] = box.label;
    }
    results[3].data<int32_t>()[image] = int32_t(found.size());
  }
  return {};
}

void shift::reference::addShiftEvaluators(EvaluatorTable &table) {
  addEvaluator<dialect::WeightOp>(table, runWeight);
  addEvaluator<dialect::Conv2DOp>(table, runConv2D);
  addEvaluator<dialect::LinearOp>(table, runLinear);
  addEvaluator<dialect::QuantizeOp>(table, runQuantize);
  addEvaluator<dialect::DequantizeOp>(table, runDequantize);
  addEvaluator<dialect::RequantizeOp>(table, runRequantize);
  addEvaluator<dialect::AddOp>(table, runAdd);
  addEvaluator<dialect::ConcatOp>(table, runConcat);
  addEvaluator<dialect::MaxPoolOp>(table, runMaxPool);
  addEvaluator<dialect::AveragePoolOp>(table, runAveragePool);
  addEvaluator<dialect::ResizeNearestOp>(table, runResize);
  addEvaluator<dialect::PadOp>(table, runPad);
  addEvaluator<dialect::ReshapeOp>(table, runReshape);
  addEvaluator<dialect::TransposeOp>(table, runTranspose);
  addEvaluator<dialect::SliceOp>(table, runSlice);
  addEvaluator<dialect::GroupNormOp>(table, runGroupNorm);
  addEvaluator<dialect::DecodeOp>(table, runDecode);
}
