#include "continuo/generate/compose.h"

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;

constexpr double kTick = 0.002;  // Units: seconds; no tick of ours is longer

// Tokenisation, causal or not, taste.
class Compose : public ::testing::TestWithParam<std::tuple<std::string, bool, Taste>> {
 protected:
  Composer composer() const {
    const auto& [name, bidirectional, taste] = GetParam();
    return fake_composer(name, taste, {.bidirectional = bidirectional});
  }
  bool marks_bars() const { return std::get<0>(GetParam()) == "remi"; }
};

INSTANTIATE_TEST_SUITE_P(All, Compose,
                         ::testing::Combine(::testing::Values("remi", "performance", "note_chord"), ::testing::Bool(),
                                            ::testing::ValuesIn(kTastes)));

TEST_P(Compose, Bars_GrammaticalAndExact) {
  const Composer c = composer();
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    ComposeOptions options{.length = {LengthUnit::kBars, 5}, .seed = seed, .rounds = 6};
    const auto made = run(c, options);
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    EXPECT_EQ(grammar_complaint(*c.tokenizer, {}, *made), "");
    const auto meter = c.tokenizer->length_meter();
    for (const TokenId token : made->tokens) meter->accept(token);
    if (marks_bars()) {
      EXPECT_EQ(meter->bars_begun(), 5u);
    } else {
      const double bar = 4 * (made->score.tempo_map().at(score::Ticks(0)).microseconds_per_quarter / 1e6);
      EXPECT_LE(made->score.duration().value, 5 * bar + kTick);
      EXPECT_TRUE(made->tokens.size() > 1500 || meter->elapsed().value >= 5 * bar - kTick);
    }
  }
}

TEST_P(Compose, Seconds_GrammaticalAndNotLonger) {
  const Composer c = composer();
  const auto made = run(c, {.length = {LengthUnit::kSeconds, 7.3}, .seed = 3, .rounds = 6});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ(grammar_complaint(*c.tokenizer, {}, *made), "");
  EXPECT_LE(made->score.duration().value, 7.3 + kTick);
  EXPECT_GT(made->score.note_count(), 0u);
}

TEST_P(Compose, Tokens_NeverMoreAndHardlyFewer) {
  const Composer c = composer();
  for (const int amount : {40, 300, 1000}) {
    const auto made = run(c, {.length = {LengthUnit::kTokens, double(amount)}, .seed = 9, .rounds = 6});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    EXPECT_EQ(grammar_complaint(*c.tokenizer, {}, *made), "");
    EXPECT_LE(made->tokens.size(), std::size_t(amount));
    EXPECT_GE(made->tokens.size(), std::size_t(amount) * 9 / 10);
  }
}

TEST_P(Compose, SameSeedSameMusic_AnyThreads) {
  const Composer c = composer();
  const ComposeOptions options{.length = {LengthUnit::kBars, 4}, .seed = 5, .rounds = 4};
  const auto a = run(c, options, 1), b = run(c, options, 2);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->tokens, b->tokens);
  EXPECT_EQ(a->score, b->score);
  ComposeOptions other = options;
  other.seed = 6;
  EXPECT_NE(run(c, other)->tokens, a->tokens);
}

TEST_P(Compose, TemperatureZero_SeedChangesNothing) {
  const Composer c = composer();
  ComposeOptions options{.length = {LengthUnit::kBars, 3}, .seed = 5, .rounds = 4};
  options.sampler.temperature = 0;
  const auto a = run(c, options);
  options.seed = 77;
  const auto b = run(c, options);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->tokens, b->tokens);
}

// One kind of word drawn by chance is enough for another piece, and its temperature holds for it alone.
Result<std::vector<Composition>> distinct_pieces(const Composer& composer, const ComposeOptions& options,
                                                 Distinct distinct, std::size_t* tokens = nullptr) {
  ThreadPool threads(1);
  NoProgress progress;
  return compose_distinct(composer, options, distinct, threads, progress, tokens);
}

