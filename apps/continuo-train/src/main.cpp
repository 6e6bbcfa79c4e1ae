#include "continuo/cli/program.h"

#include "commands.h"

int main(int argc, char** argv) {
  continuo::cli::Program program("continuo-train", "The part of Continuo that trains models, with libtorch.",
                                 {continuo::train_app::train_command()});
  return program.run(argc, argv);
}
