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
using testing::note_list;
using testing::pitches;
using testing::read;
using testing::rest;
using testing::score_text;
using testing::sound;

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
                .diagnostics.count(DiagnosticKind::skipped),
            1u);
}

TEST(MusicXmlReader, BarThatDoesNotAddUp_IsReportedAndTheGridFollows) {
  const MusicXmlScore result =
      read(score_text(first_measure(note('C', 4, 8)) + measure(note('C', 4, 6)) + measure(note('C', 4, 8))));
  ASSERT_EQ(result.diagnostics.count(DiagnosticKind::bar_length), 1u);
  EXPECT_EQ(result.score.time_signatures.size(), 1u);
  EXPECT_EQ(result.score.irregular_bars, (std::vector<score::IrregularBar>{{Ticks(4 * 480), Ticks(3 * 480)}}));
  EXPECT_EQ(result.diagnostics.kept()[0].to_line(), "measure 1: a bar of 3/4 in 4/4 time");
  const score::BarGrid grid(result.score);
  EXPECT_EQ(grid.bars()[2].onset, Ticks(7 * 480));
}

TEST(MusicXmlReader, WithoutTimeSignatureMeasuresMakeTheirOwn) {
  const std::string divisions = "<attributes><divisions>2</divisions></attributes>";
  const MusicXmlScore result = read(score_text(measure(divisions + note('C', 4, 6)) + measure(note('C', 4, 6))));
  ASSERT_EQ(result.score.time_signatures.size(), 1u);
  EXPECT_EQ(result.score.time_signatures[0].numerator, 3);
  EXPECT_EQ(note_list(result.score.tracks[0]), "60@0+1440 60@1440+1440");
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
      note_list(result.score.tracks[1]),
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
  EXPECT_EQ(played("major", "<degree-value>9</degree-value><degree-type>add</degree-type>"), "48 50 52 55");
  EXPECT_EQ(played("dominant", "<degree-value>9</degree-value><degree-type>alter</degree-type>"), "48 52 55 58");
}

TEST(MusicXmlReader, HarmonyStandsWhereItsOffsetSays) {
  const Score score =
      read(score_text(first_measure(harmony("C", "major", "<offset>4</offset>") + note('C', 4, 8)))).score;
  EXPECT_EQ(score.chord_symbols.at(0).onset, Ticks(960));
}

TEST(MusicXmlReader, WhatMakesNoSenseIsLeftOut) {
  const MusicXmlScore result = read(score_text(
      first_measure("<note><pitch><step>H</step><octave>4</octave></pitch><duration>2</duration></note>" +
                    note('C', 4, 0) + note('D', 4, 2) + rest(4)) +
      measure("<attributes><key><fifths>40</fifths></key></attributes>" + harmony("C", "other") + note('C', 4, 8))));
  EXPECT_EQ(result.diagnostics.count(DiagnosticKind::skipped), 1u);  // the first of a measure
  EXPECT_EQ(result.diagnostics.kept()[0].to_line(), "part P1, measure 1: a note without a pitch");
  EXPECT_EQ(pitches(result.score.tracks[0]), "62 60");
  EXPECT_EQ(read("<score-partwise/>").score.note_count(), 0u);
}

}  // namespace
}  // namespace continuo::notation
