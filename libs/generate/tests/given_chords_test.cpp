#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/generate/compose.h"
#include "continuo/tokens/beat_tokenizers.h"
#include "continuo/tokens/track_cells.h"

#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;
using score::Note;
using score::Score;
using score::Ticks;

// A model that likes the root of the last chord it has read (C for none that sounds) this much, and C#1 always by 3.
Composer composer_that_hears_chords(float liking = 30) {
  Composer composer = fake_composer("bar_tracks", Taste::kUniform, {.context_length = 512});
  composer.tokenizer = tokens::make_beat_tokenizer("bar_tracks", {.chords = true}).value();
  checkpoint::ModelConfig config = composer.model->config();
  config.vocab_size = composer.tokenizer->vocabulary().size();
  const auto tokenizer = composer.tokenizer;
  composer.model = std::make_shared<FakeModel>(
      config, [tokenizer, liking](std::span<const TokenId> tokens, std::size_t at, std::span<float> logits) {
        std::ranges::fill(logits, 0.0f);
        logits[std::size_t(*tokenizer->vocabulary().find("Pitch_25"))] = 3;
        std::optional<int> root;
        for (const TokenId token : tokens.first(at + 1)) {
          const std::string word(tokenizer->vocabulary().word(token));
          if (!word.starts_with("Chord_") || word == "Chord_Half") continue;
          const auto chord = score::nearest_chord(word.substr(6));
          root = chord ? chord->root : 0;
        }
        if (root) logits[std::size_t(*tokenizer->vocabulary().find("Pitch_" + std::to_string(60 + *root)))] = liking;
      });
  return composer;
}

std::vector<score::BarChords> progression(const char* text) { return score::read_progression(text).value(); }

// The pitch classes of each bar of a track, and those that are named above.
std::vector<int> played(const score::Track& track, Ticks bar, std::size_t bars) {
  std::vector<int> classes(bars, -1);
  for (const Note& note : track.notes) {
    int& known = classes[std::size_t(note.onset.value / bar.value)];
    known = known < 0 || known == note.pitch % 12 ? note.pitch % 12 : 99;
  }
  return classes;
}
std::string named(const Score& score) {
  std::string text;
  for (const auto& symbol : score.chord_symbols)
    text += std::to_string(symbol.onset.value * 4 / score.ticks_per_quarter) + ":" + symbol.text + " ";
  return text;
}

// Three bars of 4/4 for flute.
Score tune() {
  Score piece;
  piece.ticks_per_quarter = 480;
  piece.time_signatures = {{Ticks(0), 4, 4}};
  score::Track track{.program = 73};
  for (int beat = 0; beat < 12; ++beat) track.notes.push_back({Ticks(480 * beat), Ticks(480), 72, 80});
  piece.tracks.push_back(track);
  return piece;
}

TEST(GivenChords, AreShownToTheModelBarByBar_AndNamed) {
  const auto made = run(composer_that_hears_chords(), {.add_tracks = {{0, false}},
                                                       .note_rules = {.notes_per_bar = 1},
                                                       .chords = progression("Am F Bdim"),
                                                       .length = {LengthUnit::kBars, 4}});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  const Ticks bar(4 * made->score.ticks_per_quarter);
  EXPECT_EQ(played(made->score.tracks[0], bar, 4), (std::vector<int>{9, 5, 11, 9}));
  EXPECT_EQ(named(made->score), "0:Am 16:F 32:Bdim 48:Am ");
}

TEST(GivenChords, GuidanceMakesThemCountForMore) {
  const auto first_pitch = [](double guidance) {
    const auto made = run(composer_that_hears_chords(2), {.add_tracks = {{0, false}},
                                                          .note_rules = {.notes_per_bar = 1},
                                                          .chords = progression("Am"),
                                                          .guidance = guidance,
                                                          .length = {LengthUnit::kBars, 1},
                                                          .sampler = {.temperature = 0}});
    return made.ok() ? int(made->score.tracks.at(0).notes.at(0).pitch) : -1;
  };
  EXPECT_EQ(first_pitch(0), 25) << "as if no chord were asked for";
  EXPECT_EQ(first_pitch(1), 25);
  EXPECT_EQ(first_pitch(1.6), 69);
  EXPECT_EQ(first_pitch(3), 69);
}

// A model that is a little more inclined to silence where it has read a chord.
Composer composer_of_few_notes() {
  Composer composer = composer_that_hears_chords();
  const auto tokenizer = composer.tokenizer;
  composer.model = std::make_shared<FakeModel>(
      composer.model->config(), [tokenizer](std::span<const TokenId> tokens, std::size_t at, std::span<float> logits) {
        std::ranges::fill(logits, 0.0f);
        const bool has_chord = std::ranges::any_of(tokens.first(at + 1), [&](TokenId token) {
          return tokenizer->vocabulary().word(token).starts_with("Chord_");
        });
        if (has_chord) logits[std::size_t(tokenizer->track_cells()->silent())] = 1;
      });
  return composer;
}

