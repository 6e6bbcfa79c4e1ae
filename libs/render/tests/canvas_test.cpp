#include "canvas.h"

#include <cmath>

#include <gtest/gtest.h>

namespace continuo::render {
namespace {

TEST(RoundStep, IsTheLeastOf1_2_5TimesAPowerOfTenThatIsLargeEnough) {
  struct Case {
    double span;
    int count;
    double step;
  };
  for (const Case& c :
       {Case{10, 10, 1}, Case{10.1, 10, 2}, Case{20, 10, 2}, Case{21, 10, 5}, Case{50, 10, 5}, Case{51, 10, 10},
        Case{99, 10, 10}, Case{3, 4, 1}, Case{0.003, 3, 0.001}, Case{0.35, 5, 0.1}, Case{7e6, 2, 5e6}}) {
    EXPECT_NEAR(round_step(c.span, c.count) / c.step, 1.0, 1e-9) << c.span << " in " << c.count;
  }
}

TEST(Printable, KeepsUtf8AndReplacesTheRest) {
  struct Case {
    const char* text;
    const char* shown;
    const char* why;
  };
  for (const Case& c : {
           Case{"plain", "plain", "ASCII"},
           Case{"\x01\x1f\x7f ~", "    ~", "control characters"},
           Case{"\xC3\xA9", "\xC3\xA9", "two bytes"},
           Case{"\xE2\x82\xAC", "\xE2\x82\xAC", "three bytes"},
           Case{"\xF0\x9F\x8E\xB5", "\xF0\x9F\x8E\xB5", "four bytes"},
           Case{"\xC2\x80\xDF\xBF", "\xC2\x80\xDF\xBF", "the first and the last of two"},
           Case{"\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF", "\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF",
                "the first and the last of three, beside the surrogates"},
           Case{"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
                "the first and the last of four"},
           Case{"a\xC3", "a?", "cut off"},
           Case{"\xE2\x82", "??", "cut off after two of three"},
           Case{"\xC3(", "?(", "a lead byte before something else"},
           Case{"\x80\xBF", "??", "no lead byte"},
           Case{"\xC0\x80\xC1\xBF", "????", "ASCII in two bytes"},
           Case{"\xE0\x9F\xBF", "???", "two bytes' worth in three"},
           Case{"\xED\xA0\x80", "???", "a surrogate"},
           Case{"\xF0\x8F\xBF\xBF", "????", "three bytes' worth in four"},
           Case{"\xF4\x90\x80\x80\xF5\x80\x80\x80", "????????", "beyond Unicode"},
           Case{"\xC3\xC0", "??", "a continuation that is none"},
       }) {
    EXPECT_EQ(printable(c.text, 100), c.shown) << c.why;
  }
}

TEST(Printable, CutsAfterSoManyCharacters) {
  EXPECT_EQ(printable("abc", 3), "abc");
  EXPECT_EQ(printable("abcd", 3), "abc\xE2\x80\xA6");
  EXPECT_EQ(printable("\xC3\xA9\xC3\xA9\xC3\xA9", 2), "\xC3\xA9\xC3\xA9\xE2\x80\xA6");
  EXPECT_EQ(printable("", 0), "");
}

TEST(Colour, IsMixedWithWhiteAndMadeDarkerInEachPart) {
  const Colour colour{0.2, 0.4, 0.8};
  const Colour half = colour.over_white(0.5), dark = colour.darker(0.5);
  EXPECT_DOUBLE_EQ(half.red, 0.6);
  EXPECT_DOUBLE_EQ(half.green, 0.7);
  EXPECT_DOUBLE_EQ(half.blue, 0.9);
  EXPECT_DOUBLE_EQ(dark.red, 0.1);
  EXPECT_DOUBLE_EQ(dark.green, 0.2);
  EXPECT_DOUBLE_EQ(dark.blue, 0.4);
}

TEST(Palette, HasEightColoursOfTheirOwnAndRepeats) {
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const Colour a = palette(i), b = palette(k);
      EXPECT_GT(std::fabs(a.red - b.red) + std::fabs(a.green - b.green) + std::fabs(a.blue - b.blue), 0.1);
    }
    EXPECT_EQ(palette(i).red, palette(i + 8).red);
    EXPECT_EQ(palette(i).blue, palette(i + 16).blue);
  }
}

TEST(Canvas, SizesAreHeldToTheirRange) {
  const std::filesystem::path path = "never-written.svg";
  EXPECT_TRUE(Canvas::create(path, 200, 120).ok());
  EXPECT_TRUE(Canvas::create(path, 30000, 120).ok());
  EXPECT_TRUE(Canvas::create(path, 200, 30000).ok());
  for (const auto& [width, height] : {std::pair(199, 120), {200, 119}, {30001, 120}, {200, 30001}}) {
    EXPECT_EQ(Canvas::create(path, width, height).error().code, ErrorCode::invalid_argument) << width << " " << height;
  }
}

}  // namespace
}  // namespace continuo::render
