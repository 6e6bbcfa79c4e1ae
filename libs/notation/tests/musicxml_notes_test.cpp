#include <string>
#include <string_view>

#include <gtest/gtest.h>

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
using testing::sound;

struct Case {
  const char* claim;
  std::string measures;
  const char* expected;
};

class MusicXmlNotes : public ::testing::TestWithParam<Case> {};

TEST_P(MusicXmlNotes, AreAsExpected) {
  const Score score = read(score_text(GetParam().measures)).score;
  ASSERT_FALSE(score.tracks.empty());
  EXPECT_EQ(note_list(score.tracks[0]), GetParam().expected);
}

const std::string kTieStart = "<tie type=\"start\"/>", kTieStop = "<tie type=\"stop\"/>";
const std::string kChord = "<chord/>";
std::string backup(int duration) { return "<backup><duration>" + std::to_string(duration) + "</duration></backup>"; }
std::string forward(int duration) { return "<forward><duration>" + std::to_string(duration) + "</duration></forward>"; }
std::string altered(const char* alter) {
  return "<note><pitch><step>C</step><alter>" + std::string(alter) +
         "</alter><octave>4</octave></pitch><duration>8</duration></note>";
}
std::string transposed(const char* transpose) {
  return measure(
      "<attributes><divisions>2</divisions><time><beats>4</beats><beat-type>4</beat-type></time>"
      "<transpose>" +
      std::string(transpose) + "</transpose></attributes>" + note('C', 4, 8));
}
const std::string kGrace = "<note><grace/><pitch><step>B</step><octave>3</octave></pitch></note>";
const std::string kCue = "<note><cue/><pitch><step>B</step><octave>3</octave></pitch><duration>4</duration></note>";

