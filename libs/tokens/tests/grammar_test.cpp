#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "continuo/base/rng.h"
#include "continuo/tokens/beat_tokenizers.h"
#include "continuo/tokens/note_chord.h"
#include "continuo/tokens/performance.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/remi.h"
#include "continuo/tokens/subwords.h"
#include "continuo/tokens/timed_notes.h"

#include "random_score.h"
#include "subword_corpus.h"
#include "tokens_of_text.h"

namespace continuo::tokens {
namespace {

using score::Score;

// Of the beat family with all kinds of word.
constexpr std::string_view kWithAllWords[] = {"remi_plus+", "midi_like+", "tsd+",     "cp_word+",   "octuple+",
                                              "mumidi+",    "mmm+",       "per_tok+", "bar_tracks+"};

// Subwords of these, by bar.
constexpr std::string_view kAsSubwords[] = {"remi_subwords", "tsd_subwords", "midi_like_subwords", "cp_word_subwords"};
constexpr std::string_view kSubwordsSuffix = "_subwords";

std::shared_ptr<const Tokenizer> make_for_test(std::string_view name) {
  if (name.ends_with(kSubwordsSuffix))
    return trained_on_random_music(name.substr(0, name.size() - kSubwordsSuffix.size()), WordSplit::kBar);
  if (name.ends_with('+')) {
    BeatOptions options;
    options.keys = options.pedals = options.chords = true;
    options.pitch_bends = 8;
    options.rests = {{0, 4, 8}};
    options.base = "remi_plus";
    return make_beat_tokenizer(name.substr(0, name.size() - 1), options).value();
  }
  std::vector<Score> corpus;
  for (std::uint64_t seed = 0; seed < 20; ++seed) corpus.push_back(random_score(seed, 100));
  return make_tokenizer(name, corpus).value();
}

class Grammars : public testing::TestWithParam<std::string_view> {
 protected:
  std::shared_ptr<const Tokenizer> tokenizer_ = make_for_test(GetParam());
  std::size_t size_ = std::size_t(tokenizer_->vocabulary().size());

  std::vector<TokenId> legal_ids(const TokenGrammar& grammar) const {
    std::vector<std::uint8_t> legal(size_, 7);
    grammar.legal_tokens(legal);
    std::vector<TokenId> ids;
    for (std::size_t id = 0; id < size_; ++id) {
      EXPECT_EQ(legal[id] != 0, grammar.is_legal(TokenId(id))) << tokenizer_->vocabulary().word(TokenId(id));
      EXPECT_LE(legal[id], 1);
      if (legal[id] && TokenId(id) != kEos) ids.push_back(TokenId(id));
    }
    EXPECT_EQ(legal[kEos] != 0, grammar.can_end());
    EXPECT_FALSE(legal[kPad] || legal[kBos] || legal[kMask]);
    return ids;
  }

  int words_said_by(TokenId id) const {
    const auto* subwords = dynamic_cast<const SubwordTokenizer*>(tokenizer_.get());
    return subwords == nullptr ? 1 : int(subwords->base_words(id).size());
  }

