#include "continuo/train/trainer.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/neural/runtime.h"
#include "continuo/runs/run_files.h"

#include "loop/resumed_options.h"
#include "loop/together.h"
#include "loop/training_run.h"
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

Result<TrainReport> start(const TrainOptions& options, Progress& progress, Others& others) {
  CONTINUO_TRY(check_fresh(options));
  CONTINUO_ASSIGN(auto setup, prepare(options, {}));
  CONTINUO_TRY(check_shareable(others, setup));
  CONTINUO_TRY(make_folder(options.output));
  if (options.replace) CONTINUO_TRY(remove_earlier(options));
  announce(others, setup);
  const auto initial = std::move(setup.initial);
  const auto words = std::move(setup.words);
  TrainingRun run(std::move(setup), progress, others.ranks);
  if (initial) CONTINUO_TRY(run.begin_with(*initial, words));
  return run.go();
}

Result<TrainReport> resume(const TrainOptions& caller, Progress& progress, Others& others) {
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
  CONTINUO_TRY(check_shareable(others, setup));
  CONTINUO_TRY(make_folder(options.output));
  announce(others, setup);
  TrainingRun run(std::move(setup), progress, others.ranks);
  if (const Status status = run.restore(state); !status) {
    return status.error().in_file((caller.output / runs::kResumeFile).string());
  }
  return run.go();
}

// Of the first of several processes.
Result<TrainReport> lead(const TrainOptions& options, Progress& own, RankGroup& ranks) {
  SharedProgress progress(own, ranks);
  Others others{.ranks = &ranks};
  auto report = options.resume ? resume(options, progress, others) : start(options, progress, others);
  if (!report.ok()) refuse(others, report.error());
  return report;
}

Result<TrainReport> train_together(const Launch& launch, TrainOptions options, Progress& progress) {
  if (options.threads == 0) {
    const int threads = std::max(1, neural::default_threads() / launch.on_this_host);
    CONTINUO_TRY(set_option(options, "threads", std::to_string(threads)));
  }
  try {
    CONTINUO_ASSIGN(const auto ranks, join(launch, progress));
    if (ranks->leads()) return lead(options, progress, *ranks);
    CONTINUO_TRY(help(options, *ranks, progress));
    return TrainReport{};
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
  Others none;
  return options.resume ? resume(options, progress, none) : start(options, progress, none);
}

std::optional<int> rank_among_processes() {
  const auto launch = read_launch(std::getenv);
  return launch.ok() && launch->has_value() ? std::optional((*launch)->rank) : std::nullopt;
}

}  // namespace continuo::train
