#include "ranks/launch.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

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
  EXPECT_NE(problem({{"RANK", "0"}, {"WORLD_SIZE", "0"}}), "");
  EXPECT_NE(problem({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"LOCAL_WORLD_SIZE", "2"}, {"MASTER_PORT", "70000"}}), "");
  EXPECT_NE(problem({{"RANK", "0"}, {"WORLD_SIZE", "2"}}).find("MASTER_ADDR"), std::string::npos);
}

}  // namespace
}  // namespace continuo::train
