#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/generate/compose.h"

#include "support/band_piece.h"
#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;

// A rhythm of two tracks over three bars, some of it early or late, with a rest of a bar.
Score taps() {
  Score piece;
  piece.ticks_per_quarter = 480;
  piece.tempos = {{Ticks(0), 500000}};
  piece.tracks.resize(2);
  const std::int64_t onsets[] = {0, 125, 470, 720, 1080, 1440, 3840 + 7, 3840 + 230};
  for (std::size_t i = 0; i < std::size(onsets); ++i)
    piece.tracks[i % 2].notes.push_back({Ticks(onsets[i]), Ticks(100), std::uint8_t(60 + i), 70});
  return piece;
}

std::set<std::int64_t> onsets_of(const Score& piece) {
  std::set<std::int64_t> onsets;
  for (const score::Track& track : piece.tracks)
    for (const Note& note : track.notes) onsets.insert(note.onset.value);
  return onsets;
}

Composer composer_that_likes(const std::vector<std::string>& words) {
  Composer composer = fake_composer("drum_grid", Taste::kUniform, {.context_length = 32});
  std::map<std::size_t, float> liked;
  for (std::size_t i = 0; i < words.size(); ++i)
    liked[std::size_t(composer.tokenizer->vocabulary().find(words[i]).value())] = 80.f - float(20 * i);
  const auto predict = [liked](std::span<const TokenId>, std::size_t, std::span<float> logits) {
    for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = liked.contains(i) ? liked.at(i) : 0.f;
  };
  composer.model = std::make_shared<FakeModel>(composer.model->config(), predict);
  return composer;
}

TEST(TappedBeat, DrumsAreHitWhereItWasTapped_AndNowhereElse) {
  const Score rhythm = taps();
  for (const Taste taste : kTastes) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      const auto made = run(fake_composer("drum_grid", taste), {.primer = rhythm, .beat = true, .seed = seed});
      ASSERT_TRUE(made.ok()) << made.error().to_line();
      ASSERT_EQ(made->score.tracks.size(), 1u);
      EXPECT_TRUE(made->score.tracks[0].is_drum);
      EXPECT_EQ(onsets_of(made->score), onsets_of(rhythm));
      EXPECT_EQ(made->score.tempos, rhythm.tempos);
      for (const Note& note : made->score.tracks[0].notes) EXPECT_GT(note.duration.value, 0);
    }
  }
}

TEST(TappedBeat, TheModelChoosesTheDrumsAndTheirLoudness) {
  const Score rhythm = taps();
  const auto one = run(composer_that_likes({"Velocity_20", "Hit_kick", "Step_4", "Bar", "Step_8"}),
                       {.primer = rhythm, .beat = true, .seed = 1});
  ASSERT_TRUE(one.ok()) << one.error().to_line();
  const auto& notes = one->score.tracks[0].notes;
  EXPECT_TRUE(std::ranges::all_of(notes, [](const Note& note) { return note.pitch == 36 || note.onset.value > 0; }));
  EXPECT_TRUE(std::ranges::all_of(notes, [&](const Note& note) { return note.velocity == notes[0].velocity; }));
  EXPECT_GT(notes[0].velocity, 70) << "the taps' own loudness is not kept";
  const auto all = run(composer_that_likes({"Velocity_20", "Hit_kick", "Hit_snare", "Hit_ride"}),
                       {.primer = rhythm, .beat = true, .seed = 1});
  ASSERT_TRUE(all.ok()) << all.error().to_line();
  EXPECT_EQ(all->score.note_count(), 3 * onsets_of(rhythm).size());
}

TEST(TappedBeat, TapsWithinAStep_AreOne) {
  Score rhythm;
  rhythm.tracks.resize(1);
  for (const int pitch : {60, 64, 67}) rhythm.tracks[0].notes.push_back({Ticks(0), Ticks(480), std::uint8_t(pitch)});
  rhythm.tracks[0].notes.push_back({Ticks(3), Ticks(480), 72, 127});
  const auto made = run(composer_that_likes({"Hit_ride"}), {.primer = rhythm, .beat = true, .seed = 1});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ(onsets_of(made->score).size(), 1u);
}

TEST(TappedBeat, RefusesWhatItCannotDo) {
  const auto problem = [](const Composer& c, ComposeOptions options) {
    options.beat = true;
    const auto made = run(c, options);
    return made.ok() ? std::string() : made.error().what;
  };
  for (const std::string name : {"remi", "chorale_grid", "performance", "bar_tracks", "per_tok", "octuple"})
    EXPECT_NE(problem(fake_composer(name, Taste::kUniform), {.primer = taps()}).find("drum_grid can"),
              std::string::npos)
        << name;
  EXPECT_NE(
      problem(fake_composer("drum_grid", Taste::kUniform, {.bidirectional = true}), {.primer = taps()}).find("causal"),
      std::string::npos);
  EXPECT_EQ(problem(fake_composer("drum_grid", Taste::kUniform), {}), "a beat needs the rhythm that was tapped");
  EXPECT_EQ(problem(fake_composer("drum_grid", Taste::kUniform), {.primer = taps(), .fill = BarRange{1, 1}}),
            "a beat is made of a rhythm and nothing else");
}

}  // namespace
}  // namespace continuo::generate
