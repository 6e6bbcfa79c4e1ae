#include <gtest/gtest.h>

#include "support/fake_model.h"
#include "support/random_checkpoint.h"

namespace continuo::generate {
namespace {

using namespace testing;
TEST(RealEngine, EveryModelAndTokenisation_GrammaticalAndDeterministic) {
  const auto primer = small_piece(9);
  for (const std::string model : {"lstm", "gpt", "gpt2", "bert"}) {
    for (const std::string name : {"remi", "performance", "note_chord"}) {
      const auto composer = RandomCheckpoint(model, *tokenizer_named(name)).load();
      ASSERT_TRUE(composer.ok()) << composer.error().to_line();
      const auto& tokenizer = *composer->tokenizer;
      const auto alone = run(*composer, {.length = {LengthUnit::kTokens, 250}, .seed = 1, .rounds = 3});
      ASSERT_TRUE(alone.ok()) << alone.error().to_line();
      EXPECT_EQ(grammar_complaint(tokenizer, {}, *alone), "") << model << " " << name;
      const ComposeOptions options{.primer = primer, .length = {LengthUnit::kBars, 3}, .seed = 2, .rounds = 3};
      const auto once = run(*composer, options, 1), again = run(*composer, options, 2);
      ASSERT_TRUE(once.ok() && again.ok());
      EXPECT_EQ(grammar_complaint(tokenizer, tokenizer.encode(primer).value(), *once), "") << model << " " << name;
      EXPECT_EQ(once->tokens, again->tokens) << model << " " << name;
      EXPECT_EQ(once->score, again->score);
    }
  }
}

TEST(RealEngine, Bert_FillsBars) {
  const auto piece = small_piece(12);
  const auto composer = RandomCheckpoint("bert", *tokenizer_named("remi")).load();
  ASSERT_TRUE(composer.ok());
  const auto made = run(*composer, {.primer = piece, .fill = BarRange{4, 6}, .rounds = 4});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ(made->score.tempos, piece.tempos);
  EXPECT_NE(made->score.tracks, piece.tracks);
}

// Longer than the context, so that each variation reads its own past again at a time of its own.
TEST(RealEngine, Variations_AreWhatTheirSeedsWriteAlone) {
  const auto primer = small_piece(4);
  ThreadPool threads(2);
  NoProgress silent;
  for (const std::string model : {"lstm", "gpt2", "bert"}) {
    for (const std::string name : {"remi", "performance"}) {
      const auto composer = RandomCheckpoint(model, *tokenizer_named(name)).load();
      ASSERT_TRUE(composer.ok());
      ComposeOptions options{.length = {LengthUnit::kTokens, 150}, .seed = 5, .rounds = 3};
      for (const bool primed : {false, true}) {
        if (primed) options.primer = primer;
        const auto together = compose_variations(*composer, options, 4, threads, silent);
        ASSERT_TRUE(together.ok()) << together.error().to_line();
        ASSERT_EQ(together->size(), 4U);
        for (std::size_t i = 0; i < 4; ++i) {
          ComposeOptions own = options;
          own.seed = 5 + i;
          const auto alone = run(*composer, own);
          ASSERT_TRUE(alone.ok());
          EXPECT_EQ((*together)[i].tokens, alone->tokens) << model << " " << name << " " << i;
          EXPECT_EQ((*together)[i].score, alone->score);
        }
      }
    }
  }
  const auto composer = RandomCheckpoint("gpt2", *tokenizer_named("remi")).load();
  EXPECT_EQ(compose_variations(*composer, {}, 0, threads, silent).error().code, ErrorCode::invalid_argument);
}

TEST(RealEngine, VocabulariesDiffer_Incompatible) {
  const auto composer = RandomCheckpoint("gpt2", *tokenizer_named("performance"), 3).load();
  ASSERT_FALSE(composer.ok());
  EXPECT_EQ(composer.error().code, ErrorCode::incompatible);
}

}  // namespace
}  // namespace continuo::generate
