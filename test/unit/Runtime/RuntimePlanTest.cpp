//===- RuntimePlanTest.cpp - Plans handed over as symbols -----------------===//
// SPDX-License-Identifier: Apache-2.0
// What a JIT does: symbols from a callback. Each corrupt plan is refused with
// the path of the field; a plan cut or altered anywhere never crashes.
//===----------------------------------------------------------------------===//
#include "RuntimeFixture.h"

#include <map>

using namespace shift::rt::test;

namespace {

/// Adds constant 1 (a float plane) to the input.
void addKernel(void *const *buffers, void *, int64_t begin, int64_t end) {
  const float *in = static_cast<const float *>(buffers[0]);
  const float *plane = static_cast<const float *>(buffers[1]);
  float *out = static_cast<float *>(buffers[2]);
  for (int64_t i = begin; i < end; ++i)
    out[i] = in[i] + plane[i];
}

/// Weights 0.5, -1, 0.5, -1: codes 1, 0, 1, 0 of one bit.
alignas(64) const unsigned char constants[64] = {0x05};

const char *const validPlan =
    R"({"version":2,"isas":["baseline"],"arena_bytes":256,)"
    R"("inputs":[{"name":"x","dtype":"f32","shape":[4]}],)"
    R"("outputs":[{"name":"y","dtype":"f32","shape":[4]}],)"
    R"("constants":[{"offset":0,"bytes":1,"expand":{"layout":"values",)"
    R"("bits":1,"count":4,"terms":1,"codebook_signs":[-1,1],)"
    R"("codebook_exponents":[0,-1]}},{"offset":0,"bytes":1,"expand":{)"
    R"("layout":"shift-lists","out_channels":2,"taps_per_channel":2,)"
    R"("block_taps":1,"bits":1,"count":4,"terms":1,)"
    R"("codebook_signs":[-1,1],"codebook_exponents":[0,-1]}}],)"
    R"("steps":[{"name":"Add","op":"onnx.Add","strategy":"plain",)"
    R"("kernel":"k","args":[["input",0],["constant",0],["output",0]],)"
    R"("extent":4,"grain":1,"scratch_bytes":0,"macs":0,"value":7,)"
    R"("result":{"arg":2,"dtype":"f32","count":4}}],"detector":null})";

struct Symbols {
  std::map<std::string, const void *> table;
  std::vector<std::string> asked;
};

void *lookUp(void *userData, const char *symbol) {
  auto *symbols = static_cast<Symbols *>(userData);
  symbols->asked.push_back(symbol);
  auto found = symbols->table.find(symbol);
  return found == symbols->table.end() ? nullptr
                                       : const_cast<void *>(found->second);
}

/// Makes a model of `plan`; the status goes to `status`.
ModelPtr create(const std::string &plan, ShiftStatus &status) {
  Symbols symbols;
  symbols.table = {{"shift_plan", plan.c_str()},
                   {"shift_constants", constants},
                   {"k__baseline", reinterpret_cast<const void *>(addKernel)}};
  ShiftModel *model = nullptr;
  status = shiftModelCreateFromSymbols(lookUp, &symbols, "jit", &model);
  return ModelPtr(model);
}

struct Corruption {
  const char *name, *from, *to, *message;
};

class CorruptPlanTest : public testing::TestWithParam<Corruption> {};

} // namespace

TEST(RuntimePlanTest, ModelOfSymbolsRuns) {
  ShiftStatus status;
  ModelPtr model = create(validPlan, status);
  ASSERT_EQ(status, SHIFT_OK) << shiftGetLastError();
  float x[4] = {1, 2, 3, 4}, y[4] = {};
  int64_t dims[] = {4};
  ShiftTensor input{x, sizeof x, SHIFT_DTYPE_F32, 1, dims};
  ShiftTensor output{y, sizeof y, SHIFT_DTYPE_F32, 1, dims};
  SessionPtr session = makeSession(model, 2);
  ASSERT_EQ(shiftSessionRun(session.get(), &input, 1, &output, 1), SHIFT_OK);
  EXPECT_EQ(std::vector<float>(y, y + 4),
            (std::vector<float>{1.5f, 1.0f, 3.5f, 3.0f}));
}

