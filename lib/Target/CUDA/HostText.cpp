//===- HostText.cpp - Fixed parts of the host program ---------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/HostText.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

std::string
shift::cuda::selectParts(llvm::StringRef text,
                         llvm::ArrayRef<llvm::StringRef> conditions) {
  std::string result;
  bool isSelected = true;
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n');
  lines.pop_back();
  for (llvm::StringRef line : lines) {
    llvm::StringRef condition = line;
    if (condition.consume_front("//@if "))
      isSelected = llvm::is_contained(conditions, condition);
    else if (line == "//@end")
      isSelected = true;
    else if (isSelected)
      result += line.str() + "\n";
  }
  return result;
}

const llvm::StringLiteral shift::cuda::hostHelpers = R"cuda(
struct ShiftCudaModel {
  // On the device: the weights as stored, and layouts made of them.
  char *weights = nullptr, *expanded = nullptr;
//@if streams
  cudaStream_t streams[streamCount] = {};
  cudaEvent_t events[eventCount] = {};
//@end
  // Device memory of shift_cuda_run_host, from its first call on.
  char *hostBuffers = nullptr;
};

// An error's text, which stays until the next error of this thread.
static const char *makeError(const char *format, ...) {
  static thread_local char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  return text;
}

static const char *check(cudaError_t status, const char *what) {
  if (status == cudaSuccess)
    return nullptr;
  return makeError("%s: %s", what, cudaGetErrorString(status));
}

// FNV-1a.
static uint64_t hashBytes(const unsigned char *bytes, size_t count) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < count; ++i)
    hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return hash;
}

// Checks a file of weights: a header of 64 bytes, then the payload.
static const char *checkWeights(const void *file, size_t bytes) {
  struct {
    char magic[8];
    uint32_t version, headerBytes;
    uint64_t payloadBytes, payloadHash;
    char zero[32];
  } header;
  static_assert(sizeof(header) == 64, "the format has 64 bytes");
  if (!file || bytes < sizeof(header))
    return makeError("weights: expected at least 64 bytes, got %zu",
                     file ? bytes : 0);
  memcpy(&header, file, sizeof(header));
  if (memcmp(header.magic, "SHIFTWTS", 8) != 0)
    return makeError("weights: expected a file that starts with SHIFTWTS");
  if (header.version != 1 || header.headerBytes != sizeof(header))
    return makeError("weights: expected version 1, got %u",
                     unsigned(header.version));
  if (header.payloadBytes != bytes - sizeof(header))
    return makeError("weights: expected %llu bytes of payload, got %llu",
                     (unsigned long long)header.payloadBytes,
                     (unsigned long long)(bytes - sizeof(header)));
  const unsigned char *payload =
      static_cast<const unsigned char *>(file) + sizeof(header);
  if (hashBytes(payload, header.payloadBytes) != header.payloadHash)
    return makeError("weights: expected the header's checksum, got another; "
                     "the file is damaged");
  if (header.payloadBytes != weightBytes || header.payloadHash != weightHash)
    return makeError("weights: expected this program's weights, got those of "
                     "another one");
  return nullptr;
}

// Device memory, as any pointer that a kernel takes.
struct Memory {
  char *start;
  Memory operator+(size_t bytes) const { return {start + bytes}; }
  template <typename T>
  operator T *() const {
    return reinterpret_cast<T *>(start);
  }
};

//@if faults
// What a step that checks its data has found, if the index is not all ones.
struct Fault {
  uint64_t index;
  int64_t value;
};

//@end
// Launches one step after the other until one fails.
struct Steps {
  const char *error = nullptr;

  template <typename... Params, typename... Args>
  void launch(const char *layer, cudaStream_t stream, dim3 grid, dim3 block,
              size_t sharedBytes, void (*kernel)(Params...), Args... args) {
    if (error)
      return;
    cudaLaunchConfig_t config = {};
    config.gridDim = grid;
    config.blockDim = block;
    config.dynamicSmemBytes = sharedBytes;
    config.stream = stream;
    error = check(
        cudaLaunchKernelEx(&config, kernel, static_cast<Params>(args)...),
        layer);
  }
//@if faults
  void clearFaults(void *workspace, cudaStream_t stream) {
    error = check(cudaMemsetAsync(static_cast<char *>(workspace) + faultOffset,
                                  0xff, sizeof(Fault) * faultCount, stream),
                  "clearing the faults");
  }
//@end
//@if streams
  void record(cudaEvent_t event, cudaStream_t stream) {
    if (!error)
      error = check(cudaEventRecord(event, stream), "recording an event");
  }
  void wait(cudaStream_t stream, cudaEvent_t event) {
    if (!error)
      error = check(cudaStreamWaitEvent(stream, event, 0),
                    "waiting for an event");
  }
//@end
};

