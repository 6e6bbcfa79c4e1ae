#include <algorithm>
#include <cmath>

#include "continuo/kernels/number_types.h"

#include "norm/norm_table.h"

// What normalisation means, in plain C++: the reference for the other instruction sets.
namespace continuo::kernels {
namespace {

void layer_norm_row(const NormWeights& weights, const float* input, float* output, std::size_t width) noexcept {
  float sum = 0;
  for (std::size_t i = 0; i < width; ++i) sum += input[i];
  const float mean = sum / static_cast<float>(width);
  float squares = 0;
  for (std::size_t i = 0; i < width; ++i) squares += (input[i] - mean) * (input[i] - mean);
  const float inverse = 1.0F / std::sqrt(squares / static_cast<float>(width) + weights.epsilon);
  for (std::size_t i = 0; i < width; ++i) {
    output[i] = (input[i] - mean) * inverse * weights.scale[i] + weights.shift[i];
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

}  // namespace

template <typename Number>
const NormTable<Number>& scalar_norm_table() {
  static constexpr NormTable<Number> kTable = {norm_rows<Number>, norm_gradient_rows<Number>};
  return kTable;
}
template const NormTable<float>& scalar_norm_table();
template const NormTable<Bf16>& scalar_norm_table();

const LayerNormTable& scalar_layer_norm_table() {
  static constexpr LayerNormTable kTable = {layer_norm_row};
  return kTable;
}

}  // namespace continuo::kernels
