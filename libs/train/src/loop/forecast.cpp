#include "continuo/train/forecast.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "continuo/base/platform/platform.h"
#include "continuo/checkpoint/tensor_names.h"

#include "data/run_data.h"
#include "loop/setup.h"
#include "loop/training_step.h"
#include "optimiser/schedule.h"

namespace continuo::train {
namespace {

constexpr int kUntimed = 2, kTimed = 8;  // steps; the first prepare memory and caches
constexpr int kFewest = 2;               // timed ones, however long they take
constexpr double kEnoughSec = 20;
constexpr double kSecondsPerMinute = 60;

struct Tried {
  std::vector<double> seconds;  // of each timed step
  double tokens = 0;            // of a step
};

Result<Tried> try_steps(TrainingStep& training, double learning_rate, Progress& progress) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  Tried tried;
  const auto begin = Clock::now();
  for (int i = 0; i < kUntimed + kTimed; ++i) {
    if (progress.stop_requested()) return Error{ErrorCode::interrupted, "the forecast was stopped"};
    if (int(tried.seconds.size()) >= kFewest && since(begin) > kEnoughSec) break;
    const auto start = Clock::now();
    tried.tokens += double(training.take(i, learning_rate).tokens);
    if (i >= kUntimed) tried.seconds.push_back(since(start));
    progress.update(std::uint64_t(i + 1), kUntimed + kTimed, "");
  }
  tried.tokens /= double(kUntimed + tried.seconds.size());
  return tried;
}

}  // namespace

Result<Forecast> forecast(const TrainOptions& asked, Progress& progress) {
  CONTINUO_TRY(validate(asked));
  if (asked.resume) return Error{ErrorCode::invalid_argument, "--dry-run cannot be combined with --resume"};
  CONTINUO_ASSIGN(Setup setup, prepare(asked, {}));
  const TrainOptions options = setup.options;
  TrainedModel model(setup.config, options.seed, arithmetic_of(setup));
  const RunData data(std::move(setup.data), options, setup.config, setup.runtime.threads);
  TrainingStep training(model, data.training(), options);
  CONTINUO_ASSIGN(Tried tried, try_steps(training, options.learning_rate, progress));
  std::sort(tried.seconds.begin(), tried.seconds.end());
  const double step_sec = tried.seconds[tried.seconds.size() / 2];

  Forecast result;
  result.parameters = checkpoint::parameter_count(setup.config);
  result.training_tokens = data.set().split(dataset::Split::kTrain).tokens();
  result.validation_tokens = data.set().split(dataset::Split::kValidation).tokens();
  const std::uint64_t batches = data.training().windows().batches_per_epoch();
  result.steps = steps_by_count(options, batches);
  const auto in_time = std::int64_t(options.max_minutes * kSecondsPerMinute / step_sec);
  if (options.max_minutes > 0) result.steps = result.steps > 0 ? std::min(result.steps, in_time) : in_time;
  result.epochs = double(result.steps) / double(batches);
  result.tokens_per_step = tried.tokens;
  result.tokens_per_s = tried.tokens / step_sec;
  result.training_sec = double(result.steps) * step_sec;
  result.peak_memory_bytes = platform::peak_resident_bytes();
  result.precision = neural::to_string(setup.runtime.precision);
  result.notes = setup.notes;
  return result;
}

}  // namespace continuo::train
