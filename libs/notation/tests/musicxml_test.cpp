#include "continuo/notation/musicxml.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "continuo/score/bar_grid.h"

#include "musicxml_text.h"

namespace continuo::notation {
namespace {

using score::Score;
using score::Ticks;
using testing::first_measure;
using testing::measure;
using testing::note;
using testing::pitches;
using testing::rest;
using testing::score_text;
using testing::spelled;

MusicXmlScore read(const std::string& text) {
  Result<MusicXmlScore> result = read_musicxml(text);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().to_line()) << "\n" << text;
  return result.ok() ? *result : MusicXmlScore{};
}

struct Case {
  const char* claim;
  std::string measures;
  const char* expected;
};

class MusicXmlNotes : public ::testing::TestWithParam<Case> {};

TEST_P(MusicXmlNotes, AreAsExpected) {
  const Score score = read(score_text(GetParam().measures)).score;
  ASSERT_FALSE(score.tracks.empty());
  EXPECT_EQ(spelled(score.tracks[0]), GetParam().expected);
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

std::string barline(std::string_view content) { return "<barline>" + std::string(content) + "</barline>"; }
const std::string kForward = barline("<repeat direction=\"forward\"/>");
const std::string kBackward = barline("<repeat direction=\"backward\"/>");
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
        Case{"grace_notes_take_no_time", first_measure(kGrace + note('C', 4, 8)), "60@0+1920"},
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
std::string sound(const char* attribute) { return "<sound " + std::string(attribute) + "/>"; }
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
  EXPECT_EQ(spelled(score.tracks[0]), "60@0+3840 60@3840+3840");
}

TEST(MusicXmlReader, TiesIntoTheSecondEnding_ThatHasNoStop) {
  const Score score =
      read(score_text(first_measure(kForward + note('C', 4, 8, kTieStart)) +
                      measure(ending("1", "start") + note('C', 4, 8, kTieStop) + ending("1", "stop", kBack)) +
                      measure(ending("2", "start") + note('C', 4, 8) + ending("2", "stop"))))
          .score;
  EXPECT_EQ(spelled(score.tracks[0]), "60@0+3840 60@3840+3840");
}

TEST(MusicXmlReader, TicksAreThoseOfTheFile) {
  const auto ticks = [](int divisions, int duration) {
    return read(score_text(measure("<attributes><divisions>" + std::to_string(divisions) + "</divisions></attributes>" +
                                   note('C', 4, duration) + rest(4 * divisions - duration))))
        .score;
  };
  EXPECT_EQ(ticks(10080, 5040).ticks_per_quarter, 480);
  EXPECT_EQ(ticks(7, 1).ticks_per_quarter, 3360);
  EXPECT_EQ(ticks(7, 1).tracks[0].notes[0].duration, Ticks(480));
  EXPECT_EQ(ticks(1024, 1).ticks_per_quarter, 15360);
  EXPECT_EQ(ticks(32749, 1).ticks_per_quarter, 32749);
  EXPECT_EQ(ticks(65537, 65537).ticks_per_quarter, 480);
  EXPECT_EQ(ticks(65537, 1).ticks_per_quarter, 480);
  EXPECT_EQ(ticks(65537, 1).tracks[0].notes[0].duration, Ticks(1));
}

std::string timed(const char* time, const std::string& notes) {
  return measure("<attributes><divisions>2</divisions><time>" + std::string(time) + "</time></attributes>" + notes);
}

TEST(MusicXmlReader, MetersMayBeComposite) {
  const auto meter = [](const char* time) { return read(score_text(timed(time, ""))).score.time_signatures.at(0); };
  EXPECT_EQ(meter("<beats>3+2</beats><beat-type>8</beat-type>").numerator, 5);
  EXPECT_EQ(meter("<beats>3+2</beats><beat-type>8</beat-type>").denominator, 8);
  const auto sum = meter("<beats>3</beats><beat-type>8</beat-type><beats>1</beats><beat-type>4</beat-type>");
  EXPECT_EQ(sum.numerator, 5);
  EXPECT_EQ(sum.denominator, 8);
  EXPECT_TRUE(read(score_text(timed("<senza-misura/>", note('C', 4, 7)))).score.time_signatures.empty());
  EXPECT_EQ(read(score_text(timed("<beats>4</beats><beat-type>3</beat-type>", note('C', 4, 7))))
                .count(MusicXmlDiagnostic::Kind::skipped),
            1u);
}

TEST(MusicXmlReader, BarThatDoesNotAddUp_IsReportedAndTheGridFollows) {
  const MusicXmlScore result =
      read(score_text(first_measure(note('C', 4, 8)) + measure(note('C', 4, 6)) + measure(note('C', 4, 8))));
  ASSERT_EQ(result.count(MusicXmlDiagnostic::Kind::bar_length), 1u);
  ASSERT_EQ(result.score.time_signatures.size(), 3u);
  EXPECT_EQ(result.score.time_signatures[1].numerator, 3);
  EXPECT_EQ(result.diagnostics[0].to_line(), "measure 1: a bar of 3/4 in 4/4 time");
  const score::BarGrid grid(result.score);
  EXPECT_EQ(grid.bars()[2].onset, Ticks(7 * 480));
}

TEST(MusicXmlReader, WithoutTimeSignatureMeasuresMakeTheirOwn) {
  const std::string divisions = "<attributes><divisions>2</divisions></attributes>";
  const MusicXmlScore result = read(score_text(measure(divisions + note('C', 4, 6)) + measure(note('C', 4, 6))));
  ASSERT_EQ(result.score.time_signatures.size(), 1u);
  EXPECT_EQ(result.score.time_signatures[0].numerator, 3);
  EXPECT_EQ(spelled(result.score.tracks[0]), "60@0+1440 60@1440+1440");
}

TEST(MusicXmlReader, SplitBarsAddUp) {
  const MusicXmlScore result =
      read(score_text(first_measure(note('C', 4, 8)) + measure(note('C', 4, 6)) +
                      measure(note('C', 4, 2), "implicit=\"yes\"") + measure(note('C', 4, 8))));
  EXPECT_EQ(result.score.time_signatures.size(), 1u);
  EXPECT_TRUE(result.diagnostics.empty());
  const MusicXmlScore unmarked = read(score_text(first_measure(note('C', 4, 8)) + measure(note('C', 4, 5)) +
                                                 measure(note('C', 4, 3)) + measure(note('C', 4, 8))));
  EXPECT_TRUE(unmarked.diagnostics.empty());
}

TEST(MusicXmlReader, KeysSound) {
  const auto key = [](const char* written, const char* transpose) {
    return read(
               score_text(measure("<attributes><key>" + std::string(written) + "</key>" + transpose + "</attributes>")))
        .score.key_signatures.at(0)
        .name();
  };
  EXPECT_EQ(key("<fifths>-3</fifths><mode>minor</mode>", ""), "C minor");
  EXPECT_EQ(key("<fifths>2</fifths>", "<transpose><chromatic>-2</chromatic></transpose>"), "C major");
  EXPECT_EQ(
      key("<fifths>2</fifths>", "<transpose><chromatic>0</chromatic><octave-change>-1</octave-change></transpose>"),
      "D major");
}

std::string metronome(const char* unit, const char* figure) {
  return "<direction><direction-type><metronome>" + std::string(unit) + "<per-minute>" + figure +
         "</per-minute></metronome></direction-type></direction>";
}

TEST(MusicXmlReader, Tempos) {
  const auto tempo = [](const std::string& text) {
    const Score score = read(score_text(first_measure(text))).score;
    return score.tempos.empty() ? 0 : score.tempos[0].microseconds_per_quarter;
  };
  EXPECT_EQ(tempo(sound("tempo=\"120\"")), 500000);
  EXPECT_EQ(tempo(metronome("<beat-unit>quarter</beat-unit>", "c. 100")), 600000);
  EXPECT_EQ(tempo(metronome("<beat-unit>quarter</beat-unit><beat-unit-dot/>", "80")), 500000);
  EXPECT_EQ(tempo(metronome("<beat-unit>half</beat-unit>", "60")), 500000);
  EXPECT_EQ(tempo(metronome("<beat-unit>half</beat-unit>", "fast")), 0);
  EXPECT_EQ(tempo("<direction><direction-type><metronome><beat-unit>half</beat-unit><per-minute>30</per-minute>"
                  "</metronome></direction-type><sound tempo=\"120\"/></direction>"),
            500000);
}

std::string dynamics(const char* mark) {
  return "<direction><direction-type><dynamics><" + std::string(mark) + "/></dynamics></direction-type></direction>";
}

TEST(MusicXmlReader, DynamicsBecomeVelocities) {
  const Score score = read(score_text(first_measure(note('C', 4, 2) + dynamics("p") + note('C', 4, 2) +
                                                    dynamics("sfz") + note('C', 4, 2) + note('C', 4, 2)) +
                                      measure(sound("dynamics=\"100\"") + note('C', 4, 1) + note('C', 4, 1) +
                                              "<note dynamics=\"50\"><pitch><step>C</step><octave>4</octave></pitch>"
                                              "<duration>6</duration></note>")))
                          .score;
  std::vector<int> velocities;
  for (const score::Note& n : score.tracks[0].notes) velocities.push_back(n.velocity);
  EXPECT_EQ(velocities, (std::vector<int>{88, 49, 112, 49, 98, 84, 45}));
}

TEST(MusicXmlReader, PedalIsController64) {
  const auto pedal = [](const char* type) {
    return "<direction><direction-type><pedal type=\"" + std::string(type) + "\"/></direction-type></direction>";
  };
  const Score score = read(score_text(first_measure(pedal("start") + note('C', 4, 4) + pedal("change") +
                                                    note('D', 4, 4) + pedal("stop"))))
                          .score;
  std::string text;
  for (const auto& c : score.tracks[0].controls)
    text += std::to_string(c.controller) + ":" + std::to_string(c.value) + "@" + std::to_string(c.onset.value) + " ";
  EXPECT_EQ(text, "64:127@0 64:0@960 64:127@960 64:0@1920 ");
}

std::string harmony(const char* root, const char* kind, const char* more = "") {
  return "<harmony><root><root-step>" + std::string(root) + "</root-step></root><kind>" + kind + "</kind>" + more +
         "</harmony>";
}

TEST(MusicXmlReader, HarmonyIsNamedAndPlayed) {
  const char* flat_nine =
      "<degree><degree-value>9</degree-value><degree-alter>-1</degree-alter><degree-type>add</degree-type></degree>";
  const char* bass = "<bass><bass-step>B</bass-step><bass-alter>-1</bass-alter></bass>";
  const MusicXmlScore result = read(score_text(
      first_measure(harmony("C", "major") + note('C', 4, 4) + harmony("A", "minor-seventh") + note('C', 4, 4)) +
      measure(harmony("G", "dominant", flat_nine) + note('C', 4, 4) + harmony("C", "major", bass) + note('C', 4, 4)) +
      measure(harmony("C", "none") + note('C', 4, 8))));
  std::string names;
  for (const auto& symbol : result.score.chord_symbols) names += symbol.text + " ";
  EXPECT_EQ(names, "C Am7 G7(b9) C/Bb N.C. ");
  ASSERT_EQ(result.score.tracks.size(), 2u);
  EXPECT_EQ(result.score.tracks[1].name, "Chords");
  EXPECT_TRUE(result.diagnostics.empty());
  EXPECT_EQ(
      spelled(result.score.tracks[1]),
      "48@0+960 52@0+960 55@0+960 57@960+960 60@960+960 64@960+960 67@960+960 "
      "55@1920+960 56@1920+960 59@1920+960 62@1920+960 65@1920+960 58@2880+960 60@2880+960 64@2880+960 67@2880+960");
  MusicXmlOptions silent;
  silent.play_chords = false;
  EXPECT_EQ(
      read_musicxml(score_text(first_measure(harmony("C", "major") + note('C', 4, 8))), silent)->score.tracks.size(),
      1u);
}

TEST(MusicXmlReader, HarmonyOfManyKindsSounds) {
  const auto played = [](const char* kind, const char* degree) {
    const std::string degrees = *degree == '\0' ? "" : "<degree>" + std::string(degree) + "</degree>";
    const Score score = read(score_text(first_measure(harmony("C", kind, degrees.c_str()) + note('C', 4, 8)))).score;
    return score.tracks.size() > 1 ? pitches(score.tracks[1]) : score.chord_symbols.at(0).text;
  };
  const char* sharp_five =
      "<degree-value>5</degree-value><degree-alter>1</degree-alter><degree-type>alter</degree-type>";
  const char* no_third =
      "<degree-value>3</degree-value><degree-alter>0</degree-alter><degree-type>subtract</degree-type>";
  const char* add_two = "<degree-value>2</degree-value><degree-alter>0</degree-alter><degree-type>add</degree-type>";
  EXPECT_EQ(played("dominant", sharp_five), "48 52 56 58");
  EXPECT_EQ(played("major", no_third), "48 55");
  EXPECT_EQ(played("minor", add_two), "48 50 51 55");
  EXPECT_EQ(played("half-diminished", ""), "48 51 54 58");
  EXPECT_EQ(played("other", ""), "Cother");
  EXPECT_EQ(played("Tristan", "<degree-value>99</degree-value>"), "CTristan");
}

TEST(MusicXmlReader, HarmonyStandsWhereItsOffsetSays) {
  const Score score =
      read(score_text(first_measure(harmony("C", "major", "<offset>4</offset>") + note('C', 4, 8)))).score;
  EXPECT_EQ(score.chord_symbols.at(0).onset, Ticks(960));
}

TEST(MusicXmlReader, InstrumentsBecomeTracks) {
  const char* instruments =
      "<score-instrument id=\"I1\"/><score-instrument id=\"I2\"/><score-instrument id=\"I3\"/>"
      "<midi-instrument id=\"I1\"><midi-channel>1</midi-channel><midi-program>74</midi-program></midi-instrument>"
      "<midi-instrument id=\"I2\"><midi-channel>2</midi-channel><midi-program>41</midi-program></midi-instrument>"
      "<midi-instrument id=\"I3\"><midi-channel>10</midi-channel><midi-unpitched>37</midi-unpitched></midi-instrument>";
  const std::string drum =
      "<note><unpitched><display-step>G</display-step><display-octave>5</display-octave></unpitched>"
      "<duration>2</duration>";
  const Score score = read(score_text(first_measure(note('C', 4, 2, "<instrument id=\"I1\"/>") +
                                                    note('D', 4, 2, "<instrument id=\"I2\"/>") + drum +
                                                    "<instrument id=\"I3\"/></note>" + drum + "</note>"),
                                      instruments))
                          .score;
  ASSERT_EQ(score.tracks.size(), 3u);
  EXPECT_EQ(score.tracks[0].program, 73);
  EXPECT_EQ(score.tracks[1].program, 40);
  EXPECT_TRUE(score.tracks[2].is_drum);
  EXPECT_EQ(spelled(score.tracks[2]), "36@960+480 42@1440+480");
  for (const auto& track : score.tracks) EXPECT_EQ(track.name, "Flute");
}

TEST(MusicXmlReader, SoundChangesTheProgram) {
  const Score score = read(score_text(first_measure(note('C', 4, 4) +
                                                    "<sound><midi-instrument id=\"I1\"><midi-program>41</midi-program>"
                                                    "</midi-instrument></sound>" +
                                                    note('D', 4, 4)),
                                      "<score-instrument id=\"I1\"/>"))
                          .score;
  ASSERT_EQ(score.tracks.size(), 2u);
  EXPECT_EQ(pitches(score.tracks[0]), "60");
  EXPECT_EQ(score.tracks[1].program, 40);
  EXPECT_EQ(pitches(score.tracks[1]), "62");
}

TEST(MusicXmlReader, PartsSoundTogether_PartwiseAndTimewise) {
  const std::string list =
      "<part-list><score-part id=\"A\"><part-name>Soprano</part-name></score-part><score-part id=\"B\">"
      "<part-name>Bass</part-name></score-part></part-list>";
  const std::string head = "<attributes><divisions>2</divisions></attributes>";
  const std::string partwise = "<score-partwise>" + list + "<part id=\"A\"><measure number=\"1\">" + head +
                               note('C', 5, 8) + "</measure><measure number=\"2\">" + note('D', 5, 8) + kBackward +
                               "</measure></part><part id=\"B\"><measure>" + head + note('C', 3, 8) +
                               "</measure><measure>" + note('D', 3, 4) + "</measure></part></score-partwise>";
  const std::string timewise = "<score-timewise>" + list + "<measure number=\"1\"><part id=\"A\">" + head +
                               note('C', 5, 8) + "</part><part id=\"B\">" + head + note('C', 3, 8) +
                               "</part></measure><measure number=\"2\"><part id=\"A\">" + note('D', 5, 8) + kBackward +
                               "</part><part id=\"B\">" + note('D', 3, 4) + "</part></measure></score-timewise>";
  const Score score = read(partwise).score;
  ASSERT_EQ(score.tracks.size(), 2u);
  EXPECT_EQ(score.tracks[0].name, "Soprano");
  EXPECT_EQ(spelled(score.tracks[1]), "48@0+1920 50@1920+960 48@3840+1920 50@5760+960");
  EXPECT_EQ(read(timewise).score, score);
}

TEST(MusicXmlReader, TitlesAndMarkers) {
  std::string text = score_text(first_measure(
      "<direction><direction-type><rehearsal>A</rehearsal></direction-type></direction>" + note('C', 4, 8)));
  text.insert(text.find("<part-list>"),
              "<work><work-title> A\n title </work-title></work><movement-title>B</movement-title>");
  const Score score = read(text).score;
  EXPECT_EQ(score.title, "A  title");
  ASSERT_EQ(score.markers.size(), 1u);
  EXPECT_EQ(score.markers[0].text, "A");
}

TEST(MusicXmlReader, NotesAreCounted) {
  const MusicXmlScore result = read(score_text(
      first_measure(kGrace + note('C', 4, 4, kTieStart) + note('C', 4, 4, kTieStop)) + whole('D', "", kBackward)));
  EXPECT_EQ(result.written_notes, 3u);
  EXPECT_EQ(result.grace_notes, 1u);
  EXPECT_EQ(result.score.note_count(), 4u);
}

TEST(MusicXmlReader, EncodingsAreThoseOfTheDeclaration) {
  const std::string latin =
      "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><score-partwise><movement-title>caf\xE9"
      "</movement-title></score-partwise>";
  EXPECT_EQ(read(latin).score.title, "caf\xC3\xA9");
  std::string utf16 = "\xFF\xFE";
  for (const char c : std::string("<?xml version=\"1.0\" encoding=\"UTF-16\"?><score-partwise><movement-title>wide"
                                  "</movement-title></score-partwise>"))
    utf16 += {c, '\0'};
  EXPECT_EQ(read(utf16).score.title, "wide");
}

TEST(MusicXmlReader, EntitiesAreNotExpanded) {
  const std::string text =
      "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;\"><!ENTITY f SYSTEM "
      "\"/etc/passwd\">]>"
      "<score-partwise><movement-title>&b;&f;&lt;</movement-title></score-partwise>";
  EXPECT_EQ(read(text).score.title, "&b;&f;<");
}

struct BadCase {
  const char* claim;
  std::string text;
  ErrorCode code;
  const char* where;
};

class MusicXmlErrors : public ::testing::TestWithParam<BadCase> {};

TEST_P(MusicXmlErrors, NameThePlace) {
  const auto result = read_musicxml(GetParam().text);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, GetParam().code) << result.error().to_line();
  EXPECT_EQ(result.error().where, GetParam().where) << result.error().to_line();
}

