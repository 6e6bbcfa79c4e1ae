#include "continuo/cli/program.h"

#include <gtest/gtest.h>

#include "continuo/cli/console.h"

namespace continuo::cli {
namespace {

struct Seen {
  int runs = 0;
  double temperature = 0;
  std::vector<std::string> files;
  std::uint64_t seed = 0;
  bool loud = false;
};

int run(Seen& seen, std::vector<std::string> words) {
  const CommandSpec spec{
      .name = "make music",
      .summary = "Makes music.",
      .positionals = {{"FILE", "what to read", true}},
      .options = {{.names = "-t,--temperature",
                   .kind = Kind::kNumber,
                   .placeholder = "T",
                   .help = "How bold",
                   .fallback = "1",
                   .minimum = 0,
                   .maximum = 5},
                  {.names = "--kind", .kind = Kind::kChoice, .choices = {"a", "b"}, .or_extension = ".json"},
                  {.names = "--loud", .kind = Kind::kFlag}}};
  const auto action = [&](const Arguments& arguments, Console&) -> Status {
    ++seen.runs;
    seen.temperature = arguments.number("temperature");
    seen.files = arguments.positionals();
    seen.seed = arguments.seed();
    seen.loud = arguments.flag("loud");
    if (seen.files[0] == "bad") return Error{ErrorCode::not_found, "no such file", {}, "bad"};
    return {};
  };
  Program program("test", "A test.", {{spec, action, {}}});
  words.insert(words.begin(), "test");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  return program.run(static_cast<int>(argv.size()), argv.data());
}

TEST(Program, ParsesOptionsFallbacksAndPositionals) {
  Seen seen;
  EXPECT_EQ(run(seen, {"make", "music", "x.mid", "-t", "0.5", "y.mid", "--seed", "7", "--loud"}), 0);
  EXPECT_EQ(seen.temperature, 0.5);
  EXPECT_EQ(seen.files, (std::vector<std::string>{"x.mid", "y.mid"}));
  EXPECT_EQ(seen.seed, 7u);
  EXPECT_TRUE(seen.loud);
  EXPECT_EQ(run(seen, {"make", "music", "x.mid"}), 0);
  EXPECT_EQ(seen.temperature, 1.0);
  EXPECT_FALSE(seen.loud);
  EXPECT_EQ(run(seen, {"make", "music", "x.mid", "--kind", "b"}), 0);
  EXPECT_EQ(run(seen, {"make", "music", "x.mid", "--kind", "folder/of mine.json"}), 0);
}

TEST(Program, WrongUsageExitsWithTwoAndRunsNothing) {
  Seen seen;
  EXPECT_EQ(run(seen, {"make", "music"}), 2);
  EXPECT_EQ(run(seen, {"make", "music", "x", "--temperature", "9"}), 2);
  EXPECT_EQ(run(seen, {"make", "music", "x", "--temperature", "hot"}), 2);
  EXPECT_EQ(run(seen, {"make", "music", "x", "--temperature", "nan"}), 2);
  EXPECT_EQ(run(seen, {"make", "music", "x", "--kind", "c"}), 2);
  EXPECT_EQ(run(seen, {"make", "music", "x", "--kind", "c.toml"}), 2);
  EXPECT_EQ(run(seen, {"make", "music", "x", "--unknown"}), 2);
  EXPECT_EQ(run(seen, {"make", "noise"}), 2);
  EXPECT_EQ(run(seen, {"make", "music", "x", "--seed", "-1"}), 2);
  EXPECT_EQ(run(seen, {}), 2);
  EXPECT_EQ(seen.runs, 0);
}

TEST(Program, FailedCommandExitsWithOne) {
  Seen seen;
  testing::internal::CaptureStderr();
  EXPECT_EQ(run(seen, {"make", "music", "bad"}), 1);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "test: error: bad: no such file\n");
}

TEST(Program, JsonModePrintsOneObject) {
  Seen seen;
  testing::internal::CaptureStdout();
  EXPECT_EQ(run(seen, {"make", "music", "bad", "--json"}), 1);
  const auto object = nlohmann::json::parse(testing::internal::GetCapturedStdout());
  EXPECT_EQ(object["error"]["code"], "not_found");
}

TEST(Program, HelpNamesEveryOption) {
  Seen seen;
  testing::internal::CaptureStdout();
  EXPECT_EQ(run(seen, {"make", "music", "--help"}), 0);
  const auto text = testing::internal::GetCapturedStdout();
  for (const auto* word : {"--temperature T", "--json", "--seed N", "--threads N", "FILE...", "--kind", "a b"}) {
    EXPECT_NE(text.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(seen.runs, 0);
}

TEST(Console, TextsForPeople) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(clock_text(187), "3:07");
  EXPECT_EQ(clock_text(3765), "1:02:45");
  EXPECT_EQ(fixed(2.345, 1), "2.3");
}

}  // namespace
}  // namespace continuo::cli
