//===- InterpretOnnxTensor.cpp - onnx ops that move or make tensors -------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Evaluation.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/ONNX/IR/ONNXTypeInference.h"

using namespace shift::reference;
namespace onnx = mlir::onnx;

static std::string runConstant(onnx::ConstantOp op, Inputs, Results &results) {
  llvm::Expected<Tensor> tensor = tensorOf(op.getValue());
  if (!tensor)
    return llvm::toString(tensor.takeError());
  results.push_back(std::move(*tensor));
  return {};
}

static std::string runConstantOfShape(onnx::ConstantOfShapeOp op, Inputs,
                                      Results &results) {
  llvm::Expected<Tensor> value = tensorOf(op.getValue());
  if (!value)
    return llvm::toString(value.takeError());
  results.push_back(expand(reshape(*value, {}), dimsOf(op)));
  return {};
}

static std::string runShape(onnx::ShapeOp op, Inputs in, Results &results) {
  const Shape &shape = in[0]->shape;
  int64_t rank = in[0]->rank();
  // The accessor is unsigned.
  int64_t start = op.getStart();
  start = std::clamp<int64_t>(start < 0 ? start + rank : start, 0, rank);
  int64_t count = dimsOf(op)[0];
  Shape part(shape.begin() + start, shape.begin() + start + count);
  results.push_back(Tensor::of<int64_t>({count}, part));
  return {};
}

static std::string runConcat(onnx::ConcatOp op, Inputs in, Results &results) {
  results.push_back(concat({in.begin(), in.end()},
                           frontAxis(op.getAxis(), *in[0]), dimsOf(op)));
  return {};
}

static std::string runSplit(onnx::SplitOp op, Inputs in, Results &results) {
  int64_t axis = frontAxis(op.getAxis(), *in[0]);
  Shape starts(in[0]->rank(), 0), steps(in[0]->rank(), 1);
  for (mlir::Value part : op.getOutputs()) {
    Shape shape = dimsOf(part);
    results.push_back(slice(*in[0], starts, steps, shape));
    starts[axis] += shape[axis];
  }
  return {};
}

static std::string runSlice(onnx::SliceOp op, Inputs in, Results &results) {
  Shape starts(in[0]->rank(), 0), steps(in[0]->rank(), 1);
  for (size_t i = 0; i < op.getAxes().size(); ++i) {
    int64_t axis = frontAxis(op.getAxes()[i], *in[0]);
    steps[axis] = op.getSteps()[i];
    starts[axis] = onnx::sliceRange(in[0]->shape[axis], op.getStarts()[i],
                                    op.getEnds()[i], steps[axis])
                       .first;
  }
  results.push_back(slice(*in[0], starts, steps, dimsOf(op)));
  return {};
}

template <typename Op>
static void addReshape(EvaluatorTable &table) {
  addEvaluator<Op>(table, [](Op op, Inputs in, Results &results) {
    results.push_back(reshape(*in[0], dimsOf(op)));
    return std::string();
  });
}

static std::string runTranspose(onnx::TransposeOp op, Inputs in,
                                Results &results) {
  results.push_back(transpose(*in[0], toShape(op.getPerm())));
  return {};
}

static std::string runGather(onnx::GatherOp op, Inputs in, Results &results) {
  return gather(*in[0], *in[1], frontAxis(op.getAxis(), *in[0]), dimsOf(op),
                results.emplace_back());
}

static std::string runExpand(onnx::ExpandOp op, Inputs in, Results &results) {
  results.push_back(expand(*in[0], dimsOf(op)));
  return {};
}

static std::string runCast(onnx::CastOp op, Inputs in, Results &results) {
  std::optional<DType> dtype = storageType(op.getType());
  if (!dtype)
    return llvm::formatv("unsupported type {0}", op.getType());
  results.push_back(cast(*in[0], *dtype));
  return {};
}

static std::string runPad(onnx::PadOp op, Inputs in, Results &results) {
  PadMode mode = llvm::StringSwitch<PadMode>(op.getMode())
                     .Case("reflect", PadMode::Reflect)
                     .Case("edge", PadMode::Edge)
                     .Case("wrap", PadMode::Wrap)
                     .Default(PadMode::Constant);
  std::optional<Tensor> value;
  if (op.getConstantValue()) {
    value = scalarOf(*op.getConstantValue(), in[0]->dtype);
    if (!value)
      return "expected a number as constant_value";
  }
  return pad(*in[0], toShape(op.getPads()), mode,
             value ? value->bytes.data() : nullptr, dimsOf(op),
             results.emplace_back());
}