  // Legal tokens at random, then the shortest way to an end. Half of the time only a few pitches, shifts or positions
  // are drawn, which reaches the grammar's corners sooner than uniform draws do.
  struct Limits {
    double note = kNoNoteLimit, silence = kNoSilenceLimit;
    Instruments instruments = Instruments().set();
  };
  std::vector<TokenId> random_walk(std::uint64_t seed, int steps) const { return random_walk(seed, steps, Limits()); }
  std::vector<TokenId> random_walk(std::uint64_t seed, int steps, const Limits& limits) const {
    Rng rng(seed);
    const bool narrow = rng.below(2) == 0;
    const std::unique_ptr<TokenGrammar> grammar = tokenizer_->grammar();
    grammar->limit_notes(limits.note);
    grammar->limit_silence(limits.silence);
    grammar->limit_instruments(limits.instruments);
    std::vector<TokenId> tokens;
    const auto take = [&](TokenId token) {
      const int to_close = grammar->tokens_to_close_after(token);
      grammar->accept(token);
      EXPECT_EQ(grammar->tokens_to_close(), to_close);
      EXPECT_EQ(grammar->can_end(), to_close == 0);
      tokens.push_back(token);
    };
    for (int i = 0; i < steps; ++i) {
      const std::vector<TokenId> ids = legal_ids(*grammar);
      if (ids.empty()) {
        ADD_FAILURE() << "nothing is legal after " << words_of(*tokenizer_, tokens);
        return tokens;
      }
      const std::size_t draw = rng.below(ids.size());
      take(ids[narrow ? (draw & 7) * (ids.size() - 1) / 7 : draw]);
    }
    while (!grammar->can_end()) {
      const int left = grammar->tokens_to_close();
      const std::vector<TokenId> ids = legal_ids(*grammar);
      const auto closer = std::find_if(ids.begin(), ids.end(),
                                       [&](TokenId id) { return grammar->tokens_to_close_after(id) == left - 1; });
      if (closer == ids.end()) {
        ADD_FAILURE() << "no way to close from " << left << " after " << words_of(*tokenizer_, tokens);
        return tokens;
      }
      take(*closer);
    }
    return tokens;
  }
};

TEST_P(Grammars, RandomWalks_DecodeToWholeNotes) {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const std::vector<TokenId> tokens = random_walk(seed, 800);
    const std::unique_ptr<TokenGrammar> grammar = tokenizer_->grammar();
    EXPECT_EQ(first_violation(*grammar, tokens), -1);
    const Result<Score> score = tokenizer_->decode(tokens);
    ASSERT_TRUE(score.ok()) << score.error().to_line();
    EXPECT_GT(score->note_count(), 0u);
    for (const score::Track& track : score->tracks)
      for (const score::Note& note : track.notes) EXPECT_GT(note.duration.value, 0);
    EXPECT_EQ(tokenizer_->quantise(*score).value().tracks, score->tracks);
    EXPECT_GE(tokenizer_->elapsed(tokens).value, 0.0);
  }
}

// Units: quarters, or seconds where the tokenisation is in clock time.
std::vector<double> note_lengths(const Tokenizer& tokenizer, std::span<const TokenId> tokens) {
  const Result<Score> score = tokenizer.decode(tokens);
  EXPECT_TRUE(score.ok());
  const score::TempoMap tempos = score->tempo_map();
  const bool in_seconds = tokenizer.traits().time_domain == TimeDomain::kClock;
  std::vector<double> lengths;
  for (const score::Track& track : score->tracks) {
    for (const score::Note& note : track.notes) {
      lengths.push_back(in_seconds ? tempos.to_seconds(note.end()).value - tempos.to_seconds(note.onset).value
                                   : double(note.duration.value) / score->ticks_per_quarter);
    }
  }
  return lengths;
}

TEST_P(Grammars, NotesKeepToTheirLimit) {
  const std::string name(GetParam());
  const bool has_none =
      name.starts_with("midi_like") || name == "note_chord" || name == "drum_grid" || name == "abc_char";
  EXPECT_EQ(tokenizer_->grammar()->limit_notes(1), !has_none);
  if (has_none || name.starts_with("octuple")) GTEST_SKIP() << "has no limit for notes, or not a sharp one";
  for (const double limit : {0.5, 1.5, 4.0}) {
    double longest = 0;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      for (const double length : note_lengths(*tokenizer_, random_walk(seed, 400, {.note = limit})))
        longest = std::max(longest, length);
    }
    EXPECT_LE(longest, limit + 1e-6);
    if (GetParam() != "chorale_grid") EXPECT_GE(longest, limit / 2) << "the limit takes too much";
  }
}

// Before the last note. Units: seconds.
double longest_silence(const Score& score) {
  std::vector<score::Note> notes;
  for (const score::Track& track : score.tracks) notes.insert(notes.end(), track.notes.begin(), track.notes.end());
  std::ranges::sort(notes, {}, &score::Note::onset);
  const score::TempoMap tempos = score.tempo_map();
  double longest = 0, silent_since = 0;
  for (const score::Note& note : notes) {
    longest = std::max(longest, tempos.to_seconds(note.onset).value - silent_since);
    silent_since = std::max(silent_since, tempos.to_seconds(note.end()).value);
  }
  return longest;
}

