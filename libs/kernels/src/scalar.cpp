#include <algorithm>
#include <cmath>
#include <cstdint>

#include "continuo/kernels/number_types.h"

#include "int16.h"
#include "kernel_table.h"
#include "training/scalar_functions.h"

// The reference: what each kernel means, in plain C++.
namespace continuo::kernels {
namespace {

float evaluate(Function function, float x) {
  switch (function) {
    case Function::kExp:
      return std::exp(std::clamp(x, -87.0F, 87.0F));
    case Function::kTanh:
      return std::tanh(x);
    case Function::kSigmoid:
      return sigmoid(x);
    case Function::kErf:
      return std::erf(x);
    case Function::kGelu:
      return activated(Activation::kGelu, x);
    case Function::kGeluTanh:
      return activated(Activation::kGeluTanh, x);
    case Function::kSilu:
      return activated(Activation::kSilu, x);
  }
  return x;
}

// Number (k, column) of a panel.
template <typename Number>
float panel_number(const Panels& panels, const std::byte* panel, std::size_t k, std::size_t column) {
  const std::size_t group = panels.group;
  return to_float(reinterpret_cast<const Number*>(panel)[(k / group * kPanelRows + column) * group + k % group]);
}

float right_number(const Panels& panels, const std::byte* panel, std::size_t k, std::size_t column) {
  if (panels.precision == Precision::kFp32) return panel_number<float>(panels, panel, k, column);
  if (panels.precision == Precision::kFp16) return panel_number<Fp16>(panels, panel, k, column);
  return panel_number<Bf16>(panels, panel, k, column);
}

// Sums of one row and one panel.
void float_sums(const PanelProduct& p, std::size_t row, std::size_t panel, float* sums) {
  const float* left = p.left.data + row * p.left.stride;
  const std::byte* right = p.right.data + panel * p.right.stride;
  std::fill_n(sums, kPanelRows, 0.0F);
  for (std::size_t k = 0; k < p.depth; ++k) {
    for (std::size_t column = 0; column < kPanelRows; ++column) {
      sums[column] += left[k] * right_number(p.right, right, k, column);
    }
  }
}

// Groups of 4 hold numbers plus 128, without a sign.
std::int32_t int8_number(const Panels& panels, const std::byte* panel, std::size_t k, std::size_t column) {
  const std::size_t group = panels.group;
  const auto byte = static_cast<std::uint8_t>(panel[(k / group * kPanelRows + column) * group + k % group]);
  return static_cast<std::int8_t>(group == 4 ? byte ^ 0x80U : byte);
}

void int8_sums(const PanelProduct& p, std::size_t row, std::size_t panel, float* sums) {
  const float* left = p.left.data + row * p.left.stride;
  const std::byte* right = p.right.data + panel * p.right.stride;
  float top = 0, magnitudes = 0;
  for (std::size_t k = 0; k < p.depth; ++k) {
    top = std::max(top, std::abs(left[k]));
    magnitudes += std::abs(left[k]);
  }
  const float inverse = int16_inverse_step(top, magnitudes);
  std::int32_t whole[kPanelRows] = {};
  for (std::size_t k = 0; k < p.depth; ++k) {
    const float number = left[k] * inverse;
    const auto a = std::isfinite(number) ? static_cast<std::int32_t>(std::nearbyint(number)) : 0;
    for (std::size_t column = 0; column < kPanelRows; ++column) {
      whole[column] += a * int8_number(p.right, right, k, column);
    }
  }
  const float step = inverse == 0 ? 0 : 1 / inverse;
  for (std::size_t column = 0; column < kPanelRows; ++column) {
    const float scale = p.right.scales == nullptr ? 1 : p.right.scales[panel * kPanelRows + column];
    sums[column] = static_cast<float>(whole[column]) * (step * scale);
  }
}

void panel_product(const PanelProduct& p) noexcept {
  for (std::size_t row = 0; row < p.rows; ++row) {
    for (std::size_t panel = 0; panel < p.panels(); ++panel) {
      float sums[kPanelRows];
      if (p.right.precision == Precision::kInt8) {
        int8_sums(p, row, panel, sums);
      } else {
        float_sums(p, row, panel, sums);
      }
      const std::size_t first = panel * kPanelRows;
      for (std::size_t column = first; column < std::min(p.columns, first + kPanelRows); ++column) {
        const float sum = sums[column - first] + (p.bias != nullptr ? p.bias[column] : 0.0F);
        const float rest = p.residual.data != nullptr ? p.residual.data[row * p.residual.stride + column] : 0.0F;
        p.out.data[row * p.out.stride + column] = activated(p.activation, sum) + rest;
      }
    }
  }
}

void apply_all(Function function, float* x, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) x[i] = evaluate(function, x[i]);
}

void norm(const NormWeights& weights, const float* input, float* output, std::size_t width) noexcept {
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

void normalise_exponentials(float* x, std::size_t count, float scale) noexcept {
  const float top = *std::max_element(x, x + count);
  float sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += x[i] = evaluate(Function::kExp, (x[i] - top) * scale);
  for (std::size_t i = 0; i < count; ++i) x[i] /= sum;
}

void update_cell(const LstmGates& gates, float* cell, float* hidden, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    cell[i] = sigmoid(gates.forget[i]) * cell[i] + sigmoid(gates.input[i]) * std::tanh(gates.candidate[i]);
    hidden[i] = sigmoid(gates.output[i]) * std::tanh(cell[i]);
  }
}

}  // namespace

const KernelTable& scalar_table() {
  static constexpr KernelTable kTable = {panel_product, nullptr, apply_all, norm, normalise_exponentials, update_cell};
  return kTable;
}

}  // namespace continuo::kernels
