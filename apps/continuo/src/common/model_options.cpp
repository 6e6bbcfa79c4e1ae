#include "model_options.h"

#include "continuo/runs/run_files.h"

#include "shipped_models.h"

namespace continuo::app {

cli::Field model_option() {
  return {.name = "model",
          .letter = 'm',
          .type = cli::Type::kPath,
          .unit = "MODEL",
          .help =
              "Model to use: a .safetensors file, the folder of a run, whose best model is taken, or the name of a "
              "model that comes with Continuo ('continuo models' lists them)",
          .required = true};
}

cli::Field optional_model_option() {
  cli::Field field = model_option();
  field.required = false;
  field.default_text = "the one that comes with Continuo for what is asked";
  return field;
}

Result<std::filesystem::path> find_model(const std::filesystem::path& given) {
  if (given.empty())
    return Error{ErrorCode::invalid_argument, "--model: must be a file, a run's folder or the name of a model", {}, {}};
  std::error_code ignored;
  const auto own = runs::model_file(given);
  const auto named = model_named(given.string());
  const bool is_model = own.ok() && std::filesystem::exists(*own, ignored) && own->extension() == ".safetensors";
  if (named && !is_model) return *named;
  if (std::filesystem::exists(given, ignored) || given.has_parent_path() || given.has_extension()) return own;
  std::string names;
  for (const ShippedModel& model : shipped_models()) names += (names.empty() ? "" : ", ") + std::string(model.name);
  return Error{ErrorCode::not_found,
               "no such file, and no model of this name comes with Continuo (" + names + ")",
               {},
               given.string()};
}

Result<std::filesystem::path> model_file(const cli::Arguments& arguments, std::string_view otherwise) {
  if (arguments.has("model")) return find_model(arguments.path("model"));
  if (const auto file = model_named(std::string(otherwise))) return *file;
  const auto folder = models_folder();
  return Error{ErrorCode::not_found,
               "the model " + std::string(otherwise) + ", which comes with Continuo, is not in " +
                   (folder ? folder->string() : "any folder that it knows") +
                   "; --model names another, and CONTINUO_MODELS the folder",
               {},
               {}};
}

Status check_model_options(const cli::Arguments& arguments, std::span<const std::string_view> bert_only,
                           const checkpoint::ModelConfig& model, const std::filesystem::path& file) {
  const auto refused = [&](std::string_view name, const std::string& why) {
    const cli::Field field{.name = std::string(name)};
    return Error{ErrorCode::invalid_argument,
                 options::written(field, options::Syntax::kCommandLine) + " " + why + ": leave it out",
                 {},
                 file.string()};
  };
  for (const std::string_view name : bert_only) {
    if (model.masking == checkpoint::Masking::kCausal && arguments.given(name))
      return refused(name, "is an option of bert models, and this one is " + model.preset);
  }
  if (model.family == checkpoint::Family::kRecurrent && arguments.given("cache"))
    return refused("cache", "is an option of Transformers, and this model is " + model.preset);
  return {};
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
