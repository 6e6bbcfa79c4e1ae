#include <algorithm>
#include <cmath>

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

void panel_product(const PanelProduct& p) noexcept {
  for (std::size_t row = 0; row < p.rows; ++row) {
    float sums[kPanelRows] = {};
    const float* left = p.left.data + row * p.left.stride;
    for (std::size_t k = 0; k < p.depth; ++k) {
      for (std::size_t column = 0; column < kPanelRows; ++column) {
        sums[column] += left[k] * p.panel[k * kPanelRows + column];
      }
    }
    for (std::size_t column = 0; column < p.width; ++column) {
      const float sum = sums[column] + (p.bias != nullptr ? p.bias[column] : 0.0F);
      const float rest = p.residual.data != nullptr ? p.residual.data[row * p.residual.stride + column] : 0.0F;
      p.out.data[row * p.out.stride + column] = activated(p.activation, sum) + rest;
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
  static constexpr KernelTable kTable = {panel_product, apply_all, norm, normalise_exponentials, update_cell};
  return kTable;
}

}  // namespace continuo::kernels
