#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/generate/compose.h"
#include "continuo/tokens/track_cells.h"

#include "support/band_piece.h"
#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;

Composer composer(Taste taste, const std::string& name = "bar_tracks") {
  return fake_composer(name, taste, {.context_length = 256});
}

// The pitches of each bar, in the order of their onsets.
std::map<std::int64_t, std::vector<int>> pitches_by_bar(const score::Track& track) {
  std::vector<Note> notes = track.notes;
  std::ranges::sort(notes, {}, [](const Note& note) { return std::tuple(note.onset, note.pitch); });
  std::map<std::int64_t, std::vector<int>> bars;
  for (const Note& note : notes) bars[note.onset.value / kBar].push_back(note.pitch);
  return bars;
}

std::vector<std::array<int, 2>> pitches_and_velocities(const score::Track& track) {
  std::vector<std::array<int, 2>> all;
  for (const Note& note : track.notes) all.push_back({note.pitch, note.velocity});
  std::ranges::sort(all);
  return all;
}

// A chord of three rising notes, then a falling line with the same key twice, in the last third of each bar.
Score crowded_piece(int bars) {
  Score piece = band_piece(bars);
  for (score::Track& track : piece.tracks) {
    track.notes.clear();
    for (std::int64_t bar = 0; bar < bars; ++bar) {
      const std::int64_t at = bar * kBar + 2 * kQuarter;
      for (const int pitch : {50, 53, 57}) track.notes.push_back({Ticks(at), Ticks(40), std::uint8_t(pitch), 70});
      int step = 1;
      for (const int pitch : {48, 48, 45})
        track.notes.push_back({Ticks(at + kQuarter / 4 * step++), Ticks(40), std::uint8_t(pitch), 71});
    }
  }
  return piece;
}

TEST(KeptPitches, StayInTheirOrder_WithTheirLoudness) {
  for (const Score& piece : {band_piece(8), crowded_piece(8)}) {
    for (const Taste taste : kTastes) {
      for (std::uint64_t seed = 0; seed < 8; ++seed) {
        const auto made =
            run(composer(taste),
                {.primer = piece, .fill = BarRange{3, 6}, .fill_tracks = {0, 4}, .keep = Keep::kPitches, .seed = seed});
        ASSERT_TRUE(made.ok()) << made.error().to_line();
        for (std::size_t i = 0; i < piece.tracks.size(); ++i) {
          const score::Track &before = piece.tracks[i], &after = made->score.tracks[i];
          EXPECT_EQ(pitches_by_bar(after), pitches_by_bar(before)) << "seed " << seed << " track " << i;
          EXPECT_EQ(pitches_and_velocities(after), pitches_and_velocities(before));
          EXPECT_EQ(notes_outside(after, 2 * kBar, 6 * kBar), notes_outside(before, 2 * kBar, 6 * kBar));
          if (i != 0 && i != 4) EXPECT_EQ(after, before);
          for (const Note& note : after.notes) EXPECT_GT(note.duration.value, 0);
        }
      }
    }
  }
}

// In 5/4 written as 1/4 and 4/4, and in 11/8, the tokens have other bars: nothing outside the asked ones moves.
TEST(KeptPitches, BarsThatTheTokensCountDifferently) {
  Score piece = band_piece(12);
  for (const score::TimeSignature& meter :
       {score::TimeSignature{Ticks(0), 11, 8}, score::TimeSignature{Ticks(0), 1, 4}}) {
    piece.time_signatures = {meter};
    const std::int64_t bar = meter.bar_length(piece.ticks_per_quarter).value;
    for (int first = 2; first <= 5; ++first) {
      const auto made = run(
          composer(Taste::kUniform),
          {.primer = piece, .fill = BarRange{first, first + 1}, .keep = Keep::kPitches, .seed = std::uint64_t(first)});
      ASSERT_TRUE(made.ok()) << made.error().to_line();
      for (std::size_t i = 0; i < piece.tracks.size(); ++i) {
        const std::int64_t begin = (first - 1) * bar, end = (first + 1) * bar;
        EXPECT_EQ(notes_outside(made->score.tracks[i], begin, end), notes_outside(piece.tracks[i], begin, end));
        EXPECT_EQ(pitches_and_velocities(made->score.tracks[i]), pitches_and_velocities(piece.tracks[i]));
        for (const Note& note : made->score.tracks[i].notes) EXPECT_GT(note.duration.value, 1);
      }
    }
  }
}

TEST(KeptRhythm, NotesThatStayDoSoWhateverTheRules) {
  const Score piece = band_piece(8);
  const auto made = run(composer(Taste::kUniform), {.primer = piece,
                                                    .fill = BarRange{1, 8},
                                                    .note_rules = {.lowest = 60, .highest = 62},
                                                    .keep = Keep::kRhythm,
                                                    .strength = 0,
                                                    .seed = 1});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ(made->score, piece);
}

// A model that likes silence best does not take a track away.
TEST(Infill, ATrackThatHasPlayedPlays) {
  Composer c = composer(Taste::kUniform);
  const TokenId silent = c.tokenizer->track_cells()->silent();
  c.model = std::make_shared<FakeModel>(c.model->config(),
                                        [=](std::span<const TokenId>, std::size_t, std::span<float> logits) {
                                          std::ranges::fill(logits, 0.0f);
                                          logits[std::size_t(silent)] = 30;
                                        });
  const Score piece = band_piece(8);
  for (const int last : {3, 4, 6}) {
    const auto made = run(c, {.primer = piece, .fill = BarRange{3, last}, .fill_tracks = {0, 4}, .seed = 1});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    for (const std::size_t track : {0u, 4u})
      EXPECT_GT(made->score.tracks[track].notes.size(),
                notes_outside(piece.tracks[track], 2 * kBar, last * kBar).size());
  }
}

