//===- ImageInput.h - From an image to the network's input ----------------===//
// SPDX-License-Identifier: Apache-2.0
// The description of how an image becomes the input tensor, stored with a
// model so that it is said once, and the preparation itself. Equal to
// python_frontend/shift_frontend/data.py.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_DETECTION_IMAGEINPUT_H
#define SHIFT_DETECTION_IMAGEINPUT_H

#include "shift/Detection/Image.h"

#include <array>

namespace shift::detection {

enum class ChannelOrder { RGB, BGR };
enum class Layout { NCHW, NHWC };
enum class Resize { Stretch, KeepRatio };

/// x = (pixel * scale - mean) / std per channel, float32; `mean` and
/// `standardDeviation` are in `channelOrder`.
struct ImageInput {
  int height = 0, width = 0;
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> standardDeviation{1, 1, 1};
  float scale = 1;
  ChannelOrder channelOrder = ChannelOrder::RGB;
  Layout layout = Layout::NCHW;
  Resize resize = Resize::Stretch;
};

/// Reads {"size": [H, W], "mean": [..], "std": [..], "scale": 1,
/// "channel_order": "RGB"|"BGR", "layout": "NCHW"|"NHWC",
/// "resize": "stretch"|"keep-ratio"}; all may be left out, and a size that is
/// left out is 0 x 0, for the model's own. Returns an empty string or an error
/// that names the field; an unknown field is one.
std::string parseImageInput(const std::string &json, ImageInput &input);

/// The description of an input of this shape: that of `json`, or, if that is
/// empty, pixels of 0 to 255 with the channels where there are three. The size
/// is the shape's. Returns an empty string or an error.
std::string readImageInput(const std::string &json,
                           const std::vector<int64_t> &shape,
                           ImageInput &input);

/// The JSON text of a description, all fields written.
std::string imageInputToJson(const ImageInput &input);

/// Width and height of an image of `width` x `height` inside the input:
/// all of it for stretch; for keep-ratio both sides times
/// min(H / height, W / width), rounded half up, at least 1.
struct InnerSize {
  int width, height;
};
InnerSize innerSize(const ImageInput &input, int width, int height);

/// Fills `tensor` with the 3 * H * W values of one image; the part that a
/// keep-ratio image leaves free (right, bottom) is 0. Returns an empty string
/// or an error for an empty image.
std::string preprocess(const Image &image, const ImageInput &input,
                       std::vector<float> &tensor);

} // namespace shift::detection

#endif // SHIFT_DETECTION_IMAGEINPUT_H