TEST(Distinct, RefusedPieces_AreDrawnAgain) {
  const Composer c = fake_composer("remi", Taste::kUniform);
  const ComposeOptions options{.length = {LengthUnit::kBars, 2}, .seed = 1};
  const auto found = distinct_pieces(
      c, options, {.drawn = 3, .wanted = 3, .accepts = [](const Composition& piece) { return piece.seed % 4 == 0; }});
  ASSERT_TRUE(found.ok()) << found.error().to_line();
  ASSERT_EQ(found->size(), 3u);
  for (const Composition& piece : *found) {
    EXPECT_EQ(piece.seed % 4, 0u);
    ComposeOptions again = options;
    again.seed = piece.seed;
    EXPECT_EQ(run(c, again)->score, piece.score);
  }
  ComposeOptions other = options;
  other.seed = 2;
  const auto others = distinct_pieces(c, other, {.accepts = [](const Composition& piece) { return piece.seed > 9; }});
  const auto ours = distinct_pieces(c, options, {.accepts = [](const Composition& piece) { return piece.seed > 9; }});
  ASSERT_TRUE(others.ok() && ours.ok());
  EXPECT_NE(others->at(0).seed, ours->at(0).seed) << "two seeds give two pieces";
  std::size_t tokens = 0;
  const auto none = distinct_pieces(c, options, {.accepts = [](const Composition&) { return false; }}, &tokens);
  ASSERT_TRUE(none.ok()) << none.error().to_line();
  EXPECT_TRUE(none->empty());
  EXPECT_GT(tokens, 0u);
}

// A model that finds everything as probable: whatever rules and filters leave, each token has the same likelihood.
TEST(Likelihood, IsWhatTheModelThinksOfWhatItDrew) {
  for (const bool bidirectional : {false, true}) {
    const Composer c = fake_composer("remi", Taste::kUniform, {.bidirectional = bidirectional});
    ComposeOptions options{.length = {LengthUnit::kBars, 4}, .seed = 5, .rounds = 4};
    options.sampler.top_k = 3;
    const auto piece = run(c, options).value();
    EXPECT_NEAR(piece.likelihood.mean(), -std::log(double(c.tokenizer->vocabulary().size())), 1e-5);
    EXPECT_GT(piece.likelihood.tokens, piece.tokens.size() / 2);
    EXPECT_LE(piece.likelihood.tokens, piece.tokens.size() + 1);
    EXPECT_EQ(piece.seed, 5u);
  }
}

TEST(Likelihood, OfACertainModelIsNothing) {
  const Composer c = composer_of(tokenizer_named("remi"), small_piece(8));
  const auto piece = run(c, {.length = {LengthUnit::kBars, 8}, .seed = 1}).value();
  EXPECT_LT(piece.likelihood.mean(), 0.0);
  EXPECT_GT(piece.likelihood.mean(), -1.0);
}

TEST(Distinct, EachPieceIsThatOfItsSeedAlone) {
  const Composer c = fake_composer("remi", Taste::kWhim);
  ComposeOptions options{.length = {LengthUnit::kBars, 2}, .seed = 7};
  std::size_t tokens = 0, sum = 0;
  const auto pieces = distinct_pieces(c, options, {.drawn = 40, .wanted = 3}, &tokens).value();
  ASSERT_EQ(pieces.size(), 40u) << "more than a batch";
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_EQ(pieces[i].seed, 7 + i);
    sum += pieces[i].tokens.size();
  }
  EXPECT_EQ(tokens, sum);
  options.seed = pieces[37].seed;
  EXPECT_EQ(run(c, options)->score, pieces[37].score);
}

// So cold that there is one result.
TEST(Distinct, EqualPiecesAreDrawnAgainAndNotForEver) {
  const Composer c = fake_composer("remi", Taste::kWhim);
  ComposeOptions options{.length = {LengthUnit::kTokens, 12}};
  options.sampler.temperature = 1e-6;
  std::size_t tokens = 0;
  const auto pieces = distinct_pieces(c, options, {.drawn = 3, .wanted = 3}, &tokens).value();
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(tokens, 12 * pieces[0].tokens.size()) << "four times as many draws as pieces that are wanted";
}

TEST(Distinct, RefusesNumbersWithoutSense) {
  const Composer c = fake_composer("remi", Taste::kWhim);
  ComposeOptions options{.length = {LengthUnit::kBars, 2}};
  EXPECT_FALSE(distinct_pieces(c, options, {.drawn = 1, .wanted = 0}).ok());
  EXPECT_FALSE(distinct_pieces(c, options, {.drawn = 1, .wanted = 2}).ok());
  options.sampler.temperature = 0;
  EXPECT_FALSE(distinct_pieces(c, options, {.drawn = 2, .wanted = 1}).ok());
  EXPECT_TRUE(distinct_pieces(c, options, {}).ok());
}