std::string many_repeats() {
  std::string text = first_measure("");
  for (int i = 0; i < 2000; ++i) text += measure(kForward + barline("<repeat direction=\"backward\" times=\"99\"/>"));
  return score_text(text);
}

INSTANTIATE_TEST_SUITE_P(
    All, MusicXmlErrors,
    ::testing::Values(
        BadCase{"empty", "", ErrorCode::empty, ""}, BadCase{"prose", "Once upon a time", ErrorCode::wrong_format, ""},
        BadCase{"other_xml", "<html><body/></html>", ErrorCode::wrong_format, ""},
        BadCase{"opus", "<opus/>", ErrorCode::unsupported, ""},
        BadCase{"cut_off", "<score-partwise><part id=\"P1\">", ErrorCode::truncated, "byte 29"},
        BadCase{"crossed_tags", "<score-partwise><a><b></a></b></score-partwise> ", ErrorCode::malformed, "byte 24"},
        BadCase{"endless_measure",
                score_text(measure("<attributes><divisions>1</divisions></attributes>" + note('C', 4, 900000))),
                ErrorCode::too_large, "part P1, measure 1"},
        BadCase{"endless_repeats", many_repeats(), ErrorCode::too_large, ""}),
    [](const auto& c) { return std::string(c.param.claim); });

TEST(MusicXmlReader, WhatMakesNoSenseIsLeftOut) {
  const MusicXmlScore result = read(score_text(
      first_measure("<note><pitch><step>H</step><octave>4</octave></pitch><duration>2</duration></note>" +
                    note('C', 4, 0) + note('D', 4, 2) + rest(4)) +
      measure("<attributes><key><fifths>40</fifths></key></attributes>" + harmony("C", "other") + note('C', 4, 8))));
  EXPECT_EQ(result.count(MusicXmlDiagnostic::Kind::skipped), 1u);  // the first of a measure
  EXPECT_EQ(result.diagnostics[0].to_line(), "part P1, measure 1: a note without a pitch");
  EXPECT_EQ(pitches(result.score.tracks[0]), "62 60");
  EXPECT_EQ(read("<score-partwise/>").score.note_count(), 0u);
}

TEST(MusicXmlReader, KnowsItselfFromOtherXml) {
  EXPECT_TRUE(looks_like_musicxml(score_text("").substr(0, 200)));
  EXPECT_FALSE(looks_like_musicxml("<?xml version=\"1.0\"?><project/>"));
}

}  // namespace
}  // namespace continuo::notation
