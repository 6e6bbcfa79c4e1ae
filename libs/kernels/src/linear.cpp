#include "continuo/kernels/linear.h"

#include <algorithm>

#include "kernel_table.h"
#include "product_scratch.h"
#include "training/scratch.h"

namespace continuo::kernels {

void linear(const PackedMatrix& matrix, const LinearCall& call, PanelRange panels) noexcept {
  const std::size_t first = panels.begin * kPanelRows, end = std::min(panels.end * kPanelRows, matrix.rows());
  if (first >= end || call.rows == 0) return;
  PanelProduct product;
  product.rows = call.rows;
  product.depth = matrix.columns();
  product.columns = end - first;
  product.left = call.input;
  product.prepared = call.prepared;
  product.right = matrix.view().from(panels.begin);
  product.bias = matrix.bias() + first;
  if (call.residual.data != nullptr) product.residual = {call.residual.data + first, call.residual.stride};
  product.out = {call.output.data + first, call.output.stride};
  product.activation = call.activation;
  kernels_in_use().panel_product(product);
}

std::size_t prepared_left_bytes(Precision weights, std::size_t rows, std::size_t depth) {
  return left_form(weights) == LeftForm::kFloats ? 0 : rows * left_row_bytes(depth);
}

void prepare_left(Precision weights, std::size_t depth, ConstRows input, std::size_t first_row, std::size_t rows,
                  std::byte* memory) noexcept {
  const LeftForm form = left_form(weights);
  if (form == LeftForm::kFloats) return;
  for (std::size_t row = first_row; row < first_row + rows; ++row) {
    kernels_in_use().prepare_row(form, input.data + row * input.stride, depth, memory + row * left_row_bytes(depth));
  }
}

void reserve_linear_memory(Precision precision, std::size_t depth) { Scratch(product_scratch_bytes(precision, depth)); }

}  // namespace continuo::kernels
