#include "continuo/cli/program.h"

#include <filesystem>
#include <functional>
#include <new>
#include <sstream>
#include <stdexcept>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/base/text.h"
#include "continuo/cli/console.h"

namespace continuo::cli {
namespace {

struct Seen {
  int runs = 0;
  double temperature = 0;
  std::vector<std::string> files;
  std::uint64_t seed = 0;
  bool loud = false;
  std::vector<std::string> delegated;
};

std::vector<Command> commands(Seen& seen) {
  const CommandSpec spec{.name = "make music",
                         .summary = "Makes music.",
                         .description = "More about it.",
                         .positionals = {{"FILE", "what to read", true}},
                         .options = {{.name = "temperature",
                                      .letter = 't',
                                      .type = Type::kReal,
                                      .unit = "T",
                                      .group = "Sampling",
                                      .help = "How bold",
                                      .default_value = "1",
                                      .range = {0, 5}},
                                     {.name = "kind",
                                      .type = Type::kChoice,
                                      .unit = "KIND",
                                      .help = "Which",
                                      .choices = {"a", "b"},
                                      .or_extension = ".json"},
                                     {.name = "loud", .type = Type::kFlag, .help = "Louder"}},
                         .examples = {"test make music x.mid"}};
  const auto action = [&](const Arguments& arguments, Console& console) -> Status {
    ++seen.runs;
    seen.temperature = arguments.number("temperature");
    seen.files = arguments.positionals();
    seen.seed = arguments.seed();
    seen.loud = arguments.flag("loud");
    if (seen.files[0] == "bad") return Error{ErrorCode::not_found, "no such file", {}, "bad"};
    TerminalProgress progress("making");
    progress.update(1, 2, "half");
    progress.update(2, 2, "whole \xFF");
    console.note("a note");
    return {};
  };
  const auto other = [&](const std::vector<std::string>& words) { return seen.delegated = words, 7; };
  return {{spec, action, {}},
          {{.name = "make noise", .summary = "Makes noise.", .positionals = {{"IN", "what to read"}}}, action, {}},
          {{.name = "train", .summary = "Trains."}, {}, other}};
}

int run(Seen& seen, std::vector<std::string> words) {
  set_progress_form(ProgressForm::kText);
  Program program("test", "A test.", commands(seen));
  words.insert(words.begin(), "test");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  return program.run(static_cast<int>(argv.size()), argv.data());
}

struct Output {
  int code;
  std::string out, err;
};

Output output_of(Seen& seen, std::vector<std::string> words) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run(seen, std::move(words));
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

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
  EXPECT_EQ(run(seen, {"make", "sense"}), 2);
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
  const auto text = output_of(seen, {"make", "music", "--help"});
  EXPECT_EQ(text.code, 0);
  for (const auto* word : {"--temperature T", "How bold [0 to 5; default 1]", "--json", "--seed N", "--threads N",
                           "FILE...", "--kind", "a, b or a .json file", "\nSampling:\n", "\nEvery command:\n",
                           "More about it.", "\nExamples:\n  test make music x.mid\n"}) {
    EXPECT_TRUE(has(text.out, word)) << word << "\n" << text.out;
  }
  EXPECT_EQ(seen.runs, 0);
}

TEST(Program, HelpIsFoundFromEverywhere) {
  Seen seen;
  const std::string text = output_of(seen, {"make", "music", "--help"}).out;
  EXPECT_EQ(output_of(seen, {"help", "make", "music"}).out, text);
  EXPECT_EQ(output_of(seen, {"make", "music", "--wrong", "-h"}).out, text);
  EXPECT_TRUE(has(output_of(seen, {"help"}).out, "make noise"));
  EXPECT_EQ(output_of(seen, {"help", "train"}).code, 7);
  EXPECT_EQ(seen.delegated, (std::vector<std::string>{"--help"}));
  EXPECT_EQ(seen.runs, 0);
}

TEST(Program, AGroupListsItsCommands) {
  Seen seen;
  const auto alone = output_of(seen, {"make"});
  EXPECT_EQ(alone.code, 2);
  EXPECT_TRUE(has(alone.err, "make music") && has(alone.err, "make noise")) << alone.err;
  EXPECT_FALSE(has(alone.err, "train"));
  for (const auto& words : {std::vector<std::string>{"help", "make"}, {"make", "--help"}}) {
    const auto help = output_of(seen, words);
    EXPECT_EQ(help.code, 0);
    EXPECT_EQ(help.out, alone.err);
  }
}

TEST(Program, MistypedNamesAreGuessed) {
  Seen seen;
  const auto error = [&](std::vector<std::string> words) { return output_of(seen, std::move(words)).err; };
  EXPECT_EQ(error({"trian"}), "test: error: no command 'trian'; did you mean train?\nSee 'test help'.\n");
  EXPECT_TRUE(has(error({"make", "musci", "x"}), "no command 'make musci'; did you mean make music?"));
  EXPECT_TRUE(has(error({"noise"}), "did you mean make noise?"));
  EXPECT_TRUE(has(error({"help", "trian"}), "did you mean train?"));
  EXPECT_EQ(error({"xylophone"}), "test: error: no command 'xylophone'\nSee 'test help'.\n");
  EXPECT_EQ(error({"make", "music", "x", "--temprature", "1"}),
            "test: error: no option --temprature; did you mean --temperature?\nSee 'test help make music'.\n");
}

TEST(Program, UnexpectedArgumentsAreListedInTheirOrder) {
  Seen seen;
  EXPECT_TRUE(has(output_of(seen, {"make", "noise", "x", "first", "second"}).err, "unexpected: 'first', 'second'"));
}

TEST(Program, OptionsCanComeFromAFile) {
  const auto folder = std::filesystem::temp_directory_path() / "continuo_program_config";
  std::filesystem::create_directories(folder);
  const std::string toml = folder / "a.toml", json = folder / "a.json", bad = folder / "bad.toml";
  ASSERT_TRUE(write_file(toml, std::string_view("temperature = 2\nloud = true\nseed = 9\n")).ok());
  ASSERT_TRUE(write_file(json, std::string_view(R"({"temperature": 3})")).ok());
  ASSERT_TRUE(write_file(bad, std::string_view("\ntemperature = 6\n")).ok());
  Seen seen;
  EXPECT_EQ(run(seen, {"make", "music", "x", "--config", toml, "--seed", "1"}), 0);
  EXPECT_EQ(seen.temperature, 2);
  EXPECT_TRUE(seen.loud);
  EXPECT_EQ(seen.seed, 1u);
  EXPECT_EQ(run(seen, {"make", "music", "x", "--config", json}), 0);
  EXPECT_EQ(seen.temperature, 3);
  const auto wrong = output_of(seen, {"make", "music", "x", "--config", bad});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_TRUE(has(wrong.err, bad + ": temperature: must be from 0 to 5, line 2")) << wrong.err;
  EXPECT_EQ(seen.runs, 2);
  std::filesystem::remove_all(folder);
}

// Every line of standard error is an object; what it says can be relied on (docs/formats/progress.md).
TEST(Program, ProgressAsJsonLines) {
  Seen seen;
  const auto text = output_of(seen, {"make", "music", "x", "--progress", "json"});
  EXPECT_EQ(text.code, 0);
  std::vector<nlohmann::json> events;
  std::istringstream lines(text.err);
  for (std::string line; std::getline(lines, line);) events.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(events.size(), 4u) << text.err;
  EXPECT_EQ(events[0]["event"], "progress");
  EXPECT_EQ(events[0]["job"], "making");
  EXPECT_EQ(events[0]["done"], 1);
  EXPECT_EQ(events[0]["total"], 2);
  EXPECT_EQ(events[0]["note"], "half");
  EXPECT_TRUE(events[0]["elapsed_sec"].is_number());
  EXPECT_EQ(events[1]["done"], 2);
  EXPECT_EQ(events[2]["event"], "note");
  EXPECT_EQ(events[2]["message"], "a note");
  EXPECT_EQ(events[3]["event"], "end");
  EXPECT_EQ(events[3]["done"], 2);
  const auto failed = output_of(seen, {"make", "music", "bad", "--progress", "json"});
  const auto error = nlohmann::json::parse(failed.err);
  EXPECT_EQ(error["event"], "error");
  EXPECT_EQ(error["code"], "not_found");
  EXPECT_EQ(error["message"], "bad: no such file");
  EXPECT_EQ(output_of(seen, {"make", "music", "x", "--progress", "none"}).err, "a note\n");
}

TEST(Program, OptionsBeforeACommandAreExplained) {
  Seen seen;
  const auto error = [&](std::vector<std::string> words) { return output_of(seen, std::move(words)).err; };
  EXPECT_EQ(error({"--versoin"}), "test: error: no option --versoin; did you mean --version?\nSee 'test help'.\n");
  EXPECT_EQ(error({"--json", "make", "music"}),
            "test: error: no option --json; options come after a command\nSee 'test help'.\n");
  EXPECT_EQ(output_of(seen, {"-x"}).code, 2);
}

TEST(Program, HelpTakesOneTopic) {
  Seen seen;
  const auto more = output_of(seen, {"help", "make", "noise", "and", "more"});
  EXPECT_EQ(more.code, 2);
  EXPECT_EQ(more.err, "test: error: unexpected: 'and', 'more'\nSee 'test help make noise'.\n");
  EXPECT_EQ(more.out, "");
}

TEST(Program, MissingAndEmptyArgumentsAreNamed) {
  Seen seen;
  const auto error = [&](std::vector<std::string> words) { return output_of(seen, std::move(words)).err; };
  EXPECT_TRUE(has(error({"make", "noise"}), "missing: IN\n"));
  EXPECT_TRUE(has(error({"make", "music", "x", ""}), "argument 2 is empty\n"));
  EXPECT_TRUE(has(error({"make", "noise", ""}), "argument 1 is empty\n"));
  EXPECT_EQ(seen.runs, 0);
}

TEST(Program, OptionalArgumentsMayBeLeftOut) {
  const CommandSpec many{.name = "look", .positionals = {{"DIR", "where", true, true}}};
  const CommandSpec one{.name = "look", .positionals = {{"FILE", "what"}, {"DIR", "where", false, true}}};
  const std::vector<std::string> none, two = {"a", "b"}, three = {"a", "b", "c"};
  EXPECT_TRUE(read_arguments(many, none).value().positionals().empty());
  EXPECT_EQ(read_arguments(many, three).value().positionals(), three);
  EXPECT_EQ(read_arguments(one, none).error().what, "missing: FILE");
  EXPECT_EQ(read_arguments(one, std::span(two).first(1)).value().positionals().size(), 1U);
  EXPECT_EQ(read_arguments(one, two).value().positionals(), two);
  EXPECT_FALSE(read_arguments(one, three).ok());
}

TEST(Program, WordsAfterTwoDashesAreArguments) {
  Seen seen;
  EXPECT_EQ(run(seen, {"make", "music", "--", "--help", "-h", "--loud"}), 0);
  EXPECT_EQ(seen.files, (std::vector<std::string>{"--help", "-h", "--loud"}));
  EXPECT_FALSE(seen.loud);
}

TEST(Program, VersionTellsWhatWasBuilt) {
  Seen seen;
  const auto alone = output_of(seen, {"--version"});
  EXPECT_EQ(alone.code, 0);
  EXPECT_TRUE(alone.out.starts_with("test " + std::string(build_info().version) + "\n  commit ")) << alone.out;
  for (const auto* name : {"\n  compiler ", "\n  build type "}) EXPECT_TRUE(has(alone.out, name)) << alone.out;
  for (const auto value : {build_info().version, build_info().commit, build_info().compiler, build_info().build_type}) {
    EXPECT_FALSE(value.empty());
    EXPECT_TRUE(has(alone.out, value)) << alone.out;
  }
}

TEST(Program, VersionHasTheRowsOfTheProgram) {
  int asked = 0;
  Seen seen;
  Program program("test", "A test.", commands(seen));
  program.add_to_version([&] {
    ++asked;
    const std::vector<int> available = {1, 2};
    return VersionRows{instruction_set_row("isa2", available, [](int i) { return "isa" + std::to_string(i); })};
  });
  const auto output = [&](std::string word) {
    std::string name = "test";
    char* argv[] = {name.data(), word.data()};
    testing::internal::CaptureStdout();
    EXPECT_EQ(program.run(2, argv), 0);
    return testing::internal::GetCapturedStdout();
  };
  EXPECT_FALSE(has(output("--help"), "isa2"));
  EXPECT_EQ(asked, 0);
  EXPECT_TRUE(has(output("--version"), "\n  instruction set  isa2 (available: isa1, isa2)\n"));
  EXPECT_EQ(asked, 1);
}

TEST(Program, TheCommitIsAHashOrUnknown) {
  std::string commit(build_info().commit);
  if (commit.ends_with("-dirty")) commit.resize(commit.size() - 6);
  EXPECT_TRUE(commit == "unknown" ||
              (commit.size() == 12 && commit.find_first_not_of("0123456789abcdef") == std::string::npos))
      << commit;
}

TEST(Program, NothingRunsWhereTheStartFailed) {
  Seen seen;
  std::string words[] = {"test", "make", "music", "x"};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data()};
  Program program("test", "A test.", commands(seen));
  testing::internal::CaptureStderr();
  EXPECT_EQ(program.run(4, argv, Error{ErrorCode::invalid_argument, "wrong", {}, {}}), 1);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "test: error: wrong\n");
  EXPECT_EQ(seen.runs, 0);
  EXPECT_EQ(program.run(4, argv), 0);
  EXPECT_EQ(seen.runs, 1);
  EXPECT_EQ(program.run(0, nullptr), 2);
}

