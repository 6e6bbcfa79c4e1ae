#include "parts/attention.h"

#include <cmath>
#include <limits>

#include <torch/torch.h>

#include "fused/attention.h"
#include "parts/norm.h"

namespace continuo::neural {
namespace {

using torch::Tensor;

constexpr double kMasked = -std::numeric_limits<double>::infinity();

// [batch, time, heads * d_head] -> [batch, heads, time, d_head]
Tensor split_heads(const Tensor& x, std::int64_t heads) {
  return x.view({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
}

// Each query's distance to each key. The queries are the last places of the keys. Shape: [queries, keys], int64.
Tensor distances_between(std::int64_t queries, std::int64_t keys, torch::Device device) {
  const Tensor places = torch::arange(keys, torch::dtype(torch::kInt64).device(device));
  return places.slice(0, keys - queries).unsqueeze(1) - places.unsqueeze(0);
}

// Products of queries [batch, heads, queries, d_head] with the key of each distance -> [batch, heads, queries, keys].
Tensor distance_scores(const Tensor& queries, std::int64_t key_count, const Distances& distances) {
  const auto heads = queries.size(1), time = queries.size(2), d_head = queries.size(3), rows = distances.keys.size(0);
  const Tensor keys = distances.keys.to(queries.scalar_type()).view({rows, heads, d_head}).permute({1, 2, 0});
  const Tensor distance = distances_between(time, key_count, queries.device()) + distances.ahead;
  const Tensor row = distance.clamp(0, rows - 1).expand({queries.size(0), heads, time, key_count});
  return at::matmul(queries, keys).gather(3, row);
}

// Each head by itself, in at least fp32. Shape: x [batch, heads, time, d_head].
Tensor normed_heads(const Tensor& x, const Tensor& scale, double epsilon) {
  const auto wide = at::promote_types(x.scalar_type(), scale.scalar_type());
  return plain_rms_norm(x.to(wide), scale, epsilon).to(x.scalar_type());
}

// Rotates feature i of each head's first half with feature i of the second by position * 10000^(-2 i / d_head).
// Shape: x [batch, heads, time, d_head].
class Rotation {
 public:
  explicit Rotation(const Tensor& x) : half_(x.size(3) / 2) {
    const torch::TensorOptions wide = torch::dtype(torch::kFloat64).device(x.device());
    const Tensor exponents = torch::arange(half_, wide) / double(-half_);
    const Tensor angles = torch::arange(x.size(2), wide).unsqueeze(1) * at::pow(10000.0, exponents);
    cosines_ = angles.cos().to(x.scalar_type());
    sines_ = angles.sin().to(x.scalar_type());
  }
  Tensor operator()(const Tensor& x) const {
    const Tensor first = x.slice(3, 0, half_), second = x.slice(3, half_);
    return at::cat({first * cosines_ - second * sines_, second * cosines_ + first * sines_}, 3);
  }

 private:
  std::int64_t half_;
  Tensor cosines_, sines_;
};

// Each head of keys or values once for every head of queries that shares it. Shape: [batch, kv_heads, time, d_head] ->
// [batch, heads, time, d_head].
Tensor shared(const Tensor& x, const AttentionOptions& options) {
  const int heads_per_group = options.heads / options.kv_heads();
  if (heads_per_group == 1) return x;
  const auto batch = x.size(0), heads = x.size(1), time = x.size(2), d_head = x.size(3);
  const Tensor repeated = x.unsqueeze(2).expand({batch, heads, heads_per_group, time, d_head});
  return repeated.reshape({batch, heads * heads_per_group, time, d_head});
}

// Shape: q [batch, heads, queries, d_head], the last places of the keys; k, v [batch, heads, keys, d_head].
struct Heads {
  Tensor q, k, v;
};

Heads heads_of(const Tensor& qkv, const AttentionOptions& options) {
  const auto kv_heads = std::int64_t(options.kv_heads());
  const auto d_head = qkv.size(2) / (options.heads + 2 * kv_heads), width = options.heads * d_head;
  const std::vector<Tensor> parts = qkv.split_with_sizes({width, kv_heads * d_head, kv_heads * d_head}, 2);
  Tensor q = split_heads(parts[0], options.heads), k = shared(split_heads(parts[1], kv_heads), options);
  if (options.norm) {
    q = normed_heads(q, options.norm.query_scale, options.norm.epsilon);
    k = normed_heads(k, options.norm.key_scale, options.norm.epsilon);
  }
  if (options.rotary) {
    const Rotation rotated(q);
    q = rotated(q);
    k = rotated(k);
  }
  return {q.slice(2, options.memory), k, shared(split_heads(parts[2], kv_heads), options)};
}

// [batch, heads, queries, d_head] -> [batch, queries, heads * d_head]
Tensor joined_heads(const Tensor& mixed) {
  return mixed.transpose(1, 2).reshape({mixed.size(0), mixed.size(2), mixed.size(1) * mixed.size(3)});
}

}  // namespace

Tensor attention(const Tensor& qkv, const AttentionOptions& options, const Pass& pass) {
  if (pass.fused) return fused::attention(qkv, options);
  return qkv.is_cpu() ? plain_attention(qkv, options) : attention_by_libtorch(qkv, options);
}

Tensor plain_attention(const Tensor& qkv, const AttentionOptions& options) {
  const auto batch = qkv.size(0), time = qkv.size(1);
  const auto [q, k, v] = heads_of(qkv, options);
  Tensor scores = at::matmul(q, k.transpose(2, 3));
  if (options.distances.keys.defined()) {
    const Tensor& own = options.distances.queries;
    scores = scores + distance_scores(own.defined() ? split_heads(own, options.heads) : q, time, options.distances);
  }
  scores = scores / std::sqrt(double(q.size(3)));
  const Tensor distance = distances_between(q.size(2), time, qkv.device());
  if (options.causal) scores = scores.masked_fill(distance < 0, kMasked);
  if (options.window > 0) scores = scores.masked_fill(distance >= options.window, kMasked);
  if (options.padding.defined()) {
    scores = scores.masked_fill(options.padding.view({batch, 1, 1, time}), kMasked);
  }
  return joined_heads(at::matmul(at::softmax(scores, -1), v));
}

#if TORCH_VERSION_MAJOR >= 2
Tensor attention_by_libtorch(const Tensor& qkv, const AttentionOptions& options) {
  if (options.distances.keys.defined()) return plain_attention(qkv, options);
  const auto batch = qkv.size(0), time = qkv.size(1);
  const auto [q, k, v] = heads_of(qkv, options);
  // Without a mask in memory it takes the kernel that never has all scores in memory either.
  const bool windowed = options.window > 0 && options.window < time;
  if (!windowed && options.memory == 0 && !options.padding.defined())
    return joined_heads(at::scaled_dot_product_attention(q, k, v, {}, 0.0, options.causal));
  const Tensor distance = distances_between(q.size(2), time, qkv.device());
  Tensor seen = options.causal ? distance >= 0 : at::ones_like(distance, torch::kBool);
  if (windowed) seen = seen.logical_and(distance < options.window);
  seen = seen.view({1, 1, q.size(2), time});
  if (options.padding.defined()) seen = seen.logical_and(options.padding.view({batch, 1, 1, time}).logical_not());
  return joined_heads(at::scaled_dot_product_attention(q, k, v, seen, 0.0, false));
}
#else
Tensor attention_by_libtorch(const Tensor& qkv, const AttentionOptions& options) {
  return plain_attention(qkv, options);
}
#endif

Tensor with_memory(const Tensor& qkv, Tensor& memory, std::int64_t length) {
  const auto kv_columns = memory.size(2), query_columns = qkv.size(2) - kv_columns;
  const Tensor before = at::constant_pad_nd(memory.to(qkv.scalar_type()), {query_columns, 0});
  const Tensor all = at::cat({before, qkv}, 1);
  memory = all.detach().slice(1, all.size(1) - length).slice(2, query_columns).to(torch::kFloat32, false, true);
  memory = memory.contiguous();
  return all;
}

}  // namespace continuo::neural
