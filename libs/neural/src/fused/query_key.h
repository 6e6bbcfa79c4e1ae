#pragma once

#include <cstddef>

#include <torch/types.h>

#include "shared/attention_options.h"

// Queries and keys on their way from the projection to the scores: the norm of each head, then the rotation by
// position; and their gradients on the way back.
// A piece is what kernels::attention calls one: a head of keys of one sequence, with the queries that share it. Each is
// prepared right before its scores are computed, while it is in the cache; pieces share nothing, so threads may take
// them in any order.
namespace continuo::neural::fused {

// Where queries, keys and values are in a row of qkv.
struct Columns {
  Columns(const torch::Tensor& qkv, const AttentionOptions& options)
      : heads(std::size_t(options.heads)),
        kv_heads(std::size_t(options.kv_heads())),
        head_width(std::size_t(qkv.size(2)) / (heads + 2 * kv_heads)) {}

  std::size_t heads, kv_heads, head_width;
  std::size_t keys() const { return heads * head_width; }
  std::size_t values() const { return (heads + kv_heads) * head_width; }
  std::size_t all() const { return (heads + 2 * kv_heads) * head_width; }
};

// The tensors of one call. The backward pass of a norm needs its input, so its results are in rows of their own; the
// rotation is undone by its own inverse and overwrites what it rotates.
struct QueryKeyRows {
  torch::Tensor qkv;         // [batch, time, d_model + 2 kv_width] fp32 or bf16
  torch::Tensor normalised;  // [batch, time, d_model + kv_width] of the same type; undefined without a norm
  torch::Tensor inverses;    // [batch, time, heads + kv_heads] fp32, of the root mean squares; undefined without a norm

  // The rows that begin with the queries and keys of the scores.
  const torch::Tensor& scored() const { return normalised.defined() ? normalised : qkv; }
};
// With room for what the norm will give, where there is one.
QueryKeyRows query_key_rows(const torch::Tensor& qkv, const AttentionOptions& options);

struct QueryKeyGradients {
  torch::Tensor qkv;                     // of the scores' queries and keys; becomes that of the projection's
  torch::Tensor query_scale, key_scale;  // [batch * kv_heads, head_width] fp32, a sum of each piece; norms only
};
// With room for all of them.
QueryKeyGradients query_key_gradients(const QueryKeyRows& rows, const AttentionOptions& options);

void prepare_piece(const QueryKeyRows& rows, const AttentionOptions& options, std::size_t piece);
void return_piece(const QueryKeyRows& rows, const AttentionOptions& options, std::size_t piece,
                  const QueryKeyGradients& gradients);

}  // namespace continuo::neural::fused
