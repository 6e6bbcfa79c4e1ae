#include "run.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "continuo/base/platform/platform.h"
#include "continuo/base/rng.h"
#include "continuo/base/text.h"
#include "continuo/checkpoint/checkpoint.h"

#include "run_files.h"

namespace continuo::train {
namespace {

constexpr double kSecondsPerMinute = 60;
constexpr double kValidationShare = 0.1;  // of the time
constexpr double kShortestFinalSec = 10;  // what the final measurement may always take
constexpr double kSmoothing = 0.1;
constexpr std::size_t kFinalLossSteps = 20;
constexpr std::uint64_t kDropoutStream = 0x64726f70;  // keeps dropout apart from other draws of the same seed

dataset::WindowOptions window_options(const TrainOptions& options, const checkpoint::ModelConfig& config,
                                      dataset::WindowOrder order) {
  dataset::WindowOptions windows{config.context_length, options.batch_size, options.seed, order};
  if (options.pack && order == dataset::WindowOrder::kShuffled) windows.packing = dataset::WindowPacking::kPacked;
  return windows;
}

Objective objective(const checkpoint::ModelConfig& config, bool training) {
  if (config.masking == checkpoint::Masking::kCausal) return Objective::kNextToken;
  return training ? Objective::kMaskedTraining : Objective::kMaskedValidation;
}

double smoothed(double before, double now) { return before == 0 ? now : before + kSmoothing * (now - before); }

}  // namespace

Run::Run(Setup setup, Progress& progress)
    : options_(std::move(setup.options)),
      config_(std::move(setup.config)),
      data_(std::move(setup.data)),
      augmented_(std::move(setup.augmented)),
      runtime_(std::move(setup.runtime)),
      position_(std::move(setup.position)),
      notes_(std::move(setup.notes)),
      progress_(progress),
      learner_(config_, options_.seed, {options_.kernels == "fused", runtime_.precision == neural::Precision::kBf16}),
      training_(training_source()),
      validation_(data_.split(dataset::Split::kValidation),
                  window_options(options_, config_, dataset::WindowOrder::kInOrder), objective(config_, false)),
      plan_(options_, steps_by_count(options_, training_.windows().batches_per_epoch())),
      spent_sec_(position_.elapsed_sec) {
  if (!has_validation()) {
    notes_.push_back("the data set has no validation pieces: nothing was validated, and best is the last model");
  }
  validated_at_sec_ = saved_at_sec_ = sampled_at_sec_ = spent_sec_;
}

BatchSource Run::training_source() const {
  const auto windows = window_options(options_, config_, dataset::WindowOrder::kShuffled);
  if (augmented_) return {*augmented_, windows, objective(config_, true), runtime_.threads};
  return {data_.split(dataset::Split::kTrain), windows, objective(config_, true)};
}

Status Run::restore(const ResumeState& state) {
  CONTINUO_ASSIGN(log_, MetricsLog::read(options_.output / kMetricsFile, position_.step));
  CONTINUO_TRY(state.copy_to(learner_.state()));
  // A run that was killed may have found a better model than its last saved state knows of.
  if (const auto best = checkpoint::Checkpoint::open(options_.output / kBestFile)) {
    const double nll = best->provenance.validation_nll;
    if (nll > 0 && (position_.best_nll == 0 || nll < position_.best_nll)) position_.best_nll = nll;
  } else {
    position_.best_nll = 0;
  }
  return {};
}

double Run::elapsed_sec() const { return spent_sec_ + std::chrono::duration<double>(Clock::now() - start_).count(); }

std::optional<StoppedBy> Run::reason_to_stop() const {
  if (plan_.out_of_steps(position_.step)) return StoppedBy::kCompleted;
  if (plan_.out_of_time(elapsed_sec())) return StoppedBy::kTimeLimit;
  if (progress_.stop_requested()) return StoppedBy::kInterrupted;
  return std::nullopt;
}

Result<TrainReport> Run::go() {
  CONTINUO_TRY(write_file(options_.output / kConfigFile, to_toml(options_)));
  CONTINUO_TRY(make_up_validation());
  auto reason = reason_to_stop();
  while (!reason) {
    CONTINUO_TRY(one_step());
    report_progress();
    CONTINUO_TRY(periodic_work());
    reason = reason_to_stop();
  }
  CONTINUO_TRY(finish(*reason));
  return report(*reason);
}

Status Run::one_step() {
  const auto begin = Clock::now();
  const Batch batch = feed_.take(std::uint64_t(position_.step));
  AdamW::Update update;
  update.learning_rate = plan_.learning_rate(position_.step, elapsed_sec());
  update.weight_decay = options_.weight_decay;
  update.gradient_clip = options_.gradient_clip;
  update.step = position_.step + 1;
  const std::uint64_t seed = mix_seed(mix_seed(options_.seed, kDropoutStream), std::uint64_t(position_.step));
  const StepResult result = learner_.step(batch, seed, update);
  if (!result.finite) {
    CONTINUO_TRY(write_history());
    return Error{ErrorCode::invalid_argument,
                 "the loss is no longer a finite number; a lower learning_rate or gradient_clip may help",
                 "step " + std::to_string(position_.step + 1), options_.output.string()};
  }
  const double step_sec = std::chrono::duration<double>(Clock::now() - begin).count();
  position_.step += 1;
  position_.tokens += std::uint64_t(batch.count);
  log_step(batch, result, update.learning_rate, step_sec);
  return {};
}

void Run::log_step(const Batch& batch, const StepResult& result, double learning_rate, double step_sec) {
  step_sec_ = smoothed(step_sec_, step_sec);
  tokens_per_s_ = smoothed(tokens_per_s_, double(batch.count) / std::max(step_sec, 1e-9));
  training_sec_ += step_sec;
  trained_tokens_ += std::uint64_t(batch.count);
  MetricsRow row;
  row.step = position_.step;
  row.epoch = double(position_.step) * options_.batch_size / double(training_.windows().windows());
  row.tokens = position_.tokens;
  row.elapsed_sec = elapsed_sec();
  row.loss = result.loss;
  row.learning_rate = learning_rate;
  row.gradient_norm = result.gradient_norm;
  row.tokens_per_s = tokens_per_s_;
  log_.add(row);
}

void Run::report_progress() {
  char text[64];
  std::snprintf(text, sizeof text, "loss %.3f", log_.recent_loss(kFinalLossSteps));
  std::string note = text;
  if (last_validation_) {
    std::snprintf(text, sizeof text, "  val %.3f", *last_validation_);
    note += text;
  }
  note += "  " + grouped(static_cast<std::uint64_t>(std::llround(tokens_per_s_))) + " tokens/s";
  const double left_sec = plan_.left_sec(position_.step, elapsed_sec(), step_sec_);
  note += "  " + clock_text(left_sec) + " left";
  const auto steps_left = std::llround(left_sec / std::max(step_sec_, 1e-9));
  progress_.update(std::uint64_t(position_.step), std::uint64_t(position_.step + steps_left), note);
}

bool Run::validation_is_due() const {
  if (!has_validation()) return false;
  const auto every = options_.validation_every_steps;
  if (every > 0 && position_.step % every == 0) return true;
  const double seconds = options_.validation_every_seconds;
  const double since = elapsed_sec() - validated_at_sec_;
  return seconds > 0 && since >= std::max(seconds, validation_sec_ / kValidationShare);
}

Status Run::make_up_validation() {
  const auto every = options_.validation_every_steps;
  const bool missed = every > 0 && position_.step > 0 && position_.step % every == 0 && has_validation() &&
                      !log_.rows().empty() && !log_.rows().back().validation_nll;
  return missed ? validate_now() : Status{};
}

Status Run::periodic_work() {
  if (validation_is_due()) {
    CONTINUO_TRY(validate_now());
    CONTINUO_TRY(write_history());
  }
  const double save_sec = options_.checkpoint_every_minutes * kSecondsPerMinute;
  if (save_sec > 0 && elapsed_sec() - saved_at_sec_ >= save_sec) CONTINUO_TRY(save());
  const double sample_sec = options_.sample_every_minutes * kSecondsPerMinute;
  if (sample_sec > 0 && elapsed_sec() - sampled_at_sec_ >= sample_sec) {
    CONTINUO_TRY(write_model(options_.output / kLastFile, last_validation_.value_or(0)));
    write_sample(options_.output / kLastFile);
  }
  return {};
}

Status Run::validate_now() {
  const double begin = elapsed_sec();
  const auto nll = learner_.evaluate(validation_, std::uint64_t(options_.validation_tokens), progress_);
  if (!nll) return {};
  validated_at_sec_ = elapsed_sec();
  validation_sec_ = validated_at_sec_ - begin;
  validation_speed_ = double(nll->tokens) / std::max(validation_sec_, 1e-9);
  validated_step_ = position_.step;
  plan_.reserve(closing_sec());
  last_validation_ = nll->mean();
  if (!log_.rows().empty()) log_.set_validation(nll->mean());
  if (position_.best_nll > 0 && nll->mean() >= position_.best_nll) return {};
  CONTINUO_TRY(write_model(options_.output / kBestFile, nll->mean()));
  position_.best_nll = nll->mean();
  best_tokens_ = nll->tokens;
  return {};
}

Status Run::save() {
  position_.elapsed_sec = elapsed_sec();
  position_.precision = neural::to_string(runtime_.precision);
  // The history first: a row too many is dropped on resuming, a missing one could not be made up.
  CONTINUO_TRY(write_history());
  CONTINUO_TRY(write_resume_state(options_.output / kResumeFile, options_, position_, learner_.state()));
  const bool measured = validated_step_ == position_.step && last_validation_;
  CONTINUO_TRY(write_model(options_.output / kLastFile, measured ? *last_validation_ : 0));
  saved_at_sec_ = elapsed_sec();
  save_sec_ = saved_at_sec_ - position_.elapsed_sec;
  plan_.reserve(closing_sec());
  return {};
}

double Run::closing_sec() const {
  const double measuring = has_validation() ? validation_sec_ + final_validation().seconds : 0;
  return measuring + save_sec_ + sample_sec_;
}

Status Run::write_model(const std::filesystem::path& path, double nll) {
  checkpoint::Provenance provenance;
  provenance.data_set = data_.name();
  provenance.data_licence = data_.licence();
  provenance.split = data_.split_rule();
  provenance.seed = options_.seed;
  provenance.commit = options_.commit;
  provenance.steps = position_.step;
  provenance.tokens_seen = std::int64_t(position_.tokens);
  provenance.validation_nll = nll;
  return checkpoint::write_checkpoint(path, config_, data_.tokenizer(), provenance,
                                      learner_.network().export_weights());
}

Status Run::write_history() {
  CONTINUO_TRY(log_.write_csv(options_.output / kMetricsFile));
  return log_.rows().empty() ? Status{} : log_.write_chart(options_.output / kChartFile);
}

void Run::write_sample(const std::filesystem::path& model) {
  sampled_at_sec_ = elapsed_sec();
  if (!options_.sampler) return;
  const auto midi = options_.output / kSamplesFolder / ("step-" + std::to_string(position_.step) + ".mid");
  const Status status = options_.sampler(model, midi);
  sample_sec_ = elapsed_sec() - sampled_at_sec_;
  plan_.reserve(closing_sec());
  if (!status)
    notes_.push_back("no sample at step " + std::to_string(position_.step) + ": " + status.error().to_line());
}

Status Run::finish(StoppedBy reason) {
  const bool ended = reason != StoppedBy::kInterrupted;
  if (ended && has_validation() && validated_step_ != position_.step) CONTINUO_TRY(validate_now());
  CONTINUO_TRY(save());
  if (!has_validation()) CONTINUO_TRY(write_model(options_.output / kBestFile, 0));
  if (!ended) return {};
  if (has_validation()) CONTINUO_TRY(measure_best());
  write_sample(options_.output / kBestFile);
  return {};
}

Run::FinalValidation Run::final_validation() const {
  const std::uint64_t all = validation_.windows().targets_per_epoch();
  const bool masked = config_.masking == checkpoint::Masking::kBidirectional;
  const auto everything =
      std::uint64_t(options_.validation_tokens) == 0 || (!masked && std::uint64_t(options_.validation_tokens) >= all);
  if (everything) return {};
  if (validation_speed_ == 0) return {.wanted = true};
  const double allowed_sec = std::max(kShortestFinalSec, kValidationShare * elapsed_sec());
  const auto affordable = static_cast<std::uint64_t>(allowed_sec * validation_speed_);
  if (affordable < all) return {.wanted = true, .most_tokens = affordable, .seconds = allowed_sec};
  return {.wanted = true, .seconds = static_cast<double>(all) / validation_speed_};
}

Status Run::measure_best() {
  const FinalValidation final = final_validation();
  if (!final.wanted && best_tokens_ > 0) return {};
  const std::uint64_t most = final.most_tokens;

  CONTINUO_ASSIGN(auto best, checkpoint::Checkpoint::open(options_.output / kBestFile));
  CONTINUO_TRY(learner_.network().import_weights(best.file.tensors()));
  const auto nll = learner_.evaluate(validation_, most, progress_);
  if (!nll) return {};
  position_.best_nll = nll->mean();
  best_tokens_ = nll->tokens;
  if (most > 0) {
    notes_.push_back("the final validation covers the first " + std::to_string(nll->tokens) +
                     " tokens; `continuo evaluate` measures all");
  }
  checkpoint::Provenance provenance = best.provenance;
  provenance.validation_nll = nll->mean();
  return checkpoint::write_checkpoint(options_.output / kBestFile, config_, data_.tokenizer(), provenance,
                                      learner_.network().export_weights());
}

TrainReport Run::report(StoppedBy reason) const {
  TrainReport report;
  report.steps = position_.step;
  report.tokens = position_.tokens;
  report.epochs = double(position_.step) * options_.batch_size / double(training_.windows().windows());
  report.tokens_per_s = training_sec_ > 0 ? double(trained_tokens_) / training_sec_ : 0;
  report.final_loss = log_.recent_loss(kFinalLossSteps);
  report.best_validation_nll = position_.best_nll;
  report.validation_tokens = best_tokens_;
  report.elapsed_sec = elapsed_sec();
  report.parameters = checkpoint::parameter_count(config_);
  report.peak_memory_bytes = platform::peak_resident_bytes();
  report.precision = neural::to_string(runtime_.precision);
  report.stopped_by = reason;
  report.notes = notes_;
  if (reason == StoppedBy::kInterrupted) report.notes.push_back("interrupted, resume with --resume");
  return report;
}

}  // namespace continuo::train
