#include "continuo/train/trainer.h"

#include <vector>

#include "continuo/base/file.h"
#include "continuo/runs/run_files.h"

#include "loop/resumed_options.h"
#include "loop/training_run.h"
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

Result<TrainReport> start(const TrainOptions& options, Progress& progress) {
  CONTINUO_TRY(check_fresh(options));
  CONTINUO_ASSIGN(auto setup, prepare(options, {}));
  CONTINUO_TRY(make_folder(options.output));
  if (options.replace) CONTINUO_TRY(remove_earlier(options));
  const auto initial = std::move(setup.initial);
  const auto words = std::move(setup.words);
  TrainingRun run(std::move(setup), progress);
  if (initial) CONTINUO_TRY(run.begin_with(*initial, words));
  return run.go();
}

Result<TrainReport> resume(const TrainOptions& caller, Progress& progress) {
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
  TrainingRun run(std::move(setup), progress);
  if (const Status status = run.restore(state); !status) {
    return status.error().in_file((caller.output / runs::kResumeFile).string());
  }
  return run.go();
}

}  // namespace

Result<TrainReport> train(const TrainOptions& options, Progress& progress) {
  CONTINUO_TRY(validate(options));
  return options.resume ? resume(options, progress) : start(options, progress);
}

}  // namespace continuo::train
