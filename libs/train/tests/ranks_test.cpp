#include <atomic>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>

#include <gtest/gtest.h>

#include "ranks/launch.h"
#include "ranks/watch.h"

namespace continuo::train {
namespace {

using Variables = std::map<std::string, std::string>;

Result<std::optional<Launch>> launch_of(const Variables& variables) {
  return read_launch([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(Launch, AProcessWithoutVariablesIsAlone) {
  EXPECT_FALSE(launch_of({}).value().has_value());
  EXPECT_FALSE(launch_of({{"RANK", "0"}}).value().has_value());
  EXPECT_FALSE(launch_of({{"RANK", "0"}, {"WORLD_SIZE", "1"}}).value().has_value());
  // The script of a job of eight tasks, before srun starts any.
  EXPECT_FALSE(launch_of({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}).value().has_value());
}

TEST(Launch, ReadsWhatTorchrunSets) {
  const auto launch = launch_of({{"RANK", "3"},
                                 {"WORLD_SIZE", "4"},
                                 {"LOCAL_WORLD_SIZE", "2"},
                                 {"MASTER_ADDR", "10.0.0.7"},
                                 {"MASTER_PORT", "1234"}})
                          .value();
  ASSERT_TRUE(launch);
  EXPECT_EQ(launch->rank, 3);
  EXPECT_EQ(launch->size, 4);
  EXPECT_EQ(launch->on_this_host, 2);
  EXPECT_EQ(launch->address, "10.0.0.7");
  EXPECT_EQ(launch->port, 1234);
}

TEST(Launch, LeavesTheirPortToTheAgentsOfTorchrun) {
  Variables variables = {{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"LOCAL_WORLD_SIZE", "2"}, {"MASTER_PORT", "1234"}};
  variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  EXPECT_EQ(launch_of(variables).value()->port, 1235);
  variables["MASTER_PORT"] = "65535";
  EXPECT_EQ(launch_of(variables).value()->port, 65534);
}

TEST(Launch, ProcessesOfOneHostNeedNoAddress) {
  for (const auto& [rank, size, local] :
       {std::tuple("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"),
        std::tuple("PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS")}) {
    const auto launch = launch_of({{rank, "1"}, {size, "2"}, {local, "2"}}).value();
    ASSERT_TRUE(launch) << rank;
    EXPECT_EQ(launch->rank, 1);
    EXPECT_EQ(launch->address, "127.0.0.1");
    EXPECT_EQ(launch->port, 29500);
  }
}

TEST(Launch, SrunsFirstHostLeads) {
  const auto address = [](const std::string& hosts) {
    return launch_of({{"SLURM_PROCID", "5"},
                      {"SLURM_STEP_NUM_TASKS", "7"},
                      {"SLURM_STEP_TASKS_PER_NODE", "2(x3),1"},
                      {"SLURM_STEP_NODELIST", hosts}})
        .value()
        ->address;
  };
  EXPECT_EQ(address("gpu-[03-05,9],x"), "gpu-03");
  EXPECT_EQ(address("n[7,9]"), "n7");
  EXPECT_EQ(address("a,b"), "a");
  EXPECT_EQ(address("a"), "a");
}

TEST(Launch, NamesTheVariableThatIsWrong) {
  const auto problem = [](const Variables& variables) {
    const auto launch = launch_of(variables);
    return launch.ok() ? std::string() : launch.error().to_line();
  };
  EXPECT_EQ(problem({{"RANK", "4"}, {"WORLD_SIZE", "4"}, {"LOCAL_WORLD_SIZE", "4"}}),
            "must be a number from 0 to 3, variable RANK");
  EXPECT_NE(problem({{"RANK", "x"}, {"WORLD_SIZE", "4"}}), "");
  EXPECT_EQ(problem({{"WORLD_SIZE", "4"}}), "is missing beside WORLD_SIZE, variable RANK");
  EXPECT_EQ(problem({{"WORLD_SIZE", "1"}}), "");
  EXPECT_NE(problem({{"RANK", "0"}, {"WORLD_SIZE", "0"}}), "");
  EXPECT_NE(problem({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"LOCAL_WORLD_SIZE", "2"}, {"MASTER_PORT", "70000"}}), "");
  EXPECT_NE(problem({{"RANK", "0"}, {"WORLD_SIZE", "2"}}).find("MASTER_ADDR"), std::string::npos);
}

using std::chrono::milliseconds;

// Waits until `lost` is set, for ten seconds at most.
int wait_for(const std::atomic<int>& lost) {
  for (int i = 0; i < 1000 && lost < 0; ++i) std::this_thread::sleep_for(milliseconds(10));
  return lost;
}

TEST(Watch, NoticesTheProcessWhoseNumberStaysTheSame) {
  std::atomic<std::int64_t> own = 0, calls = 0;
  std::atomic<int> lost = -1;
  const Watch watch(1, 4, milliseconds(1500),
                    {.beat = [&] { ++own; }, .read = [&](int rank) { return rank == 2 ? 7 : std::int64_t(++calls); }},
                    [&](int rank) { lost = rank; });
  EXPECT_EQ(wait_for(lost), 2);
  EXPECT_GT(own, 1);
}

TEST(Watch, TakesTheFirstForLostWhereNothingCanBeRead) {
  std::atomic<int> lost = -1;
  const Watch watch(1, 2, milliseconds(1000),
                    {.beat = [] { throw std::runtime_error("closed"); }, .read = [](int) { return std::int64_t(0); }},
                    [&](int rank) { lost = rank; });
  EXPECT_EQ(wait_for(lost), 0);
}

TEST(Watch, TakesTheFirstForLostWhereReadingHangs) {
  std::atomic<int> lost = -1;
  std::atomic<bool> hangs = true;
  const Watch watch(1, 2, milliseconds(1000),
                    {.beat =
                         [&] {
                           while (hangs) std::this_thread::sleep_for(milliseconds(5));
                         },
                     .read = [](int) { return std::int64_t(0); }},
                    [&](int rank) { lost = rank; });
  EXPECT_EQ(wait_for(lost), 0);
  hangs = false;
}

TEST(Watch, LosesNothingOnceItIsStopped) {
  std::atomic<int> lost = -1;
  Watch watch(0, 2, milliseconds(600), {.beat = [] {}, .read = [](int) { return std::int64_t(3); }},
              [&](int rank) { lost = rank; });
  watch.stop();
  std::this_thread::sleep_for(milliseconds(900));
  EXPECT_EQ(lost, -1);
}

}  // namespace
}  // namespace continuo::train
