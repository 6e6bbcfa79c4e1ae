#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "../src/rules/closing.h"
#include "../src/rules/next_token.h"
#include "../src/rules/word_kinds.h"
#include "../src/unmasking/bar_budget.h"
#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;

// Every tokenisation, with and without subwords.
class Rules : public ::testing::TestWithParam<std::string> {
 protected:
  Rules() : tokenizer_(tokenizer_named(GetParam())), facts_(*tokenizer_) {}

  // A random legal token, EOS apart.
  TokenId draw(const tokens::TokenGrammar& grammar) {
    std::vector<std::uint8_t> legal(std::size_t(facts_.vocab_size()));
    grammar.legal_tokens(legal);
    std::vector<TokenId> choices;
    for (TokenId token = tokens::kSpecialTokens; token < facts_.vocab_size(); ++token)
      if (legal[std::size_t(token)]) choices.push_back(token);
    return choices[rng_.below(choices.size())];
  }

  std::shared_ptr<const tokens::Tokenizer> tokenizer_;
  TokenFacts facts_;
  Rng rng_{5};
};

INSTANTIATE_TEST_SUITE_P(All, Rules, ::testing::ValuesIn(all_with_subwords()), [](const auto& parameter) {
  std::string name = parameter.param;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

// One token at a time, by the definition of each rule.
bool is_allowed(const TokenFacts& facts, const tokens::TokenGrammar& grammar, const NextTokenRules& rules,
                TokenId token) {
  if (!grammar.is_legal(token)) return false;
  if (token == tokens::kEos) return rules.allow_end && rules.only == NextTokenRules::Only::kAny;
  const auto& traits = facts.of(token);
  if (traits.bars > 0 && !rules.allow_bars) return false;
  if (traits.sets_timing && !rules.allow_timing) return false;
  auto next = grammar.clone();
  next->accept(token);
  return rules.left == kUnlimited || next->tokens_to_close() < rules.left;
}

TEST(RareTiming, IsNotAmongTheChoices) {
  const auto tokenizer = tokenizer_named("remi");
  const TokenFacts facts(*tokenizer);
  const auto grammar = tokenizer->grammar();
  const auto id = [&](const char* word) { return *tokenizer->vocabulary().find(word); };
  for (const char* word : {"Bar", "TimeSig_4/4", "Position_0"}) grammar->accept(id(word));
  std::vector<float> logits(std::size_t(facts.vocab_size()), 0.0f);
  logits[std::size_t(id("Tempo_120"))] = 6;
  logits[std::size_t(id("Tempo_125"))] = 4;
  NextToken next(facts);
  const auto legal = next.choices(*grammar, {});
  EXPECT_NE(legal[std::size_t(id("Tempo_22"))], 0);
  next.leave_out_rare_timing(logits);
  EXPECT_EQ(std::ranges::count(legal, 1), 2);
  EXPECT_NE(legal[std::size_t(id("Tempo_120"))], 0);
  EXPECT_NE(legal[std::size_t(id("Tempo_125"))], 0);
}

TEST(WordKinds, AreFoundWhateverTheCaseOfTheirLetters) {
  const auto tokenizer = tokenizer_named("remi");
  const auto groups = groups_of(*tokenizer, std::vector<KindTemperature>{{"pitch", 0.5}, {"VELOCITY", 2}}).value();
  EXPECT_EQ(groups.temperatures, (std::vector<double>{0.5, 2}));
  for (TokenId token = 0; token < tokenizer->vocabulary().size(); ++token) {
    const std::string kind = tokenizer->vocabulary().kind(token);
    EXPECT_EQ(groups.group[std::size_t(token)], kind == "Pitch" ? 1 : kind == "Velocity" ? 2 : 0);
  }
}

TEST(WordKinds, NoneAskedIsNoGroups) { EXPECT_TRUE(groups_of(*tokenizer_named("remi"), {}).value().group.empty()); }

TEST(WordKinds, RefusesWhatCannotBeDrawn) {
  const auto refusal = [](const char* tokenizer, std::vector<KindTemperature> kinds) {
    const auto groups = groups_of(*tokenizer_named(tokenizer), kinds);
    return groups.ok() ? std::string() : groups.error().what;
  };
  EXPECT_EQ(refusal("performance", {{"pitch", 1}}),
            "the model has no words of the kind 'pitch' to choose among; it has noteoff, noteon, timeshift, velocity");
  EXPECT_NE(refusal("remi", {{"bar", 1}}).find("no words of the kind 'bar' to choose among"), std::string::npos);
  EXPECT_NE(refusal("remi", {{"eos", 1}}), "");
  EXPECT_NE(refusal("bar_tracks", {{"left", 1}}), "") << "a task word is no music";
  EXPECT_EQ(refusal("remi", {{"pitch", 1}, {"Pitch", 2}}), "the kind of word 'Pitch' is given two temperatures");
  EXPECT_EQ(refusal("remi", {{"pitch", -1}}), "the temperature of the kind 'pitch' has to be 0 or more");
  EXPECT_EQ(refusal("remi bpe", {{"pitch", 1}}), "") << "subwords are of the kind of their first word";
}

TEST_P(Rules, Choices_AreTheTokensThatGrammarAndRulesAllow) {
  NextToken next(facts_);
  const auto grammar = tokenizer_->grammar();
  for (int step = 0; step < 40; ++step) {
    const int to_close = grammar->tokens_to_close();
    for (const NextTokenRules& rules :
         {NextTokenRules{}, NextTokenRules{.allow_bars = false}, NextTokenRules{.allow_timing = false},
          NextTokenRules{.allow_end = true}, NextTokenRules{.left = std::max(1, to_close)},
          NextTokenRules{.left = to_close + 3}, NextTokenRules{.allow_end = true, .left = to_close + 15}}) {
      const auto choices = next.choices(*grammar, rules);
      bool any = false;
      for (TokenId token = 0; token < facts_.vocab_size(); ++token) {
        const bool allowed = is_allowed(facts_, *grammar, rules, token);
        any = any || allowed;
        ASSERT_EQ(next.allows(*grammar, rules, token), allowed) << tokenizer_->vocabulary().word(token);
        ASSERT_EQ(!choices.empty() && choices[std::size_t(token)] != 0, allowed)
            << tokenizer_->vocabulary().word(token);
      }
      ASSERT_EQ(choices.empty(), !any);
    }
    grammar->accept(draw(*grammar));
  }
}

TEST_P(Rules, OnlyBars_IsABarLineOrLeadsToOne) {
  if (!facts_.marks_bars()) GTEST_SKIP() << "has no bar lines";
  NextToken next(facts_);
  const auto grammar = tokenizer_->grammar();
  const NextTokenRules rules{.only = NextTokenRules::Only::kBars};
  for (int step = 0; step < 60; ++step) {
    if (grammar->can_end()) {
      const auto walk = grammar->clone();
      bool begun = false;
      for (int i = 0; i < 3 && !begun; ++i) {
        const auto choices = next.choices(*walk, rules);
        ASSERT_FALSE(choices.empty());
        ASSERT_EQ(choices[tokens::kEos], 0);
        const auto token = TokenId(std::find(choices.begin(), choices.end(), 1) - choices.begin());
        EXPECT_FALSE(facts_.of(token).part_of_note && !facts_.begins_bar(token));
        begun = facts_.begins_bar(token);
        walk->accept(token);
      }
      EXPECT_TRUE(begun);
    }
    grammar->accept(draw(*grammar));
  }
}

TEST_P(Rules, BarToken_IsTheBarLineAfterWhichTheLeastTimeHasPassed) {
  if (!facts_.marks_bars()) GTEST_SKIP() << "has no bar lines";
  const auto& traits = facts_.of(facts_.bar_token());
  EXPECT_EQ(traits.bars, 1);
  EXPECT_TRUE(traits.bar_comes_first);
  EXPECT_FALSE(traits.part_of_note);
  EXPECT_FALSE(traits.sets_timing);
  const auto meter = tokenizer_->length_meter();
  const auto seconds_after = [&](TokenId token) {
    meter->reset();
    meter->accept(token);
    return meter->elapsed().value;
  };
  for (TokenId token = tokens::kSpecialTokens; token < facts_.vocab_size(); ++token) {
    const auto& other = facts_.of(token);
    if (other.bars == 1 && other.bar_comes_first && !other.part_of_note && !other.sets_timing) {
      EXPECT_GE(seconds_after(token), seconds_after(facts_.bar_token()));
    }
  }
}

TEST_P(Rules, ClosePiece_EndsInTheFewestTokens) {
  NextToken next(facts_);
  const auto walk = tokenizer_->grammar();
  for (int step = 0; step < 60; ++step) {
    const auto grammar = walk->clone();
    const auto least = std::size_t(grammar->tokens_to_close());
    std::vector<TokenId> closing;
    close_piece(*grammar, next, closing);
    EXPECT_TRUE(grammar->can_end());
    EXPECT_LE(closing.size(), least);  // a subword may be several of them
    if (GetParam().find(' ') == std::string::npos) {
      EXPECT_EQ(closing.size(), least);
    }
    const auto again = walk->clone();
    for (const TokenId token : closing) ASSERT_TRUE(again->accept_if_legal(token));
    walk->accept(draw(*walk));
  }
}

TEST_P(Rules, InClockTime_AsTheTraitsSay) {
  EXPECT_EQ(facts_.in_clock_time(), facts_.time_domain() == tokens::TimeDomain::kClock);
  EXPECT_EQ(facts_.in_clock_time(), GetParam().starts_with("performance") || GetParam().starts_with("timed_notes") ||
                                        GetParam().starts_with("arrival_time"));
}

// The values that a budget gives in many draws: the least and the greatest.
template <typename Draw>
std::pair<int, int> range_of(Draw draw) {
  Rng rng(3);
  std::pair<int, int> range{1 << 30, 0};
  for (int i = 0; i < 3000; ++i) {
    const int value = draw(rng);
    range = {std::min(range.first, value), std::max(range.second, value)};
  }
  return range;
}

using Range = std::pair<int, int>;

// Bars with these numbers of tokens after the bar line.
std::vector<TokenId> bars_of(const TokenFacts& facts, const std::vector<int>& sizes) {
  TokenId other = tokens::kSpecialTokens;
  while (facts.begins_bar(other)) ++other;
  std::vector<TokenId> sequence;
  for (const int size : sizes) {
    sequence.push_back(facts.bar_token());
    sequence.insert(sequence.end(), std::size_t(size), other);
  }
  return sequence;
}

TEST(BarBudget, WithoutAPrimer_TwentyFourPlusOrMinusEight) {
  const TokenFacts facts(*tokenizer_named("remi"));
  const BarBudget by_chance({}, facts, true), certain({}, facts, false);
  EXPECT_EQ(range_of([&](Rng& rng) { return by_chance.draw(rng); }), Range(16, 32));
  EXPECT_EQ(range_of([&](Rng& rng) { return certain.draw(rng); }), Range(24, 24));
}

TEST(BarBudget, OfAPrimer_OneOfItsLatestSixteenBars) {
  const TokenFacts facts(*tokenizer_named("remi"));
  std::vector<int> sizes(20, 10);
  sizes[3] = 100;  // the 17th from the end
  sizes[4] = 40;   // the 16th
  sizes[19] = 2;   // fewer than a note needs
  const auto primer = bars_of(facts, sizes);
  const BarBudget by_chance(primer, facts, true), certain(primer, facts, false);
  EXPECT_EQ(range_of([&](Rng& rng) { return by_chance.draw(rng); }), Range(6, 40));
  const int mean = (40 + 14 * 10 + 2) / 16;
  EXPECT_EQ(range_of([&](Rng& rng) { return certain.draw(rng); }), Range(mean, mean));
  const auto short_bars = bars_of(facts, {1, 2});
  EXPECT_EQ(range_of([&](Rng& rng) { return BarBudget(short_bars, facts, false).draw(rng); }), Range(6, 6));
}

TEST(BarBudget, Near_PlusOrMinusAFifth) {
  const TokenFacts facts(*tokenizer_named("remi"));
  const BarBudget by_chance({}, facts, true), certain({}, facts, false);
  EXPECT_EQ(range_of([&](Rng& rng) { return by_chance.near(50, rng); }), Range(40, 60));
  EXPECT_EQ(range_of([&](Rng& rng) { return by_chance.near(7, rng); }), Range(6, 8));
  EXPECT_EQ(range_of([&](Rng& rng) { return by_chance.near(1, rng); }), Range(6, 6));
  EXPECT_EQ(range_of([&](Rng& rng) { return certain.near(50, rng); }), Range(50, 50));
}

}  // namespace
}  // namespace continuo::generate
