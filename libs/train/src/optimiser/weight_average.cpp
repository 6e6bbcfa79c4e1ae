#include "optimiser/weight_average.h"

#include <algorithm>

#include "continuo/neural/parallel.h"

namespace continuo::train {

void WeightAverage::add(std::span<float> weights) {
  if (decay_ > 0) pairs_.push_back({weights, {weights.begin(), weights.end()}});
}

double WeightAverage::share_of(double decay, std::int64_t step) {
  const auto t = static_cast<double>(step);
  return 1 - std::min(decay, (1 + t) / (10 + t));
}

void WeightAverage::follow(std::int64_t step) {
  if (pairs_.empty()) return;
  const auto share = static_cast<float>(share_of(decay_, step));
  neural::kernel_threads().share(pairs_.size(), [&](std::size_t index, int) {
    Pair& pair = pairs_[index];
    for (std::size_t i = 0; i < pair.average.size(); ++i) {
      pair.average[i] += share * (pair.weights[i] - pair.average[i]);
    }
  });
}

std::span<float> WeightAverage::of(std::size_t index) {
  return decay_ > 0 ? std::span<float>(pairs_[index].average) : std::span<float>{};
}

void WeightAverage::exchange() {
  for (Pair& pair : pairs_) std::swap_ranges(pair.average.begin(), pair.average.end(), pair.weights.begin());
}

}  // namespace continuo::train