INSTANTIATE_TEST_SUITE_P(
    Small, MusicXmlNotes,
    ::testing::Values(
        Case{"rests_move_on", first_measure(rest(2) + note('C', 4, 2) + rest(1) + note('D', 4, 3)),
             "60@480+480 62@1200+720"},
        Case{"chord_begins_with_the_note_before",
             first_measure(note('C', 4, 4) + note('E', 4, 4, "", kChord) + note('D', 4, 4)),
             "60@0+960 64@0+960 62@960+960"},
        Case{"chord_of_unequal_lengths_moves_by_the_first",
             first_measure(note('C', 4, 4) + note('E', 4, 8, "", kChord) + note('D', 4, 4)),
             "60@0+960 64@0+1920 62@960+960"},
        Case{"voices_by_backup_and_forward",
             first_measure(note('C', 4, 8) + backup(8) + forward(2) + note('E', 4, 4) + forward(2)),
             "60@0+1920 64@480+960"},
        Case{"tie_over_the_bar_line",
             first_measure(note('C', 4, 8, kTieStart)) + measure(note('C', 4, 4, kTieStop) + note('C', 4, 4)),
             "60@0+2880 60@2880+960"},
        Case{"tie_of_notations_alone",
             first_measure(note('C', 4, 4, "<notations><tied type=\"start\"/></notations>") +
                           note('C', 4, 4, "<notations><tied type=\"stop\"/></notations>")),
             "60@0+1920"},
        Case{"tie_into_another_voice",
             first_measure(note('C', 4, 4, kTieStart + "<voice>1</voice>") +
                           note('C', 4, 4, kTieStop + "<voice>2</voice>")),
             "60@0+1920"},
        Case{"tie_without_its_stop", first_measure(note('C', 4, 4, kTieStart) + note('C', 4, 4)), "60@0+1920"},
        Case{"tie_that_nothing_follows", first_measure(note('C', 4, 4, kTieStart) + note('D', 4, 4)),
             "60@0+960 62@960+960"},
        Case{"tie_without_its_stop_ends_at_a_jump", first_measure(note('C', 4, 8, kTieStart) + kBackward),
             "60@0+1920 60@1920+1920"},
        Case{"tie_to_a_note_that_comes_later",
             first_measure(note('C', 4, 2, kTieStart) + rest(2) + note('C', 4, 4, kTieStop)), "60@0+480 60@960+960"},
        Case{"unison_ties_stay_in_their_voices",
             first_measure(note('C', 4, 4, kTieStart + "<voice>1</voice>") +
                           note('C', 4, 4, kTieStop + "<voice>1</voice>") + backup(8) +
                           note('C', 4, 4, kTieStart + "<voice>2</voice>") +
                           note('C', 4, 2, kTieStop + "<voice>2</voice>") + rest(2)),
             "60@0+1440 60@0+1920"},
        Case{"tie_of_a_short_note_in_a_chord",
             first_measure(note('A', 3, 3, kTieStart) + note('E', 4, 2, kTieStart, kChord) + note('A', 3, 5, kTieStop) +
                           note('E', 4, 5, kTieStop, kChord)),
             "57@0+1920 64@0+1920"},
        Case{"short_note_in_a_chord_without_a_tie",
             first_measure(note('A', 3, 3, kTieStart) + note('E', 4, 2, "", kChord) + note('A', 3, 5, kTieStop)),
             "57@0+1920 64@0+480"},
        Case{"position_before_the_measure",
             first_measure(note('C', 4, 8) + backup(1008) + forward(1004) + note('E', 4, 4)) + measure(note('D', 4, 8)),
             "60@0+1920 64@960+960 62@1920+1920"},
        Case{"note_before_the_measure_begins_it", first_measure(note('C', 4, 8) + backup(10) + note('E', 4, 4)),
             "60@0+1920 64@0+960"},
        Case{"rest_past_the_bar_line", first_measure(note('C', 4, 8) + backup(2) + rest(4)) + measure(note('D', 4, 8)),
             "60@0+1920 62@1920+1920"},
        Case{"forward_past_the_bar_line",
             first_measure(note('C', 4, 8) + backup(2) + forward(6)) + measure(note('D', 4, 8)),
             "60@0+1920 62@1920+1920"},
        Case{"rest_of_a_whole_measure_in_a_short_meter",
             first_measure("<attributes><time><beats>3</beats><beat-type>8</beat-type></time></attributes>"
                           "<note><rest measure=\"yes\"/><duration>8</duration></note>") +
                 measure(note('D', 4, 3)),
             "62@720+720"},
        Case{"note_past_the_bar_line_lengthens_its_measure",
             first_measure(rest(4) + note('C', 4, 8)) + measure(note('D', 4, 8)), "60@960+1920 62@2880+1920"},
        Case{"triplets",
             first_measure("<attributes><divisions>3</divisions></attributes>" + note('C', 4, 1) + note('D', 4, 1) +
                           note('E', 4, 1) + rest(9)),
             "60@0+160 62@160+160 64@320+160"},
        Case{"divisions_that_change",
             first_measure(note('C', 4, 2) + "<attributes><divisions>12</divisions></attributes>" + note('D', 4, 36)),
             "60@0+480 62@480+1440"},
        Case{"divisions_with_a_fraction",
             first_measure("<attributes><divisions>0.5</divisions></attributes>" + note('C', 4, 2)), "60@0+1920"},
        Case{"alter", first_measure(altered("-1")), "59@0+1920"},
        Case{"alter_quarter_tone_rounds_up", first_measure(altered("0.5")), "61@0+1920"},
        Case{"alter_quarter_flat_rounds_up", first_measure(altered("-0.5")), "60@0+1920"},
        Case{"transpose", transposed("<diatonic>-1</diatonic><chromatic>-2</chromatic>"), "58@0+1920"},
        Case{"transpose_with_octave",
             transposed("<diatonic>-1</diatonic><chromatic>-2</chromatic><octave-change>-1</octave-change>"),
             "46@0+1920"},
        Case{"cue_notes_leave_their_time", first_measure(kCue + note('C', 4, 4)), "60@960+960"},
        Case{"empty_measure_lasts_a_bar", first_measure("") + measure(note('C', 4, 8)), "60@1920+1920"},
        Case{"pickup_ends_the_first_bar", first_measure(note('C', 4, 2)) + measure(note('D', 4, 8)),
             "60@1440+480 62@1920+1920"}),
    [](const auto& c) { return std::string(c.param.claim); });

std::string whole(char step, std::string_view before = "", std::string_view behind = "") {
  return measure(std::string(before) + note(step, 4, 8) + std::string(behind));
}
std::string ending(const char* number, std::string_view type, std::string_view more = "") {
  return barline("<ending number=\"" + std::string(number) + "\" type=\"" + std::string(type) + "\"/>" +
                 std::string(more));
}
const char* const kBack = "<repeat direction=\"backward\"/>";
std::string words(const char* text) {
  return "<direction><direction-type><words>" + std::string(text) + "</words></direction-type></direction>";
}
const std::string kCodaSign = "<direction><direction-type><coda/></direction-type></direction>";
const std::string kSegnoSign = "<direction><direction-type><segno/></direction-type></direction>";

