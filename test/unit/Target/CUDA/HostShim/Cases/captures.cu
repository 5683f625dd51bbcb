// What must not be done while a stream captures.
#include "Testing.cuh"

__global__ void addOne(int *x) { x[threadIdx.x] += 1; }

/// Captures addOne and, if planted, `intruder`; plays the graph twice.
template <typename Intruder>
static const char *capture(bool planted, Intruder intruder) {
  Buffer<int, 32> x;
  cudaStream_t stream;
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  CALL(x.fill(0, 1));
  TRY(cudaStreamCreate(&stream));
  TRY(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  CALL(launchOn(stream, 1, 32, 0, addOne, x.device));
  if (planted)
    TRY(intruder(stream));
  TRY(cudaStreamEndCapture(stream, &graph));
  TRY(cudaGraphInstantiate(&exec, graph));
  TRY(cudaGraphDestroy(graph));
  CALL(x.read());
  EXPECT(x.host[5] == 5); // nothing ran yet
  TRY(cudaGraphLaunch(exec, stream));
  TRY(cudaGraphLaunch(exec, stream));
  TRY(cudaStreamSynchronize(stream));
  CALL(x.read());
  EXPECT(x.host[5] == 7);
  TRY(cudaGraphExecDestroy(exec));
  TRY(cudaStreamDestroy(stream));
  return nullptr;
}

// CASE allocation: operation not permitted when stream is capturing
static const char *allocate(bool planted) {
  return capture(planted, [](cudaStream_t) {
    void *address;
    return cudaMalloc(&address, 4);
  });
}
EXPORTED planted_allocation() { return allocate(true); }
EXPORTED correct_allocation() { return allocate(false); }

// CASE synchronisation: operation not permitted when stream is capturing
static const char *synchronise(bool planted) {
  return capture(planted, [](cudaStream_t stream) {
    return cudaStreamSynchronize(stream);
  });
}
EXPORTED planted_synchronisation() { return synchronise(true); }
EXPORTED correct_synchronisation() { return synchronise(false); }

// CASE default_stream: operation would make the legacy stream depend on a
// capturing blocking stream
static const char *useDefault(bool planted) {
  static int host;
  return capture(planted, [](cudaStream_t) {
    return cudaMemcpy(&host, &host, 4, cudaMemcpyHostToHost);
  });
}
EXPORTED planted_default_stream() { return useDefault(true); }
EXPORTED correct_default_stream() { return useDefault(false); }

// CASE lost_capture: operation failed due to a previous error during capture
static const char *loseCapture(bool planted) {
  return capture(planted, [](cudaStream_t) {
    cudaDeviceSynchronize(); // the error is overlooked
    return cudaSuccess;
  });
}
EXPORTED planted_lost_capture() { return loseCapture(true); }
EXPORTED correct_lost_capture() { return loseCapture(false); }

// CASE unjoined: capturing stream has unjoined work
static const char *fork(bool planted) {
  return capture(planted, [](cudaStream_t stream) {
    static int *y;
    cudaStream_t other;
    cudaEvent_t event;
    cudaStreamCreate(&other);
    cudaEventCreate(&event);
    cudaEventRecord(event, stream);
    cudaStreamWaitEvent(other, event);
    return launchOn(other, 1, 1, 0, addOne, y) ? cudaErrorUnknown : cudaSuccess;
  });
}
EXPORTED planted_unjoined() { return fork(true); }
EXPORTED correct_unjoined() { return fork(false); }

// CASE no_launch: invalid configuration argument
static const char *launchThreads(int threads) {
  Buffer<int, 1024> x;
  CALL(x.fill(0, 0));
  return runKernel(1, threads, 0, addOne, x.device);
}
EXPORTED planted_no_launch() { return launchThreads(1025); }
EXPORTED correct_no_launch() { return launchThreads(1024); }
