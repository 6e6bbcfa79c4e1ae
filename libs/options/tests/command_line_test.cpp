#include <gtest/gtest.h>

#include "continuo/options/parse.h"
#include "continuo/options/suggest.h"

#include "sample_fields.h"

namespace continuo::options {
namespace {

using Words = std::vector<std::string>;

Result<CommandLine> parse(const Words& words) { return parse_command_line(sample_fields(), words); }

std::string message(const Words& words) {
  const auto line = parse(words);
  return line.ok() ? "" : line.error().what;
}

TEST(CommandLine, ReadsOptionsInEveryFormAmongPositionals) {
  const auto line = parse({"a.mid", "-o", "x.mid", "--top-p=0.5", "b.mid", "--threads", "2", "--pack", "-"});
  ASSERT_TRUE(line.ok()) << line.error().what;
  EXPECT_EQ(line->positionals, (Words{"a.mid", "b.mid", "-"}));
  EXPECT_EQ(line->values.text("output"), "x.mid");
  EXPECT_EQ(line->values.real("top_p"), 0.5);
  EXPECT_EQ(line->values.integer("threads"), 2);
  EXPECT_TRUE(line->values.flag("pack"));
  EXPECT_FALSE(line->values.has("kernels"));
  EXPECT_EQ(parse({"-p0.25"})->values.real("top_p"), 0.25);
  EXPECT_FALSE(parse({"--pack=false"})->values.flag("pack"));
}

TEST(CommandLine, SomeOptionsCanBeGivenSeveralTimes) {
  const auto line = parse({"--word", "a", "--word=b"});
  ASSERT_TRUE(line.ok()) << line.error().what;
  EXPECT_EQ(line->values.texts("word"), (Words{"a", "b"}));
  EXPECT_EQ(line->values.text("word"), "a");
}

TEST(CommandLine, DashesCanBeginValuesAndPositionals) {
  EXPECT_EQ(parse({"--title", "-5"})->values.text("title"), "-5");
  EXPECT_EQ(parse({"--title=--x"})->values.text("title"), "--x");
  EXPECT_EQ(parse({"--", "--pack", "-o"})->positionals, (Words{"--pack", "-o"}));
}

TEST(CommandLine, MistakesAreNamed) {
  EXPECT_EQ(message({"--tread", "2"}), "no option --tread; did you mean --threads?");
  EXPECT_EQ(message({"--tok", "remi"}), "no option --tok; did you mean --tokenizer?");
  EXPECT_EQ(message({"--qwertyuiop"}), "no option --qwertyuiop");
  EXPECT_EQ(message({"-x"}), "no option -x");
  EXPECT_EQ(message({"--threads"}), "--threads: the value is missing");
  EXPECT_EQ(message({"--threads", "--pack"}), "--threads: the value is missing");
  EXPECT_EQ(message({"-p", "1", "--top-p", "1"}), "--top-p: given twice");
  EXPECT_EQ(message({"--top-p", "0"}), "--top-p: must be from 0.001 to 1");
}

TEST(CommandLine, DefaultsFillWhatNobodyGave) {
  Values values = parse({"--threads", "3"})->values;
  ASSERT_TRUE(values.complete(sample_fields(), Syntax::kCommandLine).ok());
  EXPECT_EQ(values.integer("threads"), 3);
  EXPECT_EQ(values.real("top_p"), 1.0);
  EXPECT_TRUE(values.given("threads"));
  EXPECT_FALSE(values.given("top_p"));
  EXPECT_THROW(values.text("title"), std::out_of_range);
}

TEST(CommandLine, WhatIsRequiredIsMissed) {
  auto fields = sample_fields();
  fields[0].required = true;
  Values values;
  const Status status = values.complete(fields, Syntax::kCommandLine);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().what, "missing: --output");
}

TEST(Values, TheStrongerSourceIsKept) {
  Values line, file;
  line.give("threads", "1");
  file.give("threads", "2");
  file.give("top_p", "0.5");
  line.add(file);
  EXPECT_EQ(line.integer("threads"), 1);
  EXPECT_EQ(line.real("top_p"), 0.5);
}

TEST(Suggest, FindsWhatWasMistyped) {
  const Words commands{"compose", "convert", "dataset build", "train"};
  EXPECT_EQ(closest("comopse", commands), "compose");
  EXPECT_EQ(closest("convrt", commands), "convert");
  EXPECT_EQ(closest("dataset biuld", commands), "dataset build");
  EXPECT_EQ(closest("tr", commands), "train");
  EXPECT_EQ(closest("co", commands), std::nullopt);
  EXPECT_EQ(closest("sing", commands), std::nullopt);
  EXPECT_EQ(closest("", commands), std::nullopt);
}

}  // namespace
}  // namespace continuo::options
