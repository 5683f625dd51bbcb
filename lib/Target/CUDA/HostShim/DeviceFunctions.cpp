//===- DeviceFunctions.cpp - What kernels call ----------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Operations of warps, asynchronous copies and matrix products.
//===----------------------------------------------------------------------===//
#include "BlockRunner.h"
#include "Checker.h"
#include "shim/Builtins.h"
#include "shim/Device.h"

#include <cstring>

using namespace shift::shim;

int shift::shim::barrier(BarrierKind kind, int predicate, int line) {
  return BlockRunner::current().barrier(kind, predicate, line);
}

void shift::shim::failKernel(const char *message) {
  failKernel(cudaErrorLaunchFailure, message);
}

//===----------------------------------------------------------------------===//
// Operations of warps
//===----------------------------------------------------------------------===//

namespace {
/// What a lane brings to an operation, and what it gets.
struct LanePayload {
  LaneOp op;
  const char *name;
  uint64_t value;
  int source;
  uint64_t result;
};
} // namespace

static void shuffleLanes(void *const *payloads, unsigned lanes) {
  for (int lane = 0; lane < 32; ++lane) {
    auto *own = static_cast<LanePayload *>(payloads[lane]);
    if (!own)
      continue;
    if (own->source < 0 || own->source > 31 || !(lanes >> own->source & 1))
      failKernel(cudaErrorLaunchFailure,
                 "lane " + std::to_string(lane) + " reads lane " +
                     std::to_string(own->source) + " by " + own->name +
                     ", which does not take part");
    own->result = static_cast<LanePayload *>(payloads[own->source])->value;
  }
}

static void completeLaneOp(void *const *payloads, unsigned lanes) {
  unsigned votes = 0;
  LaneOp op = LaneOp::Sync;
  for (int lane = 0; lane < 32; ++lane)
    if (auto *payload = static_cast<LanePayload *>(payloads[lane])) {
      op = payload->op;
      votes |= unsigned(payload->value != 0) << lane;
    }
  if (op == LaneOp::Shuffle)
    return shuffleLanes(payloads, lanes);
  if (op == LaneOp::Sync && BlockRunner::current().isChecked())
    Checker::get().syncWarp(lanes);
  uint64_t result = op == LaneOp::All   ? votes == lanes
                    : op == LaneOp::Any ? votes != 0
                                        : votes;
  for (int lane = 0; lane < 32; ++lane)
    if (auto *payload = static_cast<LanePayload *>(payloads[lane]))
      payload->result = result;
}

uint64_t shift::shim::laneOp(LaneOp op, const char *name, unsigned mask,
                             uint64_t value, int source) {
  LanePayload payload{op, name, value, source, 0};
  BlockRunner::current().meetLanes(name, mask, &payload, completeLaneOp);
  return payload.result;
}

unsigned shift::shim::activeLanes() {
  return BlockRunner::current().activeLanes();
}

int shift::shim::laneIndex() { return int(BlockRunner::current().laneIndex()); }

//===----------------------------------------------------------------------===//
// Asynchronous copies
//===----------------------------------------------------------------------===//

void shift::shim::asyncCopy(void *shared, const void *global, size_t bytes,
                            size_t zeroFill) {
  BlockRunner &runner = BlockRunner::current();
  if ((bytes != 4 && bytes != 8 && bytes != 16) || zeroFill > bytes)
    failKernel(cudaErrorLaunchFailure,
               "expected an asynchronous copy of 4, 8 or 16 bytes, got " +
                   std::to_string(bytes) + " with " + std::to_string(zeroFill) +
                   " of them zero");
  for (const void *address : {static_cast<const void *>(shared), global})
    if (reinterpret_cast<uintptr_t>(address) % bytes != 0)
      failKernel(cudaErrorMisalignedAddress,
                 "copies " + std::to_string(bytes) +
                     " bytes asynchronously at a misaligned address of " +
                     (address == global ? "global" : "shared") + " memory");
  if (runner.isChecked())
    Checker::get().asyncIssued(shared, global, bytes, bytes - zeroFill,
                               __builtin_return_address(0));
  AsyncQueue &queue = runner.copies();
  queue.copies.push_back({shared, global, bytes, zeroFill});
  ++queue.uncommitted;
}

void shift::shim::asyncCommit() {
  AsyncQueue &queue = BlockRunner::current().copies();
  queue.groups.push_back(queue.uncommitted);
  queue.uncommitted = 0;
}

