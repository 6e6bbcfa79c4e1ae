#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"
#include "continuo/generate/compose.h"
#include "continuo/tokens/event_words.h"
#include "continuo/tokens/performance.h"

#include "../src/performing/score_player.h"
#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;
using score::Note;
using score::Score;
using score::Ticks;

// At 125 quarters a minute a tick is a step of 10 ms.
constexpr std::int32_t kTicksPerQuarter = 48;

Score piece_of(std::vector<Note> notes) {
  Score piece;
  piece.ticks_per_quarter = kTicksPerQuarter;
  piece.tempos = {{Ticks(0), 480000}};
  piece.tracks.push_back({.name = "Piano", .notes = std::move(notes)});
  piece.sort();
  return piece;
}

// Chords, runs, keys that are struck again at once, notes of one step.
Score random_piece(std::uint64_t seed) {
  Rng rng(seed);
  std::vector<Note> notes;
  std::set<std::pair<std::int64_t, int>> taken;
  std::int64_t time = std::int64_t(rng.below(300));
  for (int i = 0; i < 80; ++i) {
    const int pitch = int(rng.below(3) == 0 ? 60 : 21 + rng.below(88));
    const auto duration = std::int64_t(1 + rng.below(rng.below(2) == 0 ? 4 : 200));
    if (taken.insert({time, pitch}).second) notes.push_back({Ticks(time), Ticks(duration), std::uint8_t(pitch), 80});
    if (rng.below(2) == 0) time += std::int64_t(rng.below(rng.below(3) == 0 ? 3 : 60));
  }
  return piece_of(notes);
}

Composer composer(Taste taste, int context = 128) {
  return fake_composer("performance", taste, {.context_length = context});
}

ComposeOptions performance_of(const Score& piece, double timing, std::uint64_t seed) {
  ComposeOptions options{.primer = piece, .seed = seed};
  options.perform = ComposeOptions::Perform{.timing = timing};
  return options;
}

// By pitch, in the order of time.
std::map<int, std::vector<Note>> by_pitch(const score::Track& track) {
  std::map<int, std::vector<Note>> notes;
  for (const Note& note : track.notes) notes[note.pitch].push_back(note);
  return notes;
}

TEST(Perform, EveryNoteIsPlayed_InItsTurn_NearItsPlace) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Score piece = random_piece(seed);
    const Taste taste = kTastes[seed % std::size(kTastes)];
    for (const int steps : {0, 1, 4, 20}) {
      const auto made = run(composer(taste, 128), performance_of(piece, steps / 100.0, seed));
      ASSERT_TRUE(made.ok()) << seed << ": " << made.error().to_line();
      const auto &before = piece.tracks.at(0).notes, &after = made->score.tracks.at(0).notes;
      ASSERT_EQ(after.size(), before.size());
      const auto written = by_pitch(piece.tracks[0]), played = by_pitch(made->score.tracks[0]);
      for (const auto& [pitch, notes] : written) {
        ASSERT_EQ(played.at(pitch).size(), notes.size());
        for (std::size_t i = 0; i < notes.size(); ++i) {
          const Note& note = played.at(pitch)[i];
          EXPECT_LE(std::abs((note.onset - notes[i].onset).value), steps) << seed;
          EXPECT_GE(note.duration.value, 1);
          EXPECT_GT(note.velocity, 0);
        }
      }
      EXPECT_EQ(made->score.tempos, piece.tempos);
      EXPECT_EQ(made->score.tracks[0].name, "Piano");
    }
  }
}

TEST(Perform, NotesOfAnOnsetComeBeforeThoseOfALaterOne) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const Score piece = random_piece(seed);
    const auto made = run(composer(Taste::kWhim), performance_of(piece, 0.2, seed));
    ASSERT_TRUE(made.ok());
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> spans;  // by written onset: first and last played
    const auto written = by_pitch(piece.tracks[0]), played = by_pitch(made->score.tracks[0]);
    for (const auto& [pitch, notes] : written) {
      for (std::size_t i = 0; i < notes.size(); ++i) {
        const std::int64_t at = played.at(pitch)[i].onset.value;
        const auto [span, is_new] = spans.insert({notes[i].onset.value, {at, at}});
        span->second = {std::min(span->second.first, at), std::max(span->second.second, at)};
      }
    }
    for (auto next = std::next(spans.begin()); next != spans.end(); ++next)
      EXPECT_LT(std::prev(next)->second.second, next->second.first) << seed;
  }
}

