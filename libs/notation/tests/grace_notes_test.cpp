#include <string>

#include <gtest/gtest.h>

#include "continuo/notation/abc.h"
#include "continuo/notation/musicxml.h"

#include "musicxml_text.h"

namespace continuo::notation {
namespace {

using score::Score;
using testing::first_measure;
using testing::measure;
using testing::note;
using testing::note_list;
using testing::read;
using testing::rest;
using testing::score_text;

Score tune(const std::string& music) {
  const Result<AbcBook> book = read_abc_book("X:1\nM:4/4\nL:1/4\nK:C\n" + music + "\n", {.strict = true});
  EXPECT_TRUE(book.ok()) << (book.ok() ? "" : book.error().to_line());
  if (!book.ok()) return {};
  EXPECT_EQ(book->diagnostics.count(DiagnosticKind::left_out), 0u);
  return book->tunes.front().score;
}

struct Case {
  const char* name;
  std::string text;
  const char* notes;
};

class AbcGraceNotes : public ::testing::TestWithParam<Case> {};

TEST_P(AbcGraceNotes, ArePlayed) { EXPECT_EQ(note_list(tune(GetParam().text).tracks.at(0)), GetParam().notes); }

INSTANTIATE_TEST_SUITE_P(
    All, AbcGraceNotes,
    ::testing::Values(
        Case{"one", "{G}CDEF|", "67@0+60 60@60+420 62@480+480 64@960+480 65@1440+480"},
        Case{"with_a_slash", "{/G}C4|", "67@0+60 60@60+1860"},
        Case{"several", "{GAB}C4|", "67@0+60 69@60+60 71@120+60 60@180+1740"},
        Case{"at_most_half", "{GABGA}CD3|", "67@0+48 69@48+48 71@96+48 67@144+48 69@192+48 60@240+240 62@480+1440"},
        Case{"of_a_short_note", "{GA}C/8D31/8E3|", "67@0+15 69@15+15 60@30+30 62@60+1860 64@1920+1440"},
        Case{"of_a_note_too_short", "{GAB}C/256D|", "60@0+2 67@0+1 69@0+1 71@0+1 62@2+480"},
        Case{"of_a_chord", "{G}[CE]4|", "67@0+60 60@60+1860 64@60+1860"},
        Case{"chord_of_grace_notes", "{[eg]A}C4|", "76@0+60 79@0+60 69@60+60 60@120+1800"},
        Case{"their_lengths_mean_nothing", "{G4A/}C4|", "67@0+60 69@60+60 60@120+1800"},
        Case{"before_the_second_note_of_a_tie", "C2-{G}C2|", "60@0+1920 67@960+60"},
        Case{"of_the_pitch_of_a_tie", "C2-{C}C2|", "60@0+1920 60@960+60"},
        Case{"tied_to_their_note", "{c-}c4|", "72@0+1920"}, Case{"tied_over_another", "{c-e}c4|", "72@0+1920 76@60+60"},
        Case{"tied_on", "{G}C4-|C4|", "67@0+60 60@60+3780"},
        Case{"at_the_end_of_a_bar", "C3D{ef}|G4|", "60@0+1440 62@1440+360 76@1800+60 77@1860+60 67@1920+1920"},
        Case{"at_the_end_of_a_short_note", "C7/2D/2{ef}|", "60@0+1680 62@1680+120 76@1800+60 77@1860+60"},
        Case{"after_a_note_that_is_tied_on", "C3D-{e}|D4|", "60@0+1440 62@1440+2400 76@1860+60"},
        Case{"before_a_rest", "C{G}z3|", "60@0+420 67@420+60"}, Case{"in_silence", "z{G}zC2|", "67@480+60 60@960+960"},
        Case{"in_a_broken_rhythm", "A{G}<B|", "69@0+240 67@240+60 71@300+660"},
        Case{"in_a_triplet", "(3{G}CDE|", "67@0+60 60@60+260 62@320+320 64@640+320"},
        Case{"of_a_repeat", "|:{G}C4:|", "67@0+60 60@60+1860 67@1920+60 60@1980+1860"},
        Case{"beside_an_overlay", "{G}C4&E4|", "64@0+1920 67@0+60 60@60+1860"}),
    [](const auto& test) { return test.param.name; });

std::string grace(char step, const char* attributes = "", const char* before = "", const char* after = "") {
  return "<note><grace " + std::string(attributes) + "/>" + before + "<pitch><step>" + step +
         "</step><octave>5</octave></pitch>" + after + "</note>";
}

constexpr const char* kVoice1 = "<voice>1</voice>";
constexpr const char* kVoice2 = "<voice>2</voice>";
const std::string kBackup = "<backup><duration>8</duration></backup>";

class MusicXmlGraceNotes : public ::testing::TestWithParam<Case> {};

TEST_P(MusicXmlGraceNotes, ArePlayed) {
  const MusicXmlScore result = read(score_text(first_measure(GetParam().text)));
  EXPECT_EQ(note_list(result.score.tracks.at(0)), GetParam().notes);
  EXPECT_TRUE(result.diagnostics.empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, MusicXmlGraceNotes,
    ::testing::Values(
        Case{"one", grace('D') + note('C', 4, 8), "74@0+60 60@60+1860"},
        Case{"with_a_slash", grace('D', "slash=\"yes\"") + note('C', 4, 8), "74@0+60 60@60+1860"},
        Case{"chords", grace('D') + grace('F', "", "<chord/>") + note('C', 4, 8) + note('E', 4, 8, "", "<chord/>"),
             "74@0+60 77@0+60 60@60+1860 64@60+1860"},
        Case{"take_of_the_following", grace('D', "steal-time-following=\"50\"") + note('C', 4, 8),
             "74@0+960 60@960+960"},
        Case{"take_at_most_seven_eighths", grace('D', "steal-time-following=\"100\"") + note('C', 4, 8),
             "74@0+1680 60@1680+240"},
        Case{"take_of_the_previous", note('C', 4, 4) + grace('D', "steal-time-previous=\"25\"") + note('E', 4, 4),
             "60@0+720 74@720+240 64@960+960"},
        Case{"have_nothing_before_them", grace('D', "steal-time-previous=\"25\"") + note('C', 4, 8),
             "74@0+60 60@60+1860"},
        Case{"of_both_sides", note('C', 4, 4) + grace('D', "steal-time-previous=\"25\"") + grace('F') + note('E', 4, 4),
             "60@0+720 74@720+240 77@960+60 64@1020+900"},
        Case{"make_time", grace('D', "make-time=\"1\"") + note('C', 4, 8), "74@0+240 60@240+1680"},
        Case{"tied_to_their_note",
             grace('C', "", "", "<tie type=\"start\"/>") + grace('E') + note('C', 5, 8, "<tie type=\"stop\"/>"),
             "72@0+1920 76@60+60"},
        Case{"at_the_end_of_the_measure", note('C', 4, 8) + grace('D') + grace('E'), "60@0+1800 74@1800+60 76@1860+60"},
        Case{"of_another_voice",
             note('C', 4, 8, kVoice1) + kBackup + grace('D', "", "", kVoice2) + note('E', 4, 8, kVoice2),
             "60@0+1920 74@0+60 64@60+1860"},
        Case{"after_a_rest", rest(4) + grace('D') + note('C', 4, 4), "74@960+60 60@1020+900"}),
    [](const auto& test) { return test.param.name; });

TEST(GraceNotes, HaveNoAccentAndTakeNone) {
  const auto notes = tune("{g}C4|").tracks.at(0).notes;
  EXPECT_EQ(notes[0].velocity, 74);
  EXPECT_EQ(notes[1].velocity, 88);
}

TEST(GraceNotes, AreCountedAndThoseOfCuesLeftOut) {
  const MusicXmlScore result = read(score_text(first_measure(grace('D') + grace('E', "", "<cue/>") + note('C', 4, 8))));
  EXPECT_EQ(result.grace_notes, 1u);
  EXPECT_EQ(result.score.note_count(), 2u);
  EXPECT_EQ(result.diagnostics.kept()[0].to_line(), "1 cue note left out: the part does not play them");
}

TEST(GraceNotes, ThatCannotBeReadAreProblems) {
  const Result<AbcBook> strict = read_abc_book("X:1\nK:C\n{g^}C|\n", {.strict = true});
  EXPECT_EQ(strict.error().code, ErrorCode::malformed);
  const Result<AbcBook> tolerant = read_abc_book("X:1\nK:C\n{g^[}C|\n");
  ASSERT_TRUE(tolerant.ok());
  EXPECT_EQ(tolerant->tunes[0].score.note_count(), 2u);
}

}  // namespace
}  // namespace continuo::notation