TEST_P(Grammars, SilencesKeepToTheirLimit) {
  const std::string name(GetParam());
  const bool has_limit = name.starts_with("performance") || name.starts_with("timed_notes");
  EXPECT_EQ(tokenizer_->grammar()->limit_silence(1), has_limit);
  if (!has_limit) GTEST_SKIP() << "has no limit for silences";
  for (const double limit : {0.05, 0.5, 2.0}) {
    double longest = 0;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      const auto piece = tokenizer_->decode(random_walk(seed, 400, {.note = 0.2, .silence = limit}));
      ASSERT_TRUE(piece.ok()) << piece.error().to_line();
      longest = std::max(longest, longest_silence(*piece));
    }
    EXPECT_LE(longest, limit + 1e-6);
    EXPECT_GT(longest, 0);
  }
}

TEST_P(Grammars, NotesKeepToTheirInstruments) {
  for (const std::vector<std::size_t>& set : {std::vector<std::size_t>{33}, {0, 73, 128}, {128}}) {
    Instruments instruments;
    for (const std::size_t each : set) instruments.set(each);
    if (!tokenizer_->grammar()->limit_instruments(instruments)) GTEST_SKIP() << "does not name instruments";
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const auto piece = tokenizer_->decode(random_walk(seed, 200, {.instruments = instruments}));
      ASSERT_TRUE(piece.ok()) << piece.error().to_line();
      for (const score::Track& track : piece->tracks)
        EXPECT_TRUE(instruments[track.is_drum ? 128 : track.program]) << int(track.program);
    }
  }
}

TEST_P(Grammars, OfALimitBelowEveryLength_TheShortestRemains) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const std::vector<TokenId> tokens = random_walk(seed, 200, {.note = 1e-6, .silence = 1e-6});
    EXPECT_EQ(first_violation(*tokenizer_->grammar(), tokens), -1);
  }
}

TEST_P(Grammars, EveryPrefixClosesInAsManyTokensAsSaid) {
  for (std::uint64_t seed = 100; seed < 400; ++seed) {
    const std::vector<TokenId> tokens = random_walk(seed, int(seed % 40));
    EXPECT_TRUE(tokenizer_->decode(tokens).ok());
  }
}

TEST_P(Grammars, NoShorterWayToAnEndThanSaid) {
  // One word can only ever shorten the way by one.
  const std::unique_ptr<TokenGrammar> grammar = tokenizer_->grammar();
  Rng rng(5);
  for (int i = 0; i < 300; ++i) {
    const std::vector<TokenId> ids = legal_ids(*grammar);
    for (const TokenId id : ids)
      EXPECT_GE(grammar->tokens_to_close_after(id), grammar->tokens_to_close() - words_said_by(id));
    grammar->accept(ids[rng.below(ids.size())]);
  }
}

TEST_P(Grammars, CloneGoesOnIndependently) {
  const std::vector<TokenId> tokens = random_walk(7, 100);
  const std::unique_ptr<TokenGrammar> grammar = tokenizer_->grammar();
  for (std::size_t i = 0; i < 50; ++i) grammar->accept(tokens[i]);
  const std::unique_ptr<TokenGrammar> copy = grammar->clone();
  const std::vector<TokenId> before = legal_ids(*grammar);
  for (std::size_t i = 50; i < tokens.size(); ++i) {
    ASSERT_TRUE(copy->is_legal(tokens[i]));
    copy->accept(tokens[i]);
  }
  EXPECT_EQ(legal_ids(*grammar), before);
  grammar->reset();
  EXPECT_EQ(legal_ids(*grammar), legal_ids(*tokenizer_->grammar()));
}

