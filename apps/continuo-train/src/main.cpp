#include <torch/version.h>

#include "continuo/cli/program.h"
#include "continuo/kernels/isa.h"

#include "commands.h"

// Goes by the name of `continuo`, which starts it: people see one program.
int main(int argc, char** argv) {
  continuo::cli::Program program("continuo", "The part of Continuo that trains models, with libtorch.",
                                 {continuo::train_app::train_command(), continuo::train_app::bench_command()});
  program.add_to_version([] {
    using namespace continuo::kernels;
    return continuo::cli::VersionRows{
        continuo::cli::instruction_set_row(isa_name(), available_isas(), [](Isa isa) { return to_string(isa); }),
        {"libtorch", TORCH_VERSION}};
  });
  return program.run(argc, argv, continuo::kernels::check_requested_isa());
}
