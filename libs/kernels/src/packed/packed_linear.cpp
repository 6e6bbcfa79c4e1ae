#include "continuo/kernels/packed_linear.h"

#include <algorithm>

#include "isa/dispatch.h"
#include "memory/scratch.h"
#include "packed/panel_product.h"
#include "packed/product_scratch.h"

namespace continuo::kernels {

const PanelTable& panel_kernels() noexcept {
  static const Dispatch<PanelTable> tables(scalar_panel_table(), simd_panel_table);
  return tables.active();
}

void linear(const PackedMatrix& matrix, const LinearCall& call, Range panels) noexcept {
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
  if (call.residual) product.residual = {call.residual.data + first, call.residual.stride};
  product.out = {call.output.data + first, call.output.stride};
  product.activation = call.activation;
  panel_kernels().product(product);
}

std::size_t prepared_left_bytes(Precision weights, std::size_t rows, std::size_t depth) {
  return left_form(weights) == LeftForm::kFloats ? 0 : rows * left_row_bytes(depth);
}

void prepare_left(Precision weights, std::size_t depth, Matrix<const float> input, Range rows,
                  std::byte* memory) noexcept {
  const LeftForm form = left_form(weights);
  if (form == LeftForm::kFloats) return;
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    panel_kernels().prepare_row(form, input.row(row), depth, memory + row * left_row_bytes(depth));
  }
}

void reserve_linear_memory(Precision precision, std::size_t depth) { Scratch(product_scratch_bytes(precision, depth)); }

}  // namespace continuo::kernels
