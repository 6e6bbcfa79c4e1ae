#include "optimiser/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace continuo::train {
namespace {

constexpr double kLongestWarmup = 0.1;  // of the run
constexpr double kUnknownClosing = 0.1;
constexpr double kMostClosing = 0.5;  // of the time: a run must train whatever its validation costs
constexpr double kSecondsPerMinute = 60;
constexpr double kRise = 0.3;           // of a run of one cycle
constexpr double kFirst = 1.0 / 25;     // of the peak, at the beginning of one cycle
constexpr double kLast = kFirst / 1e4;  // of the peak, at its end
constexpr double kDecay = 0.2;          // of a run that holds its peak before

// From 1 to `floor`, when `share` of the way down is done.
double cosine(double share, double floor) {
  const double half_wave = 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(share, 0.0, 1.0)));
  return floor + (1 - floor) * half_wave;
}

double one_cycle(double share) {
  if (share < kRise) return kFirst + (1 - kFirst) * share / kRise;
  return cosine((share - kRise) / (1 - kRise), kLast);
}

double held(double share, double floor) {
  const double decay = std::clamp((share - (1 - kDecay)) / kDecay, 0.0, 1.0);
  return 1 - (1 - floor) * decay;
}

// Of a name that validate() has accepted.
Schedule schedule_of(const std::string& name) {
  if (name == "one_cycle") return Schedule::kOneCycle;
  return name == "constant" ? Schedule::kConstant : Schedule::kCosine;
}

}  // namespace

Plan::Plan(const TrainOptions& options, std::int64_t step_limit)
    : schedule_(schedule_of(options.schedule)),
      final_share_(options.final_learning_rate),
      warmup_steps_(options.warmup_steps),
      peak_(options.learning_rate),
      step_limit_(step_limit),
      limit_sec_(options.max_minutes * kSecondsPerMinute),
      closing_sec_(kUnknownClosing * limit_sec_) {}

void Plan::reserve(double closing_sec) { closing_sec_ = std::clamp(closing_sec, 0.0, kMostClosing * limit_sec_); }

double Plan::training_sec() const { return limit_sec_ - closing_sec_; }

double Plan::left_sec(std::int64_t step, double elapsed_sec, double step_sec) const {
  const double by_steps = step_sec * static_cast<double>(step_limit_ - step);
  const double by_clock = limit_sec_ - elapsed_sec;
  if (limit_sec_ == 0) return std::max(0.0, by_steps);
  return std::max(0.0, step_limit_ > 0 ? std::min(by_steps, by_clock) : by_clock);
}

double Plan::learning_rate(std::int64_t step, double elapsed_sec) const {
  const double by_clock = limit_sec_ > 0 ? std::min(1.0, elapsed_sec / training_sec()) : 0;
  const double by_steps = step_limit_ > 0 ? static_cast<double>(step) / static_cast<double>(step_limit_) : 0;
  return by_clock > by_steps ? rate_by_clock(step, by_clock) : rate_by_steps(step);
}

double Plan::factor(double share, double down) const {
  switch (schedule_) {
    case Schedule::kCosine:
      return cosine(down, final_share_);
    case Schedule::kOneCycle:
      return one_cycle(share);
    case Schedule::kConstant:
      break;
  }
  return held(share, final_share_);
}

double Plan::rate_by_steps(std::int64_t step) const {
  const std::int64_t longest = step_limit_ > 0 ? step_limit_ / 10 : warmup_steps_;
  const std::int64_t warmup = std::min(warmup_steps_, longest);
  const bool warms_up = schedule_ != Schedule::kOneCycle;
  if (warms_up && step < warmup) return peak_ * static_cast<double>(step + 1) / static_cast<double>(warmup);
  if (step_limit_ == 0) return peak_ * (warms_up ? 1 : kFirst);
  const auto share = [&](std::int64_t begin) {
    const std::int64_t steps = std::max<std::int64_t>(1, step_limit_ - 1 - begin);
    return static_cast<double>(step - begin) / static_cast<double>(steps);
  };
  return peak_ * factor(share(0), share(warmup));
}

double Plan::rate_by_clock(std::int64_t step, double share) const {
  if (schedule_ == Schedule::kOneCycle) return peak_ * factor(share, share);
  const double by_steps = static_cast<double>(step + 1) / static_cast<double>(std::max<std::int64_t>(1, warmup_steps_));
  return peak_ * std::min(1.0, std::max(by_steps, share / kLongestWarmup)) * factor(share, share);
}

std::int64_t steps_by_count(const TrainOptions& options, std::uint64_t batches_per_epoch) {
  std::int64_t steps = options.max_steps;
  if (options.epochs > 0) {
    const auto by_epochs = std::max<std::int64_t>(1, std::llround(options.epochs * double(batches_per_epoch)));
    steps = steps > 0 ? std::min(steps, by_epochs) : by_epochs;
  }
  return steps;
}

}  // namespace continuo::train
