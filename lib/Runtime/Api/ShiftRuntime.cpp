//===- ShiftRuntime.cpp - The C API ---------------------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Null checks, the thread's last error, and nothing else: the work is Core's.
// No exception leaves this file.
//===----------------------------------------------------------------------===//
#include "shift/Runtime/ShiftRuntime.h"

#include "lib/Runtime/Core/DType.h"
#include "lib/Runtime/Core/Error.h"
#include "lib/Runtime/Core/Session.h"

#include <algorithm>

using namespace shift::rt;

struct ShiftModel {
  std::shared_ptr<const Model> model;
};

struct ShiftSession {
  ShiftSession(std::shared_ptr<const Model> model, int numThreads)
      : session(std::move(model), numThreads) {}
  Session session;
};

namespace {

/// Keeps the message of the last failure of the thread.
thread_local std::string lastError;

ShiftStatus setError(ShiftStatus status, const char *message) noexcept {
  try {
    lastError = message;
  } catch (const std::bad_alloc &) {
    lastError.clear();
  }
  return status;
}

/// Runs `body` and turns what it throws into a status.
template <typename Body>
ShiftStatus guarded(Body body) noexcept {
  try {
    body();
    return SHIFT_OK;
  } catch (const Error &error) {
    return setError(error.getStatus(), error.what());
  } catch (const std::exception &error) {
    // bad_alloc and length_error; there is nothing else to be thrown.
    return setError(SHIFT_ERROR_MEMORY, "out of memory");
  }
}

void requirePointer(const void *pointer, const char *name) {
  if (!pointer)
    throw Error(SHIFT_ERROR_ARGUMENT,
                std::string("expected ") + name + ", got a null pointer");
}

template <typename List>
const auto &elementAt(const List &list, int64_t index, const char *kind) {
  int64_t count = static_cast<int64_t>(list.size());
  if (index < 0 || index >= count)
    throw Error(SHIFT_ERROR_ARGUMENT,
                std::string("expected an index of ") + kind + "s below " +
                    std::to_string(count) + ", got " + std::to_string(index));
  return list[index];
}

/// The common form of the questions to a model: `answer(Model)` goes to `out`.
template <typename Out, typename Answer>
ShiftStatus ask(const ShiftModel *model, Out *out, Answer answer) {
  return guarded([&] {
    requirePointer(model, "a model");
    requirePointer(out, "a place for the result");
    *out = answer(*model->model);
  });
}

ShiftTensorInfo makeInfo(const TensorSpec &spec) {
  return {
      spec.name.c_str(), spec.dtype,    static_cast<int32_t>(spec.dims.size()),
      spec.dims.data(),  spec.elements, spec.bytes};
}

int readThreadCount(const ShiftSessionOptions *options) {
  if (!options)
    return 0;
  if (options->size < sizeof(ShiftSessionOptions))
    throw Error(SHIFT_ERROR_ARGUMENT,
                "expected options of size " +
                    std::to_string(sizeof(ShiftSessionOptions)) + ", got " +
                    std::to_string(options->size));
  return options->numThreads;
}

} // namespace

//===----------------------------------------------------------------------===//
// Version and errors
//===----------------------------------------------------------------------===//

uint32_t shiftGetApiVersion(void) { return SHIFT_API_VERSION; }

const char *shiftStatusToString(ShiftStatus status) {
  switch (status) {
  case SHIFT_OK:
    return "ok";
  case SHIFT_ERROR_ARGUMENT:
    return "argument error";
  case SHIFT_ERROR_FILE:
    return "file error";
  case SHIFT_ERROR_MODEL:
    return "model error";
  case SHIFT_ERROR_VERSION:
    return "version error";
  case SHIFT_ERROR_CPU:
    return "cpu error";
  case SHIFT_ERROR_MEMORY:
    return "memory error";
  }
  return "unknown status";
}

const char *shiftGetLastError(void) { return lastError.c_str(); }

const char *shiftDTypeToString(ShiftDType dtype) {
  return isDType(dtype) ? dtypeTable[dtype].name : "?";
}