/// Resamples x to `shape` with one scale a dimension.
static std::string runTables(const Tensor &x, const Shape &shape,
                             llvm::ArrayRef<float> scales,
                             llvm::ArrayRef<float> roi,
                             const shift::ResizeOptions &options,
                             float extrapolation, Results &results) {
  bool isNearest = options.mode == shift::ResizeOptions::Mode::Nearest;
  if (!isNearest && x.dtype != DType::F32)
    return std::string("expected float32 to interpolate, got ") +
           dtypeName(x.dtype);
  std::vector<shift::ResizeTable> tables;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (x.shape[i] == 0)
      return "expected data to resize, got a dimension of size 0";
    float start = roi.empty() ? 0 : roi[i];
    float end = roi.empty() ? 1 : roi[i + shape.size()];
    tables.push_back(shift::makeResizeTable(x.shape[i], shape[i], scales[i],
                                            options, start, end));
  }
  results.push_back(resize(x, tables, isNearest, extrapolation));
  return {};
}

static std::string runResize(onnx::ResizeOp op, Inputs in, Results &results) {
  auto mode = shift::parseResizeMode(op.getMode());
  auto coordinates =
      shift::parseResizeCoordinates(op.getCoordinateTransformationMode());
  auto nearest = shift::parseResizeNearest(op.getNearestMode());
  if (!mode || !coordinates || !nearest)
    return llvm::formatv("unknown mode '{0}', '{1}' or '{2}'", op.getMode(),
                         op.getCoordinateTransformationMode(),
                         op.getNearestMode());
  llvm::ArrayRef<float> roi = op.getRoi().value_or(llvm::ArrayRef<float>());
  if (!roi.empty() && roi.size() != 2 * in[0]->shape.size())
    return "expected a roi of two numbers a dimension";
  shift::ResizeOptions options{*mode,
                               *coordinates,
                               *nearest,
                               op.getCubicCoeffA().convertToFloat(),
                               op.getExcludeOutside() != 0,
                               op.getAntialias() != 0};
  return runTables(*in[0], dimsOf(op), op.getScales(), roi, options,
                   op.getExtrapolationValue().convertToFloat(), results);
}

static std::string runUpsample(onnx::UpsampleOp op, Inputs in,
                               Results &results) {
  auto mode = shift::parseResizeMode(op.getMode());
  if (!mode || *mode == shift::ResizeOptions::Mode::Cubic)
    return llvm::formatv("expected mode nearest or linear, got '{0}'",
                         op.getMode());
  shift::ResizeOptions options;
  options.mode = *mode;
  options.coordinates = shift::ResizeOptions::Coordinates::Asymmetric;
  options.nearest = shift::ResizeOptions::Nearest::Floor;
  return runTables(*in[0], dimsOf(op), op.getScales(), {}, options, 0, results);
}

static std::string runQuantize(onnx::QuantizeLinearOp op, Inputs in,
                               Results &results) {
  std::optional<DType> dtype = storageType(op.getType());
  if (!dtype || *dtype == DType::F32 || *dtype == DType::F64)
    return llvm::formatv("expected an integer result, got {0}", op.getType());
  std::string error = expectFloat(in[1]);
  if (error.empty())
    results.push_back(quantizeLinear(*in[0], *in[1], optionalInput(in, 2),
                                     frontAxis(op.getAxis(), *in[0]), *dtype));
  return error;
}

static std::string runDequantize(onnx::DequantizeLinearOp op, Inputs in,
                                 Results &results) {
  std::string error = expectFloat(in[1]);
  if (error.empty())
    results.push_back(dequantizeLinear(*in[0], *in[1], optionalInput(in, 2),
                                       frontAxis(op.getAxis(), *in[0])));
  return error;
}

void shift::reference::addOnnxTensorEvaluators(EvaluatorTable &table) {
  addEvaluator<onnx::ConstantOp>(table, runConstant);
  addEvaluator<onnx::ConstantOfShapeOp>(table, runConstantOfShape);
  addEvaluator<onnx::ShapeOp>(table, runShape);
  addEvaluator<onnx::ConcatOp>(table, runConcat);
  addEvaluator<onnx::SplitOp>(table, runSplit);
  addEvaluator<onnx::SliceOp>(table, runSlice);
  addReshape<onnx::ReshapeOp>(table);
  addReshape<onnx::FlattenOp>(table);
  addReshape<onnx::SqueezeOp>(table);
  addReshape<onnx::UnsqueezeOp>(table);
  addEvaluator<onnx::TransposeOp>(table, runTranspose);
  addEvaluator<onnx::GatherOp>(table, runGather);
  addEvaluator<onnx::ExpandOp>(table, runExpand);
  addEvaluator<onnx::CastOp>(table, runCast);
  addEvaluator<onnx::PadOp>(table, runPad);
  addEvaluator<onnx::ResizeOp>(table, runResize);
  addEvaluator<onnx::UpsampleOp>(table, runUpsample);
  addEvaluator<onnx::QuantizeLinearOp>(table, runQuantize);
  addEvaluator<onnx::DequantizeLinearOp>(table, runDequantize);
}
