//===- RuntimeEngine.cpp - Compiled models behind the Engine --------------===//
// SPDX-License-Identifier: Apache-2.0
// Runs artefacts and in-process code through the public C API, as any program
// would.
//===----------------------------------------------------------------------===//
#include "RuntimeEngine.h"
#include "shift/Pipelines/CommandLine.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace shift::pipelines {
namespace {

Error lastError() { return makeError(shiftGetLastError()); }

/// NumPy's codes of the runtime's element types.
struct DTypeCode {
  ShiftDType dtype;
  const char *code;
};
constexpr DTypeCode dtypeCodes[] = {
    {SHIFT_DTYPE_F32, "<f4"}, {SHIFT_DTYPE_I8, "|i1"},
    {SHIFT_DTYPE_U8, "|u1"},  {SHIFT_DTYPE_I16, "<i2"},
    {SHIFT_DTYPE_U16, "<u2"}, {SHIFT_DTYPE_I32, "<i4"},
    {SHIFT_DTYPE_I64, "<i8"}};

std::string codeOf(ShiftDType dtype) {
  for (const DTypeCode &entry : dtypeCodes)
    if (entry.dtype == dtype)
      return entry.code;
  return "?";
}

ShiftDType dtypeOf(const std::string &code) {
  for (const DTypeCode &entry : dtypeCodes)
    if (code == entry.code)
      return entry.dtype;
  return static_cast<ShiftDType>(-1);
}

ShiftTensor viewOf(NpyArray &array) {
  return {array.bytes.data(), int64_t(array.bytes.size()), dtypeOf(array.dtype),
          int32_t(array.shape.size()), array.shape.data()};
}

class RuntimeEngine : public Engine {
public:
  explicit RuntimeEngine(std::shared_ptr<ShiftModel> model)
      : owner(std::move(model)), model(owner.get()) {}
  ~RuntimeEngine() override { shiftSessionFree(session); }

  Error initialize(int threads) {
    ShiftSessionOptions options{sizeof(ShiftSessionOptions), threads};
    if (shiftSessionCreate(model, &options, &session) != SHIFT_OK)
      return lastError();
    int64_t count = 0;
    shiftModelGetInputCount(model, &count);
    ShiftTensorInfo info;
    for (int64_t i = 0; i < count; ++i) {
      shiftModelGetInputInfo(model, i, &info);
      inputInfo.push_back(describe(info));
    }
    shiftModelGetOutputCount(model, &count);
    for (int64_t i = 0; i < count; ++i) {
      shiftModelGetOutputInfo(model, i, &info);
      outputInfo.push_back(describe(info));
      outputBytes.push_back(info.bytes);
    }
    return readDescription();
  }

  Expected<std::vector<NpyArray>> run(ArrayRef<NpyArray> arrays) override {
    std::vector<NpyArray> copies(arrays.begin(), arrays.end()), results;
    std::vector<ShiftTensor> inputs, outputs;
    for (NpyArray &array : copies)
      inputs.push_back(viewOf(array));
    for (auto [info, bytes] : zip_equal(outputInfo, outputBytes))
      results.push_back({info.dtype, info.shape, std::vector<uint8_t>(bytes)});
    for (NpyArray &array : results)
      outputs.push_back(viewOf(array));
    if (shiftSessionRun(session, inputs.data(), inputs.size(), outputs.data(),
                        outputs.size()) != SHIFT_OK)
      return lastError();
    return results;
  }

  Error observe(ArrayRef<NpyArray> arrays, Observer observer) override {
    auto forward = [](void *userData, const ShiftObservation *seen) {
      if (seen->value < 0 || !seen->data)
        return;
      std::string dtype = codeOf(seen->dtype);
      (*static_cast<Observer *>(userData))(
          {seen->value, dtype, seen->data, seen->elements});
    };
    if (shiftSessionSetObserver(session, forward, &observer) != SHIFT_OK)
      return lastError();
    Error error = run(arrays).takeError();
    shiftSessionSetObserver(session, nullptr, nullptr);
    return error;
  }

  Expected<std::vector<StepTime>> stepTimes() const override {
    int64_t count = 0;
    shiftModelGetStepCount(model, &count);
    std::vector<int64_t> times(count);
    if (shiftSessionGetProfile(session, times.data(), count) != SHIFT_OK)
      return lastError();
    std::vector<StepTime> steps;
    for (int64_t i = 0; i < count; ++i) {
      ShiftStepInfo info;
      shiftModelGetStepInfo(model, i, &info);
      steps.push_back(
          {info.name, info.op, info.strategy, info.macs, times[i] * 1e-6});
    }
    return steps;
  }

  std::optional<MemoryUse> memoryUse() const override {
    ShiftMemoryUse use{};
    if (shiftSessionGetMemoryUse(session, &use) != SHIFT_OK)
      return std::nullopt;
    return MemoryUse{use.arena, use.scratch, use.constants};
  }

private:
  static TensorInfo describe(const ShiftTensorInfo &info) {
    return {info.name, codeOf(info.dtype),
            std::vector<int64_t>(info.dims, info.dims + info.rank)};
  }

  Error readDescription() {
    const char *text = nullptr;
    if (shiftModelGetDescription(model, &text) != SHIFT_OK)
      return lastError();
    Expected<json::Value> value = json::parse(text);
    if (!value)
      return value.takeError();
    auto print = [&](StringRef key, std::string &out) {
      const json::Value *field = value->getAsObject()->get(key);
      if (field && field->getAsObject())
        raw_string_ostream(out) << *field;
    };
    print("detector", detectorText);
    print("image_input", imageInputText);
    return Error::success();
  }

  std::shared_ptr<ShiftModel> owner;
  ShiftModel *model;
  ShiftSession *session = nullptr;
  std::vector<int64_t> outputBytes;
};

} // namespace

Expected<std::unique_ptr<Engine>>
makeRuntimeEngine(std::shared_ptr<ShiftModel> model, int threads) {
  auto engine = std::make_unique<RuntimeEngine>(std::move(model));
  if (Error error = engine->initialize(threads))
    return std::move(error);
  return std::unique_ptr<Engine>(std::move(engine));
}

Expected<std::unique_ptr<Engine>> loadArtefact(const std::string &path,
                                               int threads) {
  ShiftModel *model = nullptr;
  if (shiftModelLoad(path.c_str(), &model) != SHIFT_OK)
    return lastError();
  return makeRuntimeEngine(std::shared_ptr<ShiftModel>(model, shiftModelFree),
                           threads);
}

} // namespace shift::pipelines
