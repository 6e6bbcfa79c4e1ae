#include "continuo/dataset/window_tasks.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "continuo/dataset/musical_places.h"
#include "continuo/dataset/windows.h"
#include "continuo/tokens/beat_tokenizers.h"
#include "continuo/tokens/track_cells.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::dataset {
namespace {

using tokens::CellBar;
using tokens::kBos;
using tokens::kEos;
using tokens::TrackCell;
using Role = tokens::TrackCells::Role;

// A piece of `bars` bars for piano, two basses and drums. Each note is of another pitch or place, so that cells differ.
score::Score piece_of(int bars) {
  score::Score piece;
  const int programs[] = {0, 33, 33, 0};
  for (int t = 0; t < 4; ++t) {
    score::Track track{.program = std::uint8_t(programs[t]), .is_drum = t == 3};
    for (int bar = 0; bar < bars; ++bar) {
      if ((bar + t) % 5 == 0) continue;
      track.notes.push_back({.onset = score::Ticks(bar * 1920 + 240 * t),
                             .duration = score::Ticks(240),
                             .pitch = std::uint8_t(36 + bar),
                             .velocity = 100});
    }
    piece.tracks.push_back(track);
  }
  return piece;
}

class WindowTasksTest : public testing::Test {
 protected:
  std::vector<std::uint16_t> window(int bars, bool ends) const {
    const auto tokens = tokenizer_->encode(piece_of(bars)).value();
    std::vector<std::uint16_t> window = {std::uint16_t(kBos)};
    window.insert(window.end(), tokens.begin(), tokens.end());
    if (ends) window.push_back(std::uint16_t(kEos));
    return window;
  }

  std::shared_ptr<const tokens::Tokenizer> tokenizer_ =
      tokens::make_beat_tokenizer("bar_tracks", {.velocity_bins = 0}).value();
  const tokens::TrackCells& cells_ = *tokenizer_->track_cells();
  const WindowTasks tasks_{tokenizer_, 1.0};
};

using CellSet = std::multiset<std::pair<std::vector<TokenId>, std::vector<TokenId>>>;

CellSet notes_of(const std::vector<CellBar>& bars) {
  CellSet cells;
  for (const CellBar& bar : bars)
    for (const TrackCell& cell : bar.cells)
      if (!cell.notes.empty()) cells.insert({bar.head, cell.notes});
  return cells;
}

// Whatever is drawn: no note is lost or invented but those of a track that is dropped or a bar that is cut off.
TEST_F(WindowTasksTest, ASequenceHasTheBarsOfItsWindow) {
  const auto given = window(10, true);
  const auto bars = cells_.bars(std::vector<TokenId>(given.begin(), given.end()));
  const CellSet all = notes_of(bars);
  std::size_t complete = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto sequence = tasks_.rearranged(given, 1000, Rng(seed));
    ASSERT_TRUE(sequence.has_value());
    EXPECT_EQ(sequence->tokens.front(), kBos);
    EXPECT_EQ(sequence->counts.size(), sequence->tokens.size());
    const auto written = cells_.bars(sequence->tokens);
    EXPECT_EQ(written.size(), bars.size());
    const CellSet found = notes_of(written);
    EXPECT_TRUE(std::ranges::includes(all, found));
    complete += found == all;
  }
  EXPECT_GT(complete, 120u);
}

TEST_F(WindowTasksTest, BarsAheadAreTheLastOnes_AndTheGapIsCountedDownToThem) {
  const auto given = window(10, true);
  const auto bars = cells_.bars(std::vector<TokenId>(given.begin(), given.end()));
  std::size_t with_ahead = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto sequence = *tasks_.rearranged(given, 1000, Rng(seed));
    const auto& tokens = sequence.tokens;
    const auto end = std::ranges::find(tokens, cells_.ahead_end());
    if (end == tokens.end()) continue;
    ++with_ahead;
    EXPECT_EQ(tokens[1], cells_.ahead_start());
    EXPECT_NE(tokens.back(), kEos);  // the piece ends with the bars ahead
    const auto ahead = cells_.bars(std::vector<TokenId>(tokens.begin(), end));
    const auto rest = cells_.bars(std::vector<TokenId>(end, tokens.end()));
    ASSERT_EQ(ahead.size() + rest.size(), bars.size());
    EXPECT_EQ(ahead.back().head, bars.back().head);
    std::vector<TokenId> left;
    std::ranges::copy_if(tokens, std::back_inserter(left), [&](TokenId token) {
      return token >= cells_.left(0).value() && token <= cells_.left(15).value();
    });
    ASSERT_FALSE(left.empty());
    for (std::size_t i = 0; i < left.size(); ++i) EXPECT_EQ(left[i], cells_.left(left.size() - 1 - i).value());
  }
  EXPECT_GT(with_ahead, 60u);
}

