#include "continuo/options/field.h"

#include <gtest/gtest.h>

#include "sample_fields.h"

namespace continuo::options {
namespace {

std::string message(const char* name, const char* text, Syntax syntax = Syntax::kCommandLine) {
  const auto fields = sample_fields();
  const Status status = check(*find(fields, name), text, syntax);
  return status.ok() ? "" : status.error().what;
}

TEST(Field, ValuesWithinTheirRangeAreAccepted) {
  for (const auto& [name, text] : {std::pair{"top_p", "0.001"},
                                   {"top_p", "1"},
                                   {"top_p", "5e-1"},
                                   {"threads", "0"},
                                   {"threads", "1024"},
                                   {"seed", "18446744073709551615"},
                                   {"max_steps", "999999999999"},
                                   {"kernels", "plain"},
                                   {"tokenizer", "my/own.json"},
                                   {"pack", "false"},
                                   {"title", ""},
                                   {"output", "a b"}}) {
    EXPECT_EQ(message(name, text), "") << name << " " << text;
  }
}

// Both ends are stated as they are, however small.
TEST(Field, RangesAreStatedTruly) {
  EXPECT_EQ(message("top_p", "0"), "--top-p: must be from 0.001 to 1");
  EXPECT_EQ(message("top_p", "1.0001"), "--top-p: must be from 0.001 to 1");
  EXPECT_EQ(message("threads", "1025"), "--threads: must be from 0 to 1024");
  EXPECT_EQ(message("max_steps", "0"), "--max-steps: must be at least 1");
}

TEST(Field, WrongValuesAreRefusedInTheSameWordsEverywhere) {
  EXPECT_EQ(message("threads", "wrong"), "--threads: 'wrong' is not a whole number");
  EXPECT_EQ(message("threads", "wrong", Syntax::kFile), "threads: 'wrong' is not a whole number");
  EXPECT_EQ(message("kernels", "wrong"), "--kernels: 'wrong' is none of fused, plain");
  EXPECT_EQ(message("kernels", "wrong", Syntax::kFile), "kernels: 'wrong' is none of fused, plain");
  EXPECT_EQ(message("tokenizer", "x.toml"), "--tokenizer: 'x.toml' is none of remi, tsd, and no .json file");
  EXPECT_EQ(message("pack", "yes", Syntax::kFile), "pack: must be true or false");
}

TEST(Field, NumbersAreWholeTextsAndFinite) {
  for (const char* text : {"", " 1", "1 ", "1x", "nan", "inf", "-nan", "0x1p3"}) {
    EXPECT_NE(message("top_p", text), "") << text;
    EXPECT_NE(message("threads", text), "") << text;
  }
  EXPECT_EQ(message("threads", "1.5"), "--threads: '1.5' is not a whole number");
  EXPECT_NE(message("seed", "18446744073709551616"), "");
  EXPECT_NE(message("seed", "-1"), "");
}

TEST(Field, NumbersAreWrittenInFull) {
  EXPECT_EQ(number_text(0.001), "0.001");
  EXPECT_EQ(number_text(1e6), "1000000");
  EXPECT_EQ(number_text(-1), "-1");
  EXPECT_EQ(number_text(1e18), "1e+18");
}

TEST(Field, ListsAreSentences) {
  EXPECT_EQ(alternatives({}), "");
  EXPECT_EQ(alternatives({"a"}), "a");
  EXPECT_EQ(alternatives({"a", "b"}), "a or b");
  EXPECT_EQ(alternatives({"a", "b", "c"}), "a, b or c");
}

}  // namespace
}  // namespace continuo::options
