//===- EmitMemory.cpp - memref, vector loads and stores, async copies -----===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/KernelEmitter.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "shift/Conversion/Kernels/Plan.h"

using namespace mlir;

namespace shift::cuda {

Expression makePointer(KernelEmitter &e, Value buffer, ValueRange indices) {
  Expression base = e.get(buffer);
  SmallVector<Expression> positions = e.get(indices);
  if (positions.size() == 1 && positions[0].literal &&
      positions[0].literal->isZero())
    return base;
  Expression result = makeUnary("&", makeElement(base, positions));
  result.readsMemory = llvm::any_of(
      positions, [](const Expression &index) { return index.readsMemory; });
  return result;
}

/// Whether the pointer that stands for `buffer` is one to const.
static bool isConst(Value buffer) {
  while (Operation *op = buffer.getDefiningOp()) {
    if (!isa<memref::ViewOp, memref::SubViewOp>(op))
      return false;
    buffer = op->getOperand(0);
  }
  bool isParameter =
      isa<gpu::GPUFuncOp>(buffer.getParentBlock()->getParentOp());
  auto type = cast<MemRefType>(buffer.getType());
  return isParameter && !type.getMemorySpace() &&
         !mlir::shift::isWritten(buffer);
}

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

static Printed emitLoad(KernelEmitter &, memref::LoadOp op, Operands x) {
  return makeElement(x[0], x.drop_front());
}

static LogicalResult emitStore(KernelEmitter &e, memref::StoreOp op) {
  Expression value = e.getModular(op.getValueToStore());
  Expression place = makeElement(e.get(op.getMemref()), e.get(op.getIndices()));
  e.flushReads();
  if (value.target == place.text && !value.target.empty())
    e.writer.line(place.text + " " + value.update + ";");
  else
    e.writer.line(place.text + " = " + value.text + ";");
  return success();
}

/// `*(int4 *)&x[i]`
static Expression makeVectorElement(VectorType type, const Expression &buffer,
                                    ArrayRef<Expression> indices,
                                    StringRef qualifier) {
  Expression element = makeElement(buffer, indices);
  if (type.getNumElements() == 1)
    return element;
  Expression address = makeUnary("&", element);
  return makeUnary("*(" + qualifier.str() + cppType(type) + " *)", address);
}

static Printed emitVectorLoad(KernelEmitter &, vector::LoadOp op, Operands x) {
  return makeVectorElement(op.getVectorType(), x[0], x.drop_front(), "const ");
}

static LogicalResult emitVectorStore(KernelEmitter &e, vector::StoreOp op) {
  if (cppType(op.getVectorType()).empty())
    return e.refuse(op, "expected types that CUDA C++ has, got " +
                            llvm::to_string(op.getVectorType()));
  Expression value = e.get(op.getValueToStore());
  Expression place = makeVectorElement(op.getVectorType(), e.get(op.getBase()),
                                       e.get(op.getIndices()), "");
  e.flushReads();
  e.writer.line(place.text + " = " + value.text + ";");
  return success();
}

//===----------------------------------------------------------------------===//
// Arrays and parts of them
//===----------------------------------------------------------------------===//

static LogicalResult checkArray(KernelEmitter &e, Operation *op,
                                MemRefType type) {
  if (type.hasStaticShape() && type.getRank() > 0 &&
      !cppType(type.getElementType()).empty())
    return success();
  return e.refuse(op, "expected an array of static shape, got " +
                          llvm::to_string(type));
}

static LogicalResult emitAlloca(KernelEmitter &e, memref::AllocaOp op) {
  if (failed(checkArray(e, op, op.getType())))
    return failure();
  std::string name = e.declareName(op.getResult(), "local");
  // What vectors, and arrays that others are made of, need.
  bool isAligned = llvm::any_of(op->getUsers(), [](Operation *user) {
    return isa<vector::LoadOp, vector::StoreOp, memref::ViewOp>(user);
  });
  e.writer.line((isAligned ? "__align__(16) " : "") +
                declareArray(op.getType(), name) + ";");
  e.alias(op.getResult(), makeName(name));
  return success();
}

static LogicalResult emitDynamicShared(KernelEmitter &e,
                                       gpu::DynamicSharedMemoryOp op) {
  e.alias(op.getResult(), makeName("smem"));
  return success();
}

/// Lets the result of `op` be a pointer of this value.
static void bindPointer(KernelEmitter &e, Operation *op, MemRefType type,
                        const Expression &pointer, StringRef suggestion) {
  std::string name = e.declareName(op->getResult(0), suggestion);
  e.writer.line(
      declarePointer(type, isConst(op->getResult(0)), "const ", name) + " = " +
      pointer.text + ";");
  e.alias(op->getResult(0), makeName(name));
}

static LogicalResult emitView(KernelEmitter &e, memref::ViewOp op) {
  MemRefType type = op.getType();
  if (failed(checkArray(e, op, type)))
    return failure();
  Expression pointer = e.get(op.getSource()), offset = e.get(op.getByteShift());
  e.flushReads();
  bool isStart = offset.literal && offset.literal->isZero();
  if (!isStart)
    pointer = makeBinary(pointer, "+", offset, Precedence::Additive);
  std::string target = declarePointer(type, isConst(op.getResult()), "", "");
  if (!type.getElementType().isInteger(8) || type.getRank() > 1)
    pointer = makeUnary("(" + target + ")", pointer);
  bindPointer(e, op, type, pointer, "part");
  return success();
}

static LogicalResult emitSubView(KernelEmitter &e, memref::SubViewOp op) {
  MemRefType type = op.getType();
  if (type.getRank() != 1 || op.getSourceType().getRank() != 1 ||
      op.getStaticStrides()[0] != 1)
    return e.refuse(op, "expected a run of elements of a flat buffer");
  OpFoldResult offset = op.getMixedOffsets()[0];
  Expression pointer = e.get(op.getSource());
  Expression amount = isa<Value>(offset)
                          ? e.get(cast<Value>(offset))
                          : makeInteger(op.getStaticOffsets()[0]);
  e.flushReads();
  if (amount.literal && amount.literal->isZero()) {
    e.alias(op.getResult(), pointer);
    return success();
  }
  bindPointer(e, op, type,
              makeBinary(pointer, "+", amount, Precedence::Additive), "part");
  return success();
}

//===----------------------------------------------------------------------===//
// Atomic operations
//===----------------------------------------------------------------------===//

static LogicalResult emitAtomic(KernelEmitter &e, memref::AtomicRMWOp op) {
  using Kind = arith::AtomicRMWKind;
  StringRef name = "";
  bool isUnsigned = false;
  switch (op.getKind()) {
  case Kind::addi:
    name = "atomicAdd";
    // CUDA has 64-bit additions of unsigned numbers only.
    isUnsigned = op.getType().isInteger(64);
    break;
  case Kind::maxs:
    name = "atomicMax";
    break;
  case Kind::mins:
    name = "atomicMin";
    break;
  case Kind::maxu:
    name = "atomicMax";
    isUnsigned = true;
    break;
  case Kind::minu:
    name = "atomicMin";
    isUnsigned = true;
    break;
  case Kind::ori:
    name = "atomicOr";
    isUnsigned = true;
    break;
  case Kind::andi:
    name = "atomicAnd";
    isUnsigned = true;
    break;
  default:
    return e.refuse(op, "expected addi, maxs, mins, maxu, minu, ori or andi, "
                        "got " +
                            arith::stringifyAtomicRMWKind(op.getKind()));
  }
  if (!op.getType().isInteger(32) && !op.getType().isInteger(64))
    return e.refuse(op, "expected i32 or i64, got " +
                            llvm::to_string(op.getType()));
  Expression value = e.get(op.getValue());
  Expression pointer = makePointer(e, op.getMemref(), op.getIndices());
  e.flushReads();
  std::string cast = op.getType().isInteger(32) ? "unsigned" : "long long";
  if (isUnsigned && op.getType().isInteger(64))
    cast = "unsigned long long";
  if (isUnsigned || op.getType().isInteger(64)) {
    pointer = makeUnary("(" + cast + " *)", pointer);
    value = makeUnary("(" + cast + ")", value);
  }
  Expression call = makeCall(name, {pointer, value});
  if (op.getResult().use_empty())
    e.writer.line(call.text + ";");
  else
    e.bindVariable(op.getResult(), call);
  return success();
}

//===----------------------------------------------------------------------===//
// Asynchronous copies
//===----------------------------------------------------------------------===//

static LogicalResult emitAsyncCopy(KernelEmitter &e,
                                   nvgpu::DeviceAsyncCopyOp op) {
  auto type = cast<MemRefType>(op.getDst().getType());
  int64_t size = bitsOf(elementOf(type.getElementType())) / 8;
  int64_t bytes = op.getDstElements().getSExtValue() * size;
  if (bytes != 4 && bytes != 8 && bytes != 16)
    return e.refuse(op, "expected a copy of 4, 8 or 16 bytes, got " +
                            llvm::to_string(bytes));
  SmallVector<Expression> operands{
      makePointer(e, op.getDst(), op.getDstIndices()),
      makePointer(e, op.getSrc(), op.getSrcIndices()), makeInteger(bytes)};
  if (op.getSrcElements()) {
    Expression read = e.get(op.getSrcElements());
    if (read.literal)
      read = makeInteger(read.literal->getSExtValue() * size);
    else if (size > 1)
      read =
          makeBinary(read, "*", makeInteger(size), Precedence::Multiplicative);
    // CUDA wants the number of zero bytes.
    operands.push_back(
        read.literal
            ? makeInteger(bytes - read.literal->getSExtValue())
            : makeBinary(makeInteger(bytes), "-", read, Precedence::Additive));
  }
  e.flushReads();
  e.needs.asyncCopies = true;
  e.writer.line(makeCall("__pipeline_memcpy_async", operands).text + ";");
  return success();
}

static LogicalResult emitAsyncGroup(KernelEmitter &e,
                                    NVVM::CpAsyncCommitGroupOp) {
  e.flushReads();
  e.needs.asyncCopies = true;
  e.writer.line("__pipeline_commit();");
  return success();
}

static LogicalResult emitAsyncWait(KernelEmitter &e,
                                   NVVM::CpAsyncWaitGroupOp op) {
  e.flushReads();
  e.needs.asyncCopies = true;
  e.writer.line("__pipeline_wait_prior(" + std::to_string(op.getN()) + ");");
  return success();
}

void registerMemoryEmitters(EmitterTable &table) {
  table.pure<memref::LoadOp>(emitLoad);
  table.statement<memref::StoreOp>(emitStore);
  table.pure<vector::LoadOp>(emitVectorLoad);
  table.statement<vector::StoreOp>(emitVectorStore);
  table.statement<memref::AllocaOp>(emitAlloca);
  table.statement<gpu::DynamicSharedMemoryOp>(emitDynamicShared);
  table.statement<memref::ViewOp>(emitView);
  table.statement<memref::SubViewOp>(emitSubView);
  table.statement<memref::AtomicRMWOp>(emitAtomic);
  table.statement<nvgpu::DeviceAsyncCopyOp>(emitAsyncCopy);
  table.statement<NVVM::CpAsyncCommitGroupOp>(emitAsyncGroup);
  table.statement<NVVM::CpAsyncWaitGroupOp>(emitAsyncWait);
}

} // namespace shift::cuda
