// Attention for training in Highway's portable vectors, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/attention_simd.cpp"
#include <algorithm>
#include <cmath>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "../simd_targets.h"
#include "attention_table.h"
#include "block_product-inl.h"
#include "packing-inl.h"
#include "scratch.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

constexpr std::size_t kKeyBlock = 256;  // keys whose scores exist at the same time
constexpr float kHidden = -1e30F;

// One head of keys and values of one sequence, and what its queries need to know.
template <typename Number>
struct Unit {
  const AttentionInputs<Number>& in;
  const Products<Number>& product;
  std::size_t batch, key_head;

  std::size_t width() const { return in.shape.head_width; }
  std::size_t padded_width() const { return round_up(width(), kPanelRows); }
  std::size_t keys() const { return in.shape.keys; }
  std::size_t padded_keys() const { return round_up(keys(), kPanelRows); }
  std::size_t memory() const { return keys() - in.shape.queries; }  // keys before the first query's own
  const Number* key(std::size_t at) const { return in.keys.row(batch * keys() + at) + key_head * width(); }
  const Number* value(std::size_t at) const { return in.values.row(batch * keys() + at) + key_head * width(); }
  const std::uint8_t* hidden() const { return in.hidden_keys == nullptr ? nullptr : in.hidden_keys + batch * keys(); }
};

// A block of queries of one head.
struct QueryBlock {
  std::size_t head, first, rows;
};

// Heads as right-hand sides. Keys across: a panel of 32 keys, summed over features. Along: panels of 32 features,
// summed over keys.
template <typename Number>
void pack_across(const Number* rows, std::size_t stride, std::size_t count, std::size_t width, Number* packed) {
  const std::size_t depth = round_up(width, kGroup<Number>);
  for (std::size_t first = 0; first < count; first += kPanelRows) {
    pack_panel_transposed(rows + first * stride, stride, std::min(kPanelRows, count - first), width,
                          packed + first * depth);
  }
}
template <typename Number>
void pack_along(const Number* rows, std::size_t stride, std::size_t count, std::size_t width, Number* packed) {
  const std::size_t padded = round_up(count, kPanelRows);
  for (std::size_t first = 0; first < width; first += kPanelRows) {
    Number* panel = packed + first * padded;
    pack_panel(rows + first, stride, count, std::min(kPanelRows, width - first), panel);
    const std::size_t filled = round_up(count, kGroup<Number>);
    std::fill(panel + filled * kPanelRows, panel + padded * kPanelRows, Number{});
  }
}

// out [rows, keys of the block] = left [rows, width] across'
template <typename Number>
HWY_INLINE void products_across(const Products<Number>& product, Matrix<const Number> left, std::size_t rows,
                                std::size_t width, const Number* across, std::size_t keys, Matrix<float> out) {
  BlockProduct<Number> p;
  p.rows = rows;
  p.depth = round_up(width, kGroup<Number>);
  p.left = left.data;
  p.row_stride = left.stride;
  p.out_stride = out.stride;
  for (std::size_t key = 0; key < keys; key += kPanelRows) {
    p.right = across + key * p.depth;
    p.out = out.data + key;
    product(p);
  }
}

// out [rows, width] += left [rows, depth] along[first..first + depth]
template <typename Number>
HWY_INLINE void add_products_along(const Products<Number>& product, BlockProduct<Number> p, const Number* along,
                                   std::size_t padded_count, std::size_t first, std::size_t width, float* out) {
  p.out_stride = round_up(width, kPanelRows);
  p.accumulate = true;
  for (std::size_t feature = 0; feature < width; feature += kPanelRows) {
    p.right = along + feature * padded_count + first * kPanelRows;
    p.out = out + feature;
    product(p);
  }
}

template <typename Number>
HWY_INLINE void hide(const Unit<Number>& unit, std::size_t position, std::size_t first, std::size_t keys,
                     std::size_t padded, float* scores) {
  const VisibleKeys seen = visible_keys(unit.in.shape, position, first, keys);
  std::fill(scores, scores + seen.begin, kHidden);
  std::fill(scores + std::max(seen.begin, seen.end), scores + padded, kHidden);
  if (unit.hidden() == nullptr) return;
  for (std::size_t key = seen.begin; key < seen.end; ++key) {
    if (unit.hidden()[first + key] != 0) scores[key] = kHidden;
  }
}