// What vector accesses need of the caller's memory.
static const char *checkPointer(const void *pointer, const char *what) {
  if (pointer && reinterpret_cast<uintptr_t>(pointer) % 16 == 0)
    return nullptr;
  return makeError("%s: expected device memory at a multiple of 16 bytes, got "
                   "%p",
                   what, pointer);
}

static const char *checkPointers(const void *const *inputs,
                                 void *const *outputs, const void *workspace) {
  if (!inputs || !outputs)
    return "expected arrays of inputs and outputs, got null";
  for (int i = 0; i < inputCount; ++i)
    if (const char *error = checkPointer(inputs[i], "input"))
      return error;
  for (int i = 0; i < outputCount; ++i)
    if (const char *error = checkPointer(outputs[i], "output"))
      return error;
  return workspaceBytes ? checkPointer(workspace, "workspace") : nullptr;
}
)cuda";

const llvm::StringLiteral shift::cuda::hostInterface = R"cuda(
// Allocates and fills what the model needs on the device.
static const char *prepare(ShiftCudaModel &model, const char *payload) {
  if (weightBytes) {
    if (const char *error = check(cudaMalloc(&model.weights, weightBytes),
                                  "allocating the weights"))
      return error;
    if (const char *error = check(cudaMemcpy(model.weights, payload,
                                             weightBytes,
                                             cudaMemcpyHostToDevice),
                                  "copying the weights"))
      return error;
  }
  if (expandedBytes)
    if (const char *error = check(cudaMalloc(&model.expanded, expandedBytes),
                                  "allocating expanded weights"))
      return error;
//@if streams
  for (int i = 0; i < streamCount; ++i)
    if (const char *error = check(
            cudaStreamCreateWithFlags(&model.streams[i], cudaStreamNonBlocking),
            "creating a stream"))
      return error;
  for (int i = 0; i < eventCount; ++i)
    if (const char *error = check(
            cudaEventCreateWithFlags(&model.events[i], cudaEventDisableTiming),
            "creating an event"))
      return error;
//@end
  if (const char *error = setUp(&model))
    return error;
  return check(cudaDeviceSynchronize(), "preparing the weights");
}

extern "C" void shift_cuda_destroy(ShiftCudaModel *model) {
  if (!model)
    return;
  // Nobody is left to hear of errors.
//@if streams
  for (cudaEvent_t event : model->events)
    if (event)
      (void)cudaEventDestroy(event);
  for (cudaStream_t stream : model->streams)
    if (stream)
      (void)cudaStreamDestroy(stream);
//@end
  (void)cudaFree(model->weights);
  (void)cudaFree(model->expanded);
  (void)cudaFree(model->hostBuffers);
  delete model;
}

extern "C" const char *shift_cuda_create(const void *weights, size_t bytes,
                                         ShiftCudaModel **model) {
  if (!model)
    return "expected a place for the model, got null";
  *model = nullptr;
  if (const char *error = checkWeights(weights, bytes))
    return error;
  ShiftCudaModel *made = new (std::nothrow) ShiftCudaModel();
  if (!made)
    return "out of memory";
  if (const char *error =
          prepare(*made, static_cast<const char *>(weights) + 64)) {
    shift_cuda_destroy(made);
    return error;
  }
  *model = made;
  return nullptr;
}

// The whole of a file, in memory of malloc.
static const char *readFile(const char *path, char **bytes, size_t *count) {
  *bytes = nullptr;
  *count = 0;
  FILE *file = fopen(path, "rb");
  if (!file)
    return makeError("cannot open '%s': %s", path, strerror(errno));
  const char *error = nullptr;
  if (fseek(file, 0, SEEK_END) != 0 || ftell(file) < 0) {
    error = makeError("cannot read '%s': %s", path, strerror(errno));
  } else {
    *count = size_t(ftell(file));
    rewind(file);
    *bytes = static_cast<char *>(malloc(*count + 1));
    if (!*bytes)
      error = "out of memory";
    else if (fread(*bytes, 1, *count, file) != *count)
      error = makeError("cannot read '%s'", path);
  }
  fclose(file);
  return error;
}

