#include "../src/splice/playing.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/generate/compose.h"

#include "support/band_piece.h"
#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;

// Sixteenths of a bar at the given velocities, again and again.
Score sixteenths(int count, const std::vector<int>& velocities) {
  Score piece;
  piece.ticks_per_quarter = 240;
  piece.time_signatures = {{Ticks(0), 4, 4}};
  piece.tracks.resize(1);
  for (int i = 0; i < count; ++i)
    piece.tracks[0].notes.push_back(
        {Ticks(60 * i), Ticks(60), std::uint8_t(60 + i), std::uint8_t(velocities[std::size_t(i) % velocities.size()])});
  return piece;
}

std::vector<std::int64_t> onsets(const Score& piece) {
  std::vector<std::int64_t> all;
  for (const Note& note : piece.tracks[0].notes) all.push_back(note.onset.value);
  return all;
}

TEST(Playing, Swing_MovesTheSecondEighth_AndAllBetweenInProportion) {
  Score piece = sixteenths(8, {80});
  play_new_notes({.playing = {.swing = 2.0 / 3}}, piece);
  EXPECT_EQ(onsets(piece), (std::vector<std::int64_t>{0, 80, 160, 200, 240, 320, 400, 440}));
  for (std::size_t i = 0; i + 1 < 8; ++i)
    EXPECT_EQ(piece.tracks[0].notes[i].end(), piece.tracks[0].notes[i + 1].onset) << "legato stays legato";
}

TEST(Playing, Swing_CountsFromEachBarLine_AndLeavesBeatsOfThreeEighths) {
  Score piece = sixteenths(14, {80});
  piece.time_signatures = {{Ticks(0), 7, 8}};
  play_new_notes({.playing = {.swing = 0.75}}, piece);
  EXPECT_EQ(onsets(piece)[1], 90);
  EXPECT_EQ(onsets(piece)[2], 180);
  EXPECT_EQ(onsets(piece)[13], 720 + 90) << "half a quarter before the bar line";
  Score jig = sixteenths(12, {80});
  jig.time_signatures = {{Ticks(0), 6, 8}};
  const Score before = jig;
  play_new_notes({.playing = {.swing = 0.75}}, jig);
  EXPECT_EQ(jig, before);
}

TEST(Playing, Velocities_AreBroughtIntoTheirRangeInProportion) {
  Score piece = sixteenths(4, {1, 64, 127});
  play_new_notes({.playing = {.softest = 40, .loudest = 90}}, piece);
  const auto& notes = piece.tracks[0].notes;
  EXPECT_EQ(notes[0].velocity, 40);
  EXPECT_EQ(notes[1].velocity, 65);
  EXPECT_EQ(notes[2].velocity, 90);
}

TEST(Playing, WhatIsGivenStays) {
  const Score primer = sixteenths(16, {80});
  Score result = primer;
  result.tracks[0].notes.push_back({Ticks(990), Ticks(30), 100, 127});
  result.tracks.push_back({.program = 33});
  result.tracks[1].notes = {primer.tracks[0].notes[3]};
  const ComposeOptions options{.primer = primer, .playing = {.softest = 10, .loudest = 20, .swing = 0.75}};
  play_new_notes(options, result);
  EXPECT_TRUE(std::equal(primer.tracks[0].notes.begin(), primer.tracks[0].notes.end(), result.tracks[0].notes.begin()));
  EXPECT_EQ(result.tracks[0].notes.back().velocity, 20);
  EXPECT_EQ(result.tracks[1].notes[0].onset.value, 210) << "new, though it is as one of the other track";
}

TEST(Playing, SwungNotes_EndWhereTheirKeyIsStruckAgain) {
  Score primer;
  primer.ticks_per_quarter = 240;
  primer.tracks.resize(1);
  primer.tracks[0].notes = {{Ticks(120), Ticks(120), 60, 80}};
  Score result = primer;
  result.tracks[0].notes.insert(result.tracks[0].notes.begin(), {Ticks(0), Ticks(120), 60, 81});
  play_new_notes({.primer = primer, .playing = {.swing = 0.75}}, result);
  EXPECT_EQ(result.tracks[0].notes[0].duration, Ticks(120)) << "not to 180, into the note that is given";
  EXPECT_EQ(result.tracks[0].notes[1], primer.tracks[0].notes[0]);
}

TEST(Playing, IsKeptToInEveryKindOfTask) {
  const Score band = band_piece(4);
  const Composer c = fake_composer("bar_tracks", Taste::kUniform, {.context_length = 512});
  ComposeOptions plain{.seed = 5};
  plain.playing = {.softest = 30, .loudest = 50};
  std::vector<ComposeOptions> tasks(3, plain);
  tasks[0].primer = tasks[1].primer = band;
  tasks[0].fill = BarRange{2, 3};
  tasks[1].length.amount = tasks[2].length.amount = 2;
  tasks[2].add_tracks = {{0, false}, {0, true}};
  for (const ComposeOptions& options : tasks) {
    const auto made = run(c, options);
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    int new_notes = 0;
    for (std::size_t t = 0; t < made->score.tracks.size(); ++t) {
      for (const Note& note : made->score.tracks[t].notes) {
        const bool is_given =
            options.primer && t < band.tracks.size() && std::ranges::count(band.tracks[t].notes, note) > 0;
        if (is_given) continue;
        ++new_notes;
        EXPECT_GE(note.velocity, 30);
        EXPECT_LE(note.velocity, 50);
      }
    }
    EXPECT_GT(new_notes, 0);
  }
}

TEST(Playing, RefusesWhatItCannotDo) {
  const auto problem = [](const std::string& name, ComposeOptions options) {
    const auto made = run(fake_composer(name, Taste::kUniform), options);
    return made.ok() ? std::string() : made.error().what;
  };
  const std::string ranges = "velocities are from 1 to 127, and swing is from 0.5 to 0.75";
  EXPECT_EQ(problem("remi", {.playing = {.softest = 0}}), ranges);
  EXPECT_EQ(problem("remi", {.playing = {.softest = 80, .loudest = 70}}), ranges);
  EXPECT_EQ(problem("remi", {.playing = {.swing = 0.8}}), ranges);
  EXPECT_NE(problem("performance", {.playing = {.swing = 0.6}}).find("has no eighths"), std::string::npos);
  EXPECT_EQ(problem("performance", {.playing = {.softest = 50}}), "");
  EXPECT_NE(
      problem("remi", {.primer = small_piece(), .humanise = ComposeOptions::Humanise{}, .playing = {.softest = 9}})
          .find("is drawn"),
      std::string::npos);
}

}  // namespace
}  // namespace continuo::generate
