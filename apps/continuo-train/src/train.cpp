#include <algorithm>
#include <cctype>

#include "continuo/checkpoint/model_config.h"
#include "continuo/cli/console.h"
#include "continuo/tokens/registry.h"
#include "continuo/train/options.h"
#include "continuo/train/trainer.h"

#include "commands.h"
#include "sample.h"
#include "training_data.h"

namespace continuo::train_app {
namespace {

using train::OptionField;
using train::TrainOptions;

// "max_minutes" of the trainer is --max-minutes here.
std::string option_name(std::string_view field) {
  std::string name(field);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

bool is_common(std::string_view field) { return field == "seed" || field == "threads"; }

template <typename T>
bool holds(const OptionField& field) {
  return std::holds_alternative<T TrainOptions::*>(field.member);
}

cli::Option describe(const OptionField& field) {
  cli::Option option{.names = "--" + option_name(field.name), .help = std::string(field.help)};
  option.help[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(option.help[0])));
  if (field.name == "output") option.names = "-o," + option.names;
  if (holds<bool>(field)) {
    option.kind = cli::Kind::kFlag;
    return option;
  }
  const bool text = holds<std::string>(field) || holds<std::filesystem::path>(field);
  const bool real = holds<double>(field);
  option.kind = text ? cli::Kind::kText : real ? cli::Kind::kNumber : cli::Kind::kInteger;
  option.placeholder = text ? "NAME" : "N";
  if (!text) {
    option.minimum = field.least;
    option.maximum = std::min(field.most, 1e18);
  }
  return option;
}

std::vector<std::string> names(std::span<const std::string_view> views) { return {views.begin(), views.end()}; }

std::vector<cli::Option> option_table() {
  std::vector<cli::Option> options;
  for (const auto& field : train::option_fields()) {
    if (!is_common(field.name)) options.push_back(describe(field));
  }
  const auto find = [&](std::string_view ending) -> cli::Option& {
    return *std::find_if(options.begin(), options.end(), [&](const auto& o) { return o.names.ends_with(ending); });
  };
  const auto choose = [&](std::string_view name, std::vector<std::string> choices, std::string help) {
    auto& option = find(name);
    option.kind = cli::Kind::kChoice;
    option.choices = std::move(choices);
    option.help = std::move(help);
  };
  choose("--model", names(checkpoint::model_names()), "Which model (default gpt2)");
  choose("--size", names(checkpoint::size_names()), "How large (default small)");
  choose("--precision", {"auto", "fp32", "bf16"}, "Of matrix products");
  find("--data").placeholder = "DIR|SOURCE";
  find("--data").help = "A data set of 'continuo dataset build', or a folder of music";
  find("--output").placeholder = "RUN";
  find("--output").required = true;
  options.push_back({.names = "--config",
                     .kind = cli::Kind::kPath,
                     .placeholder = "F.toml",
                     .help = "Options from a file such as RUN/config.toml; those given here come first"});
  options.push_back({.names = "--tokenizer",
                     .kind = cli::Kind::kChoice,
                     .placeholder = "NAME",
                     .help = "How to spell a folder of music",
                     .fallback = "remi",
                     .choices = names(tokens::tokenizer_names()),
                     .or_extension = ".json"});
  return options;
}

Result<TrainOptions> read_options(const cli::Arguments& arguments) {
  TrainOptions options;
  if (arguments.has("config")) CONTINUO_TRY(train::apply_toml_file(options, arguments.path("config")));
  for (const auto& field : train::option_fields()) {
    const auto name = option_name(field.name);
    if (!arguments.given(name)) continue;
    CONTINUO_TRY(train::set_option(options, field.name, holds<bool>(field) ? "true" : arguments.text(name)));
  }
  options.commit = CONTINUO_COMMIT;
  const int threads = options.threads;
  options.sampler = [threads](const auto& checkpoint, const auto& midi) {
    return write_sample(checkpoint, midi, threads);
  };
  return options;
}

void report(const train::TrainReport& done, const TrainOptions& options, cli::Console& console) {
  console.result() = {{"run", options.output.string()},
                      {"steps", done.steps},
                      {"tokens", done.tokens},
                      {"epochs", done.epochs},
                      {"tokens_per_s", done.tokens_per_s},
                      {"final_loss", done.final_loss},
                      {"best_validation_nll", done.best_validation_nll},
                      {"elapsed_sec", done.elapsed_sec},
                      {"parameters", done.parameters},
                      {"peak_rss_mib", double(done.peak_memory_bytes) / (1 << 20)},
                      {"precision", done.precision},
                      {"stopped_by", train::to_string(done.stopped_by)},
                      {"notes", done.notes}};
  for (const auto& note : done.notes) console.note("continuo: note: " + note);
  console.line(options.output.string() + ": " + cli::grouped(std::uint64_t(done.steps)) + " steps in " +
               cli::clock_text(done.elapsed_sec) + " (" + std::string(train::to_string(done.stopped_by)) + "), " +
               cli::grouped(std::uint64_t(done.tokens_per_s)) + " tokens/s in " + done.precision + ", " +
               cli::grouped(std::uint64_t(done.parameters)) + " weights");
  console.line("  training loss    " + cli::fixed(done.final_loss, 3) + " nats per token");
  if (done.validation_tokens > 0) {
    console.line("  validation NLL   " + cli::fixed(done.best_validation_nll, 3) + " nats per token, over " +
                 cli::grouped(done.validation_tokens) + " tokens");
  }
  const auto best = options.output / "best.safetensors";  // not there before the first validation
  const auto model = std::filesystem::exists(best) ? best : options.output / "last.safetensors";
  console.line("  the model        " + model.string());
  if (done.stopped_by == train::StoppedBy::kInterrupted) {
    console.line("  go on with       continuo train --resume -o " + options.output.string());
  }
}

Status run(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(auto options, read_options(arguments));
  if (!options.resume) {
    if (options.data.empty()) {
      return Error{ErrorCode::invalid_argument, "--data is missing: a data set or a folder of music", {}, {}};
    }
    CONTINUO_ASSIGN(options.data, training_data({options.data, options.output, arguments.text("tokenizer"),
                                                 options.seed, options.threads}));
  }
  const auto done = [&] {
    cli::TerminalProgress progress(options.resume ? "training" : options.model);
    return train::train(options, progress);
  }();
  if (!done.ok()) return done.error();
  report(*done, options, console);
  return {};
}

}  // namespace

cli::Command train_command() {
  return {
      {.name = "train",
       .summary = "Train a model: lstm, gpt, gpt2 or bert",
       .details = "  continuo train --data ~/midi --model lstm --max-minutes 10 -o run\n"
                  "  continuo train --resume -o run\n\n"
                  "Ctrl-C saves and ends. RUN/best.safetensors is the model; metrics.csv, loss.png and samples/ tell\n"
                  "how it went.",
       .options = option_table()},
      run,
      {}};
}

}  // namespace continuo::train_app
