#include "continuo/score/quantise.h"

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

namespace continuo::score {
namespace {

Score one_track(std::vector<Note> notes, std::int32_t ticks_per_quarter = 480) {
  Score score;
  score.ticks_per_quarter = ticks_per_quarter;
  score.tracks.resize(1);
  score.tracks[0].notes = std::move(notes);
  return score;
}

TEST(Quantise, HalfWayGoesToTheLaterStep) {
  EXPECT_EQ(nearest_step(Ticks(59), 480, 4), 0);
  EXPECT_EQ(nearest_step(Ticks(60), 480, 4), 1);
  EXPECT_EQ(nearest_step(Ticks(179), 480, 4), 1);
  EXPECT_EQ(nearest_step(Ticks(180), 480, 4), 2);
}

TEST(Quantise, SnapsOnsetsAndEnds) {
  const Score snapped = quantised(one_track({{Ticks(50), Ticks(180), 60, 80}}), 4);
  EXPECT_EQ(snapped.tracks[0].notes[0], (Note{Ticks(0), Ticks(240), 60, 80}));
}

TEST(Quantise, NotesLastAtLeastOneStep) {
  const Score snapped = quantised(one_track({{Ticks(130), Ticks(2), 60, 80}, {Ticks(300), Ticks(0), 61, 80}}), 4);
  EXPECT_EQ(snapped.tracks[0].notes[0], (Note{Ticks(120), Ticks(120), 60, 80}));
  EXPECT_EQ(snapped.tracks[0].notes[1], (Note{Ticks(360), Ticks(120), 61, 80}));
}

TEST(Quantise, GridThatDoesNotDivideResamples) {
  const Score snapped = quantised(one_track({{Ticks(40), Ticks(20), 60, 80}}, 100), 12);
  EXPECT_EQ(snapped.ticks_per_quarter, 96);
  EXPECT_EQ(snapped.tracks[0].notes[0].onset, Ticks(40));     // 4.8 steps: the fifth of 8 ticks each
  EXPECT_EQ(snapped.tracks[0].notes[0].duration, Ticks(16));  // until 7.2 steps
}

TEST(Quantise, IsIdempotent) {
  Rng rng(3);
  for (const int steps : {1, 3, 4, 12, 24, 96}) {
    Score score = one_track({});
    for (int i = 0; i < 300; ++i) {
      score.tracks[0].notes.push_back({Ticks(static_cast<std::int64_t>(rng.below(20000))),
                                       Ticks(static_cast<std::int64_t>(rng.below(2000))),
                                       static_cast<std::uint8_t>(rng.below(128)), 80});
    }
    const Score once = quantised(score, steps);
    EXPECT_EQ(quantised(once, steps), once);
    for (const Note& note : once.tracks[0].notes) {
      EXPECT_EQ(note.onset.value * steps % once.ticks_per_quarter, 0);
      EXPECT_GT(note.duration, Ticks(0));
    }
  }
}

TEST(Resample, MultipleAndBackIsTheSame) {
  Score score = one_track({{Ticks(7), Ticks(11), 60, 80}, {Ticks(9), Ticks(0), 61, 80}});
  score.tempos = {{Ticks(3), 400000}};
  score.markers = {{Ticks(5), "A"}};
  EXPECT_EQ(resampled(resampled(score, 4800), 480), score);
  EXPECT_EQ(resampled(score, 960).tempos[0].onset, Ticks(6));
}

}  // namespace
}  // namespace continuo::score
