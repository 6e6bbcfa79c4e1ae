// Linear layers in Highway's portable vectors, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linear/linear_simd.cpp"
#include <algorithm>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "elementwise/functions-inl.h"
#include "isa/simd_targets.h"
#include "linear/linear_table.h"
#include "matmul/block_product-inl.h"
#include "matmul/packing-inl.h"
#include "memory/scratch.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

// Rows that share a panel while it is in the cache.
constexpr std::size_t kRowChunk = 4 * kBlockRows;
// Tokens whose gradients are transposed together.
constexpr std::size_t kTokenChunk = 512;

// What follows the sums of up to a vector of columns of one row.
template <typename Number>
HWY_INLINE void finish_vector(const LinearProduct<Number>& c, std::size_t row, std::size_t column, std::size_t count,
                              Vec sum) {
  if (c.bias != nullptr) sum = hn::Add(sum, load_up_to(c.bias + column, count));
  if (c.before_activation) store_up_to(sum, c.before_activation.row(row) + column, count);
  if (c.derivative_at) {
    sum = hn::Mul(sum, derivative(c.activation, load_up_to(c.derivative_at.row(row) + column, count)));
  } else {
    sum = activated(c.activation, sum);
  }
  if (c.dropout) {
    sum = hn::Mul(sum, drop_factors(c.dropout, static_cast<std::uint32_t>(row * c.weights.outputs + column)));
  }
  if (c.residual) sum = hn::Add(sum, load_up_to(c.residual.row(row) + column, count));
  if (c.output) store_up_to(sum, c.output.row(row) + column, count);
  if (c.wide_output) store_up_to(sum, c.wide_output.row(row) + column, count);
}

// Sums of a block of rows and one panel.
template <typename Number>
HWY_INLINE void finish_block(const LinearProduct<Number>& c, std::size_t first, std::size_t rows, std::size_t column,
                             const float* sums) {
  const std::size_t width = std::min(kPanelRows, c.weights.outputs - column);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < width; i += kLanes) {
      finish_vector(c, first + r, column + i, width - i, load(sums + r * kPanelRows + i));
    }
  }
}

// One panel for a chunk of rows: all of its depth, then what follows.
template <typename Number>
void panel_of_rows(const Products<Number>& product, const LinearProduct<Number>& c, std::size_t first, std::size_t rows,
                   std::size_t panel, float* sums) {
  BlockProduct<Number> p;
  p.rows = rows;
  p.depth = round_up(c.weights.depth, kGroup<Number>);
  p.left = c.input.row(first);
  p.row_stride = c.input.stride;
  p.right = c.weights.data + panel * p.depth * kPanelRows;
  p.out = sums;
  product_by_blocks(product, p);
  finish_block(c, first, rows, panel * kPanelRows, sums);
}

template <typename Number>
void linear_rows(const LinearProduct<Number>& c, Part part) {
  const Products<Number> product;
  alignas(64) float sums[kRowChunk * kPanelRows];
  const std::size_t blocks = (c.rows + kBlockRows - 1) / kBlockRows;
  const std::size_t end = std::min(c.rows, part.end(blocks) * kBlockRows);
  for (std::size_t first = part.begin(blocks) * kBlockRows; first < end; first += kRowChunk) {
    const std::size_t rows = std::min(kRowChunk, end - first);
    for (std::size_t panel = 0; panel < panels_for(c.weights.outputs); ++panel) {
      panel_of_rows(product, c, first, rows, panel, sums);
    }
  }
}

template <typename Number>
void pack(WeightSide side, std::size_t outputs, std::size_t inputs, const float* weights, Number* packed, Part part) {
  const bool forward = side == WeightSide::kForward;
  const std::size_t columns = forward ? outputs : inputs, depth = forward ? inputs : outputs;
  const std::size_t panels = panels_for(columns), panel_size = round_up(depth, kGroup<Number>) * kPanelRows;
  for (std::size_t panel = part.begin(panels); panel < part.end(panels); ++panel) {
    const std::size_t first = panel * kPanelRows, width = std::min(kPanelRows, columns - first);
    Number* to = packed + panel * panel_size;
    if (forward) {
      pack_panel_transposed(weights + first * inputs, inputs, width, depth, to);
    } else {
      pack_panel(weights + first, inputs, depth, width, to);
    }
  }
}

