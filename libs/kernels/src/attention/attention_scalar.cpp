#include <algorithm>
#include <cmath>
#include <vector>

#include "continuo/kernels/number_types.h"

#include "attention/attention_table.h"

// What attention means, in plain C++, one query at a time: the reference for the other instruction sets.
namespace continuo::kernels {
namespace {

// One query of one head, with the rows that belong to it.
template <typename Number>
struct Query {
  const AttentionInputs<Number>& in;
  std::size_t batch, head, index;

  std::size_t width() const { return in.shape.head_width; }
  std::size_t key_feature() const { return head / (in.shape.n_heads / in.shape.n_kv_heads) * width(); }
  std::size_t row() const { return batch * in.shape.queries + index; }
  std::size_t key_row(std::size_t key) const { return batch * in.shape.keys + key; }
  float scale() const { return 1.0F / std::sqrt(static_cast<float>(width())); }
  const Number* query() const { return in.queries.row(row()) + head * width(); }
  const Number* key(std::size_t at) const { return in.keys.row(key_row(at)) + key_feature(); }
  const Number* value(std::size_t at) const { return in.values.row(key_row(at)) + key_feature(); }

  std::size_t position() const { return in.shape.keys - in.shape.queries + index; }
  Range visible() const { return visible_keys(in.shape, position(), 0, in.shape.keys); }
  const Number* distance_query() const { return in.distances.queries.row(row()) + head * width(); }
  std::size_t distance(std::size_t at) const { return distance_row(in.distances, position(), at); }
  const Number* distance_key(std::size_t at) const { return in.distances.keys.row(distance(at)) + head * width(); }
  bool masked(std::size_t at) const { return in.masked_keys != nullptr && in.masked_keys[key_row(at)] != 0; }
  float kept(std::size_t at) const { return drop_factor(in.dropout, weight_index(in.shape, batch, head, index, at)); }
  std::size_t log_sum() const { return (batch * in.shape.n_heads + head) * in.shape.queries + index; }
};

template <typename Number>
float product(const Number* a, const Number* b, std::size_t count) {
  float sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += to_float(a[i]) * to_float(b[i]);
  return sum;
}

template <typename Number>
float score(const Query<Number>& q, std::size_t key) {
  float sum = product(q.query(), q.key(key), q.width());
  if (q.in.distances) sum += product(q.distance_query(), q.distance_key(key), q.width());
  return sum * q.scale();
}

template <typename Number>
void forward_query(const AttentionForward<Number>& call, const Query<Number>& q) {
  const Range visible = q.visible();
  std::vector<float> weights(q.in.shape.keys, 0.0F), mixed(q.width(), 0.0F);
  float largest = -1e30F, sum = 0;
  for (std::size_t key = visible.begin; key < visible.end; ++key) {
    if (q.masked(key)) continue;
    weights[key] = score(q, key);
    largest = std::max(largest, weights[key]);
  }
  for (std::size_t key = visible.begin; key < visible.end; ++key) {
    weights[key] = q.masked(key) ? 0.0F : std::exp(weights[key] - largest);
    sum += weights[key];
    for (std::size_t i = 0; i < q.width(); ++i) mixed[i] += weights[key] * q.kept(key) * to_float(q.value(key)[i]);
  }
  Number* out = call.output.row(q.row()) + q.head * q.width();
  for (std::size_t i = 0; i < q.width(); ++i) out[i] = number_from<Number>(mixed[i] / sum);
  call.log_sums[q.log_sum()] = largest + std::log(sum);
}

// Calls work(query) for each query of one KV head of one sequence, `kv` of batch_kv_heads().
template <typename Number, typename Work>
void for_queries(const AttentionInputs<Number>& in, std::size_t kv, const Work& work) {
  const AttentionShape& shape = in.shape;
  const std::size_t group = shape.n_heads / shape.n_kv_heads, first = kv % shape.n_kv_heads * group;
  for (std::size_t head = first; head < first + group; ++head) {
    for (std::size_t index = 0; index < shape.queries; ++index) {
      work(Query<Number>{in, kv / shape.n_kv_heads, head, index});
    }
  }
}

template <typename Number>
void forward(const AttentionForward<Number>& call, Part part) {
  for (std::size_t kv = part.begin(call.inputs.shape.batch_kv_heads());
       kv < part.end(call.inputs.shape.batch_kv_heads()); ++kv) {
    for_queries(call.inputs, kv, [&](const Query<Number>& q) { forward_query(call, q); });
  }
}

// Gradients of the keys and values of one KV head of one sequence, rows of the head's width.
struct KeySums {
  std::vector<float> keys, values;
};

// Where the gradients of a query's distances go.
template <typename Number>
float* distance_gradient(const AttentionBackward<Number>& call, const Query<Number>& q, std::size_t row) {
  return call.distance_key_gradient +
         ((q.batch * q.in.distances.rows() + row) * q.in.shape.n_heads + q.head) * q.width();
}

template <typename Number>
void clear_distance_gradients(const AttentionBackward<Number>& call, const Query<Number>& q) {
  for (std::size_t row = 0; row < q.in.distances.rows(); ++row) {
    std::fill_n(distance_gradient(call, q, row), q.width(), 0.0F);
  }
}

template <typename Number>
void backward_query(const AttentionBackward<Number>& call, const Query<Number>& q, KeySums& sums) {
  const std::size_t width = q.width(), feature = q.head * width;
  const Number* gradient = call.output_gradient.row(q.row()) + feature;
  const float dot = product(call.output.row(q.row()) + feature, gradient, width);
  std::vector<float> query_gradient(width, 0.0F), distance_query_gradient(width, 0.0F);
  const Range visible = q.visible();
  for (std::size_t key = visible.begin; key < visible.end; ++key) {
    if (q.masked(key)) continue;
    const float weight = std::exp(score(q, key) - call.log_sums[q.log_sum()]), kept = q.kept(key);
    const float score_gradient = weight * (product(gradient, q.value(key), width) * kept - dot) * q.scale();
    for (std::size_t i = 0; i < width; ++i) {
      query_gradient[i] += score_gradient * to_float(q.key(key)[i]);
      sums.keys[key * width + i] += score_gradient * to_float(q.query()[i]);
      sums.values[key * width + i] += weight * kept * to_float(gradient[i]);
    }
    if (!q.in.distances) continue;
    float* of_distance = distance_gradient(call, q, q.distance(key));
    for (std::size_t i = 0; i < width; ++i) {
      (call.distance_query_gradient ? distance_query_gradient : query_gradient)[i] +=
          score_gradient * to_float(q.distance_key(key)[i]);
      of_distance[i] += score_gradient * to_float(q.distance_query()[i]);
    }
  }
  for (std::size_t i = 0; i < width; ++i) {
    call.query_gradient.row(q.row())[feature + i] = number_from<Number>(query_gradient[i]);
    if (!call.distance_query_gradient) continue;
    call.distance_query_gradient.row(q.row())[feature + i] = number_from<Number>(distance_query_gradient[i]);
  }
}

template <typename Number>
void backward(const AttentionBackward<Number>& call, Part part) {
  const AttentionShape& shape = call.inputs.shape;
  const std::size_t width = shape.head_width;
  for (std::size_t kv = part.begin(shape.batch_kv_heads()); kv < part.end(shape.batch_kv_heads()); ++kv) {
    KeySums sums{std::vector<float>(shape.keys * width), std::vector<float>(shape.keys * width)};
    for_queries(call.inputs, kv, [&](const Query<Number>& q) {
      if (q.index == 0 && q.in.distances) clear_distance_gradients(call, q);
      backward_query(call, q, sums);
    });
    for (std::size_t i = 0; i < shape.keys * width; ++i) {
      const std::size_t row = kv / shape.n_kv_heads * shape.keys + i / width;
      const std::size_t feature = kv % shape.n_kv_heads * width + i % width;
      call.key_gradient.row(row)[feature] = number_from<Number>(sums.keys[i]);
      call.value_gradient.row(row)[feature] = number_from<Number>(sums.values[i]);
    }
  }
}

}  // namespace

template <typename Number>
const AttentionTable<Number>& scalar_attention_table() {
  static constexpr AttentionTable<Number> kTable = {forward<Number>, backward<Number>};
  return kTable;
}
template const AttentionTable<float>& scalar_attention_table();
template const AttentionTable<Bf16>& scalar_attention_table();

}  // namespace continuo::kernels