TEST_P(Grammars, MutationsAreFoundOrStillDecode) {
  // Whatever a swap, a loss, a doubling or a foreign word does to a piece, decode() and the grammar agree about it.
  std::size_t found = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Rng rng(seed);
    std::vector<TokenId> tokens = tokenizer_->encode(random_score(seed % 20, 100)).value();
    const std::size_t at = rng.below(tokens.size() - 1);
    switch (rng.below(4)) {
      case 0:
        std::swap(tokens[at], tokens[at + 1]);
        break;
      case 1:
        tokens.erase(tokens.begin() + std::ptrdiff_t(at));
        break;
      case 2:
        tokens.insert(tokens.begin() + std::ptrdiff_t(at), tokens[at]);
        break;
      default:
        tokens[at] = TokenId(kSpecialTokens + rng.below(size_ - kSpecialTokens));
        break;
    }
    const std::unique_ptr<TokenGrammar> grammar = tokenizer_->grammar();
    const std::ptrdiff_t violation = first_violation(*grammar, tokens);
    const Result<Score> decoded = tokenizer_->decode(tokens);
    EXPECT_EQ(decoded.ok(), violation < 0);
    if (violation < 0) continue;
    ++found;
    EXPECT_EQ(decoded.error().code, ErrorCode::invalid_tokens);
    EXPECT_EQ(decoded.error().where, "token " + std::to_string(violation));
  }
  EXPECT_GT(found, 20u);
}

TEST_P(Grammars, RandomIdsNeverCrash) {
  EXPECT_TRUE(rc::check([&](const std::vector<TokenId>& any) {
    std::vector<TokenId> tokens = any;
    for (std::size_t i = 0; i < tokens.size(); i += 2) tokens[i] = TokenId(std::uint32_t(tokens[i]) % size_);
    (void)tokenizer_->decode(tokens);
    (void)tokenizer_->elapsed(tokens);
    (void)tokenizer_->bar_starts(tokens);
    const std::unique_ptr<TokenGrammar> grammar = tokenizer_->grammar();
    (void)first_violation(*grammar, tokens);
  }));
}

TEST_P(Grammars, BosAndEosAreAllowedAtTheEndsOnly) {
  const std::vector<TokenId> piece = tokenizer_->encode(random_score(3, 100)).value();
  const std::unique_ptr<TokenGrammar> grammar = tokenizer_->grammar();
  std::vector<TokenId> tokens = piece;
  tokens.insert(tokens.begin(), kBos);
  tokens.push_back(kEos);
  EXPECT_EQ(first_violation(*grammar, tokens), -1);
  tokens.push_back(kEos);
  EXPECT_EQ(first_violation(*grammar, tokens), std::ptrdiff_t(piece.size() + 2));
  tokens = piece;
  tokens.insert(tokens.begin() + 1, kBos);
  EXPECT_EQ(first_violation(*grammar, tokens), 1);
  tokens = piece;
  tokens.pop_back();
  EXPECT_EQ(first_violation(*grammar, tokens), std::ptrdiff_t(tokens.size()));
}

INSTANTIATE_TEST_SUITE_P(OverSubwords, Grammars, testing::ValuesIn(kAsSubwords),
                         [](const auto& parameter) { return std::string(parameter.param); });
INSTANTIATE_TEST_SUITE_P(All, Grammars, testing::ValuesIn(tokenizer_names().begin(), tokenizer_names().end()),
                         [](const auto& parameter) { return std::string(parameter.param); });

INSTANTIATE_TEST_SUITE_P(WithAllWords, Grammars, testing::ValuesIn(kWithAllWords), [](const auto& parameter) {
  return std::string(parameter.param.substr(0, parameter.param.size() - 1));
});

TEST(PerformanceGrammar, EveryLegalPieceIsTheEncodingOfItsMusic) {
  const auto tokenizer = make_performance();
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed);
    const auto grammar = tokenizer->grammar();
    std::vector<std::uint8_t> legal(std::size_t(tokenizer->vocabulary().size()));
    std::vector<TokenId> tokens;
    for (int i = 0; i < 300 || !grammar->can_end(); ++i) {
      grammar->legal_tokens(legal);
      TokenId token = TokenId(rng.below(legal.size()));
      const auto fits = [&](TokenId id) {
        return legal[std::size_t(id)] && id != kEos &&
               (i < 300 || grammar->tokens_to_close_after(id) < grammar->tokens_to_close());
      };
      while (!fits(token)) token = (token + 1) % TokenId(legal.size());
      grammar->accept(token);
      tokens.push_back(token);
    }
    EXPECT_EQ(tokenizer->encode(tokenizer->decode(tokens).value()).value(), tokens) << words_of(*tokenizer, tokens);
  }
}

