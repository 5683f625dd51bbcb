//===- ImageInput.cpp - From an image to the network's input --------------===//
// SPDX-License-Identifier: Apache-2.0
// Reads and writes the description, resizes and normalises.
//===----------------------------------------------------------------------===//
#include "shift/Detection/ImageInput.h"

#include "JsonFields.h"

#include <algorithm>

namespace shift::detection {
namespace {

constexpr int maxSide = 1 << 14;

/// Reads three numbers, one a channel.
void readChannels(JsonFields &fields, const char *key,
                  std::array<float, 3> &value) {
  std::vector<float> read(value.begin(), value.end());
  fields.numbers(key, read);
  if (read.size() != 3)
    fields.fail("expected 3 numbers for '" + std::string(key) + "', got " +
                std::to_string(read.size()));
  else
    std::copy(read.begin(), read.end(), value.begin());
}

} // namespace

std::string parseImageInput(const std::string &json, ImageInput &input) {
  JsonFields fields(json, "image input");
  ImageInput read;
  // Without a size the model's own counts.
  std::vector<int> size = {0, 0};
  if (fields.find("size"))
    fields.integers("size", size, 1, maxSide);
  if (size.size() != 2)
    fields.fail("expected 'size' to be [height, width], got " +
                std::to_string(size.size()) + " numbers");
  readChannels(fields, "mean", read.mean);
  readChannels(fields, "std", read.standardDeviation);
  if (std::count(read.standardDeviation.begin(), read.standardDeviation.end(),
                 0.0f))
    fields.fail("expected numbers other than 0 for 'std', got 0");
  fields.number("scale", read.scale, -1e30, 1e30);
  std::string order = "RGB", layout = "NCHW", resize = "stretch";
  fields.word("channel_order", order, {"RGB", "BGR"});
  fields.word("layout", layout, {"NCHW", "NHWC"});
  fields.word("resize", resize, {"stretch", "keep-ratio"});
  std::string error = fields.finish();
  if (!error.empty())
    return error;
  read.height = size[0];
  read.width = size[1];
  read.channelOrder = order == "RGB" ? ChannelOrder::RGB : ChannelOrder::BGR;
  read.layout = layout == "NCHW" ? Layout::NCHW : Layout::NHWC;
  read.resize = resize == "stretch" ? Resize::Stretch : Resize::KeepRatio;
  input = read;
  return "";
}

std::string readImageInput(const std::string &json,
                           const std::vector<int64_t> &shape,
                           ImageInput &input) {
  ImageInput read;
  if (json.empty()) {
    if (shape.size() == 4 && shape[1] != 3 && shape[3] == 3)
      read.layout = Layout::NHWC;
  } else {
    std::string error = parseImageInput(json, read);
    if (!error.empty())
      return error;
  }
  const bool isNCHW = read.layout == Layout::NCHW;
  if (shape.size() != 4 || shape[isNCHW ? 1 : 3] != 3)
    return "expected an image with three channels";
  read.height = static_cast<int>(shape[isNCHW ? 2 : 1]);
  read.width = static_cast<int>(shape[isNCHW ? 3 : 2]);
  input = read;
  return "";
}

std::string imageInputToJson(const ImageInput &input) {
  return dumpJson(
      {{"size", {input.height, input.width}},
       {"mean", input.mean},
       {"std", input.standardDeviation},
       {"scale", input.scale},
       {"channel_order",
        input.channelOrder == ChannelOrder::RGB ? "RGB" : "BGR"},
       {"layout", input.layout == Layout::NCHW ? "NCHW" : "NHWC"},
       {"resize", input.resize == Resize::Stretch ? "stretch" : "keep-ratio"}});
}

InnerSize innerSize(const ImageInput &input, int width, int height) {
  if (input.resize == Resize::Stretch)
    return {input.width, input.height};
  const double factor = std::min(static_cast<double>(input.height) / height,
                                 static_cast<double>(input.width) / width);
  auto side = [factor](int length, int limit) {
    return std::min(limit,
                    std::max(1, static_cast<int>(length * factor + 0.5)));
  };
  return {side(width, input.width), side(height, input.height)};
}

std::string preprocess(const Image &image, const ImageInput &input,
                       std::vector<float> &tensor) {
  if (image.width < 1 || image.height < 1)
    return "expected an image of at least one pixel, got " +
           std::to_string(image.width) + " x " + std::to_string(image.height);
  const InnerSize inner = innerSize(input, image.width, image.height);
  const Image resized = resizeBilinear(image, inner.width, inner.height);
  const size_t plane = static_cast<size_t>(input.height) * input.width;
  const bool isPlanar = input.layout == Layout::NCHW;
  tensor.assign(plane * 3, 0.0f);
  for (int y = 0; y < inner.height; ++y)
    for (int x = 0; x < inner.width; ++x) {
      const uint8_t *pixel = resized.pixel(x, y);
      const size_t place = static_cast<size_t>(y) * input.width + x;
      for (int c = 0; c < 3; ++c) {
        const int source = input.channelOrder == ChannelOrder::RGB ? c : 2 - c;
        const float value = static_cast<float>(pixel[source]) * input.scale;
        tensor[isPlanar ? c * plane + place : place * 3 + c] =
            (value - input.mean[c]) / input.standardDeviation[c];
      }
    }
  return "";
}

} // namespace shift::detection