// Exponentials below this share of the largest are hidden keys.
HWY_INLINE Vec weight_of(Vec scores, Vec factor, Vec offset) {
  const Vec weights = exp_of(hn::MulSub(scores, factor, offset));
  return hn::IfThenZeroElse(hn::Lt(scores, constant(0.5F * kHidden)), weights);
}

// Of a matrix of heads, the columns of one head from a row on.
template <typename Number>
HWY_INLINE Matrix<Number> head_of(Matrix<Number> heads, std::size_t row, std::size_t head, std::size_t width) {
  return {heads.row(row) + head * width, heads.stride};
}

// The keys of distances of one head in the order in which a query meets them, from the first token to the last: key j of
// the query at `position` has column j - position + keys - 1. So a row of scores gains neighbouring products.
template <typename Number>
struct DistanceMemory {
  Number *rows, *across, *along;  // one row for each column; packed across, and along for the backward pass
  float* products;                // [kBlockRows, kWindow]
  // Of the backward pass: a block's slopes, each under its column, by rows and transposed; queries, packed along; sums of
  // gradients for each column.
  Number *slope_rows, *slopes, *queries_along;
  float *query_gradients, *gradients;
};

// The columns that a block of queries and keys meets at most.
constexpr std::size_t kWindow = round_up(kKeyBlock + kBlockRows + kPanelRows, kPanelRows);

template <typename Number>
std::size_t column_count(const Unit<Number>& unit) {
  const std::size_t keys = unit.in.shape.causal ? unit.keys() : 2 * unit.keys() - 1;
  return round_up(keys + kWindow, kPanelRows);
}

// The window of columns of one block: it begins at a panel, and row r of the block is `shift(r)` into it.
struct DistanceWindow {
  std::size_t first, columns;
  std::size_t row_zero;  // the first column of row 0
  std::size_t shift(std::size_t row) const { return row_zero - row - first; }
};
template <typename Number>
DistanceWindow window_of(const Unit<Number>& unit, const QueryBlock& block, std::size_t first, std::size_t keys) {
  const std::size_t row_zero = first + unit.keys() - 1 - (unit.memory() + block.first);
  const std::size_t begin = (row_zero - (block.rows - 1)) / kPanelRows * kPanelRows;
  return {begin, round_up(row_zero + keys - begin, kPanelRows), row_zero};
}

