#include "elementwise/scalar_functions.h"
#include "linear/linear_table.h"
#include "matmul/block_product.h"

// What linear layers of training mean, in plain C++: the reference for the other instruction sets.
namespace continuo::kernels {
namespace {

template <typename Number>
void pack(WeightSide side, std::size_t outputs, std::size_t inputs, const float* weights, Number* packed, Part part) {
  const bool forward = side == WeightSide::kForward;
  const std::size_t columns = forward ? outputs : inputs, depth = forward ? inputs : outputs;
  const std::size_t padded = round_up(depth, kGroup<Number>), panels = panels_for(columns);
  for (std::size_t column = part.begin(panels) * kPanelRows; column < part.end(panels) * kPanelRows; ++column) {
    for (std::size_t k = 0; k < padded; ++k) {
      const bool inside = column < columns && k < depth;
      const std::size_t at = forward ? column * inputs + k : k * inputs + column;
      packed[packed_index<Number>(padded, k, column)] = number_from<Number>(inside ? weights[at] : 0.0F);
    }
  }
}

template <typename Number>
float finished(const LinearProduct<Number>& c, std::size_t row, std::size_t column, float sum) {
  if (c.bias != nullptr) sum += c.bias[column];
  if (c.before_activation) c.before_activation.row(row)[column] = number_from<Number>(sum);
  sum = c.derivative_at ? sum * derivative(c.activation, to_float(c.derivative_at.row(row)[column]))
                        : activated(c.activation, sum);
  sum *= drop_factor(c.dropout, static_cast<std::uint32_t>(row * c.weights.outputs + column));
  return c.residual ? sum + c.residual.row(row)[column] : sum;
}

template <typename Number>
void linear_rows(const LinearProduct<Number>& c, Part part) {
  const std::size_t padded = round_up(c.weights.depth, kGroup<Number>);
  for (std::size_t row = part.begin(c.rows); row < part.end(c.rows); ++row) {
    for (std::size_t column = 0; column < c.weights.outputs; ++column) {
      float sum = 0;
      for (std::size_t k = 0; k < c.weights.depth; ++k) {
        sum += to_float(c.input.row(row)[k]) * to_float(c.weights.data[packed_index<Number>(padded, k, column)]);
      }
      const float value = finished(c, row, column, sum);
      if (c.output) c.output.row(row)[column] = number_from<Number>(value);
      if (c.wide_output) c.wide_output.row(row)[column] = value;
    }
  }
}

template <typename Number>
void gradient_of_weights(const WeightGradient<Number>& c, Part part) {
  for (std::size_t output = part.begin(c.outputs); output < part.end(c.outputs); ++output) {
    for (std::size_t input = 0; input < c.inputs; ++input) {
      float sum = c.accumulate ? c.weights.row(output)[input] : 0.0F;
      for (std::size_t row = 0; row < c.rows; ++row) {
        sum += to_float(c.gradient.row(row)[output]) * to_float(c.input.row(row)[input]);
      }
      c.weights.row(output)[input] = sum;
    }
    if (c.bias == nullptr) continue;
    float sum = c.accumulate ? c.bias[output] : 0.0F;
    for (std::size_t row = 0; row < c.rows; ++row) sum += to_float(c.gradient.row(row)[output]);
    c.bias[output] = sum;
  }
}

}  // namespace

template <typename Number>
const LinearTable<Number>& scalar_linear_table() {
  static constexpr LinearTable<Number> kTable = {pack<Number>, linear_rows<Number>, gradient_of_weights<Number>};
  return kTable;
}
template const LinearTable<float>& scalar_linear_table();
template const LinearTable<Bf16>& scalar_linear_table();

}  // namespace continuo::kernels
