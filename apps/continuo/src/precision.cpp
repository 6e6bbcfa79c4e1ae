#include "precision.h"

namespace continuo::app {

std::vector<cli::Option> precision_options() {
  return {{.names = "--precision",
           .kind = cli::Kind::kChoice,
           .help = "Of weights while playing: fp32, fp16, bf16 or int8 (default: as stored)",
           .choices = {"fp32", "fp16", "bf16", "int8"}},
          {.names = "--cache",
           .kind = cli::Kind::kChoice,
           .help = "Of remembered keys and values: fp32, bf16 or int8 (default: to fit the weights)",
           .choices = {"fp32", "bf16", "int8"}}};
}

engine::LoadOptions read_load_options(const cli::Arguments& arguments) {
  engine::LoadOptions options;
  if (arguments.has("precision")) options.weights = kernels::precision_from_name(arguments.text("precision"));
  if (arguments.has("cache")) options.cache = kernels::precision_from_name(arguments.text("cache"));
  options.threads = arguments.threads();
  return options;
}

}  // namespace continuo::app
