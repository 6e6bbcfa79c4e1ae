#include "attention.h"

#include <cmath>
#include <limits>

#include <torch/torch.h>

namespace continuo::neural {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kMasked = -std::numeric_limits<double>::infinity();
// Queries that are handled together: the weights of one block stay in the cache.
constexpr std::int64_t kQueryBlock = 128;

// One head per row of the first axis. Shape: [batch * heads, time, d_head] each; q is scaled already.
struct Heads {
  Tensor q, k, v;
};

Heads split_heads(const Tensor& qkv, std::int64_t heads) {
  const auto batch = qkv.size(0), time = qkv.size(1), d_head = qkv.size(2) / 3 / heads;
  // [batch, time, 3, heads, d_head] -> [3, batch, heads, time, d_head]
  const Tensor parts = qkv.view({batch, time, 3, heads, d_head}).permute({2, 0, 3, 1, 4}).contiguous();
  const Tensor flat = parts.view({3, batch * heads, time, d_head});
  return {flat[0] * (1.0 / std::sqrt(double(d_head))), flat[1], flat[2]};
}

// [batch * heads, time, d_head] -> [batch, time, heads * d_head]
Tensor join_heads(const Tensor& x, std::int64_t heads) {
  const auto batch = x.size(0) / heads, time = x.size(1), d_head = x.size(2);
  return x.view({batch, heads, time, d_head}).transpose(1, 2).reshape({batch, time, heads * d_head});
}

// Which keys each query of a block may see.
struct Block {
  std::int64_t begin, end;  // queries
  std::int64_t keys;        // 0..keys
};

std::vector<Block> blocks_of(std::int64_t time, bool causal) {
  std::vector<Block> blocks;
  for (std::int64_t begin = 0; begin < time; begin += kQueryBlock) {
    const auto end = std::min(begin + kQueryBlock, time);
    blocks.push_back({begin, end, causal ? end : time});
  }
  return blocks;
}

// Attention weights of one block. Shape: [batch * heads, queries, keys].
Tensor block_weights(const Heads& heads, const Block& block, bool causal, const Tensor& padding) {
  Tensor scores = at::bmm(heads.q.slice(1, block.begin, block.end), heads.k.slice(1, 0, block.keys).transpose(1, 2));
  if (causal) {
    const auto size = block.end - block.begin;
    const Tensor future = torch::ones({size, size}, torch::kBool).triu(1);
    scores.slice(2, block.begin, block.end).masked_fill_(future, kMasked);
  }
  if (padding.defined()) {
    const auto batch = padding.size(0), per_batch = scores.size(0) / batch;
    scores.view({batch, per_batch, scores.size(1), scores.size(2)})
        .masked_fill_(padding.slice(1, 0, block.keys).view({batch, 1, 1, block.keys}), kMasked);
  }
  return at::softmax(scores, -1);
}

// Keeps q, k, v only; the weights are computed again when the gradients are wanted.
struct AttentionFunction : torch::autograd::Function<AttentionFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& qkv, const AttentionOptions& options) {
    context->save_for_backward({qkv, options.padding});
    context->saved_data["heads"] = std::int64_t(options.heads);
    context->saved_data["causal"] = options.causal;
    const Heads heads = split_heads(qkv, options.heads);
    Tensor out = torch::empty_like(heads.v);
    for (const Block& block : blocks_of(qkv.size(1), options.causal)) {
      const Tensor weights = block_weights(heads, block, options.causal, options.padding);
      out.slice(1, block.begin, block.end).copy_(at::bmm(weights, heads.v.slice(1, 0, block.keys)));
    }
    return join_heads(out, options.heads);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &qkv = saved[0], &padding = saved[1];
    const auto head_count = context->saved_data["heads"].toInt();
    const bool causal = context->saved_data["causal"].toBool();
    const auto batch = qkv.size(0), time = qkv.size(1), d_head = qkv.size(2) / 3 / head_count;
    const Heads heads = split_heads(qkv, head_count);
    const Tensor d_out = gradients[0]
                             .view({batch, time, head_count, d_head})
                             .transpose(1, 2)
                             .reshape({batch * head_count, time, d_head});
    // [3, batch * heads, time, d_head]
    Tensor d_parts = torch::zeros({3, batch * head_count, time, d_head}, torch::kFloat32);
    for (const Block& block : blocks_of(time, causal)) {
      const Tensor weights = block_weights(heads, block, causal, padding);
      const Tensor d_block = d_out.slice(1, block.begin, block.end);
      const Tensor keys = heads.k.slice(1, 0, block.keys), values = heads.v.slice(1, 0, block.keys);
      const Tensor d_weights = at::bmm(d_block, values.transpose(1, 2));
      const Tensor d_scores = at::_softmax_backward_data(d_weights, weights, -1, qkv.scalar_type());
      d_parts[0].slice(1, block.begin, block.end).copy_(at::bmm(d_scores, keys));
      d_parts[1].slice(1, 0, block.keys) += at::bmm(d_scores.transpose(1, 2), heads.q.slice(1, block.begin, block.end));
      d_parts[2].slice(1, 0, block.keys) += at::bmm(weights.transpose(1, 2), d_block);
    }
    d_parts[0] *= 1.0 / std::sqrt(double(d_head));
    const Tensor d_qkv = d_parts.view({3, batch, head_count, time, d_head})
                             .permute({1, 3, 0, 2, 4})
                             .reshape({batch, time, 3 * head_count * d_head})
                             .to(qkv.scalar_type());
    return {d_qkv, {}};
  }
};

}  // namespace

Tensor attention(const Tensor& qkv, const AttentionOptions& options) {
  return AttentionFunction::apply(qkv.contiguous(), options);
}

Tensor attention_by_definition(const Tensor& qkv, const AttentionOptions& options) {
  const auto time = qkv.size(1);
  const Heads heads = split_heads(qkv.contiguous(), options.heads);
  const Tensor weights = block_weights(heads, {0, time, time}, options.causal, options.padding);
  return join_heads(at::bmm(weights, heads.v), options.heads);
}

}  // namespace continuo::neural
