//===- KernelCompiler.cpp - MLIR kernels to object code -------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CPU/KernelCompiler.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace shift::cpu;

//===----------------------------------------------------------------------===//
// Target
//===----------------------------------------------------------------------===//

namespace {
/// What an instruction set is to LLVM.
struct TargetCpu {
  const char *isa, *cpu, *features, *vectorWidth;
};
} // namespace

static const TargetCpu targetCpus[] = {
    {"baseline", "x86-64", "", "128"},
    {"avx2", "x86-64-v3", "", "256"},
    {"avx512", "x86-64-v4", "", "512"},
    {"avx512vnni", "x86-64-v4", "+avx512vnni,+fast-dpwssd", "512"},
};

static const TargetCpu &targetCpu(llvm::StringRef isa) {
  for (const TargetCpu &target : targetCpus)
    if (isa == target.isa)
      return target;
  return targetCpus[0];
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
shift::cpu::createTargetMachine() {
  static const bool initialized = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    return true;
  }();
  (void)initialized;
  llvm::Triple triple("x86_64-unknown-linux-gnu");
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return llvm::createStringError(error);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, "x86-64", "", options, llvm::Reloc::PIC_, std::nullopt,
      llvm::CodeGenOptLevel::Default));
}

llvm::Expected<ObjectCode>
shift::cpu::emitObject(llvm::Module &module, llvm::TargetMachine &machine) {
  ObjectCode object;
  llvm::raw_svector_ostream os(object);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, os, nullptr,
                                  llvm::CodeGenFileType::ObjectFile))
    return llvm::createStringError("cannot emit objects for this target");
  passes.run(module);
  return object;
}

//===----------------------------------------------------------------------===//
// MLIR to LLVM IR
//===----------------------------------------------------------------------===//

static mlir::DialectRegistry createRegistry() {
  mlir::DialectRegistry registry;
  registry.insert<mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect,
                  mlir::func::FuncDialect, mlir::LLVM::LLVMDialect,
                  mlir::math::MathDialect, mlir::memref::MemRefDialect,
                  mlir::scf::SCFDialect, mlir::vector::VectorDialect>();
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  return registry;
}

static void buildLowering(mlir::OpPassManager &pm) {
  pm.addPass(mlir::createCanonicalizerPass());
  pm.addPass(mlir::createCSEPass());
  pm.addPass(mlir::createLoopInvariantCodeMotionPass());
  pm.addPass(mlir::arith::createArithExpandOpsPass());
  pm.addPass(mlir::createSCFToControlFlowPass());
  pm.addPass(mlir::memref::createExpandStridedMetadataPass());
  pm.addPass(mlir::createConvertVectorToLLVMPass());
  pm.addPass(mlir::createConvertMathToLLVMPass());
  pm.addPass(mlir::createFinalizeMemRefToLLVMConversionPass());
  mlir::ConvertFuncToLLVMPassOptions options;
  options.useBarePtrCallConv = true;
  pm.addPass(mlir::createConvertFuncToLLVMPass(options));
  pm.addPass(mlir::createConvertControlFlowToLLVMPass());
  pm.addPass(mlir::createArithToLLVMConversionPass());
  pm.addPass(mlir::createReconcileUnrealizedCastsPass());
}

/// Parses, lowers and translates; diagnostics become the error.
static llvm::Expected<std::unique_ptr<llvm::Module>>
translate(llvm::StringRef text, llvm::LLVMContext &llvmContext) {
  mlir::MLIRContext context(createRegistry(),
                            mlir::MLIRContext::Threading::DISABLED);
  std::string messages;
  mlir::ScopedDiagnosticHandler handler(&context,
                                        [&](mlir::Diagnostic &diagnostic) {
                                          messages += diagnostic.str() + "\n";
                                          return mlir::success();
                                        });
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  mlir::PassManager pm(&context);
  buildLowering(pm);
  if (!module || failed(pm.run(*module)))
    return llvm::createStringError("cannot lower kernels: " + messages);
  std::unique_ptr<llvm::Module> result =
      mlir::translateModuleToLLVMIR(*module, llvmContext, "kernels");
  if (!result)
    return llvm::createStringError("cannot translate kernels: " + messages);
  return result;
}

//===----------------------------------------------------------------------===//
// Variants
//===----------------------------------------------------------------------===//

/// Makes `kernel` internal and adds KERNEL__ISA of the kernel ABI around it,
/// which takes the pointers out of the array.
static void addEntry(llvm::Function &kernel, llvm::StringRef isa) {
  llvm::LLVMContext &context = kernel.getContext();
  llvm::Type *pointer = llvm::PointerType::get(context, 0);
  llvm::Type *i64 = llvm::Type::getInt64Ty(context);
  std::string name = (kernel.getName() + "__" + isa).str();
  auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context),
                                       {pointer, pointer, i64, i64}, false);
  kernel.setLinkage(llvm::GlobalValue::InternalLinkage);
  kernel.addFnAttr(llvm::Attribute::AlwaysInline);
  llvm::Function *entry = llvm::Function::Create(
      type, llvm::GlobalValue::ExternalLinkage, name, kernel.getParent());
  llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "", entry));
  llvm::SmallVector<llvm::Value *> args;
  for (unsigned i = 0; i + 3 < kernel.arg_size(); ++i)
    args.push_back(b.CreateLoad(
        pointer, b.CreateConstGEP1_64(pointer, entry->getArg(0), i)));
  for (unsigned i = 1; i < 4; ++i)
    args.push_back(entry->getArg(i));
  b.CreateCall(&kernel, args);
  b.CreateRetVoid();
}

