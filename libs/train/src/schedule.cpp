#include "schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace continuo::train {
namespace {

constexpr double kFloor = 0.1;          // of the peak, at the end
constexpr double kTrainingShare = 0.9;  // of the time; the rest is validation, saving and sampling
constexpr std::size_t kColdSteps = 2;   // not counted: libtorch and oneDNN prepare themselves
constexpr std::size_t kTimedSteps = 10;
constexpr double kTimingShare = 0.05;  // of the time, for finding out
constexpr double kSecondsPerMinute = 60;

}  // namespace

double learning_rate(const TrainOptions& options, std::int64_t step, std::int64_t planned_steps) {
  auto warmup = std::int64_t(options.warmup_steps);
  if (planned_steps > 0) warmup = std::min(warmup, planned_steps / 10);
  const double peak = options.learning_rate;
  if (step < warmup) return peak * double(step + 1) / double(warmup);
  if (planned_steps == 0) return peak;
  const double share = double(step - warmup) / double(std::max<std::int64_t>(1, planned_steps - 1 - warmup));
  const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, share)));
  return peak * (kFloor + (1 - kFloor) * cosine);
}

std::int64_t steps_by_count(const TrainOptions& options, std::uint64_t batches_per_epoch) {
  std::int64_t steps = options.max_steps;
  if (options.epochs > 0) {
    const auto by_epochs = std::max<std::int64_t>(1, std::llround(options.epochs * double(batches_per_epoch)));
    steps = steps > 0 ? std::min(steps, by_epochs) : by_epochs;
  }
  return steps;
}

Planner::Planner(const TrainOptions& options, std::int64_t limit, double spent_sec)
    : budget_sec_(std::max(0.0, options.max_minutes * kSecondsPerMinute - spent_sec)), limit_(limit) {
  if (options.max_minutes == 0) budget_sec_ = -1;
}

std::int64_t Planner::after_step(std::int64_t steps_done, double step_sec, double elapsed_sec) {
  if (budget_sec_ < 0) return limit_;
  step_sec_.push_back(step_sec);
  const std::size_t timed = step_sec_.size() - std::min(step_sec_.size(), kColdSteps);
  const bool enough = timed >= kTimedSteps || (timed >= 1 && elapsed_sec > kTimingShare * budget_sec_);
  if (!enough) return 0;
  std::vector<double> sorted(step_sec_.begin() + kColdSteps, step_sec_.end());
  std::nth_element(sorted.begin(), sorted.begin() + std::ptrdiff_t(sorted.size() / 2), sorted.end());
  const double typical = std::max(1e-6, sorted[sorted.size() / 2]);
  const double left = std::max(0.0, budget_sec_ - elapsed_sec) * kTrainingShare;
  const std::int64_t planned = steps_done + std::llround(left / typical);
  return limit_ > 0 ? std::min(limit_, planned) : planned;
}

}  // namespace continuo::train
