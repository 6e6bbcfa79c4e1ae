#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "continuo/generate/compose.h"
#include "continuo/score/general_midi.h"
#include "continuo/tokens/track_cells.h"

#include "support/band_piece.h"
#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;
using score::Note;
using score::Score;
using score::Ticks;

// The piece without notes.
Score frame(Score piece) {
  for (score::Track& track : piece.tracks) track.notes.clear();
  return piece;
}

Composer composer(int context, Taste taste = Taste::kWhim, const std::string& name = "bar_tracks") {
  return fake_composer(name, taste, {.context_length = context});
}

TEST(Infill, OnlyTheBarsOfTheTracksChange) {
  const Score piece = band_piece(12);
  for (const int context : {64, 512}) {
    for (const Taste taste : kTastes) {
      const Composer c = composer(context, taste);
      for (std::uint64_t seed = 0; seed < 12; ++seed) {
        const int first = 1 + int(seed), last = std::min(12, first + int(seed % 4));
        ComposeOptions options{.primer = piece, .fill = BarRange{first, last}, .seed = seed};
        if (seed % 3 != 0) options.fill_tracks = {seed % 3 == 1 ? 2u : 4u};
        const auto made = run(c, options);
        ASSERT_TRUE(made.ok()) << made.error().to_line();
        EXPECT_EQ(frame(made->score), frame(piece));
        const std::int64_t begin = (first - 1) * kBar, end = last * kBar;
        for (std::size_t t = 0; t < piece.tracks.size(); ++t) {
          const auto& before = piece.tracks[t];
          const auto& after = made->score.tracks[t];
          EXPECT_EQ(notes_outside(after, begin, end), notes_outside(before, begin, end));
          const bool asked = options.fill_tracks.empty() || options.fill_tracks[0] == t;
          if (!asked || before.notes.empty()) EXPECT_EQ(after.notes, before.notes);
          for (const Note& note : after.notes)
            if (note.onset.value >= begin && note.onset.value < end && asked) EXPECT_LE(note.end().value, end);
        }
      }
    }
  }
}

TEST(Infill, NoKeyIsStruckWhileItSounds) {
  Score piece = band_piece(4);
  piece.tracks.resize(1);
  piece.tracks[0].notes = {{Ticks(0), Ticks(4 * kBar), 60, 80}, {Ticks(kBar), Ticks(kQuarter), 64, 80}};
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const auto made = run(composer(512, Taste::kUniform), {.primer = piece, .fill = BarRange{2, 3}, .seed = seed});
    ASSERT_TRUE(made.ok());
    EXPECT_EQ(std::ranges::count(made->score.tracks[0].notes, 60, &Note::pitch), 1);
  }
}

// Bars after the last note are bars of the piece too, where a longer track has them.
TEST(Infill, BarsInWhichNothingBegins) {
  Score piece = band_piece(4);
  piece.tracks.resize(1);
  piece.tracks[0].notes = {{Ticks(0), Ticks(4 * kBar), 60, 80}};
  const auto made = run(composer(512, Taste::kUniform), {.primer = piece, .fill = BarRange{3, 4}, .seed = 1});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ(notes_outside(made->score.tracks[0], 2 * kBar, 4 * kBar), piece.tracks[0].notes);
}

TEST(Infill, RefusesWhatItCannotDo) {
  const Score piece = band_piece(4);
  const auto problem = [&](const Composer& c, ComposeOptions options) {
    const auto made = run(c, options);
    return made.ok() ? std::string() : made.error().what;
  };
  EXPECT_NE(problem(composer(64, Taste::kWhim, "remi"), {.primer = piece, .fill = BarRange{1, 1}}).find("bar_tracks"),
            std::string::npos);
  const Composer bert = fake_composer("remi", Taste::kWhim, {.bidirectional = true, .context_length = 64});
  EXPECT_NE(problem(bert, {.primer = piece, .fill = BarRange{1, 1}, .fill_tracks = {0}}).find("bar_tracks"),
            std::string::npos);
  EXPECT_EQ(problem(composer(64), {.primer = piece, .fill = BarRange{6, 6}}), "bar 6: the piece has 5 bars");
  EXPECT_EQ(problem(composer(64), {.primer = piece, .fill = BarRange{1, 1}, .fill_tracks = {9}}),
            "there is no track 10");
  EXPECT_EQ(problem(composer(64), {.primer = piece, .fill = BarRange{1, 1}, .fill_tracks = {3}}),
            "the tracks to rewrite have no notes");
}

