// Operations of two streams on the same memory need an event between them.
#include "Testing.cuh"

__global__ void set(int *y, int value) { y[threadIdx.x] = value; }
__global__ void sum(const int *x, int *y) { y[threadIdx.x] = x[31] + 1; }

struct Streams {
  cudaStream_t a, b, c;
  cudaEvent_t event;
  const char *create() {
    TRY(cudaStreamCreateWithFlags(&a, cudaStreamNonBlocking));
    TRY(cudaStreamCreateWithFlags(&b, cudaStreamNonBlocking));
    TRY(cudaStreamCreateWithFlags(&c, cudaStreamNonBlocking));
    TRY(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    return nullptr;
  }
  /// What follows on `to` waits for what is on `from`.
  const char *order(cudaStream_t from, cudaStream_t to) {
    TRY(cudaEventRecord(event, from));
    TRY(cudaStreamWaitEvent(to, event));
    return nullptr;
  }
};

// CASE write_then_read: of another stream
static const char *writeThenRead(bool event) {
  Streams streams;
  Buffer<int, 32> x, y;
  CALL(streams.create());
  CALL(x.fill(0, 0));
  CALL(y.fill(0, 0));
  CALL(launchOn(streams.a, 1, 32, 0, set, x.device, 3));
  if (event)
    CALL(streams.order(streams.a, streams.b));
  CALL(launchOn(streams.b, 1, 32, 0, sum, x.device, y.device));
  TRY(cudaDeviceSynchronize());
  CALL(y.read());
  EXPECT(y.host[0] == 4);
  return nullptr;
}
EXPORTED planted_write_then_read() { return writeThenRead(false); }
EXPORTED correct_write_then_read() { return writeThenRead(true); }

// CASE host_between: of another stream
static const char *hostBetween(bool wait) {
  Streams streams;
  Buffer<int, 32> x;
  CALL(streams.create());
  CALL(x.fill(0, 0));
  CALL(launchOn(streams.a, 1, 32, 0, set, x.device, 3));
  if (wait)
    TRY(cudaStreamSynchronize(streams.a));
  CALL(launchOn(streams.b, 1, 32, 0, set, x.device, 4));
  TRY(cudaDeviceSynchronize());
  return nullptr;
}
EXPORTED planted_host_between() { return hostBetween(false); }
EXPORTED correct_host_between() { return hostBetween(true); }

// CASE two_readers: of another stream read it, with no event between
static const char *twoReaders(bool both) {
  // Workspace that two streams read and a third operation takes over.
  Streams streams;
  Buffer<int, 32> x, y, z;
  CALL(streams.create());
  CALL(x.fill(0, 0));
  CALL(y.fill(0, 0));
  CALL(z.fill(0, 0));
  CALL(launchOn(streams.a, 1, 32, 0, sum, x.device, y.device));
  CALL(launchOn(streams.b, 1, 32, 0, sum, x.device, z.device));
  CALL(streams.order(streams.b, streams.c));
  if (both)
    CALL(streams.order(streams.a, streams.c));
  CALL(launchOn(streams.c, 1, 32, 0, set, x.device, 1));
  TRY(cudaDeviceSynchronize());
  return nullptr;
}
EXPORTED planted_two_readers() { return twoReaders(false); }
EXPORTED correct_two_readers() { return twoReaders(true); }

// CASE copy: cudaMemsetAsync
static const char *copyMeanwhile(bool event) {
  Streams streams;
  Buffer<int, 32> x, y;
  CALL(streams.create());
  CALL(x.fill(0, 0));
  CALL(y.fill(0, 0));
  TRY(cudaMemsetAsync(x.device, 0, 128, streams.a));
  if (event)
    CALL(streams.order(streams.a, streams.b));
  CALL(launchOn(streams.b, 1, 32, 0, sum, x.device, y.device));
  TRY(cudaDeviceSynchronize());
  return nullptr;
}
EXPORTED planted_copy() { return copyMeanwhile(false); }
EXPORTED correct_copy() { return copyMeanwhile(true); }

// CASE graph: of another stream
static const char *graphBranches(bool join) {
  Streams streams;
  Buffer<int, 32> x, y;
  cudaEvent_t done;
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  CALL(streams.create());
  CALL(x.fill(0, 0));
  CALL(y.fill(0, 0));
  TRY(cudaEventCreate(&done));
  TRY(cudaStreamBeginCapture(streams.a, cudaStreamCaptureModeGlobal));
  CALL(streams.order(streams.a, streams.b));
  CALL(launchOn(streams.b, 1, 32, 0, set, x.device, 5));
  TRY(cudaEventRecord(done, streams.b));
  if (join)
    TRY(cudaStreamWaitEvent(streams.a, done));
  CALL(launchOn(streams.a, 1, 32, 0, sum, x.device, y.device));
  TRY(cudaStreamWaitEvent(streams.a, done));
  TRY(cudaStreamEndCapture(streams.a, &graph));
  TRY(cudaGraphInstantiate(&exec, graph));
  for (int i = 0; i < 3; ++i)
    TRY(cudaGraphLaunch(exec, streams.a));
  TRY(cudaDeviceSynchronize());
  CALL(y.read());
  EXPECT(y.host[7] == 6);
  return nullptr;
}
EXPORTED planted_graph() { return graphBranches(false); }
EXPORTED correct_graph() { return graphBranches(true); }
