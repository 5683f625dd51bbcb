//===- InterpretOnnxNeural.cpp - Convolution, linear, norm, pool ops ------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Evaluation.h"
#include "dialects/ONNX/IR/ONNXOps.h"

using namespace shift::reference;
namespace onnx = mlir::onnx;

/// Registers an op whose kernel takes float32 tensors and gives one result.
template <typename Op, typename Function>
static void addFloat(EvaluatorTable &table, Function function) {
  addEvaluator<Op>(table, [=](Op op, Inputs in, Results &results) {
    std::string error = expectFloat(in);
    if (error.empty())
      results.push_back(function(op, in));
    return error;
  });
}

/// The windows of a convolution, whose kernel is in W's shape.
template <typename Op>
static Windows convolutionWindows(Op op, const Tensor &w) {
  return {Shape(w.shape.begin() + 2, w.shape.end()), toShape(op.getStrides()),
          toShape(op.getDilations()), toShape(op.getPads())};
}

template <typename Op>
static Windows poolWindows(Op op) {
  return {toShape(op.getKernelShape()), toShape(op.getStrides()),
          toShape(op.getDilations()), toShape(op.getPads())};
}

static void addConvolutions(EvaluatorTable &table) {
  addFloat<onnx::ConvOp>(table, [](onnx::ConvOp op, Inputs in) {
    return conv(*in[0], *in[1], optionalInput(in, 2),
                convolutionWindows(op, *in[1]), op.getGroup(), dimsOf(op));
  });
  addFloat<onnx::ConvTransposeOp>(
      table, [](onnx::ConvTransposeOp op, Inputs in) {
        return convTranspose(*in[0], *in[1], optionalInput(in, 2),
                             convolutionWindows(op, *in[1]), op.getGroup(),
                             dimsOf(op));
      });
  addFloat<onnx::GemmOp>(table, [](onnx::GemmOp op, Inputs in) {
    return gemm(*in[0], *in[1], optionalInput(in, 2),
                op.getAlpha().convertToFloat(), op.getBeta().convertToFloat(),
                op.getTransA() != 0, op.getTransB() != 0);
  });
  addFloat<onnx::MatMulOp>(table, [](onnx::MatMulOp op, Inputs in) {
    return matMul(*in[0], *in[1], dimsOf(op));
  });
}

static void addNormalizations(EvaluatorTable &table) {
  addFloat<onnx::BatchNormalizationOp>(
      table, [](onnx::BatchNormalizationOp op, Inputs in) {
        return batchNormalization(*in[0], *in[1], *in[2], *in[3], *in[4],
                                  op.getEpsilon().convertToFloat());
      });
  addFloat<onnx::InstanceNormalizationOp>(
      table, [](onnx::InstanceNormalizationOp op, Inputs in) {
        return groupNormalization(*in[0], *in[1], *in[2],
                                  op.getEpsilon().convertToFloat(),
                                  in[0]->shape[1]);
      });
  addFloat<onnx::GroupNormalizationOp>(
      table, [](onnx::GroupNormalizationOp op, Inputs in) {
        return groupNormalization(*in[0], *in[1], *in[2],
                                  op.getEpsilon().convertToFloat(),
                                  op.getNumGroups());
      });
}

static void addPools(EvaluatorTable &table) {
  addEvaluator<onnx::MaxPoolOp>(
      table, [](onnx::MaxPoolOp op, Inputs in, Results &results) {
        results.push_back(maxPool(*in[0], poolWindows(op), dimsOf(op)));
        return std::string();
      });
  addEvaluator<onnx::GlobalMaxPoolOp>(
      table, [](onnx::GlobalMaxPoolOp, Inputs in, Results &results) {
        results.push_back(globalMaxPool(*in[0]));
        return std::string();
      });
  addFloat<onnx::AveragePoolOp>(table, [](onnx::AveragePoolOp op, Inputs in) {
    return averagePool(*in[0], poolWindows(op), op.getCountIncludePad() != 0,
                       dimsOf(op));
  });
  addFloat<onnx::GlobalAveragePoolOp>(table,
                                      [](onnx::GlobalAveragePoolOp, Inputs in) {
                                        return globalAveragePool(*in[0]);
                                      });
}

void shift::reference::addOnnxNeuralEvaluators(EvaluatorTable &table) {
  addConvolutions(table);
  addNormalizations(table);
  addPools(table);
}