TEST(AddTracks, ThePieceStays_AndEachInstrumentGetsATrack) {
  Score piece = band_piece(6);  // whose last notes sound into the bar after it
  for (score::Track& track : piece.tracks)
    std::erase_if(track.notes, [](const Note& note) { return note.onset.value < kQuarter; });
  for (const int context : {64, 512}) {
    const auto made = run(composer(context, Taste::kUniform),
                          {.primer = piece, .add_tracks = {{0, true}, {33, false}, {73, false}}, .seed = 3});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    Score rest = made->score;
    ASSERT_EQ(rest.tracks.size(), 8u);
    EXPECT_TRUE(rest.tracks[5].is_drum);
    EXPECT_EQ(rest.tracks[6].program, 33);
    EXPECT_EQ(rest.tracks[7].program, 73);
    std::size_t notes = 0;
    for (std::size_t t = 5; t < 8; ++t) {
      notes += rest.tracks[t].notes.size();
      for (const Note& note : rest.tracks[t].notes) {
        EXPECT_GE(note.onset.value, kQuarter) << "before the pickup";
        EXPECT_LE(note.end().value, 7 * kBar);
      }
    }
    EXPECT_GT(notes, 0u);
    rest.tracks.resize(5);
    EXPECT_EQ(rest, piece);
  }
}

TEST(AddTracks, ANewPieceHasTheInstrumentsTheMeterAndTheTempo) {
  const auto made = run(composer(128, Taste::kUniform), {.add_tracks = {{33, false}, {0, true}, {33, false}},
                                                         .tempo = 90,
                                                         .meter_numerator = 3,
                                                         .meter_denominator = 4,
                                                         .length = {LengthUnit::kBars, 10},
                                                         .seed = 5});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  const Score& piece = made->score;
  ASSERT_EQ(piece.tracks.size(), 3u);
  EXPECT_EQ(piece.tracks[0].program, 33);
  EXPECT_TRUE(piece.tracks[1].is_drum);
  EXPECT_EQ(piece.tracks[2].program, 33);
  ASSERT_EQ(piece.tempos.size(), 1u);
  EXPECT_NEAR(60e6 / piece.tempos[0].microseconds_per_quarter, 90, 0.01);
  ASSERT_EQ(piece.time_signatures.size(), 1u);
  EXPECT_EQ(piece.time_signatures[0].numerator, 3);
  EXPECT_GT(piece.note_count(), 0u);
  for (const auto& track : piece.tracks)
    for (const Note& note : track.notes) EXPECT_LE(note.end().value, 10 * 3 * piece.ticks_per_quarter);
}

TEST(AddTracks, ANewPieceHasTheKeySignature) {
  const score::KeySignature key{.fifths = -3, .is_minor = true};
  const auto made =
      run(composer(128, Taste::kUniform), {.add_tracks = {{0, false}}, .key = key, .length = {LengthUnit::kBars, 4}});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ(made->score.key_signatures, std::vector{key});
  EXPECT_FALSE(run(composer(128), {.primer = band_piece(2), .add_tracks = {{0, false}}, .key = key}).ok());
}

// A model that likes silence best.
Composer silent_composer() {
  Composer c = composer(512);
  const TokenId silent = c.tokenizer->track_cells()->silent();
  c.model = std::make_shared<FakeModel>(c.model->config(),
                                        [=](std::span<const TokenId>, std::size_t, std::span<float> logits) {
                                          std::ranges::fill(logits, 0.0f);
                                          logits[std::size_t(silent)] = 20;
                                        });
  return c;
}

