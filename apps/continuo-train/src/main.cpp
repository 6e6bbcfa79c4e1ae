#include "continuo/cli/program.h"
#include "continuo/kernels/isa.h"

#include "commands.h"

// Goes by the name of `continuo`, which starts it: people see one program.
int main(int argc, char** argv) {
  continuo::cli::Program program("continuo", "The part of Continuo that trains models, with libtorch.",
                                 {continuo::train_app::train_command(), continuo::train_app::bench_command()});
  return program.run(argc, argv, continuo::kernels::check_requested_isa());
}
