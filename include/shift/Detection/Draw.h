//===- Draw.h - Boxes and labels on images --------------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Draws detections with a small bitmap font, and places images side by side.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_DETECTION_DRAW_H
#define SHIFT_DETECTION_DRAW_H

#include "shift/Detection/Decode.h"

namespace shift::detection {

/// Draws each box, two pixels wide, in its class's colour, with class name and
/// score above it. Labels lie on top of boxes, the best detection's on top of
/// all. A label beyond `classes` is written as its number.
void drawDetections(Image &image, const std::vector<Detection> &detections,
                    const std::vector<std::string> &classes);

/// Writes printable ASCII in white on a box of the given colour, 6 x 9 pixels
/// a character; what lies outside the image is cut.
void drawText(Image &image, int x, int y, const std::string &text,
              const uint8_t (&background)[3]);

/// Two images in a row, top aligned, with a white gap of 8 pixels.
Image sideBySide(const Image &left, const Image &right);

/// Images in rows of `columns` (at least 1), each column as wide as its widest
/// image, each row as high as its highest; white gaps of 8 pixels.
Image grid(const std::vector<Image> &images, int columns);

} // namespace shift::detection

#endif // SHIFT_DETECTION_DRAW_H
