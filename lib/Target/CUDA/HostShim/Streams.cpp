//===- Streams.cpp - Streams, events and graphs ---------------------------===//
// SPDX-License-Identifier: Apache-2.0
// The list of pending operations, and captures.
//===----------------------------------------------------------------------===//
#include "Streams.h"
#include "Report.h"

#include <algorithm>
#include <omp.h>

using namespace shift::shim;

static void join(Clock &clock, const Clock &other) {
  if (clock.size() < other.size())
    clock.resize(other.size());
  for (size_t i = 0; i < other.size(); ++i)
    clock[i] = std::max(clock[i], other[i]);
}

static bool isBefore(uint32_t track, uint32_t index, const Clock &clock) {
  return track < clock.size() && clock[track] >= index;
}

Streams &Streams::get() {
  // Never destroyed: a program may call the API while it ends.
  static Streams &instance = *new Streams;
  return instance;
}

Streams::Streams() {
  defaultStream.track = takeTrack();
  streams.insert(&defaultStream);
}

uint32_t Streams::takeTrack() {
  if (freeTracks.empty()) {
    lastIndex.push_back(0);
    return uint32_t(lastIndex.size() - 1);
  }
  uint32_t track = freeTracks.back();
  freeTracks.pop_back();
  return track;
}

cudaStream_t Streams::create(bool isBlocking) {
  auto *stream = new CUstream_st;
  stream->track = takeTrack();
  stream->isBlocking = isBlocking;
  streams.insert(stream);
  return stream;
}

void Streams::destroy(cudaStream_t stream) {
  if (stream->capture)
    stream->capture->isInvalid = true;
  freeTracks.push_back(stream->track);
  streams.erase(stream);
  delete stream;
}