extern "C" const char *shift_cuda_create_from_file(const char *path,
                                                   ShiftCudaModel **model) {
  if (!path || !model)
    return "expected a path and a place for the model, got null";
  *model = nullptr;
  char *bytes;
  size_t count;
  const char *error = readFile(path, &bytes, &count);
  if (!error)
    error = shift_cuda_create(bytes, count, model);
  free(bytes);
  return error;
}

extern "C" size_t shift_cuda_workspace_bytes(const ShiftCudaModel *) {
  return workspaceBytes;
}

extern "C" const char *shift_cuda_fault(const ShiftCudaModel *model,
                                        const void *workspace) {
  if (!model || (workspaceBytes && !workspace))
    return "expected a model and its workspace, got null";
//@if faults
  Fault faults[faultCount];
  if (const char *error =
          check(cudaMemcpy(faults,
                           static_cast<const char *>(workspace) + faultOffset,
                           sizeof(faults), cudaMemcpyDeviceToHost),
                "reading the faults"))
    return error;
  for (int i = 0; i < faultCount; ++i)
    if (faults[i].index != UINT64_MAX)
      return makeError("%s, got %lld", faultTexts[i],
                       static_cast<long long>(faults[i].value));
//@end
  return nullptr;
}

static size_t alignUp(size_t bytes) { return (bytes + 255) / 256 * 256; }

extern "C" const char *shift_cuda_run_host(ShiftCudaModel *model,
                                           const void *const *inputs,
                                           void *const *outputs) {
  if (!model || !inputs || !outputs)
    return "expected a model and arrays of inputs and outputs, got null";
  size_t bytes = alignUp(workspaceBytes);
  for (int i = 0; i < inputCount; ++i)
    bytes += alignUp(inputBytes[i]);
  for (int i = 0; i < outputCount; ++i)
    bytes += alignUp(outputBytes[i]);
  if (!model->hostBuffers)
    if (const char *error = check(cudaMalloc(&model->hostBuffers, bytes),
                                  "allocating buffers"))
      return error;
  char *place = model->hostBuffers + alignUp(workspaceBytes);
  const void *deviceInputs[inputCount + 1];
  void *deviceOutputs[outputCount + 1];
  for (int i = 0; i < inputCount; ++i) {
    if (const char *error = check(cudaMemcpy(place, inputs[i], inputBytes[i],
                                             cudaMemcpyHostToDevice),
                                  "copying an input"))
      return error;
    deviceInputs[i] = place;
    place += alignUp(inputBytes[i]);
  }
  for (int i = 0; i < outputCount; ++i) {
    deviceOutputs[i] = place;
    place += alignUp(outputBytes[i]);
  }
  if (const char *error = shift_cuda_run(model, nullptr, deviceInputs,
                                         deviceOutputs, model->hostBuffers))
    return error;
  if (const char *error =
          check(cudaStreamSynchronize(nullptr), "running the model"))
    return error;
  if (const char *error = shift_cuda_fault(model, model->hostBuffers))
    return error;
  for (int i = 0; i < outputCount; ++i)
    if (const char *error =
            check(cudaMemcpy(outputs[i], deviceOutputs[i], outputBytes[i],
                             cudaMemcpyDeviceToHost),
                  "copying an output"))
      return error;
  return nullptr;
}
)cuda";

const llvm::StringLiteral shift::cuda::hostMain = R"cuda(
//===----------------------------------------------------------------------===//
// main: compares with stored results and measures
//===----------------------------------------------------------------------===//

static void exitOn(const char *error) {
  if (!error)
    return;
  fprintf(stderr, "error: %s\n", error);
  exit(1);
}