TEST(AddTracks, EveryInstrumentPlays) {
  const Composer c = silent_composer();
  for (const int bars : {1, 2, 7}) {
    const auto made =
        run(c, {.add_tracks = {{0, false}, {33, false}, {0, true}}, .length = {LengthUnit::kBars, double(bars)}});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    for (const auto& track : made->score.tracks) EXPECT_FALSE(track.notes.empty()) << bars;
    EXPECT_LT(made->score.tracks[0].notes[0].onset.value, 4 * made->score.ticks_per_quarter);
  }
}

TEST(AddTracks, NoInstrumentRestsLongerThanAsked) {
  const Composer c = silent_composer();
  constexpr int kBars = 12;
  for (const int rest : {0, 1, 2, 5}) {
    ComposeOptions options{.add_tracks = {{0, false}, {33, false}}, .length = {LengthUnit::kBars, double(kBars)}};
    options.note_rules.longest_rest_bars = rest;
    const auto made = run(c, options);
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    const Ticks bar(4 * made->score.ticks_per_quarter);
    for (const auto& track : made->score.tracks) {
      std::vector<int> rests(1);  // before, between and after the bars that it plays
      for (int i = 0; i < kBars; ++i) {
        const auto is_in_bar = [&](const Note& note) { return note.onset.value / bar.value == i; };
        if (std::ranges::any_of(track.notes, is_in_bar)) {
          rests.push_back(0);
        } else {
          ++rests.back();
        }
      }
      EXPECT_LE(std::ranges::max(rests), rest);
    }
  }
}

// A model that always likes the same note best.
TEST(AddTracks, NoBarIsRepeatedWithoutEnd) {
  Composer c = composer(512);
  const auto word = [&](const char* text) { return std::size_t(*c.tokenizer->vocabulary().find(text)); };
  const std::size_t position = word("Position_0"), pitch = word("Pitch_60"), bar = word("Bar_None");
  c.model = std::make_shared<FakeModel>(c.model->config(),
                                        [=](std::span<const TokenId>, std::size_t, std::span<float> logits) {
                                          std::ranges::fill(logits, 0.0f);
                                          logits[position] = logits[pitch] = 30;
                                          logits[bar] = 20;
                                        });
  for (const std::vector<Instrument>& instruments : {std::vector<Instrument>{{0, false}}, {{0, false}, {33, false}}}) {
    const auto made =
        run(c, {.add_tracks = instruments, .length = {LengthUnit::kBars, 60}, .sampler = {.temperature = 0}});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    std::vector<std::vector<std::uint8_t>> bars(60);
    for (const auto& track : made->score.tracks)
      for (const Note& note : track.notes)
        bars[std::size_t(note.onset.value / (4 * made->score.ticks_per_quarter))].push_back(note.pitch);
    int equal = 1, most = 1;
    for (std::size_t i = 1; i < bars.size(); ++i) {
      equal = bars[i] == bars[i - 1] ? equal + 1 : 1;
      most = std::max(most, equal);
    }
    EXPECT_LE(most, 5);
    EXPECT_GE(most, 3);
  }
}

TEST(AddTracks, EqualSeedsGiveEqualPieces_OthersOthers) {
  const Score piece = band_piece(4);
  const Composer c = composer(512, Taste::kUniform);
  const auto with_seed = [&](std::uint64_t seed) {
    return run(c, {.primer = piece, .add_tracks = {{0, false}}, .seed = seed})->score;
  };
  EXPECT_EQ(with_seed(1), with_seed(1));
  EXPECT_NE(with_seed(1), with_seed(2));
}

// The most notes of a track that sound at once.
int polyphony(const score::Track& track) {
  int most = 0;
  for (const Note& note : track.notes)
    most = std::max(most, int(std::ranges::count_if(track.notes, [&](const Note& other) {
                      return other.onset <= note.onset && other.end() > note.onset;
                    })));
  return most;
}

