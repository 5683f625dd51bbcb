//===- ImageFile.cpp - Reading JPEG and PNG, writing PNG ------------------===//
// SPDX-License-Identifier: Apache-2.0
// libjpeg and libpng report errors by a jump. The functions that are jumped
// back to hold no objects with destructors: everything they fill belongs to
// their callers.
//===----------------------------------------------------------------------===//
#include "shift/Detection/Image.h"

#include "shift/Support/AtomicFile.h"

#include <algorithm>
#include <cerrno>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <unistd.h>

#include <jpeglib.h>

#include <jerror.h>
#include <png.h>

namespace shift::detection {
namespace {

constexpr uint64_t maxPixels = uint64_t{1} << 28;
constexpr size_t maxFileBytes = size_t{1} << 30;

/// Where a codec's error goes: a message and a place to jump to.
struct Failure {
  std::jmp_buf jump;
  char message[256] = "";

  void set(const char *text) {
    std::snprintf(message, sizeof message, "%s", text);
  }
};

/// Sets the image's size and memory; false with a message if it is too large.
bool allocate(Image &image, uint64_t width, uint64_t height, Failure &failure) {
  if (width == 0 || height == 0 || width > maxPixels / height) {
    std::snprintf(failure.message, sizeof failure.message,
                  "expected 1 to 2^28 pixels, got %llu x %llu",
                  static_cast<unsigned long long>(width),
                  static_cast<unsigned long long>(height));
    return false;
  }
  image.width = static_cast<int>(width);
  image.height = static_cast<int>(height);
  image.rgb.assign(static_cast<size_t>(width * height * 3), 0);
  return true;
}

//===----------------------------------------------------------------------===//
// JPEG
//===----------------------------------------------------------------------===//

struct JpegErrors : jpeg_error_mgr {
  Failure *failure;
};

[[noreturn]] void jpegFail(j_common_ptr codec) {
  auto *errors = static_cast<JpegErrors *>(codec->err);
  char text[JMSG_LENGTH_MAX];
  errors->format_message(codec, text);
  errors->failure->set(text);
  std::longjmp(errors->failure->jump, 1);
}

/// libjpeg fills what is missing with grey and warns; here that is an error.
void jpegMessage(j_common_ptr codec, int level) {
  const int code = codec->err->msg_code;
  if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER ||
                    code == JWRN_HUFF_BAD_CODE))
    jpegFail(codec);
}

/// Pillow's conversion: the file holds 255 - ink, as Adobe's programs write it.
void inkToRgb(const std::vector<uint8_t> &ink, uint8_t *rgb) {
  for (size_t i = 0; i + 4 <= ink.size(); i += 4, rgb += 3) {
    const int light = ink[i + 3];
    for (int c = 0; c < 3; ++c) {
      const int product = (255 - ink[i + c]) * light + 128;
      const int dark = (product + (product >> 8)) >> 8;
      rgb[c] = static_cast<uint8_t>(std::max(light - dark, 0));
    }
  }
}

bool readJpeg(const std::string &bytes, Image &image, std::vector<uint8_t> &ink,
              Failure &failure) {
  jpeg_decompress_struct codec;
  JpegErrors errors;
  codec.err = jpeg_std_error(&errors);
  errors.error_exit = jpegFail;
  errors.emit_message = jpegMessage;
  errors.failure = &failure;
  jpeg_create_decompress(&codec);
  if (setjmp(failure.jump)) {
    jpeg_destroy_decompress(&codec);
    return false;
  }
  jpeg_mem_src(&codec, reinterpret_cast<const unsigned char *>(bytes.data()),
               bytes.size());
  jpeg_read_header(&codec, TRUE);
  const bool isInk =
      codec.jpeg_color_space == JCS_CMYK || codec.jpeg_color_space == JCS_YCCK;
  codec.out_color_space = isInk ? JCS_CMYK : JCS_RGB;
  if (!allocate(image, codec.image_width, codec.image_height, failure)) {
    jpeg_destroy_decompress(&codec);
    return false;
  }
  jpeg_start_decompress(&codec);
  if (isInk)
    ink.resize(static_cast<size_t>(image.width) * 4);
  while (codec.output_scanline < codec.output_height) {
    uint8_t *pixels = image.pixel(0, static_cast<int>(codec.output_scanline));
    JSAMPROW row = isInk ? ink.data() : pixels;
    jpeg_read_scanlines(&codec, &row, 1);
    if (isInk)
      inkToRgb(ink, pixels);
  }
  jpeg_finish_decompress(&codec);
  jpeg_destroy_decompress(&codec);
  return true;
}

//===----------------------------------------------------------------------===//
// PNG
//===----------------------------------------------------------------------===//

[[noreturn]] void pngFail(png_structp png, png_const_charp text) {
  auto *failure = static_cast<Failure *>(png_get_error_ptr(png));
  failure->set(text);
  std::longjmp(failure->jump, 1);
}