TEST(RuntimePlanTest, MissingSymbolsAreNamed) {
  Symbols symbols;
  ShiftModel *model = nullptr;
  EXPECT_EQ(shiftModelCreateFromSymbols(lookUp, &symbols, "jit", &model),
            SHIFT_ERROR_MODEL);
  EXPECT_STREQ(shiftGetLastError(), "'jit': expected the symbol shift_plan, "
                                    "got a library without it");
  symbols.table["shift_plan"] = validPlan;
  EXPECT_EQ(shiftModelCreateFromSymbols(lookUp, &symbols, "jit", &model),
            SHIFT_ERROR_MODEL);
  EXPECT_STREQ(shiftGetLastError(),
               "'jit': step 'Add': expected the kernel k__baseline, got a "
               "library without it; compile the model again");
  symbols.table["k__baseline"] = reinterpret_cast<const void *>(addKernel);
  EXPECT_EQ(shiftModelCreateFromSymbols(lookUp, &symbols, "jit", &model),
            SHIFT_ERROR_MODEL);
  symbols.table["shift_constants"] = constants + 1;
  EXPECT_EQ(shiftModelCreateFromSymbols(lookUp, &symbols, "jit", &model),
            SHIFT_ERROR_MODEL);
  EXPECT_STREQ(shiftGetLastError(),
               "'jit': expected shift_constants at a multiple of 64 bytes; "
               "compile the model again");
  EXPECT_EQ(model, nullptr);
}

TEST_P(CorruptPlanTest, IsRefused) {
  std::string plan = validPlan;
  size_t at = plan.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  plan.replace(at, std::string(GetParam().from).size(), GetParam().to);
  ShiftStatus status;
  ModelPtr model = create(plan, status);
  EXPECT_FALSE(model);
  EXPECT_EQ(status, SHIFT_ERROR_MODEL);
  EXPECT_EQ(shiftGetLastError(), std::string("'jit': corrupt plan: ") +
                                     GetParam().message +
                                     "; compile the model again");
}

static const Corruption corruptions[] = {
    {"NotJson", "{\"version\"", "version",
     "expected JSON text, got something "
     "else"},
    {"NoVersion", "\"version\":2,", "", "version: expected a value, got none"},
    {"VersionText", "\"version\":2", "\"version\":\"1\"",
     "version: expected an integer, got string"},
    {"UnknownIsa", "[\"baseline\"]", "[\"mmx\"]",
     "isas[0]: expected baseline, avx2, avx512 or avx512vnni, or cuda alone, "
     "got 'mmx'"},
    {"NoIsa", "[\"baseline\"]", "[]",
     "isas: expected an instruction set, got none"},
    {"NegativeArena", "256", "-1",
     "arena_bytes: expected an integer in [0, 70368744177664], got -1"},
    {"HugeArena", "256", "18446744073709551615",
     "arena_bytes: expected an integer in [0, 70368744177664], got "
     "18446744073709551615"},
    {"FractionalArena", "256", "256.5",
     "arena_bytes: expected an integer, got number"},
    {"UnknownDType", "\"f32\"", "\"f31\"",
     "inputs[0].dtype: expected an element type such as f32, got 'f31'"},
    {"NegativeDim", "[4]", "[-4]",
     "inputs[0].shape[0]: expected an integer in [0, 70368744177664], got -4"},
    {"ShapeOverflow", "[4]", "[70368744177664,70368744177664]",
     "inputs[0].shape: expected a tensor of at most 2^46 elements, got more"},
    {"InputsObject", "[{\"name\":\"x\",\"dtype\":\"f32\",\"shape\":[4]}]", "{}",
     "inputs: expected an array, got object"},
    {"Misaligned", "\"offset\":0", "\"offset\":8",
     "constants[0].offset: expected a multiple of 64, got 8"},
    {"PackedBytes", "\"bytes\":1", "\"bytes\":2",
     "constants[0]: expected 1 bytes of codes, got 2"},
    {"Bits", "\"bits\":1", "\"bits\":2",
     "constants[0]: expected 1 bits a weight for 2 values, got 2"},
    {"Bits64", "\"bits\":1", "\"bits\":64",
     "constants[0].expand.bits: expected an integer in [0, 32], got 64"},
    {"HugeCount", "\"count\":4", "\"count\":4000000000000",
     "constants[0].expand.count: expected an integer in [0, 2147483647], got "
     "4000000000000"},
    {"CodebookSigns", "[-1,1]", "[-1]",
     "constants[0].expand.codebook_exponents: expected as many exponents as "
     "signs and a multiple of terms, got 2 and 1"},
    {"CodebookOrder", "[-1,1]", "[1,-1]",
     "constants[0]: expected ascending codebook values, got entry 1 out of "
     "order"},
    {"Layout", "\"values\"", "\"blocked\"",
     "constants[0].expand.layout: expected values, shift-lists, dot16 or dot8, "
     "got "
     "'blocked'"},
    {"ListChannels", "\"out_channels\":2", "\"out_channels\":2147483647",
     "constants[1].expand: expected out_channels * taps_per_channel = count = "
     "4, got 2147483647 * 2"},
    {"ArgKind", "[\"input\",0]", "[\"heap\",0]",
     "steps[0].args[0][0]: expected arena, constant, input or output, got "
     "'heap'"},
    {"ArgInput", "[\"input\",0]", "[\"input\",1]",
     "steps[0].args[0][1]: expected an integer in [0, 0], got 1"},
    {"ArgArena", "[\"input\",0]", "[\"arena\",257]",
     "steps[0].args[0][1]: expected an integer in [0, 256], got 257"},
    {"ArgConstant", "[\"constant\",0]", "[\"constant\",2]",
     "steps[0].args[1][1]: expected an integer in [0, 1], got 2"},
    {"ArgQuadruple", "[\"input\",0]", "[\"input\",0,0,0]",
     "steps[0].args[0]: expected a kind, a number and perhaps an offset, got 4 "
     "elements"},
    {"ArgOffset", "[\"input\",0]", "[\"input\",0,17]",
     "steps[0].args[0][2]: expected an integer in [0, 16], got 17"},
    {"ArgConstantOffset", "[\"constant\",0]", "[\"constant\",0,0]",
     "steps[0].args[1][2]: expected an offset of inputs and outputs only"},
    {"Grain", "\"grain\":1", "\"grain\":0",
     "steps[0].grain: expected an integer in [1, 1152921504606846976], got 0"},
    {"Extent", "\"extent\":4", "\"extent\":null",
     "steps[0].extent: expected an integer, got null"},
    {"KernelName", "\"kernel\":\"k\"", "\"kernel\":\"shift_plan\\u0000\"",
     "steps[0].kernel: expected letters, digits and underscores, got "
     "\"shift_plan\\u0000\""},
    {"ResultArg", "\"arg\":2", "\"arg\":3",
     "steps[0].result.arg: expected an integer in [0, 2], got 3"},
    {"ResultCount", "\"f32\",\"count\":4}", "\"f32\",\"count\":5}",
     "steps[0].result.count: expected at most 4 elements in the buffer, got 5"},
    {"Fault", "\"macs\":0", "\"macs\":0,\"fault\":3",
     "steps[0].fault: expected a string, got number"},
    {"FaultScratch", "\"macs\":0", "\"macs\":0,\"fault\":\"bad\"",
     "steps[0].scratch_bytes: expected at least 16 for the kernel's report, "
     "got 0"},
    {"Detector", "\"detector\":null", "\"detector\":3",
     "detector: expected an object or null, got number"}};

