// Attention for training in Highway's portable vectors, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/attention_simd.cpp"
#include "../simd_targets.h"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "attention_table.h"
#include "block_product-inl.h"
#include "packing-inl.h"
#include "scratch.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

constexpr std::size_t kKeyBlock = 128;  // keys whose scores exist at the same time
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
HWY_INLINE void products_across(const Products<Number>& product, const Number* left, std::size_t stride, std::size_t rows, std::size_t width,
                                const Number* across, std::size_t keys, float* out) {
  BlockProduct<Number> p;
  p.rows = rows;
  p.depth = round_up(width, kGroup<Number>);
  p.left = left;
  p.row_stride = stride;
  p.out_stride = kKeyBlock;
  for (std::size_t key = 0; key < keys; key += kPanelRows) {
    p.right = across + key * p.depth;
    p.out = out + key;
    product(p);
  }
}

// out [rows, width] += left [rows, depth] along[first..first + depth]
template <typename Number>
HWY_INLINE void add_products_along(const Products<Number>& product, BlockProduct<Number> p, const Number* along, std::size_t padded_count,
                                   std::size_t first, std::size_t width, float* out) {
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
  return hn::IfThenElseZero(hn::Gt(scores, constant(0.5F * kHidden)), weights);
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
};

template <typename Number>
void attend_block(const AttentionForward<Number>& call, const Unit<Number>& unit, const QueryBlock& block,
                  const ForwardMemory<Number>& memory) {
  const AttentionShape& shape = unit.in.shape;
  const std::size_t width = unit.width(), depth = round_up(width, kGroup<Number>);
  const std::size_t row = unit.batch * shape.queries + block.first;
  RunningSoftmax running;
  running.mixed = memory.mixed;
  std::fill_n(running.largest, block.rows, kHidden);
  std::fill_n(running.sum, block.rows, 0.0F);
  std::fill_n(memory.mixed, block.rows * unit.padded_width(), 0.0F);
  const VisibleKeys seen = keys_of_block(unit, block);
  for (std::size_t first = seen.begin; first < seen.end; first += kKeyBlock) {
    const std::size_t keys = std::min(kKeyBlock, seen.end - first);
    products_across(unit.product, unit.in.queries.row(row) + block.head * width, unit.in.queries.stride, block.rows, width,
                    memory.keys_across + first * depth, keys, memory.scores);
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

template <typename Number>
void attend(const AttentionForward<Number>& call, Part part) {
  const AttentionShape& shape = call.inputs.shape;
  const std::size_t group = shape.heads / shape.key_heads;
  const Products<Number> product;
  const Unit<Number> sizes{call.inputs, product, 0, 0};
  const std::size_t head_numbers = sizes.padded_keys() * sizes.padded_width();
  Scratch scratch((2 * head_numbers + kBlockRows * kKeyBlock) * sizeof(Number) +
                  kBlockRows * (kKeyBlock + sizes.padded_width()) * sizeof(float));
  ForwardMemory<Number> memory{};
  memory.keys_across = scratch.take<Number>(head_numbers);
  memory.values_along = scratch.take<Number>(head_numbers);
  memory.weights = scratch.take<Number>(kBlockRows * kKeyBlock);
  memory.scores = scratch.take<float>(kBlockRows * kKeyBlock);
  memory.mixed = scratch.take<float>(kBlockRows * sizes.padded_width());
  for (std::size_t index = part.begin(shape.units()); index < part.end(shape.units()); ++index) {
    const Unit<Number> unit{call.inputs, product, index / shape.key_heads, index % shape.key_heads};
    pack_across(unit.key(0), call.inputs.keys.stride, shape.keys, shape.head_width, memory.keys_across);
    pack_along(unit.value(0), call.inputs.values.stride, shape.keys, shape.head_width, memory.values_along);
    for (std::size_t head = unit.key_head * group; head < (unit.key_head + 1) * group; ++head) {
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
  Number *weights;          // of one block: the left side of the values' gradient, transposed
  Number *slopes;           // gradients of scores: the left side of the keys' gradient, transposed
  Number *slope_rows;       // the same by rows, for the queries' gradient; fp32: the same memory
  float *scores, *weight_gradients;
  float *query_gradients, *key_gradients, *value_gradients;
  float *dots;              // of output and its gradient, for each query
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

// One block of queries against one block of keys.
template <typename Number>
void backward_block(const AttentionBackward<Number>& call, const Unit<Number>& unit, const QueryBlock& block,
                    std::size_t first, const float* log_sums, const BackwardMemory<Number>& memory) {
  const AttentionShape& shape = unit.in.shape;
  const std::size_t width = unit.width(), depth = round_up(width, kGroup<Number>);
  const std::size_t keys = std::min(kKeyBlock, shape.keys - first);
  const std::size_t row = unit.batch * shape.queries + block.first, feature = block.head * width;
  products_across(unit.product, unit.in.queries.row(row) + feature, unit.in.queries.stride, block.rows, width,
                  memory.keys_across + first * depth, keys, memory.scores);
  products_across(unit.product, call.output_gradient.row(row) + feature, call.output_gradient.stride, block.rows, width,
                  memory.values_across + first * depth, keys, memory.weight_gradients);
  weigh_block(unit, block, first, keys, log_sums, memory);

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
    add_products_along(unit.product, p, memory.gradients_along, padded_queries, block.first, width, memory.value_gradients + at);
    p.left = memory.slopes + key * kGroup<Number>;
    add_products_along(unit.product, p, memory.queries_along, padded_queries, block.first, width, memory.key_gradients + at);
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
  const float* log_sums = call.log_sums + (unit.batch * shape.heads + head) * shape.queries;
  for (std::size_t key = 0; key < shape.keys; key += kKeyBlock) {
    for (std::size_t first = 0; first < shape.queries; first += kBlockRows) {
      const QueryBlock block{head, first, std::min(kBlockRows, shape.queries - first)};
      const VisibleKeys seen = keys_of_block(unit, block);
      if (key >= seen.end || key + kKeyBlock <= seen.begin) continue;
      backward_block(call, unit, block, key, log_sums, memory);
    }
  }
  write_rows(memory.query_gradients, unit.padded_width(), shape.queries, width,
             Matrix<Number>{call.query_gradient.row(row) + feature, call.query_gradient.stride});
}

template <typename Number>
BackwardMemory<Number> take_memory(Scratch& scratch, const Unit<Number>& unit) {
  const std::size_t width = unit.padded_width(), queries = round_up(unit.in.shape.queries, kPanelRows);
  BackwardMemory<Number> memory{};
  for (Number** head : {&memory.keys_across, &memory.values_across, &memory.keys_along}) {
    *head = scratch.take<Number>(unit.padded_keys() * width);
  }
  memory.queries_along = scratch.take<Number>(queries * width);
  memory.gradients_along = scratch.take<Number>(queries * width);
  memory.weights = scratch.take<Number>(kBlockRows * kKeyBlock);
  memory.slopes = scratch.take<Number>(kBlockRows * kKeyBlock);
  memory.slope_rows = kGroup<Number> == 1 ? memory.slopes : scratch.take<Number>(kBlockRows * kKeyBlock);
  memory.scores = scratch.take<float>(kBlockRows * kKeyBlock);
  memory.weight_gradients = scratch.take<float>(kBlockRows * kKeyBlock);
  memory.query_gradients = scratch.take<float>(queries * width);
  memory.key_gradients = scratch.take<float>(unit.padded_keys() * width);
  memory.value_gradients = scratch.take<float>(unit.padded_keys() * width);
  memory.dots = scratch.take<float>(queries);
  return memory;
}

template <typename Number>
std::size_t backward_bytes(const Unit<Number>& unit) {
  const std::size_t width = unit.padded_width(), queries = round_up(unit.in.shape.queries, kPanelRows);
  const std::size_t packed = (3 * unit.padded_keys() + 2 * queries) * width + 3 * kBlockRows * kKeyBlock;
  const std::size_t sums = (queries + 2 * unit.padded_keys()) * width + queries + 2 * kBlockRows * kKeyBlock;
  return packed * sizeof(Number) + sums * sizeof(float);
}

template <typename Number>
void attend_backward(const AttentionBackward<Number>& call, Part part) {
  const AttentionShape& shape = call.inputs.shape;
  const std::size_t group = shape.heads / shape.key_heads, width = shape.head_width;
  const Products<Number> product;
  const Unit<Number> sizes{call.inputs, product, 0, 0};
  Scratch scratch(backward_bytes(sizes));
  const BackwardMemory<Number> memory = take_memory(scratch, sizes);
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
    const std::size_t row = unit.batch * shape.keys, feature = unit.key_head * width;
    write_rows(memory.key_gradients, unit.padded_width(), shape.keys, width,
               Matrix<Number>{call.key_gradient.row(row) + feature, call.key_gradient.stride});
    write_rows(memory.value_gradients, unit.padded_width(), shape.keys, width,
               Matrix<Number>{call.value_gradient.row(row) + feature, call.value_gradient.stride});
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
