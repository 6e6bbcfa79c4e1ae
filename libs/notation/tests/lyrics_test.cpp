#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/notation/abc.h"
#include "continuo/notation/midi_reader.h"
#include "continuo/notation/midi_writer.h"
#include "continuo/notation/musicxml.h"

#include "musicxml_text.h"

namespace continuo::notation {
namespace {

using testing::barline;
using testing::first_measure;
using testing::kBackward;
using testing::kForward;
using testing::measure;
using testing::note;
using testing::rest;
using testing::score_text;

// "TRACK: 0=Hal 480=le ", the ticks and payloads of each track, those of several tracks in lines.
std::string sung(const std::vector<SideTrack>& side_tracks) {
  std::string text;
  for (const SideTrack& side : side_tracks) {
    text += (text.empty() ? "" : "\n") + std::to_string(side.track) + ":";
    for (const SideEvent& event : side.events) {
      EXPECT_EQ(event.status, 0xFF);
      EXPECT_EQ(event.type, midi::meta::kLyric);
      text += " " + std::to_string(event.onset.value) + "=" + event.payload;
    }
  }
  return text;
}

struct Case {
  const char* claim;
  std::string text;
  const char* expected;
};

// In quarters of 480 ticks: "C D E F" begin at 0, 480, 960 and 1440.
class AbcLyrics : public ::testing::TestWithParam<Case> {};

TEST_P(AbcLyrics, AreAsExpected) {
  const auto book = read_abc_book("X:1\nL:1/4\nM:2/4\nP:ABA\nK:C\n" + GetParam().text, {.strict = true});
  ASSERT_TRUE(book.ok()) << book.error().to_line();
  EXPECT_EQ(sung(book->tunes.at(0).side_tracks), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Alignment, AbcLyrics,
    ::testing::Values(
        Case{"none", "CD|", ""}, Case{"words", "CD|EF|\nw: I am a cat\n", "0: 0=I  480=am  960=a  1440=cat "},
        Case{"syllables", "CD|EF|\nw: syll-a-ble yes\n", "0: 0=syll 480=a 960=ble  1440=yes "},
        Case{"hyphens_hold_a_syllable", "CD|EF|\nw: syll-a--ble\n", "0: 0=syll 480=a 1440=ble "},
        Case{"hyphen_after_a_space_holds_a_syllable", "CD|EF|\nw: syll-a -ble\n", "0: 0=syll 480=a 1440=ble "},
        Case{"hyphen_that_nothing_comes_before", "CD|\nw: - a\n", "0: 480=a "},
        Case{"underscores_hold_a_word", "CD|EF|\nw: time__ flies\n", "0: 0=time  1440=flies "},
        Case{"underscore_after_a_hyphen_holds_a_syllable", "CD|EF|\nw: o-_ver it\n", "0: 0=o 960=ver  1440=it "},
        Case{"star_skips_a_note", "CD|EF|\nw: a * b*c\n", "0: 0=a  960=b "},
        Case{"tilde_joins_words", "CD|\nw: of~the~day x\n", "0: 0=of the day  480=x "},
        Case{"escaped_hyphen_joins_syllables", "CD|\nw: ex\\-cel-sis\n", "0: 0=ex-cel 480=sis "},
        Case{"bar_goes_to_the_next_bar", "CD|EF|\nw: a|b c|\n", "0: 0=a  960=b  1440=c "},
        Case{"bar_after_a_full_bar_skips_nothing", "CD|EF|\nw: a b|c\n", "0: 0=a  480=b  960=c "},
        Case{"bar_with_too_many_syllables_borrows_notes", "CD|EF|CD|\nw: a b c|d\n", "0: 0=a  480=b  960=c  1920=d "},
        Case{"bars_at_the_beginning", "CD|EF|CD|\nw: ||a\n", "0: 1920=a "},
        Case{"bar_without_notes", "CD|z2|EF|\nw: a b|c|d\n", "0: 0=a  480=b  1920=c "},
        Case{"rests_are_not_sung", "zC|zD|\nw: a b\n", "0: 480=a  1440=b "},
        Case{"tied_notes_have_a_syllable_each", "C-C|DE|\nw: a b c\n", "0: 0=a  480=b  960=c "},
        Case{"chord_has_one_syllable", "[CE][DF]|\nw: a b\n", "0: 0=a  480=b "},
        Case{"grace_notes_have_none", "{c}C{de}D|\nw: a b\n", "0: 0=a  480=b "},
        Case{"overlay_is_not_sung", "CD&EF|GA|\nw: a b c\n", "0: 0=a  480=b  960=c "},
        Case{"broken_rhythm", "C>D|C<D|\nw: a b c d\n", "0: 0=a  720=b  960=c  1200=d "},
        Case{"field_belongs_to_the_line_before", "CD|\nEF|\nw: a b\n", "0: 960=a  1440=b "},
        Case{"line_that_continues", "CD|\\\nEF|\nw: a b c\n", "0: 0=a  480=b  960=c "},
        Case{"field_that_continues", "CD|EF|\nw: a b-\n+: c d\n", "0: 0=a  480=b 960=c  1440=d "},
        Case{"field_that_goes_on_by_backslash", "CD|EF|\nw: a b\\\nw: c d\n", "0: 0=a  480=b  960=c  1440=d "},
        Case{"verses_by_repeats", "|:CD:|\nw: a b\nw: c d\n", "0: 0=a  480=b  960=c  1440=d "},
        Case{"one_verse_for_every_time", "|:CD:|\nw: a b\n", "0: 0=a  480=b  960=a  1440=b "},
        Case{"verses_and_endings", "|:CD|1EF:|2GA|\nw: a b x y z\nw: c d\n",
             "0: 0=a  480=b  960=x  1440=y  1920=c  2400=d  2880=z "},
        Case{"verses_by_parts", "P:A\nCD|\nw: a b\nw: c d\nP:B\nEF|\nw: x y\n",
             "0: 0=a  480=b  960=x  1440=y  1920=c  2400=d "},
        Case{"voices", "V:1\nCD|\nw: a b\nV:2\nEF|\nw: c d\n", "0: 0=a  480=b \n1: 0=c  480=d "},
        Case{"voice_that_another_line_follows", "V:1\nCD|\nV:2\nEF|\nV:1\nw: a b\n", "0: 0=a  480=b "},
        Case{"pickup", "C|DE|\nw: a b c\n", "0: 480=a  960=b  1440=c "}),
    [](const auto& c) { return std::string(c.param.claim); });

std::string lyric(const std::string& syllabic, const std::string& text, const std::string& number = "1") {
  const std::string kind = syllabic.empty() ? "" : "<syllabic>" + syllabic + "</syllabic>";
  return "<lyric number=\"" + number + "\">" + kind + "<text>" + text + "</text></lyric>";
}

class MusicXmlLyrics : public ::testing::TestWithParam<Case> {};

TEST_P(MusicXmlLyrics, AreAsExpected) {
  EXPECT_EQ(sung(testing::read(score_text(GetParam().text)).side_tracks), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Small, MusicXmlLyrics,
    ::testing::Values(
        Case{"none", first_measure(note('C', 4, 8)), ""},
        Case{"syllables",
             first_measure(note('C', 4, 2, lyric("begin", "Hal")) + note('D', 4, 2, lyric("middle", "le")) +
                           note('E', 4, 2, lyric("middle", "lu")) + note('F', 4, 2, lyric("end", "jah!"))),
             "0: 0=Hal 480=le 960=lu 1440=jah! "},
        Case{"single_words", first_measure(note('C', 4, 4, lyric("single", " a\n")) + note('D', 4, 4, lyric("", "b"))),
             "0: 0=a  960=b "},
        Case{"elision",
             first_measure(note('C', 4, 8,
                                "<lyric><syllabic>end</syllabic><text>gno</text><elision>_</elision>"
                                "<syllabic>begin</syllabic><text>a</text></lyric>")),
             "0: 0=gno a"},
        Case{"humming", first_measure(note('C', 4, 8, "<lyric><humming/></lyric>")), ""},
        Case{"under_a_rest",
             first_measure(note('C', 4, 4) + "<note><rest/><duration>4</duration>" + lyric("", "(sigh)") + "</note>"),
             "0: 960=(sigh) "},
        Case{"second_voice_in_order_of_time",
             first_measure(note('C', 4, 4) + note('D', 4, 4, lyric("", "b")) +
                           "<backup><duration>8</duration></backup>" + note('E', 4, 8, lyric("", "a"))),
             "0: 0=a  960=b "},
        Case{"verses_by_repeats",
             first_measure(kForward + note('C', 4, 8, lyric("", "one") + lyric("", "two", "part1verse2")) + kBackward),
             "0: 0=one  1920=two "},
        Case{"refrain_of_the_first_verse",
             first_measure(kForward + note('C', 4, 8, lyric("", "one") + lyric("", "two", "2"))) +
                 measure(note('D', 4, 8, lyric("", "la")) + kBackward),
             "0: 0=one  1920=la  3840=two  5760=la "},
        Case{"lowest_verse_where_the_first_is_missing",
             first_measure(note('C', 4, 8, lyric("", "three", "3") + lyric("", "two", "2"))), "0: 0=two "},
        Case{"verse_numbers_out_of_range",
             first_measure(note('C', 4, 8, lyric("", "low", "0") + lyric("", "high", "99999999"))), "0: 0=low "},
        Case{"pickup", first_measure(note('C', 4, 2, lyric("", "a"))) + measure(note('D', 4, 8, lyric("", "b"))),
             "0: 1440=a  1920=b "}),
    [](const auto& c) { return std::string(c.param.claim); });

TEST(Lyrics, OfEachPartGoWithItsTrack) {
  const std::string head =
      "<score-partwise><part-list><score-part id=\"A\"/><score-part id=\"B\"/><score-part id=\"C\"/></part-list>";
  const auto part = [](const char* id, const std::string& content) {
    return "<part id=\"" + std::string(id) + "\">" + first_measure(content) + "</part>";
  };
  const std::string silent = "<note><rest/><duration>8</duration>" + lyric("", "lost") + "</note>";
  const auto sheet = testing::read(head + part("A", note('C', 4, 8, lyric("", "high"))) + part("B", silent) +
                                   part("C", note('C', 3, 8, lyric("", "low"))) + "</score-partwise>");
  EXPECT_EQ(sung(sheet.side_tracks), "0: 0=high \n1: 0=low ");
  EXPECT_EQ(sheet.diagnostics.summary(),
            std::vector<std::string>{"1 syllable of lyrics left out: no note that is played has them"});
}

TEST(Lyrics, OfAnotherInstrumentGoWithItsTrack) {
  const std::string instruments =
      "<score-instrument id=\"I1\"/><score-instrument id=\"I2\"/>"
      "<midi-instrument id=\"I2\"><midi-program>74</midi-program></midi-instrument>";
  const auto sheet =
      testing::read(score_text(first_measure(note('C', 4, 4, "<instrument id=\"I1\"/>" + lyric("", "a")) +
                                             note('D', 4, 4, "<instrument id=\"I2\"/>" + lyric("", "b"))),
                               instruments));
  EXPECT_EQ(sung(sheet.side_tracks), "0: 0=a \n1: 960=b ");
}

Piece through_midi(const Piece& piece) {
  Diagnostics diagnostics;
  const auto bytes = write_midi(piece);
  EXPECT_TRUE(bytes.ok());
  auto again = read_midi_with_side_events(*bytes, diagnostics);
  EXPECT_TRUE(again.ok());
  EXPECT_TRUE(diagnostics.empty());
  return std::move(again->front());
}

TEST(Lyrics, SurviveInMidi) {
  const auto book = read_abc_book("X:1\nL:1/4\nM:2/4\nK:C\nV:1\n|:CD:|\nw: syll-able\nw: x _\nV:2\n|:EF:|\nw: * y\n");
  ASSERT_TRUE(book.ok());
  const Piece& piece = book->tunes.at(0);
  EXPECT_EQ(sung(piece.side_tracks), "0: 0=syll 480=able  960=x \n1: 480=y  1440=y ");
  EXPECT_EQ(through_midi(piece).side_tracks, piece.side_tracks);

  const auto sheet = testing::read(score_text(
      first_measure(note('C', 4, 2, lyric("begin", "\xC3\xA9")) + rest(2) + note('D', 4, 4, lyric("", "b")))));
  EXPECT_EQ(through_midi({.score = sheet.score, .side_tracks = sheet.side_tracks}).side_tracks, sheet.side_tracks);
}

}  // namespace
}  // namespace continuo::notation
