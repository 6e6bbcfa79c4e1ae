#include "continuo/metrics/ranking.h"

#include <vector>

#include <gtest/gtest.h>

namespace continuo::metrics {
namespace {

using score::Score;
using score::Ticks;

// A note of one quarter each, at distances of `step` ticks.
Score line(const std::vector<int>& pitches, std::int64_t step = 480, bool is_drum = false) {
  Score score;
  score.tracks.push_back({.is_drum = is_drum});
  for (std::size_t i = 0; i < pitches.size(); ++i)
    score.tracks[0].notes.push_back(
        {.onset = Ticks(std::int64_t(i) * step), .duration = Ticks(480), .pitch = std::uint8_t(pitches[i])});
  return score;
}

TEST(Closeness, IsOneOfTheSameMusic) {
  const Score score = line({60, 64, 67, 72});
  EXPECT_DOUBLE_EQ(closeness(score, score).mean(), 1);
}

TEST(Closeness, PitchClasses_AreTheSharesThatBothHave) {
  EXPECT_DOUBLE_EQ(closeness(line({60, 62, 64, 65}), line({60, 62, 66, 68})).pitch_classes, 0.5);
  EXPECT_DOUBLE_EQ(closeness(line({60}), line({61})).pitch_classes, 0);
  EXPECT_DOUBLE_EQ(closeness(line({36}, 480, true), line({61})).pitch_classes, 1) << "drums have none";
}

TEST(Closeness, Density_IsOfNotesPerQuarterWhereverTheMusicBegins) {
  Score late = line({60, 62, 64, 65});
  for (score::Note& note : late.tracks[0].notes) note.onset = note.onset + Ticks(48000);
  EXPECT_DOUBLE_EQ(closeness(late, line({60, 62, 64, 65})).density, 1);
  EXPECT_DOUBLE_EQ(closeness(line({60, 62, 64}, 240), line({60, 62, 64, 65})).density, 1 / 1.5);
  EXPECT_DOUBLE_EQ(closeness(Score(), line({60})).density, 0);
}

TEST(NewNotes, AreThoseThatTheGivenPieceLacks) {
  const Score given = line({60, 62}), piece = line({60, 62, 64});
  const Score fresh = new_notes(piece, given);
  ASSERT_EQ(fresh.note_count(), 1u);
  EXPECT_EQ(fresh.tracks[0].notes[0].pitch, 64);
  EXPECT_EQ(new_notes(piece, Score()).note_count(), 3u);
}

TEST(Ranked, ByLikelihoodAlone) {
  EXPECT_EQ(ranked(std::vector<Rated>{{-2, {}}, {-1, {}}, {-3, {}}, {-1, {}}}), (std::vector<std::size_t>{1, 3, 0, 2}));
  EXPECT_TRUE(ranked({}).empty());
}

TEST(Ranked, ByTheMeanOfBothPlaces) {
  // Places by likelihood 0, 1, 2; by closeness 2, 0, 1.
  EXPECT_EQ(ranked(std::vector<Rated>{{-1, 0.1}, {-2, 0.9}, {-3, 0.5}}), (std::vector<std::size_t>{1, 0, 2}));
}

}  // namespace
}  // namespace continuo::metrics
