//===- KernelFrame.cpp - What is around the ops of a kernel ---------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/KernelEmitter.h"
#include "shift/Conversion/Kernels/Plan.h"

using namespace mlir;

namespace shift::cuda {

FailureOr<std::string> KernelEmitter::signature() {
  std::string text = kernel.getName().str() + "(";
  // The block has the arrays as arguments, too.
  for (BlockArgument arg :
       kernel.getArguments().take_front(kernel.getNumArguments())) {
    unsigned i = arg.getArgNumber();
    auto type = dyn_cast<MemRefType>(arg.getType());
    bool written = type && mlir::shift::isWritten(arg);
    std::string name = declareName(arg, !type     ? "parameter"
                                        : written ? "out"
                                                  : "in");
    values[arg] = makeName(name);
    if (i)
      text += ", ";
    if (!type) {
      if (cppType(arg.getType()).empty() || isa<VectorType>(arg.getType()))
        return refuse(kernel, "expected parameters that are buffers or "
                              "numbers, got " +
                                  llvm::to_string(arg.getType()));
      text += cppType(arg.getType()) + " " + name;
      continue;
    }
    if (cppType(type.getElementType()).empty() || type.getRank() != 1 ||
        !type.getLayout().isIdentity())
      return refuse(kernel, "expected flat buffers of numbers as parameters, "
                            "got " +
                                llvm::to_string(type));
    text += declarePointer(
        type, !written, traits.aliased.count(i) ? "" : "__restrict__ ", name);
  }
  return text + ") {";
}

LogicalResult KernelEmitter::declareArrays() {
  auto declare = [&](BlockArgument arg, StringRef prefix,
                     StringRef suggestion) -> LogicalResult {
    if (arg.use_empty())
      return success();
    auto type = cast<MemRefType>(arg.getType());
    if (!type.hasStaticShape() || cppType(type.getElementType()).empty() ||
        !type.getLayout().isIdentity() || type.getRank() == 0)
      return refuse(kernel, "expected arrays of static shape, got " +
                                llvm::to_string(type));
    std::string name = declareName(arg, suggestion);
    writer.line(prefix + declareArray(type, name) + ";");
    values[arg] = makeName(name);
    return success();
  };
  // What vectors of 16 bytes need; matrices of tensor cores need more.
  bool hasMatrices = contains<gpu::SubgroupMmaLoadMatrixOp>() ||
                     contains<gpu::SubgroupMmaStoreMatrixOp>();
  std::string shared =
      hasMatrices ? "__shared__ __align__(32) " : "__shared__ __align__(16) ";
  for (BlockArgument arg : kernel.getWorkgroupAttributions())
    if (failed(declare(arg, shared, "tile")))
      return failure();
  for (BlockArgument arg : kernel.getPrivateAttributions())
    if (failed(declare(arg, "__align__(16) ", "local")))
      return failure();
  // Every kernel declares it alike: it is one array.
  if (contains<gpu::DynamicSharedMemoryOp>())
    writer.line("extern __shared__ __align__(32) int8_t smem[];");
  return success();
}

namespace {
/// How a position in the grid is computed and what it is called.
struct Position {
  std::string text, name;
};
} // namespace

/// The position that `op` gives; empty text for other ops and for positions in
/// blocks of several dimensions that CUDA has no name for.
static Position findPosition(Operation *op, bool hasFlatBlocks) {
  auto member = [](StringRef name, gpu::Dimension dimension) {
    StringRef letter = gpu::stringifyDimension(dimension);
    // "tx" of "threadIdx.x".
    return Position{(name + "." + letter).str(),
                    (name.take_front(1) + letter).str()};
  };
  if (auto id = dyn_cast<gpu::ThreadIdOp>(op))
    return member("threadIdx", id.getDimension());
  if (auto id = dyn_cast<gpu::BlockIdOp>(op))
    return member("blockIdx", id.getDimension());
  if (isa<gpu::LaneIdOp>(op) && hasFlatBlocks)
    return {"threadIdx.x % 32", "lane"};
  if (isa<gpu::SubgroupIdOp>(op) && hasFlatBlocks)
    return {"threadIdx.x / 32", "warp"};
  return {};
}

void KernelEmitter::emitPositions() {
  auto size = kernel.getKnownBlockSize();
  bool isFlat = size && (*size)[1] == 1 && (*size)[2] == 1;
  // In the order of first use; all are in scope everywhere.
  llvm::StringMap<std::string> declared;
  kernel.walk([&](Operation *op) {
    Position position = findPosition(op, isFlat);
    if (position.text.empty())
      return;
    std::string &name = declared[position.text];
    if (name.empty()) {
      name = declareName(op->getResult(0), position.name);
      writer.line("const int " + name + " = " + position.text + ";");
    }
    values[op->getResult(0)] = makeName(name);
  });
}

LogicalResult KernelEmitter::emit(raw_ostream &os) {
  if (!kernel.getBody().hasOneBlock())
    return refuse(kernel, "expected a body of one block");
  if (!isFreeIdentifier(kernel.getName()))
    return refuse(kernel, "expected a name that C++ permits");
  if (failed(ranges.initializeAndRun(kernel)))
    return refuse(kernel, "cannot analyse the ranges of its integers");
  if (auto comment = kernel->getAttrOfType<StringAttr>("shift.comment"))
    writer.comment(comment.getValue());
  std::string bounds;
  if (auto size = kernel.getKnownBlockSize()) {
    int64_t threads = 1;
    for (int32_t extent : *size)
      threads *= extent;
    // Without the second number ptxas spills to make room for more blocks.
    bounds = " __launch_bounds__(" + std::to_string(threads) + ", 1)";
  }
  writer.line("extern \"C\" __global__ void" + bounds);
  auto head = signature();
  if (failed(head))
    return failure();
  writer.line(*head);
  writer.indent();
  if (failed(declareArrays()))
    return failure();
  emitPositions();
  if (failed(emitBlock(kernel.getBody().front())))
    return failure();
  writer.outdent();
  writer.line("}");
  os << writer.text;
  return success();
}

} // namespace shift::cuda
