// Attention in Highway's portable vectors, forward, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attention/attention_simd.cpp"
#include <algorithm>
#include <cmath>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "attention/attention_table.h"
#include "attention/kv_head-inl.h"
#include "attention/scores-inl.h"
#include "isa/simd_targets.h"
#include "memory/scratch.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

// The running softmax of a block of queries.
struct RunningSoftmax {
  float largest[kBlockRows], sum[kBlockRows];
  float* mixed;  // [rows, padded width]: values weighted so far, relative to `largest`
};

// Makes one row of scores weights and brings the row's sums up to date.
template <typename Number>
HWY_INLINE void weigh_row(const KvHead<Number>& kv, const QueryBlock& block, std::size_t row, std::size_t first,
                          std::size_t keys, float* scores, Number* weights, RunningSoftmax& running) {
  const std::size_t padded = round_up(keys, kPanelRows), query = block.first + row;
  mask_scores(kv, kv.context_keys() + query, first, keys, padded, scores);
  Vec top = constant(running.largest[row]);
  for (std::size_t i = 0; i < padded; i += kLanes) top = hn::Max(top, load(scores + i));
  const float largest = max_of(top), scale = 1.0F / std::sqrt(static_cast<float>(kv.width()));
  const Vec factor = constant(scale), offset = constant(largest * scale);
  Vec sum = hn::Zero(kTag);
  const DropRule& dropout = kv.in.dropout;
  for (std::size_t i = 0; i < padded; i += kLanes) {
    Vec weight = weight_of(load(scores + i), factor, offset);
    sum = hn::Add(sum, weight);
    if (dropout) {
      const auto index = weight_index(kv.in.shape, kv.batch, block.head, query, first + i);
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
  float* mixed = running.mixed + row * kv.padded_width();
  const Vec less = constant(shrink);
  for (std::size_t i = 0; i < kv.padded_width(); i += kLanes) store(hn::Mul(load(mixed + i), less), mixed + i);
}

template <typename Number>
struct ForwardMemory {
  Number *keys_across, *values_along, *weights;
  float *scores, *mixed;
  DistanceMemory<Number> distances;
};

template <typename Number>
void attend_block(const AttentionForward<Number>& call, const KvHead<Number>& kv, const QueryBlock& block,
                  const ForwardMemory<Number>& memory) {
  const AttentionShape& shape = kv.in.shape;
  const std::size_t width = kv.width(), row = kv.batch * shape.queries + block.first;
  RunningSoftmax running;
  running.mixed = memory.mixed;
  std::fill_n(running.largest, block.rows, kMasked);
  std::fill_n(running.sum, block.rows, 0.0F);
  std::fill_n(memory.mixed, block.rows * kv.padded_width(), 0.0F);
  const Range visible = keys_of_block(kv, block);
  for (std::size_t first = visible.begin; first < visible.end; first += kKeyBlock) {
    const std::size_t keys = std::min(kKeyBlock, visible.end - first);
    score_block(kv, block, first, keys, memory.keys_across, memory.distances, memory.scores);
    for (std::size_t r = 0; r < block.rows; ++r) {
      weigh_row(kv, block, r, first, keys, memory.scores + r * kKeyBlock, memory.weights + r * kKeyBlock, running);
    }
    BlockProduct<Number> mix;
    mix.rows = block.rows;
    mix.depth = round_up(keys, kGroup<Number>);
    mix.left = memory.weights;
    mix.row_stride = kKeyBlock;
    add_products_along(kv.product, mix, memory.values_along, kv.padded_keys(), first, width, memory.mixed);
  }
  const float scale = 1.0F / std::sqrt(static_cast<float>(width));
  for (std::size_t r = 0; r < block.rows; ++r) {
    const Vec inverse = constant(1.0F / running.sum[r]);
    const float* mixed = memory.mixed + r * kv.padded_width();
    Number* out = call.output.row(row + r) + block.head * width;
    for (std::size_t i = 0; i < width; i += kLanes) {
      store_up_to(hn::Mul(load(mixed + i), inverse), out + i, width - i);
    }
    call.log_sums[(kv.batch * shape.n_heads + block.head) * shape.queries + block.first + r] =
        running.largest[r] * scale + std::log(running.sum[r]);
  }
}

template <typename Number, typename From>
ForwardMemory<Number> take_forward(From& from, const KvHead<Number>& kv) {
  const std::size_t head = kv.padded_keys() * kv.padded_width();
  ForwardMemory<Number> memory{};
  memory.keys_across = from.template take<Number>(head);
  memory.values_along = from.template take<Number>(head);
  memory.weights = from.template take<Number>(kBlockRows * kKeyBlock);
  memory.scores = from.template take<float>(kBlockRows * kKeyBlock);
  memory.mixed = from.template take<float>(kBlockRows * kv.padded_width());
  if (kv.in.distances) memory.distances = take_distances(from, kv);
  return memory;
}

template <typename Number>
void attend(const AttentionForward<Number>& call, Part part) {
  const AttentionShape& shape = call.inputs.shape;
  const std::size_t group = shape.n_heads / shape.n_kv_heads;
  const Products<Number> product;
  const KvHead<Number> sizes{call.inputs, product, 0, 0};
  ScratchSize size;
  take_forward(size, sizes);
  Scratch scratch(size.bytes());
  const ForwardMemory<Number> memory = take_forward(scratch, sizes);
  for (std::size_t index = part.begin(shape.batch_kv_heads()); index < part.end(shape.batch_kv_heads()); ++index) {
    const KvHead<Number> kv{call.inputs, product, index / shape.n_kv_heads, index % shape.n_kv_heads};
    pack_across(kv.key(0), call.inputs.keys.stride, shape.keys, shape.head_width, memory.keys_across);
    pack_along(kv.value(0), call.inputs.values.stride, shape.keys, shape.head_width, memory.values_along);
    for (std::size_t head = kv.index * group; head < (kv.index + 1) * group; ++head) {
      if (call.inputs.distances) gather_distances(kv, head, memory.distances);
      for (std::size_t first = 0; first < shape.queries; first += kBlockRows) {
        attend_block(call, kv, {head, first, std::min(kBlockRows, shape.queries - first)}, memory);
      }
    }
  }
}

// attention_backward_simd.cpp
template <typename Number>
void attend_backward(const AttentionBackward<Number>& call, Part part);

template <typename Number>
constexpr AttentionTable<Number> kAttentionTable = {attend<Number>, attend_backward<Number>};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

CONTINUO_SIMD_TABLES_OF_NUMBERS(AttentionTable, simd_attention_table, kAttentionTable)

}  // namespace continuo::kernels
#endif