template <typename Number>
void sum_gradient(const WeightGradient<Number>& c, std::size_t begin, std::size_t end) {
  for (std::size_t column = begin; column < end; column += kLanes) {
    const std::size_t count = end - column;
    Vec sum = c.accumulate ? load_up_to(c.bias + column, count) : hn::Zero(kTag);
    for (std::size_t t = 0; t < c.rows; ++t) sum = hn::Add(sum, load_up_to(c.gradient.row(t) + column, count));
    store_up_to(sum, c.bias + column, count);
  }
}

// The part of dW that one thread makes.
struct WeightRange {
  std::size_t output_begin, output_end, panel_begin, panel_end;
};

template <typename Number>
void chunk_of_weights(const Products<Number>& product, const WeightGradient<Number>& c, const WeightRange& range,
                      std::size_t token, std::size_t tokens, Number* left, Number* panels) {
  const std::size_t depth = round_up(tokens, kGroup<Number>), left_stride = round_up(tokens, kNumbers<Number>);
  for (std::size_t panel = range.panel_begin; panel < range.panel_end; ++panel) {
    const std::size_t column = panel * kPanelRows;
    pack_panel(c.input.row(token) + column, c.input.stride, tokens, std::min(kPanelRows, c.inputs - column),
               panels + (panel - range.panel_begin) * depth * kPanelRows);
  }
  alignas(64) float sums[kBlockRows * kPanelRows];
  for (std::size_t output = range.output_begin; output < range.output_end; output += kBlockRows) {
    const std::size_t rows = std::min(kBlockRows, range.output_end - output);
    transpose_rows(c.gradient.row(token) + output, c.gradient.stride, tokens, rows, left, left_stride);
    for (std::size_t panel = range.panel_begin; panel < range.panel_end; ++panel) {
      const std::size_t column = panel * kPanelRows, width = std::min(kPanelRows, c.inputs - column);
      BlockProduct<Number> p;
      p.rows = rows;
      p.depth = depth;
      p.left = left;
      p.row_stride = left_stride;
      p.right = panels + (panel - range.panel_begin) * depth * kPanelRows;
      p.out = sums;
      product(p);
      const bool add = token > 0 || c.accumulate;
      for (std::size_t r = 0; r < rows; ++r) {
        float* out = c.weights.row(output + r) + column;
        for (std::size_t i = 0; i < width; i += kLanes) {
          const Vec sum = load(sums + r * kPanelRows + i);
          store_up_to(add ? hn::Add(sum, load_up_to(out + i, width - i)) : sum, out + i, width - i);
        }
      }
    }
  }
}

template <typename Number>
void gradient_of_weights(const WeightGradient<Number>& c, Part part) {
  const std::size_t panels = panels_for(c.inputs), blocks = (c.outputs + kBlockRows - 1) / kBlockRows;
  WeightRange range{0, c.outputs, 0, panels};
  // The wider side is split, since each thread packs all of the other.
  if (c.inputs > c.outputs) {
    range.panel_begin = part.begin(panels);
    range.panel_end = part.end(panels);
  } else {
    range.output_begin = std::min(c.outputs, part.begin(blocks) * kBlockRows);
    range.output_end = std::min(c.outputs, part.end(blocks) * kBlockRows);
  }
  if (c.bias != nullptr) {
    const std::size_t groups = panels_for(c.outputs);
    sum_gradient(c, std::min(c.outputs, part.begin(groups) * kPanelRows),
                 std::min(c.outputs, part.end(groups) * kPanelRows));
  }
  const Products<Number> product;
  const std::size_t tokens = std::min(kTokenChunk, c.rows);
  const std::size_t left_size = kBlockRows * round_up(tokens, kNumbers<Number>);
  const std::size_t own_panels = range.panel_end - range.panel_begin;
  const std::size_t panels_size = own_panels * kPanelRows * round_up(tokens, kGroup<Number>);
  Scratch scratch((left_size + panels_size) * sizeof(Number));
  auto* left = scratch.take<Number>(left_size);
  auto* packed = scratch.take<Number>(panels_size);
  for (std::size_t token = 0; token < c.rows; token += kTokenChunk) {
    chunk_of_weights(product, c, range, token, std::min(kTokenChunk, c.rows - token), left, packed);
  }
}

template <typename Number>
constexpr LinearTable<Number> kLinearTable = {pack<Number>, linear_rows<Number>, gradient_of_weights<Number>};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

CONTINUO_SIMD_TABLES_OF_NUMBERS(LinearTable, simd_linear_table, kLinearTable)

}  // namespace continuo::kernels
#endif
