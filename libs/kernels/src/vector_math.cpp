#include "continuo/kernels/vector_math.h"

#include "kernel_table.h"

namespace continuo::kernels {

void map_in_place(Function function, std::span<float> x) noexcept {
  kernels_in_use().apply(function, x.data(), x.size());
}

void layer_norm(const NormWeights& weights, const float* input, float* output, std::size_t width) noexcept {
  kernels_in_use().layer_norm(weights, input, output, width);
}

void softmax(std::span<float> x, float scale) noexcept { kernels_in_use().softmax(x.data(), x.size(), scale); }

void add(const float* a, const float* b, float* sum, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) sum[i] = a[i] + b[i];
}

void multiply(const float* a, const float* b, float* product, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) product[i] = a[i] * b[i];
}

void lstm_cell(const LstmGates& gates, float* cell, float* hidden, std::size_t count) noexcept {
  kernels_in_use().lstm_cell(gates, cell, hidden, count);
}

}  // namespace continuo::kernels
