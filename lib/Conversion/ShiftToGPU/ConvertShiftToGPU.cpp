//===- ConvertShiftToGPU.cpp - From tensor ops to GPU kernels -------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/Converter.h"
#include "lib/Conversion/ShiftToGPU/Families.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "shift/Conversion/ShiftToGPU/Passes.h"

namespace mlir::shift {
#define GEN_PASS_DEF_CONVERTSHIFTTOGPUPASS
#include "shift/Conversion/ShiftToGPU/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;

namespace {
/// Kernels are functions of a gpu.module; a work item is a block of threads.
class GPUTarget : public KernelTarget {
public:
  GPUTarget(ModuleOp module, int architecture) : architecture(architecture) {
    OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
    kernels = gpu::GPUModuleOp::create(b, module.getLoc(), "kernels");
    module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                    b.getUnitAttr());
  }

  StringRef getName() const override { return "gpu"; }
  ArrayRef<std::unique_ptr<KernelFamily>> getFamilies() const override {
    return mlir::shift::cuda::getKernelFamilies();
  }
  bool hasBlocks() const override { return true; }
  bool hasAsyncCopies() const override { return architecture >= 80; }
  int64_t maxElements() const override { return INT32_MAX; }

  Operation *createKernel(ModuleOp module,
                          const KernelRequest &request) override {
    OpBuilder b = OpBuilder::atBlockEnd(kernels.getBody());
    Location loc = module.getLoc();
    // The strategy of some families is all that they do.
    std::string name = request.opName.str() + "_" + std::to_string(count++);
    if (!request.opName.contains(request.strategy))
      name += "_" + request.strategy.str();
    auto func = gpu::GPUFuncOp::create(b, loc, name,
                                       b.getFunctionType(request.buffers, {}));
    func->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), b.getUnitAttr());
    func.setKnownBlockSize(
        ArrayRef<int32_t>{int32_t(request.info.threads), 1, 1});
    func->setAttr("shift.comment", b.getStringAttr(request.comment));
    b.setInsertionPointToStart(&func.getBody().front());
    KernelBuilder kb(b, loc, request.info.threads);
    SmallVector<Value> args(func.getArguments());
    Val block = kb.wrap(gpu::BlockIdOp::create(b, loc, gpu::Dimension::x));
    request.body(kb, args, Value(), block, Val());
    gpu::ReturnOp::create(b, loc);
    return func;
  }

  Operation *createCall(OpBuilder &b, Location loc, Operation *kernel,
                        ValueRange args, const StepInfo &info) override {
    auto index = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(b, loc, value);
    };
    Value one = index(1);
    gpu::KernelDim3 grid{index(info.extent), one, one};
    gpu::KernelDim3 block{index(info.threads), one, one};
    return gpu::LaunchFuncOp::create(
        b, loc, cast<gpu::GPUFuncOp>(kernel), grid, block,
        /*dynamicSharedMemorySize=*/
        arith::ConstantIntOp::create(b, loc, 0, 32), args);
  }

private:
  int architecture;
  gpu::GPUModuleOp kernels;
  int64_t count = 0;
};

struct ConvertShiftToGPUPass
    : mlir::shift::impl::ConvertShiftToGPUPassBase<ConvertShiftToGPUPass> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<int> architecture = parseArchitecture(getOperation(), arch);
    if (failed(architecture))
      return signalPassFailure();
    GPUTarget target(getOperation(), *architecture);
    if (failed(convertMain(getOperation(), target, /*keepAllValues=*/false)))
      signalPassFailure();
  }
};
} // namespace

ArrayRef<std::unique_ptr<KernelFamily>> mlir::shift::cuda::getKernelFamilies() {
  static const std::vector<std::unique_ptr<KernelFamily>> families = [] {
    std::vector<std::unique_ptr<KernelFamily>> all;
    all.push_back(createGroupedConvFamily("shift"));
    all.push_back(createFixedConvFamily("shift"));
    all.push_back(createFixedConvFamily("dp4a"));
    all.push_back(createFixedConvFamily("mma"));
    all.push_back(createGroupedConvFamily("float"));
    all.push_back(createFloatConvFamily());
    addSharedFamilies(all);
    all.push_back(createReductionFamily());
    all.push_back(createNormalizationFamily());
    all.push_back(createDecodeFamily());
    return all;
  }();
  return families;
}
