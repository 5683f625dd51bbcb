//===- RuntimeFixture.h - The hand-written model in tests -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Loading of test models, tensors of the affine model (Models/Affine.c) and
// what it must compute.
//===----------------------------------------------------------------------===//
#ifndef TEST_UNIT_RUNTIME_RUNTIMEFIXTURE_H
#define TEST_UNIT_RUNTIME_RUNTIMEFIXTURE_H

#include "shift/Runtime/ShiftRuntime.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace shift::rt::test {

inline std::string modelPath(const std::string &name) {
  return std::string(TEST_MODELS) + name + ".so";
}

struct FreeModel {
  void operator()(ShiftModel *model) const { shiftModelFree(model); }
};
struct FreeSession {
  void operator()(ShiftSession *session) const { shiftSessionFree(session); }
};
using ModelPtr = std::unique_ptr<ShiftModel, FreeModel>;
using SessionPtr = std::unique_ptr<ShiftSession, FreeSession>;

/// The model at `path`, null with a test failure if it cannot be loaded.
inline ModelPtr loadModel(const std::string &path) {
  ShiftModel *model = nullptr;
  EXPECT_EQ(shiftModelLoad(path.c_str(), &model), SHIFT_OK)
      << shiftGetLastError();
  return ModelPtr(model);
}

inline SessionPtr makeSession(const ModelPtr &model, int threads) {
  ShiftSession *session = nullptr;
  ShiftSessionOptions options{sizeof(ShiftSessionOptions), threads};
  EXPECT_EQ(shiftSessionCreate(model.get(), &options, &session), SHIFT_OK)
      << shiftGetLastError();
  return SessionPtr(session);
}

/// Inputs and outputs of the affine model.
struct AffineData {
  std::vector<float> a, b, y;
  std::vector<int32_t> z, isa;
  std::vector<int64_t> matrix{2, 50}, four{4}, one{1};
  std::vector<ShiftTensor> inputs, outputs;

  explicit AffineData(float first = 0.0f)
      : a(100), b(100), y(100, -1.0f), z(4, -1), isa(1, -1) {
    for (int i = 0; i < 100; ++i) {
      a[i] = first + 0.1f * static_cast<float>(i);
      b[i] = 1.0f / static_cast<float>(i + 1);
    }
    inputs = {tensor(a, SHIFT_DTYPE_F32, matrix),
              tensor(b, SHIFT_DTYPE_F32, matrix)};
    outputs = {tensor(y, SHIFT_DTYPE_F32, matrix),
               tensor(z, SHIFT_DTYPE_I32, four),
               tensor(isa, SHIFT_DTYPE_I32, one)};
  }

  ShiftStatus run(const SessionPtr &session) {
    return shiftSessionRun(session.get(), inputs.data(),
                           static_cast<int64_t>(inputs.size()), outputs.data(),
                           static_cast<int64_t>(outputs.size()));
  }

  /// The values of the weights' codes 0, 1, 2, 3, 0, ...
  static float weight(int i) {
    const float values[] = {-2.0f, 0.0f, 0.5f, 4.0f};
    return values[i % 4];
  }

  void expectRight() const {
    for (int i = 0; i < 100; ++i) {
      float sum = a[i] + b[i];
      float product = sum * weight(i);
      EXPECT_EQ(y[i], product + 0.25f) << "element " << i;
    }
    for (int c = 0; c < 4; ++c) {
      int expected = -1000; // The smallest exponent of each channel is -1.
      for (int k = 0; k < 25; ++k)
        expected += static_cast<int>(2 * weight(c * 25 + k)) * (k + 1);
      EXPECT_EQ(z[c], expected) << "channel " << c;
    }
  }

private:
  template <typename T>
  static ShiftTensor tensor(std::vector<T> &data, ShiftDType dtype,
                            const std::vector<int64_t> &dims) {
    return {data.data(), static_cast<int64_t>(data.size() * sizeof(T)), dtype,
            static_cast<int32_t>(dims.size()), dims.data()};
  }
};

} // namespace shift::rt::test

#endif // TEST_UNIT_RUNTIME_RUNTIMEFIXTURE_H