// The elements of an .npy file or of a raw one, exactly `bytes` of them.
static char *readTensor(const char *path, size_t bytes) {
  char *file;
  size_t count, start = 0;
  exitOn(readFile(path, &file, &count));
  if (count >= 12 && memcmp(file, "\x93NUMPY", 6) == 0) {
    const unsigned char *head = reinterpret_cast<unsigned char *>(file);
    start = head[6] == 1 ? 10 + head[8] + 256 * size_t(head[9])
                         : 12 + head[8] + 256 * size_t(head[9]) +
                               65536 * size_t(head[10]);
  }
  if (start > count || count - start != bytes)
    exitOn(makeError("'%s': expected %zu bytes of elements, got %zu", path,
                     bytes, start > count ? 0 : count - start));
  memmove(file, file + start, bytes);
  return file;
}

static int compareTimes(const void *a, const void *b) {
  float x = *static_cast<const float *>(a), y = *static_cast<const float *>(b);
  return x < y ? -1 : x > y;
}

// Runs by events on a stream, in milliseconds.
static void measure(ShiftCudaModel *model, const void *const *inputs,
                    void *const *outputs, void *workspace) {
  constexpr int runs = 100;
  float times[runs];
  cudaStream_t stream;
  cudaEvent_t start, stop;
  exitOn(check(cudaStreamCreate(&stream), "creating a stream"));
  exitOn(check(cudaEventCreate(&start), "creating an event"));
  exitOn(check(cudaEventCreate(&stop), "creating an event"));
  for (int i = -10; i < runs; ++i) {
    exitOn(check(cudaEventRecord(start, stream), "recording an event"));
    exitOn(shift_cuda_run(model, stream, inputs, outputs, workspace));
    exitOn(check(cudaEventRecord(stop, stream), "recording an event"));
    exitOn(check(cudaEventSynchronize(stop), "running the model"));
    float time;
    exitOn(check(cudaEventElapsedTime(&time, start, stop), "reading a time"));
    if (i >= 0)
      times[i] = time;
  }
  qsort(times, runs, sizeof(*times), compareTimes);
  printf("time: min %.4f ms, median %.4f ms, p95 %.4f ms of %d runs\n",
         times[0], times[runs / 2], times[runs * 95 / 100], runs);
}

int main(int argc, char **argv) {
  if (argc != 2 + inputCount && argc != 2 + inputCount + outputCount) {
    fprintf(stderr,
            "usage: %s WEIGHTS %d inputs [%d expected outputs]\n"
            "Tensors are .npy or raw files. Compares byte by byte, then "
            "measures.\n",
            argv[0], inputCount, outputCount);
    return 2;
  }
  ShiftCudaModel *model;
  exitOn(shift_cuda_create_from_file(argv[1], &model));
  void *inputs[inputCount + 1], *outputs[outputCount + 1], *workspace;
  const void *hostInputs[inputCount + 1];
  void *hostOutputs[outputCount + 1];
  exitOn(check(cudaMalloc(&workspace, workspaceBytes + 16),
               "allocating the workspace"));
  for (int i = 0; i < inputCount; ++i) {
    hostInputs[i] = readTensor(argv[2 + i], inputBytes[i]);
    exitOn(check(cudaMalloc(&inputs[i], inputBytes[i]), "allocating an input"));
    exitOn(check(cudaMemcpy(inputs[i], hostInputs[i], inputBytes[i],
                            cudaMemcpyHostToDevice),
                 "copying an input"));
  }
  for (int i = 0; i < outputCount; ++i) {
    hostOutputs[i] = malloc(outputBytes[i]);
    exitOn(
        check(cudaMalloc(&outputs[i], outputBytes[i]), "allocating an output"));
  }
  exitOn(shift_cuda_run_host(model, hostInputs, hostOutputs));
  int different = 0;
  for (int i = 0; i < outputCount && argc > 2 + inputCount; ++i) {
    const char *path = argv[2 + inputCount + i];
    char *expected = readTensor(path, outputBytes[i]);
    const char *got = static_cast<char *>(hostOutputs[i]);
    size_t count = 0;
    for (size_t j = 0; j < outputBytes[i]; ++j)
      count += got[j] != expected[j];
    printf("output %d: %zu of %zu bytes differ from '%s'\n", i, count,
           size_t(outputBytes[i]), path);
    different += count != 0;
    free(expected);
  }
  measure(model, inputs, outputs, workspace);
  shift_cuda_destroy(model);
  return different ? 1 : 0;
}
)cuda";
