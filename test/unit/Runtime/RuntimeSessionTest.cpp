//===- RuntimeSessionTest.cpp - Running models through the C API ----------===//
// SPDX-License-Identifier: Apache-2.0
// Results on any number of threads, sessions at once, checks of arguments,
// observers, profile, memory, and independence of the host's float settings.
//===----------------------------------------------------------------------===//
#include "RuntimeFixture.h"

#include <cfloat>
#include <cmath>
#include <cstring>
#include <thread>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace shift::rt::test;

namespace {

class RuntimeSessionTest : public testing::Test {
protected:
  void SetUp() override {
    unsetenv("SHIFT_CPU");
    model = loadModel(modelPath("affine"));
    ASSERT_TRUE(model);
  }

  /// Runs `data`, which must be refused with `message` and no output written.
  void expectRefused(AffineData &data, const std::string &message) {
    SessionPtr session = makeSession(model, 1);
    EXPECT_EQ(data.run(session), SHIFT_ERROR_ARGUMENT);
    EXPECT_EQ(shiftGetLastError(), message);
    EXPECT_EQ(data.isa[0], -1);
  }

  ModelPtr model;
};

class RuntimeThreadsTest : public RuntimeSessionTest,
                           public testing::WithParamInterface<int> {};

} // namespace

