#include "density.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace continuo::metrics {

std::optional<Density> Density::of(std::span<const double> samples, int copies) {
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  if (sorted.empty() || sorted.front() == sorted.back()) return {};
  Density density;
  density.count_ = double(sorted.size());
  for (const double value : sorted) {
    if (density.samples_.empty() || density.samples_.back().value != value) density.samples_.push_back({value, 0});
    ++density.samples_.back().count;
  }
  const double n = density.count_ * copies;
  const double mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / density.count_;
  double squares = 0;
  for (const double value : sorted) squares += (value - mean) * (value - mean) * copies;
  density.width_ = std::sqrt(squares / (n - 1)) * std::pow(n, -0.2);
  return density;
}

double Density::operator()(double x) const {
  const auto begin = std::ranges::lower_bound(samples_, x - kReach * width_, {}, &Sample::value);
  double sum = 0;
  for (auto sample = begin; sample != samples_.end() && sample->value <= x + kReach * width_; ++sample) {
    const double distance = (x - sample->value) / width_;
    sum += sample->count * std::exp(-distance * distance / 2);
  }
  return sum / (count_ * width_ * std::sqrt(2 * std::numbers::pi));
}

}  // namespace continuo::metrics
