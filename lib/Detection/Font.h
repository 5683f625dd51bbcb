//===- Font.h - A bitmap font of 5 x 7 pixels -----------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Printable ASCII, enough for class names and scores.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_LIB_DETECTION_FONT_H
#define SHIFT_LIB_DETECTION_FONT_H

namespace shift::detection {

constexpr int glyphWidth = 5, glyphHeight = 7;

/// Whether the pixel (x, y) of a character is set; characters that the font
/// lacks are an empty frame.
bool isGlyphPixel(char character, int x, int y);

} // namespace shift::detection

#endif // SHIFT_LIB_DETECTION_FONT_H
