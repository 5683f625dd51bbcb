//===- Peers.cpp - Other libraries in a process beside ours ---------------===//
// SPDX-License-Identifier: Apache-2.0
// The process is started once; it holds the peers' layers while ours are
// timed, so that rounds can alternate.
//===----------------------------------------------------------------------===//
#include "Peers.h"
#include "shift/Pipelines/CommandLine.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;

extern char **environ;

namespace shift::bench {

ArrayRef<StringRef> knownPeers() {
  static const StringRef names[] = {"onnxruntime", "openvino",
                                    "onnxruntime-int8", "openvino-int8"};
  return names;
}

Expected<std::shared_ptr<PeerProcess>>
PeerProcess::start(const std::string &python, int threads) {
  // A process that ended is an error of the next request.
  std::signal(SIGPIPE, SIG_IGN);
  int request[2], answer[2];
  if (pipe2(request, O_CLOEXEC) != 0 || pipe2(answer, O_CLOEXEC) != 0)
    return pipelines::makeError("cannot make a pipe: " +
                                Twine(std::strerror(errno)));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, request[0], 0);
  posix_spawn_file_actions_adddup2(&actions, answer[1], 1);
  std::string words[] = {python, "-m", "shift_frontend.bench_peers",
                         "--threads=" + std::to_string(threads)};
  std::vector<char *> arguments;
  for (std::string &word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid;
  int code = posix_spawnp(&pid, python.c_str(), &actions, nullptr,
                          arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(request[0]);
  close(answer[1]);
  if (code != 0) {
    close(request[1]);
    close(answer[0]);
    return pipelines::makeError("cannot run '" + python +
                                "': " + Twine(std::strerror(code)));
  }
  return std::shared_ptr<PeerProcess>(
      new PeerProcess(pid, request[1], answer[0]));
}

PeerProcess::~PeerProcess() {
  // The end of its input ends it.
  close(toChild);
  close(fromChild);
  waitpid(pid, nullptr, 0);
}

Expected<json::Object> PeerProcess::ask(json::Object request) {
  std::string text;
  raw_string_ostream(text) << json::Value(std::move(request)) << "\n";
  auto fail = [] {
    return pipelines::makeError("the process of the peers ended");
  };
  for (size_t done = 0; done < text.size();) {
    ssize_t count = write(toChild, text.data() + done, text.size() - done);
    if (count <= 0)
      return fail();
    done += count;
  }
  size_t end;
  while ((end = buffered.find('\n')) == std::string::npos) {
    char block[4096];
    ssize_t count = read(fromChild, block, sizeof(block));
    if (count <= 0)
      return fail();
    buffered.append(block, count);
  }
  Expected<json::Value> answer = json::parse(buffered.substr(0, end));
  buffered.erase(0, end + 1);
  if (!answer)
    return answer.takeError();
  json::Object *object = answer->getAsObject();
  if (!object)
    return pipelines::makeError("expected an object from the peers");
  if (auto error = object->getString("error"))
    return pipelines::makeError(*error);
  return std::move(*object);
}

namespace {
class PeerContender : public Contender {
public:
  PeerContender(std::shared_ptr<PeerProcess> process, int64_t id)
      : process(std::move(process)), id(id) {}
  ~PeerContender() override {
    consumeError(
        process->ask(json::Object{{"op", "free"}, {"id", id}}).takeError());
  }

  bool isOtherProcess() const override { return true; }

  Expected<double> run(int64_t iterations) override {
    Expected<json::Object> answer = process->ask(
        json::Object{{"op", "run"}, {"id", id}, {"iterations", iterations}});
    if (!answer)
      return answer.takeError();
    auto seconds = answer->getNumber("seconds");
    if (!seconds)
      return pipelines::makeError("expected seconds in the answer");
    return *seconds;
  }

private:
  std::shared_ptr<PeerProcess> process;
  int64_t id;
};

Expected<ContenderPtr> load(std::shared_ptr<PeerProcess> process,
                            StringRef peer, json::Object request) {
  request["op"] = "load";
  request["peer"] = peer;
  Expected<json::Object> answer = process->ask(std::move(request));
  if (!answer)
    return answer.takeError();
  auto contender = std::make_unique<PeerContender>(
      std::move(process), answer->getInteger("id").value_or(-1));
  contender->name = peer.str();
  return ContenderPtr(std::move(contender));
}
} // namespace

Expected<ContenderPtr> makePeerLayer(std::shared_ptr<PeerProcess> process,
                                     StringRef peer, const ConvShape &shape) {
  json::Object conv{{"input", json::Array(shape.input)},
                    {"weights", json::Array(shape.weights)},
                    {"output", json::Array(shape.output())},
                    {"strides", json::Array(shape.strides)},
                    {"dilations", json::Array(shape.dilations)},
                    {"pads", json::Array(shape.pads)},
                    {"group", shape.group}};
  json::Object request;
  request["conv"] = std::move(conv);
  return load(std::move(process), peer, std::move(request));
}

Expected<ContenderPtr>
makePeerModel(std::shared_ptr<PeerProcess> process, StringRef peer,
              const std::string &path,
              const pipelines::ModelOptions &modelOptions,
              const std::string &cacheFolder) {
  json::Object shapes;
  for (const auto &[name, shape] : modelOptions.inputShapes)
    shapes[name] = json::Array(shape);
  return load(std::move(process), peer,
              json::Object{{"model", path},
                           {"input_shapes", std::move(shapes)},
                           {"cache", cacheFolder}});
}

} // namespace shift::bench