// Requires: only columns of visible keys matter; the others are zero.
template <typename Number>
void gather_distances(const Unit<Number>& unit, std::size_t head, const DistanceMemory<Number>& memory) {
  const DistanceKeys<Number>& distances = unit.in.distances;
  const std::size_t width = unit.width(), last = unit.keys() - 1, columns = column_count(unit);
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
void add_distance_scores(const Unit<Number>& unit, const QueryBlock& block, std::size_t first, std::size_t keys,
                         const DistanceMemory<Number>& memory, float* scores) {
  const std::size_t width = unit.width(), depth = round_up(width, kGroup<Number>), padded = round_up(keys, kPanelRows);
  const DistanceWindow window = window_of(unit, block, first, padded);
  const auto queries =
      head_of(unit.in.distances.queries, unit.batch * unit.in.shape.queries + block.first, block.head, width);
  products_across(unit.product, queries, block.rows, width, memory.across + window.first * depth, window.columns,
                  Matrix<float>{memory.products, kWindow});
  for (std::size_t r = 0; r < block.rows; ++r) {
    float* row = scores + r * kKeyBlock;
    const float* products = memory.products + r * kWindow + window.shift(r);
    for (std::size_t i = 0; i < padded; i += kLanes) store(hn::Add(load(row + i), load(products + i)), row + i);
  }
}

// scores = the block's queries times its keys and the keys of its distances.
template <typename Number>
void score_block(const Unit<Number>& unit, const QueryBlock& block, std::size_t first, std::size_t keys,
                 const Number* keys_across, const DistanceMemory<Number>& distances, float* scores) {
  const std::size_t width = unit.width(), row = unit.batch * unit.in.shape.queries + block.first;
  products_across(unit.product, head_of(unit.in.queries, row, block.head, width), block.rows, width,
                  keys_across + first * round_up(width, kGroup<Number>), keys, Matrix<float>{scores, kKeyBlock});
  if (unit.in.distances) add_distance_scores(unit, block, first, keys, distances, scores);
}

// The running softmax of a block of queries.
struct RunningSoftmax {
  float largest[kBlockRows], sum[kBlockRows];
  float* mixed;  // [rows, padded width]: values weighted so far, relative to `largest`
};

// Turns one row of scores into weights and brings the row's sums up to date.
template <typename Number>
HWY_INLINE void weigh_row(const Unit<Number>& unit, const QueryBlock& block, std::size_t row, std::size_t first,
                          std::size_t keys, float* scores, Number* weights, RunningSoftmax& running) {
  const std::size_t padded = round_up(keys, kPanelRows), query = block.first + row;
  hide(unit, unit.memory() + query, first, keys, padded, scores);
  Vec top = constant(running.largest[row]);
  for (std::size_t i = 0; i < padded; i += kLanes) top = hn::Max(top, load(scores + i));
  const float largest = max_of(top), scale = 1.0F / std::sqrt(static_cast<float>(unit.width()));
  const Vec factor = constant(scale), offset = constant(largest * scale);
  Vec sum = hn::Zero(kTag);
  const DropRule& dropout = unit.in.dropout;
  for (std::size_t i = 0; i < padded; i += kLanes) {
    Vec weight = weight_of(load(scores + i), factor, offset);
    sum = hn::Add(sum, weight);
    if (dropout) {
      const auto index = weight_index(unit.in.shape, unit.batch, block.head, query, first + i);
      weight = hn::Mul(weight, drop_factors(dropout, index));
    }
    store(weight, weights + i);
  }
  const float before = running.largest[row];
  running.largest[row] = largest;
  if (before == largest) {
    running.sum[row] += sum_of(sum);
    return;
  }
  const float shrink = std::exp((before - largest) * scale);
  running.sum[row] = running.sum[row] * shrink + sum_of(sum);
  float* mixed = running.mixed + row * unit.padded_width();
  const Vec less = constant(shrink);
  for (std::size_t i = 0; i < unit.padded_width(); i += kLanes) store(hn::Mul(load(mixed + i), less), mixed + i);
}

// The keys that any query of a block sees, from a multiple of the panel's width on.
template <typename Number>
VisibleKeys keys_of_block(const Unit<Number>& unit, const QueryBlock& block) {
  const std::size_t position = unit.memory() + block.first;
  const VisibleKeys first = visible_keys(unit.in.shape, position, 0, unit.keys());
  const VisibleKeys last = visible_keys(unit.in.shape, position + block.rows - 1, 0, unit.keys());
  return {first.begin / kPanelRows * kPanelRows, last.end};
}

template <typename Number>
struct ForwardMemory {
  Number *keys_across, *values_along, *weights;
  float *scores, *mixed;
  DistanceMemory<Number> distances;
};

template <typename Number>
void attend_block(const AttentionForward<Number>& call, const Unit<Number>& unit, const QueryBlock& block,
                  const ForwardMemory<Number>& memory) {
  const AttentionShape& shape = unit.in.shape;
  const std::size_t width = unit.width(), row = unit.batch * shape.queries + block.first;
  RunningSoftmax running;
  running.mixed = memory.mixed;
  std::fill_n(running.largest, block.rows, kHidden);
  std::fill_n(running.sum, block.rows, 0.0F);
  std::fill_n(memory.mixed, block.rows * unit.padded_width(), 0.0F);
  const VisibleKeys seen = keys_of_block(unit, block);
  for (std::size_t first = seen.begin; first < seen.end; first += kKeyBlock) {
    const std::size_t keys = std::min(kKeyBlock, seen.end - first);
    score_block(unit, block, first, keys, memory.keys_across, memory.distances, memory.scores);
    for (std::size_t r = 0; r < block.rows; ++r) {
      weigh_row(unit, block, r, first, keys, memory.scores + r * kKeyBlock, memory.weights + r * kKeyBlock, running);
    }
    BlockProduct<Number> mix;
    mix.rows = block.rows;
    mix.depth = round_up(keys, kGroup<Number>);
    mix.left = memory.weights;
    mix.row_stride = kKeyBlock;
    add_products_along(unit.product, mix, memory.values_along, unit.padded_keys(), first, width, memory.mixed);
  }
  const float scale = 1.0F / std::sqrt(static_cast<float>(width));
  for (std::size_t r = 0; r < block.rows; ++r) {
    const Vec inverse = constant(1.0F / running.sum[r]);
    const float* mixed = memory.mixed + r * unit.padded_width();
    Number* out = call.output.row(row + r) + block.head * width;
    for (std::size_t i = 0; i < width; i += kLanes) {
      store_up_to(hn::Mul(load(mixed + i), inverse), out + i, width - i);
    }
    call.log_sums[(unit.batch * shape.heads + block.head) * shape.queries + block.first + r] =
        running.largest[r] * scale + std::log(running.sum[r]);
  }
}

// From is Scratch, or ScratchSize to learn how much will be taken.
template <typename Number, typename From>
DistanceMemory<Number> take_distances(From& from, const Unit<Number>& unit) {
  const std::size_t columns = column_count(unit);
  DistanceMemory<Number> memory{};
  memory.rows = from.template take<Number>(columns * unit.width());
  memory.across = from.template take<Number>(columns * unit.padded_width());
  memory.products = from.template take<float>(kBlockRows * kWindow);
  return memory;
}

template <typename Number, typename From>
ForwardMemory<Number> take_forward(From& from, const Unit<Number>& unit) {
  const std::size_t head = unit.padded_keys() * unit.padded_width();
  ForwardMemory<Number> memory{};
  memory.keys_across = from.template take<Number>(head);
  memory.values_along = from.template take<Number>(head);
  memory.weights = from.template take<Number>(kBlockRows * kKeyBlock);
  memory.scores = from.template take<float>(kBlockRows * kKeyBlock);
  memory.mixed = from.template take<float>(kBlockRows * unit.padded_width());
  if (unit.in.distances) memory.distances = take_distances(from, unit);
  return memory;
}

template <typename Number>
void attend(const AttentionForward<Number>& call, Part part) {
  const AttentionShape& shape = call.inputs.shape;
  const std::size_t group = shape.heads / shape.key_heads;
  const Products<Number> product;
  const Unit<Number> sizes{call.inputs, product, 0, 0};
  ScratchSize size;
  take_forward(size, sizes);
  Scratch scratch(size.bytes());
  const ForwardMemory<Number> memory = take_forward(scratch, sizes);
  for (std::size_t index = part.begin(shape.units()); index < part.end(shape.units()); ++index) {
    const Unit<Number> unit{call.inputs, product, index / shape.key_heads, index % shape.key_heads};
    pack_across(unit.key(0), call.inputs.keys.stride, shape.keys, shape.head_width, memory.keys_across);
    pack_along(unit.value(0), call.inputs.values.stride, shape.keys, shape.head_width, memory.values_along);
    for (std::size_t head = unit.key_head * group; head < (unit.key_head + 1) * group; ++head) {
      if (call.inputs.distances) gather_distances(unit, head, memory.distances);
      for (std::size_t first = 0; first < shape.queries; first += kBlockRows) {
        attend_block(call, unit, {head, first, std::min(kBlockRows, shape.queries - first)}, memory);
      }
    }
  }
}

// Working memory of the backward pass. Packed heads as above; gradients are summed in fp32, rows of the padded width.
template <typename Number>
struct BackwardMemory {
  Number *keys_across, *values_across, *keys_along, *queries_along, *gradients_along;
  Number* weights;     // of one block: the left side of the values' gradient, transposed
  Number* slopes;      // gradients of scores: the left side of the keys' gradient, transposed
  Number* slope_rows;  // the same by rows, for the queries' gradient; fp32: the same memory
  float *scores, *weight_gradients;
  float *query_gradients, *key_gradients, *value_gradients;
  float* dots;  // of output and its gradient, for each query
  DistanceMemory<Number> distances;
};

// Where a transposed view of a block of rows keeps (row, key): groups of neighbouring rows lie together.
template <typename Number>
constexpr std::size_t grouped_index(std::size_t row, std::size_t key) {
  constexpr std::size_t kStep = kGroup<Number>;
  return row / kStep * kStep * kKeyBlock + key * kStep + row % kStep;
}

struct WeightAndSlope {
  Vec weight, slope;
};

// One vector of a row: the weights after dropout, and the gradients of the scores.
template <typename Number>
HWY_INLINE WeightAndSlope weight_and_slope(const Unit<Number>& unit, const QueryBlock& block, std::size_t row,
                                           std::size_t key, const float* scores, const float* weight_gradients,
                                           float log_sum, float dot) {
  const float scale = 1.0F / std::sqrt(static_cast<float>(unit.width()));
  Vec weight = weight_of(load(scores), constant(scale), constant(log_sum));
  Vec gradient = load(weight_gradients);
  Vec kept = weight;
  if (unit.in.dropout) {
    const auto index = weight_index(unit.in.shape, unit.batch, block.head, block.first + row, key);
    const Vec factors = drop_factors(unit.in.dropout, index);
    kept = hn::Mul(weight, factors);
    gradient = hn::Mul(gradient, factors);
  }
  return {kept, hn::Mul(hn::Mul(weight, constant(scale)), hn::Sub(gradient, constant(dot)))};
}

// Weights and slopes of a block, in the forms in which the products read them.
template <typename Number>
void weigh_block(const Unit<Number>& unit, const QueryBlock& block, std::size_t first, std::size_t keys,
                 const float* log_sums, const BackwardMemory<Number>& memory) {
  constexpr std::size_t kStep = kGroup<Number>;
  const std::size_t padded = round_up(keys, kPanelRows);
  for (std::size_t r = 0; r < block.rows; ++r) {
    hide(unit, unit.memory() + block.first + r, first, keys, padded, memory.scores + r * kKeyBlock);
  }
  for (std::size_t r = 0; r < block.rows; r += kStep) {
    for (std::size_t i = 0; i < padded; i += kLanes) {
      const auto of_row = [&](std::size_t row) {
        const std::size_t at = row * kKeyBlock + i;
        return weight_and_slope(unit, block, row, first + i, memory.scores + at, memory.weight_gradients + at,
                                log_sums[block.first + row], memory.dots[block.first + row]);
      };
      const WeightAndSlope one = of_row(r);
      WeightAndSlope next{hn::Zero(kTag), hn::Zero(kTag)};
      if (kStep == 2 && r + 1 < block.rows) next = of_row(r + 1);
      const std::size_t at = grouped_index<Number>(r, i);
      store_group(one.weight, next.weight, memory.weights + at);
      store_group(one.slope, next.slope, memory.slopes + at);
      if (kStep == 1) continue;
      store(one.slope, memory.slope_rows + r * kKeyBlock + i);
      store(next.slope, memory.slope_rows + (r + 1) * kKeyBlock + i);
    }
  }
}

// Moves a block's slopes under the columns of their distances: by rows, and transposed in groups of rows.
template <typename Number>
void shift_slopes(const DistanceWindow& window, std::size_t rows, std::size_t keys, const Number* slopes,
                  const DistanceMemory<Number>& memory) {
  constexpr std::size_t kStep = kGroup<Number>;
  std::fill_n(memory.slope_rows, round_up(rows, kStep) * kWindow, Number{});
  for (std::size_t r = 0; r < rows; ++r) {
    std::copy_n(slopes + r * kKeyBlock, keys, memory.slope_rows + r * kWindow + window.shift(r));
  }
  if (kStep == 1) return;  // the rows serve for both
  for (std::size_t r = 0; r < rows; r += kStep) {
    for (std::size_t i = 0; i < kStep * window.columns; ++i) {
      memory.slopes[r * kWindow + i] = memory.slope_rows[(r + i % kStep) * kWindow + i / kStep];
    }
  }
}

// What a block adds to the gradients of its distances' queries and keys.
template <typename Number>
void add_distance_gradients(const Unit<Number>& unit, const QueryBlock& block, std::size_t first, std::size_t keys,
                            const BackwardMemory<Number>& memory) {
  const DistanceMemory<Number>& distances = memory.distances;
  const std::size_t width = unit.width(), padded = round_up(keys, kPanelRows);
  const DistanceWindow window = window_of(unit, block, first, padded);
  shift_slopes(window, block.rows, padded, memory.slope_rows, distances);
  BlockProduct<Number> p;
  p.rows = block.rows;
  p.depth = window.columns;
  p.left = distances.slope_rows;
  p.row_stride = kWindow;
  add_products_along(unit.product, p, distances.along, column_count(unit), window.first, width,
                     distances.query_gradients + block.first * unit.padded_width());
  p.depth = round_up(block.rows, kGroup<Number>);
  p.row_stride = kGroup<Number>;
  p.step = kWindow * kGroup<Number>;
  for (std::size_t column = 0; column < window.columns; column += kBlockRows) {
    p.rows = std::min(kBlockRows, window.columns - column);
    p.left = distances.slopes + column * kGroup<Number>;
    add_products_along(unit.product, p, distances.queries_along, round_up(unit.in.shape.queries, kPanelRows),
                       block.first, width, distances.gradients + (window.first + column) * unit.padded_width());
  }
}

// One block of queries against some keys, of which no query sees those that come after them.
template <typename Number>
void backward_block(const AttentionBackward<Number>& call, const Unit<Number>& unit, const QueryBlock& block,
                    std::size_t first, std::size_t keys, const float* log_sums, const BackwardMemory<Number>& memory) {
  const AttentionShape& shape = unit.in.shape;
  const std::size_t width = unit.width(), depth = round_up(width, kGroup<Number>);
  const std::size_t row = unit.batch * shape.queries + block.first;
  score_block(unit, block, first, keys, memory.keys_across, memory.distances, memory.scores);
  products_across(unit.product, head_of(call.output_gradient, row, block.head, width), block.rows, width,
                  memory.values_across + first * depth, keys, Matrix<float>{memory.weight_gradients, kKeyBlock});
  weigh_block(unit, block, first, keys, log_sums, memory);
  if (unit.in.distances) add_distance_gradients(unit, block, first, keys, memory);

  BlockProduct<Number> p;
  p.rows = block.rows;
  p.depth = round_up(keys, kGroup<Number>);
  p.left = memory.slope_rows;
  p.row_stride = kKeyBlock;
  add_products_along(unit.product, p, memory.keys_along, unit.padded_keys(), first, width,
                     memory.query_gradients + block.first * unit.padded_width());
  const std::size_t padded_queries = round_up(shape.queries, kPanelRows);
  p.depth = round_up(block.rows, kGroup<Number>);
  p.row_stride = kGroup<Number>;
  p.step = kKeyBlock * kGroup<Number>;
  for (std::size_t key = 0; key < keys; key += kBlockRows) {
    p.rows = std::min(kBlockRows, keys - key);
    const std::size_t at = (first + key) * unit.padded_width();
    p.left = memory.weights + key * kGroup<Number>;
    add_products_along(unit.product, p, memory.gradients_along, padded_queries, block.first, width,
                       memory.value_gradients + at);
    p.left = memory.slopes + key * kGroup<Number>;
    add_products_along(unit.product, p, memory.queries_along, padded_queries, block.first, width,
                       memory.key_gradients + at);
  }
}

template <typename Number>
void write_rows(const float* sums, std::size_t padded_width, std::size_t rows, std::size_t width, Matrix<Number> out) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < width; i += kLanes) {
      store_up_to(load(sums + r * padded_width + i), out.row(r) + i, width - i);
    }
  }
}