cudaStream_t Streams::resolve(cudaStream_t handle) {
  return !handle || handle == cudaStreamLegacy ? &defaultStream : handle;
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

OperationRef Streams::makeOperation(const std::string &name,
                                    const Action &action, uint32_t track,
                                    std::vector<OperationRef> after) {
  auto operation = std::make_shared<Operation>();
  operation->name = name;
  operation->action = action;
  operation->track = track;
  operation->index = ++lastIndex[track];
  operation->clock = hostClock;
  for (const OperationRef &earlier : after)
    if (earlier) {
      join(operation->clock, earlier->clock);
      operation->after.push_back(earlier);
    }
  operation->clock.resize(std::max(operation->clock.size(), track + size_t(1)));
  operation->clock[track] = operation->index;
  pending.push_back(operation);
  return operation;
}

cudaError_t Streams::enqueue(cudaStream_t stream, const std::string &name,
                             const Action &action, OperationRef *result) {
  if (stream->capture) {
    if (stream->capture->isInvalid)
      return cudaErrorStreamCaptureInvalidated;
    addNode(stream, name, action);
    return cudaSuccess;
  }
  std::vector<OperationRef> after = std::move(stream->waits);
  stream->waits.clear();
  after.push_back(stream->last);
  // The default stream waits for all blocking ones and they for it.
  if (stream == &defaultStream) {
    for (cudaStream_t other : streams) {
      if (!other->isBlocking || other == stream)
        continue;
      if (other->capture && !other->capture->isRelaxed) {
        other->capture->isInvalid = true;
        return cudaErrorStreamCaptureImplicit;
      }
      after.push_back(other->last);
    }
  } else if (stream->isBlocking) {
    after.push_back(defaultStream.last);
  }
  stream->last = makeOperation(name, action, stream->track, std::move(after));
  if (result)
    *result = stream->last;
  return cudaSuccess;
}

void Streams::run(Operation &operation) {
  if (operation.action && lastingError() == cudaSuccess) {
    Checker &checker = Checker::get();
    uint32_t epoch = 0;
    if (checker.isOn()) {
      for (OperationRecord &earlier : log)
        earlier.isOrdered =
            isBefore(earlier.track, earlier.index, operation.clock);
      epoch = checker.beginOperation(log);
    }
    std::string problem = operation.action();
    if (!problem.empty())
      reportFailure(cudaErrorLaunchFailure, operation.name + " " + problem);
    if (checker.isOn())
      log.push_back(
          {epoch, operation.name, operation.track, operation.index, false});
  }
  operation.action = nullptr;
  operation.after.clear();
  operation.time = omp_get_wtime();
  operation.done = true;
}

void Streams::runOne() {
  std::vector<std::list<OperationRef>::iterator> ready;
  uint64_t seed = currentSeed();
  for (auto i = pending.begin(); i != pending.end(); ++i)
    if (std::all_of(
            (*i)->after.begin(), (*i)->after.end(),
            [](const OperationRef &earlier) { return earlier->done; })) {
      ready.push_back(i);
      if (seed == 0)
        break;
    }
  if (ready.empty())
    return;
  auto chosen = ready[seed == 0 ? 0 : mix(seed, ++choices) % ready.size()];
  OperationRef operation = *chosen;
  pending.erase(chosen);
  run(*operation);
}

void Streams::hostKnows(const Clock &clock) {
  join(hostClock, clock);
  if (!pending.empty() ||
      !std::all_of(log.begin(), log.end(), [&](const OperationRecord &record) {
        return isBefore(record.track, record.index, hostClock);
      }))
    return;
  log.clear();
  Checker::get().forgetReaders();
}

void Streams::wait(const OperationRef &operation) {
  if (!operation)
    return;
  while (!operation->done)
    runOne();
  hostKnows(operation->clock);
}

void Streams::waitForStream(cudaStream_t stream) {
  for (const OperationRef &event : stream->waits)
    wait(event);
  wait(stream->last);
}

void Streams::waitForAll() {
  while (!pending.empty())
    runOne();
  hostKnows(lastIndex);
}

//===----------------------------------------------------------------------===//
// Events
//===----------------------------------------------------------------------===//

cudaError_t Streams::record(cudaEvent_t event, cudaStream_t stream) {
  event->isCaptured = stream->capture != nullptr;
  event->capture = stream->capture;
  event->nodes = stream->frontier;
  event->operation = nullptr;
  if (event->isCaptured)
    return cudaSuccess;
  return enqueue(stream, "event", nullptr, &event->operation);
}

cudaError_t Streams::waitEvent(cudaStream_t stream, cudaEvent_t event) {
  if (!event->isCaptured) {
    if (stream->capture) {
      stream->capture->isInvalid = true;
      return cudaErrorStreamCaptureIsolation;
    }
    if (event->operation)
      stream->waits.push_back(event->operation);
    return cudaSuccess;
  }
  std::shared_ptr<Capture> capture = event->capture.lock();
  if (!capture || (stream->capture && stream->capture != capture))
    return cudaErrorInvalidValue;
  if (!stream->capture) {
    stream->capture = capture;
    stream->frontier.clear();
    stream->lane = capture->graph.lanes++;
    capture->members.insert(stream);
  }
  stream->frontier.insert(stream->frontier.end(), event->nodes.begin(),
                          event->nodes.end());
  return cudaSuccess;
}

//===----------------------------------------------------------------------===//
// Captures and graphs
//===----------------------------------------------------------------------===//

void Streams::addNode(cudaStream_t stream, const std::string &name,
                      const Action &action) {
  Graph &graph = stream->capture->graph;
  graph.nodes.push_back({name, action, stream->frontier, stream->lane});
  stream->frontier = {graph.nodes.size() - 1};
}

cudaError_t Streams::beginCapture(cudaStream_t stream, bool isRelaxed) {
  if (stream == &defaultStream)
    return cudaErrorStreamCaptureUnsupported;
  if (stream->capture)
    return cudaErrorInvalidValue;
  stream->capture = std::make_shared<Capture>();
  stream->capture->origin = stream;
  stream->capture->isRelaxed = isRelaxed;
  stream->capture->members.insert(stream);
  stream->frontier.clear();
  stream->lane = stream->capture->graph.lanes++;
  captures.insert(stream->capture);
  return cudaSuccess;
}

/// Do all nodes come before those of `frontier`?
static bool isJoined(const Graph &graph, const std::vector<size_t> &frontier) {
  std::vector<bool> reached(graph.nodes.size());
  for (size_t node : frontier)
    reached[node] = true;
  // Nodes follow what they depend on.
  for (size_t i = graph.nodes.size(); i-- > 0;)
    if (reached[i])
      for (size_t earlier : graph.nodes[i].after)
        reached[earlier] = true;
  return std::find(reached.begin(), reached.end(), false) == reached.end();
}

cudaError_t Streams::endCapture(cudaStream_t stream, cudaGraph_t *graph) {
  std::shared_ptr<Capture> capture = stream->capture;
  if (!capture)
    return cudaErrorInvalidValue;
  if (capture->origin != stream)
    return cudaErrorStreamCaptureUnmatched;
  bool joined = isJoined(capture->graph, stream->frontier);
  for (cudaStream_t member : capture->members)
    if (streams.count(member)) {
      member->capture = nullptr;
      member->frontier.clear();
    }
  captures.erase(capture);
  if (capture->isInvalid)
    return cudaErrorStreamCaptureInvalidated;
  if (!joined)
    return cudaErrorStreamCaptureUnjoined;
  *graph = new CUgraph_st{{capture->graph}};
  return cudaSuccess;
}

cudaGraphExec_t Streams::instantiate(const Graph &graph) {
  auto *exec = new CUgraphExec_st{graph, {}, nullptr};
  for (size_t i = 0; i < graph.lanes; ++i)
    exec->tracks.push_back(takeTrack());
  return exec;
}

cudaError_t Streams::launch(cudaGraphExec_t exec, cudaStream_t stream) {
  if (stream->capture)
    return cudaErrorNotSupported;
  // Launches of one graph do not overlap.
  if (exec->last)
    stream->waits.push_back(exec->last);
  OperationRef begin;
  if (cudaError_t error = enqueue(stream, "graph", nullptr, &begin))
    return error;
  std::vector<OperationRef> operations, ends{begin};
  for (const Graph::Node &node : exec->graph.nodes) {
    std::vector<OperationRef> after{begin};
    for (size_t earlier : node.after)
      after.push_back(operations[earlier]);
    operations.push_back(makeOperation(
        node.name, node.action, exec->tracks[node.lane], std::move(after)));
    ends.push_back(operations.back());
  }
  exec->last = stream->last =
      makeOperation("graph", nullptr, stream->track, std::move(ends));
  return cudaSuccess;
}

void Streams::destroy(cudaGraphExec_t exec) {
  freeTracks.insert(freeTracks.end(), exec->tracks.begin(), exec->tracks.end());
  delete exec;
}

cudaError_t Streams::forbidDuringCapture() {
  cudaError_t error = cudaSuccess;
  for (const std::shared_ptr<Capture> &capture : captures)
    if (!capture->isRelaxed) {
      capture->isInvalid = true;
      error = cudaErrorStreamCaptureUnsupported;
    }
  return error;
}