TEST(TemperatureOf, DrawsAKindByChanceWhereAllElseIsCertain) {
  const Composer c = fake_composer("remi", Taste::kWhim);
  ComposeOptions options{.length = {LengthUnit::kBars, 4}, .seed = 5};
  options.sampler.temperature = 0;
  const auto certain = run(c, options).value();
  options.temperature_of = {{"pitch", 0}};
  EXPECT_EQ(run(c, options)->tokens, certain.tokens);
  options.temperature_of = {{"pitch", 1}};
  const auto by_chance = run(c, options).value();
  EXPECT_NE(by_chance.tokens, certain.tokens);
  const auto first = std::ranges::mismatch(by_chance.tokens, certain.tokens);
  EXPECT_EQ(c.tokenizer->vocabulary().kind(*first.in1), "Pitch") << "the first difference is one of pitch";
  ThreadPool threads(1);
  NoProgress progress;
  EXPECT_TRUE(compose_variations(c, options, 2, threads, progress).ok());
}

TEST(TemperatureOf, RefusesAKindThatTheModelLacks) {
  const Composer c = fake_composer("note_chord", Taste::kUniform);
  ComposeOptions options{.length = {LengthUnit::kBars, 4}};
  options.temperature_of = {{"pitch", 1}};
  EXPECT_EQ(check_task(c, options).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(run(c, options).error().code, ErrorCode::invalid_argument);
}

TEST_P(Compose, Continuation_GrammaticalAfterPrimer) {
  const Composer c = composer();
  const auto primer = small_piece(10);
  const auto before = c.tokenizer->encode(primer).value();
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    const auto made = run(c, {.primer = primer, .length = {LengthUnit::kBars, 4}, .seed = seed, .rounds = 4});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    EXPECT_EQ(grammar_complaint(*c.tokenizer, before, *made), "");
    EXPECT_EQ(made->primer_tokens, before.size());
    if (!marks_bars()) continue;
    std::size_t bars = 0;
    for (const TokenId token : made->tokens) bars += c.tokenizer->vocabulary().word(token).starts_with("Bar");
    EXPECT_EQ(bars, 4u);
  }
}

TEST(ComposeMany, TwoHundredPieces_AllGrammatical) {
  for (const std::string name : {"remi", "performance", "note_chord"}) {
    for (const bool bidirectional : {false, true}) {
      const Composer c = fake_composer(name, Taste::kWhim, {.bidirectional = bidirectional, .context_length = 96});
      for (std::uint64_t seed = 0; seed < 200; ++seed) {
        ComposeOptions options{.length = {LengthUnit::kTokens, 60.0 + double(seed)}, .seed = seed, .rounds = 3};
        options.stop_at_end = seed % 2 == 0;
        const auto made = run(c, options);
        ASSERT_TRUE(made.ok()) << name << seed << made.error().to_line();
        ASSERT_EQ(grammar_complaint(*c.tokenizer, {}, *made), "") << name << " seed " << seed;
      }
    }
  }
}

// A model that sees 48 tokens, of which 24 stay when it reads again, does not know of notes struck before those.
TEST(ComposeOnce, BeyondTheContext_NoNoteIsForgotten) {
  const Composer c = fake_composer("performance", Taste::kWhim, {.context_length = 48});
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto made = run(c, {.length = {LengthUnit::kTokens, 1500}, .seed = seed});
    ASSERT_TRUE(made.ok());
    EXPECT_EQ(grammar_complaint(*c.tokenizer, {}, *made), "");
    std::map<std::string, std::size_t> struck;
    for (std::size_t i = 0; i < made->tokens.size(); ++i) {
      const std::string word = c.tokenizer->vocabulary().word(made->tokens[i]);
      if (word.starts_with("NoteOn_")) struck[word.substr(7)] = i;
      if (!word.starts_with("NoteOff_")) continue;
      EXPECT_LT(i - struck.at(word.substr(8)), 48u + 48u) << word << " at " << i;
    }
  }
}

TEST(ComposeOnce, BeyondTheContext_TransformerRollsAndLstmRuns) {
  for (const bool endless : {false, true}) {
    const Composer c = fake_composer("remi", Taste::kWhim, {.endless = endless, .context_length = 32});
    const auto made = run(c, {.length = {LengthUnit::kTokens, 3000}});
    ASSERT_TRUE(made.ok());
    EXPECT_EQ(made->tokens.size(), 3000u);
  }
}