template <typename Number>
HWY_INLINE float dot(const Number* a, const Number* b, std::size_t count) {
  Vec sum = hn::Zero(kTag);
  for (std::size_t i = 0; i < count; i += kLanes) {
    sum = hn::MulAdd(load_up_to(a + i, count - i), load_up_to(b + i, count - i), sum);
  }
  return sum_of(sum);
}

// Makes what a head's blocks need to know of its distances, and clears their sums.
template <typename Number>
void start_distances(const Unit<Number>& unit, std::size_t head, const BackwardMemory<Number>& memory) {
  const DistanceMemory<Number>& distances = memory.distances;
  const std::size_t width = unit.width(), columns = column_count(unit);
  gather_distances(unit, head, distances);
  pack_along(distances.rows, width, columns, width, distances.along);
  const auto queries = head_of(unit.in.distances.queries, unit.batch * unit.in.shape.queries, head, width);
  pack_along(queries.data, queries.stride, unit.in.shape.queries, width, distances.queries_along);
  std::fill_n(distances.gradients, columns * unit.padded_width(), 0.0F);
  if (distances.query_gradients == memory.query_gradients) return;  // cleared with those of the content
  std::fill_n(distances.query_gradients, unit.in.shape.queries * unit.padded_width(), 0.0F);
}