TEST(PerformanceGrammar, NoNoteSoundsBeyondTwentySeconds) {
  const auto tokenizer = make_performance();
  const auto grammar = tokenizer->grammar();
  for (const TokenId token : tokens_of(*tokenizer, "Velocity_9 NoteOn_60 NoteOn_70")) grammar->accept(token);
  const TokenId second = *tokenizer->vocabulary().find("TimeShift_100");
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(grammar->is_legal(second));
    grammar->accept(second);
  }
  EXPECT_FALSE(grammar->is_legal(*tokenizer->vocabulary().find("TimeShift_1")));
  EXPECT_FALSE(grammar->is_legal(*tokenizer->vocabulary().find("NoteOff_70")));  // 60 is due first
  EXPECT_TRUE(grammar->is_legal(*tokenizer->vocabulary().find("NoteOff_60")));
  EXPECT_EQ(grammar->tokens_to_close(), 2);
}

// Each line is a piece that breaks one rule at its last word.
TEST(RemiGrammar, FindsEachKindOfBrokenRule) {
  const auto remi = make_remi().value();
  const std::string start = "Bar TimeSig_3/4 Position_0 Tempo_120 ";
  const std::string note = "Program_0 Pitch_60 Velocity_9 Duration_12 ";
  for (const std::string& words : {std::string("TimeSig_3/4"),
                                   std::string("Bar Bar"),
                                   std::string("Bar Position_0"),
                                   std::string("Bar TimeSig_3/4 Position_3"),
                                   std::string("Bar TimeSig_3/4 Position_0 Program_0"),
                                   start + "Pitch_60",
                                   start + "Tempo_90",
                                   start + "Position_0",
                                   start + "Position_36",
                                   start + note + "Pitch_60",
                                   start + note + "Pitch_59",
                                   start + note + "Program_0",
                                   start + note + "Tempo_90",
                                   start + "Program_5 Pitch_60 Velocity_9 Duration_12 Program_4",
                                   start + "Program_0 Bar",
                                   start + note + "Bar TimeSig_3/4",
                                   start + note + "Bar Position_3 Pitch_60",
                                   start + note + "Position_12 Position_24",
                                   start + note + "Position_12 Tempo_120",
                                   start + "Program_0 Pitch_60 Duration_12",
                                   start + "Program_0 Pitch_60 Velocity_9 Velocity_9"}) {
    const std::vector<TokenId> tokens = tokens_of(*remi, words);
    EXPECT_EQ(first_violation(*remi->grammar(), tokens), std::ptrdiff_t(tokens.size()) - 1) << words;
  }
}

