#include "continuo/kernels/linear.h"

#include <algorithm>

#include "continuo/base/platform/platform.h"

#include "kernel_table.h"

namespace continuo::kernels {

AlignedFloats::AlignedFloats(std::size_t count)
    : memory_(static_cast<float*>(platform::allocate_pages(std::max<std::size_t>(count, 1) * sizeof(float))),
              Release{std::max<std::size_t>(count, 1) * sizeof(float)}),
      count_(count) {}

void AlignedFloats::Release::operator()(float* memory) const { platform::free_pages(memory, bytes); }

PackedMatrix::PackedMatrix(std::size_t rows, std::size_t columns, std::span<const float> weights,
                           std::span<const float> bias)
    : rows_(rows), columns_(columns), weights_(panels() * kPanelRows * columns), bias_(panels() * kPanelRows) {
  for (std::size_t row = 0; row < rows; ++row) {
    float* lane = weights_.data() + row / kPanelRows * kPanelRows * columns + row % kPanelRows;
    const float* source = weights.data() + row * columns;
    for (std::size_t column = 0; column < columns; ++column) lane[column * kPanelRows] = source[column];
  }
  std::copy(bias.begin(), bias.end(), bias_.data());
}

void linear(const PackedMatrix& matrix, const LinearCall& call, PanelRange panels) {
  const KernelTable& table = kernels_in_use();
  for (std::size_t index = panels.begin; index < panels.end; ++index) {
    const std::size_t column = index * kPanelRows;
    PanelProduct product;
    product.rows = call.rows;
    product.depth = matrix.columns();
    product.width = std::min(kPanelRows, matrix.rows() - column);
    product.left = call.input;
    product.panel = matrix.panel(index);
    product.bias = matrix.panel_bias(index);
    if (call.residual.data != nullptr) product.residual = {call.residual.data + column, call.residual.stride};
    product.out = {call.output.data + column, call.output.stride};
    product.activation = call.activation;
    table.panel_product(product);
  }
}

}  // namespace continuo::kernels
