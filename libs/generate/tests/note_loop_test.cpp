#include "../src/continuation/note_loop.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/generate/compose.h"

#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;

// A trill of half a minute.
score::Score trill() {
  score::Score piece;
  piece.ticks_per_quarter = 384;
  piece.tempos = {{score::Ticks(0), 500000}};
  score::Track track;
  for (int step = 0; step < 320; ++step)
    track.notes.push_back({score::Ticks(72 * step), score::Ticks(72), std::uint8_t(step % 2 == 0 ? 67 : 69), 80});
  piece.tracks.push_back(track);
  return piece;
}

// The share of its notes that are those `length` notes before.
double repeated(const score::Score& piece, std::size_t length) {
  std::vector<std::pair<std::int64_t, int>> keys;
  for (const score::Track& track : piece.tracks)
    for (const score::Note& note : track.notes) keys.emplace_back(note.onset.value, note.pitch);
  std::ranges::sort(keys);
  std::size_t equal = 0;
  for (std::size_t i = length; i < keys.size(); ++i) equal += keys[i].second == keys[i - length].second;
  return double(equal) / double(keys.size());
}

struct Fixture {
  std::shared_ptr<const tokens::Tokenizer> tokenizer = tokenizer_named("performance");
  TokenFacts facts{*tokenizer};
  TokenId g = *tokenizer->vocabulary().find("NoteOn_67"), a = *tokenizer->vocabulary().find("NoteOn_69");
  NoteLoop loop{facts};
};

TEST(NoteLoop, AvoidsWhatPlaysAPassageOnceMore) {
  Fixture fixture;
  for (int i = 0; i < 32; ++i) {
    EXPECT_FALSE(fixture.loop.avoided()) << i;
    fixture.loop.push(i % 2 == 0 ? fixture.g : fixture.a, 0.2 * i);
  }
  for (int i = 0; i < 4; ++i) fixture.loop.push(i % 2 == 0 ? fixture.g : fixture.a, 6.4 + 0.2 * i);
  EXPECT_EQ(fixture.loop.avoided(), fixture.g);
}

TEST(NoteLoop, LeavesAFastTrillOfTwoSeconds) {
  Fixture fixture;
  for (int i = 0; i < 40; ++i) fixture.loop.push(i % 2 == 0 ? fixture.g : fixture.a, 0.05 * i);
  EXPECT_FALSE(fixture.loop.avoided());
}

// What a strange note every now and then does not end.
TEST(NoteLoop, AStrangeNoteDoesNotSetAFigureFree) {
  Fixture fixture;
  int avoided = 0;
  for (int i = 0; i < 200; ++i) {
    const TokenId drawn = fixture.loop.avoided() == fixture.g ? fixture.a : fixture.g;
    avoided += drawn == fixture.a;
    fixture.loop.push(drawn, 0.3 * i);
  }
  EXPECT_GT(avoided, 20);
}

// A model that knows nothing but a trill leaves it.
TEST(NoteLoop, NoPassageIsPlayedToTheEndInClockTime) {
  for (const std::string name : {"performance", "timed_notes"}) {
    const auto made = run(composer_of(tokenizer_named(name), trill()), {.length = {LengthUnit::kSeconds, 30}});
    ASSERT_TRUE(made.ok()) << name << made.error().to_line();
    for (const std::size_t length : {1u, 2u, 4u}) EXPECT_LE(repeated(made->score, length), 0.75) << name << length;
    EXPECT_GT(made->score.note_count(), 40u) << name;
  }
}

}  // namespace
}  // namespace continuo::generate
