#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/generate/compose.h"

#include "support/band_piece.h"
#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;

constexpr std::int64_t kSixteenth = 120;  // Units: ticks of beat()

// Four bars of kick, snare and hi-hat on the grid, all as loud.
Score beat() {
  Score piece;
  piece.ticks_per_quarter = 4 * kSixteenth;
  piece.time_signatures = {{Ticks(0), 4, 4}};
  score::Track drums{.name = "Kit", .is_drum = true};
  for (int step = 0; step < 64; step += 2) {
    drums.notes.push_back({Ticks(kSixteenth * step), Ticks(60), 42, 64});
    if (step % 4 == 0)
      drums.notes.push_back({Ticks(kSixteenth * step), Ticks(60), std::uint8_t(step % 8 ? 40 : 36), 64});
  }
  piece.tracks.push_back(drums);
  piece.sort();
  return piece;
}

// A model that likes these words best.
Composer composer_with_taste(const std::string& name, const std::vector<std::string>& words, int context = 64) {
  Composer composer = fake_composer(name, Taste::kUniform, {.context_length = context});
  std::set<std::size_t> liked;
  for (const std::string& word : words) liked.insert(std::size_t(composer.tokenizer->vocabulary().find(word).value()));
  composer.model = std::make_shared<FakeModel>(composer.model->config(),
                                               [liked](std::span<const TokenId>, std::size_t, std::span<float> logits) {
                                                 for (std::size_t i = 0; i < logits.size(); ++i)
                                                   logits[i] = liked.contains(i) ? 40.0f : 0.0f;
                                               });
  return composer;
}

TEST(Humanise, EachHitIsPlayedAsTheModelHasIt_AndStaysInItsPlace) {
  const Score piece = beat();
  const Composer c = composer_with_taste("drum_grid", {"Velocity_20", "Offset_4"});
  const auto made = run(c, {.primer = piece, .humanise = ComposeOptions::Humanise{}, .seed = 1});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  const auto &before = piece.tracks.at(0).notes, &after = made->score.tracks.at(0).notes;
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].pitch, before[i].pitch) << "also the rim's, for which the tokens have the snare's";
    EXPECT_EQ(after[i].onset.value, before[i].onset.value + kSixteenth / 4);
    EXPECT_EQ(after[i].duration, before[i].duration);
    EXPECT_GT(after[i].velocity, 64);
    EXPECT_EQ(after[i].velocity, after[0].velocity);
  }
  EXPECT_EQ(made->score.tracks[0].name, "Kit");
}

TEST(Humanise, LoudnessOrTimingAlone) {
  const Score piece = beat();
  const Composer c = composer_with_taste("drum_grid", {"Velocity_20", "Offset_4"});
  const auto louder = run(c, {.primer = piece, .humanise = ComposeOptions::Humanise{.timing = false}, .seed = 1});
  const auto later = run(c, {.primer = piece, .humanise = ComposeOptions::Humanise{.loudness = false}, .seed = 1});
  ASSERT_TRUE(louder.ok() && later.ok());
  for (std::size_t i = 0; i < piece.tracks[0].notes.size(); ++i) {
    EXPECT_EQ(louder->score.tracks[0].notes[i].onset, piece.tracks[0].notes[i].onset);
    EXPECT_GT(louder->score.tracks[0].notes[i].velocity, 64);
    EXPECT_GT(later->score.tracks[0].notes[i].onset, piece.tracks[0].notes[i].onset);
    EXPECT_EQ(later->score.tracks[0].notes[i].velocity, 64);
  }
}

// Where the tokenisation has no words for timing, onsets stay to the tick, whatever its grid.
TEST(Humanise, OnlyLoudnessIsDrawnWhereThereIsNothingElse) {
  for (const std::string name : {"remi", "tsd", "octuple", "bar_tracks", "timed_notes"}) {
    Score piece = band_piece(6);
    if (name == "timed_notes") piece.tracks.resize(1);
    const auto made = run(fake_composer(name, Taste::kUniform, {.context_length = 256}),
                          {.primer = piece, .humanise = ComposeOptions::Humanise{}, .seed = 2});
    ASSERT_TRUE(made.ok()) << name << made.error().to_line();
    std::set<int> velocities;
    for (std::size_t t = 0; t < piece.tracks.size(); ++t) {
      ASSERT_EQ(made->score.tracks[t].notes.size(), piece.tracks[t].notes.size()) << name;
      for (std::size_t i = 0; i < piece.tracks[t].notes.size(); ++i) {
        Note note = made->score.tracks[t].notes[i];
        velocities.insert(note.velocity);
        note.velocity = piece.tracks[t].notes[i].velocity;
        EXPECT_EQ(note, piece.tracks[t].notes[i]) << name;
      }
    }
    EXPECT_GT(velocities.size(), 10u) << name;
  }
}

TEST(Humanise, AModelHearsWhatItHasDrawn) {
  const Score piece = beat();
  Composer c = composer_with_taste("drum_grid", {});
  const TokenId loud = c.tokenizer->vocabulary().find("Velocity_31").value();
  const TokenId soft = c.tokenizer->vocabulary().find("Velocity_0").value();
  c.model = std::make_shared<FakeModel>(c.model->config(),
                                        [=](std::span<const TokenId> tokens, std::size_t at, std::span<float> logits) {
                                          std::ranges::fill(logits, 0.0f);
                                          TokenId last = soft;
                                          for (const TokenId token : tokens.first(at + 1))
                                            if (token == loud || token == soft) last = token;
                                          logits[std::size_t(last == loud ? soft : loud)] = 40;
                                        });
  const auto made = run(c, {.primer = piece, .humanise = ComposeOptions::Humanise{}, .seed = 1});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  const auto count =
      std::ranges::count_if(made->score.tracks[0].notes, [](const Note& note) { return note.velocity > 64; });
  EXPECT_NEAR(double(count), double(piece.note_count()) / 2, 1);
}

TEST(Humanise, RefusesWhatItCannotDo) {
  const auto problem = [](const Composer& c, ComposeOptions options) {
    options.humanise = ComposeOptions::Humanise{};
    const auto made = run(c, options);
    return made.ok() ? std::string() : made.error().what;
  };
  EXPECT_NE(problem(fake_composer("chorale_grid", Taste::kUniform), {.primer = beat()}).find("drum_grid has both"),
            std::string::npos);
  EXPECT_NE(problem(fake_composer("performance", Taste::kUniform), {.primer = beat()}).find("has no words"),
            std::string::npos);
  EXPECT_NE(problem(fake_composer("drum_grid", Taste::kUniform, {.bidirectional = true}), {.primer = beat()})
                .find("a causal model can"),
            std::string::npos);
  EXPECT_EQ(problem(fake_composer("drum_grid", Taste::kUniform), {}), "humanising needs a piece");
}

}  // namespace
}  // namespace continuo::generate