// Each line is a piece that breaks one rule at its last word.
TEST(BeatGrammar, FindsEachKindOfBrokenRule) {
  BeatOptions with_rests, with_pedals;
  with_rests.rests = {{0, 4, 8}};
  with_pedals.pedals = true;
  struct Case {
    std::string_view tokenisation;
    BeatOptions options;
    std::string words;
  };
  const std::string bar = "Bar_None TimeSig_4/4 Position_0 Tempo_120.0 ", note = "Pitch_60 Velocity_79 Duration_1.0.8 ";
  const std::string played = bar + "Program_0 " + note, start = "TimeSig_4/4 Tempo_120.0 Program_0 " + note;
  for (const Case& c :
       std::vector<Case>{{"remi_plus", {}, bar + "Velocity_79"},
                         {"remi_plus", {}, bar + "Position_0"},
                         {"remi_plus", {}, "Bar_None TimeSig_3/4 Position_24"},
                         {"remi_plus", {}, played + "Position_0"},
                         {"remi_plus", {}, played + "Position_8 Tempo_120.0 Program_0 " + note + "Position_8"},
                         {"remi_plus", {}, played + "Position_8 Tempo_120.0 Program_0 " + note + "Position_4"},
                         {"remi_plus", {}, played + "TimeSig_3/4"},
                         {"remi_plus", {}, played + "Program_0 Pitch_60"},
                         {"remi_plus", {}, played + "Program_0 Pitch_59"},
                         {"remi_plus", {}, bar + "Program_5 " + note + "Program_4"},
                         {"remi_plus", with_rests, played + "Rest_1.0.8 Position_15"},
                         {"remi_plus", with_rests, played + "Rest_1.0.8 Position_16 Program_0 " + note + "Position_16"},
                         {"remi_plus", with_pedals, bar + "PedalOff_0"},
                         {"remi_plus", with_pedals, bar + "Pedal_0 Position_8 Pedal_0"},
                         {"tsd", {}, start + "TimeShift_1.0.8 TimeSig_3/4"},
                         {"tsd", {}, start + "TimeShift_4.0.4 TimeSig_4/4"},
                         {"tsd", {}, start + "Program_0 Pitch_60"},
                         {"tsd", {}, start + "Velocity_79"},
                         {"bar_tracks", {}, "Bar_None TimeSig_4/4 Tempo_120.0 Program_0 Part_1 Bar_None"},
                         {"bar_tracks", {}, "Bar_None TimeSig_4/4 Tempo_120.0 Left_3"},
                         {"mmm", {}, "Track_Start Program_33 TimeSig_4/4 Tempo_120.0 Track_End"},
                         {"octuple", {}, "Pitch_60 Position_0 Bar_0 Velocity_79 Duration_1.0.8 Program_-1"},
                         {"octuple", {}, "Pitch_60 Position_0 Bar_0 Velocity_79 Duration_1.0.8 Tempo_120.0"}}) {
    const auto tokenizer = make_beat_tokenizer(c.tokenisation, c.options).value();
    const std::vector<TokenId> tokens = tokens_of(*tokenizer, c.words);
    EXPECT_EQ(std::count(tokens.begin(), tokens.end(), -1), 0) << c.tokenisation << ": " << c.words;
    EXPECT_EQ(first_violation(*tokenizer->grammar(), tokens), std::ptrdiff_t(tokens.size()) - 1)
        << c.tokenisation << ": " << c.words;
  }
}

TEST(NoteChordGrammar, HoldsOrderAndPitchesOfAnOnset) {
  Score score;
  score.tracks.resize(1);
  const auto strike = [&](std::int64_t onset, std::int64_t duration, int pitch) {
    score.tracks[0].notes.push_back({score::Ticks(onset), score::Ticks(duration), std::uint8_t(pitch), 80});
  };
  for (const std::int64_t onset : {0, 480}) {
    strike(onset, 480, 60);
    strike(onset, 480, 64);
    strike(onset, 240, 67);
  }
  const auto tokenizer = make_note_chord({&score, 1}).value();
  ASSERT_EQ(words_of(*tokenizer, tokenizer->encode(score).value()), "67:2 60.64:4 +4 67:2 60.64:4");
  EXPECT_EQ(first_violation(*tokenizer->grammar(), tokens_of(*tokenizer, "60.64:4 67:2")), 1);
  EXPECT_EQ(first_violation(*tokenizer->grammar(), tokens_of(*tokenizer, "60.64:4 64:4")), 1);
  EXPECT_EQ(first_violation(*tokenizer->grammar(), tokens_of(*tokenizer, "60:4 64:4")), -1);
  EXPECT_EQ(first_violation(*tokenizer->grammar(), tokens_of(*tokenizer, "60:4 +4 +4 64:4")), 2);
  EXPECT_EQ(first_violation(*tokenizer->grammar(), tokens_of(*tokenizer, "60:4 +32 +4 64:4")), -1);
  EXPECT_EQ(first_violation(*tokenizer->grammar(), tokens_of(*tokenizer, "60:4 +4")), 2);
}

// What the grammar allows next of `words`, in their order.
std::string legal_of(const Tokenizer& tokenizer, const TokenGrammar& grammar, const std::string& words) {
  std::string legal;
  for (const TokenId token : tokens_of(tokenizer, words))
    if (grammar.is_legal(token)) legal += (legal.empty() ? "" : " ") + tokenizer.vocabulary().word(token);
  return legal;
}