TEST(NoteRules, HoldInEveryTask) {
  const Score piece = band_piece(6);
  NoteRules rules{.lowest = 50, .highest = 69, .pitch_classes = 0b101010110101, .most_at_once = 2};
  const auto keeps_to_rules = [&](const Note& note) {
    return note.pitch >= 50 && note.pitch <= 69 && (rules.pitch_classes >> note.pitch % 12 & 1) != 0;
  };
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Composer c = composer(256, Taste::kUniform);
    const auto added =
        run(c, {.primer = piece, .add_tracks = {{0, false}, {0, true}}, .note_rules = rules, .seed = seed});
    ASSERT_TRUE(added.ok()) << added.error().to_line();
    EXPECT_TRUE(std::ranges::all_of(added->score.tracks[5].notes, keeps_to_rules));
    EXPECT_LE(polyphony(added->score.tracks[5]), 2);
    EXPECT_LE(polyphony(added->score.tracks[6]), 2);
    const auto longer =
        run(c, {.primer = piece, .note_rules = rules, .ending = true, .length = {LengthUnit::kBars, 4}, .seed = seed});
    ASSERT_TRUE(longer.ok()) << longer.error().to_line();
    for (const std::size_t track : {0u, 1u, 2u})
      for (const Note& note : longer->score.tracks[track].notes)
        if (note.onset.value >= 7 * kBar) EXPECT_TRUE(keeps_to_rules(note)) << int(note.pitch);
  }
}

TEST(NoteRules, ATrackKeepsToItsInstrument_UnlessAskedNotTo) {
  const std::vector<Instrument> instruments = {{33, false}, {40, false}, {47, false}};
  ComposeOptions options{.add_tracks = instruments, .length = {LengthUnit::kBars, 12}};
  const auto count_outside = [&](const Score& piece) {
    int outside = 0;
    for (const score::Track& track : piece.tracks) {
      const score::PitchSpan range = score::program_range(track.program);
      outside += int(std::ranges::count_if(
          track.notes, [&](const Note& note) { return note.pitch < range.lowest || note.pitch > range.highest; }));
    }
    return outside;
  };
  const auto within = run(composer(512, Taste::kUniform), options);
  ASSERT_TRUE(within.ok()) << within.error().to_line();
  EXPECT_GT(within->score.note_count(), 20u);
  EXPECT_EQ(count_outside(within->score), 0);
  options.note_rules.keeps_to_instruments = false;
  EXPECT_GT(count_outside(run(composer(512, Taste::kUniform), options)->score), 0);
}

// Here a bass that plays two octaves above its range.
TEST(NoteRules, ATrackMayPlayWhereThePieceHasItPlay) {
  Score piece = band_piece(8);
  for (Note& note : piece.tracks[1].notes) note.pitch = std::uint8_t(note.pitch + 36);
  const auto made = run(composer(512, Taste::kUniform), {.primer = piece, .fill = BarRange{3, 6}, .fill_tracks = {1}});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  const auto highest = [](const score::Track& track) { return std::ranges::max(track.notes, {}, &Note::pitch).pitch; };
  EXPECT_LE(highest(made->score.tracks[1]), highest(piece.tracks[1]));
  EXPECT_GT(std::ranges::count_if(made->score.tracks[1].notes, [](const Note& note) { return note.pitch > 67; }), 8);
}

// Where all that a bass can play is locked, new notes are where no bass plays, and not nowhere.
TEST(NoteRules, LockedPitchesMayBeAllOfAnInstrument) {
  ComposeOptions options{.primer = band_piece(8), .fill = BarRange{3, 6}, .fill_tracks = {1}};
  options.locked = {{20, 90}};
  const auto made = run(composer(512, Taste::kUniform), options);
  ASSERT_TRUE(made.ok()) << made.error().to_line();
}

