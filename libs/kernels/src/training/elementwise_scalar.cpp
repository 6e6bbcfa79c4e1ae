#include <algorithm>
#include <cmath>

#include "block_product.h"
#include "elementwise_table.h"
#include "scalar_functions.h"

// What training does to numbers and rows, in plain C++: the reference for the other instruction sets.
namespace continuo::kernels {
namespace {

template <typename Number>
void activate_range(Activation activation, const Number* in, Number* out, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) out[i] = number_from<Number>(activated(activation, to_float(in[i])));
}

template <typename From, typename To>
void drop_range(const DropRule& rule, const From* in, To* out, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    out[i] = number_from<To>(to_float(in[i]) * drop_factor(rule, static_cast<std::uint32_t>(i)));
  }
}

RowStatistics statistics_of(const NormShape& shape, const float* x) {
  const auto count = static_cast<float>(shape.width);
  float mean = 0, squares = 0;
  for (std::size_t i = 0; shape.shift != nullptr && i < shape.width; ++i) mean += x[i] / count;
  for (std::size_t i = 0; i < shape.width; ++i) squares += (x[i] - mean) * (x[i] - mean);
  return {mean, 1.0F / std::sqrt(squares / count + shape.epsilon)};
}

template <typename Number>
void norm_rows(const NormForward<Number>& c, std::size_t begin, std::size_t end) {
  for (std::size_t row = begin; row < end; ++row) {
    const float* x = c.input.row(row);
    const RowStatistics statistics = statistics_of(c.shape, x);
    if (c.statistics != nullptr) c.statistics[row] = statistics;
    for (std::size_t i = 0; i < c.shape.width; ++i) {
      const float y = (x[i] - statistics.mean) * statistics.inverse * c.shape.scale[i] +
                      (c.shape.shift != nullptr ? c.shape.shift[i] : 0.0F);
      if (c.output) c.output.row(row)[i] = number_from<Number>(y);
      if (c.wide_output) c.wide_output.row(row)[i] = y;
    }
  }
}

template <typename Number>
void norm_gradient_rows(const NormBackward<Number>& c, std::size_t begin, std::size_t end, float* sums) {
  const std::size_t width = c.shape.width;
  std::fill_n(sums, 2 * width, 0.0F);
  for (std::size_t row = begin; row < end; ++row) {
    const RowStatistics statistics = c.statistics[row];
    const auto normalised = [&](std::size_t i) { return (c.input.row(row)[i] - statistics.mean) * statistics.inverse; };
    const auto gradient = [&](std::size_t i) {
      return (c.gradient ? to_float(c.gradient.row(row)[i]) : 0.0F) +
             (c.wide_gradient ? c.wide_gradient.row(row)[i] : 0.0F);
    };
    float plain = 0, weighted = 0;
    for (std::size_t i = 0; i < width; ++i) {
      plain += gradient(i) * c.shape.scale[i] / static_cast<float>(width);
      weighted += gradient(i) * c.shape.scale[i] * normalised(i) / static_cast<float>(width);
      sums[i] += gradient(i) * normalised(i);
      sums[width + i] += gradient(i);
    }
    if (c.shape.shift == nullptr) plain = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const float dx = (gradient(i) * c.shape.scale[i] - plain - normalised(i) * weighted) * statistics.inverse;
      c.input_gradient.row(row)[i] = dx + (c.residual_gradient ? c.residual_gradient.row(row)[i] : 0.0F);
    }
  }
}

template <typename Number>
void cross_entropy_rows(const CrossEntropy<Number>& c, std::size_t begin, std::size_t end) {
  for (std::size_t row = begin; row < end; ++row) {
    const float* logits = c.logits.row(row);
    const float largest = *std::max_element(logits, logits + c.words);
    float total = 0;
    for (std::size_t i = 0; i < c.words; ++i) total += std::exp(logits[i] - largest);
    const auto target = static_cast<std::size_t>(c.targets[row]);
    c.losses[row] = std::log(total) + largest - logits[target];
    for (std::size_t i = 0; c.gradient && i < c.words; ++i) {
      const float share = std::exp(logits[i] - largest) / total;
      c.gradient.row(row)[i] = number_from<Number>(share - (i == target ? 1.0F : 0.0F));
    }
  }
}

template <typename Number>
void gated_rows(const GatedForward<Number>& c, std::size_t begin, std::size_t end) {
  for (std::size_t row = begin; row < end; ++row) {
    const Number* gates = c.input.row(row);
    for (std::size_t i = 0; i < c.width; ++i) {
      c.output.row(row)[i] =
          number_from<Number>(activated(c.activation, to_float(gates[i])) * to_float(gates[c.width + i]));
    }
  }
}

template <typename Number>
void gated_gradient_rows(const GatedBackward<Number>& c, std::size_t begin, std::size_t end) {
  for (std::size_t row = begin; row < end; ++row) {
    for (std::size_t i = 0; i < c.width; ++i) {
      const float gate = to_float(c.input.row(row)[i]), value = to_float(c.input.row(row)[c.width + i]);
      const float gradient = to_float(c.gradient.row(row)[i]);
      c.input_gradient.row(row)[i] = number_from<Number>(gradient * value * slope(c.activation, gate));
      c.input_gradient.row(row)[c.width + i] = number_from<Number>(gradient * activated(c.activation, gate));
    }
  }
}

template <typename Number>
void rotate_rows(const Rotation<Number>& c, std::size_t begin, std::size_t end) {
  const std::size_t half = c.table->rotated / 2;
  for (std::size_t row = begin; row < end; ++row) {
    const std::size_t angles = (row % c.time + c.offset) * half;
    for (std::size_t head = 0; head < c.heads; ++head) {
      Number* x = c.vectors.row(row) + head * c.head_width;
      for (std::size_t i = 0; i < half; ++i) {
        const float cosine = c.table->cosines[angles + i];
        const float sine = c.inverse ? -c.table->sines[angles + i] : c.table->sines[angles + i];
        const float first = to_float(x[i]), second = to_float(x[half + i]);
        x[i] = number_from<Number>(first * cosine - second * sine);
        x[half + i] = number_from<Number>(second * cosine + first * sine);
      }
    }
  }
}

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
const ElementwiseTable<Number>& scalar_elementwise_table() {
  static constexpr ElementwiseTable<Number> kTable = {
      activate_range<Number>,      drop_range<Number, float>,  drop_range<float, Number>,    drop_range<Number, Number>,
      norm_rows<Number>,           norm_gradient_rows<Number>, cross_entropy_rows<Number>,   gated_rows<Number>,
      gated_gradient_rows<Number>, rotate_rows<Number>,        adamw_and_pack_panels<Number>};
  return kTable;
}
template const ElementwiseTable<float>& scalar_elementwise_table();
template const ElementwiseTable<Bf16>& scalar_elementwise_table();

const OptimizerTable& scalar_optimizer_table() {
  static constexpr OptimizerTable kTable = {adamw_range, sum_squares};
  return kTable;
}

}  // namespace continuo::kernels
