//===- EmitMatrices.cpp - Tensor cores through nvcuda::wmma ---------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/KernelEmitter.h"

using namespace mlir;
using namespace shift::cuda;

/// Products of 16x16 matrices of s8 with sums in s32.
static LogicalResult checkMatrix(KernelEmitter &e, Operation *op,
                                 gpu::MMAMatrixType type) {
  bool isSum = type.getOperand() == "COp";
  bool isKnown = isSum ? type.getElementType().isInteger(32)
                       : type.getElementType().isSignedInteger(8);
  if (isKnown && llvm::equal(type.getShape(), ArrayRef<int64_t>{16, 16}))
    return success();
  return e.refuse(op, "expected a 16x16 matrix of si8, or of i32 as COp, got " +
                          llvm::to_string(type));
}

static LogicalResult emitLoad(KernelEmitter &e,
                              gpu::SubgroupMmaLoadMatrixOp op) {
  auto type = cast<gpu::MMAMatrixType>(op.getType());
  if (failed(checkMatrix(e, op, type)))
    return failure();
  e.needs.mma = true;
  Expression pointer = makePointer(e, op.getSrcMemref(), op.getIndices());
  e.flushReads();
  bool isSum = type.getOperand() == "COp";
  bool isTransposed = op.getTranspose().value_or(false);
  std::string name =
      e.declareName(op.getRes(), isSum                        ? "acc"
                                 : type.getOperand() == "AOp" ? "a"
                                                              : "b");
  SmallVector<Expression> operands{
      makeName(name), pointer,
      makeInteger(op.getLeadDimension().getSExtValue())};
  if (isSum) {
    e.writer.line(cppType(type) + " " + name + ";");
    operands.push_back(
        makeName(isTransposed ? "wmma::mem_col_major" : "wmma::mem_row_major"));
  } else {
    e.writer.line(std::string("wmma::fragment<wmma::") +
                  (type.getOperand() == "AOp" ? "matrix_a" : "matrix_b") +
                  ", 16, 16, 16, signed char, wmma::" +
                  (isTransposed ? "col_major" : "row_major") + "> " + name +
                  ";");
  }
  e.writer.line(makeCall("wmma::load_matrix_sync", operands).text + ";");
  KernelEmitter::Variable variable = e.adoptVariable(name);
  e.place(op.getRes(), variable);
  return success();
}

static LogicalResult emitConstant(KernelEmitter &e,
                                  gpu::SubgroupMmaConstantMatrixOp op) {
  auto type = cast<gpu::MMAMatrixType>(op.getType());
  if (failed(checkMatrix(e, op, type)))
    return failure();
  if (type.getOperand() != "COp")
    return e.refuse(op, "expected a COp");
  e.needs.mma = true;
  Expression value = e.get(op.getValue());
  KernelEmitter::Variable variable = e.makeVariable(op.getRes(), "acc");
  e.writer.line(cppType(type) + " " + variable.name.text + ";");
  e.writer.line(makeCall("wmma::fill_fragment", {variable.name, value}).text +
                ";");
  e.place(op.getRes(), variable);
  return success();
}

static LogicalResult emitCompute(KernelEmitter &e,
                                 gpu::SubgroupMmaComputeOp op) {
  for (Value operand : op->getOperands())
    if (failed(checkMatrix(e, op, cast<gpu::MMAMatrixType>(operand.getType()))))
      return failure();
  Expression a = e.get(op.getOpA()), b = e.get(op.getOpB()),
             c = e.get(op.getOpC());
  std::optional<KernelEmitter::Variable> taken = e.takeOver(op.getOpC(), op);
  KernelEmitter::Variable sum;
  if (taken) {
    sum = *taken;
  } else {
    sum = e.makeVariable(op.getRes(), "acc");
    e.writer.line(cppType(op.getType()) + " " + sum.name.text + ";");
  }
  e.writer.line(makeCall("wmma::mma_sync", {sum.name, a, b, c}).text + ";");
  e.place(op.getRes(), sum);
  return success();
}

static LogicalResult emitStore(KernelEmitter &e,
                               gpu::SubgroupMmaStoreMatrixOp op) {
  auto type = cast<gpu::MMAMatrixType>(op.getSrc().getType());
  if (failed(checkMatrix(e, op, type)))
    return failure();
  if (type.getOperand() != "COp")
    return e.refuse(op, "expected a COp");
  Expression pointer = makePointer(e, op.getDstMemref(), op.getIndices());
  Expression layout =
      makeName(op.getTranspose().value_or(false) ? "wmma::mem_col_major"
                                                 : "wmma::mem_row_major");
  Expression matrix = e.get(op.getSrc());
  e.flushReads();
  e.writer.line(
      makeCall("wmma::store_matrix_sync",
               {pointer, matrix,
                makeInteger(op.getLeadDimension().getSExtValue()), layout})
          .text +
      ";");
  return success();
}

void shift::cuda::registerMatrixEmitters(EmitterTable &table) {
  table.statement<gpu::SubgroupMmaLoadMatrixOp>(emitLoad);
  table.statement<gpu::SubgroupMmaConstantMatrixOp>(emitConstant);
  table.statement<gpu::SubgroupMmaComputeOp>(emitCompute);
  table.statement<gpu::SubgroupMmaStoreMatrixOp>(emitStore);
}
