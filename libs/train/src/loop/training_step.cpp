#include "loop/training_step.h"

#include "continuo/base/rng.h"

namespace continuo::train {
namespace {

constexpr std::uint64_t kDropoutStream = 0x64726f70;  // keeps dropout apart from other draws of the same seed

}  // namespace

StepResult TrainingStep::take(std::int64_t step, double learning_rate) {
  const auto number = static_cast<std::uint64_t>(step);
  const Optimiser::Update update{
      .learning_rate = learning_rate,
      .muon_learning_rate = options_.muon_learning_rate * learning_rate / options_.learning_rate,
      .weight_decay = options_.weight_decay,
      .gradient_clip = options_.gradient_clip,
      .step = step + 1};
  const std::uint64_t seed = mix_seed(mix_seed(options_.seed, kDropoutStream), number);
  return model_.step(feed_.take(number), seed, update);
}

}  // namespace continuo::train
