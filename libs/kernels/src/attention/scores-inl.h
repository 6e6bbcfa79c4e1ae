// Scores of a block of queries and keys: by content, and by distance where there are keys of distances.
#if defined(CONTINUO_KERNELS_SCORES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONTINUO_KERNELS_SCORES_INL_H_
#undef CONTINUO_KERNELS_SCORES_INL_H_
#else
#define CONTINUO_KERNELS_SCORES_INL_H_
#endif

#include <algorithm>

#include "attention/kv_head-inl.h"
#include "isa/simd_targets.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

// The keys of distances of one head in the order of the keys that a query is multiplied with, from the first token to
// the last: key j of the query at `position` has column j - position + keys - 1. So a row of scores gains neighbouring
// products.
template <typename Number>
struct DistanceMemory {
  Number *rows, *across, *along;  // one row for each column; packed across, and along for the backward pass
  float* products;                // [kBlockRows, kWindow]
  // Of the backward pass: a block's score gradients, each under its column, by rows and transposed; queries, packed
  // along; sums of gradients for each column.
  Number *score_gradient_rows, *score_gradients, *queries_along;
  float *query_gradients, *gradients;
};

// The most columns that a block of queries and keys has distances in.
constexpr std::size_t kWindow = round_up(kKeyBlock + kBlockRows + kPanelRows, kPanelRows);

template <typename Number>
std::size_t column_count(const KvHead<Number>& kv) {
  const std::size_t keys = kv.in.shape.causal ? kv.keys() : 2 * kv.keys() - 1;
  return round_up(keys + kWindow, kPanelRows);
}

// The window of columns of one block: it begins at a panel, and row r of the block is `shift(r)` into it.
struct DistanceWindow {
  std::size_t first, columns;
  std::size_t row_zero;  // the first column of row 0
  std::size_t shift(std::size_t row) const { return row_zero - row - first; }
};
template <typename Number>
DistanceWindow window_of(const KvHead<Number>& kv, const QueryBlock& block, std::size_t first, std::size_t keys) {
  const std::size_t row_zero = first + kv.keys() - 1 - (kv.context_keys() + block.first);
  const std::size_t begin = (row_zero - (block.rows - 1)) / kPanelRows * kPanelRows;
  return {begin, round_up(row_zero + keys - begin, kPanelRows), row_zero};
}

// Requires: only columns of visible keys matter; the others are zero.
template <typename Number>
void gather_distances(const KvHead<Number>& kv, std::size_t head, const DistanceMemory<Number>& memory) {
  const DistanceKeys<Number>& distances = kv.in.distances;
  const std::size_t width = kv.width(), last = kv.keys() - 1, columns = column_count(kv);
  for (std::size_t column = 0; column < columns; ++column) {
    Number* row = memory.rows + column * width;
    if (column > 2 * last) {
      std::fill_n(row, width, Number{});
    } else {
      const std::size_t position = column < last ? last - column : 0, key = column < last ? 0 : column - last;
      std::copy_n(distances.keys.row(distance_row(distances, position, key)) + head * width, width, row);
    }
  }
  pack_across(memory.rows, width, columns, width, memory.across);
}

// Adds the products of a block's queries with the keys of their distances to its scores.
template <typename Number>
void add_distance_scores(const KvHead<Number>& kv, const QueryBlock& block, std::size_t first, std::size_t keys,
                         const DistanceMemory<Number>& memory, float* scores) {
  const std::size_t width = kv.width(), depth = round_up(width, kGroup<Number>), padded = round_up(keys, kPanelRows);
  const DistanceWindow window = window_of(kv, block, first, padded);
  const auto queries =
      head_of(kv.in.distances.queries, kv.batch * kv.in.shape.queries + block.first, block.head, width);
  products_across(kv.product, queries, block.rows, width, memory.across + window.first * depth, window.columns,
                  Matrix<float>{memory.products, kWindow});
  for (std::size_t r = 0; r < block.rows; ++r) {
    float* row = scores + r * kKeyBlock;
    const float* products = memory.products + r * kWindow + window.shift(r);
    for (std::size_t i = 0; i < padded; i += kLanes) store(hn::Add(load(row + i), load(products + i)), row + i);
  }
}

// scores = the block's queries times its keys and the keys of its distances.
template <typename Number>
void score_block(const KvHead<Number>& kv, const QueryBlock& block, std::size_t first, std::size_t keys,
                 const Number* keys_across, const DistanceMemory<Number>& distances, float* scores) {
  const std::size_t width = kv.width(), row = kv.batch * kv.in.shape.queries + block.first;
  products_across(kv.product, head_of(kv.in.queries, row, block.head, width), block.rows, width,
                  keys_across + first * round_up(width, kGroup<Number>), keys, Matrix<float>{scores, kKeyBlock});
  if (kv.in.distances) add_distance_scores(kv, block, first, keys, distances, scores);
}

// From is Scratch, or ScratchSize to learn how much will be taken.
template <typename Number, typename From>
DistanceMemory<Number> take_distances(From& from, const KvHead<Number>& kv) {
  const std::size_t columns = column_count(kv);
  DistanceMemory<Number> memory{};
  memory.rows = from.template take<Number>(columns * kv.width());
  memory.across = from.template take<Number>(columns * kv.padded_width());
  memory.products = from.template take<float>(kBlockRows * kWindow);
  return memory;
}

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
