#include "ranks/launch.h"

#include <charconv>
#include <string_view>

namespace continuo::train {
namespace {

// The variables of one program that starts processes.
struct Starter {
  const char *rank, *size, *on_this_host;
};
constexpr Starter kStarters[] = {{"RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE"},
                                 {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"},
                                 {"PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS"},
                                 {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_STEP_TASKS_PER_NODE"}};
constexpr int kMostRanks = 1 << 20;

Error invalid(const char* name, const std::string& problem) {
  return {ErrorCode::invalid_argument, problem, std::string("variable ") + name, {}};
}

// The number that the variable begins with: srun writes "2(x3),1" for two tasks on each of three hosts.
Result<int> number(const Variable& variable, const char* name, int least, int most) {
  const std::string_view text = variable(name);
  int value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool ends = rest == text.data() + text.size() || *rest == '(' || *rest == ',';
  if (error != std::errc() || !ends || value < least || value > most)
    return invalid(name, "must be a number from " + std::to_string(least) + " to " + std::to_string(most));
  return value;
}

// Of "gpu-[03-05,9],x" gpu-03.
std::string first_host(std::string_view list) {
  std::string host(list.substr(0, list.find_first_of(",[")));
  if (host.size() == list.size() || list[host.size()] != '[') return host;
  list.remove_prefix(host.size() + 1);
  return host.append(list.substr(0, list.find_first_of(",-]")));
}

Status find_address(const Variable& variable, Launch& launch) {
  const char* const address = variable("MASTER_ADDR");
  const char* const hosts = variable("SLURM_STEP_NODELIST");
  if (address != nullptr && *address != '\0') {
    launch.address = address;
  } else if (launch.on_this_host == launch.size) {
    launch.address = "127.0.0.1";
  } else if (hosts != nullptr && *hosts != '\0') {
    launch.address = first_host(hosts);
  } else {
    return invalid("MASTER_ADDR", "must name the host of the first process, since not all are on this one");
  }
  if (variable("MASTER_PORT") != nullptr) {
    CONTINUO_ASSIGN(launch.port, number(variable, "MASTER_PORT", 1, 65535));
  }
  const char* const is_taken = variable("TORCHELASTIC_USE_AGENT_STORE");
  if (is_taken != nullptr && std::string_view(is_taken) == "True") launch.port += launch.port < 65535 ? 1 : -1;
  return {};
}

}  // namespace

Result<std::optional<Launch>> read_launch(const Variable& variable) {
  for (const Starter& starter : kStarters) {
    if (variable(starter.rank) == nullptr && variable(starter.size) != nullptr) {
      CONTINUO_ASSIGN(const int size, number(variable, starter.size, 1, kMostRanks));
      if (size > 1) return invalid(starter.rank, std::string("is missing beside ") + starter.size);
    }
    if (variable(starter.rank) == nullptr || variable(starter.size) == nullptr) continue;
    Launch launch;
    CONTINUO_ASSIGN(launch.size, number(variable, starter.size, 1, kMostRanks));
    CONTINUO_ASSIGN(launch.rank, number(variable, starter.rank, 0, launch.size - 1));
    if (launch.size == 1) return std::optional<Launch>();
    if (variable(starter.on_this_host) != nullptr) {
      CONTINUO_ASSIGN(launch.on_this_host, number(variable, starter.on_this_host, 1, launch.size));
    }
    CONTINUO_TRY(find_address(variable, launch));
    return std::optional(launch);
  }
  return std::optional<Launch>();
}

}  // namespace continuo::train