TEST(Program, ADelegatedCommandGetsTheWordsAfterItsName) {
  Seen seen;
  EXPECT_EQ(run(seen, {"train", "--data", "x", "--no-such-option"}), 7);
  EXPECT_EQ(seen.delegated, (std::vector<std::string>{"--data", "x", "--no-such-option"}));
}

TEST(Program, TheReferenceHasEveryCommandOfThisProgram) {
  Seen seen;
  const auto page = output_of(seen, {"--reference"});
  EXPECT_EQ(page.code, 0);
  EXPECT_TRUE(page.out.starts_with("# test\n\nA test.\n\n## test make music\n\n```\nMakes music.\n")) << page.out;
  EXPECT_TRUE(page.out.ends_with("```\n"));
  EXPECT_TRUE(has(page.out, "\n## test make noise\n"));
  EXPECT_FALSE(has(page.out, "train")) << "another program does that";
}

TEST(Program, ExceptionsAreErrors) {
  const auto thrown = [](const std::function<void()>& raise) {
    const auto action = [&](const Arguments&, Console&) -> Status { return raise(), Status(); };
    Program program("test", "A test.", {{{.name = "go", .summary = "Goes."}, action, {}}});
    std::string name = "test", word = "go";
    char* argv[] = {name.data(), word.data()};
    testing::internal::CaptureStderr();
    EXPECT_EQ(program.run(2, argv), 1);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(thrown([] { throw std::bad_alloc(); }), "test: error: out of memory\n");
  EXPECT_EQ(thrown([] { throw std::runtime_error("no way"); }), "test: error: no way\n");
}

TEST(CommandHelp, ShowsUsageDescriptionAndTables) {
  const CommandSpec spec{.name = "go",
                         .summary = "Goes.",
                         .description = "More.",
                         .positionals = {{"IN", "what to read", true}},
                         .usage = "IN... OUT",
                         .examples = {"test go a b", "test go c d"},
                         .appendix = "A table"};
  const std::string text = command_help("test", spec);
  EXPECT_TRUE(text.starts_with("Goes.\n\nUsage: test go IN... OUT [OPTIONS]\n\n  IN...  what to read\n\nMore.\n\n"))
      << text;
  EXPECT_TRUE(text.ends_with("\nExamples:\n  test go a b\n  test go c d\n\nA table\n")) << text;
  const std::string bare = command_help("test", {.name = "go", .summary = "Goes."});
  EXPECT_TRUE(bare.starts_with("Goes.\n\nUsage: test go [OPTIONS]\n\nEvery command:\n")) << bare;
  EXPECT_FALSE(has(bare, "Examples"));
  EXPECT_TRUE(has(command_help("test", {.name = "go", .positionals = {{"A", ""}, {"B", "", true}}}),
                  "Usage: test go A B... [OPTIONS]\n"));
  EXPECT_TRUE(has(command_help("test", {.name = "go", .positionals = {{"A", ""}, {"B", "", true, true}}}),
                  "Usage: test go A [B...] [OPTIONS]\n"));
}

TEST(Program, TheListOfCommandsIsInTheirOrder) {
  Seen seen;
  const std::string text = output_of(seen, {"--help"}).out;
  EXPECT_EQ(text, output_of(seen, {"help"}).out);
  EXPECT_EQ(text, output_of(seen, {"-h"}).out);
  EXPECT_EQ(text,
            "A test.\n\nUsage: test COMMAND [ARGUMENTS]\n\nCommands:\n  make music  Makes music.\n"
            "  make noise  Makes noise.\n  train       Trains.\n\n'test help COMMAND' describes a command and its "
            "options.\n");
  EXPECT_EQ(output_of(seen, {"help", "make"}).out,
            "Usage: test make COMMAND [ARGUMENTS]\n\nCommands:\n  make music  Makes music.\n"
            "  make noise  Makes noise.\n\n'test help make COMMAND' describes a command and its options.\n");
}

TEST(Program, WrongUsageAsAnEventHasNoHint) {
  Seen seen;
  const auto text = output_of(seen, {"make", "noise", "x", "y"});
  EXPECT_TRUE(text.err.ends_with("See 'test help make noise'.\n")) << text.err;
  set_progress_form(ProgressForm::kJson);
  testing::internal::CaptureStderr();
  Program program("test", "A test.", commands(seen));
  std::string name = "test", word = "nonsense";
  char* argv[] = {name.data(), word.data()};
  EXPECT_EQ(program.run(2, argv), 2);
  set_progress_form(ProgressForm::kText);
  const auto event = nlohmann::json::parse(testing::internal::GetCapturedStderr());
  EXPECT_EQ(event["message"], "no command 'nonsense'");
}

TEST(Program, CommonOptionsHaveRangesAndDefaults) {
  Seen seen;
  const auto code = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"make", "music", "x"};
    words.insert(words.end(), more.begin(), more.end());
    return output_of(seen, words).code;
  };
  EXPECT_EQ(code({"--seed", "18446744073709551615"}), 0);
  EXPECT_EQ(seen.seed, 18446744073709551615u);
  EXPECT_EQ(code({}), 0);
  EXPECT_EQ(seen.seed, 0u);
  EXPECT_EQ(code({"--threads", "0"}), 0);
  EXPECT_EQ(code({"--threads", "1024"}), 0);
  EXPECT_EQ(code({"--threads", "1025"}), 2);
  EXPECT_EQ(code({"--threads", "-1"}), 2);
  EXPECT_EQ(code({"--progress", "auto"}), 0);
  EXPECT_EQ(code({"--progress", "loud"}), 2);
}

TEST(Program, OfTwoCommandsThatFit_TheLongerIsMeant) {
  std::string called;
  const auto call = [&](const std::string& name) {
    return [&called, name](const Arguments& arguments, Console&) -> Status {
      called = name + " " + arguments.positional();
      return {};
    };
  };
  Program program("test", "A test.",
                  {{{.name = "go", .summary = "Goes.", .positionals = {{"PLACE", "where"}}}, call("go"), {}},
                   {{.name = "go far", .summary = "Goes far.", .positionals = {{"PLACE", "where"}}}, call("far"), {}}});
  const auto run_words = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "test");
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    EXPECT_EQ(program.run(static_cast<int>(argv.size()), argv.data(), {}), 0);
  };
  run_words({"go", "home"});
  EXPECT_EQ(called, "go home");
  run_words({"go", "far", "away"});
  EXPECT_EQ(called, "far away");
}

}  // namespace
}  // namespace continuo::cli
