#include "continuo/tokens/traits.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/tokens/registry.h"

#include "random_score.h"
#include "subword_corpus.h"

namespace continuo::tokens {
namespace {

using score::Score;

constexpr int kPieces = 30, kNotes = 60;

std::vector<std::string> all_names() {
  std::vector<std::string> all;
  for (const std::string_view name : tokenizer_names())
    for (const char* subwords : {"", "_subwords"}) all.push_back(std::string(name) + subwords);
  return all;
}

// Every tokenisation, and BPE over each.
class Traits : public testing::TestWithParam<std::string> {
 protected:
  static std::shared_ptr<const Tokenizer> make(const std::string& name) {
    if (const auto at = name.find("_subwords"); at != std::string::npos)
      return trained_on_random_music(name.substr(0, at), WordSplit::kNone);
    std::vector<Score> corpus;
    for (std::uint64_t seed = 0; seed < kPieces; ++seed) corpus.push_back(random_score(seed, kNotes));
    return make_tokenizer(name, corpus).value();
  }

  // Pieces in tokens; those outside a learned vocabulary are left out.
  std::vector<std::vector<TokenId>> pieces() const {
    std::vector<std::vector<TokenId>> all;
    for (std::uint64_t seed = 0; seed < kPieces; ++seed)
      if (auto tokens = tokenizer_->encode(random_score(seed, kNotes)); tokens.ok()) all.push_back(std::move(*tokens));
    EXPECT_FALSE(all.empty());
    return all;
  }

  std::shared_ptr<const Tokenizer> tokenizer_ = make(GetParam());
  TokenizerTraits traits_ = tokenizer_->traits();
};

INSTANTIATE_TEST_SUITE_P(All, Traits, testing::ValuesIn(all_names()),
                         [](const auto& parameter) { return parameter.param; });

TEST_P(Traits, ThereAreAsManyAsTokens_SpecialOnesDoNothing) {
  ASSERT_EQ(traits_.tokens.size(), std::size_t(tokenizer_->vocabulary().size()));
  for (TokenId token = 0; token < kSpecialTokens; ++token) EXPECT_EQ(traits_.of(token), TokenTraits());
}

TEST_P(Traits, NotesOfTokens_AddUpToThoseOfThePiece) {
  if (GetParam().starts_with("chorale_grid")) GTEST_SKIP() << "does not mark where a pitch is struck again";
  for (const std::vector<TokenId>& tokens : pieces())
    EXPECT_EQ(traits_.joined(tokens).notes, tokenizer_->decode(tokens)->note_count());
}

// A token may strike several keys at once; nothing but a note strikes.
TEST_P(Traits, TokensThatStrike_AreAtMostAsManyAsNotes) {
  for (const std::vector<TokenId>& tokens : pieces()) {
    int strikes = 0;
    for (const TokenId token : tokens) {
      strikes += traits_.of(token).strikes;
      if (traits_.of(token).strikes) EXPECT_TRUE(traits_.of(token).part_of_note);
    }
    EXPECT_GT(strikes, 0);
    EXPECT_LE(strikes, traits_.joined(tokens).notes);
  }
}

TEST_P(Traits, BarsOfTokens_AreThoseOfTheLengthMeter) {
  if (!traits_.marks_bars()) return;
  for (const std::vector<TokenId>& tokens : pieces()) {
    const auto meter = tokenizer_->length_meter();
    for (const TokenId token : tokens) {
      const std::size_t before = meter->bars_begun();
      meter->accept(token);
      EXPECT_EQ(meter->bars_begun() - before, traits_.of(token).bars) << tokenizer_->vocabulary().word(token);
    }
  }
}

TEST_P(Traits, TokenThatDoesNotAdvance_LeavesTheLengthMeterWhereItIs) {
  for (const std::vector<TokenId>& tokens : pieces()) {
    const auto meter = tokenizer_->length_meter();
    for (const TokenId token : tokens) {
      const double before = meter->elapsed().value;
      meter->accept(token);
      if (!traits_.of(token).advances_time)
        EXPECT_LE(meter->elapsed().value, before) << tokenizer_->vocabulary().word(token);
    }
  }
}

TEST_P(Traits, SubwordsDoWhatTheirBaseTokensDo) {
  const auto* subwords = dynamic_cast<const SubwordTokenizer*>(tokenizer_.get());
  if (subwords == nullptr) return;
  const TokenizerTraits base = subwords->base().traits();
  EXPECT_EQ(traits_.time_domain, base.time_domain);
  for (TokenId token = kSpecialTokens; token < tokenizer_->vocabulary().size(); ++token) {
    bool sets_timing = false;
    int notes = 0, bars = 0;
    for (const TokenId word : subwords->base_words(token)) {
      sets_timing |= base.of(word).sets_timing;
      notes += base.of(word).notes;
      bars += base.of(word).bars;
    }
    EXPECT_EQ(traits_.of(token).sets_timing, sets_timing);
    EXPECT_EQ(traits_.of(token).notes, notes);
    EXPECT_EQ(traits_.of(token).bars, bars);
  }
}

TEST_P(Traits, WithoutClosing_IsAPrefixOfBaseTokensThatCanBeClosedAgain) {
  for (const std::vector<TokenId>& tokens : pieces()) {
    const std::vector<TokenId> open = tokenizer_->without_closing(tokens);
    const auto grammar = tokenizer_->grammar();
    for (const TokenId token : open) ASSERT_TRUE(grammar->accept_if_legal(token));
    EXPECT_LE(grammar->tokens_to_close(), 2);
    EXPECT_EQ(traits_.joined(open).notes, traits_.joined(tokens).notes);
  }
}

TEST(TraitsOfWords, BarLineAfterANoteInOneSubword_DoesNotComeFirst) {
  const auto tokenizer = make_tokenizer("remi").value();
  const TokenizerTraits traits = tokenizer->traits();
  const auto token = [&](std::string_view word) { return tokenizer->vocabulary().find(word).value(); };
  const std::vector<TokenId> after = {token("Duration_12"), token("Bar"), token("TimeSig_3/4")};
  EXPECT_EQ(traits.joined(after),
            (TokenTraits{.bars = 1, .sets_timing = true, .advances_time = true, .part_of_note = true, .notes = 1}));
  const std::vector<TokenId> before = {token("Bar"), token("TimeSig_3/4"), token("Position_0")};
  EXPECT_EQ(traits.joined(before),
            (TokenTraits{.bars = 1, .bar_comes_first = true, .sets_timing = true, .advances_time = true}));
}

TEST(TraitsOfTokenisations, TimeDomainIsClockWhereTokensCountSeconds) {
  for (const std::string_view name : tokenizer_names()) {
    const bool is_clock = name == "performance" || name == "timed_notes" || name == "arrival_time";
    if (needs_learning(name)) continue;
    EXPECT_EQ(make_tokenizer(name).value()->traits().time_domain, is_clock ? TimeDomain::kClock : TimeDomain::kMusical)
        << name;
  }
}

}  // namespace
}  // namespace continuo::tokens