void shift::shim::asyncWait(size_t groupsThatMayStay) {
  BlockRunner &runner = BlockRunner::current();
  AsyncQueue &queue = runner.copies();
  if (queue.groups.size() <= groupsThatMayStay)
    return;
  size_t done = queue.groups.size() - groupsThatMayStay, arriving = 0;
  for (size_t i = 0; i < done; ++i)
    arriving += queue.groups[i];
  for (size_t i = 0; i < arriving; ++i) {
    const AsyncQueue::Copy &copy = queue.copies[i];
    size_t read = copy.bytes - copy.zeroFill;
    if (runner.isChecked())
      Checker::get().asyncArrived(copy.shared, copy.global, copy.bytes, read,
                                  __builtin_return_address(0));
    std::memcpy(copy.shared, copy.global, read);
    std::memset(static_cast<char *>(copy.shared) + read, 0, copy.zeroFill);
  }
  queue.copies.erase(queue.copies.begin(), queue.copies.begin() + arriving);
  queue.groups.erase(queue.groups.begin(), queue.groups.begin() + done);
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

namespace {
struct MatrixRequest {
  const void *matrix;
  size_t rowBytes;
};
} // namespace

static void completeAgreement(void *const *payloads, unsigned lanes) {
  const auto *first = static_cast<const MatrixRequest *>(payloads[0]);
  if (lanes != ~0u)
    failKernel("expected all 32 lanes of the warp at a matrix operation");
  for (int lane = 1; lane < 32; ++lane) {
    const auto *other = static_cast<const MatrixRequest *>(payloads[lane]);
    if (other->matrix != first->matrix || other->rowBytes != first->rowBytes)
      failKernel("expected one matrix for all lanes of the warp, got several");
  }
}

void shift::shim::agreeOnMatrix(const char *name, const void *matrix,
                                size_t rowBytes) {
  if (reinterpret_cast<uintptr_t>(matrix) % 32 != 0)
    failKernel(cudaErrorMisalignedAddress,
               std::string(name) + " of a matrix that is not aligned to 32 "
                                   "bytes");
  if (rowBytes % 16 != 0)
    failKernel(cudaErrorMisalignedAddress,
               std::string("expected rows of ") + name +
                   " to be a multiple of 16 bytes apart, got " +
                   std::to_string(rowBytes));
  BlockRunner &runner = BlockRunner::current();
  if (!runner.isChecked())
    return; // no lane needs anything from the others
  MatrixRequest request{matrix, rowBytes};
  runner.meetLanes(name, ~0u, &request, completeAgreement);
}

/// Puts the elements of a warp's fragments in their places, row by row.
template <typename T, typename FragmentOf>
static void gather(int *matrix, int count, FragmentOf fragmentOf) {
  for (int lane = 0; lane < 32; ++lane) {
    const T *fragment = static_cast<const T *>(fragmentOf(lane));
    for (int slot = 0; slot < count / 32; ++slot)
      matrix[fragmentElement(lane, slot, count)] = fragment[slot];
  }
}

template <typename T>
static void multiply(void *const *payloads) {
  auto product = [&](int lane) {
    return static_cast<const MatrixProduct *>(payloads[lane]);
  };
  int m = product(0)->rows, n = product(0)->columns, k = product(0)->depth;
  int a[512], b[512];
  unsigned sums[256]; // 32 bits that wrap around
  gather<T>(a, m * k, [&](int lane) { return product(lane)->a; });
  gather<T>(b, k * n, [&](int lane) { return product(lane)->b; });
  gather<int>(reinterpret_cast<int *>(sums), m * n,
              [&](int lane) { return product(lane)->addend; });
  for (int row = 0; row < m; ++row)
    for (int i = 0; i < k; ++i)
      for (int column = 0; column < n; ++column)
        sums[row * n + column] += unsigned(a[row * k + i] * b[i * n + column]);
  for (int lane = 0; lane < 32; ++lane)
    for (int slot = 0; slot < m * n / 32; ++slot)
      product(lane)->result[slot] =
          int(sums[fragmentElement(lane, slot, m * n)]);
}

static void completeProduct(void *const *payloads, unsigned lanes) {
  if (lanes != ~0u)
    failKernel("expected all 32 lanes of the warp at a matrix operation");
  if (static_cast<const MatrixProduct *>(payloads[0])->isSigned)
    multiply<signed char>(payloads);
  else
    multiply<unsigned char>(payloads);
}

void shift::shim::multiplyMatrices(const MatrixProduct &product) {
  MatrixProduct copy = product;
  BlockRunner::current().meetLanes("mma_sync", ~0u, &copy, completeProduct);
}
