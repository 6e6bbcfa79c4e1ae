#include "continuo/metrics/piece_measures.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "scores.h"

namespace continuo::metrics {
namespace {

std::optional<double> value_of(const PieceMeasures& measures, std::string_view group, std::string_view name) {
  for (const auto& field : measure_fields())
    if (field.group == group && field.name == name) return field.value(measures);
  ADD_FAILURE() << "there is no measure " << name << " in " << group;
  return {};
}

TEST(PieceMeasures, Fields_AreNamedOnceInEachGroup) {
  std::set<std::string> names;
  for (const auto& field : measure_fields())
    EXPECT_TRUE(names.insert(std::string(field.group) + "." + std::string(field.name)).second) << field.name;
  EXPECT_GT(names.size(), 30u);
}

TEST(PieceMeasures, Fields_ReadTheirMember) {
  const auto measures = measure_piece(score_of({note(0, 480, 60), note(480, 480, 64), note(1440, 480, 57)}));
  EXPECT_EQ(value_of(measures, "continuo", "notes"), 3);
  EXPECT_EQ(value_of(measures, "continuo", "pitch_range"), 7);
  EXPECT_EQ(value_of(measures, "muspy", "pitch_range"), 7);
  EXPECT_EQ(value_of(measures, "muspy", "n_pitches_used"), 3);
  EXPECT_EQ(value_of(measures, "mgeval", "inter_onset_interval"), 0.75);
  EXPECT_EQ(value_of(measures, "faults", "silent_quarters"), 1);
  EXPECT_EQ(value_of(measures, "muspy", "drum_pattern_consistency"), std::nullopt);
}

TEST(PieceMeasures, DrumsAlone_HaveNoMeasuresOfPitch) {
  const auto measures = measure_piece(score_of({note(0, 480, 36), note(480, 480, 38)}, true));
  EXPECT_EQ(value_of(measures, "continuo", "pitch_mean"), std::nullopt);
  EXPECT_EQ(value_of(measures, "continuo", "scale_consistency"), std::nullopt);
  EXPECT_EQ(value_of(measures, "muspy", "pitch_range"), std::nullopt);
  EXPECT_EQ(value_of(measures, "muspy", "n_pitches_used"), std::nullopt);
  EXPECT_EQ(value_of(measures, "muspy", "polyphony_rate"), std::nullopt);
  EXPECT_EQ(value_of(measures, "mgeval", "note_count"), std::nullopt);
  EXPECT_EQ(value_of(measures, "continuo", "notes"), 2);
  EXPECT_EQ(value_of(measures, "muspy", "drum_pattern_consistency"), 1);
}

TEST(PieceMeasures, OneNote_HasNothingBetweenNotes) {
  const auto measures = measure_piece(score_of({note(0, 480, 60)}));
  EXPECT_EQ(value_of(measures, "mgeval", "inter_onset_interval"), std::nullopt);
  EXPECT_EQ(value_of(measures, "mgeval", "pitch_interval"), std::nullopt);
  EXPECT_EQ(value_of(measures, "muspy", "n_pitches_used"), 1);
}

}  // namespace
}  // namespace continuo::metrics