INSTANTIATE_TEST_SUITE_P(Fields, CorruptPlanTest,
                         testing::ValuesIn(corruptions),
                         [](const auto &info) { return info.param.name; });

TEST(RuntimePlanTest, AlteredPlansNeverCrash) {
  const std::string plan = validPlan;
  int refused = 0;
  for (size_t i = 0; i < plan.size(); ++i) {
    ShiftStatus status;
    EXPECT_FALSE(create(plan.substr(0, i), status));
    EXPECT_EQ(status, SHIFT_ERROR_MODEL);
    for (char c : {'0', '9', '-', '"', '[', '}', ' ', '\xff'}) {
      std::string altered = plan;
      altered[i] = c;
      ModelPtr model = create(altered, status);
      EXPECT_EQ(status == SHIFT_OK, model != nullptr);
      refused += status != SHIFT_OK;
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(RuntimePlanTest, OutOfMemoryIsAStatus) {
  std::string plan = validPlan;
  // Four blocks of 2^46 bytes exceed the address space, whatever the system
  // promises.
  const std::string scratch = "\"scratch_bytes\":";
  plan.replace(plan.find(scratch), scratch.size() + 1,
               scratch + "70368744177664");
  ShiftStatus status;
  ModelPtr model = create(plan, status);
  ASSERT_EQ(status, SHIFT_OK) << shiftGetLastError();
  ShiftSession *session = nullptr;
  ShiftSessionOptions options{sizeof(ShiftSessionOptions), 4};
  EXPECT_EQ(shiftSessionCreate(model.get(), &options, &session),
            SHIFT_ERROR_MEMORY);
  EXPECT_STREQ(shiftGetLastError(), "out of memory");
  EXPECT_EQ(session, nullptr);
}
