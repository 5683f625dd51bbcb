//===- ConvertShiftToCPU.cpp - From tensor ops to CPU kernels -------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/Converter.h"
#include "lib/Conversion/Kernels/StrategyChoice.h"
#include "lib/Conversion/ShiftToCPU/Families.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "shift/Conversion/ShiftToCPU/Passes.h"
#include "shift/Support/Fnv1a.h"

namespace mlir::shift {
#define GEN_PASS_DEF_CONVERTSHIFTTOCPUPASS
#include "shift/Conversion/ShiftToCPU/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cpu;

namespace {
/// A symbol made of the readable start of the key and a hash of all of it.
std::string kernelName(const KernelRequest &request) {
  std::string name = "shift_" + request.opName.str() + "_";
  StringRef key = request.key;
  for (char c : key.take_front(56))
    name += llvm::isAlnum(c) ? c : '_';
  std::string hash = llvm::utohexstr(
      ::shift::fnv1a64(std::string_view(key.data(), key.size())), true);
  return name + "_" + hash + "__" + request.strategy.str();
}

/// Kernels are functions over a range of work items, with scratch memory.
class CPUTarget : public KernelTarget {
public:
  StringRef getName() const override { return "cpu"; }
  ArrayRef<std::unique_ptr<KernelFamily>> getFamilies() const override {
    return getKernelFamilies();
  }
  bool hasBlocks() const override { return false; }
  int64_t maxElements() const override { return INT64_MAX; }

  Operation *createKernel(ModuleOp module,
                          const KernelRequest &request) override {
    OpBuilder builder(module.getContext());
    builder.setInsertionPointToEnd(module.getBody());
    Location loc = module.getLoc();
    SmallVector<Type> types(request.buffers);
    types.push_back(flatType(builder.getI8Type(), request.info.scratchBytes));
    types.append(2, builder.getIndexType());
    auto func = func::FuncOp::create(builder, loc, kernelName(request),
                                     builder.getFunctionType(types, {}));
    func.setPrivate();
    // No two arguments of a step overlap unless both are only read, or the plan
    // puts the result where an operand was.
    unsigned result = request.buffers.size() - 1;
    for (unsigned i = 0; i + 2 < types.size(); ++i)
      if (!llvm::is_contained(request.info.inPlace, int64_t(i)) &&
          (i != result || request.info.inPlace.empty()))
        func.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                        builder.getUnitAttr());
    Block *entry = func.addEntryBlock();
    builder.setInsertionPointToStart(entry);
    KernelBuilder kb(builder, loc);
    SmallVector<Value> args(entry->getArguments());
    request.body(kb, ArrayRef<Value>(args).drop_back(3), args[args.size() - 3],
                 kb.wrap(args[args.size() - 2]), kb.wrap(args.back()));
    func::ReturnOp::create(builder, loc);
    return func;
  }

  Operation *createCall(OpBuilder &b, Location loc, Operation *kernel,
                        ValueRange args, const StepInfo &info) override {
    auto func = cast<func::FuncOp>(kernel);
    SmallVector<Value> operands(args);
    operands.push_back(memref::AllocaOp::create(
        b, loc, cast<MemRefType>(func.getArgumentTypes()[args.size()])));
    operands.push_back(arith::ConstantIndexOp::create(b, loc, 0));
    operands.push_back(arith::ConstantIndexOp::create(b, loc, info.extent));
    return func::CallOp::create(b, loc, func, operands);
  }
};

struct ConvertShiftToCPUPass
    : mlir::shift::impl::ConvertShiftToCPUPassBase<ConvertShiftToCPUPass> {
  using Base::Base;

  void runOnOperation() override {
    CPUTarget target;
    if (failed(convertMain(getOperation(), target, keepAllValues)))
      signalPassFailure();
  }
};
} // namespace

ArrayRef<std::unique_ptr<KernelFamily>> mlir::shift::cpu::getKernelFamilies() {
  static const std::vector<std::unique_ptr<KernelFamily>> families = [] {
    std::vector<std::unique_ptr<KernelFamily>> all;
    all.push_back(createDepthwiseConvFamily("shift"));
    all.push_back(createShiftConvFamily());
    all.push_back(createDepthwiseConvFamily("dot8"));
    all.push_back(createDot8ConvFamily());
    all.push_back(createDepthwiseConvFamily("dot16"));
    all.push_back(createDot16ConvFamily());
    all.push_back(createDepthwiseFloatFamily());
    all.push_back(createFloatConvFamily());
    addSharedFamilies(all);
    all.push_back(createReductionFamily());
    all.push_back(createNormalizationFamily());
    return all;
  }();
  return families;
}
