#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>

namespace continuo::metrics {

// Units: bits. Nothing where all counts are 0.
inline std::optional<double> entropy_bits(std::span<const double> counts) {
  double sum = 0, entropy = 0;
  for (const double count : counts) sum += count;
  if (sum <= 0) return {};
  for (const double count : counts)
    if (count > 0) entropy -= count / sum * std::log2(count / sum);
  return entropy;
}

// The largest share of notes within one major scale, of those that each pitch class has. The natural minor scales are
// the same 12 sets. Nothing without notes.
inline std::optional<double> best_scale_share(const std::array<double, 12>& pitch_classes) {
  constexpr std::array<std::size_t, 7> kMajorScale = {0, 2, 4, 5, 7, 9, 11};
  double best = 0, notes = 0;
  for (std::size_t root = 0; root < 12; ++root) {
    double in_scale = 0;
    for (const std::size_t step : kMajorScale) in_scale += pitch_classes[(root + step) % 12];
    best = std::max(best, in_scale);
    notes += pitch_classes[root];
  }
  if (notes <= 0) return {};
  return best / notes;
}

}  // namespace continuo::metrics