TEST(GivenChords, GuidanceDoesNotSilenceInstruments) {
  const auto made = run(composer_of_few_notes(), {.add_tracks = {{73, false}, {0, false}},
                                                  .note_rules = {.longest_rest_bars = 100},
                                                  .chords = progression("Am"),
                                                  .guidance = 8,
                                                  .length = {LengthUnit::kBars, 40}});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  const auto bars = played(made->score.tracks[0], Ticks(4 * made->score.ticks_per_quarter), 40);
  EXPECT_LT(std::ranges::count(bars, -1), 10);
}

// The root of the last chord that is named in each bar, as the piece is named all along.
std::vector<int> named_roots(const Score& piece, std::size_t bars) {
  std::vector<int> roots;
  for (std::size_t bar = 1; bar <= bars; ++bar) {
    const Ticks end(std::int64_t(bar) * 4 * piece.ticks_per_quarter);
    int root = -1;
    for (const auto& symbol : piece.chord_symbols) {
      const auto chord = score::nearest_chord(symbol.text);
      if (symbol.onset < end) root = chord ? chord->root : 0;
    }
    roots.push_back(root);
  }
  return roots;
}

TEST(DrawnChords, AreChosenForEachBar_Played_AndNamed) {
  std::size_t halves = 0;
  std::set<std::string> progressions;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto made = run(composer_that_hears_chords(), {.add_tracks = {{0, false}},
                                                         .form = seed % 2 == 0 ? "ABA" : "",
                                                         .note_rules = {.notes_per_bar = 1},
                                                         .draws_chords = true,
                                                         .length = {LengthUnit::kBars, 6},
                                                         .seed = seed});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    const Score& piece = made->score;
    const auto roots = named_roots(piece, 6);
    EXPECT_EQ(played(piece.tracks[0], Ticks(4 * piece.ticks_per_quarter), 6), roots) << named(piece);
    if (seed % 2 == 0) EXPECT_TRUE(roots[0] == roots[4] && roots[1] == roots[5]) << named(piece);
    for (const auto& symbol : piece.chord_symbols) halves += symbol.onset.value % (4 * piece.ticks_per_quarter) != 0;
    progressions.insert(named(piece));
  }
  EXPECT_GT(halves, 0u);
  EXPECT_EQ(progressions.size(), 10u);
}

TEST(DrawnChords, KeepToTheScale) {
  const std::uint16_t c_major = 0b101010110101;
  const auto made = run(composer_that_hears_chords(), {.add_tracks = {{0, false}},
                                                       .note_rules = {.pitch_classes = c_major},
                                                       .draws_chords = true,
                                                       .length = {LengthUnit::kBars, 20}});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  std::set<std::string> names;
  for (const auto& symbol : made->score.chord_symbols) {
    names.insert(symbol.text);
    if (const auto chord = score::nearest_chord(symbol.text)) EXPECT_EQ(score::pitch_classes(*chord) & ~c_major, 0);
  }
  EXPECT_GT(names.size(), 5u);
}

TEST(DrawnChords, ForAPrimersBars) {
  ComposeOptions options{.primer = tune(), .fill = BarRange{2, 2}, .draws_chords = true, .seed = 3};
  const auto filled = run(composer_that_hears_chords(), options);
  ASSERT_TRUE(filled.ok()) << filled.error().to_line();
  ASSERT_FALSE(filled->score.chord_symbols.empty());
  for (const auto& symbol : filled->score.chord_symbols)
    EXPECT_TRUE(symbol.onset.value >= 4 * 480 && symbol.onset.value < 8 * 480) << named(filled->score);
  options.fill.reset();
  options.length = {LengthUnit::kBars, 2};
  const auto longer = run(composer_that_hears_chords(), options);
  ASSERT_TRUE(longer.ok()) << longer.error().to_line();
  ASSERT_FALSE(longer->score.chord_symbols.empty());
  EXPECT_GE(longer->score.chord_symbols[0].onset.value, 12 * 480);
  options.chords = progression("Am");
  EXPECT_FALSE(run(composer_that_hears_chords(), options).ok()) << "given and drawn";
}

// As little guidance changes no choice here, it changes nothing.
TEST(GivenChords, LikelihoodIsTheModelsOwn) {
  const Composer c = composer_that_hears_chords(2);
  const auto likelihood = [&](double guidance) {
    const auto made = run(c, {.add_tracks = {{0, false}},
                              .chords = progression("C#"),
                              .guidance = guidance,
                              .length = {LengthUnit::kBars, 2},
                              .sampler = {.temperature = 0}});
    return made.ok() ? made->likelihood.mean() : 0;
  };
  EXPECT_LT(likelihood(1), 0);
  EXPECT_NEAR(likelihood(1), likelihood(1.2), 1e-6);
}

TEST(GivenChords, TwoInABarAreForItsHalves) {
  const auto made =
      run(composer_that_hears_chords(),
          {.add_tracks = {{0, false}}, .chords = progression("C G | N.C."), .length = {LengthUnit::kBars, 2}});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ(named(made->score), "0:C 8:G 16:N.C. ");
}

