//===- HeadDecoder.h - One level of a head to candidates ------------------===//
// SPDX-License-Identifier: Apache-2.0
// Evaluates the score rule and the box coding of a HeadFormat for each place.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_LIB_DETECTION_HEADDECODER_H
#define SHIFT_LIB_DETECTION_HEADDECODER_H

#include "shift/Detection/Decode.h"
#include "shift/Detection/HeadLevels.h"

namespace shift::detection {

class HeadDecoder {
public:
  HeadDecoder(const DetectorDescription &description,
              const std::vector<OutputView> &outputs, int inputHeight,
              int inputWidth);

  /// The candidates of a level in order of row, column and class.
  std::vector<Detection> decodeLevel(const HeadLevel &level) const;

private:
  float valueOf(const HeadPart &part, int64_t channel, int64_t place) const {
    return outputs[part.output]
        .data[part.first + channel * part.channelStep + place * part.placeStep];
  }
  float scoreOf(const HeadLevel &level, int64_t place, int64_t label,
                float &probability) const;
  int64_t bestLabel(const HeadLevel &level, int64_t place) const;
  float boxValue(const HeadLevel &level, int index, int64_t place) const;
  Detection boxAt(const HeadLevel &level, int64_t place) const;

  const DetectorDescription &description;
  const HeadFormat &head;
  const std::vector<OutputView> &outputs;
  int inputHeight, inputWidth;
  int64_t classes;
};

} // namespace shift::detection

#endif // SHIFT_LIB_DETECTION_HEADDECODER_H
