#include "fused/attention.h"

#include <map>
#include <memory>
#include <mutex>

#include <torch/torch.h>

#include "continuo/kernels/attention.h"
#include "continuo/kernels/rotary.h"
#include "continuo/neural/timing.h"

#include "shared/kernel_views.h"
#include "shared/saved_drop.h"

namespace continuo::neural::fused {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Where queries, keys and values are in a row.
struct Columns {
  Columns(const Tensor& qkv, const AttentionOptions& options)
      : heads(std::size_t(options.heads)),
        kv_heads(std::size_t(options.kv_heads())),
        head_width(std::size_t(qkv.size(2)) / (heads + 2 * kv_heads)) {}

  std::size_t heads, kv_heads, head_width;
  std::size_t keys() const { return heads * head_width; }
  std::size_t values() const { return (heads + kv_heads) * head_width; }
  std::size_t all() const { return (heads + 2 * kv_heads) * head_width; }
};

template <typename Number>
kernels::AttentionInputs<Number> inputs_of(const Tensor& qkv, const AttentionOptions& options, const Drop& drop) {
  const auto time = std::size_t(qkv.size(1));
  const Columns columns(qkv, options);
  const Number* data = data_of<const Number>(qkv);
  kernels::AttentionInputs<Number> inputs;
  inputs.shape.batch = std::size_t(qkv.size(0));
  inputs.shape.queries = inputs.shape.keys = time;
  inputs.shape.n_heads = columns.heads;
  inputs.shape.n_kv_heads = columns.kv_heads;
  inputs.shape.head_width = columns.head_width;
  inputs.shape.causal = options.causal;
  inputs.queries = {data, columns.all()};
  inputs.keys = {data + columns.keys(), columns.all()};
  inputs.values = {data + columns.values(), columns.all()};
  if (options.padding.defined()) inputs.masked_keys = static_cast<const std::uint8_t*>(options.padding.data_ptr());
  inputs.dropout = rule_of(drop);
  const Distances& distances = options.distances;
  if (!distances.keys.defined()) return inputs;
  inputs.distances.keys = rows_of<const Number>(distances.keys);
  inputs.distances.queries = distances.queries.defined() ? rows_of<const Number>(distances.queries) : inputs.queries;
  inputs.distances.ahead = std::size_t(distances.ahead);
  inputs.distances.behind = std::size_t(distances.keys.size(0) - 1 - distances.ahead);
  return inputs;
}

// The longest table of each width so far.
std::shared_ptr<const kernels::RotaryTable> rotary_table(std::size_t positions, std::size_t features) {
  static std::mutex mutex;
  static std::map<std::size_t, std::shared_ptr<const kernels::RotaryTable>> tables;
  const std::lock_guard lock(mutex);
  auto& table = tables[features];
  if (table == nullptr || table->positions < positions) {
    table = std::make_shared<const kernels::RotaryTable>(positions, features);
  }
  return table;
}

// Rotates the queries and keys, which lie side by side, forwards or back.
void rotate(const Tensor& qkv, const AttentionOptions& options, bool inverse) {
  const auto time = std::size_t(qkv.size(1));
  const Columns columns(qkv, options);
  const auto table = rotary_table(time, columns.head_width);
  with_number(qkv.scalar_type(), [&](auto number) {
    using Number = decltype(number);
    kernels::Rotation<Number> call;
    call.rows = row_count(qkv);
    call.heads = columns.heads + columns.kv_heads;
    call.head_width = columns.head_width;
    call.time = time;
    call.table = table.get();
    call.inverse = inverse;
    call.vectors = {data_of<Number>(qkv), columns.all()};
    in_parts(kernels::parts_of_rows(call.rows), [&](auto part) { kernels::rotate(call, part); });
  });
}

// Gradients as the kernels write them; of distances where there are some.
struct Gradients {
  Tensor qkv, distance_keys, distance_queries;
};

template <typename Number>
kernels::AttentionBackward<Number> backward_call(const kernels::AttentionInputs<Number>& inputs, const Tensor& output,
                                                 const Tensor& d_output, const Tensor& log_sums,
                                                 const Gradients& gradients) {
  const auto distance = [&](const auto& part) { return part.data - inputs.queries.data; };
  const std::size_t stride = inputs.queries.stride;
  Number* to = data_of<Number>(gradients.qkv);
  kernels::AttentionBackward<Number> call;
  call.inputs = inputs;
  call.output = rows_of<const Number>(output);
  call.output_gradient = rows_of<const Number>(d_output);
  call.log_sums = data_of<const float>(log_sums);
  call.query_gradient = {to, stride};
  call.key_gradient = {to + distance(inputs.keys), stride};
  call.value_gradient = {to + distance(inputs.values), stride};
  if (gradients.distance_queries.defined()) {
    call.distance_query_gradient = rows_of<Number>(gradients.distance_queries);
  }
  if (gradients.distance_keys.defined()) call.distance_key_gradient = data_of<float>(gradients.distance_keys);
  return call;
}

struct AttentionFunction : torch::autograd::Function<AttentionFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& qkv, const MaybeTensor& distance_keys,
                        const MaybeTensor& distance_queries, const AttentionOptions& options, const Drop& drop) {
    const auto batch = qkv.size(0), time = qkv.size(1);
    const auto width = std::int64_t(Columns(qkv, options).keys());
    const Timing timing("attention, forward");
    if (options.rotary) rotate(qkv, options, false);
    const Tensor output = torch::empty({batch, time, width}, qkv.options());
    const Tensor log_sums = torch::empty({batch, options.heads, time}, torch::kFloat32);
    with_number(qkv.scalar_type(), [&](auto number) {
      using Number = decltype(number);
      const kernels::AttentionForward<Number> call{inputs_of<Number>(qkv, options, drop), rows_of<Number>(output),
                                                   data_of<float>(log_sums)};
      in_parts(kernels::parts_of(call.inputs.shape), [&](auto part) { kernels::attention(call, part); });
    });
    context->save_for_backward({qkv, *distance_keys, *distance_queries, output, log_sums, options.padding});
    context->saved_data["heads"] = std::int64_t(options.heads);
    context->saved_data["n_kv_heads"] = std::int64_t(options.n_kv_heads);
    context->saved_data["causal"] = options.causal;
    context->saved_data["rotary"] = options.rotary;
    context->saved_data["ahead"] = std::int64_t(options.distances.ahead);
    save_drop(context, drop);
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &qkv = saved[0], &output = saved[3], &log_sums = saved[4];
    const AttentionOptions options{.heads = int(context->saved_data["heads"].toInt()),
                                   .causal = context->saved_data["causal"].toBool(),
                                   .padding = saved[5],
                                   .distances = {saved[1], saved[2], int(context->saved_data["ahead"].toInt())},
                                   .n_kv_heads = int(context->saved_data["n_kv_heads"].toInt())};
    const Drop drop = saved_drop(context);
    const Tensor d_output = gradients[0].to(qkv.scalar_type()).contiguous();
    const Timing timing("attention, backward");
    Gradients results{torch::empty_like(qkv), {}, {}};
    const Distances& distances = options.distances;
    if (distances.keys.defined()) {
      results.distance_keys =
          torch::empty({qkv.size(0), distances.keys.size(0), distances.keys.size(1)}, torch::kFloat32);
    }
    if (distances.queries.defined()) results.distance_queries = torch::empty_like(distances.queries);
    with_number(qkv.scalar_type(), [&](auto number) {
      using Number = decltype(number);
      const auto call = backward_call(inputs_of<Number>(qkv, options, drop), output, d_output, log_sums, results);
      in_parts(kernels::parts_of(call.inputs.shape), [&](auto part) { kernels::attention_gradient(call, part); });
    });
    if (context->saved_data["rotary"].toBool()) rotate(results.qkv, options, true);
    if (results.distance_keys.defined()) results.distance_keys = results.distance_keys.sum(0);
    return {results.qkv, results.distance_keys, results.distance_queries, {}, {}};
  }
};

}  // namespace

Tensor attention(const Tensor& qkv, const AttentionOptions& options, const Drop& drop) {
  AttentionOptions dense = options;
  Distances& distances = dense.distances;
  if (distances.keys.defined()) distances.keys = distances.keys.to(qkv.scalar_type()).contiguous();
  if (distances.queries.defined()) distances.queries = distances.queries.contiguous();
  return AttentionFunction::apply(qkv.contiguous(), MaybeTensor(distances.keys), MaybeTensor(distances.queries), dense,
                                  drop);
}

}  // namespace continuo::neural::fused