// Sums the gradients of a head's columns into the rows of their distances.
template <typename Number>
void finish_distances(const AttentionBackward<Number>& call, const Unit<Number>& unit, std::size_t head,
                      const DistanceMemory<Number>& memory) {
  const DistanceKeys<Number>& distances = unit.in.distances;
  const std::size_t width = unit.width(), last = unit.keys() - 1, stride = unit.in.shape.heads * width;
  float* out = call.distance_key_gradient + unit.batch * distances.rows() * stride + head * width;
  for (std::size_t row = 0; row < distances.rows(); ++row) std::fill_n(out + row * stride, width, 0.0F);
  for (std::size_t column = 0; column < (unit.in.shape.causal ? last + 1 : 2 * last + 1); ++column) {
    const std::size_t position = column < last ? last - column : 0, key = column < last ? 0 : column - last;
    float* to = out + distance_row(distances, position, key) * stride;
    const float* from = memory.gradients + column * unit.padded_width();
    for (std::size_t i = 0; i < width; ++i) to[i] += from[i];
  }
  if (!call.distance_query_gradient) return;
  write_rows(memory.query_gradients, unit.padded_width(), unit.in.shape.queries, width,
             head_of(call.distance_query_gradient, unit.batch * unit.in.shape.queries, head, width));
}

