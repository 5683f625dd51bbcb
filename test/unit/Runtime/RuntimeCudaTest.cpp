//===- RuntimeCudaTest.cpp - CUDA artefacts through the C API -------------===//
// SPDX-License-Identifier: Apache-2.0
// The library runs by itself (Models/Cuda.c); the runtime checks tensors and
// passes on what goes wrong.
//===----------------------------------------------------------------------===//
#include "RuntimeFixture.h"

#include <array>
#include <thread>

using namespace shift::rt::test;

namespace {
/// One run of the model y = x + (1, 2, 4).
struct Addition {
  std::array<float, 3> x{1, 1, 1}, y{};
  std::array<int64_t, 1> dims{3};

  ShiftStatus run(const SessionPtr &session) {
    ShiftTensor input{x.data(), sizeof(x), SHIFT_DTYPE_F32, 1, dims.data()};
    ShiftTensor output{y.data(), sizeof(y), SHIFT_DTYPE_F32, 1, dims.data()};
    return shiftSessionRun(session.get(), &input, 1, &output, 1);
  }
};

void expectRefused(const std::string &name, const std::string &text) {
  std::string path = modelPath(name);
  ShiftModel *model = nullptr;
  EXPECT_EQ(shiftModelLoad(path.c_str(), &model), SHIFT_ERROR_MODEL);
  EXPECT_EQ(model, nullptr);
  EXPECT_EQ(shiftGetLastError(), "'" + path + "': " + text);
}
} // namespace

TEST(RuntimeCudaTest, ProgramRuns) {
  ModelPtr model = loadModel(modelPath("cuda"));
  ASSERT_TRUE(model);
  const char *isa = nullptr;
  ASSERT_EQ(shiftModelGetISA(model.get(), &isa), SHIFT_OK);
  EXPECT_STREQ(isa, "cuda");
  SessionPtr session = makeSession(model, 2);
  Addition addition;
  ASSERT_EQ(addition.run(session), SHIFT_OK) << shiftGetLastError();
  EXPECT_EQ(addition.y, (std::array<float, 3>{2, 3, 5}));
}

TEST(RuntimeCudaTest, SessionsShareTheDevice) {
  ModelPtr model = loadModel(modelPath("cuda"));
  ASSERT_TRUE(model);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      SessionPtr session = makeSession(model, 1);
      Addition addition;
      addition.x = {float(i), 0, 0};
      for (int run = 0; run < 100; ++run) {
        ASSERT_EQ(addition.run(session), SHIFT_OK);
        ASSERT_EQ(addition.y, (std::array<float, 3>{float(i) + 1, 2, 4}));
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(RuntimeCudaTest, ProblemsOfTheDeviceAreErrors) {
  ModelPtr model = loadModel(modelPath("cuda"));
  SessionPtr session = makeSession(model, 1);
  Addition addition;
  addition.x[0] = -1;
  EXPECT_EQ(addition.run(session), SHIFT_ERROR_ARGUMENT);
  EXPECT_EQ(std::string(shiftGetLastError()),
            "Add_0: an illegal memory access was encountered");
  addition.dims[0] = 4;
  EXPECT_EQ(addition.run(session), SHIFT_ERROR_ARGUMENT);
}

TEST(RuntimeCudaTest, ModelsThatCannotRunAreRefused) {
  expectRefused("cuda-no-device", "no CUDA-capable device is detected");
  expectRefused("cuda-no-run",
                "expected the symbol shift_cuda_run_host, got a library "
                "without it; compile the model again");
}

TEST(RuntimeCudaTest, StepsCannotBeLookedInto) {
  ModelPtr model = loadModel(modelPath("cuda"));
  SessionPtr session = makeSession(model, 1);
  auto observer = [](void *, const ShiftObservation *) {};
  EXPECT_EQ(shiftSessionSetObserver(session.get(), observer, nullptr),
            SHIFT_ERROR_ARGUMENT);
  int64_t nanoseconds = 0;
  EXPECT_EQ(shiftSessionGetProfile(session.get(), &nanoseconds, 1),
            SHIFT_ERROR_ARGUMENT);
  EXPECT_EQ(std::string(shiftGetLastError()),
            "profile: expected a model for the CPU, got one for CUDA");
}
