#include "continuo/cli/watched_machine.h"

#include <gtest/gtest.h>

#include "continuo/base/platform/platform.h"
#include "continuo/cli/program.h"

namespace continuo::cli {
namespace {

MachineLoad load_of(double foreign, double stolen) {
  MachineLoad load;
  load.processors = 2;
  load.foreign_cpus = foreign;
  load.stolen_cpus = stolen;
  return load;
}

TEST(LoadText, SaysWhetherFiguresCanBeTrusted) {
  EXPECT_EQ(load_text(load_of(0.48, 0.02), 2),
            "other programs used 0.48 of 2 processors, 0.02 stolen: the figures are too low");
  EXPECT_EQ(load_text(load_of(0.48, 0), 1),
            "other programs used 0.48 of 2 processors, 0.00 stolen: the figures may be too low");
  EXPECT_EQ(load_text(load_of(0.01, 0), 2), "quiet (others 0.01 of 2 processors)");
  EXPECT_EQ(load_text(load_of(0, 0.2), 2),
            "other programs used 0.00 of 2 processors, 0.20 stolen: the figures are too low");
  EXPECT_EQ(load_text(MachineLoad(), 2), "load unknown");
  MachineLoad unknown_theft = load_of(0.5, 0);
  unknown_theft.stolen_cpus.reset();
  EXPECT_EQ(load_text(unknown_theft, 1),
            "other programs used 0.50 of 2 processors, 0.00 stolen: the figures may be too low");
  MachineLoad one = load_of(0, 0);
  one.processors = 1;
  EXPECT_EQ(load_text(one, 1), "quiet (others 0.00 of 1 processor)");
  MachineLoad four = load_of(1, 1);
  four.processors = 4;
  EXPECT_TRUE(load_text(four, 2).ends_with("may be too low")) << "two are left for two threads";
  EXPECT_TRUE(load_text(four, 3).ends_with("are too low"));
}

TEST(WatchedMachine, ReportsWhatRanBesideAndLeavesItBehind) {
  nlohmann::json result;
  std::string beside;
  const auto action = [&](const Arguments& arguments, Console& console) -> Status {
    CONTINUO_ASSIGN(auto machine, WatchedMachine::start(arguments));
    NoProgress nothing;
    WatchedMachine::Progress progress(machine, nothing);
    progress.update(1, 2, "");
    machine.finish();
    beside = machine.beside();
    machine.report(1, 13, console);
    result = console.result();
    return {};
  };
  const Program program("it", "Measures.", {{{.name = "bench", .options = {busy_option()}}, action, {}}});
  const auto run = [&](std::vector<std::string> words) {
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    return Program(program).run(int(argv.size()), argv.data());
  };
  ASSERT_EQ(run({"it", "bench", "--busy", "2", "--json"}), 0);
  EXPECT_EQ(beside, " beside 2 busy processes");
  EXPECT_EQ(result["busy"], 2);
  for (const char* field :
       {"cpu", "processors", "cores", "nice", "foreign_cpus", "stolen_cpus", "run_queue", "run_queue_max"}) {
    EXPECT_TRUE(result.contains(field)) << field;
  }
  ASSERT_EQ(run({"it", "bench", "--busy", "1", "--json"}), 0);
  EXPECT_EQ(beside, " beside 1 busy process");
  ASSERT_EQ(run({"it", "bench", "--json"}), 0);
  EXPECT_EQ(beside, "");
  EXPECT_EQ(result["busy"], 0);
  EXPECT_EQ(result["processors"], platform::allowed_processors().size());
  EXPECT_EQ(result["cores"], platform::usable_processors());
  EXPECT_EQ(result["nice"], platform::niceness());
  EXPECT_EQ(result["cpu"], platform::cpu_model());
  testing::internal::CaptureStdout();
  ASSERT_EQ(run({"it", "bench"}), 0);
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_TRUE(text.starts_with("  processor  " + platform::cpu_model() + ", ")) << text;
  EXPECT_NE(text.find("\n  machine    "), std::string::npos) << text;
  EXPECT_EQ(text.find("of which") != std::string::npos,
            int(platform::allowed_processors().size()) != platform::usable_processors());
  EXPECT_EQ(text.find(", nice ") != std::string::npos, platform::niceness() != 0);
  EXPECT_EQ(run({"it", "bench", "--busy", "65"}), 2);
  EXPECT_TRUE(options::check(busy_option(), "64", options::Syntax::kCommandLine).ok());
  EXPECT_FALSE(options::check(busy_option(), "-1", options::Syntax::kCommandLine).ok());
}

}  // namespace
}  // namespace continuo::cli
