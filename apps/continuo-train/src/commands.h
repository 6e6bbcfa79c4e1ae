#pragma once

#include "continuo/cli/command.h"

namespace continuo::train_app {

cli::Command train_command();
cli::Command bench_command();

}  // namespace continuo::train_app