TEST(GivenChords, NewBarsAfterAPrimer) {
  const auto made = run(composer_that_hears_chords(), {.primer = tune(),
                                                       .note_rules = {.notes_per_bar = 1},
                                                       .chords = progression("Em D"),
                                                       .length = {LengthUnit::kBars, 2}});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ(played(made->score.tracks[0], Ticks(1920), 5), (std::vector<int>{0, 0, 0, 4, 2}));
  EXPECT_EQ(named(made->score), "48:Em 64:D ");
}

// The chord symbols of a lead sheet are heard, and stay as they are written; those that are asked for take their place.
TEST(GivenChords, ThoseOfALeadSheet) {
  Score sheet = tune();
  sheet.chord_symbols = {{Ticks(0), "Cmaj9"}, {Ticks(1920), "F#m/A"}, {Ticks(2880 + 20), "E7"}};
  const Composer c = composer_that_hears_chords();
  ComposeOptions options{.primer = sheet, .add_tracks = {{0, false}}, .note_rules = {.notes_per_bar = 1}};
  const auto made = run(c, options);
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  const auto roots = played(made->score.tracks[1], Ticks(1920), 3);
  EXPECT_EQ(roots[0], 0);
  EXPECT_EQ(roots[2], 4);
  EXPECT_EQ(made->score.chord_symbols, sheet.chord_symbols);

  ComposeOptions fill{.primer = sheet, .fill = BarRange{2, 2}, .chords = progression("G")};
  const auto filled = run(c, fill);
  ASSERT_TRUE(filled.ok()) << filled.error().to_line();
  EXPECT_EQ(played(filled->score.tracks[0], Ticks(1920), 3)[1], 7);
  EXPECT_EQ(named(filled->score), "0:Cmaj9 16:G ");
}

// A model that would rather be silent.
TEST(GivenChords, AreNotAnsweredBySilence) {
  Composer c = composer_that_hears_chords();
  const auto silent = c.tokenizer->track_cells()->silent();
  c.model = std::make_shared<FakeModel>(c.model->config(),
                                        [=](std::span<const TokenId>, std::size_t, std::span<float> logits) {
                                          std::ranges::fill(logits, 0.0f);
                                          logits[std::size_t(silent)] = 30;
                                        });
  const auto made = run(c, {.primer = tune(), .fill = BarRange{1, 3}, .chords = progression("C N.C. F")});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  const auto classes = played(made->score.tracks[0], Ticks(1920), 3);
  EXPECT_GE(classes[0], 0);
  EXPECT_EQ(classes[1], -1) << "no chord: silence is as good as anything";
  EXPECT_GE(classes[2], 0);
}

// In 1/4, which has no word here, four bars are one bar of the tokens.
TEST(GivenChords, AreNamedInTheBarsThatWereAskedFor) {
  Score sheet = tune();
  sheet.time_signatures = {{Ticks(0), 1, 4}};
  sheet.chord_symbols = {{Ticks(0), "C"}, {Ticks(480), "D"}, {Ticks(960), "E"}, {Ticks(1440), "F"}};
  Composer c = composer_that_hears_chords();
  c.tokenizer = tokens::make_beat_tokenizer("bar_tracks", {.meter_words = {{4, 4}}, .chords = true}).value();
  checkpoint::ModelConfig config = c.model->config();
  config.vocab_size = c.tokenizer->vocabulary().size();
  c.model = std::make_shared<FakeModel>(
      config, [](std::span<const TokenId>, std::size_t, std::span<float> logits) { std::ranges::fill(logits, 0.0f); });
  const auto made = run(c, {.primer = sheet, .fill = BarRange{3, 3}, .chords = progression("G")});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ(named(made->score), "0:C 4:D 8:G 12:F ");
}

TEST(GivenChords, RefusesWhatCannotBe) {
  const auto problem = [](const Composer& c, ComposeOptions options) {
    const auto made = run(c, options);
    return made.ok() ? std::string() : made.error().what;
  };
  const Composer without = fake_composer("bar_tracks", Taste::kWhim, {.context_length = 512});
  EXPECT_EQ(problem(without, {.add_tracks = {{0, false}}, .chords = progression("C")}),
            "the model has learned no chords; one whose tokenizer was made with '--with chords' has");
  const Composer c = composer_that_hears_chords();
  EXPECT_EQ(problem(c, {.add_tracks = {{0, false}}, .meter_numerator = 3, .chords = progression("F | C G")}),
            "bar 2 of the new ones has no halves for two chords; only bars of an even number of beats have");
  EXPECT_EQ(problem(c, {.add_tracks = {{0, true}}, .chords = progression("C")}), "drums have no chords");
  EXPECT_EQ(problem(c, {.add_tracks = {{0, false}}, .chords = progression("C"), .guidance = 11}),
            "the guidance must be from 0 to 10");
  EXPECT_EQ(problem(c, {.add_tracks = {{0, false}}, .guidance = 2}),
            "guidance is for chords and notes a bar, and neither is asked for");
  EXPECT_NE(problem(c, {.chords = progression("C")}), "") << "a piece of any instruments";
  EXPECT_NE(problem(fake_composer("remi", Taste::kWhim, {}), {.chords = progression("C")}), "");
}

}  // namespace
}  // namespace continuo::generate
