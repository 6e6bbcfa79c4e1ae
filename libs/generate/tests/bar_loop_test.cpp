#include "../src/continuation/bar_loop.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/generate/compose.h"
#include "continuo/score/bar_grid.h"

#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;

// The most bars in a row in which the same keys are struck at the same places.
int most_equal_bars(const score::Score& piece) {
  std::vector<std::vector<std::array<std::int64_t, 2>>> bars;
  const score::BarGrid grid(piece);
  for (const score::Bar& bar : grid.bars()) {
    auto& notes = bars.emplace_back();
    for (const score::Track& track : piece.tracks)
      for (const score::Note& note : track.notes)
        if (note.onset >= bar.onset && note.onset < bar.end())
          notes.push_back({(note.onset - bar.onset).value, note.pitch});
    std::ranges::sort(notes);
  }
  int equal = 1, most = 1;
  for (std::size_t i = 1; i < bars.size(); ++i) {
    equal = bars[i] == bars[i - 1] ? equal + 1 : 1;
    most = std::max(most, equal);
  }
  return most;
}

// Sixteen times the same bar of piano.
score::Score looped_piece() {
  score::Score piece;
  piece.ticks_per_quarter = 384;
  piece.tempos = {{score::Ticks(0), 500000}};
  piece.time_signatures = {{score::Ticks(0), 4, 4}};
  score::Track track;
  for (int step = 0; step < 128; ++step)
    track.notes.push_back({score::Ticks(192 * step), score::Ticks(192), std::uint8_t(60 + step % 8), 80});
  piece.tracks.push_back(track);
  return piece;
}

// A model that knows nothing but a piece of one bar never leaves it. Subwords can play the same bar in other words
// once, and octuple has the pitch of a note before its place, so its first bar is none of the equal ones.
TEST(BarLoop, NoBarIsPlayedMoreThanFourTimesInARow) {
  for (const std::string name : {"remi", "tsd", "chorale_grid", "bar_tracks", "remi bpe", "octuple"}) {
    const auto made = run(composer_of(tokenizer_named(name), looped_piece()), {.length = {LengthUnit::kBars, 24}});
    ASSERT_TRUE(made.ok()) << name << made.error().to_line();
    const int more = name == "remi bpe" || name == "octuple" ? 1 : 0;
    EXPECT_LE(most_equal_bars(made->score), BarLoop::kMostEqualBars + more) << name;
    EXPECT_GT(made->score.note_count(), 24u) << name;
  }
}

}  // namespace
}  // namespace continuo::generate
