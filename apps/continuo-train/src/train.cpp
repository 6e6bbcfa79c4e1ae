#include <optional>
#include <string>

#include "continuo/base/text.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/checkpoint/presets.h"
#include "continuo/cli/build_info.h"
#include "continuo/cli/console.h"
#include "continuo/cli/program.h"
#include "continuo/cli/tokenizer_option.h"
#include "continuo/neural/device.h"
#include "continuo/runs/run_files.h"
#include "continuo/train/forecast.h"
#include "continuo/train/options.h"
#include "continuo/train/trainer.h"

#include "commands.h"
#include "sample.h"
#include "training_data.h"

namespace continuo::train_app {
namespace {

using train::TrainOptions;

std::vector<cli::Field> option_table() {
  std::vector<cli::Field> fields;
  const auto is_common = [](const cli::Field& field) {
    return options::find(cli::common_options(), field.name) != nullptr;
  };
  for (cli::Field& field : train::fields()) {
    if (is_common(field)) continue;
    field.required = field.name == "output";
    fields.push_back(std::move(field));
    if (fields.back().name != "data") continue;
    fields.push_back(cli::tokenizer_option("Tokenizer to use for a folder of music"));
    fields.back().default_text = "that of --init-from, else remi";
  }
  fields.push_back({.name = "dry_run",
                    .type = cli::Type::kFlag,
                    .help = "Try a few steps and print the size, speed, memory and time of the run, without writing "
                            "anything; needs a data set"});
  return fields;
}

Result<TrainOptions> read_options(const cli::Arguments& arguments) {
  TrainOptions options;
  for (const auto& field : train::fields()) {
    if (arguments.given(field.name)) CONTINUO_TRY(train::set_option(options, field.name, arguments.text(field.name)));
  }
  CONTINUO_TRY(neural::find_device(options.device));  // before a data set is made of music
  options.version = cli::build_info().version;
  options.commit = cli::build_info().commit;
  const int threads = options.threads;
  options.sampler = [threads](const auto& checkpoint, const auto& midi) {
    return write_sample(checkpoint, midi, threads);
  };
  return options;
}

void print_notes(const std::vector<std::string>& notes, cli::Console& console) {
  for (const std::string& note : notes) console.note("continuo: note: " + note);
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
  print_notes(done.notes, console);
  console.line(options.output.string() + ": " + grouped(std::uint64_t(done.steps)) + " steps in " +
               clock_text(done.elapsed_sec) + " (" + std::string(train::to_string(done.stopped_by)) + "), " +
               grouped(std::uint64_t(done.tokens_per_s)) + " tokens/s in " + done.precision + ", " +
               grouped(std::uint64_t(done.parameters)) + " weights");
  console.line("  training loss    " + cli::fixed(done.final_loss, 3) + " nats per token");
  if (done.validation_tokens > 0) {
    console.line("  validation NLL   " + cli::fixed(done.best_validation_nll, 3) + " nats per token, over " +
                 grouped(done.validation_tokens) + " tokens");
  }
  const auto best = options.output / "best.safetensors";  // not there before the first validation
  const auto model = std::filesystem::exists(best) ? best : options.output / "last.safetensors";
  console.line("  model            " + model.string());
  if (done.stopped_by == train::StoppedBy::kInterrupted) {
    console.line("  to continue:     continuo train --resume -o " + options.output.string());
  }
}

void report(const train::Forecast& run, const TrainOptions& options, cli::Console& console) {
  const double mib = double(run.peak_memory_bytes) / (1 << 20);
  console.result() = {{"data", options.data.string()},
                      {"parameters", run.parameters},
                      {"training_tokens", run.training_tokens},
                      {"validation_tokens", run.validation_tokens},
                      {"steps", run.steps},
                      {"epochs", run.epochs},
                      {"tokens_per_step", run.tokens_per_step},
                      {"tokens_per_s", run.tokens_per_s},
                      {"training_sec", run.training_sec},
                      {"peak_rss_mib", mib},
                      {"precision", run.precision},
                      {"notes", run.notes}};
  print_notes(run.notes, console);
  console.line("model    " + options.model + ", " + grouped(std::uint64_t(run.parameters)) + " weights, " +
               run.precision);
  console.line("data     " + grouped(run.training_tokens) + " tokens for training, " + grouped(run.validation_tokens) +
               " for validation");
  console.line("run      " + grouped(std::uint64_t(run.steps)) + " steps of about " +
               grouped(std::uint64_t(run.tokens_per_step)) + " tokens: " + cli::fixed(run.epochs, 1) + " epochs");
  console.line("time     about " + clock_text(run.training_sec) + " at " + grouped(std::uint64_t(run.tokens_per_s)) +
               " tokens/s, without validation and saving");
  console.line("memory   " + grouped(std::uint64_t(mib)) + " MiB in the steps that were tried");
}

// The library cannot see that gpt2, its default, was asked for.
Status check_model(const TrainOptions& options) {
  CONTINUO_ASSIGN(const auto file, runs::model_file(options.init_from));
  CONTINUO_ASSIGN(const auto initial, checkpoint::Checkpoint::open(file));
  if (initial.model.preset == options.model) return {};
  return Error{ErrorCode::invalid_argument,
               "--model is " + options.model + ", but this one is " + initial.model.preset,
               {},
               file.string()};
}

std::optional<std::string> asked_tokenizer(const cli::Arguments& arguments) {
  if (!arguments.given("tokenizer")) return std::nullopt;
  return arguments.text("tokenizer");
}

// A resumed run keeps its data set, and so its tokenizer.
Status check_resumed_tokenizer(const TrainOptions& options, const std::string& tokenizer) {
  TrainOptions run;
  CONTINUO_TRY(train::apply_toml_file(run, options.output / runs::kConfigFile));
  return check_tokenizer(options.data.empty() ? run.data : options.data, tokenizer);
}

Status forecast(const TrainOptions& options, const std::optional<std::string>& tokenizer, cli::Console& console) {
  CONTINUO_ASSIGN(const bool is_built, is_data_set(options.data));
  if (!is_built) {
    return Error{ErrorCode::invalid_argument,
                 "--dry-run needs a data set: make one with 'continuo dataset build'",
                 {},
                 options.data.string()};
  }
  if (tokenizer) CONTINUO_TRY(check_tokenizer(options.data, *tokenizer));
  const auto run = [&] {
    cli::TerminalProgress progress("trying steps");
    return train::forecast(options, progress);
  }();
  if (!run.ok()) return run.error();
  report(*run, options, console);
  return {};
}

Status run(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(auto options, read_options(arguments));
  if (!options.resume && !options.init_from.empty() && arguments.given("model")) CONTINUO_TRY(check_model(options));
  const auto tokenizer = asked_tokenizer(arguments);
  const auto rank = train::rank_among_processes();
  const bool reports = rank.value_or(0) == 0;  // the first of several processes does for all
  if (!reports) console.result() = nullptr;
  if (arguments.flag("dry_run")) return reports ? forecast(options, tokenizer, console) : Status{};
  if (options.resume) {
    if (tokenizer) CONTINUO_TRY(check_resumed_tokenizer(options, *tokenizer));
  } else {
    if (options.data.empty()) {
      return Error{ErrorCode::invalid_argument, "missing: --data (a data set or a folder of music)", {}, {}};
    }
    if (!rank) {  // several would make the same data set at once
      CONTINUO_ASSIGN(options.data, training_data({.source = options.data,
                                                   .run = options.output,
                                                   .init_from = options.init_from,
                                                   .tokenizer = tokenizer,
                                                   .seed = options.seed,
                                                   .threads = options.threads,
                                                   .replace = options.replace},
                                                  console));
    }
  }
  const auto done = [&] {
    cli::TerminalProgress progress(options.resume ? "training" : options.model);
    return train::train(options, progress);
  }();
  if (!done.ok()) return done.error();
  if (reports) report(*done, options, console);
  return {};
}

}  // namespace

cli::Command train_command() {
  const auto names = checkpoint::model_names();
  return {{.name = "train",
           .summary = "Train a model: " + options::alternatives({names.begin(), names.end()}),
           .description =
               "Writes to the folder RUN: best.safetensors is the model to use; metrics.csv and loss.png show the "
               "training and validation loss, samples/ has music composed on the way, and config.toml all "
               "options. With --tensorboard there are also event files: 'tensorboard --logdir RUN' draws them while it "
               "trains. Ctrl-C saves the run and stops. "
               "Started several times, by torchrun, mpirun or srun, all processes train one model together.",
           .options = option_table(),
           .examples = {"continuo train --data ~/midi --model lstm --max-minutes 10 -o run",
                        "continuo train --data data/jsb --model gpt2 --epochs 40 --dry-run -o run",
                        "continuo train --data mine --init-from run --max-minutes 5 -o my-run",
                        "continuo train --resume -o run", "continuo train --config run/config.toml --seed 1 -o run-2"}},
          run,
          {}};
}

}  // namespace continuo::train_app
