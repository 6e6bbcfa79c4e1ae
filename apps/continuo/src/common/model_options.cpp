#include "model_options.h"

#include "continuo/runs/run_files.h"

namespace continuo::app {

cli::Field model_option() {
  return {.name = "model",
          .letter = 'm',
          .type = cli::Type::kPath,
          .unit = "MODEL",
          .help = "Model to use: a .safetensors file, or the folder of a run, whose best model is taken",
          .required = true};
}

Result<std::filesystem::path> model_file(const cli::Arguments& arguments) {
  return runs::model_file(arguments.path("model"));
}

std::vector<cli::Field> precision_options() {
  return options::in_group("Precision", {{.name = "precision",
                                          .type = cli::Type::kChoice,
                                          .unit = "TYPE",
                                          .help = "Weight precision while the model runs",
                                          .default_text = "as stored",
                                          .choices = {"fp32", "fp16", "bf16", "int8"}},
                                         {.name = "cache",
                                          .type = cli::Type::kChoice,
                                          .unit = "TYPE",
                                          .help = "Precision of the KV cache",
                                          .default_text = "matches the weights",
                                          .choices = {"fp32", "bf16", "int8"}}});
}

engine::LoadOptions read_load_options(const cli::Arguments& arguments) {
  engine::LoadOptions options;
  if (arguments.has("precision")) options.weights = kernels::precision_from_name(arguments.text("precision"));
  if (arguments.has("cache")) options.cache = kernels::precision_from_name(arguments.text("cache"));
  options.threads = arguments.threads();
  return options;
}

}  // namespace continuo::app
