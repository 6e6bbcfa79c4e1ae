#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "continuo/base/text.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/cli/console.h"

#include "commands.h"
#include "common/shipped_models.h"
#include "common/table.h"

namespace continuo::app {
namespace {

using nlohmann::json;

constexpr double kBytesPerMegabyte = 1e6;

std::string purpose_of(const std::string& name) {
  const auto models = shipped_models();
  const auto known = std::ranges::find(models, name, &ShippedModel::name);
  return known == models.end() ? "" : std::string(known->purpose);
}

// The model files of a folder, those that come with Continuo first.
std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> found, names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".safetensors") found.push_back(entry.path().stem().string());
  std::ranges::sort(found);
  for (const ShippedModel& model : shipped_models())
    if (std::ranges::binary_search(found, model.name)) names.emplace_back(model.name);
  for (const std::string& name : found)
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  return names;
}

json describe(const std::string& name, const std::filesystem::path& file, const checkpoint::Checkpoint& model) {
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(file, ignored);
  return {{"name", name},
          {"file", file.string()},
          {"bytes", ignored ? 0 : bytes},
          {"model", model.model.preset},
          {"tokenizer", model.tokenizer.is_object() ? model.tokenizer.value("name", "") : ""},
          {"purpose", purpose_of(name)},
          {"data_licence", model.provenance.data_licence}};
}

Status list_models(const cli::Arguments& arguments, cli::Console& console) {
  const auto& named = arguments.positionals();
  const auto folder = named.empty() ? models_folder() : std::optional<std::filesystem::path>(named.front());
  if (!folder)
    return Error{ErrorCode::not_found, "no folder of models was found; CONTINUO_MODELS can name one", {}, {}};
  std::error_code ignored;
  if (!std::filesystem::is_directory(*folder, ignored))
    return Error{ErrorCode::not_found, "no such folder of models", {}, folder->string()};
  json models = json::array();
  std::vector<std::vector<std::string>> rows;
  for (const std::string& name : names_in(*folder)) {
    const auto file = *folder / (name + ".safetensors");
    const auto model = checkpoint::Checkpoint::open(file);
    if (!model.ok()) {
      console.note("continuo: warning: " + model.error().to_line());
      continue;
    }
    const json& row = models.emplace_back(describe(name, file, *model));
    rows.push_back({name, row["model"], row["tokenizer"],
                    cli::fixed(row["bytes"].get<double>() / kBytesPerMegabyte, 1) + " MB", row["purpose"]});
  }
  if (models.empty()) return Error{ErrorCode::not_found, "no models in this folder", {}, folder->string()};
  rows.insert(rows.begin(), {"name", "model", "tokenizer", "size", "for"});
  print_table(rows, 3, console);
  console.result()["models"] = std::move(models);
  return {};
}

}  // namespace

cli::Command models_command() {
  return {{.name = "models",
           .summary = "List the models that can be named by --model NAME",
           .description = "Lists the models that come with Continuo, and others in the same folder: that of the "
                          "environment variable CONTINUO_MODELS, or else models/.",
           .positionals = {{"FOLDER", "Another folder of models", false, true}},
           .examples = {"continuo models"}},
          list_models,
          {}};
}

}  // namespace continuo::app
