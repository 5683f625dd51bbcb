//===- Draw.cpp - Boxes and labels on images ------------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Everything is cut at the image's border, pixel by pixel.
//===----------------------------------------------------------------------===//
#include "shift/Detection/Draw.h"

#include "Font.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace shift::detection {
namespace {

constexpr int gap = 8, lineWidth = 2;
constexpr int cellWidth = glyphWidth + 1, cellHeight = glyphHeight + 2;
constexpr uint8_t white[3] = {255, 255, 255};

/// Dark enough for white text, far enough apart to tell neighbours.
constexpr uint8_t palette[][3] = {{200, 30, 30},  {20, 90, 200},  {10, 130, 50},
                                  {190, 90, 0},   {130, 40, 170}, {0, 125, 135},
                                  {170, 20, 110}, {100, 85, 20}};
constexpr size_t paletteSize = sizeof palette / sizeof *palette;

const uint8_t (&colourOf(int label))[3] {
  return palette[static_cast<size_t>(label) % paletteSize];
}

void setPixel(Image &image, int x, int y, const uint8_t (&colour)[3]) {
  if (x >= 0 && x < image.width && y >= 0 && y < image.height)
    std::copy(colour, colour + 3, image.pixel(x, y));
}

/// Fills columns x0..x1-1 of rows y0..y1-1.
void fill(Image &image, int x0, int y0, int x1, int y1,
          const uint8_t (&colour)[3]) {
  for (int y = std::max(y0, 0); y < std::min(y1, image.height); ++y)
    for (int x = std::max(x0, 0); x < std::min(x1, image.width); ++x)
      setPixel(image, x, y, colour);
}

/// The pixel that a coordinate falls in; within 0..limit also for NaN.
int toPixel(float coordinate, int limit) {
  if (!(coordinate > 0))
    return 0;
  return static_cast<int>(
      std::min(std::floor(coordinate + 0.5f), static_cast<float>(limit)));
}

/// A detection's box in whole pixels: x0 <= x1, y0 <= y1, inside the image.
struct PixelBox {
  int x0, y0, x1, y1;
};
PixelBox toPixels(const Image &image, const Detection &detection) {
  PixelBox box{
      toPixel(detection.x0, image.width), toPixel(detection.y0, image.height),
      toPixel(detection.x1, image.width), toPixel(detection.y1, image.height)};
  box.x1 = std::max(box.x0, box.x1);
  box.y1 = std::max(box.y0, box.y1);
  return box;
}

void drawFrame(Image &image, const Detection &detection) {
  const uint8_t (&colour)[3] = colourOf(detection.label);
  const auto [x0, y0, x1, y1] = toPixels(image, detection);
  fill(image, x0, y0, x1, std::min(y0 + lineWidth, y1), colour);
  fill(image, x0, std::max(y1 - lineWidth, y0), x1, y1, colour);
  fill(image, x0, y0, std::min(x0 + lineWidth, x1), y1, colour);
  fill(image, std::max(x1 - lineWidth, x0), y0, x1, y1, colour);
}

/// Above the box; inside it where there is no room.
void drawLabel(Image &image, const Detection &detection,
               const std::vector<std::string> &classes) {
  const size_t label = static_cast<size_t>(detection.label);
  char score[16];
  std::snprintf(score, sizeof score, " %.2f",
                static_cast<double>(detection.score));
  const std::string text =
      (label < classes.size() ? classes[label]
                              : std::to_string(detection.label)) +
      score;
  const PixelBox box = toPixels(image, detection);
  const int top = box.y0 >= cellHeight ? box.y0 - cellHeight : box.y0;
  const int width = static_cast<int>(text.size()) * cellWidth + 1;
  drawText(image, std::max(0, std::min(box.x0, image.width - width)), top, text,
           colourOf(detection.label));
}

} // namespace

void drawText(Image &image, int x, int y, const std::string &text,
              const uint8_t (&background)[3]) {
  const int length = static_cast<int>(std::min<size_t>(text.size(), 1024));
  fill(image, x, y, x + length * cellWidth + 1, y + cellHeight, background);
  for (int i = 0; i < length; ++i)
    for (int row = 0; row < glyphHeight; ++row)
      for (int column = 0; column < glyphWidth; ++column)
        if (isGlyphPixel(text[i], column, row))
          setPixel(image, x + 1 + i * cellWidth + column, y + 1 + row, white);
}

void drawDetections(Image &image, const std::vector<Detection> &detections,
                    const std::vector<std::string> &classes) {
  for (auto it = detections.rbegin(); it != detections.rend(); ++it)
    drawFrame(image, *it);
  for (auto it = detections.rbegin(); it != detections.rend(); ++it)
    drawLabel(image, *it, classes);
}

Image sideBySide(const Image &left, const Image &right) {
  return grid({left, right}, 2);
}

Image grid(const std::vector<Image> &images, int columns) {
  if (images.empty())
    return Image();
  const int count = static_cast<int>(images.size());
  columns = std::clamp(columns, 1, count);
  const int rows = (count + columns - 1) / columns;
  // Where each column and row begins; the last entry is the end plus a gap.
  std::vector<int> left(columns + 1, 0), top(rows + 1, 0);
  for (int i = 0; i < count; ++i) {
    left[i % columns + 1] = std::max(left[i % columns + 1], images[i].width);
    top[i / columns + 1] = std::max(top[i / columns + 1], images[i].height);
  }
  for (int i = 1; i <= columns; ++i)
    left[i] += left[i - 1] + gap;
  for (int i = 1; i <= rows; ++i)
    top[i] += top[i - 1] + gap;
  Image result = makeImage(left[columns] - gap, top[rows] - gap, 255, 255, 255);
  for (int i = 0; i < count; ++i) {
    const Image &image = images[i];
    for (int y = 0; y < image.height; ++y)
      std::copy(image.pixel(0, y), image.pixel(0, y) + image.width * 3,
                result.pixel(left[i % columns], top[i / columns] + y));
  }
  return result;
}

} // namespace shift::detection
