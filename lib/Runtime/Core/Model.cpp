//===- Model.cpp - A loaded model -----------------------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Loading reads the plan, takes the kernels of the best instruction set that
// the machine has, and expands packed weights; or makes the program of a CUDA
// artefact.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Core/Model.h"

#include "lib/Runtime/Core/Error.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string_view>

using namespace shift;
using namespace shift::rt;

std::shared_ptr<const Model> Model::load(const std::string &path) {
  std::string source = quote(path);
  std::shared_ptr<Model> model(new Model());
  model->library = std::make_unique<SharedLibrary>(path, source);
  const SharedLibrary &library = *model->library;
  model->initialize([&](const char *name) { return library.find(name); },
                    source);
  return model;
}

std::shared_ptr<const Model> Model::create(const SymbolLookup &lookup,
                                           const std::string &source) {
  std::shared_ptr<Model> model(new Model());
  model->initialize(lookup, source);
  return model;
}

/// The OpenMP library ends the process at a number of threads that is none.
static void checkOpenMPEnvironment() {
  const char *text = std::getenv("OMP_NUM_THREADS");
  if (!text)
    return;
  std::string_view rest = text;
  auto isSpace = [](char c) { return c == ' ' || c == '\t'; };
  bool isValid = true, isLast = false;
  while (isValid && !isLast) {
    size_t comma = std::min(rest.find(','), rest.size());
    std::string_view item = rest.substr(0, comma);
    isLast = comma == rest.size();
    rest.remove_prefix(isLast ? comma : comma + 1);
    while (!item.empty() && isSpace(item.front()))
      item.remove_prefix(1);
    while (!item.empty() && isSpace(item.back()))
      item.remove_suffix(1);
    isValid &= !item.empty() && item.size() <= 9 &&
               item.find_first_not_of("0123456789") == std::string_view::npos;
  }
  if (!isValid)
    throw Error(SHIFT_ERROR_ARGUMENT,
                "OMP_NUM_THREADS: expected a number of threads, got " +
                    quote(text));
}

void Model::initialize(const SymbolLookup &lookup, const std::string &source) {
  checkOpenMPEnvironment();
  readPlan(lookup, source);
  if (plan.isCuda) {
    program = std::make_unique<CudaProgram>(lookup, source);
    return;
  }
  isa = chooseIsa(plan.isas, detectIsa(), std::getenv("SHIFT_CPU"), source);
  readKernels(lookup, source);
  readConstants(lookup, source);
}

void Model::readPlan(const SymbolLookup &lookup, const std::string &source) {
  const char *text = static_cast<const char *>(lookup(SHIFT_PLAN_SYMBOL));
  if (!text)
    throw Error(SHIFT_ERROR_MODEL,
                source + ": expected the symbol " SHIFT_PLAN_SYMBOL
                         ", got a library without it");
  std::optional<int64_t> room =
      library ? library->sizeOf(SHIFT_PLAN_SYMBOL) : std::nullopt;
  if (room && !std::memchr(text, '\0', static_cast<size_t>(*room)))
    throw Error(SHIFT_ERROR_MODEL,
                source + ": corrupt plan: expected text that ends with a NUL, "
                         "got none; compile the model again");
  planText = text;
  plan = parsePlan(planText, source);
}

void Model::readKernels(const SymbolLookup &lookup, const std::string &source) {
  for (const StepSpec &step : plan.steps) {
    std::string symbol = step.kernel + SHIFT_ISA_SEPARATOR + isaName(isa);
    void *address = lookup(symbol.c_str());
    if (!address)
      throw Error(SHIFT_ERROR_MODEL, source + ": step " + quote(step.name) +
                                         ": expected the kernel " + symbol +
                                         ", got a library without it; compile "
                                         "the model again");
    kernels.push_back(reinterpret_cast<ShiftKernel>(address));
  }
}

