//===- CheckTensors.cpp - Tensors of a run against the model --------------===//
// SPDX-License-Identifier: Apache-2.0
// Kernels know their sizes and check nothing, so a run refuses tensors of any
// other size, type or place before the first kernel.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Core/DType.h"
#include "lib/Runtime/Core/Error.h"
#include "lib/Runtime/Core/Session.h"

#include <algorithm>

using namespace shift::rt;

namespace {

/// A tensor with what messages call it.
struct NamedTensor {
  std::string name;
  const ShiftTensor &tensor;
};

[[noreturn]] void fail(const std::string &name, const std::string &message) {
  throw Error(SHIFT_ERROR_ARGUMENT, name + ": " + message);
}

std::string shapeText(const int64_t *dims, int64_t rank) {
  std::string text = "[";
  for (int64_t i = 0; i < rank; ++i)
    text += (i ? ", " : "") + std::to_string(dims[i]);
  return text + "]";
}

void checkShape(const std::string &name, const TensorSpec &spec,
                const ShiftTensor &tensor) {
  int64_t rank = static_cast<int64_t>(spec.dims.size());
  if (tensor.rank < 0 || (tensor.rank > 0 && !tensor.dims))
    fail(name, "expected shape " + shapeText(spec.dims.data(), rank) +
                   ", got a negative rank or no dims");
  if (tensor.rank != rank ||
      !std::equal(spec.dims.begin(), spec.dims.end(), tensor.dims))
    fail(name, "expected shape " + shapeText(spec.dims.data(), rank) +
                   ", got " + shapeText(tensor.dims, tensor.rank));
}

void checkTensor(const std::string &name, const TensorSpec &spec,
                 const ShiftTensor &tensor) {
  const DTypeRow &row = dtypeTable[spec.dtype];
  if (tensor.dtype != spec.dtype)
    fail(name, std::string("expected element type ") + row.name + ", got " +
                   (isDType(tensor.dtype) ? dtypeTable[tensor.dtype].name
                                          : "no element type"));
  checkShape(name, spec, tensor);
  if (tensor.bytes != spec.bytes)
    fail(name, "expected " + std::to_string(spec.bytes) + " bytes, got " +
                   std::to_string(tensor.bytes));
  if (!tensor.data && spec.bytes > 0)
    fail(name, "expected data, got a null pointer");
  if (reinterpret_cast<uintptr_t>(tensor.data) % row.size != 0)
    fail(name, "expected data at a multiple of " + std::to_string(row.size) +
                   " bytes, got an address that is none");
}

void checkList(const char *kind, const std::vector<TensorSpec> &specs,
               const ShiftTensor *tensors, int64_t count,
               std::vector<NamedTensor> &checked) {
  int64_t expected = static_cast<int64_t>(specs.size());
  if (count != expected)
    throw Error(SHIFT_ERROR_ARGUMENT, "expected " + std::to_string(expected) +
                                          " " + kind + "s, got " +
                                          std::to_string(count));
  if (!tensors && count > 0)
    throw Error(SHIFT_ERROR_ARGUMENT,
                std::string("expected ") + kind + "s, got a null pointer");
  for (int64_t i = 0; i < count; ++i) {
    std::string name = std::string(kind) + " " + quote(specs[i].name);
    checkTensor(name, specs[i], tensors[i]);
    checked.push_back({name, tensors[i]});
  }
}

bool overlap(const ShiftTensor &a, const ShiftTensor &b) {
  auto first = [](const ShiftTensor &t) {
    return reinterpret_cast<uintptr_t>(t.data);
  };
  return a.bytes > 0 && b.bytes > 0 &&
         first(a) < first(b) + static_cast<uintptr_t>(b.bytes) &&
         first(b) < first(a) + static_cast<uintptr_t>(a.bytes);
}

} // namespace

void shift::rt::checkTensors(const Plan &plan, const ShiftTensor *inputs,
                             int64_t inputCount, const ShiftTensor *outputs,
                             int64_t outputCount) {
  std::vector<NamedTensor> all;
  checkList("input", plan.inputs, inputs, inputCount, all);
  checkList("output", plan.outputs, outputs, outputCount, all);
  for (size_t i = plan.inputs.size(); i < all.size(); ++i)
    for (size_t k = 0; k < i; ++k)
      if (overlap(all[i].tensor, all[k].tensor))
        fail(all[i].name,
             "expected memory of its own, got an overlap with " + all[k].name);
}
