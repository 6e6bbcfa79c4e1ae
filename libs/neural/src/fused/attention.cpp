#include "attention.h"

#include <torch/torch.h>

#include "continuo/kernels/training/attention.h"
#include "continuo/neural/timing.h"

#include "../saved_drop.h"
#include "kernel_views.h"

namespace continuo::neural::fused {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

template <typename Number>
kernels::AttentionInputs<Number> inputs_of(const Tensor& qkv, const AttentionOptions& options, const Drop& drop) {
  const auto time = std::size_t(qkv.size(1)), width = std::size_t(qkv.size(2) / 3), heads = std::size_t(options.heads);
  const Number* data = data_of<const Number>(qkv);
  kernels::AttentionInputs<Number> inputs;
  inputs.shape = {std::size_t(qkv.size(0)), time, time, heads, heads, width / heads, options.causal};
  inputs.queries = {data, 3 * width};
  inputs.keys = {data + width, 3 * width};
  inputs.values = {data + 2 * width, 3 * width};
  if (options.padding.defined()) inputs.hidden_keys = static_cast<const std::uint8_t*>(options.padding.data_ptr());
  inputs.dropout = rule_of(drop);
  return inputs;
}

struct AttentionFunction : torch::autograd::Function<AttentionFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& qkv, const AttentionOptions& options,
                        const Drop& drop) {
    const auto batch = qkv.size(0), time = qkv.size(1), width = qkv.size(2) / 3;
    const Timing timing("attention, forward");
    const Tensor output = torch::empty({batch, time, width}, qkv.options());
    const Tensor log_sums = torch::empty({batch, options.heads, time}, torch::kFloat32);
    with_number(qkv.scalar_type(), [&](auto number) {
      using Number = decltype(number);
      const kernels::AttentionForward<Number> call{inputs_of<Number>(qkv, options, drop), rows_of<Number>(output),
                                                   data_of<float>(log_sums)};
      in_parts([&](auto part) { kernels::attention(call, part); });
    });
    context->save_for_backward({qkv, output, log_sums, options.padding});
    context->saved_data["heads"] = std::int64_t(options.heads);
    context->saved_data["causal"] = options.causal;
    save_drop(context, drop);
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &qkv = saved[0], &output = saved[1], &log_sums = saved[2];
    const AttentionOptions options{int(context->saved_data["heads"].toInt()), context->saved_data["causal"].toBool(),
                                   saved[3]};
    const Drop drop = saved_drop(context);
    const Tensor d_output = gradients[0].to(qkv.scalar_type()).contiguous();
    const Timing timing("attention, backward");
    const Tensor d_qkv = torch::empty_like(qkv);
    with_number(qkv.scalar_type(), [&](auto number) {
      using Number = decltype(number);
      const auto width = std::size_t(qkv.size(2) / 3);
      Number* to = data_of<Number>(d_qkv);
      const kernels::AttentionBackward<Number> call{inputs_of<Number>(qkv, options, drop),
                                                    rows_of<const Number>(output),
                                                    rows_of<const Number>(d_output),
                                                    data_of<const float>(log_sums),
                                                    {to, 3 * width},
                                                    {to + width, 3 * width},
                                                    {to + 2 * width, 3 * width}};
      in_parts([&](auto part) { kernels::attention_gradient(call, part); });
    });
    return {d_qkv, {}, {}};
  }
};

}  // namespace

Tensor attention(const Tensor& qkv, const AttentionOptions& options, const Drop& drop) {
  return AttentionFunction::apply(qkv.contiguous(), options, drop);
}

}  // namespace continuo::neural::fused