class MusicXmlOrder : public ::testing::TestWithParam<Case> {};

TEST_P(MusicXmlOrder, IsAsExpected) {
  const Score score = read(score_text(first_measure(note('C', 4, 8)) + GetParam().measures)).score;
  ASSERT_FALSE(score.tracks.empty());
  std::string steps;
  for (const score::Note& n : score.tracks[0].notes) steps += "C D EF G A B"[n.pitch % 12];
  EXPECT_EQ(steps, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Small, MusicXmlOrder,
    ::testing::Values(
        Case{"repeat", whole('D', kForward) + whole('E', "", kBackward) + whole('F'), "CDEDEF"},
        Case{"repeat_from_the_beginning", whole('D', "", kBackward) + whole('E'), "CDCDE"},
        Case{"repeat_after_a_repeat", whole('D', "", kBackward) + whole('E', "", kBackward), "CDCDEE"},
        Case{"repeat_three_times", whole('D', kForward, barline("<repeat direction=\"backward\" times=\"3\"/>")),
             "CDDD"},
        Case{"endings",
             whole('D', kForward) + whole('E', ending("1", "start"), ending("1", "stop", kBack)) +
                 whole('F', ending("2", "start"), ending("2", "stop")) + whole('G'),
             "CDEDFG"},
        Case{"ending_that_closes_before_its_repeat_sign",
             whole('D', kForward) + whole('E', ending("1", "start"), ending("1", "stop")) + whole('F', "", kBackward) +
                 whole('G', ending("2", "start"), ending("2", "stop")) + whole('A'),
             "CDEFDGA"},
        Case{"ending_that_closes_without_any_repeat_sign",
             whole('D', ending("1", "start"), ending("1", "stop")) +
                 whole('E', ending("2", "start"), ending("2", "stop")) + whole('F', "", kBackward),
             "CDCEFF"},
        Case{"fine_in_the_first_ending",
             whole('D', ending("1", "start"), sound("fine=\"yes\"") + ending("1", "stop", kBack)) +
                 whole('E', ending("2", "start"), ending("2", "stop")) + whole('F', "", sound("dacapo=\"yes\"")),
             "CDCEFCD"},
        Case{"endings_of_several_passes",
             whole('D', kForward) + whole('E', ending("1, 2", "start"), ending("1, 2", "stop", kBack)) +
                 whole('F', ending("3", "start"), ending("3", "discontinue")) + whole('G'),
             "CDEDEDFG"},
        Case{"endings_of_two_measures",
             whole('D', kForward) + whole('E', ending("1", "start")) + whole('F', "", ending("1", "stop", kBack)) +
                 whole('G', ending("2", "start")) + whole('A', "", ending("2", "stop")) + whole('B'),
             "CDEFDGAB"},
        Case{"da_capo_al_fine", whole('D', "", sound("fine=\"yes\"")) + whole('E', "", sound("dacapo=\"yes\"")),
             "CDECD"},
        Case{"dal_segno_al_coda",
             whole('D', sound("segno=\"1\"")) + whole('E', "", sound("tocoda=\"1\"")) +
                 whole('F', "", sound("dalsegno=\"1\"")) + whole('G', sound("coda=\"1\"")),
             "CDEFDEG"},
        Case{"coda_with_its_own_repeat",
             whole('D', "", kBackward) + whole('E', "", sound("tocoda=\"c\"")) +
                 whole('F', "", sound("dacapo=\"yes\"")) + whole('A', sound("coda=\"c\"") + kForward) +
                 whole('B', "", kBackward),
             "CDCDEFCDEABAB"},
        Case{"coda_that_says_da_capo_again",
             whole('D', "", sound("tocoda=\"c\"")) + whole('F', "", sound("dacapo=\"yes\"")) +
                 whole('A', sound("coda=\"c\""), sound("dacapo=\"yes\"")) + whole('B'),
             "CDFCDA"},
        Case{"way_to_a_coda_that_does_not_exist",
             whole('D', "", sound("tocoda=\"c\"")) + whole('F', "", sound("dacapo=\"yes\"")) + whole('B'), "CDFCDF"},
        Case{"words_and_signs",
             whole('D', kSegnoSign) + whole('E', "", kCodaSign) + whole('F', "", words("D.S. al Coda")) +
                 whole('G', kCodaSign),
             "CDEFDEG"},
        Case{"words_da_capo", whole('D', "", words("Fine")) + whole('E', "", words("D.C. al Fine")), "CDECD"},
        Case{"words_do_not_count_beside_sounds",
             whole('D', "", words("Fine")) + whole('E', "", words("D.C. al Fine") + sound("fine=\"yes\"")), "CDE"}),
    [](const auto& c) { return std::string(c.param.claim); });

TEST(MusicXmlReader, TiesIntoBothEndings) {
  const Score score =
      read(score_text(first_measure(kForward + note('C', 4, 8, kTieStart)) +
                      measure(ending("1", "start") + note('C', 4, 8, kTieStop) + ending("1", "stop", kBack)) +
                      measure(ending("2", "start") + note('C', 4, 8, kTieStop) + ending("2", "stop"))))
          .score;
  EXPECT_EQ(note_list(score.tracks[0]), "60@0+3840 60@3840+3840");
}

TEST(MusicXmlReader, TiesIntoTheSecondEnding_ThatHasNoStop) {
  const Score score =
      read(score_text(first_measure(kForward + note('C', 4, 8, kTieStart)) +
                      measure(ending("1", "start") + note('C', 4, 8, kTieStop) + ending("1", "stop", kBack)) +
                      measure(ending("2", "start") + note('C', 4, 8) + ending("2", "stop"))))
          .score;
  EXPECT_EQ(note_list(score.tracks[0]), "60@0+3840 60@3840+3840");
}

std::string tempos(const Score& score) {
  std::string text;
  for (const score::Tempo& tempo : score.tempos)
    text += (text.empty() ? "" : " ") + std::to_string(tempo.onset.value) + "=" +
            std::to_string(60'000'000 / tempo.microseconds_per_quarter);
  return text;
}

TEST(MusicXmlReader, ARepeatGoesBackToTheTempoOfItsPlace) {
  const std::string fast = sound("tempo=\"100\""), slow = sound("tempo=\"60\"");
  const auto read_tempos = [](const std::string& first, const std::string& second) {
    return tempos(read(score_text(first_measure(kForward + first) + whole('D', second, kBackward) + whole('E'))).score);
  };
  EXPECT_EQ(read_tempos(fast + note('C', 4, 8), slow), "0=100 1920=60 3840=100 5760=60");
  EXPECT_EQ(read_tempos(note('C', 4, 8), slow), "1920=60 3840=120 5760=60") << "120 where nothing is written";
  EXPECT_EQ(read_tempos(note('C', 4, 4) + slow + note('D', 4, 4), ""), "960=60 3840=120 4800=60");
  EXPECT_EQ(read_tempos(note('C', 4, 8) + fast, fast), "1920=100 3840=120 5760=100");
  EXPECT_EQ(read_tempos(fast + note('C', 4, 8), ""), "0=100 3840=100");
}

TEST(MusicXmlReader, APartWithoutDivisionsHasThoseOfThePartBefore) {
  const std::string attributes = "<attributes><divisions>480</divisions></attributes>";
  const auto sheet =
      read("<score-partwise><part id=\"A\">" + measure(attributes + note('C', 4, 1920)) + "</part><part id=\"B\">" +
           measure(note('E', 4, 960) + note('G', 4, 960)) + "</part></score-partwise>");
  ASSERT_EQ(sheet.score.tracks.size(), 2u);
  EXPECT_EQ(note_list(sheet.score.tracks[1]), "64@0+960 67@960+960");
  EXPECT_EQ(sheet.diagnostics.kept()[0].to_line(),
            "part B, measure 1: a part without divisions; those of the part before hold");
}

TEST(MusicXmlReader, NotesAreCounted) {
  const MusicXmlScore result = read(score_text(
      first_measure(kGrace + note('C', 4, 4, kTieStart) + note('C', 4, 4, kTieStop)) + whole('D', "", kBackward)));
  EXPECT_EQ(result.written_notes, 3u);
  EXPECT_EQ(result.grace_notes, 1u);
  EXPECT_EQ(result.score.note_count(), 6u);
}

}  // namespace
}  // namespace continuo::notation
