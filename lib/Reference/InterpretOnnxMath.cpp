//===- InterpretOnnxMath.cpp - Elementwise and reducing onnx ops ----------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Evaluation.h"
#include "dialects/ONNX/IR/ONNXOps.h"

using namespace shift::reference;
namespace onnx = mlir::onnx;

/// Runs a unary kernel.
static std::string runUnary(Unary kernel, const Tensor &x, float alpha,
                            float beta, Results &results) {
  std::optional<Tensor> y = unary(kernel, x, alpha, beta);
  if (!y)
    return std::string("expected a float32 operand, got ") + dtypeName(x.dtype);
  results.push_back(std::move(*y));
  return {};
}

template <typename Op>
static void addUnary(EvaluatorTable &table, Unary kernel) {
  addEvaluator<Op>(table, [=](Op, Inputs in, Results &results) {
    return runUnary(kernel, *in[0], 0, 0, results);
  });
}

template <typename Op>
static void addUnaryAlpha(EvaluatorTable &table, Unary kernel) {
  addEvaluator<Op>(table, [=](Op op, Inputs in, Results &results) {
    return runUnary(kernel, *in[0], op.getAlpha().convertToFloat(), 0, results);
  });
}

template <typename Op>
static void addCopy(EvaluatorTable &table) {
  addEvaluator<Op>(table, [](Op, Inputs in, Results &results) {
    results.push_back(*in[0]);
    return std::string();
  });
}

/// Folds a binary kernel over all inputs, left to right.
static std::string runBinary(mlir::Operation *op, Binary kernel, Inputs in,
                             Results &results) {
  Shape shape = dimsOf(op->getResult(0));
  if (in.size() == 1) {
    results.push_back(*in[0]);
    return {};
  }
  Tensor left = *in[0];
  for (size_t i = 1; i < in.size(); ++i) {
    Tensor y;
    std::string error = binary(kernel, left, *in[i], shape, y);
    if (!error.empty())
      return error;
    left = std::move(y);
  }
  results.push_back(std::move(left));
  return {};
}

template <typename Op>
static void addBinary(EvaluatorTable &table, Binary kernel) {
  addEvaluator<Op>(table, [=](Op op, Inputs in, Results &results) {
    return runBinary(op, kernel, in, results);
  });
}

template <typename Op>
static void addReduce(EvaluatorTable &table, bool isMean) {
  addEvaluator<Op>(table, [=](Op op, Inputs in, Results &results) {
    if (in[0]->dtype == DType::Bool)
      return std::string("expected numbers, got bool");
    results.push_back(
        reduce(*in[0], toShape(op.getAxes()), isMean, dimsOf(op)));
    return std::string();
  });
}

static std::string runClip(onnx::ClipOp op, Inputs in, Results &results) {
  std::optional<Tensor> min, max;
  if (op.getMin())
    min = scalarOf(*op.getMin(), in[0]->dtype);
  if (op.getMax())
    max = scalarOf(*op.getMax(), in[0]->dtype);
  results.push_back(clip(*in[0], min ? min->bytes.data() : nullptr,
                         max ? max->bytes.data() : nullptr));
  return {};
}

static std::string runSoftmax(onnx::SoftmaxOp op, Inputs in, Results &results) {
  std::string error = expectFloat(in);
  if (error.empty())
    results.push_back(softmax(*in[0], frontAxis(op.getAxis(), *in[0])));
  return error;
}

static std::string runHardSigmoid(onnx::HardSigmoidOp op, Inputs in,
                                  Results &results) {
  return runUnary(Unary::HardSigmoid, *in[0], op.getAlpha().convertToFloat(),
                  op.getBeta().convertToFloat(), results);
}

void shift::reference::addOnnxMathEvaluators(EvaluatorTable &table) {
  addUnary<onnx::ReluOp>(table, Unary::Relu);
  addUnary<onnx::SigmoidOp>(table, Unary::Sigmoid);
  addUnary<onnx::HardSwishOp>(table, Unary::HardSwish);
  addUnary<onnx::TanhOp>(table, Unary::Tanh);
  addUnary<onnx::ExpOp>(table, Unary::Exp);
  addUnary<onnx::LogOp>(table, Unary::Log);
  addUnary<onnx::SqrtOp>(table, Unary::Sqrt);
  addUnary<onnx::AbsOp>(table, Unary::Abs);
  addUnary<onnx::NegOp>(table, Unary::Neg);
  addUnary<onnx::ReciprocalOp>(table, Unary::Reciprocal);
  addUnaryAlpha<onnx::LeakyReluOp>(table, Unary::LeakyRelu);
  addUnaryAlpha<onnx::EluOp>(table, Unary::Elu);
  addEvaluator<onnx::HardSigmoidOp>(table, runHardSigmoid);
  addCopy<onnx::IdentityOp>(table);
  addCopy<onnx::DropoutOp>(table);
  addEvaluator<onnx::ClipOp>(table, runClip);
  addEvaluator<onnx::SoftmaxOp>(table, runSoftmax);
  addBinary<onnx::AddOp>(table, Binary::Add);
  addBinary<onnx::SubOp>(table, Binary::Sub);
  addBinary<onnx::MulOp>(table, Binary::Mul);
  addBinary<onnx::DivOp>(table, Binary::Div);
  addBinary<onnx::PowOp>(table, Binary::Pow);
  addBinary<onnx::PReluOp>(table, Binary::PRelu);
  addBinary<onnx::MinOp>(table, Binary::Min);
  addBinary<onnx::MaxOp>(table, Binary::Max);
  addReduce<onnx::ReduceMeanOp>(table, true);
  addReduce<onnx::ReduceSumOp>(table, false);
}
