// Attention in Highway's portable vectors, backward, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attention/attention_backward_simd.cpp"
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

// The backward pass. Let S = Q K^T / sqrt(head_width) be the scores of a head, P = softmax(S) its weights, O = P V its
// output, and dX the gradient of the loss with respect to X. Then
//
//   dV = P^T dO,   dP = dO V^T,   dS = P * (dP - D),   dQ = dS K / sqrt(head_width),   dK = dS^T Q / sqrt(head_width),
//
// number by number where it says *, and with one D for each query i: the sum of P_ij dP_ij over its keys j. P, dP and
// dS have a number for each pair of a query and a key, too many to keep, so they exist for one block of queries and
// keys at a time. Two facts let every block be computed alone. First, P needs no softmax: the forward pass has kept the
// log of each query's sum of exponentials, L, and P_ij = exp(S_ij - L_i). Second, D needs no pass over the keys: the
// sum of P_ij (dO_i V_j) over j is dO_i O_i, a product of two rows that are known before the first block. Dropout
// multiplies P by its factors in O and dV, and dP by the same factors; D stays dO_i O_i, since the factors are in O.
//
// So a block adds dS K to the gradient of its queries, and dS^T Q and P^T dO to those of its keys and values, in fp32.
// All heads that share a KV head add to the same keys and values, so one thread does all of them, in a fixed order:
// results do not depend on the number of threads. What the code calls a score gradient is dS / sqrt(head_width). A
// masked key has P = 0, hence dS = 0. Keys of distances are one more term of S: their gradients are the same dS, each
// number moved to the column of its distance.
// Source: Dao et al., "FlashAttention", 2022, algorithm 4.

