//===- ObjectEmitter.cpp - From kernels to a shared library ---------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Target/CPU/ObjectEmitter.h"
#include "lib/Target/CPU/KernelCompiler.h"
#include "lld/Common/Driver.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "shift/Runtime/KernelABI.h"
#include "shift/Runtime/ShiftRuntime.h"
#include "shift/Support/Checksum.h"
#include "shift/Support/OutputFile.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/ThreadPool.h"

#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace shift::cpu;
using llvm::StringRef;

std::vector<std::string> shift::cpu::allInstructionSets() {
  return {"baseline", "avx2", "avx512", "avx512vnni"};
}

//===----------------------------------------------------------------------===//
// Objects
//===----------------------------------------------------------------------===//

/// Kernels in groups of some, each the text of a module.
static std::vector<std::string> groupKernels(mlir::ModuleOp module,
                                             unsigned threads) {
  std::vector<mlir::func::FuncOp> kernels;
  for (auto func : module.getOps<mlir::func::FuncOp>())
    if (func.isPrivate() && !func.isExternal())
      kernels.push_back(func);
  // Several groups a thread even the load out; few kernels each keep memory
  // low.
  constexpr size_t largestGroup = 16;
  size_t count =
      std::max<size_t>(std::min<size_t>(kernels.size(), threads),
                       (kernels.size() + largestGroup - 1) / largestGroup);
  std::vector<std::string> groups(count);
  for (size_t i = 0; i < kernels.size(); ++i) {
    llvm::raw_string_ostream os(groups[i % count]);
    kernels[i].print(os);
    os << "\n";
  }
  return groups;
}

/// An object with the plan's text and the constants.
static llvm::Expected<ObjectCode> dataObject(const LibraryContent &content) {
  auto machine = createTargetMachine();
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  llvm::Module module("data", context);
  module.setTargetTriple((*machine)->getTargetTriple());
  module.setDataLayout((*machine)->createDataLayout());
  auto add = [&](StringRef name, llvm::Constant *value) {
    auto *global = new llvm::GlobalVariable(
        module, value->getType(), /*isConstant=*/true,
        llvm::GlobalValue::ExternalLinkage, value, name);
    global->setAlignment(llvm::Align(SHIFT_BUFFER_ALIGNMENT));
  };
  add(SHIFT_PLAN_SYMBOL,
      llvm::ConstantDataArray::getString(context, content.plan));
  StringRef bytes(content.constants.data(), content.constants.size());
  if (bytes.empty())
    bytes = StringRef("", 1);
  add(SHIFT_CONSTANTS_SYMBOL,
      llvm::ConstantDataArray::getRaw(bytes, bytes.size(),
                                      llvm::Type::getInt8Ty(context)));
  return emitObject(module, **machine);
}

static llvm::Expected<std::vector<ObjectCode>>
compileAll(mlir::ModuleOp module, const LibraryContent &content,
           unsigned threads, const CompileProgress &progress) {
  llvm::ThreadPoolStrategy strategy = llvm::hardware_concurrency(threads);
  std::vector<std::string> groups =
      groupKernels(module, strategy.compute_thread_count());
  std::vector<ObjectCode> objects;
  llvm::Error errors = llvm::Error::success();
  std::mutex mutex;
  size_t done = 0;
  llvm::DefaultThreadPool pool(strategy);
  for (const std::string &group : groups)
    pool.async([&] {
      auto compiled = compileKernels(group, content.isas);
      std::lock_guard<std::mutex> lock(mutex);
      if (!compiled) {
        errors = llvm::joinErrors(std::move(errors), compiled.takeError());
        return;
      }
      for (ObjectCode &object : *compiled)
        objects.push_back(std::move(object));
      if (progress)
        progress(++done, groups.size());
    });
  pool.wait();
  if (errors)
    return std::move(errors);
  auto data = dataObject(content);
  if (!data)
    return data.takeError();
  objects.push_back(std::move(*data));
  return objects;
}

//===----------------------------------------------------------------------===//
// Files and linking
//===----------------------------------------------------------------------===//

