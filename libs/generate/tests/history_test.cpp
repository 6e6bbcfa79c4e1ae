#include "../src/request/history.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "../src/length/length_goal.h"
#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;
using score::Score;
using score::Ticks;

// Every tokenisation, with and without subwords.
class Histories : public ::testing::TestWithParam<std::string> {
 protected:
  Histories() : tokenizer_(tokenizer_named(GetParam())), facts_(*tokenizer_) {}

  History history_of(std::span<const TokenId> tokens) const {
    History history(*tokenizer_, facts_);
    EXPECT_TRUE(history.append(tokens).ok());
    return history;
  }
  std::vector<TokenId> piece(int bars) const {
    return tokenizer_->without_closing(tokenizer_->encode(small_piece(bars)).value());
  }

  std::shared_ptr<const tokens::Tokenizer> tokenizer_;
  TokenFacts facts_;
};

INSTANTIATE_TEST_SUITE_P(All, Histories, ::testing::ValuesIn(all_with_subwords()), [](const auto& parameter) {
  std::string name = parameter.param;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

void expect_equal(const History& a, const History& b) {
  ASSERT_TRUE(std::equal(a.tokens().begin(), a.tokens().end(), b.tokens().begin(), b.tokens().end()));
  EXPECT_EQ(a.bars(), b.bars());
  EXPECT_EQ(a.seconds(), b.seconds());
  EXPECT_EQ(a.grammar().can_end(), b.grammar().can_end());
  EXPECT_EQ(a.grammar().tokens_to_close(), b.grammar().tokens_to_close());
  for (std::size_t limit = 2; limit < a.size() + 4; ++limit) {
    EXPECT_EQ(a.context(limit).tokens, b.context(limit).tokens);
    EXPECT_EQ(a.context(limit).places, b.context(limit).places);
  }
}

// Wherever the context begins, a token's place is that in the piece.
TEST_P(Histories, Context_HasThePlacesOfThePiece) {
  const auto all = piece(4);
  const History history = history_of(all);
  const auto meter = tokenizer_->length_meter();
  std::vector<MusicalPlace> places = {tokens::place_of(meter->position())};
  for (const TokenId token : all) {
    meter->accept(token);
    places.push_back(tokens::place_of(meter->position()));
  }
  EXPECT_EQ(history.place(), places.back());
  for (std::size_t limit = 2; limit < all.size() + 4; limit += 1 + limit / 3) {
    const Context context = history.context(limit);
    ASSERT_EQ(context.places.size(), context.tokens.size());
    EXPECT_TRUE(std::equal(context.places.rbegin(), context.places.rend(), places.rbegin())) << limit;
  }
}

TEST_P(Histories, Truncate_IsAsIfTheRestHadNeverBeen) {
  const auto all = piece(4);
  for (std::size_t size = 0; size < all.size(); size += 1 + all.size() / 9) {
    History truncated = history_of(all);
    truncated.truncate(size);
    History fresh = history_of(std::span(all).first(size));
    expect_equal(truncated, fresh);
    // What follows is another music than before.
    ASSERT_TRUE(truncated.close().ok());
    ASSERT_TRUE(fresh.close().ok());
    expect_equal(truncated, fresh);
  }
}

TEST_P(Histories, Context_StartsAtABarOrWhereThePieceCouldEnd) {
  const auto all = piece(6);
  const History history = history_of(all);
  const auto grammar = tokenizer_->grammar();
  std::vector<bool> could_end;
  for (const TokenId token : all) {
    could_end.push_back(grammar->can_end());
    grammar->accept(token);
  }
  for (std::size_t limit = 2; limit < all.size() + 4; ++limit) {
    const auto context = history.context(limit).tokens;
    const std::size_t room = limit - 1, size = context.size() - 1;
    ASSERT_EQ(context[0], tokens::kBos);
    ASSERT_LE(context.size(), limit);
    ASSERT_TRUE(std::equal(context.begin() + 1, context.end(), all.end() - std::ptrdiff_t(size)));
    if (room >= all.size()) {
      ASSERT_EQ(size, all.size());
      continue;
    }
    // The earliest bar, or else the earliest possible end, that leaves more than half of the room filled.
    const std::size_t first = all.size() - room, last = all.size() - room / 2;
    std::size_t wanted = first;
    for (std::size_t i = last; i-- > first;)
      if (could_end[i]) wanted = i;
    bool has_bar = false;
    for (std::size_t i = last; i-- > first;) {
      if (!facts_.marks_bars() || !facts_.begins_bar(all[i])) continue;
      wanted = i;
      has_bar = true;
    }
    ASSERT_EQ(all.size() - size, wanted) << limit << (has_bar ? " bar" : " no bar");
  }
}

TEST_P(Histories, Append_RefusesWhatTheGrammarForbids) {
  const auto all = piece(3);
  History history = history_of(std::span(all).first(all.size() / 2));
  TokenId illegal = 0;
  for (TokenId token = tokens::kSpecialTokens; token < facts_.vocab_size() && illegal == 0; ++token)
    if (!history.grammar().is_legal(token)) illegal = token;
  if (illegal == 0) GTEST_SKIP() << "everything is allowed there";
  const Status status = history.append(std::vector<TokenId>{illegal});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::invalid_tokens);
  EXPECT_EQ(status.error().where, "token " + std::to_string(all.size() / 2));
  EXPECT_NE(status.error().what.find(tokenizer_->vocabulary().word(illegal)), std::string::npos);
  EXPECT_EQ(history.size(), all.size() / 2);
}

TEST_P(Histories, SecondsAfter_IsWhatAPushGives) {
  const auto all = piece(3);
  History history(*tokenizer_, facts_);
  for (const TokenId token : all) {
    const double before = history.seconds(), after = history.seconds_after(token);
    EXPECT_EQ(history.seconds(), before);
    history.push(token);
    EXPECT_EQ(history.seconds(), after);
  }
}

TEST_P(Histories, WaitUntil_ComesAsCloseAsWaitsCan) {
  History history = history_of(piece(3));
  const double start = history.seconds();
  const std::size_t size = history.size();
  history.wait_until(start - 1);
  EXPECT_EQ(history.size(), size);
  history.wait_until(start + 1.7);
  EXPECT_LE(history.seconds(), start + 1.7 + 2 * kTimeTolerance);
  for (const TokenId token : history.tokens().subspan(size)) {
    EXPECT_FALSE(facts_.of(token).part_of_note);
    EXPECT_FALSE(facts_.of(token).sets_timing);
  }
  if (GetParam() == "performance") {
    EXPECT_NEAR(history.seconds(), start + 1.7, 0.0051);
    EXPECT_EQ(history.size(), size + 2);  // a second, and the rest
  }
  const std::size_t waited = history.size();
  history.wait_until(start + 1.7);
  EXPECT_EQ(history.size(), waited);
}

Score with_meter(double bpm, int numerator, int denominator) {
  Score score = small_piece(2);
  score.tempos = {{Ticks(0), std::int32_t(60e6 / bpm)}};
  score.time_signatures = {{Ticks(0), numerator, denominator}};
  return score;
}

TEST(TimingAtEnd, IsThatOfTheLastNote) {
  Timing timing = timing_at_end(Score{});
  EXPECT_EQ(timing.quarters_per_bar, 4);
  EXPECT_EQ(timing.seconds_per_quarter, 0.5);
  Score score = with_meter(100, 6, 8);
  timing = timing_at_end(score);
  EXPECT_EQ(timing.quarters_per_bar, 3);
  EXPECT_DOUBLE_EQ(timing.seconds_per_quarter, 0.6);
  score.time_signatures.push_back({score.end() - Ticks(1), 7, 4});
  score.time_signatures.push_back({score.end(), 2, 4});
  score.tempos.push_back({score.end() - Ticks(1), 1'000'000});
  score.tempos.push_back({score.end(), 250'000});
  timing = timing_at_end(score);
  EXPECT_EQ(timing.quarters_per_bar, 7);
  EXPECT_DOUBLE_EQ(timing.seconds_per_quarter, 1);
}

struct GoalCase {
  std::string tokenizer;
  Length length;
  LengthGoal wanted;
};

// The primer has bars of 3 quarters of 0.6 s; its decoded image goes at 0.3 s a quarter.
TEST(LengthGoal, InTheUnitThatTheTokenisationCounts) {
  const GoalCase cases[] = {
      {"remi", {LengthUnit::kTokens, 70}, {.tokens = 70, .max_tokens = 70}},
      {"performance", {LengthUnit::kTokens, 70}, {.tokens = 70, .max_tokens = 70}},
      {"remi", {LengthUnit::kBars, 5}, {.bars = 5, .max_tokens = 5 * 512}},
      {"performance", {LengthUnit::kBars, 5}, {.seconds = 9, .max_tokens = 1816}},
      {"note_chord", {LengthUnit::kBars, 5}, {.seconds = 4.5, .max_tokens = 1816}},
      {"remi", {LengthUnit::kSeconds, 5}, {.seconds = 2.5, .max_tokens = 1016}},
      {"performance", {LengthUnit::kSeconds, 5.001}, {.seconds = 5.001, .max_tokens = 1017}},
      {"note_chord", {LengthUnit::kSeconds, 5}, {.seconds = 2.5, .max_tokens = 1016}},
  };
  for (const GoalCase& test : cases) {
    const TokenFacts facts(*tokenizer_named(test.tokenizer));
    const LengthGoal goal = length_goal(test.length, facts, {.quarters_per_bar = 3, .seconds_per_quarter = 0.6},
                                        {.quarters_per_bar = 3, .seconds_per_quarter = 0.3});
    SCOPED_TRACE(test.tokenizer + " " + std::to_string(test.length.amount));
    EXPECT_EQ(goal.tokens, test.wanted.tokens);
    EXPECT_EQ(goal.bars, test.wanted.bars);
    ASSERT_EQ(goal.seconds.has_value(), test.wanted.seconds.has_value());
    if (goal.seconds) {
      EXPECT_NEAR(*goal.seconds, *test.wanted.seconds, 1e-9);
    }
    EXPECT_NEAR(double(goal.max_tokens), double(test.wanted.max_tokens), 0);
  }
}

TEST(CheckLength, MoreThanNothingAndAtMostAMillion) {
  const auto is_fine = [](LengthUnit unit, double amount) { return check_length({unit, amount}).ok(); };
  for (const LengthUnit unit : {LengthUnit::kTokens, LengthUnit::kBars, LengthUnit::kSeconds}) {
    EXPECT_TRUE(is_fine(unit, 1));
    EXPECT_TRUE(is_fine(unit, 1e6));
    EXPECT_FALSE(is_fine(unit, 1e6 + 1));
    EXPECT_FALSE(is_fine(unit, 0));
    EXPECT_FALSE(is_fine(unit, -1));
    EXPECT_EQ(is_fine(unit, 0.5), unit == LengthUnit::kSeconds);
  }
}

}  // namespace
}  // namespace continuo::generate