TEST(KeptPitches, StrengthIsTheShareOfNotesThatMove) {
  const Score piece = band_piece(40);
  const auto moved = [&](double strength) {
    const auto made = run(composer(Taste::kUniform), {.primer = piece,
                                                      .fill = BarRange{1, 40},
                                                      .fill_tracks = {0},
                                                      .keep = Keep::kPitches,
                                                      .strength = strength,
                                                      .seed = 4});
    EXPECT_TRUE(made.ok());
    const auto stays = [&](const Note& note) {
      return std::ranges::find(made->score.tracks[0].notes, note) != made->score.tracks[0].notes.end();
    };
    const auto& notes = piece.tracks[0].notes;
    return 1 - double(std::ranges::count_if(notes, stays)) / double(notes.size());
  };
  EXPECT_EQ(moved(0), 0);
  EXPECT_GT(moved(0.3), 0.1);
  EXPECT_LT(moved(0.3), 0.6);
  EXPECT_GT(moved(1), 0.8);
}

TEST(LockedNotes, StayExactly_AndNoOthersOfTheirPitchesCome) {
  const std::vector<PitchRange> locked = {{42, 43}, {62, 64}};
  const auto kept = [&](const score::Track& track) {
    std::vector<Note> notes;
    std::ranges::copy_if(track.notes, std::back_inserter(notes),
                         [&](const Note& note) { return is_in(locked, note.pitch); });
    return notes;
  };
  const Score piece = band_piece(8);
  std::set<std::vector<Note>> results;
  for (const Keep keep : {Keep::kNothing, Keep::kRhythm}) {
    for (const Taste taste : kTastes) {
      for (std::uint64_t seed = 0; seed < 8; ++seed) {
        ComposeOptions options{.primer = piece, .fill = BarRange{3, 6}, .keep = keep, .locked = locked, .seed = seed};
        if (keep == Keep::kNothing && seed % 2 == 1)
          options.note_rules = {.lowest = 50, .highest = 80, .most_at_once = 1, .notes_per_bar = 2};
        const auto made = run(composer(taste), options);
        ASSERT_TRUE(made.ok()) << made.error().to_line();
        for (std::size_t i = 0; i < piece.tracks.size(); ++i) {
          EXPECT_EQ(kept(made->score.tracks[i]), kept(piece.tracks[i])) << "seed " << seed << " track " << i;
          EXPECT_EQ(notes_outside(made->score.tracks[i], 2 * kBar, 6 * kBar),
                    notes_outside(piece.tracks[i], 2 * kBar, 6 * kBar));
        }
        results.insert(made->score.tracks[0].notes);
      }
    }
  }
  EXPECT_GT(results.size(), 10u);
}

// What the model reads of a locked note is the note.
TEST(LockedNotes, AreReadWhereTheyAre) {
  Score piece = band_piece(2);
  piece.tracks.resize(1);
  piece.tracks[0].notes = {{Ticks(0), Ticks(kQuarter), 60, 80}, {Ticks(kBar + kQuarter), Ticks(kQuarter), 60, 80}};
  Composer c = composer(Taste::kUniform);
  const auto bars = c.tokenizer->track_cells()->bars(c.tokenizer->encode(piece).value());
  const std::vector<TokenId>& notes = bars.at(1).cells.at(0).notes;
  const std::vector<TokenId> note(notes.begin() + 1, notes.end());  // others may come before it at its place
  bool is_read = false;
  c.model = std::make_shared<FakeModel>(c.model->config(),
                                        [&](std::span<const TokenId> tokens, std::size_t at, std::span<float> logits) {
                                          std::ranges::fill(logits, 0.0f);
                                          const auto seen = tokens.first(at + 1);
                                          is_read |= std::ranges::search(seen, note).begin() != seen.end();
                                        });
  const auto made = run(c, {.primer = piece, .fill = BarRange{2, 2}, .locked = {{60, 60}}, .seed = 1});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_TRUE(is_read) << "its pitch, loudness and length";
}

TEST(KeptNotes, RefuseWhatLeavesNoChoice) {
  const Score piece = band_piece(4);
  const auto problem = [&](const Composer& c, ComposeOptions options) {
    options.primer = piece;
    options.fill = BarRange{1, 2};
    const auto made = run(c, options);
    return made.ok() ? std::string() : made.error().what;
  };
  const Composer c = composer(Taste::kUniform);
  EXPECT_NE(problem(c, {.keep = Keep::kPitches, .locked = {{60, 60}}}).find("leave no choice"), std::string::npos);
  EXPECT_NE(problem(c, {.note_rules = {.most_at_once = 2}, .keep = Keep::kPitches}).find("leave no choice"),
            std::string::npos);
  EXPECT_EQ(problem(c, {.locked = {{0, 127}}}), "nothing is left to compose: all pitches of a track are locked");
  EXPECT_EQ(problem(c, {.note_rules = {.lowest = 60, .highest = 62}, .locked = {{55, 65}}}),
            "nothing is left to compose: all pitches of a track are locked");
  const Composer bert = fake_composer("remi", Taste::kWhim, {.bidirectional = true, .context_length = 64});
  EXPECT_NE(problem(bert, {.locked = {{60, 60}}}).find("bar_tracks"), std::string::npos);
  EXPECT_NE(problem(bert, {.keep = Keep::kPitches}).find("bar_tracks"), std::string::npos);
}

}  // namespace
}  // namespace continuo::generate
