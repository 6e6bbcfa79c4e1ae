#include "continuo/train/trainer.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/neural/runtime.h"
#include "continuo/runs/run_files.h"

#include "loop/resumed_options.h"
#include "loop/training_run.h"
#include "ranks/command.h"
#include "ranks/launch.h"
#include "ranks/rank_group.h"
#include "state/event_file.h"

namespace continuo::train {
namespace {

namespace fs = std::filesystem;

Status make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder / runs::kSamplesFolder, error);
  if (error) return Error{ErrorCode::io, "the folder cannot be made: " + error.message(), "", folder.string()};
  return check_writable(folder / runs::kResumeFile);
}

Status check_fresh(const TrainOptions& options) {
  if (options.replace || !fs::exists(options.output / runs::kResumeFile)) return {};
  return Error{ErrorCode::invalid_argument, "already contains a run; use --resume or --replace", "",
               options.output.string()};
}

// Errors: io, naming the file.
Status remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) return Error{ErrorCode::io, "cannot be replaced: " + error.message(), "", path.string()};
  return {};
}

// Removes an earlier run's files, so that none of them can be mistaken for the new run's.
Status remove_earlier(const TrainOptions& options) {
  for (const char* name : {runs::kResumeFile, runs::kBestFile, runs::kLastFile, runs::kMetricsFile, runs::kChartFile}) {
    CONTINUO_TRY(remove_file(options.output / name));
  }
  std::error_code error;
  std::vector<fs::path> events;
  for (const auto& entry : fs::directory_iterator(options.output, error)) {
    if (is_event_file(entry.path())) events.push_back(entry.path());
  }
  for (const fs::path& path : events) CONTINUO_TRY(remove_file(path));
  return {};
}

// What several processes cannot do, and what the others need to make the same run.
Status tell_others(RankGroup* ranks, const Setup& setup) {
  if (ranks == nullptr) return {};
  const auto invalid = [](const std::string& what) { return Error{ErrorCode::invalid_argument, what}; };
  if (setup.config.memory_length > 0) return invalid("a model with a memory is trained in one process");
  if (setup.options.batch_size < ranks->size()) {
    return invalid("a batch of " + std::to_string(setup.options.batch_size) + " windows cannot be shared by " +
                   std::to_string(ranks->size()) + " processes: a larger batch_size can");
  }
  send(*ranks, {.kind = Command::Kind::kSetup});
  send(*ranks, to_toml(setup.options));
  send(*ranks, to_text(setup.position));
  return {};
}

Result<TrainReport> start(const TrainOptions& options, Progress& progress, RankGroup* ranks) {
  CONTINUO_TRY(check_fresh(options));
  CONTINUO_ASSIGN(auto setup, prepare(options, {}));
  CONTINUO_TRY(make_folder(options.output));
  if (options.replace) CONTINUO_TRY(remove_earlier(options));
  CONTINUO_TRY(tell_others(ranks, setup));
  const auto initial = std::move(setup.initial);
  const auto words = std::move(setup.words);
  TrainingRun run(std::move(setup), progress, ranks);
  if (initial) CONTINUO_TRY(run.begin_with(*initial, words));
  return run.go();
}

Result<TrainReport> resume(const TrainOptions& caller, Progress& progress, RankGroup* ranks) {
  if (!fs::exists(caller.output / runs::kResumeFile)) {
    const bool has_begun = fs::exists(caller.output / runs::kConfigFile);
    return Error{ErrorCode::not_found,
                 has_begun ? "the run ended before its first checkpoint: start it again, without --resume"
                           : "no run to resume in this folder",
                 {},
                 caller.output.string()};
  }
  CONTINUO_ASSIGN(const ResumeState state, ResumeState::open(caller.output / runs::kResumeFile));
  CONTINUO_ASSIGN(const TrainOptions options, resumed_options(state, caller));
  CONTINUO_TRY(validate(options));
  CONTINUO_ASSIGN(auto setup, prepare(options, state.position));
  CONTINUO_TRY(make_folder(options.output));
  CONTINUO_TRY(tell_others(ranks, setup));
  TrainingRun run(std::move(setup), progress, ranks);
  if (const Status status = run.restore(state); !status) {
    return status.error().in_file((caller.output / runs::kResumeFile).string());
  }
  return run.go();
}

// Of all processes but the first: the options are the first one's, but for the place of the data and the threads.
Status help(const TrainOptions& caller, RankGroup& ranks) {
  if (receive(ranks).kind != Command::Kind::kSetup) return {};
  TrainOptions options;
  CONTINUO_TRY(apply_toml(options, receive_text(ranks)));
  CONTINUO_ASSIGN(const RunPosition position, position_from_text(receive_text(ranks)));
  if (!caller.data.empty()) options.data = caller.data;
  options.threads = caller.threads;
  options.init_from.clear();  // the weights come from the first process
  CONTINUO_ASSIGN(auto setup, prepare(options, position));
  NoProgress nowhere;
  TrainingRun run(std::move(setup), nowhere, &ranks);
  return run.serve();
}

Result<TrainReport> train_together(const Launch& launch, TrainOptions options, Progress& progress) {
  if (options.threads == 0) {
    const int threads = std::max(1, neural::default_threads() / launch.on_this_host);
    CONTINUO_TRY(set_option(options, "threads", std::to_string(threads)));
  }
  try {
    CONTINUO_ASSIGN(const auto ranks, join(launch, progress));
    if (ranks->leads())
      return options.resume ? resume(options, progress, ranks.get()) : start(options, progress, ranks.get());
    CONTINUO_TRY(help(options, *ranks));
    TrainReport report;
    report.rank = launch.rank;
    return report;
  } catch (const RankLost& lost) {
    return Error{ErrorCode::io,
                 lost.what(),
                 "process " + std::to_string(launch.rank + 1) + " of " + std::to_string(launch.size),
                 {}};
  }
}

}  // namespace

Result<TrainReport> train(const TrainOptions& options, Progress& progress) {
  CONTINUO_TRY(validate(options));
  CONTINUO_ASSIGN(const auto launch, read_launch(std::getenv));
  if (launch) return train_together(*launch, options, progress);
  return options.resume ? resume(options, progress, nullptr) : start(options, progress, nullptr);
}

bool has_other_processes() {
  const auto launch = read_launch(std::getenv);
  return launch.ok() && launch->has_value();
}

}  // namespace continuo::train
