//===- EmitGPU.cpp - Threads, barriers, shuffles and dot products ---------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/KernelEmitter.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace shift::cuda;

/// Positions are declared at the start of the kernel.
template <typename Op>
static LogicalResult emitPosition(KernelEmitter &e, Op op) {
  if (e.hasPosition(op.getResult()))
    return success();
  return e.refuse(op, "expected a kernel with known_block_size of one "
                      "dimension");
}

template <typename Op>
static LogicalResult emitExtent(KernelEmitter &e, Op op) {
  StringRef name =
      isa<gpu::BlockDimOp>(op.getOperation()) ? "blockDim." : "gridDim.";
  e.bind(
      op.getResult(),
      makeCall(
          "int",
          makeName((name + gpu::stringifyDimension(op.getDimension())).str())));
  return success();
}

static LogicalResult emitSubgroupSize(KernelEmitter &e,
                                      gpu::SubgroupSizeOp op) {
  e.bind(op.getResult(), makeInteger(32));
  return success();
}

static LogicalResult emitBarrier(KernelEmitter &e, gpu::BarrierOp) {
  e.flushReads();
  e.writer.line("__syncthreads();");
  return success();
}

static LogicalResult emitShuffle(KernelEmitter &e, gpu::ShuffleOp op) {
  if (!op.getValid().use_empty())
    return e.refuse(op, "the second result has no text");
  Type type = op.getValue().getType();
  if (!type.isInteger(32) && !type.isF32() && !type.isInteger(64) &&
      !type.isF64())
    return e.refuse(op, "expected a number of 32 or 64 bits, got " +
                            llvm::to_string(type));
  Expression value = e.get(op.getValue()), offset = e.get(op.getOffset()),
             width = e.get(op.getWidth());
  StringRef name = "__shfl_sync";
  switch (op.getMode()) {
  case gpu::ShuffleMode::XOR:
    name = "__shfl_xor_sync";
    break;
  case gpu::ShuffleMode::UP:
    name = "__shfl_up_sync";
    break;
  case gpu::ShuffleMode::DOWN:
    name = "__shfl_down_sync";
    break;
  case gpu::ShuffleMode::IDX:
    break;
  }
  SmallVector<Expression> operands{makeName("0xffffffff"), value, offset};
  if (!width.literal || *width.literal != 32)
    operands.push_back(width);
  // Other threads read the value here, so it is a statement even where its use
  // is in a branch.
  e.bindVariable(op.getShuffleResult(), makeCall(name, operands));
  return success();
}

static Printed emitDot(KernelEmitter &e, NVVM::DotAccumulate4WayOp op,
                       Operands x) {
  using Kind = NVVM::DotAccumulateType;
  if (op.getAType() != op.getBType())
    return e.refuse(op, "CUDA C++ has no __dp4a of signed and unsigned bytes");
  if (op.getAType() == Kind::SIGNED)
    return makeCall("__dp4a", x);
  SmallVector<Expression> operands;
  for (const Expression &operand : x)
    operands.push_back(KernelEmitter::asUnsigned(operand, op.getC().getType()));
  Expression result = makeCall("__dp4a", operands);
  result.isUnsigned = true;
  return result;
}

void shift::cuda::registerGPUEmitters(EmitterTable &table) {
  table.statement<gpu::ThreadIdOp>(emitPosition);
  table.statement<gpu::BlockIdOp>(emitPosition);
  table.statement<gpu::LaneIdOp>(emitPosition);
  table.statement<gpu::SubgroupIdOp>(emitPosition);
  table.statement<gpu::BlockDimOp>(emitExtent);
  table.statement<gpu::GridDimOp>(emitExtent);
  table.statement<gpu::SubgroupSizeOp>(emitSubgroupSize);
  table.statement<gpu::BarrierOp>(emitBarrier);
  table.statement<gpu::ShuffleOp>(emitShuffle);
  table.pure<NVVM::DotAccumulate4WayOp>(emitDot);
}
