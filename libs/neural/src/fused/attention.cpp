#include "fused/attention.h"

#include <torch/torch.h>

#include "continuo/kernels/attention.h"
#include "continuo/neural/timing.h"

#include "fused/query_key.h"
#include "shared/kernel_views.h"
#include "shared/saved_drop.h"

namespace continuo::neural::fused {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

template <typename Number>
kernels::AttentionInputs<Number> inputs_of(const QueryKeyRows& rows, const AttentionOptions& options,
                                           const Drop& drop) {
  const auto time = std::size_t(rows.qkv.size(1));
  const Columns columns(rows.qkv, options);
  const auto scored = rows_of<const Number>(rows.scored());
  kernels::AttentionInputs<Number> inputs;
  inputs.shape.batch = std::size_t(rows.qkv.size(0));
  inputs.shape.queries = time - std::size_t(options.memory);
  inputs.shape.keys = time;
  inputs.shape.n_heads = columns.heads;
  inputs.shape.n_kv_heads = columns.kv_heads;
  inputs.shape.head_width = columns.head_width;
  inputs.shape.causal = options.causal;
  inputs.shape.window = std::size_t(options.window);
  inputs.queries = scored;
  inputs.keys = {scored.data + columns.keys(), scored.stride};
  inputs.values = {data_of<const Number>(rows.qkv) + columns.values(), columns.all()};
  if (options.padding.defined()) inputs.masked_keys = static_cast<const std::uint8_t*>(options.padding.data_ptr());
  inputs.dropout = rule_of(drop, std::int64_t(inputs.shape.n_heads * inputs.shape.queries * inputs.shape.keys));
  const Distances& distances = options.distances;
  if (!distances.keys.defined()) return inputs;
  inputs.distances.keys = rows_of<const Number>(distances.keys);
  inputs.distances.queries = distances.queries.defined() ? rows_of<const Number>(distances.queries) : inputs.queries;
  inputs.distances.ahead = std::size_t(distances.ahead);
  inputs.distances.behind = std::size_t(distances.keys.size(0) - 1 - distances.ahead);
  return inputs;
}

// Calls work(piece) for each head of keys of each sequence, on all threads.
template <typename Work>
void in_pieces(const kernels::AttentionShape& shape, const Work& work) {
  const std::size_t pieces = shape.batch_kv_heads();
  in_parts(kernels::parts_of(shape), [&](kernels::Part part) {
    for (std::size_t index = part.begin(pieces); index < part.end(pieces); ++index) work(kernels::Part{index, pieces});
  });
}

// A memory puts rows without a query before those of each sequence: how many there are before the first query of the
// sequence of a piece, as the kernels count rows of queries.
std::size_t rows_without_query(const kernels::AttentionShape& shape, const AttentionOptions& options,
                               const kernels::Part& piece) {
  return (piece.index / shape.n_kv_heads + 1) * std::size_t(options.memory);
}
template <typename Number>
void skip_rows_without_query(kernels::AttentionInputs<Number>& inputs, std::size_t rows) {
  if (inputs.distances.queries.data == inputs.queries.data) {
    inputs.distances.queries = inputs.distances.queries.from_row(rows);
  }
  inputs.queries = inputs.queries.from_row(rows);
}

// Gradients as the kernels write them; of distances where there are some.
struct Gradients {
  QueryKeyGradients query_key;
  Tensor distance_keys, distance_queries;
};
Gradients room_for_gradients(const QueryKeyRows& rows, const AttentionOptions& options) {
  Gradients gradients{query_key_gradients(rows, options), {}, {}};
  const auto query_columns = std::int64_t(Columns(rows.qkv, options).keys());
  if (options.memory > 0) gradients.query_key.qkv.slice(1, 0, options.memory).slice(2, 0, query_columns).zero_();
  const Distances& distances = options.distances;
  if (distances.keys.defined()) {
    gradients.distance_keys =
        torch::empty({rows.qkv.size(0), distances.keys.size(0), distances.keys.size(1)}, torch::kFloat32);
  }
  if (distances.queries.defined()) gradients.distance_queries = torch::empty_like(distances.queries);
  return gradients;
}

template <typename Number>
kernels::AttentionBackward<Number> backward_call(const kernels::AttentionInputs<Number>& inputs, const Tensor& output,
                                                 const Tensor& d_output, const Tensor& log_sums,
                                                 const Gradients& gradients) {
  const kernels::AttentionShape& shape = inputs.shape;
  const auto to = rows_of<Number>(gradients.query_key.qkv);
  kernels::AttentionBackward<Number> call;
  call.inputs = inputs;
  call.output = rows_of<const Number>(output);
  call.output_gradient = rows_of<const Number>(d_output);
  call.log_sums = data_of<const float>(log_sums);
  call.query_gradient = to;
  call.key_gradient = {to.data + shape.n_heads * shape.head_width, to.stride};
  call.value_gradient = {call.key_gradient.data + shape.n_kv_heads * shape.head_width, to.stride};
  if (gradients.distance_queries.defined()) {
    call.distance_query_gradient = rows_of<Number>(gradients.distance_queries);
  }
  if (gradients.distance_keys.defined()) call.distance_key_gradient = data_of<float>(gradients.distance_keys);
  return call;
}

struct AttentionFunction : torch::autograd::Function<AttentionFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& qkv, const MaybeTensor& distance_keys,
                        const MaybeTensor& distance_queries, const MaybeTensor& query_scale,
                        const MaybeTensor& key_scale, const AttentionOptions& options, const Drop& drop) {
    const auto batch = qkv.size(0), time = qkv.size(1) - options.memory;
    const auto width = std::int64_t(Columns(qkv, options).keys());
    const Timing timing("attention, forward");
    const QueryKeyRows rows = query_key_rows(qkv, options);
    const Tensor output = torch::empty({batch, time, width}, qkv.options());
    const Tensor log_sums = torch::empty({batch, options.heads, time}, torch::kFloat32);
    with_number(qkv.scalar_type(), [&](auto number) {
      using Number = decltype(number);
      const kernels::AttentionForward<Number> call{inputs_of<Number>(rows, options, drop), rows_of<Number>(output),
                                                   data_of<float>(log_sums)};
      in_pieces(call.inputs.shape, [&](kernels::Part piece) {
        prepare_piece(rows, options, piece.index);
        auto own = call;
        skip_rows_without_query(own.inputs, rows_without_query(call.inputs.shape, options, piece));
        kernels::attention(own, piece);
      });
    });
    context->save_for_backward({qkv, *distance_keys, *distance_queries, output, log_sums, options.padding, *query_scale,
                                *key_scale, rows.normalised, rows.inverses});
    save_options(context, options);
    save_drop(context, drop);
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const QueryKeyRows rows{saved[0], saved[8], saved[9]};
    const Tensor &output = saved[3], &log_sums = saved[4];
    const AttentionOptions options = saved_options(context, saved);
    const Drop drop = saved_drop(context);
    const Tensor d_output = gradients[0].to(rows.qkv.scalar_type()).contiguous();
    const Timing timing("attention, backward");
    const Gradients results = room_for_gradients(rows, options);
    with_number(rows.qkv.scalar_type(), [&](auto number) {
      using Number = decltype(number);
      const auto call = backward_call(inputs_of<Number>(rows, options, drop), output, d_output, log_sums, results);
      in_pieces(call.inputs.shape, [&](kernels::Part piece) {
        auto own = call;
        const std::size_t skipped = rows_without_query(call.inputs.shape, options, piece);
        skip_rows_without_query(own.inputs, skipped);
        own.query_gradient = own.query_gradient.from_row(skipped);
        kernels::attention_gradient(own, piece);
        return_piece(rows, options, piece.index, results.query_key);
      });
    });
    const auto sum = [](const Tensor& parts) { return parts.defined() ? parts.sum(0) : Tensor(); };
    const QueryKeyGradients& query_key = results.query_key;
    return {query_key.qkv,
            sum(results.distance_keys),
            results.distance_queries,
            sum(query_key.query_scale),
            sum(query_key.key_scale),
            {},
            {}};
  }

 private:
  static void save_options(AutogradContext* context, const AttentionOptions& options) {
    context->saved_data["heads"] = std::int64_t(options.heads);
    context->saved_data["n_kv_heads"] = std::int64_t(options.n_kv_heads);
    context->saved_data["causal"] = options.causal;
    context->saved_data["rotary"] = options.rotary;
    context->saved_data["window"] = std::int64_t(options.window);
    context->saved_data["memory"] = std::int64_t(options.memory);
    context->saved_data["ahead"] = std::int64_t(options.distances.ahead);
    context->saved_data["epsilon"] = options.norm.epsilon;
  }
  static AttentionOptions saved_options(AutogradContext* context, const variable_list& saved) {
    return {.heads = int(context->saved_data["heads"].toInt()),
            .causal = context->saved_data["causal"].toBool(),
            .window = int(context->saved_data["window"].toInt()),
            .memory = int(context->saved_data["memory"].toInt()),
            .padding = saved[5],
            .distances = {saved[1], saved[2], int(context->saved_data["ahead"].toInt())},
            .rotary = context->saved_data["rotary"].toBool(),
            .norm = {saved[6], saved[7], context->saved_data["epsilon"].toDouble()},
            .n_kv_heads = int(context->saved_data["n_kv_heads"].toInt())};
  }
};

}  // namespace

Tensor attention(const Tensor& qkv, const AttentionOptions& options, const Drop& drop) {
  AttentionOptions dense = options;
  Distances& distances = dense.distances;
  if (distances.keys.defined()) distances.keys = distances.keys.to(qkv.scalar_type()).contiguous();
  if (distances.queries.defined()) distances.queries = distances.queries.contiguous();
  return AttentionFunction::apply(qkv.contiguous(), MaybeTensor(distances.keys), MaybeTensor(distances.queries),
                                  MaybeTensor(options.norm.query_scale), MaybeTensor(options.norm.key_scale), dense,
                                  drop);
}

}  // namespace continuo::neural::fused