TEST(NoteRules, ABarInWhichATrackPlaysHasAboutTheNotesAskedFor) {
  for (const Taste taste : kTastes) {
    for (const int notes : {1, 5, 12, 40}) {
      const auto made = run(composer(512, taste), {.add_tracks = {{0, false}, {0, true}},
                                                   .note_rules = {.notes_per_bar = notes},
                                                   .length = {LengthUnit::kBars, 6},
                                                   .seed = 2});
      if (!made.ok()) continue;
      const auto wanted = tokens::TrackCells::notes_of(tokens::TrackCells::density_of(notes));
      for (const auto& track : made->score.tracks) {
        std::map<std::int64_t, int> bars;
        for (const Note& note : track.notes) ++bars[note.onset.value / (4 * made->score.ticks_per_quarter)];
        for (const auto& [bar, count] : bars) {
          EXPECT_GE(count, wanted.least) << notes;
          EXPECT_LE(count, wanted.most) << notes;
        }
      }
    }
  }
}

TEST(NoteRules, NotesBeginOnTheGrid_AndAreAsManyAsAreAskedFor) {
  for (const Taste taste : kTastes) {
    for (const auto& [numerator, denominator] : {std::pair(4, 4), std::pair(6, 8)}) {
      for (const int grid : {1, 2, 4}) {
        const auto made = run(composer(512, taste), {.add_tracks = {{0, false}, {0, true}},
                                                     .meter_numerator = numerator,
                                                     .meter_denominator = denominator,
                                                     .note_rules = {.notes_per_bar = 3, .grid = grid},
                                                     .length = {LengthUnit::kBars, 4},
                                                     .seed = 2});
        ASSERT_TRUE(made.ok()) << made.error().to_line();
        for (const auto& track : made->score.tracks) {
          EXPECT_GE(track.notes.size(), 3u);
          for (const Note& note : track.notes) {
            const auto bar = std::int64_t(made->score.ticks_per_quarter) * 4 * numerator / denominator;
            EXPECT_EQ(note.onset.value % bar * grid % made->score.ticks_per_quarter, 0) << grid;
          }
        }
      }
    }
  }
}

TEST(NoteRules, RefusesWhatNoPitchKeepsTo) {
  const auto problem = [&](NoteRules rules) {
    const auto made = run(composer(64), {.primer = band_piece(2), .add_tracks = {{0, false}}, .note_rules = rules});
    return made.ok() ? std::string() : made.error().what;
  };
  EXPECT_EQ(problem({.lowest = 61, .highest = 61, .pitch_classes = 1}),
            "no pitch that the model knows is in that range and scale");
  EXPECT_NE(problem({.lowest = 70, .highest = 60}), "");
  EXPECT_NE(problem({.most_at_once = -1}), "");
  EXPECT_EQ(problem({.grid = 3}),
            "the model has 8 places in a quarter for notes to begin at, so a grid of the notes must divide that");
  EXPECT_NE(problem({.grid = -1}), "");
  EXPECT_NE(run(composer(64), {.note_rules = {.most_at_once = 1}}).error().what.find("bar_tracks"), std::string::npos);
}

TEST(Infill, KeptRhythmChangesPitchesAndNothingElse) {
  const Score piece = band_piece(8);
  for (const double strength : {1.0, 0.0}) {
    const auto made = run(composer(256, Taste::kUniform), {.primer = piece,
                                                           .fill = BarRange{3, 6},
                                                           .fill_tracks = {0, 2, 4},
                                                           .keep = Keep::kRhythm,
                                                           .strength = strength,
                                                           .seed = 2});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    Score unchanged = made->score;
    std::size_t changed = 0;
    for (const std::size_t track : {0u, 2u}) {
      const auto& before = piece.tracks[track].notes;
      ASSERT_EQ(made->score.tracks[track].notes.size(), before.size());
      std::multiset<std::array<std::int64_t, 3>> old_rhythm, rhythm;
      for (std::size_t i = 0; i < before.size(); ++i) {
        const Note& note = made->score.tracks[track].notes[i];
        old_rhythm.insert({before[i].onset.value, before[i].duration.value, before[i].velocity});
        rhythm.insert({note.onset.value, note.duration.value, note.velocity});
        changed += note.pitch != before[i].pitch;
      }
      EXPECT_EQ(rhythm, old_rhythm);
      unchanged.tracks[track] = piece.tracks[track];
    }
    EXPECT_EQ(unchanged, piece) << "drums and the other tracks";
    EXPECT_EQ(changed > 0, strength > 0);
  }
}