// A model that never begins the next bar is made to after 512 tokens, as soon as nothing is open.
TEST(ComposeOnce, BarsThatNeverEnd_EndAtTheLimit) {
  for (const std::string name : {"remi", "tsd", "midi_like"}) {
    const Composer c = fake_composer(name, Taste::kUniform, {.context_length = 4096});
    const auto traits = c.tokenizer->traits();
    if (!traits.marks_bars()) continue;
    Composer shuns = c;
    shuns.model = std::make_shared<FakeModel>(
        c.model->config(), [&](std::span<const TokenId>, std::size_t, std::span<float> logits) {
          for (std::size_t i = 0; i < logits.size(); ++i)
            logits[i] = traits.of(TokenId(i)).begins_bar()    ? -200.0f
                        : traits.of(TokenId(i)).advances_time ? -20.0f - 0.1f * float(i)
                                                              : 0;
        });
    ComposeOptions options{.length = {LengthUnit::kBars, 3}, .seed = 2};
    options.sampler.top_k = 20;
    const auto made = run(shuns, options);
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    const auto grammar = c.tokenizer->grammar();
    std::size_t in_bar = 0, bars = 0;
    for (const TokenId token : made->tokens) {
      if (traits.of(token).begins_bar()) {
        if (bars++ > 0) {
          EXPECT_GE(in_bar, 512u);
        }
        in_bar = 0;
      } else {
        EXPECT_FALSE(bars > 0 && in_bar >= 512 && grammar->can_end()) << in_bar;
        ++in_bar;
      }
      grammar->accept(token);
    }
    EXPECT_EQ(bars, 3u);
  }
}

TEST(ComposeOnce, StopAtEnd_EndsWhereTheModelSays) {
  const Composer c = fake_composer("remi", Taste::kIllegal);
  ComposeOptions options{.length = {LengthUnit::kBars, 50}};
  options.stop_at_end = true;
  const auto made = run(c, options);
  ASSERT_TRUE(made.ok());
  EXPECT_LT(made->tokens.size(), 20u);
  EXPECT_EQ(made->score.note_count(), 1u);
}

class StopAtOnce final : public Progress {
 public:
  void update(std::uint64_t, std::uint64_t, std::string_view) override {}
  bool stop_requested() const override { return true; }
};

TEST(ComposeOnce, StopRequested_Interrupted) {
  for (const bool bidirectional : {false, true}) {
    StopAtOnce progress;
    ThreadPool threads(1);
    const auto made =
        compose(fake_composer("remi", Taste::kUniform, {.bidirectional = bidirectional}), {}, threads, progress);
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().code, ErrorCode::interrupted);
  }
}

// Units: quarters, or seconds of performance.
double longest_new_note(const Composition& made, bool in_seconds, const score::Score& primer) {
  double longest = 0;
  const auto tempos = made.score.tempo_map();
  for (const auto& track : made.score.tracks) {
    for (const auto& note : track.notes) {
      if (note.onset < primer.end()) continue;
      const double seconds = tempos.to_seconds(note.end()).value - tempos.to_seconds(note.onset).value;
      longest = std::max(longest, in_seconds ? seconds : double(note.duration.value) / made.score.ticks_per_quarter);
    }
  }
  return longest;
}

TEST(LongestNote, KeepsNewNotesToTheOptionOrTheModelsLimit_AndThePrimerAsItWas) {
  score::Score primer = small_piece(2);
  score::Note& last = primer.tracks[0].notes.back();
  last.duration = score::Ticks(std::int64_t{7} * primer.ticks_per_quarter);
  for (const std::string name : {"remi", "performance"}) {
    for (const bool bidirectional : {false, true}) {
      Composer c = fake_composer(name, Taste::kUniform, {.bidirectional = bidirectional});
      const auto longest = [&](std::optional<double> asked) {
        const auto made = run(c, {.primer = primer,
                                  .length = {LengthUnit::kTokens, 1200},
                                  .longest_note = asked,
                                  .seed = 1,
                                  .rounds = 2,
                                  .refinements = 0});
        EXPECT_TRUE(made.ok()) << made.error().to_line();
        EXPECT_EQ(grammar_complaint(*c.tokenizer, c.tokenizer->encode(primer).value(), *made), "");
        EXPECT_EQ(std::ranges::count(made->score.tracks[0].notes, last), 1) << "the primer's own";
        return longest_new_note(*made, name == "performance", primer);
      };
      EXPECT_GT(longest({}), 1.01) << "nothing is known of the model's training notes";
      EXPECT_LE(longest(1.0), 1.0 + kTick);
      c.longest_note = 0.5;
      EXPECT_LE(longest({}), 0.5 + kTick);
      EXPECT_GT(longest(0), 1.01) << "any note";
    }
  }
}

