#include "../src/written/performer.h"

#include <string>

#include <gtest/gtest.h>

#include "musicxml_text.h"

namespace continuo::notation::written {
namespace {

using testing::note_list;

constexpr Units kQuarter = 480;

// A measure in 4/4 of quarters of the given pitches; 0 is a rest.
Measure quarters(std::string place, const std::vector<int>& pitches) {
  Measure measure;
  measure.place = std::move(place);
  measure.meter = Meter{};
  for (const int pitch : pitches) {
    if (pitch > 0) {
      measure.notes.push_back(
          {.offset = measure.length, .duration = kQuarter, .pitch = static_cast<std::uint8_t>(pitch)});
    }
    measure.length += kQuarter;
  }
  return measure;
}

WrittenScore score_of(std::vector<std::vector<Measure>> parts) {
  WrittenScore score;
  score.units_per_quarter = kQuarter;
  for (auto& measures : parts) {
    const std::string id = std::to_string(score.parts.size() + 1);
    score.parts.push_back({.id = id, .name = id, .instruments = {{}}, .measures = std::move(measures)});
  }
  return score;
}

score::Score perform(const WrittenScore& written, Diagnostics* diagnostics = nullptr) {
  Diagnostics own;
  const auto performed = written::perform(written, {}, diagnostics != nullptr ? *diagnostics : own);
  EXPECT_TRUE(performed.ok()) << (performed.ok() ? "" : performed.error().to_line());
  return performed.ok() ? performed->piece.score : score::Score{};
}

TEST(Performer, NothingIsAScoreWithoutNotes) { EXPECT_EQ(perform(WrittenScore{}).note_count(), 0u); }

TEST(Performer, TieThatIsNotStoppedContinuesUnlessMusicGoesBack) {
  Measure first = quarters("1", {60, 0, 0, 60}), second = quarters("2", {60, 0, 0, 62});
  first.notes.back().starts_tie = true;
  EXPECT_EQ(note_list(perform(score_of({{first, second}})).tracks[0]), "60@0+480 60@1440+960 62@3360+480");
  first.navigation.passes = 2;
  EXPECT_EQ(note_list(perform(score_of({{first}})).tracks[0]), "60@0+480 60@1440+480 60@1920+480 60@3360+480");
  first.notes.front().stops_tie = true;
  EXPECT_EQ(note_list(perform(score_of({{first}})).tracks[0]), "60@0+480 60@1440+960 60@3360+480");
}

TEST(Performer, EachOfTwoEqualNotesIsTiedByItself) {
  Measure measure = quarters("1", {60, 60, 0, 0});
  measure.notes.insert(measure.notes.begin(), measure.notes.front());
  measure.notes[0].starts_tie = measure.notes[1].starts_tie = true;
  measure.notes.push_back(measure.notes.back());
  for (std::size_t i = 2; i < 4; ++i) measure.notes[i].stops_tie = true;
  EXPECT_EQ(note_list(perform(score_of({{measure}})).tracks[0]), "60@0+960 60@0+960");
}

TEST(Performer, TieSlackBridgesRoundedTuplets) {
  Measure measure = quarters("1", {60, 60, 0, 0});
  measure.notes[0].starts_tie = measure.notes[1].stops_tie = true;
  measure.notes[0].duration -= 5;
  WrittenScore score = score_of({{measure}});
  EXPECT_EQ(perform(score).tracks[0].notes.size(), 2u);
  score.conventions.tie_slack = 7;
  EXPECT_EQ(perform(score).tracks[0].notes.size(), 1u);
}

TEST(Performer, PartsThatDoNotShareMeasuresPlayInAnOrderOfTheirOwn) {
  Measure repeated = quarters("1", {60, 60, 60, 60});
  repeated.navigation.passes = 2;
  const Measure other = quarters("1", {72, 72, 72, 72}), last = quarters("2", {74, 74, 74, 74});
  WrittenScore score = score_of({{repeated}, {other, last}});
  Diagnostics diagnostics;
  EXPECT_EQ(perform(score, &diagnostics).tracks[1].notes.size(), 12u);
  EXPECT_EQ(diagnostics.count(DiagnosticKind::parts), 1u);
  score.conventions.parts_share_measures = false;
  EXPECT_EQ(perform(score).tracks[1].notes.size(), 8u);
}

TEST(Performer, OddMeasureIsAnIrregularBar) {
  const Measure full = quarters("1", {60, 60, 60, 60}), odd = quarters("2", {60, 60, 60});
  Diagnostics diagnostics;
  const score::Score score = perform(score_of({{full, odd, full, full}}), &diagnostics);
  EXPECT_EQ(score.time_signatures.size(), 1u);
  EXPECT_EQ(score.irregular_bars, (std::vector<score::IrregularBar>{{score::Ticks(1920), score::Ticks(1440)}}));
  EXPECT_EQ(diagnostics.kept()[0].to_line(), "2: a bar of 3/4 in 4/4 time");
}

TEST(Performer, AccentsFollowTheMeterOfTheFirstPartOrOfThePart) {
  Measure common = quarters("1", {60, 60, 60, 60}), other = quarters("1", {72, 72, 72, 72});
  other.meter = Meter{12, 8};  // beats are dotted quarters
  WrittenScore score = score_of({{common}, {other}});
  EXPECT_EQ(perform(score).tracks[1].notes[1].velocity, 80);
  score.conventions.parts_have_own_meter = true;
  EXPECT_EQ(perform(score).tracks[1].notes[1].velocity, 74);
  EXPECT_EQ(perform(score).tracks[0].notes[0].velocity, 88);
}

TEST(Performer, TempoOfTheHeaderGivesWayToOneInTheMusic) {
  WrittenScore score = score_of({{quarters("1", {60, 60, 60, 60})}, {quarters("1", {72, 72, 72, 72})}});
  score.tempo = 600000;
  EXPECT_EQ(perform(score).tempos.at(0).microseconds_per_quarter, 600000);
  score.parts[0].measures[0].tempos.push_back({0, 400000});
  score.parts[1].measures[0].tempos.push_back({0, 300000});
  ASSERT_EQ(perform(score).tempos.size(), 1u);
  EXPECT_EQ(perform(score).tempos[0].microseconds_per_quarter, 400000);
}

TEST(Performer, KeysAreThoseOfTheFirstPartAndChangesAlone) {
  std::vector<Measure> measures(4, quarters("1", {60, 60, 60, 60}));
  measures[0].key = measures[1].key = Key{2, false};
  measures[2].key = Key{.is_none = true};
  measures[3].key = Key{-1, true};
  const auto keys = perform(score_of({measures})).key_signatures;
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].name(), "D major");
  EXPECT_EQ(keys[1].name(), "D minor");
}