/// Links objects to a shared library without undefined symbols.
static llvm::Error linkFiles(llvm::ArrayRef<std::string> objects,
                             const std::string &output) {
  // One link at a time: lld keeps state in globals.
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  std::vector<const char *> args{
      "ld.lld", "-shared", "--build-id=none", "-z", "relro",
      "-z",     "defs",    "--threads=1",     "-o", output.c_str()};
  for (const std::string &object : objects)
    args.push_back(object.c_str());
  std::string messages;
  llvm::raw_string_ostream os(messages);
  lld::Result result =
      lld::lldMain(args, os, os, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode == 0)
    return llvm::Error::success();
  return llvm::createStringError("cannot link '" + output + "': " + messages);
}

namespace {
/// Files that go away, also when a signal ends the process.
class TemporaryFiles {
public:
  ~TemporaryFiles() {
    for (const std::string &path : paths) {
      llvm::sys::fs::remove(path);
      llvm::sys::DontRemoveFileOnSignal(path);
    }
  }

  /// The path of a new, empty file.
  llvm::Expected<std::string> add(StringRef ending) {
    llvm::SmallString<128> path;
    if (auto code = llvm::sys::fs::createTemporaryFile("shift", ending, path)) {
      llvm::SmallString<128> folder;
      llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, folder);
      return llvm::createStringError("cannot make a temporary file in '" +
                                     folder + "': " + code.message());
    }
    llvm::sys::RemoveFileOnSignal(path);
    paths.push_back(std::string(path));
    return paths.back();
  }

private:
  std::vector<std::string> paths;
};
} // namespace

/// Compiles and links to a new file among `files`.
static llvm::Expected<std::string> build(mlir::ModuleOp module,
                                         const LibraryContent &content,
                                         TemporaryFiles &files,
                                         unsigned threads,
                                         const CompileProgress &progress = {}) {
  auto objects = compileAll(module, content, threads, progress);
  if (!objects)
    return objects.takeError();
  std::vector<std::string> inputs;
  for (ObjectCode &object : *objects) {
    auto path = files.add("o");
    if (!path)
      return path.takeError();
    if (llvm::Error error =
            shift::writeOutputFile(*path, [&](llvm::raw_ostream &os) {
              os.write(object.data(), object.size());
              return llvm::Error::success();
            }))
      return std::move(error);
    inputs.push_back(*path);
    object = ObjectCode();
  }
  auto library = files.add("so");
  if (!library)
    return library.takeError();
  if (llvm::Error error = linkFiles(inputs, *library))
    return std::move(error);
  return *library;
}

llvm::Error shift::cpu::emitSharedLibrary(mlir::ModuleOp module,
                                          const LibraryContent &content,
                                          StringRef path, unsigned threads,
                                          const CompileProgress &progress) {
  TemporaryFiles files;
  auto library = build(module, content, files, threads, progress);
  if (!library)
    return library.takeError();
  auto bytes = llvm::MemoryBuffer::getFile(*library);
  if (!bytes)
    return llvm::createStringError("cannot read '" + *library +
                                   "': " + bytes.getError().message());
  return shift::writeOutputFile(path, [&](llvm::raw_ostream &os) {
    StringRef content = (*bytes)->getBuffer();
    os << content << checksumTrailer(fnv1a64(content));
    return llvm::Error::success();
  });
}

//===----------------------------------------------------------------------===//
// In this process
//===----------------------------------------------------------------------===//

JitArtifact::JitArtifact(JitArtifact &&other) noexcept
    : handle(std::exchange(other.handle, nullptr)) {}

JitArtifact &JitArtifact::operator=(JitArtifact &&other) noexcept {
  std::swap(handle, other.handle);
  return *this;
}

JitArtifact::~JitArtifact() { shiftModelFree(handle); }

llvm::Expected<JitArtifact>
shift::cpu::compileAndLoad(mlir::ModuleOp module, const LibraryContent &content,
                           unsigned threads) {
  // The loader maps the file, which lives on without a name.
  TemporaryFiles files;
  auto library = build(module, content, files, threads);
  if (!library)
    return library.takeError();
  ShiftModel *model = nullptr;
  if (shiftModelLoad(library->c_str(), &model) != SHIFT_OK) {
    // The file's name says nothing to whoever runs the module.
    StringRef message = shiftGetLastError();
    message.consume_front("'" + *library + "': ");
    return llvm::createStringError(message);
  }
  return JitArtifact(model);
}
