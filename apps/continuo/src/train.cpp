#include <cstdio>
#include <filesystem>

#include "continuo/base/platform/platform.h"
#include "continuo/checkpoint/presets.h"

#include "commands.h"
#include "common/shipped_models.h"

namespace continuo::app {
namespace {

// Training needs libtorch, which this program never links: a program of its own, next to this one, does it.
int start_trainer(const std::vector<std::string>& task, const std::vector<std::string>& words) {
  // OpenMP's threads wait by spinning. Where another program has one of the processors, long spinning costs up to a
  // hundred times; some 50 us keep nearly all of its gain. Read by libgomp when it is loaded, so it is set here.
  platform::set_environment_default("GOMP_SPINCOUNT", "20000");
  const auto trainer = platform::executable_path().parent_path() / "continuo-train";
  std::vector<std::string> command{trainer.string()};
  command.insert(command.end(), task.begin(), task.end());
  command.insert(command.end(), words.begin(), words.end());
  const Status status = platform::replace_process(command);
  std::fprintf(stderr, "continuo: error: %s: %s\n", trainer.c_str(),
               status.error().code == ErrorCode::not_found ? "this build cannot train (made without libtorch)"
                                                           : status.error().what.c_str());
  return 1;
}

// The trainer does not know the models that come with Continuo: their names become files here.
std::vector<std::string> with_named_models(std::vector<std::string> words) {
  const std::string option = "--init-from", joined = option + "=";
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool is_joined = words[i].starts_with(joined);
    if (!is_joined && (words[i] != option || ++i == words.size())) continue;
    const std::string name = is_joined ? words[i].substr(joined.size()) : words[i];
    if (std::error_code ignored; std::filesystem::exists(name, ignored)) continue;
    if (const auto file = model_named(name)) words[i] = (is_joined ? joined : "") + file->string();
  }
  return words;
}

}  // namespace

cli::Command train_command() {
  const auto names = checkpoint::model_names();
  const std::string models = options::alternatives({names.begin(), names.end()});
  return {{.name = "train", .summary = "Train a model: " + models}, {}, [](const auto& words) {
            return start_trainer({"train"}, with_named_models(words));
          }};
}

cli::Command bench_train_command() {
  return {{.name = "bench train", .summary = "Measure the speed of training"}, {}, [](const auto& words) {
            return start_trainer({"bench", "train"}, words);
          }};
}

}  // namespace continuo::app