template <typename Number>
void backward_head(const AttentionBackward<Number>& call, const Unit<Number>& unit, std::size_t head,
                   const BackwardMemory<Number>& memory) {
  const AttentionShape& shape = unit.in.shape;
  const std::size_t width = unit.width(), row = unit.batch * shape.queries, feature = head * width;
  pack_along(unit.in.queries.row(row) + feature, unit.in.queries.stride, shape.queries, width, memory.queries_along);
  pack_along(call.output_gradient.row(row) + feature, call.output_gradient.stride, shape.queries, width,
             memory.gradients_along);
  for (std::size_t i = 0; i < shape.queries; ++i) {
    memory.dots[i] = dot(call.output.row(row + i) + feature, call.output_gradient.row(row + i) + feature, width);
  }
  std::fill_n(memory.query_gradients, shape.queries * unit.padded_width(), 0.0F);
  if (unit.in.distances) start_distances(unit, head, memory);
  const float* log_sums = call.log_sums + (unit.batch * shape.heads + head) * shape.queries;
  for (std::size_t key = 0; key < shape.keys; key += kKeyBlock) {
    for (std::size_t first = 0; first < shape.queries; first += kBlockRows) {
      const QueryBlock block{head, first, std::min(kBlockRows, shape.queries - first)};
      const VisibleKeys seen = keys_of_block(unit, block);
      if (key >= seen.end || key + kKeyBlock <= seen.begin) continue;
      backward_block(call, unit, block, key, std::min(kKeyBlock, seen.end - key), log_sums, memory);
    }
  }
  write_rows(memory.query_gradients, unit.padded_width(), shape.queries, width,
             head_of(call.query_gradient, row, head, width));
  if (unit.in.distances) finish_distances(call, unit, head, memory.distances);
}

