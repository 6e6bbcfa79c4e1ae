#include "continuo/options/help.h"

#include <sstream>

#include <gtest/gtest.h>

#include "sample_fields.h"

namespace continuo::options {
namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Help, EachOptionStatesItsFactsOnce) {
  const std::string text = options_help(sample_fields());
  EXPECT_TRUE(has(text, "  -o, --output FILE     What to write\n")) << text;
  EXPECT_TRUE(has(text, "  -p, --top-p P         Share of the probability [0.001 to 1; default 1]\n")) << text;
  EXPECT_TRUE(has(text, "Most steps [at least 1]\n")) << text;
  EXPECT_TRUE(has(text, "Which functions compute [fused or plain; default: to fit the machine]\n")) << text;
  EXPECT_TRUE(has(text, "Tokenizer to use [remi, tsd or a .json file]\n")) << text;
  EXPECT_TRUE(has(text, "One word [can be given several times]\n")) << text;
  EXPECT_TRUE(has(text, "      --pack            Several pieces in a window\n")) << text;
}

TEST(Help, GroupsHaveHeadings) {
  const std::string text = options_help(sample_fields());
  EXPECT_TRUE(text.starts_with("Options:\n")) << text;
  EXPECT_LT(text.find("--title"), text.find("\nSampling:\n"));
  EXPECT_LT(text.find("\nSampling:\n"), text.find("--top-p"));
}

TEST(Help, LinesAreWrappedBetweenWords) {
  Field field{.name = "long", .type = Type::kChoice, .unit = "NAME", .help = "Which"};
  for (int i = 0; i < 60; ++i) field.choices.push_back("choice" + std::to_string(i));
  std::istringstream lines(options_help({field}));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), kHelpColumns) << line;
  EXPECT_GT(count, 6u);
}

TEST(Help, WideNamesHaveTheirTextBelow) {
  const std::string text = two_columns({{"short", "one"}, {std::string(40, 'x'), "two"}});
  EXPECT_EQ(text, "  short  one\n  " + std::string(40, 'x') + "\n         two\n");
}

TEST(Help, WrappingKeepsLineBreaksAndLongWords) {
  EXPECT_EQ(wrapped("a b\nc", 2), "a b\n  c");
  const std::string word(120, 'w');
  EXPECT_EQ(wrapped("a " + word + " b"), "a\n" + word + "\nb");
}

}  // namespace
}  // namespace continuo::options
