//===- WeightsFile.cpp - The constants of a CUDA program ------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Target/CUDA/WeightsFile.h"
#include "shift/Support/Fnv1a.h"

#include <cstring>

std::vector<char>
shift::cuda::makeWeightsFile(const std::vector<char> &payload) {
  WeightsHeader header;
  std::memcpy(header.magic, "SHIFTWTS", sizeof(header.magic));
  header.payloadBytes = payload.size();
  header.payloadHash = fnv1a64({payload.data(), payload.size()});
  std::vector<char> file(sizeof(header) + payload.size());
  std::memcpy(file.data(), &header, sizeof(header));
  if (!payload.empty())
    std::memcpy(file.data() + sizeof(header), payload.data(), payload.size());
  return file;
}
