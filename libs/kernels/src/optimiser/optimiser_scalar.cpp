#include <algorithm>
#include <cmath>

#include "continuo/kernels/number_types.h"

#include "matmul/block_product.h"
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

template <typename Number>
void adamw_and_pack_panels(const PackedAdamw<Number>& c, const AdamwFactors& f, std::size_t begin, std::size_t end) {
  const std::size_t depth = round_up(c.inputs, kGroup<Number>), other_depth = round_up(c.outputs, kGroup<Number>);
  adamw_range(c.state, f, begin * kPanelRows * c.inputs, std::min(c.outputs, end * kPanelRows) * c.inputs);
  for (std::size_t output = begin * kPanelRows; output < end * kPanelRows; ++output) {
    for (std::size_t input = 0; input < panels_for(c.inputs) * kPanelRows; ++input) {
      const bool inside = output < c.outputs && input < c.inputs;
      const auto value = number_from<Number>(inside ? c.state.values[output * c.inputs + input] : 0.0F);
      if (input < depth) c.forward[packed_index<Number>(depth, input, output)] = value;
      if (output < other_depth) c.input_gradient[packed_index<Number>(other_depth, output, input)] = value;
    }
  }
}

double sum_squares(const float* values, std::size_t count) {
  double total = 0;
  for (std::size_t i = 0; i < count; ++i) total += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return total;
}

}  // namespace

template <typename Number>
const PackedAdamwTable<Number>& scalar_packed_adamw_table() {
  static constexpr PackedAdamwTable<Number> kTable = {adamw_and_pack_panels<Number>};
  return kTable;
}
template const PackedAdamwTable<float>& scalar_packed_adamw_table();
template const PackedAdamwTable<Bf16>& scalar_packed_adamw_table();

const OptimiserTable& scalar_optimiser_table() {
  static constexpr OptimiserTable kTable = {adamw_range, sum_squares};
  return kTable;
}

}  // namespace continuo::kernels