void pngWarn(png_structp, png_const_charp) {}

struct Reader {
  const std::string *bytes;
  size_t position;
};

void pngRead(png_structp png, png_bytep data, size_t count) {
  auto *reader = static_cast<Reader *>(png_get_io_ptr(png));
  if (count > reader->bytes->size() - reader->position)
    png_error(png, "the file is truncated");
  std::memcpy(data, reader->bytes->data() + reader->position, count);
  reader->position += count;
}

/// Asks for eight bits of red, green and blue whatever the file has.
void pngAskForRgb(png_structp png, png_infop info) {
  png_set_palette_to_rgb(png);
  png_set_expand_gray_1_2_4_to_8(png);
  png_set_gray_to_rgb(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

bool readPng(const std::string &bytes, Image &image,
             std::vector<png_bytep> &rows, Failure &failure) {
  png_structp png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &failure, pngFail, pngWarn);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  if (!info) {
    png_destroy_read_struct(&png, nullptr, nullptr);
    failure.set("out of memory");
    return false;
  }
  Reader reader{&bytes, 0};
  if (setjmp(failure.jump)) {
    png_destroy_read_struct(&png, &info, nullptr);
    return false;
  }
  png_set_read_fn(png, &reader, pngRead);
  png_read_info(png, info);
  if (!allocate(image, png_get_image_width(png, info),
                png_get_image_height(png, info), failure)) {
    png_destroy_read_struct(&png, &info, nullptr);
    return false;
  }
  pngAskForRgb(png, info);
  if (png_get_rowbytes(png, info) != static_cast<size_t>(image.width) * 3)
    png_error(png, "the pixel format is not supported");
  rows.resize(image.height);
  for (int y = 0; y < image.height; ++y)
    rows[y] = image.pixel(0, y);
  png_read_image(png, rows.data());
  png_read_end(png, nullptr);
  png_destroy_read_struct(&png, &info, nullptr);
  return true;
}

bool writePng(std::FILE *file, const Image &image, Failure &failure) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &failure,
                                            pngFail, pngWarn);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  if (!info) {
    png_destroy_write_struct(&png, nullptr);
    failure.set("out of memory");
    return false;
  }
  if (setjmp(failure.jump)) {
    png_destroy_write_struct(&png, &info);
    return false;
  }
  png_init_io(png, file);
  png_set_IHDR(png, info, image.width, image.height, 8, PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (int y = 0; y < image.height; ++y)
    png_write_row(png, image.pixel(0, y));
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return true;
}

/// C streams, since those of C++ throw when the file is a folder.
std::string readFile(const std::string &path, std::string &bytes) {
  std::FILE *file = std::fopen(path.c_str(), "rb");
  if (!file)
    return "cannot read '" + path + "': " + std::strerror(errno);
  std::unique_ptr<std::FILE, int (*)(std::FILE *)> closer(file, std::fclose);
  char block[1 << 14];
  while (size_t count = std::fread(block, 1, sizeof block, file)) {
    bytes.append(block, count);
    if (bytes.size() > maxFileBytes)
      return "cannot read '" + path + "': the file is larger than 1 GiB";
  }
  if (std::ferror(file))
    return "cannot read '" + path + "': " + std::strerror(errno);
  return "";
}

bool startsWith(const std::string &bytes, const char *magic) {
  return bytes.compare(0, std::strlen(magic), magic) == 0;
}

std::string loadBytes(const std::string &path, const std::string &bytes,
                      Image &image) {
  Failure failure;
  Image loaded;
  std::vector<png_bytep> rows;
  std::vector<uint8_t> ink;
  bool isRead = false;
  const char *format = "JPEG";
  if (startsWith(bytes, "\xFF\xD8\xFF")) {
    isRead = readJpeg(bytes, loaded, ink, failure);
  } else if (startsWith(bytes, "\x89PNG\r\n\x1A\n")) {
    format = "PNG";
    isRead = readPng(bytes, loaded, rows, failure);
  } else {
    return "expected a JPEG or PNG file, got '" + path + "'";
  }
  if (!isRead)
    return "cannot read '" + path + "' as " + format + ": " + failure.message;
  image = std::move(loaded);
  return "";
}

} // namespace

std::string loadImage(const std::string &path, Image &image) {
  try {
    std::string bytes;
    std::string error = readFile(path, bytes);
    return error.empty() ? loadBytes(path, bytes, image) : error;
  } catch (const std::bad_alloc &) {
    return "cannot read '" + path + "': out of memory";
  }
}

std::string savePng(const std::string &path, const Image &image) {
  if (image.width < 1 || image.height < 1)
    return "cannot write '" + path + "': the image is empty";
  AtomicFile file(path);
  if (!file.stream())
    return file.error();
  Failure failure;
  errno = 0;
  if (writePng(file.stream(), image, failure))
    return file.commit();
  return errno != 0 ? file.error()
                    : "cannot write '" + path + "': " + failure.message;
}

} // namespace shift::detection
