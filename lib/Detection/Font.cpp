//===- Font.cpp - A bitmap font of 5 x 7 pixels ---------------------------===//
// SPDX-License-Identifier: Apache-2.0
// A glyph is seven digits to base 32 (0..9, A..V), one a row, the highest bit
// on the left.
//===----------------------------------------------------------------------===//
#include "Font.h"

namespace shift::detection {
namespace {

constexpr char firstCharacter = ' ', lastCharacter = '~';
constexpr const char *missing = "VHHHHHV";

// clang-format off
constexpr const char *glyphs[] = {
    // space ! " # $ % & '
    "0000000", "4444404", "AA00000", "AAVAVAA",
    "4FKE5U4", "OP248J3", "CIK8LID", "4400000",
    // ( ) * + , - . /
    "2488842", "8422248", "04LEL40", "044V440",
    "0000448", "000V000", "00000CC", "01248G0",
    // 0 to 7
    "EHJLPHE", "4C4444E", "EH1248V", "V2421HE",
    "26AIV22", "VGU11HE", "68GUHHE", "V124888",
    // 8 9 : ; < = > ?
    "EHHEHHE", "EHHF12C", "0CC0CC0", "0CC0C48",
    "248G842", "00V0V00", "8421248", "EH12404",
    // @ A to G
    "EH1DLLE", "EHHVHHH", "UHHUHHU", "EHGGGHE",
    "SIHHHIS", "VGGUGGV", "VGGUGGG", "EHGNHHF",
    // H to O
    "HHHVHHH", "E44444E", "72222IC", "HIKOKIH",
    "GGGGGGV", "HRLLHHH", "HHPLJHH", "EHHHHHE",
    // P to W
    "UHHUGGG", "EHHHLID", "UHHUKIH", "FGGE11U",
    "V444444", "HHHHHHE", "HHHHHA4", "HHHLLLA",
    // X Y Z [ \ ] ^ _
    "HHA4AHH", "HHHA444", "V1248GV", "E88888E",
    "0G84210", "E22222E", "4AH0000", "000000V",
    // ` a to g
    "8420000", "00E1FHF", "GGMPHHU", "00EGGHE",
    "11DJHHF", "00EHVGE", "698S888", "0FHHF1E",
    // h to o
    "GGMPHHH", "40C444E", "20622IC", "GGIKOKI",
    "C44444E", "00QLLHH", "00MPHHH", "00EHHHE",
    // p to w
    "00UHUGG", "00DJF11", "00MPGGG", "00EGE1U",
    "88S8896", "00HHHJD", "00HHHA4", "00HHLLA",
    // x y z { | } ~
    "00HA4AH", "00HHF1E", "00V248V",
    "2448442", "4444444", "8442448", "08L2000"};
// clang-format on
static_assert(sizeof glyphs / sizeof *glyphs ==
              lastCharacter - firstCharacter + 1);

} // namespace

bool isGlyphPixel(char character, int x, int y) {
  const bool isKnown =
      character >= firstCharacter && character <= lastCharacter;
  const char digit =
      (isKnown ? glyphs[character - firstCharacter] : missing)[y];
  const int row = digit <= '9' ? digit - '0' : digit - 'A' + 10;
  return row >> (glyphWidth - 1 - x) & 1;
}

} // namespace shift::detection