TEST_F(WindowTasksTest, OnlyTaskWordsButSilentDoNotCount) {
  const auto given = window(10, true);
  std::size_t silent = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto sequence = *tasks_.rearranged(given, 1000, Rng(seed));
    for (std::size_t i = 0; i < sequence.tokens.size(); ++i) {
      const TokenId token = sequence.tokens[i];
      EXPECT_EQ(sequence.counts[i] != 0, cells_.role(token) != Role::kTask || token == cells_.silent());
      if (token != cells_.silent()) continue;
      ++silent;
      EXPECT_EQ(cells_.role(sequence.tokens[i - 1]), Role::kName);
    }
  }
  EXPECT_GT(silent, 0u);
}

TEST_F(WindowTasksTest, ChordsFollowTheGivenTracksOfABar_AndCount) {
  const auto tokenizer = tokens::make_beat_tokenizer("bar_tracks", {.velocity_bins = 0, .chords = true}).value();
  const tokens::TrackCells& cells = *tokenizer->track_cells();
  const WindowTasks tasks(tokenizer, 1.0);
  const auto given = window(10, true);  // the words that both tokenisations have are the same
  std::size_t with_chords = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto sequence = *tasks.rearranged(given, 1000, Rng(seed));
    bool has_chord = false;
    for (std::size_t i = 0; i < sequence.tokens.size(); ++i) {
      if (!cells.is_chord(sequence.tokens[i])) continue;
      EXPECT_EQ(sequence.counts[i], 1);
      const Role before = cells.role(sequence.tokens[i - 1]);
      EXPECT_TRUE(before == Role::kHead || before == Role::kNote || before == Role::kTask);
      const Role after = i + 1 < sequence.tokens.size() ? cells.role(sequence.tokens[i + 1]) : Role::kName;
      EXPECT_TRUE(after == Role::kName || cells.is_chord(sequence.tokens[i + 1]));
      has_chord = true;
    }
    with_chords += has_chord;
  }
  EXPECT_GT(with_chords, 50u);
  EXPECT_LT(with_chords, 90u);
}

TEST_F(WindowTasksTest, NoSequenceIsLongerThanTheContextAndOneTarget) {
  const auto given = window(40, false);
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto sequence = tasks_.rearranged(std::span(given).first(300), 299, Rng(seed));
    ASSERT_TRUE(sequence.has_value());
    EXPECT_LE(sequence->tokens.size(), 300u);
  }
}

TEST_F(WindowTasksTest, AWindowWithoutAWholeBarStaysAsItIs) {
  const auto given = window(4, false);
  EXPECT_FALSE(tasks_.rearranged(std::span(given).first(6), 512, Rng(1)).has_value());
  EXPECT_FALSE(WindowTasks(tokenizer_, 0).rearranged(given, 512, Rng(1)).has_value());
}

TEST_F(WindowTasksTest, BatchesHoldSequences_TheSameForTheSameStep) {
  const auto sequences = TokenSequences::in_memory({window(40, true), window(7, true)}, {"a", "b"});
  WindowOptions options{.context_length = 128, .batch_size = 4, .seed = 3};
  options.places = std::make_shared<MusicalPlaces>(*tokenizer_);
  options.tasks = std::make_shared<WindowTasks>(tokenizer_, 0.7);
  const WindowBatches batches(sequences, options);
  const std::size_t size = 4 * 128;
  for (std::uint64_t step = 0; step < 20; ++step) {
    std::vector<std::int64_t> inputs(size), targets(size), lengths(4), again(size);
    std::vector<MusicalPlace> places(size);
    const std::uint64_t counted = batches.batch(step, {inputs, targets, lengths, places});
    EXPECT_EQ(counted, size - std::size_t(std::ranges::count(targets, kIgnore)));
    batches.batch(step, {again, targets, lengths, places});
    EXPECT_EQ(again, inputs);
    for (std::size_t row = 0; row < 4; ++row) {
      for (std::size_t i = 0; i + 1 < 128; ++i) {
        const std::size_t at = row * 128 + i;
        const bool inside = std::int64_t(i) + 1 < lengths[row];
        if (inside && targets[at] != kIgnore) EXPECT_EQ(targets[at], inputs[at + 1]);
        if (std::int64_t(i) >= lengths[row]) EXPECT_EQ(targets[at], kIgnore);
      }
    }
  }
}

}  // namespace
}  // namespace continuo::dataset