// Working memory of the backward pass. Packed heads as above; gradients are summed in fp32, rows of the padded width.
template <typename Number>
struct BackwardMemory {
  Number *keys_across, *values_across, *keys_along, *queries_along, *gradients_along;
  Number* weights;              // of one block: the left side of the values' gradient, transposed
  Number* score_gradients;      // gradients of scores: the left side of the keys' gradient, transposed
  Number* score_gradient_rows;  // the same by rows, for the queries' gradient; fp32: the same memory
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

struct WeightAndScoreGradient {
  Vec weight, score_gradient;
};

// One vector of a row: the weights after dropout, and the gradients of the scores.
template <typename Number>
HWY_INLINE WeightAndScoreGradient weight_and_score_gradient(const KvHead<Number>& kv, const QueryBlock& block,
                                                            std::size_t row, std::size_t key, const float* scores,
                                                            const float* weight_gradients, float log_sum, float dot) {
  const float scale = 1.0F / std::sqrt(static_cast<float>(kv.width()));
  Vec weight = weight_of(load(scores), constant(scale), constant(log_sum));
  Vec gradient = load(weight_gradients);
  Vec kept = weight;
  if (kv.in.dropout) {
    const auto index = weight_index(kv.in.shape, kv.batch, block.head, block.first + row, key);
    const Vec factors = drop_factors(kv.in.dropout, index);
    kept = hn::Mul(weight, factors);
    gradient = hn::Mul(gradient, factors);
  }
  return {kept, hn::Mul(hn::Mul(weight, constant(scale)), hn::Sub(gradient, constant(dot)))};
}

// Weights and score gradients of a block, in the forms in which the products read them.
template <typename Number>
void weigh_block(const KvHead<Number>& kv, const QueryBlock& block, std::size_t first, std::size_t keys,
                 const float* log_sums, const BackwardMemory<Number>& memory) {
  constexpr std::size_t kStep = kGroup<Number>;
  const std::size_t padded = round_up(keys, kPanelRows);
  for (std::size_t r = 0; r < block.rows; ++r) {
    mask_scores(kv, kv.context_keys() + block.first + r, first, keys, padded, memory.scores + r * kKeyBlock);
  }
  for (std::size_t r = 0; r < block.rows; r += kStep) {
    for (std::size_t i = 0; i < padded; i += kLanes) {
      const auto of_row = [&](std::size_t row) {
        const std::size_t at = row * kKeyBlock + i;
        return weight_and_score_gradient(kv, block, row, first + i, memory.scores + at, memory.weight_gradients + at,
                                         log_sums[block.first + row], memory.dots[block.first + row]);
      };
      const WeightAndScoreGradient one = of_row(r);
      WeightAndScoreGradient next{hn::Zero(kTag), hn::Zero(kTag)};
      if (kStep == 2 && r + 1 < block.rows) next = of_row(r + 1);
      const std::size_t at = grouped_index<Number>(r, i);
      store_group(one.weight, next.weight, memory.weights + at);
      store_group(one.score_gradient, next.score_gradient, memory.score_gradients + at);
      if (kStep == 1) continue;
      store(one.score_gradient, memory.score_gradient_rows + r * kKeyBlock + i);
      store(next.score_gradient, memory.score_gradient_rows + (r + 1) * kKeyBlock + i);
    }
  }
}

// Moves a block's score gradients to the columns of their distances: by rows, and transposed in groups of rows.
template <typename Number>
void shift_score_gradients(const DistanceWindow& window, std::size_t rows, std::size_t keys,
                           const Number* score_gradients, const DistanceMemory<Number>& memory) {
  constexpr std::size_t kStep = kGroup<Number>;
  std::fill_n(memory.score_gradient_rows, round_up(rows, kStep) * kWindow, Number{});
  for (std::size_t r = 0; r < rows; ++r) {
    std::copy_n(score_gradients + r * kKeyBlock, keys, memory.score_gradient_rows + r * kWindow + window.shift(r));
  }
  if (kStep == 1) return;  // the rows serve for both
  for (std::size_t r = 0; r < rows; r += kStep) {
    for (std::size_t i = 0; i < kStep * window.columns; ++i) {
      memory.score_gradients[r * kWindow + i] = memory.score_gradient_rows[(r + i % kStep) * kWindow + i / kStep];
    }
  }
}

// What a block adds to the gradients of its distances' queries and keys.
template <typename Number>
void add_distance_gradients(const KvHead<Number>& kv, const QueryBlock& block, std::size_t first, std::size_t keys,
                            const BackwardMemory<Number>& memory) {
  const DistanceMemory<Number>& distances = memory.distances;
  const std::size_t width = kv.width(), padded = round_up(keys, kPanelRows);
  const DistanceWindow window = window_of(kv, block, first, padded);
  shift_score_gradients(window, block.rows, padded, memory.score_gradient_rows, distances);
  BlockProduct<Number> p;
  p.rows = block.rows;
  p.depth = window.columns;
  p.left = distances.score_gradient_rows;
  p.row_stride = kWindow;
  add_products_along(kv.product, p, distances.along, column_count(kv), window.first, width,
                     distances.query_gradients + block.first * kv.padded_width());
  p.depth = round_up(block.rows, kGroup<Number>);
  p.row_stride = kGroup<Number>;
  p.step = kWindow * kGroup<Number>;
  for (std::size_t column = 0; column < window.columns; column += kBlockRows) {
    p.rows = std::min(kBlockRows, window.columns - column);
    p.left = distances.score_gradients + column * kGroup<Number>;
    add_products_along(kv.product, p, distances.queries_along, round_up(kv.in.shape.queries, kPanelRows), block.first,
                       width, distances.gradients + (window.first + column) * kv.padded_width());
  }
}

// One block of queries against some keys, of which no query attends to those that come after them.
template <typename Number>
void backward_block(const AttentionBackward<Number>& call, const KvHead<Number>& kv, const QueryBlock& block,
                    std::size_t first, std::size_t keys, const float* log_sums, const BackwardMemory<Number>& memory) {
  const AttentionShape& shape = kv.in.shape;
  const std::size_t width = kv.width(), depth = round_up(width, kGroup<Number>);
  const std::size_t row = kv.batch * shape.queries + block.first;
  score_block(kv, block, first, keys, memory.keys_across, memory.distances, memory.scores);
  products_across(kv.product, head_of(call.output_gradient, row, block.head, width), block.rows, width,
                  memory.values_across + first * depth, keys, Matrix<float>{memory.weight_gradients, kKeyBlock});
  weigh_block(kv, block, first, keys, log_sums, memory);
  if (kv.in.distances) add_distance_gradients(kv, block, first, keys, memory);

  BlockProduct<Number> p;
  p.rows = block.rows;
  p.depth = round_up(keys, kGroup<Number>);
  p.left = memory.score_gradient_rows;
  p.row_stride = kKeyBlock;
  add_products_along(kv.product, p, memory.keys_along, kv.padded_keys(), first, width,
                     memory.query_gradients + block.first * kv.padded_width());
  const std::size_t padded_queries = round_up(shape.queries, kPanelRows);
  p.depth = round_up(block.rows, kGroup<Number>);
  p.row_stride = kGroup<Number>;
  p.step = kKeyBlock * kGroup<Number>;
  for (std::size_t key = 0; key < keys; key += kBlockRows) {
    p.rows = std::min(kBlockRows, keys - key);
    const std::size_t at = (first + key) * kv.padded_width();
    p.left = memory.weights + key * kGroup<Number>;
    add_products_along(kv.product, p, memory.gradients_along, padded_queries, block.first, width,
                       memory.value_gradients + at);
    p.left = memory.score_gradients + key * kGroup<Number>;
    add_products_along(kv.product, p, memory.queries_along, padded_queries, block.first, width,
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
void start_distances(const KvHead<Number>& kv, std::size_t head, const BackwardMemory<Number>& memory) {
  const DistanceMemory<Number>& distances = memory.distances;
  const std::size_t width = kv.width(), columns = column_count(kv);
  gather_distances(kv, head, distances);
  pack_along(distances.rows, width, columns, width, distances.along);
  const auto queries = head_of(kv.in.distances.queries, kv.batch * kv.in.shape.queries, head, width);
  pack_along(queries.data, queries.stride, kv.in.shape.queries, width, distances.queries_along);
  std::fill_n(distances.gradients, columns * kv.padded_width(), 0.0F);
  if (distances.query_gradients == memory.query_gradients) return;  // cleared with those of the content
  std::fill_n(distances.query_gradients, kv.in.shape.queries * kv.padded_width(), 0.0F);
}

// Sums the gradients of a head's columns into the rows of their distances.
template <typename Number>
void finish_distances(const AttentionBackward<Number>& call, const KvHead<Number>& kv, std::size_t head,
                      const DistanceMemory<Number>& memory) {
  const DistanceKeys<Number>& distances = kv.in.distances;
  const std::size_t width = kv.width(), last = kv.keys() - 1, stride = kv.in.shape.n_heads * width;
  float* out = call.distance_key_gradient + kv.batch * distances.rows() * stride + head * width;
  for (std::size_t row = 0; row < distances.rows(); ++row) std::fill_n(out + row * stride, width, 0.0F);
  for (std::size_t column = 0; column < (kv.in.shape.causal ? last + 1 : 2 * last + 1); ++column) {
    const std::size_t position = column < last ? last - column : 0, key = column < last ? 0 : column - last;
    float* to = out + distance_row(distances, position, key) * stride;
    const float* from = memory.gradients + column * kv.padded_width();
    for (std::size_t i = 0; i < width; ++i) to[i] += from[i];
  }
  if (!call.distance_query_gradient) return;
  write_rows(memory.query_gradients, kv.padded_width(), kv.in.shape.queries, width,
             head_of(call.distance_query_gradient, kv.batch * kv.in.shape.queries, head, width));
}

template <typename Number>
void backward_head(const AttentionBackward<Number>& call, const KvHead<Number>& kv, std::size_t head,
                   const BackwardMemory<Number>& memory) {
  const AttentionShape& shape = kv.in.shape;
  const std::size_t width = kv.width(), row = kv.batch * shape.queries, feature = head * width;
  pack_along(kv.in.queries.row(row) + feature, kv.in.queries.stride, shape.queries, width, memory.queries_along);
  pack_along(call.output_gradient.row(row) + feature, call.output_gradient.stride, shape.queries, width,
             memory.gradients_along);
  for (std::size_t i = 0; i < shape.queries; ++i) {
    memory.dots[i] = dot(call.output.row(row + i) + feature, call.output_gradient.row(row + i) + feature, width);
  }
  std::fill_n(memory.query_gradients, shape.queries * kv.padded_width(), 0.0F);
  if (kv.in.distances) start_distances(kv, head, memory);
  const float* log_sums = call.log_sums + (kv.batch * shape.n_heads + head) * shape.queries;
  for (std::size_t key = 0; key < shape.keys; key += kKeyBlock) {
    for (std::size_t first = 0; first < shape.queries; first += kBlockRows) {
      const QueryBlock block{head, first, std::min(kBlockRows, shape.queries - first)};
      const Range visible = keys_of_block(kv, block);
      if (key >= visible.end || key + kKeyBlock <= visible.begin) continue;
      backward_block(call, kv, block, key, std::min(kKeyBlock, visible.end - key), log_sums, memory);
    }
  }
  write_rows(memory.query_gradients, kv.padded_width(), shape.queries, width,
             head_of(call.query_gradient, row, head, width));
  if (kv.in.distances) finish_distances(call, kv, head, memory.distances);
}

template <typename Number, typename From>
BackwardMemory<Number> take_backward(From& from, const KvHead<Number>& kv, bool own_distance_queries) {
  constexpr bool kPairs = kGroup<Number> == 2;
  const std::size_t width = kv.padded_width(), queries = round_up(kv.in.shape.queries, kPanelRows);
  BackwardMemory<Number> memory{};
  for (Number** head : {&memory.keys_across, &memory.values_across, &memory.keys_along}) {
    *head = from.template take<Number>(kv.padded_keys() * width);
  }
  memory.queries_along = from.template take<Number>(queries * width);
  memory.gradients_along = from.template take<Number>(queries * width);
  memory.weights = from.template take<Number>(kBlockRows * kKeyBlock);
  memory.score_gradients = from.template take<Number>(kBlockRows * kKeyBlock);
  memory.score_gradient_rows = kPairs ? from.template take<Number>(kBlockRows * kKeyBlock) : memory.score_gradients;
  memory.scores = from.template take<float>(kBlockRows * kKeyBlock);
  memory.weight_gradients = from.template take<float>(kBlockRows * kKeyBlock);
  memory.query_gradients = from.template take<float>(queries * width);
  memory.key_gradients = from.template take<float>(kv.padded_keys() * width);
  memory.value_gradients = from.template take<float>(kv.padded_keys() * width);
  memory.dots = from.template take<float>(queries);
  if (!kv.in.distances) return memory;
  DistanceMemory<Number>& distances = memory.distances = take_distances(from, kv);
  distances.along = from.template take<Number>(column_count(kv) * width);
  distances.score_gradient_rows = from.template take<Number>(kBlockRows * kWindow);
  distances.score_gradients = kPairs ? from.template take<Number>(kBlockRows * kWindow) : distances.score_gradient_rows;
  distances.queries_along = from.template take<Number>(queries * width);
  distances.query_gradients =
      own_distance_queries ? from.template take<float>(queries * width) : memory.query_gradients;
  distances.gradients = from.template take<float>(column_count(kv) * width);
  return memory;
}

template <typename Number>
void attend_backward(const AttentionBackward<Number>& call, Part part) {
  const AttentionShape& shape = call.inputs.shape;
  const std::size_t group = shape.n_heads / shape.n_kv_heads, width = shape.head_width;
  const Products<Number> product;
  const KvHead<Number> sizes{call.inputs, product, 0, 0};
  const bool own_distance_queries = static_cast<bool>(call.distance_query_gradient);
  ScratchSize size;
  take_backward(size, sizes, own_distance_queries);
  Scratch scratch(size.bytes());
  const BackwardMemory<Number> memory = take_backward(scratch, sizes, own_distance_queries);
  for (std::size_t index = part.begin(shape.batch_kv_heads()); index < part.end(shape.batch_kv_heads()); ++index) {
    const KvHead<Number> kv{call.inputs, product, index / shape.n_kv_heads, index % shape.n_kv_heads};
    pack_across(kv.key(0), call.inputs.keys.stride, shape.keys, width, memory.keys_across);
    pack_across(kv.value(0), call.inputs.values.stride, shape.keys, width, memory.values_across);
    pack_along(kv.key(0), call.inputs.keys.stride, shape.keys, width, memory.keys_along);
    std::fill_n(memory.key_gradients, shape.keys * kv.padded_width(), 0.0F);
    std::fill_n(memory.value_gradients, shape.keys * kv.padded_width(), 0.0F);
    for (std::size_t head = kv.index * group; head < (kv.index + 1) * group; ++head) {
      backward_head(call, kv, head, memory);
    }
    const std::size_t row = kv.batch * shape.keys;
    write_rows(memory.key_gradients, kv.padded_width(), shape.keys, width,
               head_of(call.key_gradient, row, kv.index, width));
    write_rows(memory.value_gradients, kv.padded_width(), shape.keys, width,
               head_of(call.value_gradient, row, kv.index, width));
  }
}

template void attend_backward(const AttentionBackward<float>& call, Part part);
template void attend_backward(const AttentionBackward<Bf16>& call, Part part);

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
