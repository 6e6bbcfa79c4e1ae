#include "mixing.h"

#include <string>
#include <utility>
#include <vector>

#include "continuo/engine/mixture.h"

#include "model_options.h"

namespace continuo::app {

cli::Field mix_option() {
  return {.name = "mix",
          .type = cli::Type::kText,
          .unit = "MODEL",
          .help =
              "Another model with the same tokenizer: what follows is as probable as it is on average for it and "
              "--model",
          .repeats = true};
}

Result<std::vector<std::filesystem::path>> files_to_mix(const cli::Arguments& arguments) {
  std::vector<std::filesystem::path> files;
  if (!arguments.has("mix")) return files;
  for (const std::string& name : arguments.texts("mix")) {
    CONTINUO_ASSIGN(auto file, find_model(name));
    files.push_back(std::move(file));
  }
  return files;
}

Result<std::shared_ptr<const engine::Model>> mixed(std::shared_ptr<const engine::Model> model,
                                                   const checkpoint::Checkpoint& checkpoint,
                                                   const cli::Arguments& arguments) {
  std::vector<std::shared_ptr<const engine::Model>> models = {model};
  CONTINUO_ASSIGN(const auto files, files_to_mix(arguments));
  for (const auto& path : files) {
    CONTINUO_ASSIGN(const auto other, checkpoint::Checkpoint::open(path));
    if (other.tokenizer != checkpoint.tokenizer)
      return Error{ErrorCode::incompatible, "--mix: has another tokenizer than the model", {}, path.string()};
    const auto loaded = engine::Model::load(other, read_load_options(arguments));
    if (!loaded.ok()) return loaded.error().in_file(path.string());
    if (const auto both = engine::mixture_of({model, *loaded}); !both.ok()) return both.error().in_file(path.string());
    models.push_back(*loaded);
  }
  return engine::mixture_of(std::move(models));
}

}  // namespace continuo::app
