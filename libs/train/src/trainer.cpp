#include "continuo/train/trainer.h"

#include "continuo/base/file.h"

#include "run.h"
#include "run_files.h"

namespace continuo::train {
namespace {

namespace fs = std::filesystem;

Status make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder / kSamplesFolder, error);
  if (error) return Error{ErrorCode::io, "the folder cannot be made: " + error.message(), "", folder.string()};
  return check_writable(folder / kResumeFile);
}

// The stored options, with what the caller may change.
TrainOptions resumed_options(const TrainOptions& stored, const TrainOptions& caller) {
  TrainOptions options = stored;
  options.resume = true;
  options.output = caller.output;
  options.threads = caller.threads;
  options.sampler = caller.sampler;
  options.commit = caller.commit;
  if (!caller.data.empty()) options.data = caller.data;
  if (caller.max_minutes > 0 || caller.max_steps > 0 || caller.epochs > 0) {
    options.max_minutes = caller.max_minutes;
    options.max_steps = caller.max_steps;
    options.epochs = caller.epochs;
  }
  return options;
}

Status check_same_data(const RunPosition& position, const dataset::TokenDataset& data, const fs::path& folder) {
  const bool same = position.vocabulary_size == data.vocabulary_size() &&
                    position.data_tokens == data.split(dataset::Split::kTrain).tokens();
  if (same) return {};
  return Error{ErrorCode::incompatible, "the data set is not the one that the run was started with", "",
               folder.string()};
}

Status check_fresh(const TrainOptions& options) {
  if (options.replace || !fs::exists(options.output / kResumeFile)) return {};
  return Error{ErrorCode::invalid_argument, "already contains a run; use --resume or --replace", "",
               options.output.string()};
}

// An earlier run's files, so that nothing of it can be taken for the new one's.
Status remove_earlier(const TrainOptions& options) {
  std::error_code error;
  for (const char* name : {kResumeFile, kBestFile, kLastFile, kMetricsFile, kChartFile}) {
    fs::remove(options.output / name, error);
    if (error)
      return Error{ErrorCode::io, "cannot be replaced: " + error.message(), "", (options.output / name).string()};
  }
  return {};
}

dataset::Augmentation augmentation(const TrainOptions& options) {
  return {.transpose_down = options.augment_transpose,
          .transpose_up = options.augment_transpose,
          .slowest = 1 - options.augment_tempo,
          .fastest = 1 + options.augment_tempo,
          .velocity_shift = options.augment_velocity,
          .jitter_quarters = options.augment_jitter};
}

Result<Run::Setup> prepare(const TrainOptions& options, const RunPosition& position) {
  CONTINUO_ASSIGN(dataset::TokenDataset data, dataset::TokenDataset::open(options.data));
  const auto& training = data.split(dataset::Split::kTrain);
  if (position.step > 0) CONTINUO_TRY(check_same_data(position, data, options.data));
  CONTINUO_ASSIGN(const checkpoint::ModelConfig config, model_config(options, data.vocabulary_size()));

  Run::Setup setup{with_defaults(options, config), config, data, {}, {}, position, {}};
  if (const auto moves = augmentation(options); !moves.changes_nothing()) {
    CONTINUO_ASSIGN(setup.augmented, dataset::AugmentedPieces::make(data, moves, options.seed));
  }
  const dataset::WindowBatches windows(
      training, {.context_length = config.context_length,
                 .batch_size = 1,
                 .packing = options.pack ? dataset::WindowPacking::kPacked : dataset::WindowPacking::kOnePiece});
  if (windows.windows() == 0) {
    return Error{ErrorCode::empty, "the data set has no training pieces", "", options.data.string()};
  }
  if (windows.windows() < std::uint64_t(setup.options.batch_size)) {
    setup.options.batch_size = int(windows.windows());
    setup.notes.push_back("the data set fills only " + std::to_string(windows.windows()) +
                          " windows, which is the batch size now");
  }
  const int threads = options.threads > 0 ? options.threads : neural::default_threads();
  CONTINUO_ASSIGN(auto wanted, neural::precision_from_string(options.precision));
  if (!position.precision.empty()) {
    CONTINUO_ASSIGN(wanted, neural::precision_from_string(position.precision));
  }
  setup.runtime = neural::prepare_runtime({threads, wanted, options.kernels == "fused"});
  if (!setup.runtime.warning.empty()) setup.notes.push_back(setup.runtime.warning);
  setup.position.vocabulary_size = data.vocabulary_size();
  setup.position.data_tokens = training.tokens();
  return setup;
}

Result<TrainReport> start(const TrainOptions& options, Progress& progress) {
  CONTINUO_TRY(check_fresh(options));
  CONTINUO_ASSIGN(auto setup, prepare(options, {}));
  CONTINUO_TRY(make_folder(options.output));
  if (options.replace) CONTINUO_TRY(remove_earlier(options));
  return Run(std::move(setup), progress).go();
}

Result<TrainReport> resume(const TrainOptions& caller, Progress& progress) {
  if (!fs::exists(caller.output / kResumeFile))
    return Error{ErrorCode::not_found, "no run to resume in this folder", {}, caller.output.string()};
  CONTINUO_ASSIGN(const ResumeState state, ResumeState::open(caller.output / kResumeFile));
  const TrainOptions options = resumed_options(state.options, caller);
  CONTINUO_TRY(validate(options));
  CONTINUO_ASSIGN(auto setup, prepare(options, state.position));
  CONTINUO_TRY(make_folder(options.output));
  Run run(std::move(setup), progress);
  if (const Status status = run.restore(state); !status) {
    return status.error().in_file((caller.output / kResumeFile).string());
  }
  return run.go();
}

}  // namespace

std::string_view to_string(StoppedBy reason) {
  switch (reason) {
    case StoppedBy::kCompleted:
      return "completed";
    case StoppedBy::kTimeLimit:
      return "time limit";
    case StoppedBy::kInterrupted:
      break;
  }
  return "interrupted";
}

Result<TrainReport> train(const TrainOptions& options, Progress& progress) {
  CONTINUO_TRY(validate(options));
  return options.resume ? resume(options, progress) : start(options, progress);
}

}  // namespace continuo::train
