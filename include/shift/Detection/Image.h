//===- Image.h - Images: reading, writing, resizing -----------------------===//
// SPDX-License-Identifier: Apache-2.0
// Eight-bit RGB images, JPEG and PNG files, and the one resizing that training,
// calibration and inference share: Pillow's antialiased BILINEAR, bit for bit.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_DETECTION_IMAGE_H
#define SHIFT_DETECTION_IMAGE_H

#include <cstdint>
#include <string>
#include <vector>

namespace shift::detection {

/// An RGB image, row-major, three bytes a pixel: height * width * 3 in `rgb`.
struct Image {
  int width = 0, height = 0;
  std::vector<uint8_t> rgb;

  uint8_t *pixel(int x, int y) {
    return rgb.data() + (static_cast<size_t>(y) * width + x) * 3;
  }
  const uint8_t *pixel(int x, int y) const {
    return rgb.data() + (static_cast<size_t>(y) * width + x) * 3;
  }
};

/// Makes an image of one colour.
Image makeImage(int width, int height, uint8_t red, uint8_t green,
                uint8_t blue);

/// Reads a JPEG or PNG file as RGB like Pillow's convert("RGB"): grey is
/// repeated, alpha dropped, EXIF orientation ignored. Of 16-bit channels the
/// high byte is taken (where Pillow clips 16-bit grey). Returns an empty
/// string, or an error that names the file; `image` is then unchanged. Refused:
/// other formats, truncated or corrupt data, more than 2^28 pixels.
std::string loadImage(const std::string &path, Image &image);

/// Writes a PNG file under a temporary name beside `path` and renames it, so
/// that no half file is ever seen. Returns an empty string or an error that
/// names the file.
std::string savePng(const std::string &path, const Image &image);

/// Resizes to `width` x `height` (both at least 1): Pillow's BILINEAR. The
/// triangle filter has the support max(scale, 1), scale = input / output
/// size; each output's coefficients are normalised in float64 and rounded to
/// 22 fraction bits, sums are rounded by half upwards and clipped to 0..255.
/// First all rows, then all columns; a side that keeps its size has no pass.
Image resizeBilinear(const Image &image, int width, int height);

} // namespace shift::detection

#endif // SHIFT_DETECTION_IMAGE_H