TEST(ChoraleGrammar, AVoiceAtTheLimit_ChangesItsPitchOrRests) {
  const auto tokenizer = make_tokenizer("chorale_grid", {}).value();
  auto grammar = tokenizer->grammar();
  grammar->limit_notes(0.5);  // two steps
  const std::string asked = "Rest Pitch_60 Pitch_62";
  for (const TokenId token : tokens_of(*tokenizer, "Pitch_60 Pitch_60 Rest Rest Pitch_60 Pitch_62 Rest Rest"))
    ASSERT_TRUE(grammar->accept_if_legal(token));
  EXPECT_EQ(legal_of(*tokenizer, *grammar, asked), "Rest Pitch_62") << "the soprano";
  grammar->accept(tokens_of(*tokenizer, "Rest")[0]);
  EXPECT_EQ(legal_of(*tokenizer, *grammar, asked), "Rest Pitch_60 Pitch_62") << "the alto has just changed";
  grammar->reset();
  EXPECT_EQ(legal_of(*tokenizer, *grammar, asked), "Rest Pitch_60 Pitch_62");
}

TEST(SilenceLimit, IsReachedAndNotPassed) {
  for (const auto& [tokenizer, note] :
       {std::pair(make_performance(), "Velocity_9 NoteOn_60 TimeShift_10 NoteOff_60"),
        std::pair(make_timed_notes(), "Pitch_60 Velocity_9 Duration_10 TimeShift_100")}) {
    const bool is_timed = tokenizer->name() == "timed_notes";
    auto grammar = tokenizer->grammar();
    ASSERT_TRUE(grammar->limit_silence(is_timed ? 1.4 : 0.5));
    for (const TokenId token : tokens_of(*tokenizer, note)) ASSERT_TRUE(grammar->accept_if_legal(token));
    EXPECT_EQ(legal_of(*tokenizer, *grammar, "TimeShift_1 TimeShift_50 TimeShift_51"), "TimeShift_1 TimeShift_50");
    grammar->accept(tokens_of(*tokenizer, "TimeShift_50")[0]);
    EXPECT_EQ(legal_of(*tokenizer, *grammar, "TimeShift_1"), "");
  }
}

TEST(PerformanceGrammar, ReleasedNotes_EndAsSoonAsTimePasses) {
  const auto tokenizer = make_performance();
  const std::string asked = "TimeShift_1 TimeShift_2 TimeShift_100 NoteOff_60 NoteOff_62 NoteOff_64 NoteOn_70";
  const auto after = [&](const std::string& words) {
    auto grammar = tokenizer->grammar();
    for (const TokenId token : tokens_of(*tokenizer, words)) EXPECT_TRUE(grammar->accept_if_legal(token));
    grammar->release_notes_struck_before(100);
    return grammar;
  };
  const std::string two_old_one_new = "Velocity_9 NoteOn_60 NoteOn_62 TimeShift_100 NoteOn_64";
  auto grammar = after(two_old_one_new);
  EXPECT_EQ(legal_of(*tokenizer, *grammar, asked), "TimeShift_1 NoteOn_70") << "in the middle of a chord";
  grammar->accept(tokens_of(*tokenizer, "TimeShift_1")[0]);
  EXPECT_EQ(legal_of(*tokenizer, *grammar, asked), "NoteOff_60");
  grammar->accept(tokens_of(*tokenizer, "NoteOff_60")[0]);
  EXPECT_EQ(legal_of(*tokenizer, *grammar, asked), "NoteOff_62");
  grammar->accept(tokens_of(*tokenizer, "NoteOff_62")[0]);
  EXPECT_EQ(legal_of(*tokenizer, *grammar, asked), "TimeShift_1 TimeShift_2 TimeShift_100 NoteOff_64 NoteOn_70")
      << "the one of step 100 may sound";

  grammar = after("Velocity_9 NoteOn_60 TimeShift_100 TimeShift_50");
  EXPECT_EQ(legal_of(*tokenizer, *grammar, asked), "NoteOff_60 NoteOn_70") << "no second short shift";
  grammar = after("Velocity_9 NoteOn_60 TimeShift_100 TimeShift_50 Velocity_10");
  EXPECT_EQ(legal_of(*tokenizer, *grammar, asked), "NoteOn_70");
  grammar = after("TimeShift_100");
  EXPECT_EQ(legal_of(*tokenizer, *grammar, "TimeShift_100 Velocity_3"), "TimeShift_100 Velocity_3") << "nothing sounds";
}

}  // namespace
}  // namespace continuo::tokens
