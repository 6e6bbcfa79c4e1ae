#include "continuo/dataset/note_lengths.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/tokens/performance.h"
#include "continuo/tokens/remi.h"

namespace continuo::dataset {
namespace {

using score::Ticks;

// A piece of one note after the other, the i-th of `quarters`[i] quarters.
std::vector<std::uint16_t> piece_of(const tokens::Tokenizer& tokenizer, const std::vector<int>& quarters) {
  score::Score score;
  score.tempos = {{Ticks(0), 1000000}};
  score.tracks.resize(1);
  Ticks now(0);
  for (const int length : quarters) {
    const Ticks duration(std::int64_t{length} * score.ticks_per_quarter);
    score.tracks[0].notes.push_back({now, duration, 60, 80});
    now = now + duration;
  }
  const auto tokens = tokenizer.encode(score).value();
  return {tokens.begin(), tokens.end()};
}

TEST(NoteLengths, AShareOfAllNotesKeepToTheLength) {
  for (const auto& tokenizer : {tokens::make_remi().value(), tokens::make_performance()}) {
    const auto pieces = TokenSequences::in_memory(
        {piece_of(*tokenizer, {1, 1, 2, 2}), piece_of(*tokenizer, {1, 1, 1, 1, 1, 4})}, {"a", "b"});
    EXPECT_NEAR(longest_note_of(pieces, *tokenizer, 1.0, 10), 4, 1e-3) << tokenizer->name();
    EXPECT_NEAR(longest_note_of(pieces, *tokenizer, 0.9, 10), 2, 1e-3) << "one of ten is longer";
    EXPECT_NEAR(longest_note_of(pieces, *tokenizer, 0.7, 10), 1, 1e-3);
    EXPECT_NEAR(longest_note_of(pieces, *tokenizer, 1.0, 1), 2, 1e-3) << "of the first piece alone";
  }
}

TEST(NoteLengths, WithoutNotes_IsNothing) {
  const auto tokenizer = tokens::make_performance();
  EXPECT_EQ(longest_note_of(TokenSequences::in_memory({}, {}), *tokenizer, 0.999, 10), 0);
  EXPECT_EQ(longest_note_of(TokenSequences::in_memory({{1, 2}}, {"empty"}), *tokenizer, 0.999, 10), 0);
}

}  // namespace
}  // namespace continuo::dataset
