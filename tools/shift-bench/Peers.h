//===- Peers.h - Other libraries in a process beside ours -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef TOOLS_SHIFT_BENCH_PEERS_H
#define TOOLS_SHIFT_BENCH_PEERS_H

#include "Contenders.h"
#include "llvm/Support/JSON.h"

namespace shift::bench {

/// The names that --compare knows.
llvm::ArrayRef<llvm::StringRef> knownPeers();

/// A Python process (shift_frontend.bench_peers) that runs convolutions and
/// models in other libraries. One line of JSON asks, one answers.
class PeerProcess {
public:
  /// Starts `python`; an error where that fails.
  static llvm::Expected<std::shared_ptr<PeerProcess>>
  start(const std::string &python, int threads);
  ~PeerProcess();

  /// The answer's object, or what went wrong.
  llvm::Expected<llvm::json::Object> ask(llvm::json::Object request);

private:
  PeerProcess(int pid, int toChild, int fromChild)
      : pid(pid), toChild(toChild), fromChild(fromChild) {}

  int pid, toChild, fromChild;
  std::string buffered;
};

/// The layer, or the model of an .onnx file, in the library `peer`. Models that
/// peers quantize are kept in `cacheFolder` unless that is empty.
llvm::Expected<ContenderPtr> makePeerLayer(std::shared_ptr<PeerProcess> process,
                                           llvm::StringRef peer,
                                           const ConvShape &shape);
llvm::Expected<ContenderPtr>
makePeerModel(std::shared_ptr<PeerProcess> process, llvm::StringRef peer,
              const std::string &path,
              const pipelines::ModelOptions &modelOptions,
              const std::string &cacheFolder);

} // namespace shift::bench

#endif // TOOLS_SHIFT_BENCH_PEERS_H
