#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "continuo/dataset/augmented_feed.h"
#include "continuo/dataset/dataset.h"
#include "continuo/neural/runtime.h"
#include "continuo/train/trainer.h"

#include "batch_feed.h"
#include "metrics_log.h"
#include "schedule.h"
#include "training_step.h"

namespace continuo::train {

// One process's part of a training run, from its first or resumed step to its end.
class Run {
 public:
  // What has been checked and opened before. `options` are complete: no default is left open.
  struct Setup {
    TrainOptions options;
    checkpoint::ModelConfig config;
    dataset::TokenDataset data;
    std::optional<dataset::AugmentedPieces> augmented;  // training pieces, if they are to be moved
    neural::Runtime runtime;
    RunPosition position;  // where the run stands; step 0: at its beginning
    std::vector<std::string> notes;
  };
  Run(Setup setup, Progress& progress);

  // Puts weights, moments, history and the best figure back. Errors: those of ResumeState::copy_to; malformed metrics.
  Status restore(const ResumeState& state);
  Result<TrainReport> go();

 private:
  using Clock = std::chrono::steady_clock;

  BatchSource training_source() const;
  double elapsed_sec() const;
  bool has_validation() const { return validation_.windows().windows() > 0; }
  std::optional<StoppedBy> reason_to_stop() const;

  Status one_step();
  void log_step(const Batch& batch, const StepResult& result, double learning_rate, double step_sec);
  void report_progress();
  // The validation that a stop request kept from its step.
  Status make_up_validation();
  Status periodic_work();
  bool validation_is_due() const;
  // Measures the weights as they are, and keeps them as best if they are.
  Status validate_now();
  Status save();
  Status write_model(const std::filesystem::path& path, double nll);
  Status write_history();
  void write_sample(const std::filesystem::path& model);
  Status finish(StoppedBy reason);
  // The best model's figure over the whole validation split, or as much of it as the time of the run allows.
  Status measure_best();
  // What measure_best() is going to do.
  struct FinalValidation {
    bool wanted = false;
    std::uint64_t most_tokens = 0;  // 0: all
    double seconds = 0;             // expected; 0: not known
  };
  FinalValidation final_validation() const;
  // How long finish() is going to take, by what its parts took before.
  double closing_sec() const;
  TrainReport report(StoppedBy reason) const;

  TrainOptions options_;
  checkpoint::ModelConfig config_;
  dataset::TokenDataset data_;
  std::optional<dataset::AugmentedPieces> augmented_;
  neural::Runtime runtime_;
  RunPosition position_;
  std::vector<std::string> notes_;
  Progress& progress_;

  Learner learner_;
  BatchSource training_, validation_;
  BatchFeed feed_{training_};
  MetricsLog log_;
  Plan plan_;
  Clock::time_point start_ = Clock::now();
  double spent_sec_;                        // by earlier processes
  double step_sec_ = 0, training_sec_ = 0;  // smoothed; sum of this process
  std::uint64_t trained_tokens_ = 0;        // by this process
  double tokens_per_s_ = 0;                 // smoothed
  double validated_at_sec_ = 0, validation_sec_ = 0, validation_speed_ = 0;
  std::int64_t validated_step_ = -1;
  std::optional<double> last_validation_;
  double saved_at_sec_ = 0, save_sec_ = 0, sampled_at_sec_ = 0, sample_sec_ = 0;
  std::uint64_t best_tokens_ = 0;  // over which best_nll was measured
};

}  // namespace continuo::train