// In 11/8, which has no word, the tokens have other bars.
TEST(Infill, BarsThatTheTokensCountDifferently) {
  Score piece = band_piece(9);
  piece.time_signatures = {{Ticks(0), 11, 8}};
  const std::int64_t bar = 11 * kQuarter / 2;
  const Composer c = composer(512, Taste::kUniform);
  for (int first = 1; first <= 4; ++first) {
    const auto made = run(c, {.primer = piece, .fill = BarRange{first, first}, .seed = 3});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    for (std::size_t track = 0; track < piece.tracks.size(); ++track)
      EXPECT_EQ(notes_outside(made->score.tracks[track], (first - 1) * bar, first * bar),
                notes_outside(piece.tracks[track], (first - 1) * bar, first * bar));
  }
}

TEST(Continue, NewBarsAreOfThePrimersTracks) {
  const Score piece = band_piece(5);
  const auto made = run(composer(256, Taste::kUniform), {.primer = piece, .length = {LengthUnit::kBars, 6}, .seed = 2});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  ASSERT_EQ(made->score.tracks.size(), piece.tracks.size());
  const std::int64_t start = 5 * kBar;
  std::size_t fresh = 0;
  for (std::size_t i = 0; i < piece.tracks.size(); ++i) {
    EXPECT_EQ(made->score.tracks[i].program, piece.tracks[i].program);
    EXPECT_EQ(notes_outside(made->score.tracks[i], start, start + 6 * kBar), piece.tracks[i].notes);
    fresh += made->score.tracks[i].notes.size() - piece.tracks[i].notes.size();
  }
  EXPECT_GT(fresh, 0u);
}

TEST(Continue, AnEndingNeedsTrackCellsAndBars) {
  const Score piece = band_piece(2);
  const auto problem = [&](const Composer& c, ComposeOptions options) {
    const auto made = run(c, options);
    return made.ok() ? std::string() : made.error().what;
  };
  EXPECT_NE(problem(composer(64, Taste::kWhim, "remi"), {.primer = piece, .ending = true}).find("bar_tracks"),
            std::string::npos);
  EXPECT_NE(
      problem(composer(64), {.primer = piece, .ending = true, .length = {LengthUnit::kSeconds, 3}}).find("in bars"),
      std::string::npos);
  EXPECT_NE(problem(composer(64), {.ending = true}), "");
}

TEST(AddTracks, RefusesWhatItCannotDo) {
  const auto problem = [&](const Composer& c, ComposeOptions options) {
    const auto made = run(c, options);
    return made.ok() ? std::string() : made.error().what;
  };
  EXPECT_NE(problem(composer(64, Taste::kWhim, "remi"), {.add_tracks = {{0, false}}}).find("bar_tracks"),
            std::string::npos);
  EXPECT_NE(problem(composer(64), {.add_tracks = std::vector<Instrument>(9)}).find("at most"), std::string::npos);
  EXPECT_EQ(problem(composer(64), {.add_tracks = {{0, false}}, .meter_numerator = 11, .meter_denominator = 8}),
            "the model does not know the meter 11/8; it knows 2/2, 3/2, 1/4, 2/4, 3/4, 4/4, 5/4, 6/4, 3/8, 5/8, 6/8, "
            "7/8, 9/8, "
            "12/8");
  EXPECT_NE(problem(composer(64), {.add_tracks = {{0, false}}, .length = {LengthUnit::kSeconds, 10}}).find("bars"),
            std::string::npos);
}

}  // namespace
}  // namespace continuo::generate
