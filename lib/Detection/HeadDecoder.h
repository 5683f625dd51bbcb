//===- HeadDecoder.h - One level of a head to candidates ------------------===//
// SPDX-License-Identifier: Apache-2.0
// Finds the outputs of a level, whatever their layout, and evaluates the score
// rule and the box coding of a HeadFormat for each location.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_LIB_DETECTION_HEADDECODER_H
#define SHIFT_LIB_DETECTION_HEADDECODER_H

#include "shift/Detection/Decode.h"

namespace shift::detection {

class HeadDecoder {
public:
  HeadDecoder(const DetectorDescription &description,
              const std::vector<OutputView> &outputs, int inputHeight,
              int inputWidth);

  /// Appends the candidates of a level in order of row, column and class.
  /// Returns an empty string or an error that names an output.
  std::string decodeLevel(size_t level, std::vector<Detection> &candidates);

private:
  /// Values of some channels: channel c of place p is
  /// data[c * channelStep + p * placeStep].
  struct Part {
    const float *data = nullptr;
    int64_t channelStep = 0, placeStep = 0;
    float at(int64_t channel, int64_t place) const {
      return data[channel * channelStep + place * placeStep];
    }
  };
  /// Where the places of a level lie: `width` in a row, and for a list of all
  /// levels the first place and the number in the list (-1: any).
  struct Grid {
    int64_t height = -1, width = -1, first = 0, inAll = -1;
    float strideX = 1, strideY = 1;
  };

  std::string findParts(size_t level);
  std::string findPart(const std::string &role, size_t level, int64_t channels,
                       Part &part);
  void listGrid(size_t level);
  void mapStrides(size_t level);
  float scoreOf(int64_t place, int64_t label, float &probability) const;
  int64_t bestLabel(int64_t place) const;
  float boxValue(int index, int64_t place) const;
  Detection boxAt(int64_t place) const;

  const DetectorDescription &description;
  const HeadFormat &head;
  const std::vector<OutputView> &outputs;
  int inputHeight, inputWidth;
  int64_t classes;
  Grid grid;
  Part cls, obj, box;
};

} // namespace shift::detection

#endif // SHIFT_LIB_DETECTION_HEADDECODER_H
