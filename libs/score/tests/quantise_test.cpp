#include "continuo/score/quantise.h"

#include <algorithm>
#include <tuple>

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

TEST(Resample, NotesOfOneTickGoOnLastingOne) {
  Score score;
  score.tracks.resize(1);
  score.tracks[0].notes = {{Ticks(0), Ticks(1), 60, 80}, {Ticks(480), Ticks(0), 60, 80}};
  const Score coarse = resampled(score, 24);
  EXPECT_EQ(coarse.tracks[0].notes[0].duration, Ticks(1));
  EXPECT_EQ(coarse.tracks[0].notes[1].duration, Ticks(0));
}

TEST(Resample, MultipleAndBackIsTheSame) {
  Score score = one_track({{Ticks(7), Ticks(11), 60, 80}, {Ticks(9), Ticks(0), 61, 80}});
  score.tempos = {{Ticks(3), 400000}};
  score.markers = {{Ticks(5), "A"}};
  EXPECT_EQ(resampled(resampled(score, 4800), 480), score);
  EXPECT_EQ(resampled(score, 960).tempos[0].onset, Ticks(6));
}

// Half way goes up: by the definition, with fractions that are exact.
std::int64_t nearest(std::int64_t time, std::int64_t from, std::int64_t to) {
  const std::int64_t twice = 2 * time * to;
  return (twice + from) / (2 * from);
}

// A score with events of every kind at random times, sorted.
Score busy_score(Rng& rng, std::int32_t ticks_per_quarter) {
  Score score = one_track({}, ticks_per_quarter);
  const auto time = [&] { return Ticks(static_cast<std::int64_t>(rng.below(50000))); };
  for (int i = 0; i < 40; ++i) {
    score.tracks[0].notes.push_back(
        {time(), Ticks(static_cast<std::int64_t>(rng.below(3) * rng.below(900))), std::uint8_t(rng.below(128)), 80});
    score.tracks[0].controls.push_back({time(), 64, std::uint8_t(i)});
    score.tracks[0].pitch_bends.push_back({time(), std::int16_t(i)});
    score.tracks[0].pressures.push_back({time(), std::int16_t(i), 1});
    score.tempos.push_back({time(), 400000 + i});
    score.time_signatures.push_back({time(), 1 + i, 4});
    score.key_signatures.push_back({time(), i % 7, false});
    score.chord_symbols.push_back({time(), "C" + std::to_string(i)});
    score.markers.push_back({time(), std::to_string(i)});
  }
  score.sort();
  return score;
}

template <typename Event>
void expect_moved(std::vector<Event> events, const std::vector<Event>& moved, std::int64_t from, std::int64_t to) {
  for (Event& event : events) event.onset = Ticks(nearest(event.onset.value, from, to));
  EXPECT_EQ(events, moved);  // monotonous, so sorted lists stay sorted
}

TEST(Resample, EventsKeepTheirPlaceUnlessTheyComeFromSeveralTicks) {
  Score score = one_track({}, 960);
  score.tracks[0].controls = {{Ticks(100), 64, 0, TickPlace::after_onsets},
                              {Ticks(101), 64, 127, TickPlace::before_ends},
                              {Ticks(960), 64, 0, TickPlace::before_ends},
                              {Ticks(960), 64, 127, TickPlace::after_onsets}};
  EXPECT_EQ(resampled(score, 96).tracks[0].controls,
            (std::vector<ControlChange>{{Ticks(10), 64, 0},
                                        {Ticks(10), 64, 127},
                                        {Ticks(96), 64, 0, TickPlace::before_ends},
                                        {Ticks(96), 64, 127, TickPlace::after_onsets}}));
}

TEST(Resample, MovesEventsOfEveryKindToTheNearestTick) {
  Rng rng(5);
  for (const std::int32_t from : {1, 96, 100, 480, 1024}) {
    for (const std::int32_t to : {1, 24, 96, 480, 960, 1000}) {
      const Score score = busy_score(rng, from);
      const Score moved = resampled(score, to);
      EXPECT_EQ(moved.ticks_per_quarter, to);
      expect_moved(score.tracks[0].controls, moved.tracks[0].controls, from, to);
      expect_moved(score.tracks[0].pitch_bends, moved.tracks[0].pitch_bends, from, to);
      expect_moved(score.tracks[0].pressures, moved.tracks[0].pressures, from, to);
      expect_moved(score.tempos, moved.tempos, from, to);
      expect_moved(score.time_signatures, moved.time_signatures, from, to);
      expect_moved(score.key_signatures, moved.key_signatures, from, to);
      expect_moved(score.chord_symbols, moved.chord_symbols, from, to);
      expect_moved(score.markers, moved.markers, from, to);
      std::vector<Note> notes = score.tracks[0].notes;
      for (Note& note : notes) {
        const Ticks onset(nearest(note.onset.value, from, to)), end(nearest(note.end().value, from, to));
        note.duration = note.duration == Ticks(0) ? Ticks(0) : std::max(Ticks(1), end - onset);
        note.onset = onset;
      }
      std::stable_sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) {
        return std::tie(a.onset, a.pitch, a.duration) < std::tie(b.onset, b.pitch, b.duration);
      });
      EXPECT_EQ(notes, moved.tracks[0].notes);
    }
  }
}

TEST(Quantise, NotesThatMeetOnAStepAreSortedByPitch) {
  const Score snapped = quantised(one_track({{Ticks(0), Ticks(120), 70, 80}, {Ticks(5), Ticks(120), 60, 80}}), 4);
  EXPECT_EQ(snapped.tracks[0].notes[0].pitch, 60);
  EXPECT_EQ(snapped.tracks[0].notes[1].pitch, 70);
}

TEST(Quantise, TimesBeforeZeroRoundLikeTheOthers) {
  for (std::int64_t time = -1000; time <= 1000; ++time) {
    EXPECT_EQ(nearest_step(Ticks(time), 480, 4), nearest_step(Ticks(time + 4800), 480, 4) - 40) << time;
  }
}

TEST(Resampled, IrregularBarKeepsItsEnds) {
  Score score;
  score.ticks_per_quarter = 480;
  score.irregular_bars = {{Ticks(1920), Ticks(1440)}, {Ticks(1), Ticks(1)}};
  const Score coarse = resampled(score, 24);
  EXPECT_EQ(coarse.irregular_bars, (std::vector<IrregularBar>{{Ticks(0), Ticks(1)}, {Ticks(96), Ticks(72)}}));
}

}  // namespace
}  // namespace continuo::score
