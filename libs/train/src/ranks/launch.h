#pragma once

#include <functional>
#include <optional>
#include <string>

#include "continuo/base/result.h"

namespace continuo::train {

// Which of the processes that were started to train one model together this one is.
struct Launch {
  int rank = 0, size = 2;  // counted from 0; the first one leads
  int on_this_host = 1;    // of them
  std::string address;     // of the first one's host
  int port = 29500;        // where it listens
};

// A variable of the environment; null where it is not set.
using Variable = std::function<const char*(const char* name)>;

// Reads what torchrun, mpirun (of Open MPI, MPICH or Intel's) or srun has set; empty where the process is alone. The
// address is MASTER_ADDR, the port MASTER_PORT; without them the first host of srun's list, or this one where all
// processes are on it. Of sbatch's own variables nothing is used: its script is one process. Where torchrun listens
// at MASTER_PORT itself, it is the next port.
// Errors: invalid_argument, naming the variable: one that is wrong, or the number of a process that is missing where
// there are several.
Result<std::optional<Launch>> read_launch(const Variable& variable);

}  // namespace continuo::train
