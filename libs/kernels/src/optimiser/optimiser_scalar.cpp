#include <cmath>

#include "optimiser/optimiser_table.h"

// What AdamW means, in plain C++: the reference for the other instruction sets.
namespace continuo::kernels {
namespace {

void adamw_range(const AdamwState& s, const AdamwFactors& f, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    const float g = s.gradient[i] * f.gradient;
    s.first_moment[i] = f.beta1 * s.first_moment[i] + (1 - f.beta1) * g;
    s.second_moment[i] = f.beta2 * s.second_moment[i] + (1 - f.beta2) * g * g;
    s.values[i] = s.values[i] * f.decay -
                  f.step_size * s.first_moment[i] / (std::sqrt(s.second_moment[i] * f.second_correction) + f.epsilon);
  }
}

double sum_squares(const float* values, std::size_t count) {
  double total = 0;
  for (std::size_t i = 0; i < count; ++i) total += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return total;
}

}  // namespace

const OptimiserTable& scalar_optimiser_table() {
  static constexpr OptimiserTable kTable = {adamw_range, sum_squares};
  return kTable;
}

}  // namespace continuo::kernels