/// Writes what a kernel reads.
static AlignedBuffer expand(const ExpandSpec &spec, const uint8_t *codes) {
  PackedView view{&spec.codebook, codes, spec.bits, spec.count};
  if (spec.layout == ExpandSpec::Layout::Values) {
    int64_t values = spec.count * spec.codebook.terms;
    AlignedBuffer buffer(values * static_cast<int64_t>(sizeof(float)));
    expandValues(view, reinterpret_cast<float *>(buffer.data()));
    return buffer;
  }
  auto copied = [](const auto &words) {
    const int64_t bytes = static_cast<int64_t>(words.size() * sizeof(words[0]));
    AlignedBuffer buffer(bytes);
    std::memcpy(buffer.data(), words.data(), bytes);
    return buffer;
  };
  if (spec.layout == ExpandSpec::Layout::ShiftLists)
    return copied(buildShiftLists(view, spec.lists));
  return spec.layout == ExpandSpec::Layout::Dot16
             ? copied(buildDot16(view, spec.dot))
             : copied(buildDot8(view, spec.dot));
}

void Model::readConstants(const SymbolLookup &lookup,
                          const std::string &source) {
  if (plan.constants.empty())
    return;
  const auto *base =
      static_cast<const uint8_t *>(lookup(SHIFT_CONSTANTS_SYMBOL));
  if (!base)
    throw Error(SHIFT_ERROR_MODEL,
                source + ": expected the symbol " SHIFT_CONSTANTS_SYMBOL
                         ", got a library without it; compile the model again");
  if (reinterpret_cast<uintptr_t>(base) % SHIFT_BUFFER_ALIGNMENT != 0)
    throw Error(SHIFT_ERROR_MODEL,
                source + ": expected " SHIFT_CONSTANTS_SYMBOL
                         " at a multiple of 64 bytes; compile the model again");
  std::optional<int64_t> room =
      library ? library->sizeOf(SHIFT_CONSTANTS_SYMBOL) : std::nullopt;
  for (size_t i = 0; i < plan.constants.size(); ++i) {
    const ConstantSpec &spec = plan.constants[i];
    std::string problem;
    if (room && spec.offset + spec.bytes > *room)
      problem = "expected an end within " + std::to_string(*room) +
                " bytes of constants, got " +
                std::to_string(spec.offset + spec.bytes);
    else if (spec.expand)
      problem = checkPacked(spec.expand->codebook, {minExponent, maxExponent},
                            base + spec.offset, spec.bytes, spec.expand->bits,
                            spec.expand->count);
    if (!problem.empty())
      throw Error(SHIFT_ERROR_MODEL, source + ": corrupt plan: constants[" +
                                         std::to_string(i) + "]: " + problem +
                                         "; compile the model again");
    constants.push_back(base + spec.offset);
  }
  expandConstants(base);
}

void Model::expandConstants(const uint8_t *base) {
  std::vector<size_t> packed;
  for (size_t i = 0; i < plan.constants.size(); ++i)
    if (plan.constants[i].expand)
      packed.push_back(i);
  expanded.resize(packed.size());
  std::exception_ptr failure;
  const int64_t count = static_cast<int64_t>(packed.size());
#pragma omp parallel for schedule(dynamic)
  for (int64_t k = 0; k < count; ++k) {
    const ConstantSpec &spec = plan.constants[packed[k]];
    try {
      expanded[k] = expand(*spec.expand, base + spec.offset);
    } catch (...) {
#pragma omp critical
      failure = std::current_exception();
    }
  }
  if (failure)
    std::rethrow_exception(failure);
  for (int64_t k = 0; k < count; ++k)
    constants[packed[k]] = expanded[k].data();
}

const char *Model::getIsaName() const {
  return plan.isCuda ? "cuda" : isaName(isa);
}

int64_t Model::getConstantSize(size_t index) const {
  for (const AlignedBuffer &buffer : expanded)
    if (buffer.data() == constants[index])
      return buffer.size();
  return plan.constants[index].bytes;
}

int64_t Model::getConstantBytes() const {
  int64_t total = 0;
  for (const AlignedBuffer &buffer : expanded)
    total += buffer.size();
  return total;
}
