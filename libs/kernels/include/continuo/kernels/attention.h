#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "continuo/kernels/dropout.h"
#include "continuo/kernels/matrix.h"
#include "continuo/kernels/part.h"

// Attention over whole sequences, forward and backward. No matrix of attention weights is ever in memory: both passes
// go through blocks of queries and keys, and the backward pass computes the weights again. Multi-head, grouped-query
// (GQA) and multi-query attention; causal, sliding-window and padding masks.
// Source: Dao et al., "FlashAttention", 2022; Milakov and Gimelshein, "Online normalizer calculation for softmax",
// 2018; Ainslie et al., "GQA", 2023.
// Positions: rotary ones (rotary.h) rotate queries and keys beforehand, relative ones are part of the scores.
namespace continuo::kernels {

struct AttentionShape {
  std::size_t batch = 0;    // sequences
  std::size_t queries = 0;  // of one sequence
  std::size_t keys = 0;     // of one sequence; the queries are the last positions of the keys
  std::size_t n_heads = 0;  // of queries
  // Of keys and values; each is shared by n_heads / n_kv_heads heads. Requires: divides n_heads.
  std::size_t n_kv_heads = 0;
  std::size_t head_width = 0;  // Range: 1 to 128. Requires: even for bf16
  bool causal = true;          // a query attends to keys up to its own position, else to all
  std::size_t window = 0;      // and of those only to the last `window`; 0: all. Requires: causal

  // Pieces of work that do not depend on each other: a KV head of a sequence, with all queries that share it.
  std::size_t batch_kv_heads() const { return batch * n_kv_heads; }
};
inline Parts parts_of(const AttentionShape& shape) { return {std::max<std::size_t>(1, shape.batch_kv_heads())}; }

// Keys that belong to distances instead of tokens: the score of a query and a key gains the product of the query with
// the key of their distance, query's position - key's position. Distances beyond the farthest share its key.
// Music Transformer learns the rows, and its queries are the attention's own; Transformer-XL projects sinusoids, and
// shifts the queries of tokens and of distances by a learned vector each, before this call.
// Source: Shaw et al., "Self-Attention with Relative Position Representations", 2018; Huang et al., "Music
// Transformer", 2018, section 3.4; Dai et al., "Transformer-XL", 2019, section 3.3.
template <typename Number>
struct DistanceKeys {
  Matrix<const Number> keys;          // [ahead + 1 + behind, n_heads * head_width]: the row of distance d is ahead + d
  Matrix<const Number> queries;       // [batch * queries, n_heads * head_width]
  std::size_t behind = 0, ahead = 0;  // the farthest distances that have keys of their own

  explicit operator bool() const { return static_cast<bool>(keys); }
  std::size_t rows() const { return ahead + 1 + behind; }
};

// Queries, keys and values lie in rows, one for each position of each sequence, with their heads side by side.
// Number is float or Bf16.
template <typename Number>
struct AttentionInputs {
  AttentionShape shape;
  Matrix<const Number> queries;  // [batch * queries, n_heads * head_width]
  Matrix<const Number> keys;     // [batch * keys, n_kv_heads * head_width]
  Matrix<const Number> values;
  const std::uint8_t* masked_keys = nullptr;  // [batch, keys], padding mask: not 0 where no query may attend; or null
  DropRule dropout;                           // of the attention weights
  DistanceKeys<Number> distances;             // optional
};

template <typename Number>
struct AttentionForward {
  AttentionInputs<Number> inputs;
  Matrix<Number> output;      // [batch * queries, n_heads * head_width]
  float* log_sums = nullptr;  // [batch, n_heads, queries]: log of the sum of exponentials, for the backward pass
};
// output = dropout(softmax((q k' + scores of distances) / sqrt(head_width))) v for each head. A query whose keys are
// all masked gets an undefined row.
template <typename Number>
void attention(const AttentionForward<Number>& call, Part part);

template <typename Number>
struct AttentionBackward {
  AttentionInputs<Number> inputs;
  Matrix<const Number> output;           // of the forward pass
  Matrix<const Number> output_gradient;  // as output
  const float* log_sums = nullptr;
  Matrix<Number> query_gradient, key_gradient, value_gradient;  // as the inputs
  // With distances: of their queries, or null to add it to query_gradient; and of their keys, in fp32, a sum for each
  // sequence: [batch, distances.rows(), n_heads * head_width].
  Matrix<Number> distance_query_gradient;
  float* distance_key_gradient = nullptr;
};
template <typename Number>
void attention_gradient(const AttentionBackward<Number>& call, Part part);

}  // namespace continuo::kernels
