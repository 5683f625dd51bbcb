//===- Streams.h - Streams, events and graphs -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Operations wait in a list until the host waits for one of them. Which of the
// ready ones runs next depends on the seed, so that streams are as unordered as
// on a GPU. A clock, a number for each stream, tells which operations are
// certain to end before another begins, however they happen to run.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_STREAMS_H
#define LIB_TARGET_CUDA_HOSTSHIM_STREAMS_H

#include "Checker.h"
#include "shim/HostApi.h"

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace shift::shim {

/// What an operation does; returns what went wrong, if anything.
using Action = std::function<std::string()>;

/// How far each stream (by its track) has come before a point in time.
using Clock = std::vector<uint32_t>;

/// Something that was put into a stream. Markers, which do nothing, have no
/// action.
struct Operation {
  std::string name;
  Action action;
  uint32_t track = 0, index = 0;
  Clock clock;
  std::vector<std::shared_ptr<Operation>> after;
  bool done = false;
  double time = 0;
};
using OperationRef = std::shared_ptr<Operation>;

/// Recorded operations; `after` are numbers of nodes.
struct Graph {
  struct Node {
    std::string name;
    Action action;
    std::vector<size_t> after;
    size_t lane;
  };
  std::vector<Node> nodes;
  size_t lanes = 0;
};

/// A capture that has not ended; it goes on in all streams that joined it.
struct Capture {
  Graph graph;
  cudaStream_t origin;
  bool isRelaxed, isInvalid = false;
  std::set<cudaStream_t> members;
};

} // namespace shift::shim

struct CUstream_st {
  uint32_t track = 0;
  bool isBlocking = true;
  shift::shim::OperationRef last;
  /// Events that the next operation waits for.
  std::vector<shift::shim::OperationRef> waits;
  std::shared_ptr<shift::shim::Capture> capture;
  /// Nodes that the next one of the capture follows.
  std::vector<size_t> frontier;
  size_t lane = 0;
};

struct CUevent_st {
  shift::shim::OperationRef operation;
  std::weak_ptr<shift::shim::Capture> capture;
  bool isCaptured = false;
  std::vector<size_t> nodes;
};

struct CUgraph_st : shift::shim::Graph {};
struct CUgraphExec_st {
  shift::shim::Graph graph;
  std::vector<uint32_t> tracks;
  shift::shim::OperationRef last;
};

namespace shift::shim {

/// All streams of the process. Every call of the API holds `mutex`.
class Streams {
public:
  static Streams &get();
  std::recursive_mutex mutex;

  cudaStream_t create(bool isBlocking);
  void destroy(cudaStream_t stream);
  /// The stream of a handle; null and cudaStreamLegacy are the default one.
  cudaStream_t resolve(cudaStream_t handle);
  bool isKnown(cudaStream_t stream) const { return streams.count(stream); }

  /// Puts an operation into a stream, or into the graph that it captures.
  cudaError_t enqueue(cudaStream_t stream, const std::string &name,
                      const Action &action, OperationRef *result = nullptr);

  /// Runs operations until `operation` is done; the host knows it is.
  void wait(const OperationRef &operation);
  void waitForStream(cudaStream_t stream);
  void waitForAll();
  /// Runs one operation, if there is one: time passes while a program polls.
  void runOne();

  cudaError_t record(cudaEvent_t event, cudaStream_t stream);
  cudaError_t waitEvent(cudaStream_t stream, cudaEvent_t event);
  cudaError_t beginCapture(cudaStream_t stream, bool isRelaxed);
  cudaError_t endCapture(cudaStream_t stream, cudaGraph_t *graph);
  cudaGraphExec_t instantiate(const Graph &graph);
  cudaError_t launch(cudaGraphExec_t exec, cudaStream_t stream);
  void destroy(cudaGraphExec_t exec);

  /// An error if a capture forbids allocation and synchronisation now; the
  /// capture is lost then.
  cudaError_t forbidDuringCapture();

private:
  Streams();
  uint32_t takeTrack();
  OperationRef makeOperation(const std::string &name, const Action &action,
                             uint32_t track, std::vector<OperationRef> after);
  void addNode(cudaStream_t stream, const std::string &name,
               const Action &action);
  void run(Operation &operation);
  void hostKnows(const Clock &clock);

  CUstream_st defaultStream;
  std::set<cudaStream_t> streams;
  std::set<std::shared_ptr<Capture>> captures;
  std::list<OperationRef> pending;
  std::vector<uint32_t> lastIndex, freeTracks;
  Clock hostClock;
  /// Operations of checked programs since the host last waited for all.
  std::vector<OperationRecord> log;
  uint64_t choices = 0;
};

} // namespace shift::shim

#endif // LIB_TARGET_CUDA_HOSTSHIM_STREAMS_H
