//===- RuntimeLoadTest.cpp - Loading models through the C API -------------===//
// SPDX-License-Identifier: Apache-2.0
// Descriptions, files that are no models, versions, instruction sets, and files
// that change under a loaded model.
//===----------------------------------------------------------------------===//
#include "RuntimeFixture.h"
#include "shift/Support/Checksum.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace shift::rt::test;
namespace fs = std::filesystem;

namespace {

class RuntimeLoadTest : public testing::Test {
protected:
  void SetUp() override {
    unsetenv("SHIFT_CPU");
    folder = fs::path(testing::TempDir()) /
             ("shift-load-" + std::to_string(getpid()));
    fs::create_directories(folder);
  }
  void TearDown() override {
    unsetenv("SHIFT_CPU");
    fs::remove_all(folder);
  }

  std::string write(const std::string &name, const std::string &content) {
    std::string path = (folder / name).string();
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static std::string read(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// Loading must fail with `status` and a message about `path` that contains
  /// `text`.
  static void expectRefused(const std::string &path, ShiftStatus status,
                            const std::string &text) {
    ShiftModel *model = nullptr;
    EXPECT_EQ(shiftModelLoad(path.c_str(), &model), status) << path;
    EXPECT_EQ(model, nullptr);
    std::string message = shiftGetLastError();
    EXPECT_EQ(message.rfind("'" + path + "': ", 0), 0u) << message;
    EXPECT_NE(message.find(text), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }

  fs::path folder;
};

} // namespace

TEST_F(RuntimeLoadTest, ModelDescribesItself) {
  ModelPtr model = loadModel(modelPath("affine"));
  ASSERT_TRUE(model);
  int64_t inputs = 0, outputs = 0, steps = 0;
  ASSERT_EQ(shiftModelGetInputCount(model.get(), &inputs), SHIFT_OK);
  ASSERT_EQ(shiftModelGetOutputCount(model.get(), &outputs), SHIFT_OK);
  ASSERT_EQ(shiftModelGetStepCount(model.get(), &steps), SHIFT_OK);
  EXPECT_EQ(inputs, 2);
  EXPECT_EQ(outputs, 3);
  EXPECT_EQ(steps, 4);
  ShiftTensorInfo info{};
  ASSERT_EQ(shiftModelGetInputInfo(model.get(), 1, &info), SHIFT_OK);
  EXPECT_STREQ(info.name, "b");
  EXPECT_EQ(info.dtype, SHIFT_DTYPE_F32);
  ASSERT_EQ(info.rank, 2);
  EXPECT_EQ(info.dims[0], 2);
  EXPECT_EQ(info.dims[1], 50);
  EXPECT_EQ(info.elements, 100);
  EXPECT_EQ(info.bytes, 400);
  ASSERT_EQ(shiftModelGetOutputInfo(model.get(), 1, &info), SHIFT_OK);
  EXPECT_STREQ(info.name, "z");
  EXPECT_EQ(info.dtype, SHIFT_DTYPE_I32);
  ShiftStepInfo step{};
  ASSERT_EQ(shiftModelGetStepInfo(model.get(), 2, &step), SHIFT_OK);
  EXPECT_STREQ(step.name, "Lists_2");
  EXPECT_STREQ(step.op, "shift.conv2d");
  EXPECT_STREQ(step.strategy, "shift");
  EXPECT_STREQ(step.kernel, "shift_lists");
  EXPECT_EQ(step.macs, 100);
  EXPECT_EQ(step.value, -1);
  const char *text = nullptr;
  ASSERT_EQ(shiftModelGetDescription(model.get(), &text), SHIFT_OK);
  EXPECT_STREQ(text, "{\"detector\":{\"classes\":[\"cell\"],\"kind\":\"fcos\"},"
                     "\"image_input\":null}");
  ASSERT_EQ(shiftModelGetPlan(model.get(), &text), SHIFT_OK);
  EXPECT_EQ(std::string(text).rfind("{\"version\":2,", 0), 0u);
}

TEST_F(RuntimeLoadTest, WrongArgumentsAreRefused) {
  ModelPtr model = loadModel(modelPath("affine"));
  ShiftTensorInfo info{};
  for (int64_t index : {int64_t{-1}, int64_t{2}, INT64_MAX}) {
    EXPECT_EQ(shiftModelGetInputInfo(model.get(), index, &info),
              SHIFT_ERROR_ARGUMENT);
    EXPECT_EQ(shiftGetLastError(), "expected an index of inputs below 2, got " +
                                       std::to_string(index));
  }
  EXPECT_EQ(shiftModelGetInputInfo(nullptr, 0, &info), SHIFT_ERROR_ARGUMENT);
  EXPECT_EQ(shiftModelGetInputInfo(model.get(), 0, nullptr),
            SHIFT_ERROR_ARGUMENT);
  ShiftModel *out = nullptr;
  EXPECT_EQ(shiftModelLoad(nullptr, &out), SHIFT_ERROR_ARGUMENT);
  EXPECT_EQ(shiftModelLoad(modelPath("affine").c_str(), nullptr),
            SHIFT_ERROR_ARGUMENT);
  EXPECT_EQ(shiftModelCreateFromSymbols(nullptr, nullptr, "jit", &out),
            SHIFT_ERROR_ARGUMENT);
  shiftModelFree(nullptr);
  shiftSessionFree(nullptr);
}

TEST_F(RuntimeLoadTest, LastErrorBelongsToTheThread) {
  ShiftModel *model = nullptr;
  EXPECT_EQ(shiftModelLoad(nullptr, &model), SHIFT_ERROR_ARGUMENT);
  std::thread([] { EXPECT_STREQ(shiftGetLastError(), ""); }).join();
  EXPECT_STREQ(shiftGetLastError(), "expected a path, got a null pointer");
  EXPECT_STREQ(shiftStatusToString(SHIFT_ERROR_CPU), "cpu error");
  EXPECT_STREQ(shiftDTypeToString(SHIFT_DTYPE_I16), "i16");
  EXPECT_STREQ(shiftDTypeToString(static_cast<ShiftDType>(99)), "?");
  EXPECT_EQ(shiftDTypeSize(SHIFT_DTYPE_I64), 8);
}

TEST_F(RuntimeLoadTest, OtherFilesAreRefused) {
  expectRefused((folder / "none.so").string(), SHIFT_ERROR_FILE,
                "No such file");
  expectRefused(folder.string(), SHIFT_ERROR_FILE, "got a folder");
  expectRefused(write("empty.so", ""), SHIFT_ERROR_FILE, "an empty file");
  expectRefused(write("short.so", "\x7f"), SHIFT_ERROR_FILE,
                "another kind of file");
  expectRefused(write("text.so", std::string(1000, 'x')), SHIFT_ERROR_FILE,
                "another kind of file");
  expectRefused(write("magic.so", "\x7f"
                                  "ELF"),
                SHIFT_ERROR_FILE, "truncated");
  // A foreign library's start-up code would abort the test.
  expectRefused(modelPath("foreign"), SHIFT_ERROR_MODEL,
                "without the symbol shift_plan");
  std::string elf = read(modelPath("affine"));
  elf[18] = 8; // e_machine: MIPS.
  expectRefused(write("mips.so", elf), SHIFT_ERROR_FILE,
                "another architecture");
}

TEST_F(RuntimeLoadTest, EveryTruncationIsRefused) {
  std::string whole = read(modelPath("affine"));
  ASSERT_GT(whole.size(), 4096u);
  for (size_t size = 1; size < whole.size(); size += 97)
    expectRefused(write("cut.so", whole.substr(0, size)), SHIFT_ERROR_FILE, "");
}

TEST_F(RuntimeLoadTest, EveryFlippedBitIsRefused) {
  const std::string content = read(modelPath("affine"));
  const std::string whole =
      content + shift::checksumTrailer(shift::fnv1a64(content));
  EXPECT_TRUE(loadModel(write("whole.so", whole)));
  for (size_t bit = 0; bit < 8 * content.size(); bit += 1009) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    ShiftModel *model = nullptr;
    EXPECT_NE(shiftModelLoad(write("damaged.so", damaged).c_str(), &model),
              SHIFT_OK)
        << "bit " << bit;
  }
  std::string damaged = whole;
  damaged[content.size() - 1] ^= 1;
  expectRefused(write("damaged.so", damaged), SHIFT_ERROR_FILE,
                "do not match its checksum");
}

TEST_F(RuntimeLoadTest, BrokenModelsAreRefused) {
  expectRefused(modelPath("no-plan"), SHIFT_ERROR_MODEL,
                "without the symbol shift_plan");
  expectRefused(modelPath("unterminated"), SHIFT_ERROR_MODEL,
                "text that ends with a NUL");
  expectRefused(modelPath("no-kernel"), SHIFT_ERROR_MODEL,
                "step 'Lists_2': expected the kernel shift_lists__");
  expectRefused(modelPath("short-constants"), SHIFT_ERROR_MODEL,
                "constants[1]: expected an end within");
  expectRefused(modelPath("future"), SHIFT_ERROR_VERSION,
                "expected plan version 2, got 3");
}

TEST_F(RuntimeLoadTest, CpuVariableRestricts) {
  setenv("SHIFT_CPU", "baseline", 1);
  ModelPtr model = loadModel(modelPath("affine"));
  ASSERT_TRUE(model);
  const char *isa = nullptr;
  ASSERT_EQ(shiftModelGetISA(model.get(), &isa), SHIFT_OK);
  EXPECT_STREQ(isa, "baseline");
  AffineData data;
  ASSERT_EQ(data.run(makeSession(model, 1)), SHIFT_OK);
  EXPECT_EQ(data.isa[0], 0);
  setenv("SHIFT_CPU", "sse2", 1);
  expectRefused(modelPath("affine"), SHIFT_ERROR_CPU,
                "SHIFT_CPU: expected baseline, avx2, avx512 or avx512vnni, got "
                "'sse2'");
}

#if defined(__x86_64__)
TEST_F(RuntimeLoadTest, BestInstructionSetIsTaken) {
  if (!__builtin_cpu_supports("avx2"))
    GTEST_SKIP() << "this machine has no AVX2";
  ModelPtr model = loadModel(modelPath("affine"));
  AffineData data;
  ASSERT_EQ(data.run(makeSession(model, 1)), SHIFT_OK);
  EXPECT_EQ(data.isa[0], 1);
  data.expectRight();
}
#endif

TEST_F(RuntimeLoadTest, ReplacedFileIsLoadedAnew) {
  std::string path = write("model.so", read(modelPath("affine")));
  ModelPtr old = loadModel(path);
  ASSERT_TRUE(old);
  std::string next = read(modelPath("affine"));
  size_t name = next.find("\"a\",\"dtype\"");
  ASSERT_NE(name, std::string::npos);
  next[name + 1] = 'q';
  fs::rename(write("next.so", next), path);
  ModelPtr fresh = loadModel(path);
  ASSERT_TRUE(fresh);
  ShiftTensorInfo info{};
  ASSERT_EQ(shiftModelGetInputInfo(fresh.get(), 0, &info), SHIFT_OK);
  EXPECT_STREQ(info.name, "q");
  ASSERT_EQ(shiftModelGetInputInfo(old.get(), 0, &info), SHIFT_OK);
  EXPECT_STREQ(info.name, "a");
  AffineData data;
  ASSERT_EQ(data.run(makeSession(old, 1)), SHIFT_OK);
  data.expectRight();
}

TEST_F(RuntimeLoadTest, RelativePathNeedsNoSlash) {
  write("model.so", read(modelPath("affine")));
  fs::path before = fs::current_path();
  fs::current_path(folder);
  ModelPtr model = loadModel("model.so");
  fs::current_path(before);
  EXPECT_TRUE(model);
}

TEST_F(RuntimeLoadTest, ThreadsThatAreNoNumberAreRefused) {
  for (const char *text : {"", " ", "abc", "-1", "2,", "1,x", "9999999999"}) {
    setenv("OMP_NUM_THREADS", text, 1);
    ShiftModel *model = nullptr;
    EXPECT_EQ(shiftModelLoad(modelPath("affine").c_str(), &model),
              SHIFT_ERROR_ARGUMENT)
        << text;
    EXPECT_EQ(std::string(shiftGetLastError()),
              "OMP_NUM_THREADS: expected a number of threads, got '" +
                  std::string(text) + "'");
  }
  for (const char *text : {"1", "2,1", " 3 "}) {
    setenv("OMP_NUM_THREADS", text, 1);
    EXPECT_TRUE(loadModel(modelPath("affine"))) << text;
  }
  unsetenv("OMP_NUM_THREADS");
}
