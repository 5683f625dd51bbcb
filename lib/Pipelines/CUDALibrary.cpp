//===- CUDALibrary.cpp - From a module to a CUDA library ------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/CUDALibrary.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/Progress.h"
#include "shift/Support/Checksum.h"
#include "shift/Support/OutputFile.h"
#include "shift/Target/CUDA/HostShim.h"
#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

using namespace mlir;
using llvm::sys::fs::createUniqueDirectory;

namespace shift::cuda {

FailureOr<CUDAProgram>
makeCUDAProgram(ModuleOp module, const GPUOptions &gpu,
                const CUDAOptions &options,
                std::vector<mlir::shift::LayerReport> *reports) {
  // Large weights are resources, so the copy is small.
  OwningOpRef<ModuleOp> converted(module.clone());
  if (!hasOnlyKernels(*converted)) {
    PassManager pm(module.getContext());
    buildShiftToGPUPipeline(pm, gpu);
    if (failed(pm.run(*converted)))
      return failure();
  }
  if (reports) {
    FailureOr<mlir::shift::KernelPlan> plan =
        mlir::shift::extractPlan(*converted, {"cuda"});
    if (failed(plan))
      return failure();
    *reports = std::move(plan->layers);
  }
  return emitCUDA(*converted, options);
}

namespace {
/// A folder that goes with its files.
class TemporaryFolder {
public:
  TemporaryFolder() { code = createUniqueDirectory("shift-cuda", folder); }
  ~TemporaryFolder() {
    if (!code)
      llvm::sys::fs::remove_directories(folder);
  }
  llvm::Error check() const {
    return code ? pipelines::makeError("cannot make a temporary folder: " +
                                       code.message())
                : llvm::Error::success();
  }
  std::string file(StringRef name) const {
    SmallString<128> path(folder);
    llvm::sys::path::append(path, name);
    return std::string(path);
  }

private:
  SmallString<128> folder;
  std::error_code code;
};

/// The symbols of KernelABI.h around the weights file.
std::string printWeightsAssembly(StringRef weightsFile) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "\t.section .rodata\n"
        "\t.globl shift_cuda_weights, shift_cuda_weights_bytes\n"
        "\t.type shift_cuda_weights, @object\n"
        "\t.type shift_cuda_weights_bytes, @object\n"
        "\t.balign 64\n"
        "shift_cuda_weights:\n"
        "\t.incbin \"";
  os.write_escaped(weightsFile);
  os << "\"\n"
        "end_of_weights:\n"
        "\t.size shift_cuda_weights, end_of_weights - shift_cuda_weights\n"
        "\t.balign 8\n"
        "shift_cuda_weights_bytes:\n"
        "\t.quad end_of_weights - shift_cuda_weights\n"
        "\t.size shift_cuda_weights_bytes, 8\n"
        "\t.section .note.GNU-stack,\"\",@progbits\n";
  return text;
}

/// The line of a compiler's messages that says most.
std::string summarize(StringRef logFile) {
  auto log = llvm::MemoryBuffer::getFile(logFile);
  if (!log)
    return "no message";
  StringRef first;
  for (llvm::line_iterator lines(**log); !lines.is_at_end(); ++lines) {
    StringRef line = *lines;
    if (line.contains("error"))
      return line.trim().str();
    if (first.empty())
      first = line.trim();
  }
  return first.str();
}

llvm::Error runCommand(const Command &command, const TemporaryFolder &folder) {
  StringRef name = command.front();
  auto program = llvm::sys::findProgramByName(name);
  if (!program)
    return pipelines::makeError(
        "cannot find " + name +
        (name == "nvcc" ? "; install the CUDA toolkit or PyPI's "
                          "nvidia-cuda-nvcc (lib/Target/CUDA/README.md) and "
                          "put its bin folder on PATH, or use "
                          "--emit=cuda-host-so, which runs on the CPU"
                        : "; install it"));
  std::string log = folder.file("log");
  SmallVector<StringRef> args(command.begin(), command.end());
  std::string problem;
  int status = llvm::sys::ExecuteAndWait(
      *program, args, std::nullopt,
      {StringRef(), StringRef(log), StringRef(log)}, 0, 0, &problem);
  if (status == 0)
    return llvm::Error::success();
  return pipelines::makeError(llvm::sys::path::filename(name) + " failed: " +
                              (problem.empty() ? summarize(log) : problem));
}

std::vector<Command> nvccCommands(StringRef source, StringRef weights,
                                  StringRef arch, StringRef output) {
  std::string object = (weights + ".o").str();
  return {{"g++", "-c", weights.str(), "-o", object},
          {"nvcc", "-O3", "-std=c++17", ("-arch=" + arch).str(), "-shared",
           "-Xcompiler", "-fPIC", source.str(), object, "-o", output.str()}};
}
} // namespace

llvm::Error buildCUDALibrary(const CUDAProgram &program, Backend backend,
                             StringRef arch, StringRef path,
                             std::vector<std::string> shimFlags) {
  TemporaryFolder folder;
  if (llvm::Error error = folder.check())
    return error;
  std::string source = folder.file("model.cu");
  std::string assembly = folder.file("weights.s");
  std::string library = folder.file("model.so");
  if (llvm::Error error = writeCUDA(program, source))
    return error;
  if (llvm::Error error = writeOutputFile(assembly, [&](llvm::raw_ostream &os) {
        os << printWeightsAssembly(weightsPath(source));
        return llvm::Error::success();
      }))
    return error;
  std::vector<Command> commands;
  if (backend == Backend::Device) {
    commands = nvccCommands(source, assembly, arch, library);
  } else {
    HostShimOptions options;
    options.source = source;
    options.output = library;
    options.isChecked = backend == Backend::CheckedHostShim;
    options.compileFlags = std::move(shimFlags);
    options.linkInputs = {assembly};
    commands = hostShimCommands(options);
  }
  pipelines::Progress progress("compiling", commands.size());
  for (const Command &command : commands) {
    if (llvm::Error error = runCommand(command, folder))
      return error;
    progress.step();
  }
  auto built = llvm::MemoryBuffer::getFile(library);
  if (!built)
    return pipelines::makeError("cannot read '" + library +
                                "': " + built.getError().message());
  return writeOutputFile(path, [&](llvm::raw_ostream &os) {
    StringRef content = (*built)->getBuffer();
    os << content << checksumTrailer(fnv1a64(content));
    return llvm::Error::success();
  });
}

} // namespace shift::cuda
