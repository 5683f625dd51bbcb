//===- Plan.cpp - Parsing and checking of plans ---------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Limits on sizes are far above what memory holds; they keep sums and products
// of sizes within 64 bits.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Core/Plan.h"

#include "lib/Runtime/Core/DType.h"
#include "lib/Runtime/Core/Error.h"
#include "lib/Runtime/Core/PlanReader.h"
#include "shift/Runtime/KernelABI.h"

#include <algorithm>
#include <cctype>
#include <set>

using namespace shift;
using namespace shift::rt;

namespace {

constexpr int64_t maxBytes = int64_t{1} << 46;
constexpr int64_t maxItems = int64_t{1} << 60;
constexpr int64_t maxWeights = INT32_MAX;

ShiftDType readDType(const PlanReader &reader) {
  std::string name = reader.text();
  std::optional<ShiftDType> dtype = findDType(name);
  if (!dtype)
    reader.fail("expected an element type such as f32, got " + quote(name));
  return *dtype;
}

TensorSpec readTensor(const PlanReader &reader) {
  TensorSpec tensor;
  tensor.name = reader.field("name").text();
  tensor.dtype = readDType(reader.field("dtype"));
  PlanReader shape = reader.field("shape");
  tensor.dims = shape.integers(0, maxBytes);
  tensor.elements = 1;
  for (int64_t dim : tensor.dims) {
    if (dim != 0 && tensor.elements > maxBytes / dim)
      shape.fail("expected a tensor of at most 2^46 elements, got more");
    tensor.elements *= dim;
  }
  tensor.bytes = tensor.elements * dtypeTable[tensor.dtype].size;
  return tensor;
}

std::vector<TensorSpec> readTensors(const PlanReader &reader) {
  std::vector<TensorSpec> tensors;
  std::set<std::string> names;
  for (const PlanReader &item : reader.items()) {
    tensors.push_back(readTensor(item));
    if (!names.insert(tensors.back().name).second)
      item.fail("expected different names, got " + quote(tensors.back().name) +
                " twice");
  }
  return tensors;
}

Codebook readCodebook(const PlanReader &reader, int64_t count) {
  Codebook codebook;
  codebook.terms = static_cast<int>(reader.field("terms").integer(1, maxTerms));
  std::vector<int64_t> signs = reader.field("codebook_signs").integers(-1, 1);
  PlanReader exponentField = reader.field("codebook_exponents");
  std::vector<int64_t> exponents =
      exponentField.integers(minExponent, maxExponent);
  if (signs.size() != exponents.size() || signs.size() % codebook.terms != 0)
    exponentField.fail("expected as many exponents as signs and a multiple of "
                       "terms, got " +
                       std::to_string(exponents.size()) + " and " +
                       std::to_string(signs.size()));
  for (size_t i = 0; i < signs.size(); ++i) {
    Term term;
    term.sign = static_cast<int8_t>(signs[i]);
    term.exponent = static_cast<int8_t>(exponents[i]);
    codebook.entries.push_back(term);
  }
  if (!reader.has("window_tops"))
    return codebook;
  PlanReader topField = reader.field("window_tops");
  for (int64_t top : topField.integers(minExponent, maxExponent))
    codebook.windowTops.push_back(static_cast<int8_t>(top));
  if (codebook.windowTops.empty())
    topField.fail("expected a top a channel, got none");
  codebook.perChannel =
      count / static_cast<int64_t>(codebook.windowTops.size());
  return codebook;
}

ShiftListShape readListShape(const PlanReader &reader) {
  ShiftListShape shape;
  shape.outChannels = reader.field("out_channels").integer(1, maxWeights);
  shape.tapsPerChannel =
      reader.field("taps_per_channel").integer(1, maxWeights);
  if (reader.has("groups"))
    shape.groups = reader.field("groups").integer(1, maxWeights);
  if (shape.outChannels % shape.groups != 0)
    reader.fail("expected groups that divide out_channels = " +
                std::to_string(shape.outChannels) + ", got " +
                std::to_string(shape.groups));
  shape.setDefaults();
  if (reader.has("block_taps"))
    shape.blockTaps = reader.field("block_taps").integer(1, maxWeights);
  if (reader.has("chunk_channels"))
    shape.chunkChannels = reader.field("chunk_channels").integer(1, maxWeights);
  if (reader.has("q_min"))
    shape.qMin = reader.field("q_min").integer(-128, 0);
  if (reader.has("q_max"))
    shape.qMax = reader.field("q_max").integer(0, 255);
  return shape;
}

DotLayoutShape readDotShape(const PlanReader &reader, bool isDot8) {
  DotLayoutShape shape;
  shape.outChannels = reader.field("out_channels").integer(1, maxWeights);
  shape.tapsPerChannel =
      reader.field("taps_per_channel").integer(1, maxWeights);
  shape.groups = reader.field("groups").integer(1, maxWeights);
  shape.rows = reader.field("rows").integer(1, 64);
  if (isDot8) {
    shape.chunk = reader.field("chunk").integer(1, 65536);
    shape.largest = reader.field("largest").integer(1, 255);
    return shape;
  }
  PlanReader field = reader.field("plane_shifts");
  shape.planeShifts.clear();
  for (int64_t shift : field.integers(0, 64))
    shape.planeShifts.push_back(static_cast<int>(shift));
  if (shape.planeShifts.empty() || shape.planeShifts.size() > 8)
    field.fail("expected 1 to 8 planes, got " +
               std::to_string(shape.planeShifts.size()));
  return shape;
}

ExpandSpec readExpand(const PlanReader &reader) {
  ExpandSpec expand;
  expand.bits = static_cast<int>(reader.field("bits").integer(0, 32));
  expand.count = reader.field("count").integer(0, maxWeights);
  expand.codebook = readCodebook(reader, expand.count);
  PlanReader layoutField = reader.field("layout");
  std::string layout = layoutField.text();
  if (layout == "values")
    return expand;
  std::string problem;
  if (layout == "shift-lists") {
    expand.layout = ExpandSpec::Layout::ShiftLists;
    expand.lists = readListShape(reader);
    problem = expand.lists.check(expand.count, expand.codebook.terms);
  } else if (layout == "dot16" || layout == "dot8") {
    bool isDot8 = layout == "dot8";
    expand.layout =
        isDot8 ? ExpandSpec::Layout::Dot8 : ExpandSpec::Layout::Dot16;
    expand.dot = readDotShape(reader, isDot8);
    problem = expand.dot.check(expand.count);
  } else {
    layoutField.fail("expected values, shift-lists, dot16 or dot8, got " +
                     quote(layout));
  }
  if (!problem.empty())
    reader.fail(problem);
  return expand;
}

ConstantSpec readConstant(const PlanReader &reader) {
  ConstantSpec constant;
  PlanReader offset = reader.field("offset");
  constant.offset = offset.integer(0, maxBytes);
  if (constant.offset % SHIFT_BUFFER_ALIGNMENT != 0)
    offset.fail("expected a multiple of 64, got " +
                std::to_string(constant.offset));
  constant.bytes = reader.field("bytes").integer(0, maxBytes);
  if (reader.has("expand"))
    constant.expand = readExpand(reader.field("expand"));
  return constant;
}

BufferRef readBuffer(const PlanReader &reader, const Plan &plan) {
  std::vector<PlanReader> pair = reader.items();
  if (pair.size() != 2 && pair.size() != 3)
    reader.fail("expected a kind, a number and perhaps an offset, got " +
                std::to_string(pair.size()) + " elements");
  struct KindRow {
    const char *name;
    BufferRef::Kind kind;
    int64_t last;
  };
  auto last = [](const auto &list) {
    return static_cast<int64_t>(list.size()) - 1;
  };
  const KindRow rows[] = {
      {"arena", BufferRef::Kind::Arena, plan.arenaBytes},
      {"constant", BufferRef::Kind::Constant, last(plan.constants)},
      {"input", BufferRef::Kind::Input, last(plan.inputs)},
      {"output", BufferRef::Kind::Output, last(plan.outputs)}};
  std::string kind = pair[0].text();
  for (const KindRow &row : rows)
    if (kind == row.name) {
      BufferRef ref{row.kind, pair[1].integer(0, row.last), 0};
      if (pair.size() == 2)
        return ref;
      if (row.kind != BufferRef::Kind::Input &&
          row.kind != BufferRef::Kind::Output)
        pair[2].fail("expected an offset of inputs and outputs only");
      const auto &list =
          row.kind == BufferRef::Kind::Input ? plan.inputs : plan.outputs;
      ref.offset = pair[2].integer(0, list[ref.index].bytes);
      return ref;
    }
  pair[0].fail("expected arena, constant, input or output, got " + quote(kind));
}

/// Checks that the value lies inside the buffer that it is said to lie in.
ResultSpec readResult(const PlanReader &reader, const StepSpec &step,
                      const Plan &plan) {
  ResultSpec result;
  result.arg = reader.field("arg").integer(
      0, static_cast<int64_t>(step.args.size()) - 1);
  result.dtype = readDType(reader.field("dtype"));
  PlanReader count = reader.field("count");
  result.count = count.integer(0, maxBytes);
  const BufferRef &buffer = step.args[result.arg];
  int64_t room = 0;
  switch (buffer.kind) {
  case BufferRef::Kind::Arena:
    room = plan.arenaBytes - buffer.index;
    break;
  case BufferRef::Kind::Constant:
    break; // Nothing is written to constants.
  case BufferRef::Kind::Input:
    room = plan.inputs[buffer.index].bytes - buffer.offset;
    break;
  case BufferRef::Kind::Output:
    room = plan.outputs[buffer.index].bytes - buffer.offset;
    break;
  }
  int64_t size = dtypeTable[result.dtype].size;
  if (result.count > room / size)
    count.fail("expected at most " + std::to_string(room / size) +
               " elements in the buffer, got " + std::to_string(result.count));
  return result;
}

/// The name of a kernel becomes a symbol's, which must not end early.
std::string readKernelName(const PlanReader &reader) {
  std::string name = reader.text();
  for (unsigned char c : name)
    if (!std::isalnum(c) && c != '_')
      reader.fail("expected letters, digits and underscores, got " +
                  reader.json().dump());
  return name;
}

StepSpec readStep(const PlanReader &reader, const Plan &plan) {
  StepSpec step;
  step.name = reader.field("name").text();
  step.op = reader.field("op").text();
  step.strategy = reader.field("strategy").text();
  step.kernel = readKernelName(reader.field("kernel"));
  step.macs = reader.field("macs").integer(0, INT64_MAX);
  if (plan.isCuda)
    return step;
  for (const PlanReader &arg : reader.field("args").items())
    step.args.push_back(readBuffer(arg, plan));
  step.extent = reader.field("extent").integer(0, maxItems);
  step.grain = reader.field("grain").integer(1, maxItems);
  step.scratchBytes = reader.field("scratch_bytes").integer(0, maxBytes);
  step.value = reader.field("value").integer(-1, INT64_MAX);
  if (reader.has("result"))
    step.result = readResult(reader.field("result"), step, plan);
  if (!reader.has("fault"))
    return step;
  step.fault = reader.field("fault").text();
  if (step.scratchBytes < SHIFT_FAULT_BYTES)
    reader.field("scratch_bytes")
        .fail("expected at least " + std::to_string(SHIFT_FAULT_BYTES) +
              " for the kernel's report, got " +
              std::to_string(step.scratchBytes));
  return step;
}

/// A plan of another version may differ in anything, so this comes first.
void checkVersion(const PlanReader &root, const std::string &source) {
  int64_t version = root.field("version").integer(INT64_MIN, INT64_MAX);
  if (version == SHIFT_PLAN_VERSION)
    return;
  throw Error(
      SHIFT_ERROR_VERSION,
      source + ": expected plan version " + std::to_string(SHIFT_PLAN_VERSION) +
          ", got " + std::to_string(version) + "; compile the model again or " +
          (version > SHIFT_PLAN_VERSION ? "use a newer libShiftRuntime.so"
                                        : "use an older libShiftRuntime.so"));
}

void readIsas(const PlanReader &reader, Plan &plan) {
  std::vector<PlanReader> items = reader.items();
  if (items.empty())
    reader.fail("expected an instruction set, got none");
  plan.isCuda = items.size() == 1 && items[0].text() == "cuda";
  if (plan.isCuda)
    return;
  for (const PlanReader &item : items) {
    std::optional<Isa> isa = findIsa(item.text());
    if (!isa)
      item.fail("expected baseline, avx2, avx512 or avx512vnni, or cuda alone, "
                "got " +
                quote(item.text()));
    plan.isas.push_back(*isa);
  }
}

std::string makeDescription(const PlanReader &root) {
  nlohmann::json description;
  for (const char *key : {"detector", "image_input"}) {
    description[key] = nullptr;
    if (!root.has(key))
      continue;
    PlanReader part = root.field(key);
    if (!part.json().is_object())
      part.fail("expected an object or null, got " +
                std::string(part.json().type_name()));
    description[key] = part.json();
  }
  return description.dump();
}

} // namespace

int64_t Plan::maxScratchBytes() const {
  int64_t most = 0;
  for (const StepSpec &step : steps)
    most = std::max(most, step.scratchBytes);
  return most;
}

Plan shift::rt::parsePlan(const std::string &text, const std::string &source) {
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  PlanReader root(json, "", source);
  if (json.is_discarded())
    root.fail("expected JSON text, got something else");

  checkVersion(root, source);
  Plan plan;
  readIsas(root.field("isas"), plan);
  plan.arenaBytes = root.field("arena_bytes").integer(0, maxBytes);
  plan.inputs = readTensors(root.field("inputs"));
  plan.outputs = readTensors(root.field("outputs"));
  if (!plan.isCuda)
    for (const PlanReader &item : root.field("constants").items())
      plan.constants.push_back(readConstant(item));
  for (const PlanReader &item : root.field("steps").items())
    plan.steps.push_back(readStep(item, plan));
  plan.description = makeDescription(root);
  return plan;
}
