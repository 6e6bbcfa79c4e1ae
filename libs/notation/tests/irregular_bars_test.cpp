#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/notation/abc.h"
#include "continuo/notation/musicxml.h"
#include "continuo/score/bar_grid.h"

#include "musicxml_text.h"

namespace continuo::notation {
namespace {

using score::Score;
using testing::barline;
using testing::first_measure;
using testing::kBackward;
using testing::kForward;
using testing::measure;
using testing::note;
using testing::note_list;
using testing::read;
using testing::rest;
using testing::score_text;

const std::string kMeasureRest = "<note><rest measure=\"yes\"/><duration>8</duration></note>";

std::string backup(int duration) { return "<backup><duration>" + std::to_string(duration) + "</duration></backup>"; }

Score tune(const std::string& text) {
  const Result<AbcBook> book = read_abc_book(text);
  EXPECT_TRUE(book.ok()) << (book.ok() ? "" : book.error().to_line());
  return book.ok() ? book->tunes.front().score : Score{};
}

// "4/4 | 4 3! 4": the signatures, then the bars in quarters, those that are irregular with a "!".
std::string bars_of(const Score& score) {
  std::string text;
  for (const score::TimeSignature& meter : score.time_signatures)
    text += std::to_string(meter.numerator) + "/" + std::to_string(meter.denominator) + " ";
  text += "|";
  const score::BarGrid grid(score);
  for (const score::Bar& bar : grid.bars()) {
    const double quarters = static_cast<double>(bar.length.value) / score.ticks_per_quarter;
    std::string number = std::to_string(quarters);
    number.erase(number.find_last_not_of("0.") + 1);
    const bool is_regular = bar.length == bar.time_signature.bar_length(score.ticks_per_quarter);
    text += " " + number + (is_regular ? "" : "!");
  }
  return text;
}

struct Case {
  const char* name;
  std::string text;
  const char* bars;
};

class AbcBars : public ::testing::TestWithParam<Case> {};

TEST_P(AbcBars, KeepTheirMeter) { EXPECT_EQ(bars_of(tune("X:1\nL:1/4\n" + GetParam().text)), GetParam().bars); }

INSTANTIATE_TEST_SUITE_P(
    All, AbcBars,
    ::testing::Values(
        Case{"short", "M:4/4\nK:C\nCCCC|CCC|CCCC|CCCC|\n", "4/4 | 4 3! 4 4"},
        Case{"long", "M:4/4\nK:C\nCCCC|CCCCC|CCCC|\n", "4/4 | 4 5! 4"},
        Case{"pickup_and_the_bar_that_completes_it", "M:3/4\nK:C\nG|:CCC|CC:|G|DDD|DD|]\n", "3/4 | 3 3 2! 3 3 3 3"},
        Case{"pickup_of_the_repeat", "M:3/4\nK:C\n|:G|CCC|CC:|G|DDD|DD|]\n", "3/4 | 3 3 3 3 3 3 3"},
        Case{"repeat_inside_a_bar", "M:4/4\nK:C\nCCCC|CCC:|:D|DDDD|DDD:|\n", "4/4 | 4 3! 4 4 4 4 4 4"},
        Case{"pickup_that_completes_nothing", "M:4/4\nK:C\nCCCC||D|EEEE|EEEE|\n", "4/4 | 4 1! 4 4"},
        Case{"missing_bar_line", "M:4/4\nK:C\nCCCC|CCCCCCCC|CCCC|\n", "4/4 | 4 4 4 4"},
        Case{"halves", "M:4/4\nK:C\nCCCC|CC|CC|CCCC|\n", "4/4 | 4 4 4"},
        Case{"cut_by_a_meter", "M:4/4\nK:C\nCCCC|CC|[M:3/4]CCC|\n", "4/4 3/4 | 4 2! 3"},
        Case{"voice_that_is_too_long", "M:4/4\nV:1\nV:2\nK:C\nV:1\nCCCC|CCCC|\nV:2\nCCC4|CCCC|\n", "4/4 | 4 4"},
        Case{"voices_that_are_too_long", "M:4/4\nV:1\nV:2\nK:C\nV:1\nCCC4|CCCC|\nV:2\nCCC4|CCCC|\n", "4/4 | 6! 4"}),
    [](const auto& test) { return test.param.name; });

class MusicXmlBars : public ::testing::TestWithParam<Case> {};

TEST_P(MusicXmlBars, KeepTheirMeter) { EXPECT_EQ(bars_of(read(score_text(GetParam().text)).score), GetParam().bars); }

INSTANTIATE_TEST_SUITE_P(
    All, MusicXmlBars,
    ::testing::Values(
        Case{"short", first_measure(note('C', 4, 8)) + measure(note('C', 4, 6)) + measure(note('C', 4, 8)),
             "4/4 | 4 3! 4"},
        Case{"long", first_measure(note('C', 4, 8)) + measure(note('C', 4, 10)) + measure(note('C', 4, 8)),
             "4/4 | 4 5! 4"},
        Case{"repeat_inside_a_bar",
             first_measure(note('C', 4, 8)) + measure(note('D', 4, 6) + kBackward) +
                 measure(kForward + note('E', 4, 2)) + measure(note('C', 4, 8)),
             "4/4 | 4 3! 4 4 4"},
        Case{"rest_beyond_the_bar", first_measure(note('C', 4, 8) + backup(4) + rest(8)) + measure(note('C', 4, 8)),
             "4/4 | 4 4"},
        Case{"note_beyond_the_bar_of_a_full_voice",
             first_measure(note('C', 4, 8) + backup(4) + note('E', 4, 8)) + measure(note('C', 4, 8)), "4/4 | 4 4"},
        Case{"voice_that_begins_before_the_bar",
             first_measure(note('C', 4, 8) + backup(20) + "<forward><duration>16</duration></forward>" +
                           note('E', 4, 4)) +
                 measure(note('C', 4, 8)),
             "4/4 | 4 4"},
        Case{"rest_for_the_measure", first_measure(kMeasureRest) + measure(note('C', 4, 8)), "4/4 | 4 4"},
        Case{"rest_for_the_measure_beside_a_voice_that_stops",
             first_measure(note('C', 4, 4) + backup(4) + kMeasureRest) + measure(note('C', 4, 8)), "4/4 | 4 4"},
        Case{"pickup_with_a_rest_for_the_measure",
             measure("<attributes><divisions>2</divisions><time><beats>4</beats><beat-type>4</beat-type></time></"
                     "attributes>" +
                         note('C', 4, 2) + backup(2) + kMeasureRest,
                     "implicit=\"yes\"") +
                 measure(note('C', 4, 8)),
             "4/4 | 4 4"}),
    [](const auto& test) { return test.param.name; });

TEST(IrregularBars, NoteEndsAtTheBarLineOfAFullVoice) {
  const Score score =
      read(score_text(first_measure(note('C', 4, 8) + backup(4) + note('E', 4, 8)) + measure(note('C', 4, 8)))).score;
  EXPECT_EQ(note_list(score.tracks[0]), "60@0+1920 64@960+960 60@1920+1920");
}

// Its length is that of the meter of its part, whatever its duration, and no bar of another part.
TEST(IrregularBars, RestForTheMeasureLastsItsBar) {
  const auto time = [](const char* beats, const char* type) {
    return "<attributes><divisions>2</divisions><time><beats>" + std::string(beats) + "</beats><beat-type>" + type +
           "</beat-type></time></attributes>";
  };
  const std::string first =
      measure(time("5", "4") + note('C', 4, 10)) + measure(time("3", "8") + note('D', 4, 3)) + measure(note('E', 4, 3));
  const std::string second = measure(time("5", "4") + kMeasureRest + backup(10) + note('A', 3, 10)) +
                             measure(time("3", "8") + kMeasureRest) + measure(note('G', 3, 3));
  const std::string parts = "</part><part id=\"P2\">";
  const Score score = read(score_text(first + parts + second)).score;
  EXPECT_EQ(bars_of(score), "5/4 3/8 | 5 1.5 1.5");
  EXPECT_EQ(note_list(score.tracks[1]), "57@0+2400 55@3120+720");
}

TEST(IrregularBars, OfOtherPartsAreNotLengthenedByARestForTheMeasure) {
  const Score score = read(score_text(first_measure(note('C', 4, 8)) + measure(note('C', 4, 4)) +
                                      measure(note('C', 4, 8)) + "</part><part id=\"P2\">" +
                                      first_measure(kMeasureRest) + measure(kMeasureRest) + measure(kMeasureRest)))
                          .score;
  EXPECT_EQ(bars_of(score), "4/4 | 4 2! 4");
}

TEST(IrregularBars, OneOfLessThanHalfATickIsNone) {
  const Score score = tune("X:1\nM:4/4\nL:1/4\nK:C\nCDEF|C/1000|CDEF|\n");
  EXPECT_EQ(bars_of(score), "4/4 | 4 4");
}

}  // namespace
}  // namespace continuo::notation