int64_t shiftDTypeSize(ShiftDType dtype) {
  return isDType(dtype) ? dtypeTable[dtype].size : 0;
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

ShiftStatus shiftModelLoad(const char *path, ShiftModel **model) {
  return guarded([&] {
    requirePointer(path, "a path");
    requirePointer(model, "a place for the model");
    *model = new ShiftModel{Model::load(path)};
  });
}

ShiftStatus shiftModelCreateFromSymbols(ShiftSymbolLookup lookup,
                                        void *userData, const char *name,
                                        ShiftModel **model) {
  return guarded([&] {
    if (!lookup)
      throw Error(SHIFT_ERROR_ARGUMENT, "expected a lookup function, got none");
    requirePointer(name, "a name");
    requirePointer(model, "a place for the model");
    *model = new ShiftModel{Model::create(
        [&](const char *symbol) { return lookup(userData, symbol); },
        quote(name))};
  });
}

void shiftModelFree(ShiftModel *model) { delete model; }

ShiftStatus shiftModelGetDescription(const ShiftModel *model,
                                     const char **json) {
  return ask(model, json, [](const Model &loaded) {
    return loaded.getPlan().description.c_str();
  });
}

ShiftStatus shiftModelGetPlan(const ShiftModel *model, const char **json) {
  return ask(model, json,
             [](const Model &loaded) { return loaded.getPlanText().c_str(); });
}

ShiftStatus shiftModelGetISA(const ShiftModel *model, const char **isa) {
  return ask(model, isa,
             [](const Model &loaded) { return loaded.getIsaName(); });
}

ShiftStatus shiftModelGetInputCount(const ShiftModel *model, int64_t *count) {
  return ask(model, count, [](const Model &loaded) {
    return static_cast<int64_t>(loaded.getPlan().inputs.size());
  });
}

ShiftStatus shiftModelGetOutputCount(const ShiftModel *model, int64_t *count) {
  return ask(model, count, [](const Model &loaded) {
    return static_cast<int64_t>(loaded.getPlan().outputs.size());
  });
}

ShiftStatus shiftModelGetStepCount(const ShiftModel *model, int64_t *count) {
  return ask(model, count, [](const Model &loaded) {
    return static_cast<int64_t>(loaded.getPlan().steps.size());
  });
}

ShiftStatus shiftModelGetInputInfo(const ShiftModel *model, int64_t index,
                                   ShiftTensorInfo *info) {
  return ask(model, info, [&](const Model &loaded) {
    return makeInfo(elementAt(loaded.getPlan().inputs, index, "input"));
  });
}

ShiftStatus shiftModelGetOutputInfo(const ShiftModel *model, int64_t index,
                                    ShiftTensorInfo *info) {
  return ask(model, info, [&](const Model &loaded) {
    return makeInfo(elementAt(loaded.getPlan().outputs, index, "output"));
  });
}

ShiftStatus shiftModelGetStepInfo(const ShiftModel *model, int64_t index,
                                  ShiftStepInfo *info) {
  return ask(model, info, [&](const Model &loaded) {
    const StepSpec &step = elementAt(loaded.getPlan().steps, index, "step");
    return ShiftStepInfo{
        step.name.c_str(),   step.op.c_str(), step.strategy.c_str(),
        step.kernel.c_str(), step.macs,       step.value};
  });
}

//===----------------------------------------------------------------------===//
// Sessions
//===----------------------------------------------------------------------===//

ShiftStatus shiftSessionCreate(const ShiftModel *model,
                               const ShiftSessionOptions *options,
                               ShiftSession **session) {
  return guarded([&] {
    requirePointer(model, "a model");
    requirePointer(session, "a place for the session");
    *session = new ShiftSession(model->model, readThreadCount(options));
  });
}

ShiftStatus shiftSessionRun(ShiftSession *session, const ShiftTensor *inputs,
                            int64_t inputCount, const ShiftTensor *outputs,
                            int64_t outputCount) {
  return guarded([&] {
    requirePointer(session, "a session");
    session->session.run(inputs, inputCount, outputs, outputCount);
  });
}

ShiftStatus shiftSessionSetObserver(ShiftSession *session,
                                    ShiftObserver observer, void *userData) {
  return guarded([&] {
    requirePointer(session, "a session");
    session->session.setObserver(observer, userData);
  });
}

ShiftStatus shiftSessionGetProfile(const ShiftSession *session,
                                   int64_t *nanoseconds, int64_t count) {
  return guarded([&] {
    requirePointer(session, "a session");
    const std::vector<int64_t> &profile = session->session.getProfile();
    if (count != static_cast<int64_t>(profile.size()))
      throw Error(SHIFT_ERROR_ARGUMENT,
                  "expected room for " + std::to_string(profile.size()) +
                      " steps, got " + std::to_string(count));
    if (count > 0)
      requirePointer(nanoseconds, "a place for the profile");
    std::copy(profile.begin(), profile.end(), nanoseconds);
  });
}

ShiftStatus shiftSessionGetThreadCount(const ShiftSession *session,
                                       int32_t *count) {
  return guarded([&] {
    requirePointer(session, "a session");
    requirePointer(count, "a place for the result");
    *count = session->session.getThreadCount();
  });
}

ShiftStatus shiftSessionGetMemoryUse(const ShiftSession *session,
                                     ShiftMemoryUse *use) {
  return guarded([&] {
    requirePointer(session, "a session");
    requirePointer(use, "a place for the result");
    *use = session->session.getMemoryUse();
  });
}

void shiftSessionFree(ShiftSession *session) { delete session; }
