#include "laws.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "continuo/tokens/note_chord.h"
#include "continuo/tokens/performance.h"
#include "continuo/tokens/remi.h"

#include "random_score.h"

namespace continuo::tokens {
namespace {

using score::Note;
using score::Score;
using score::Track;

void expect_laws_on_random_scores(const std::function<std::shared_ptr<const Tokenizer>(const Score&)>& make) {
  const bool held = rc::check([&] {
    const Score score = random_score(*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::inRange(1, 200));
    const LawCheck check = check_laws(*make(score), score);
    if (!check.violation.empty()) RC_FAIL(check.violation);
    RC_ASSERT(!check.tokens.empty());
  });
  EXPECT_TRUE(held);
}

TEST(Laws, RemiOnRandomScores) {
  for (const int grid : {4, 8, 12, 16, 24}) {
    const auto tokenizer = make_remi({grid}).value();
    expect_laws_on_random_scores([&](const Score&) { return tokenizer; });
  }
}

TEST(Laws, PerformanceOnRandomScores) {
  for (const bool drums : {false, true}) {
    const auto tokenizer = make_performance({drums});
    expect_laws_on_random_scores([&](const Score&) { return tokenizer; });
  }
}

TEST(Laws, NoteChordOnRandomScores) {
  for (const int steps_per_quarter : {1, 4, 12}) {
    expect_laws_on_random_scores([&](const Score& score) {
      NoteChordOptions options;
      options.steps_per_quarter = steps_per_quarter;
      options.min_count = 1 + int(score.note_count() % 2);
      return make_note_chord({&score, 1}, options).value();
    });
  }
}

// The rest of this file looks at quantise() from outside, so that the laws do not hold for want of music.

std::set<std::pair<std::int64_t, int>> strikes(const Score& score, std::int64_t ticks_per_step) {
  std::set<std::pair<std::int64_t, int>> found;
  for (const Track& track : score.tracks)
    for (const Note& note : track.notes)
      found.emplace((2 * note.onset.value + ticks_per_step) / (2 * ticks_per_step), note.pitch);
  return found;
}

Score one_track(Score score) {
  for (std::size_t i = 1; i < score.tracks.size(); ++i)
    std::copy(score.tracks[i].notes.begin(), score.tracks[i].notes.end(), std::back_inserter(score.tracks[0].notes));
  score.tracks.resize(1);
  score.tracks[0].is_drum = false;
  score.sort();
  return score;
}

// Where the random music has a silence that is shortened, times differ, and there is nothing to compare.
bool has_long_silence(const Score& score) {
  const std::vector<Note>& notes = score.tracks[0].notes;
  score::Ticks last{0};
  for (const Note& note : notes) {
    if ((note.onset - last).value > 4 * score.ticks_per_quarter) return true;
    last = note.onset;
  }
  return false;
}

TEST(Quantise, RemiKeepsEveryStrikeAtItsNearestPosition) {
  const auto tokenizer = make_remi().value();
  EXPECT_TRUE(rc::check([&] {
    const Score score = one_track(random_score(*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::inRange(1, 60)));
    RC_PRE(!has_long_silence(score));
    Score fine = score;  // in twelfths of its ticks: a position is ticks_per_quarter of them
    for (Note& note : fine.tracks[0].notes) note.onset = note.onset * 12;
    RC_ASSERT(strikes(tokenizer->quantise(score).value(), 40) == strikes(fine, score.ticks_per_quarter));
  }));
}

TEST(Quantise, PerformanceKeepsEveryStrikeWithinFiveMilliseconds) {
  const auto tokenizer = make_performance();
  EXPECT_TRUE(rc::check([&] {
    const Score score = one_track(random_score(*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::inRange(1, 60)));
    RC_PRE(!has_long_silence(score));
    const Score quantised = tokenizer->quantise(score).value();
    for (const Note& note : score.tracks[0].notes) {
      const double wanted = score.tempo_map().to_seconds(note.onset).value;
      const auto& notes = quantised.tracks[0].notes;
      RC_ASSERT(std::any_of(notes.begin(), notes.end(), [&](const Note& kept) {
        return kept.pitch == note.pitch && std::abs(kept.onset.value / 1000.0 - wanted) <= 0.0050001;
      }));
    }
    RC_ASSERT(quantised.note_count() <= score.note_count());
  }));
}

TEST(Quantise, NoPitchOfOneInstrumentSoundsTwiceAtATime) {
  EXPECT_TRUE(rc::check([&] {
    const Score score = random_score(*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::inRange(1, 100));
    for (const auto& tokenizer : {make_remi().value(), make_performance(), make_note_chord({&score, 1}).value()}) {
      const Score quantised = tokenizer->quantise(score).value();
      for (const Track& track : quantised.tracks) {
        std::vector<std::int64_t> sounds_until(128, 0);
        for (const Note& note : track.notes) {
          RC_ASSERT(note.duration.value > 0);
          RC_ASSERT(note.onset.value >= sounds_until[note.pitch]);
          sounds_until[note.pitch] = note.end().value;
        }
      }
    }
  }));
}

}  // namespace
}  // namespace continuo::tokens