template <typename Number, typename From>
BackwardMemory<Number> take_backward(From& from, const Unit<Number>& unit, bool own_distance_queries) {
  constexpr bool kPairs = kGroup<Number> == 2;
  const std::size_t width = unit.padded_width(), queries = round_up(unit.in.shape.queries, kPanelRows);
  BackwardMemory<Number> memory{};
  for (Number** head : {&memory.keys_across, &memory.values_across, &memory.keys_along}) {
    *head = from.template take<Number>(unit.padded_keys() * width);
  }
  memory.queries_along = from.template take<Number>(queries * width);
  memory.gradients_along = from.template take<Number>(queries * width);
  memory.weights = from.template take<Number>(kBlockRows * kKeyBlock);
  memory.slopes = from.template take<Number>(kBlockRows * kKeyBlock);
  memory.slope_rows = kPairs ? from.template take<Number>(kBlockRows * kKeyBlock) : memory.slopes;
  memory.scores = from.template take<float>(kBlockRows * kKeyBlock);
  memory.weight_gradients = from.template take<float>(kBlockRows * kKeyBlock);
  memory.query_gradients = from.template take<float>(queries * width);
  memory.key_gradients = from.template take<float>(unit.padded_keys() * width);
  memory.value_gradients = from.template take<float>(unit.padded_keys() * width);
  memory.dots = from.template take<float>(queries);
  if (!unit.in.distances) return memory;
  DistanceMemory<Number>& distances = memory.distances = take_distances(from, unit);
  distances.along = from.template take<Number>(column_count(unit) * width);
  distances.slope_rows = from.template take<Number>(kBlockRows * kWindow);
  distances.slopes = kPairs ? from.template take<Number>(kBlockRows * kWindow) : distances.slope_rows;
  distances.queries_along = from.template take<Number>(queries * width);
  distances.query_gradients =
      own_distance_queries ? from.template take<float>(queries * width) : memory.query_gradients;
  distances.gradients = from.template take<float>(column_count(unit) * width);
  return memory;
}

