#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "tokens_of_text.h"

namespace continuo::tokens {
namespace {

std::vector<std::string> case_paths() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(CONTINUO_TEST_DIR "/cases"))
    paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

class Cases : public testing::TestWithParam<std::string> {};

TEST_P(Cases, EncodesAsWritten) {
  const TextCase text_case = read_case(GetParam());
  const Result<std::vector<TokenId>> tokens = text_case.tokenizer->encode(text_case.score);
  if (!text_case.error_code.empty()) {
    ASSERT_FALSE(tokens.ok());
    EXPECT_EQ(to_string(tokens.error().code), text_case.error_code);
    EXPECT_NE(tokens.error().to_line().find(text_case.error_text), std::string::npos) << tokens.error().to_line();
    return;
  }
  ASSERT_TRUE(tokens.ok()) << tokens.error().to_line();
  EXPECT_EQ(words_of(*text_case.tokenizer, *tokens), text_case.words);
  EXPECT_EQ(text_case.tokenizer->decode(*tokens).value(), text_case.tokenizer->quantise(text_case.score).value());
  EXPECT_EQ(text_case.tokenizer->losses(text_case.score), text_case.losses);
}

INSTANTIATE_TEST_SUITE_P(Files, Cases, testing::ValuesIn(case_paths()),
                         [](const auto& parameter) { return std::filesystem::path(parameter.param).stem().string(); });

}  // namespace
}  // namespace continuo::tokens