TEST_P(RuntimeThreadsTest, ResultsAreTheSame) {
  SessionPtr session = makeSession(model, GetParam());
  int32_t threads = 0;
  ASSERT_EQ(shiftSessionGetThreadCount(session.get(), &threads), SHIFT_OK);
  EXPECT_EQ(threads, GetParam());
  for (float first : {0.0f, 3.0f, -7.5f}) {
    AffineData data(first);
    ASSERT_EQ(data.run(session), SHIFT_OK) << shiftGetLastError();
    data.expectRight();
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, RuntimeThreadsTest,
                         testing::Values(1, 2, 3, 7, 64),
                         testing::PrintToStringParamName());

TEST_F(RuntimeSessionTest, SessionsRunAtOnce) {
  std::vector<std::thread> users;
  for (int user = 0; user < 4; ++user)
    users.emplace_back([&, user] {
      SessionPtr session = makeSession(model, 1 + user % 2);
      for (int run = 0; run < 50; ++run) {
        AffineData data(static_cast<float>(100 * user + run));
        ASSERT_EQ(data.run(session), SHIFT_OK);
        data.expectRight();
      }
    });
  for (std::thread &user : users)
    user.join();
}

TEST_F(RuntimeSessionTest, SessionOutlivesModel) {
  SessionPtr session = makeSession(model, 2);
  model.reset();
  AffineData data;
  ASSERT_EQ(data.run(session), SHIFT_OK);
  data.expectRight();
}

TEST_F(RuntimeSessionTest, WrongTensorsAreNamed) {
  AffineData shape;
  shape.matrix[1] = 49;
  expectRefused(shape, "input 'a': expected shape [2, 50], got [2, 49]");
  AffineData rank;
  rank.inputs[1].rank = 1;
  expectRefused(rank, "input 'b': expected shape [2, 50], got [2]");
  AffineData noDims;
  noDims.inputs[1].dims = nullptr;
  expectRefused(noDims, "input 'b': expected shape [2, 50], got a negative "
                        "rank or no dims");
  AffineData dtype;
  dtype.outputs[1].dtype = SHIFT_DTYPE_F32;
  expectRefused(dtype, "output 'z': expected element type i32, got f32");
  AffineData bytes;
  bytes.outputs[0].bytes = 396;
  expectRefused(bytes, "output 'y': expected 400 bytes, got 396");
  AffineData null;
  null.outputs[0].data = nullptr;
  expectRefused(null, "output 'y': expected data, got a null pointer");
  AffineData alignment;
  alignment.inputs[0].data = reinterpret_cast<char *>(alignment.a.data()) + 1;
  expectRefused(alignment, "input 'a': expected data at a multiple of 4 bytes, "
                           "got an address that is none");
}

TEST_F(RuntimeSessionTest, WrongCountsAndOverlapsAreRefused) {
  AffineData fewer;
  fewer.inputs.pop_back();
  expectRefused(fewer, "expected 2 inputs, got 1");
  AffineData more;
  more.outputs.push_back(more.outputs[0]);
  expectRefused(more, "expected 3 outputs, got 4");
  AffineData overlap;
  overlap.outputs[0].data = overlap.b.data();
  expectRefused(overlap, "output 'y': expected memory of its own, got an "
                         "overlap with input 'b'");
  SessionPtr session = makeSession(model, 1);
  EXPECT_EQ(shiftSessionRun(session.get(), nullptr, 2, nullptr, 3),
            SHIFT_ERROR_ARGUMENT);
  EXPECT_STREQ(shiftGetLastError(), "expected inputs, got a null pointer");
}

TEST_F(RuntimeSessionTest, WrongOptionsAreRefused) {
  ShiftSession *session = nullptr;
  ShiftSessionOptions options{sizeof(ShiftSessionOptions), -1};
  EXPECT_EQ(shiftSessionCreate(model.get(), &options, &session),
            SHIFT_ERROR_ARGUMENT);
  EXPECT_STREQ(shiftGetLastError(), "expected numThreads in [0, 1024], got -1");
  options = {4, 1};
  EXPECT_EQ(shiftSessionCreate(model.get(), &options, &session),
            SHIFT_ERROR_ARGUMENT);
  EXPECT_EQ(shiftSessionCreate(nullptr, nullptr, &session),
            SHIFT_ERROR_ARGUMENT);
  EXPECT_STREQ(shiftGetLastError(), "expected a model, got a null pointer");
  EXPECT_EQ(session, nullptr);
  ASSERT_EQ(shiftSessionCreate(model.get(), nullptr, &session), SHIFT_OK);
  SessionPtr owner(session);
  int32_t threads = 0;
  ASSERT_EQ(shiftSessionGetThreadCount(session, &threads), SHIFT_OK);
  EXPECT_GE(threads, 1);
}

TEST_F(RuntimeSessionTest, ObserverSeesEachStep) {
  struct Seen {
    std::vector<ShiftObservation> steps;
    std::vector<float> sums;
    ShiftSession *session = nullptr;
    ShiftStatus nested = SHIFT_OK;
  } seen;
  SessionPtr session = makeSession(model, 2);
  seen.session = session.get();
  auto observer = [](void *userData, const ShiftObservation *step) {
    auto *seen = static_cast<Seen *>(userData);
    seen->steps.push_back(*step);
    if (step->value == 3) {
      const float *data = static_cast<const float *>(step->data);
      seen->sums.assign(data, data + step->elements);
      seen->nested = shiftSessionRun(seen->session, nullptr, 0, nullptr, 0);
    }
  };
  ASSERT_EQ(shiftSessionSetObserver(session.get(), observer, &seen), SHIFT_OK);
  AffineData data;
  ASSERT_EQ(data.run(session), SHIFT_OK);
  data.expectRight();

  ASSERT_EQ(seen.steps.size(), 4u);
  EXPECT_EQ(seen.nested, SHIFT_ERROR_ARGUMENT);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(seen.steps[i].step, i);
  EXPECT_STREQ(seen.steps[0].name, "Add_0");
  ASSERT_EQ(seen.sums.size(), 100u);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(seen.sums[i], data.a[i] + data.b[i]);
  EXPECT_EQ(seen.steps[1].data, data.y.data());
  EXPECT_EQ(seen.steps[1].dtype, SHIFT_DTYPE_F32);
  EXPECT_EQ(seen.steps[2].value, -1);
  EXPECT_EQ(seen.steps[2].data, nullptr);
  EXPECT_EQ(seen.steps[2].elements, 0);

  ASSERT_EQ(shiftSessionSetObserver(session.get(), nullptr, nullptr), SHIFT_OK);
  ASSERT_EQ(data.run(session), SHIFT_OK);
  EXPECT_EQ(seen.steps.size(), 4u);
}

TEST_F(RuntimeSessionTest, ProfileAndMemory) {
  SessionPtr session = makeSession(model, 3);
  std::vector<int64_t> profile(4, -1);
  ASSERT_EQ(shiftSessionGetProfile(session.get(), profile.data(), 4), SHIFT_OK);
  EXPECT_EQ(profile, std::vector<int64_t>(4, 0));
  AffineData data;
  ASSERT_EQ(data.run(session), SHIFT_OK);
  ASSERT_EQ(shiftSessionGetProfile(session.get(), profile.data(), 4), SHIFT_OK);
  int64_t total = 0;
  for (int64_t time : profile) {
    EXPECT_GE(time, 0);
    total += time;
  }
  EXPECT_GT(total, 0);
  EXPECT_EQ(shiftSessionGetProfile(session.get(), profile.data(), 3),
            SHIFT_ERROR_ARGUMENT);
  EXPECT_STREQ(shiftGetLastError(), "expected room for 4 steps, got 3");

  ShiftMemoryUse use{};
  ASSERT_EQ(shiftSessionGetMemoryUse(session.get(), &use), SHIFT_OK);
  EXPECT_EQ(use.arena, 448);
  EXPECT_EQ(use.scratch, 3 * 64);
  // 100 values, and lists: one section and the end, of each channel a header, a
  // slot and 6 quads for the 18 or 19 taps that are not zero.
  EXPECT_EQ(use.constants, 4 * 100 + 8 * (2 + 4 * (1 + 1 + 6)));
}

#if defined(__x86_64__)
TEST_F(RuntimeSessionTest, HostsFlushToZeroDoesNotMatter) {
  SessionPtr session = makeSession(model, 2);
  AffineData data;
  for (int i = 0; i < 100; ++i) {
    data.a[i] = FLT_MIN * 1.5f;
    data.b[i] = -FLT_MIN;
  }
  std::vector<float> sums;
  auto observer = [](void *userData, const ShiftObservation *step) {
    const float *values = static_cast<const float *>(step->data);
    if (step->value == 3)
      static_cast<std::vector<float> *>(userData)->assign(
          values, values + step->elements);
  };
  shiftSessionSetObserver(session.get(), observer, &sums);
  unsigned saved = _mm_getcsr();
  unsigned flush = saved | 0x8040 | 0x6000; // FTZ, DAZ, round to zero.
  _mm_setcsr(flush);
  ShiftStatus status = data.run(session);
  unsigned after = _mm_getcsr();
  _mm_setcsr(saved);
  ASSERT_EQ(status, SHIFT_OK);
  EXPECT_EQ(after, flush);
  ASSERT_EQ(sums.size(), 100u);
  for (float sum : sums)
    EXPECT_EQ(sum, FLT_MIN * 0.5f);
}
#endif