TEST(LongestNote, WhereTheTokenisationCannotLimitNotes_IsRefused) {
  Composer c = fake_composer("note_chord", Taste::kUniform);
  const auto made = run(c, {.longest_note = 1});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().to_line(), "the tokenisation note_chord cannot limit the length of notes");
  c.longest_note = 1;
  EXPECT_TRUE(run(c, {}).ok()) << "the model's own limit is not asked for";
}

// Of the notes from `begin` on. Units: seconds.
double longest_silence(const score::Score& piece, score::Ticks begin) {
  const auto tempos = piece.tempo_map();
  double longest = 0, silent_since = tempos.to_seconds(begin).value;
  for (const score::Note& note : piece.tracks[0].notes) {
    if (note.onset >= begin) longest = std::max(longest, tempos.to_seconds(note.onset).value - silent_since);
    silent_since = std::max(silent_since, tempos.to_seconds(note.end()).value);
  }
  return longest;
}

TEST(LongestSilence, IsThreeSeconds_TheOption_OrAny_AndThePrimersOwnStays) {
  score::Score primer = small_piece(2);
  score::Note late = primer.tracks[0].notes.back();
  late.onset = score::Ticks(late.onset.value + std::int64_t{40} * primer.ticks_per_quarter);
  primer.tracks[0].notes.push_back(late);
  for (const std::string name : {"performance", "timed_notes"}) {
    Composer c = fake_composer(name, Taste::kUniform);
    const TokenId wait = c.tokenizer->vocabulary().find("TimeShift_100").value();
    const auto waits = [wait](std::span<const TokenId>, std::size_t, std::span<float> logits) {
      std::ranges::fill(logits, 0.f);
      logits[std::size_t(wait)] = 8;
    };
    c.model = std::make_shared<FakeModel>(c.model->config(), waits);
    const auto longest = [&](std::optional<double> asked) {
      const auto made = run(c, {.primer = primer,
                                .length = {LengthUnit::kTokens, 500},
                                .longest_note = 0.1,
                                .longest_silence = asked,
                                .seed = 1});
      EXPECT_TRUE(made.ok()) << made.error().to_line();
      EXPECT_EQ(std::ranges::count(made->score.tracks[0].notes, late), 1);
      return longest_silence(made->score, primer.end());
    };
    EXPECT_GT(longest(0), 3 + kTick) << name;
    EXPECT_LE(longest({}), 3 + kTick) << name;
    EXPECT_LE(longest(0.5), 0.5 + kTick) << name;
  }
}

TEST(LongestSilence, WhereTheTokenisationCannotLimitIt_IsRefused) {
  const Composer c = fake_composer("remi", Taste::kUniform);
  const auto made = run(c, {.longest_silence = 1});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().to_line(), "the tokenisation remi cannot limit silences");
  EXPECT_TRUE(run(c, {.longest_silence = 0}).ok());
}

TEST(ComposeOnce, BadOptions_InvalidArgument) {
  const Composer c = fake_composer("remi", Taste::kUniform);
  for (const double amount : {0.0, -3.0, 1e9, std::numeric_limits<double>::quiet_NaN()}) {
    const auto made = run(c, {.length = {LengthUnit::kBars, amount}});
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
  }
  ComposeOptions options;
  options.sampler.top_p = 2;
  EXPECT_FALSE(run(c, options).ok());
  options = {};
  options.longest_note = -1;
  EXPECT_FALSE(run(c, options).ok());
  options = {};
  options.longest_silence = -1;
  EXPECT_FALSE(run(c, options).ok());
  options = {};
  options.rounds = 0;
  EXPECT_FALSE(run(c, options).ok());
}

}  // namespace
}  // namespace continuo::generate
