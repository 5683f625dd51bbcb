//===- ImageTest.cpp - Image files and resizing ---------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Pixels equal Pillow's; broken files give one message and no crash.
//===----------------------------------------------------------------------===//
#include "DetectionFixture.h"

using namespace shift::detection;

TEST(Image, ResizesLikePillow) {
  for (const ResizeCase &c : resizeCases) {
    Image result =
        resizeBilinear(picture(c.width, c.height), c.toWidth, c.toHeight);
    EXPECT_EQ(result.width, c.toWidth);
    EXPECT_EQ(result.height, c.toHeight);
    EXPECT_EQ(hashOf(result.rgb), c.hash)
        << c.width << "x" << c.height << " to " << c.toWidth << "x"
        << c.toHeight;
  }
}

TEST(Image, ReadsJpegLikePillow) {
  for (const FileCase &c : fileCases) {
    Image image;
    ASSERT_EQ(loadImage(std::string(TEST_IMAGES) + c.name, image), "");
    EXPECT_EQ(image.width, c.width);
    EXPECT_EQ(image.height, c.height);
    EXPECT_EQ(hashOf(image.rgb), c.hash) << c.name;
  }
}

TEST(Image, ReadsPixelFormatsLikePillow) {
  for (const FileCase &c : formatCases) {
    Image image;
    ASSERT_EQ(loadImage(std::string(TEST_FILES) + c.name, image), "");
    EXPECT_EQ(image.width, c.width);
    EXPECT_EQ(image.height, c.height);
    EXPECT_EQ(hashOf(image.rgb), c.hash) << c.name;
  }
}

TEST(Image, PngComesBack) {
  TemporaryFile file("back.png");
  Image image = picture(37, 23), read;
  ASSERT_EQ(savePng(file.path, image), "");
  ASSERT_EQ(loadImage(file.path, read), "");
  EXPECT_EQ(read.width, 37);
  EXPECT_EQ(read.height, 23);
  EXPECT_EQ(read.rgb, image.rgb);
}

TEST(Image, RefusesMissingAndForeignFiles) {
  Image image = picture(2, 2);
  std::string error = loadImage("no/such.jpg", image);
  EXPECT_TRUE(contains(error, "'no/such.jpg'")) << error;
  EXPECT_TRUE(contains(error, "No such file")) << error;
  error = loadImage(::testing::TempDir(), image);
  EXPECT_TRUE(contains(error, "Is a directory")) << error;
  TemporaryFile file("foreign.jpg");
  for (const char *content : {"", "GIF89a", "\xFF\xD8"}) {
    file.write(content);
    error = loadImage(file.path, image);
    EXPECT_EQ(error, "expected a JPEG or PNG file, got '" + file.path + "'");
  }
  EXPECT_EQ(image.width, 2) << "an error leaves the image alone";
}

TEST(Image, RefusesEveryTruncation) {
  TemporaryFile png("whole.png"), cut("cut");
  ASSERT_EQ(savePng(png.path, picture(20, 20)), "");
  const std::string jpegPath = std::string(TEST_IMAGES) + fileCases[0].name;
  for (const std::string &path : {png.path, jpegPath}) {
    const std::string bytes = readText(path);
    ASSERT_GT(bytes.size(), 500u);
    for (size_t size = 8; size + 16 < bytes.size(); size += bytes.size() / 37) {
      cut.write(bytes.substr(0, size));
      Image image;
      std::string error = loadImage(cut.path, image);
      EXPECT_TRUE(contains(error, "'" + cut.path + "'"))
          << path << " cut to " << size << ": " << error;
      EXPECT_TRUE(image.rgb.empty());
    }
  }
}

TEST(Image, SurvivesCorruptBytes) {
  TemporaryFile png("sound.png"), broken("broken");
  ASSERT_EQ(savePng(png.path, picture(20, 20)), "");
  const std::string jpegPath = std::string(TEST_IMAGES) + fileCases[0].name;
  for (const std::string &path : {png.path, jpegPath}) {
    const std::string bytes = readText(path);
    Sequence random(7);
    for (int round = 0; round < 60; ++round) {
      std::string changed = bytes;
      for (int i = 0; i < 4; ++i)
        changed[8 + random.next() % (i < 2 ? 400 : bytes.size() - 8)] =
            static_cast<char>(random.next());
      broken.write(changed);
      Image image;
      std::string error = loadImage(broken.path, image);
      if (!error.empty())
        EXPECT_TRUE(contains(error, broken.path)) << error;
      else
        EXPECT_EQ(image.rgb.size(), size_t(image.width) * image.height * 3);
    }
  }
}

TEST(Image, RefusesHugePng) {
  TemporaryFile file("huge.png");
  ASSERT_EQ(savePng(file.path, picture(8, 8)), "");
  std::string bytes = readText(file.path);
  // Width and height with the header's checksum for 65535 x 65535.
  const unsigned char header[] = {0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF};
  bytes.replace(16, 8, reinterpret_cast<const char *>(header), 8);
  uint32_t crc = 0xFFFFFFFFu;
  for (size_t i = 12; i < 29; ++i) {
    crc ^= static_cast<unsigned char>(bytes[i]);
    for (int bit = 0; bit < 8; ++bit)
      crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  crc = ~crc;
  for (int i = 0; i < 4; ++i)
    bytes[29 + i] = static_cast<char>(crc >> (24 - 8 * i));
  file.write(bytes);
  Image image;
  std::string error = loadImage(file.path, image);
  EXPECT_TRUE(contains(error, "expected 1 to 2^28 pixels, got 65535 x 65535"))
      << error;
}

TEST(Image, RefusesToWriteWhereItCannot) {
  std::string error = savePng("/no/such/folder/a.png", picture(2, 2));
  EXPECT_TRUE(contains(error, "cannot write '/no/such/folder/a.png': No such"))
      << error;
  EXPECT_TRUE(contains(savePng("a.png", Image()), "the image is empty"));
}
