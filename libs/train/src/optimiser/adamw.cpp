#include "optimiser/adamw.h"

#include <cmath>
#include <numeric>

#include "continuo/kernels/optimiser.h"
#include "continuo/neural/parallel.h"
#include "continuo/neural/timing.h"

namespace continuo::train {
namespace {

double sum_of_squares(std::span<const float> values) {
  std::vector<double> sums(kernels::sum_of_squares_chunks(values.size()));
  neural::in_parts(kernels::parts_of_sum_of_squares(values.size()),
                   [&](auto part) { kernels::sum_of_squares(values, sums.data(), part); });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace

void AdamW::add(std::span<float> value, bool decays) {
  slots_.push_back({value, decays, std::vector<float>(value.size()), std::vector<float>(value.size())});
}

double AdamW::step(std::span<const std::span<const float>> gradients, const Update& update) {
  const neural::Timing timing("AdamW");
  double squares = 0;
  for (const auto gradient : gradients) squares += sum_of_squares(gradient);
  const double norm = std::sqrt(squares);
  if (!std::isfinite(norm)) return norm;

  const bool clip = update.gradient_clip > 0 && norm > update.gradient_clip;
  kernels::AdamwFactors factors;
  factors.gradient = clip ? float(update.gradient_clip / norm) : 1.0F;
  factors.step_size = float(update.learning_rate / (1 - std::pow(double(factors.beta1), double(update.step))));
  factors.second_correction = float(1 / (1 - std::pow(double(factors.beta2), double(update.step))));
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (gradients[i].empty()) continue;
    factors.decay = slot.decays ? float(1 - update.learning_rate * update.weight_decay) : 1.0F;
    const kernels::AdamwState state{slot.value, slot.first_moment.data(), slot.second_moment.data(),
                                    gradients[i].data()};
    neural::in_parts(kernels::parts_of_numbers(slot.value.size()),
                     [&](auto part) { kernels::adamw(state, factors, part); });
  }
  return norm;
}

}  // namespace continuo::train
