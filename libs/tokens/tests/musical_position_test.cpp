#include "continuo/tokens/musical_position.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/tokens/registry.h"

#include "random_score.h"
#include "subword_corpus.h"
#include "tokens_of_text.h"

namespace continuo::tokens {
namespace {

using score::Score;

constexpr int kPieces = 20, kNotes = 60;

std::shared_ptr<const Tokenizer> tokenizer_of(std::string_view name) {
  std::vector<Score> corpus;
  for (std::uint64_t seed = 0; seed < kPieces; ++seed) corpus.push_back(random_score(seed, kNotes));
  return make_tokenizer(name, corpus).value();
}

std::vector<std::vector<TokenId>> pieces(const Tokenizer& tokenizer) {
  std::vector<std::vector<TokenId>> all;
  for (std::uint64_t seed = 0; seed < kPieces; ++seed)
    if (auto tokens = tokenizer.encode(random_score(seed, kNotes)); tokens.ok()) all.push_back(std::move(*tokens));
  EXPECT_FALSE(all.empty());
  return all;
}

class Positions : public testing::TestWithParam<std::string> {};

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const std::string_view name : tokenizer_names()) all.emplace_back(name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, Positions, testing::ValuesIn(names()),
                         [](const auto& parameter) { return parameter.param; });

TEST_P(Positions, StartAtZero_StayWithinTheirRange_AndAreThoseOfACloneAndAfterReset) {
  const auto tokenizer = tokenizer_of(GetParam());
  const auto meter = tokenizer->length_meter();
  const PositionRange range = meter->position_range();
  for (const std::vector<TokenId>& tokens : pieces(*tokenizer)) {
    meter->reset();
    EXPECT_EQ(meter->position(), MusicalPosition());
    for (const TokenId token : tokens) {
      meter->accept(token);
      const MusicalPosition at = meter->position();
      ASSERT_GE(at.place, 0);
      ASSERT_LT(at.place, range.places);
      ASSERT_GE(at.slot, 0);
      ASSERT_LT(at.slot, range.slots);
      ASSERT_GE(at.step, 0);
    }
    EXPECT_EQ(meter->clone()->position(), meter->position());
    EXPECT_EQ(meter->position_range(), range);
  }
}

TEST_P(Positions, BarLines_AreAtPlaceZero) {
  const auto tokenizer = tokenizer_of(GetParam());
  const TokenizerTraits traits = tokenizer->traits();
  if (GetParam() == "octuple") GTEST_SKIP() << "names a bar in the middle of a row";
  for (const std::vector<TokenId>& tokens : pieces(*tokenizer)) {
    const auto meter = tokenizer->length_meter();
    for (const TokenId token : tokens) {
      meter->accept(token);
      if (!traits.of(token).begins_bar()) continue;
      ASSERT_EQ(meter->position().place, 0) << tokenizer->vocabulary().word(token);
    }
  }
}

TEST_P(Positions, ByCount_AreTheSameWhereTokensAreMasked) {
  const auto tokenizer = tokenizer_of(GetParam());
  const auto meter = tokenizer->length_meter(), masked = tokenizer->length_meter();
  EXPECT_EQ(meter->position_range().by_count, GetParam() == "chorale_grid");
  if (!meter->position_range().by_count) return;
  const std::vector<TokenId> piece = pieces(*tokenizer).front();
  for (const TokenId token : piece) {
    meter->accept(token);
    masked->accept(kMask);
    ASSERT_EQ(masked->position(), meter->position());
  }
}

TEST_P(Positions, OfSubwords_AreThoseOfTheirBaseTokens) {
  const auto tokenizer = trained_on_random_music(GetParam(), WordSplit::kNone);
  const auto& subwords = dynamic_cast<const SubwordTokenizer&>(*tokenizer);
  const auto meter = subwords.length_meter(), base = subwords.base().length_meter();
  EXPECT_EQ(meter->position_range().places, base->position_range().places);
  EXPECT_EQ(meter->position_range().slots, base->position_range().slots);
  EXPECT_FALSE(meter->position_range().by_count);
  for (const std::vector<TokenId>& tokens : pieces(subwords)) {
    meter->reset();
    base->reset();
    for (const TokenId token : tokens) meter->accept(token);
    const std::vector<TokenId> base_tokens = subwords.base().encode(subwords.decode(tokens).value()).value();
    for (const TokenId token : base_tokens) base->accept(token);
    EXPECT_EQ(meter->position(), base->position());
  }
}

// Those whose notes are completed where they begin, on the grid, a track at a time or all together.
class PositionsOfNotes : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(All, PositionsOfNotes,
                         testing::Values("remi", "remi_plus", "tsd", "structured", "cp_word", "mmm", "bar_tracks",
                                         "arrival_time", "autobot", "abc_char", "note_chord"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(PositionsOfNotes, StepsAreTheOnsetsOfTheDecodedPiece_InAnotherUnit) {
  const auto tokenizer = tokenizer_of(GetParam());
  const TokenizerTraits traits = tokenizer->traits();
  for (const std::vector<TokenId>& tokens : pieces(*tokenizer)) {
    std::set<std::int64_t> steps, onsets;
    const auto meter = tokenizer->length_meter();
    for (const TokenId token : tokens) {
      if (traits.of(token).notes > 0) steps.insert(meter->position().step);
      meter->accept(token);
    }
    const Score decoded = tokenizer->decode(tokens).value();
    for (const score::Track& track : decoded.tracks)
      for (const score::Note& note : track.notes) onsets.insert(note.onset.value);

    ASSERT_EQ(steps.size(), onsets.size());
    auto onset = onsets.begin();
    for (const std::int64_t step : steps) ASSERT_EQ(step * *onsets.rbegin(), *onset++ * *steps.rbegin()) << step;
  }
}

struct Case {
  const char* tokenizer;
  const char* words;
  MusicalPosition position;
};

TEST(MusicalPosition, IsThatOfTheNextToken) {
  const Case kCases[] = {
      {"remi", "Bar", {0, 0, 0}},
      {"remi", "Bar TimeSig_4/4 Position_5", {5, 0, 5}},
      {"remi", "Bar TimeSig_3/4 Position_5 Bar Position_2", {2, 0, 38}},
      {"remi_plus", "Bar_0 TimeSig_4/4 Position_5", {5, 0, 10}},
      {"tsd", "TimeShift_1.0.8 TimeShift_1.0.8", {16, 0, 32}},
      {"tsd", "TimeShift_2.0.8 TimeShift_2.0.8 TimeShift_0.3.8", {3, 0, 70}},
      {"performance", "TimeShift_100 NoteOn_60", {0, 0, 100}},
      {"chorale_grid", "Pitch_60 Pitch_55 Pitch_50", {0, 3, 0}},
      {"chorale_grid", "Pitch_60 Pitch_55 Pitch_50 Pitch_48 Rest", {1, 1, 1}},
      {"drum_grid", "Bar Step_3 Bar Step_2", {2, 0, 18}},
  };
  for (const Case& each : kCases) {
    const auto tokenizer = tokenizer_of(each.tokenizer);
    const auto meter = tokenizer->length_meter();
    for (const TokenId token : tokens_of(*tokenizer, each.words)) meter->accept(token);
    const MusicalPosition at = meter->position();
    EXPECT_EQ(at, each.position) << each.tokenizer << ": " << each.words << ": " << at.place << ", " << at.slot << ", "
                                 << at.step;
  }
}

}  // namespace
}  // namespace continuo::tokens
