#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "continuo/tokens/registry.h"

#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;

std::vector<std::string> all_tokenisations() {
  const auto names = tokens::tokenizer_names();
  std::vector<std::string> all(names.begin(), names.end());
  for (const char* subwords : {"remi bpe", "remi unigram", "tsd bpe", "midi_like bpe", "cp_word bpe", "mmm bpe",
                               "performance bpe", "note_chord bpe"})
    all.emplace_back(subwords);
  return all;
}

// Every tokenisation that there is, and subwords over some.
class Tokenisations : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(All, Tokenisations, ::testing::ValuesIn(all_tokenisations()), [](const auto& parameter) {
  std::string name = parameter.param;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

TEST_P(Tokenisations, EveryTaste_GrammaticalUpToALength) {
  for (const Taste taste : kTastes) {
    const Composer c = fake_composer(GetParam(), taste);
    for (const Length length : {Length{LengthUnit::kTokens, 200}, Length{LengthUnit::kSeconds, 6}}) {
      const auto made = run(c, {.length = length, .seed = 4});
      ASSERT_TRUE(made.ok()) << made.error().to_line();
      EXPECT_EQ(grammar_complaint(*c.tokenizer, {}, *made), "");
      if (length.unit == LengthUnit::kSeconds) continue;  // the first note of dice may come after the end
      EXPECT_GT(made->score.note_count(), 0u);
      EXPECT_LE(made->tokens.size(), 200u);
    }
  }
}

TEST_P(Tokenisations, Bars_AreAsManyAsAsked) {
  const Composer c = fake_composer(GetParam(), Taste::kWhim);
  const auto traits = c.tokenizer->traits();
  if (!traits.marks_bars()) GTEST_SKIP() << "measures bars by time";
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto made = run(c, {.length = {LengthUnit::kBars, 5}, .seed = seed});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    EXPECT_GT(made->score.note_count(), 0u);
    // What closes an open unit may begin one more bar, which holds no note.
    const auto meter = c.tokenizer->length_meter();
    int notes_too_late = 0;
    for (const TokenId token : made->tokens) {
      meter->accept(token);
      if (meter->bars_begun() > 5) notes_too_late += traits.of(token).notes;
    }
    EXPECT_GE(meter->bars_begun(), 5u);
    EXPECT_LE(meter->bars_begun(), 6u);
    EXPECT_EQ(notes_too_late, 0);
  }
}

TEST_P(Tokenisations, Continuation_GrammaticalAfterPrimer) {
  const Composer c = fake_composer(GetParam(), Taste::kWhim);
  const auto primer = small_piece(5);
  const auto before = c.tokenizer->without_closing(c.tokenizer->encode(primer).value());
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    const auto made = run(c, {.primer = primer, .length = {LengthUnit::kSeconds, 5}, .seed = seed});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    EXPECT_EQ(grammar_complaint(*c.tokenizer, before, *made), "");
    EXPECT_EQ(made->primer_tokens, before.size());
  }
}

TEST(SubwordsOfAModel, ItsLikingForLongWordsIsFollowed) {
  const Composer c = fake_composer("tsd bpe", Taste::kUniform);
  const auto made = run(c, {.length = {LengthUnit::kTokens, 300}, .seed = 1});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  const auto joined = std::count_if(made->tokens.begin(), made->tokens.end(), [&](TokenId token) {
    return c.tokenizer->vocabulary().word(token).find('&') != std::string::npos;
  });
  EXPECT_GT(joined, 30);
}

}  // namespace
}  // namespace continuo::generate