TEST(Performer, MarkersOfOneInstantAreThereOnce) {
  WrittenScore score = score_of({{quarters("1", {60, 60, 60, 60})}, {quarters("1", {72, 72, 72, 72})}});
  for (Part& part : score.parts) part.measures[0].markers = {{0, "A"}, {0, "B"}};
  score.parts[0].measures[0].chord_symbols = {{0, "C"}, {960, "G"}};
  const auto played = perform(score);
  EXPECT_EQ(played.markers.size(), 2u);
  EXPECT_EQ(played.chord_symbols.size(), 2u);
  EXPECT_EQ(played.tracks.back().name, "Chords");
}

TEST(Performer, TicksMakeEveryLengthWholeUnlessTheConventionFixesThem) {
  Measure measure = quarters("1", {60});
  measure.notes[0].duration = 1;
  WrittenScore score = score_of({{measure}});
  score.units_per_quarter = kQuarter * 7;
  EXPECT_EQ(perform(score).ticks_per_quarter, 3360);
  score.conventions.ticks_per_quarter = 480;
  EXPECT_EQ(perform(score).ticks_per_quarter, 480);
}

TEST(Performer, RepeatsThatNeverEndAreRefused) {
  std::vector<Measure> measures(2000, quarters("1", {60, 60, 60, 60}));
  measures.back().navigation.passes = 99;
  Diagnostics diagnostics;
  EXPECT_EQ(written::perform(score_of({measures}), {}, diagnostics).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace continuo::notation::written
