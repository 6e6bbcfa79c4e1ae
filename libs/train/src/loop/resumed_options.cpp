#include "loop/resumed_options.h"

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "continuo/runs/run_files.h"

namespace continuo::train {
namespace {

using options::Syntax;

// What no step depends on: where things are, when the run ends, and what happens between steps.
constexpr std::string_view kMayChange[] = {"data",
                                           "output",
                                           "resume",
                                           "replace",
                                           "threads",
                                           "device",
                                           "micro_batch",
                                           "patience",
                                           "validation_every_steps",
                                           "validation_every_seconds",
                                           "validation_tokens",
                                           "checkpoint_every_minutes",
                                           "sample_every_minutes",
                                           "tensorboard"};
// They belong together: new ones replace all of the old ones.
constexpr std::string_view kLimits[] = {"max_minutes", "max_steps", "epochs"};
// Whose default leaves a choice to the run.
constexpr std::string_view kLeftOpen[] = {
    "context_length", "n_layers",           "d_model",           "n_heads",
    "d_ff",           "positions",          "musical_positions", "qk_norm",
    "dropout",        "tied_output",        "batch_size",        "optimiser",
    "learning_rate",  "muon_learning_rate", "precision",         "augment_transpose",
    "task_share"};

bool contains(std::span<const std::string_view> names, const OptionField& each) {
  return std::ranges::find(names, each.field.name) != names.end();
}

// Options that a run is asked to continue with, and where they are written.
struct Source {
  const TrainOptions& options;
  Syntax syntax;
};

Error refusal(const Source& asked, const OptionField& each, const std::string& of_run) {
  const bool in_file = asked.syntax == Syntax::kFile;
  const std::string advice = in_file ? "put the run's value back" : "leave it out";
  return {ErrorCode::invalid_argument,
          options::written(each.field, asked.syntax) + " is " + option_text(asked.options, each) +
              ", but the run has " + (of_run.empty() ? "none" : of_run) + ", which resuming cannot change: " + advice};
}

// Of an option that a resumed run keeps.
Status check_kept(const Source& asked, const OptionField& each, const ResumeState& state) {
  static const TrainOptions defaults;
  const std::string wanted = option_text(asked.options, each), stored = option_text(state.options, each);
  if (wanted == stored || (contains(kLeftOpen, each) && wanted == option_text(defaults, each))) return {};
  // A run that was to choose its precision keeps the one that it has chosen.
  const std::string& of_run = each.field.name == "precision" ? state.position.precision : stored;
  return wanted == of_run ? Status() : refusal(asked, each, of_run);
}

Status take(const Source& asked, const ResumeState& state, TrainOptions& run) {
  const auto fields = option_fields();
  const bool has_limits = std::ranges::any_of(
      fields, [&](const OptionField& each) { return contains(kLimits, each) && is_asked(asked.options, each); });
  for (const OptionField& each : fields) {
    const bool is_limit = contains(kLimits, each);
    if (is_limit ? !has_limits : !is_asked(asked.options, each)) continue;
    if (is_limit || contains(kMayChange, each)) {
      std::visit([&](auto member) { run.*member = asked.options.*member; }, each.member);
    } else {
      CONTINUO_TRY(check_kept(asked, each, state));
    }
  }
  return {};
}

}  // namespace

Result<TrainOptions> resumed_options(const ResumeState& state, const TrainOptions& caller) {
  TrainOptions run = state.options;
  const std::filesystem::path config = caller.output / runs::kConfigFile;
  if (std::filesystem::exists(config)) {
    TrainOptions edited;
    CONTINUO_TRY(apply_toml_file(edited, config));
    const Status taken = take({edited, Syntax::kFile}, state, run);
    if (!taken) return taken.error().in_file(config.string());
  }
  CONTINUO_TRY(take({caller, Syntax::kCommandLine}, state, run));
  run.resume = true;
  run.sampler = caller.sampler;
  run.version = caller.version;
  run.commit = caller.commit;
  return run;
}

}  // namespace continuo::train
