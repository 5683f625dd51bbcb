//===- DetectionFixture.h - Known data and expected results ---------------===//
// SPDX-License-Identifier: Apache-2.0
// The inputs of make_fixtures.py, made again here, and the results that Pillow
// and the Python decoder gave for them (Fixtures.inc).
//===----------------------------------------------------------------------===//
#ifndef SHIFT_TEST_DETECTIONFIXTURE_H
#define SHIFT_TEST_DETECTIONFIXTURE_H

#include "shift/Detection/Decode.h"
#include "shift/Support/Fnv1a.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace shift::detection {

struct ResizeCase {
  int width, height, toWidth, toHeight;
  uint64_t hash;
};
struct TensorCase {
  const char *layout, *order, *resize;
  int width, height;
  uint64_t hash;
};
/// A file of a test folder and the hash of its pixels.
struct FileCase {
  const char *name;
  int width, height;
  uint64_t hash;
};

#include "Fixtures.inc"

/// 16-bit numbers of a linear congruential generator modulo 2^32.
class Sequence {
public:
  explicit Sequence(uint32_t seed) : state(seed) {}
  int next() {
    state = state * 1664525u + 1013904223u;
    return static_cast<int>(state >> 16);
  }

private:
  uint32_t state;
};

inline Image picture(int width, int height) {
  Image image = makeImage(width, height, 0, 0, 0);
  Sequence sequence(static_cast<uint32_t>(width * 1000 + height));
  for (uint8_t &value : image.rgb)
    value =
        static_cast<uint8_t>(std::clamp((sequence.next() >> 6) - 384, 0, 255));
  return image;
}

template <typename T>
uint64_t hashOf(const std::vector<T> &values) {
  return fnv1a64({reinterpret_cast<const char *>(values.data()),
                  values.size() * sizeof(T)});
}

inline std::string readText(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A file's name that is removed at the end of the test.
class TemporaryFile {
public:
  explicit TemporaryFile(const std::string &suffix)
      : path(::testing::TempDir() + "shift-detection-" +
             std::to_string(::getpid()) + suffix) {}
  ~TemporaryFile() { std::remove(path.c_str()); }
  void write(const std::string &bytes) const {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  const std::string path;
};

/// Owns output tensors.
class Outputs {
public:
  std::vector<float> &add(const std::string &name, std::vector<int64_t> shape,
                          float value = 0) {
    size_t count = 1;
    for (int64_t side : shape)
      count *= static_cast<size_t>(side);
    data.emplace_back(count, value);
    names.push_back(name);
    shapes.push_back(std::move(shape));
    return data.back();
  }
  std::vector<float> &values(size_t index) { return data[index]; }
  std::vector<OutputView> views() const {
    std::vector<OutputView> views;
    for (size_t i = 0; i < names.size(); ++i)
      views.push_back({names[i], shapes[i], data[i].data()});
    return views;
  }
  std::vector<std::string> names;
  std::vector<std::vector<int64_t>> shapes;

private:
  std::vector<std::vector<float>> data;
};

inline bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

} // namespace shift::detection

#endif // SHIFT_TEST_DETECTIONFIXTURE_H