static void specialize(llvm::Module &module, const TargetCpu &target) {
  llvm::SmallVector<llvm::Function *> kernels;
  for (llvm::Function &function : module)
    if (!function.isDeclaration() && !function.hasInternalLinkage())
      kernels.push_back(&function);
  for (llvm::Function *kernel : kernels)
    addEntry(*kernel, target.isa);
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", target.cpu);
    if (*target.features)
      function.addFnAttr("target-features", target.features);
    function.addFnAttr("prefer-vector-width", target.vectorWidth);
    function.addFnAttr("min-legal-vector-width", target.vectorWidth);
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
}

/// Whether a kernel may not multiply, not even to find an address.
static bool isMultiplyFree(const llvm::Function &function) {
  return function.getName().contains("__shift__") ||
         function.getName().ends_with("__shift");
}

/// Calls `run` with a pass builder and module analyses that know the target.
static void withPasses(
    llvm::Module &module, llvm::TargetMachine &machine,
    llvm::function_ref<void(llvm::PassBuilder &, llvm::ModuleAnalysisManager &)>
        run) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;
  tuning.LoopInterleaving = false;
  llvm::LoopAnalysisManager lam;
  llvm::FunctionAnalysisManager fam;
  llvm::CGSCCAnalysisManager cgam;
  llvm::ModuleAnalysisManager mam;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::TargetLibraryInfoImpl library(module.getTargetTriple());
  for (llvm::LibFunc function :
       {llvm::LibFunc_memcpy, llvm::LibFunc_memmove, llvm::LibFunc_memset,
        llvm::LibFunc_memset_pattern16})
    library.setUnavailable(function);
  fam.registerPass([&] { return llvm::TargetLibraryAnalysis(library); });
  builder.registerModuleAnalyses(mam);
  builder.registerCGSCCAnalyses(cgam);
  builder.registerFunctionAnalyses(fam);
  builder.registerLoopAnalyses(lam);
  builder.crossRegisterProxies(lam, fam, cgam, mam);
  run(builder, mam);
}

/// LLVM's O2 without loop unrolling, which slows the generated inner loops, and
/// without making calls of memcpy and memset from short copies.
static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  withPasses(module, machine,
             [&](llvm::PassBuilder &builder, llvm::ModuleAnalysisManager &mam) {
               builder
                   .buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2)
                   .run(module, mam);
             });
}

/// Little more than removing what is redundant. Multiply-free kernels come as
/// they are to be: their chains of additions stay in order (a tree takes
/// registers that the sums need), loops stay scalar or vectors.
static void simplify(llvm::Module &module, llvm::TargetMachine &machine) {
  withPasses(module, machine,
             [&](llvm::PassBuilder &builder, llvm::ModuleAnalysisManager &mam) {
               llvm::ModulePassManager passes;
               llvm::cantFail(builder.parsePassPipeline(
                   passes,
                   "always-inline,function(early-cse,"
                   "instcombine<no-verify-fixpoint>,simplifycfg,"
                   "loop-mssa(loop-rotate,licm),"
                   "instcombine<no-verify-fixpoint>,early-cse,simplifycfg)"));
               passes.run(module, mam);
             });
}

llvm::Expected<std::vector<ObjectCode>>
shift::cpu::compileKernels(llvm::StringRef text,
                           llvm::ArrayRef<std::string> isas) {
  llvm::LLVMContext context;
  auto module = translate(text, context);
  if (!module)
    return module.takeError();
  auto machine = createTargetMachine();
  if (!machine)
    return machine.takeError();
  (*module)->setTargetTriple((*machine)->getTargetTriple());
  (*module)->setDataLayout((*machine)->createDataLayout());
  std::vector<ObjectCode> objects;
  for (const std::string &isa : isas)
    for (bool multiplyFree : {false, true}) {
      llvm::ValueToValueMapTy map;
      bool isEmpty = true;
      std::unique_ptr<llvm::Module> variant =
          llvm::CloneModule(**module, map, [&](const llvm::GlobalValue *value) {
            auto *function = llvm::dyn_cast<llvm::Function>(value);
            bool isWanted =
                !function || isMultiplyFree(*function) == multiplyFree;
            isEmpty &= !isWanted || !function || function->isDeclaration();
            return isWanted;
          });
      if (isEmpty)
        continue;
      if (isa == "baseline")
        expandFma(*variant);
      expandDot(*variant, isa);
      specialize(*variant, targetCpu(isa));
      // No machine runs the code of all instruction sets.
      std::string problem;
      llvm::raw_string_ostream os(problem);
      if (llvm::verifyModule(*variant, &os))
        return llvm::createStringError("invalid code for " + isa + ": " +
                                       problem);
      // The portable code is for machines of a kind that is hardly found any
      // more; optimizing it would take a quarter of the time.
      if (multiplyFree || isa == "baseline")
        simplify(*variant, **machine);
      else
        optimize(*variant, **machine);
      if (multiplyFree)
        expandMultiplications(*variant);
      auto object = emitObject(*variant, **machine);
      if (!object)
        return object.takeError();
      objects.push_back(std::move(*object));
    }
  return objects;
}