TEST(Perform, AnotherTempoAndOtherTracksStay) {
  Score piece = random_piece(1);
  piece.tempos.push_back({Ticks(200), 1'000'000});
  piece.tracks.push_back({.name = "Kit", .is_drum = true, .notes = {{Ticks(0), Ticks(10), 36, 90}}});
  piece.tracks.push_back({.name = "Also", .program = 40, .notes = piece.tracks[0].notes});
  const auto made = run(composer(Taste::kWhim), performance_of(piece, 0.04, 3));
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ(made->score.tempos, piece.tempos);
  EXPECT_EQ(made->score.tracks[1], piece.tracks[1]);
  EXPECT_EQ(made->score.tracks[2].notes, made->score.tracks[0].notes) << "one key plays both";
}

TEST(Perform, EqualSeedsGiveEqualPieces_OthersOthers) {
  const Score piece = random_piece(2);
  const auto played = [&](std::uint64_t seed) {
    return run(composer(Taste::kUniform), performance_of(piece, 0.04, seed))->score;
  };
  EXPECT_EQ(played(1), played(1));
  EXPECT_NE(played(1), played(2));
}

TEST(Perform, RefusesWhatItCannotDo) {
  const auto problem = [](const Composer& c, const ComposeOptions& options) {
    const auto made = run(c, options);
    return made.ok() ? std::string() : made.error().what;
  };
  const Score piece = random_piece(3);
  EXPECT_NE(problem(fake_composer("remi", Taste::kWhim), performance_of(piece, 0.04, 1)).find("of performance can"),
            std::string::npos);
  EXPECT_NE(problem(composer(Taste::kWhim), performance_of(piece, 0.3, 1)).find("0.2 s"), std::string::npos);
  ComposeOptions nothing;
  nothing.perform = ComposeOptions::Perform{};
  EXPECT_EQ(problem(composer(Taste::kWhim), nothing), "performing needs a piece");
  const Score silent = piece_of({{Ticks(0), Ticks(10), 60, 80}, {Ticks(4000), Ticks(10), 60, 80}});
  EXPECT_NE(problem(composer(Taste::kWhim), performance_of(silent, 0.04, 1)).find("silent for more than 30 s"),
            std::string::npos);
  Score drums = piece_of({{Ticks(0), Ticks(10), 36, 80}});
  drums.tracks[0].is_drum = true;
  EXPECT_EQ(problem(composer(Taste::kWhim), performance_of(drums, 0.04, 1)),
            "the piece has no notes that a keyboard plays");
}

// Of a chord at the end of its window the lowest note comes first, so that none is left.
TEST(ScorePlayer, AtTheEndOfAWindowNotesComeByRisingPitch) {
  const auto tokenizer = tokens::make_performance({});
  const tokens::EventWords& words = *tokenizer->event_words();
  ScorePlayer player({{.pitch = 60, .onset = 10, .end = 20}, {.pitch = 64, .onset = 10, .end = 20}}, 2, words);
  const auto left = [&](TokenId token) {
    std::vector<std::uint8_t> legal(std::size_t(tokenizer->vocabulary().size()), 1);
    player.limit(legal);
    return legal[std::size_t(token)] != 0;
  };
  EXPECT_FALSE(left(words.wait + 6));
  EXPECT_TRUE(left(words.wait + 7)) << "8 steps, where the window begins";
  EXPECT_TRUE(left(words.wait + 11));
  EXPECT_FALSE(left(words.wait + 12)) << "beyond its end";
  player.accept(words.wait + 11);
  EXPECT_TRUE(left(words.key_down + 60));
  EXPECT_FALSE(left(words.key_down + 64));
  player.accept(words.key_down + 60);
  EXPECT_TRUE(left(words.key_down + 64));
  EXPECT_FALSE(left(words.wait));
}

}  // namespace
}  // namespace continuo::generate