template <typename Number>
void attend_backward(const AttentionBackward<Number>& call, Part part) {
  const AttentionShape& shape = call.inputs.shape;
  const std::size_t group = shape.heads / shape.key_heads, width = shape.head_width;
  const Products<Number> product;
  const Unit<Number> sizes{call.inputs, product, 0, 0};
  const bool own_distance_queries = static_cast<bool>(call.distance_query_gradient);
  ScratchSize size;
  take_backward(size, sizes, own_distance_queries);
  Scratch scratch(size.bytes());
  const BackwardMemory<Number> memory = take_backward(scratch, sizes, own_distance_queries);
  for (std::size_t index = part.begin(shape.units()); index < part.end(shape.units()); ++index) {
    const Unit<Number> unit{call.inputs, product, index / shape.key_heads, index % shape.key_heads};
    pack_across(unit.key(0), call.inputs.keys.stride, shape.keys, width, memory.keys_across);
    pack_across(unit.value(0), call.inputs.values.stride, shape.keys, width, memory.values_across);
    pack_along(unit.key(0), call.inputs.keys.stride, shape.keys, width, memory.keys_along);
    std::fill_n(memory.key_gradients, shape.keys * unit.padded_width(), 0.0F);
    std::fill_n(memory.value_gradients, shape.keys * unit.padded_width(), 0.0F);
    for (std::size_t head = unit.key_head * group; head < (unit.key_head + 1) * group; ++head) {
      backward_head(call, unit, head, memory);
    }
    const std::size_t row = unit.batch * shape.keys;
    write_rows(memory.key_gradients, unit.padded_width(), shape.keys, width,
               head_of(call.key_gradient, row, unit.key_head, width));
    write_rows(memory.value_gradients, unit.padded_width(), shape.keys, width,
               head_of(call.value_gradient, row, unit.key_head, width));
  }
}

constexpr AttentionTable<float> kFloatTable = {attend<float>, attend_backward<float>};
constexpr AttentionTable<Bf16> kBf16Table = {attend<Bf16>, attend_backward<Bf16>};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

template <>
const AttentionTable<float>* simd_attention_table<float>(Isa isa) {
  CONTINUO_RETURN_SIMD_TABLE(isa, kFloatTable);
  return nullptr;
}
template <>
const AttentionTable<Bf16>* simd_attention_table<Bf16>(Isa isa) {
  CONTINUO_RETURN_SIMD_TABLE(isa, kBf16Table);
  return nullptr;
}

}  // namespace continuo::kernels
#endif
