// Streams, events and graphs that work, in whatever order the seed gives.
#include "Testing.cuh"

__global__ void scale(int *x, int factor, int add) {
  x[threadIdx.x] = x[threadIdx.x] * factor + add;
}
__global__ void sum(const int *x, const int *y, int *z) {
  z[threadIdx.x] = x[threadIdx.x] + y[threadIdx.x];
}

// TEST order_of_a_stream
EXPORTED test_order_of_a_stream() {
  Buffer<int, 32> x;
  cudaStream_t stream;
  CALL(x.fill(1, 0));
  TRY(cudaStreamCreate(&stream));
  for (int i = 0; i < 5; ++i)
    CALL(launchOn(stream, 1, 32, 0, scale, x.device, 3, i));
  TRY(cudaStreamSynchronize(stream));
  TRY(cudaStreamDestroy(stream));
  CALL(x.read());
  int expected = 1;
  for (int i = 0; i < 5; ++i)
    expected = 3 * expected + i;
  EXPECT(x.host[31] == expected);
  return nullptr;
}

// TEST default_stream
EXPORTED test_default_stream() {
  Buffer<int, 32> x;
  cudaStream_t a, b;
  CALL(x.fill(1, 0));
  TRY(cudaStreamCreate(&a));
  TRY(cudaStreamCreate(&b));
  // The default stream waits for blocking streams and they for it.
  CALL(launchOn(a, 1, 32, 0, scale, x.device, 2, 0));
  CALL(launchOn(nullptr, 1, 32, 0, scale, x.device, 1, 1));
  CALL(launchOn(b, 1, 32, 0, scale, x.device, 2, 0));
  CALL(x.read());
  EXPECT(x.host[0] == 6);
  return nullptr;
}

// TEST fork_and_join
struct ForkAndJoin {
  Buffer<int, 32> x, y, z;
  cudaStream_t main, side;
  cudaEvent_t forked, joined;

  const char *create() {
    CALL(x.fill(1, 1));
    CALL(y.fill(2, 2));
    CALL(z.fill(0, 0));
    TRY(cudaStreamCreateWithFlags(&main, cudaStreamNonBlocking));
    TRY(cudaStreamCreateWithFlags(&side, cudaStreamNonBlocking));
    TRY(cudaEventCreateWithFlags(&forked, cudaEventDisableTiming));
    TRY(cudaEventCreateWithFlags(&joined, cudaEventDisableTiming));
    return nullptr;
  }
  /// Enqueues; allocates and waits for nothing.
  const char *run() {
    TRY(cudaMemsetAsync(z.device, 0, 128, main));
    TRY(cudaEventRecord(forked, main));
    TRY(cudaStreamWaitEvent(side, forked));
    CALL(launchOn(main, 1, 32, 0, scale, x.device, 2, 1));
    CALL(launchOn(side, 1, 32, 0, scale, y.device, 3, 1));
    TRY(cudaEventRecord(joined, side));
    TRY(cudaStreamWaitEvent(main, joined));
    CALL(launchOn(main, 1, 32, 0, sum, x.device, y.device, z.device));
    return nullptr;
  }
  const char *check(int runs) {
    CALL(z.read());
    for (int i = 0; i < 32; ++i) {
      int a = 1 + i, b = 2 + 2 * i;
      for (int k = 0; k < runs; ++k)
        a = 2 * a + 1, b = 3 * b + 1;
      EXPECT(z.host[i] == a + b);
    }
    return nullptr;
  }
};
EXPORTED test_fork_and_join() {
  ForkAndJoin program;
  CALL(program.create());
  CALL(program.run());
  CALL(program.run());
  TRY(cudaStreamSynchronize(program.main));
  return program.check(2);
}

// TEST graph_of_two_streams
EXPORTED test_graph_of_two_streams() {
  ForkAndJoin program;
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  cudaStreamCaptureStatus status;
  CALL(program.create());
  TRY(cudaStreamBeginCapture(program.main, cudaStreamCaptureModeGlobal));
  CALL(program.run());
  TRY(cudaStreamIsCapturing(program.side, &status));
  EXPECT(status == cudaStreamCaptureStatusActive);
  TRY(cudaStreamEndCapture(program.main, &graph));
  TRY(cudaStreamIsCapturing(program.side, &status));
  EXPECT(status == cudaStreamCaptureStatusNone);
  TRY(cudaGraphInstantiate(&exec, graph));
  TRY(cudaGraphDestroy(graph));
  for (int i = 0; i < 3; ++i)
    TRY(cudaGraphLaunch(exec, program.main));
  TRY(cudaStreamSynchronize(program.main));
  TRY(cudaGraphExecDestroy(exec));
  return program.check(3);
}

// TEST events
EXPORTED test_events() {
  Buffer<int, 32> x;
  cudaStream_t stream;
  cudaEvent_t start, end;
  float milliseconds = -1;
  CALL(x.fill(1, 0));
  TRY(cudaStreamCreate(&stream));
  TRY(cudaEventCreate(&start));
  TRY(cudaEventCreate(&end));
  TRY(cudaEventRecord(start, stream));
  CALL(launchOn(stream, 1, 32, 0, scale, x.device, 2, 0));
  TRY(cudaEventRecord(end, stream));
  while (cudaEventQuery(end) == cudaErrorNotReady)
    ;
  cudaGetLastError();
  TRY(cudaEventSynchronize(end));
  TRY(cudaEventElapsedTime(&milliseconds, start, end));
  EXPECT(milliseconds >= 0);
  EXPECT(cudaStreamQuery(stream) == cudaSuccess);
  TRY(cudaEventDestroy(start));
  TRY(cudaEventDestroy(end));
  return nullptr;
}

// TEST pinned_memory
EXPORTED test_pinned_memory() {
  int *host, *x;
  cudaStream_t stream;
  TRY(cudaStreamCreate(&stream));
  TRY(cudaMallocHost(&host, 128));
  TRY(cudaMallocAsync(&x, 128, stream));
  for (int i = 0; i < 32; ++i)
    host[i] = i;
  TRY(cudaMemcpyAsync(x, host, 128, cudaMemcpyHostToDevice, stream));
  CALL(launchOn(stream, 1, 32, 0, scale, x, 2, 1));
  TRY(cudaMemcpyAsync(host, x, 128, cudaMemcpyDeviceToHost, stream));
  TRY(cudaFreeAsync(x, stream));
  TRY(cudaStreamSynchronize(stream));
  for (int i = 0; i < 32; ++i)
    EXPECT(host[i] == 2 * i + 1);
  TRY(cudaFreeHost(host));
  return nullptr;
}

// TEST staged_memory
EXPORTED test_staged_memory() {
  Buffer<int, 32> x;
  cudaStream_t stream;
  int host[32];
  CALL(x.fill(0, 0));
  TRY(cudaStreamCreate(&stream));
  for (int &value : host)
    value = 4;
  // Pageable memory has been read when the call returns.
  TRY(cudaMemcpyAsync(x.device, host, 128, cudaMemcpyHostToDevice, stream));
  for (int &value : host)
    value = 0;
  CALL(launchOn(stream, 1, 32, 0, scale, x.device, 2, 1));
  TRY(cudaMemcpyAsync(host, x.device, 128, cudaMemcpyDeviceToHost, stream));
  EXPECT(host[31] == 9);
  return nullptr;
}
