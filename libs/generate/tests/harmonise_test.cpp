#include <algorithm>
#include <cstdint>

#include <gtest/gtest.h>

#include "continuo/generate/compose.h"

#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;
using score::Score;
using score::Ticks;

// A melody of `bars` bars of 4/4 with rests, in ticks of its own, beside an empty track and drums.
Score melody(int bars) {
  Score piece;
  piece.ticks_per_quarter = 96;
  piece.tracks.resize(3);
  piece.tracks[0].name = "Flute";
  piece.tracks[0].program = 73;
  for (std::int64_t quarter = 0; quarter < 4 * bars; ++quarter) {
    if (quarter % 5 == 4) continue;
    piece.tracks[0].notes.push_back(
        {Ticks(96 * quarter), Ticks(quarter % 3 == 0 ? 90 : 48), std::uint8_t(67 + quarter % 4), 70});
  }
  piece.tracks[2].is_drum = true;
  piece.tracks[2].notes = {{Ticks(0), Ticks(10), 36, 99}};
  return piece;
}

Composer composer(int context, Taste taste = Taste::kWhim) {
  return fake_composer("chorale_grid", taste, {.bidirectional = true, .context_length = context});
}

TEST(Harmonise, KeepsThePiece_AndAddsThreeVoicesOfItsInstrument) {
  const Score piece = melody(6);
  for (const int context : {24, 512}) {
    const auto made = run(composer(context), {.primer = piece, .harmonise = true, .seed = 4, .rounds = 3});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    Score rest = made->score;
    ASSERT_EQ(rest.tracks.size(), 6U);
    for (std::size_t voice = 3; voice < 6; ++voice) {
      const score::Track& track = rest.tracks[voice];
      EXPECT_EQ(track.program, 73);
      ASSERT_FALSE(track.notes.empty());
      for (const score::Note& note : track.notes) {
        EXPECT_EQ(note.onset.value % 24, 0) << "on the grid of sixteenths";
        EXPECT_EQ(note.duration.value % 24, 0);
        EXPECT_LE(note.end().value, 6 * 4 * 96);
        EXPECT_EQ(note.velocity, 70);
      }
    }
    rest.tracks.resize(3);
    EXPECT_EQ(rest, piece);
  }
}

TEST(Harmonise, GivesTheModelTheMelodyInEveryStep) {
  const Composer c = composer(512);
  const Score piece = melody(2);
  const auto made = run(c, {.primer = piece, .harmonise = true, .rounds = 2});
  ASSERT_TRUE(made.ok());
  const auto given = c.tokenizer->encode(piece).value();
  ASSERT_EQ(made->tokens.size(), given.size());
  for (std::size_t i = 0; i < given.size(); i += 4) EXPECT_EQ(made->tokens[i], given[i]) << i;
}

TEST(Harmonise, EachVariationHasAHarmonyOfItsOwn) {
  ThreadPool threads(1);
  NoProgress progress;
  const ComposeOptions options{.primer = melody(2), .harmonise = true, .seed = 1, .rounds = 2};
  const auto made = compose_variations(composer(512, Taste::kUniform), options, 2, threads, progress);
  ASSERT_TRUE(made.ok());
  EXPECT_NE((*made)[0].tokens, (*made)[1].tokens);
}

TEST(Harmonise, BeforeAPickupNothingSounds) {
  Score piece = melody(3);
  for (score::Note& note : piece.tracks[0].notes) note.onset = note.onset + Ticks(3 * 96);
  const auto made = run(composer(512, Taste::kUniform), {.primer = piece, .harmonise = true, .rounds = 2});
  ASSERT_TRUE(made.ok());
  ASSERT_EQ(made->score.tracks.size(), 6U);
  for (std::size_t voice = 3; voice < 6; ++voice)
    EXPECT_GE(made->score.tracks[voice].notes.front().onset.value, 3 * 96);
}

// The grammar knows no such limit for what is given.
TEST(Harmonise, OfAMelodyWithLongNotes_NothingIsLost) {
  Score piece = melody(1);
  piece.tracks[0].notes = {{Ticks(0), Ticks(8 * 4 * 96), 67, 70}};
  Composer c = composer(512);
  c.longest_note = 1;
  const auto made = run(c, {.primer = piece, .harmonise = true, .rounds = 2});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ(made->score.tracks[0], piece.tracks[0]);
}

std::string complaint(const Composer& c, const ComposeOptions& options) {
  const auto made = run(c, options);
  return made.ok() ? "fine" : made.error().to_line();
}

TEST(Harmonise, CannotBe_ExplainsWhy) {
  EXPECT_EQ(complaint(composer(512), {.harmonise = true}), "harmonising needs a melody");
  EXPECT_EQ(complaint(fake_composer("chorale_grid", Taste::kUniform), {.primer = melody(1), .harmonise = true}),
            "a gpt2 model can only continue music; harmonising needs a bert model");
  EXPECT_EQ(complaint(fake_composer("remi", Taste::kUniform, {.bidirectional = true}),
                      {.primer = melody(1), .harmonise = true}),
            "the tokenisation remi has no voices to add; chorale_grid has");
  Score two = melody(1);
  two.tracks[1].notes = two.tracks[0].notes;
  EXPECT_EQ(complaint(composer(512), {.primer = two, .harmonise = true}),
            "a melody is one track with notes, but the piece has 2");
  EXPECT_EQ(complaint(composer(512), {.primer = melody(1), .fill = BarRange{1, 1}, .harmonise = true}),
            "a melody is harmonised as a whole: bars to rewrite cannot be asked for beside it");
}

}  // namespace
}  // namespace continuo::generate
