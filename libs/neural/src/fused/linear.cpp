#include "fused/linear.h"

#include <torch/torch.h>

#include "continuo/kernels/elementwise.h"
#include "continuo/neural/timing.h"

#include "shared/kernel_views.h"
#include "shared/saved_drop.h"

namespace continuo::neural::fused {
namespace {

using kernels::Activation;
using kernels::LinearProduct;
using kernels::WeightSide;
using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

template <typename Number>
kernels::PackedWeights<Number> view(WeightSide side, const Tensor& packed, const Tensor& weight) {
  const auto outputs = std::size_t(weight.size(0)), inputs = std::size_t(weight.size(1));
  const bool forward = side == WeightSide::kForward;
  return {data_of<const Number>(packed), forward ? outputs : inputs, forward ? inputs : outputs};
}

// A product with one side of a weight matrix, without what follows the sums.
template <typename Number>
LinearProduct<Number> product(WeightSide side, const Tensor& input, const Tensor& packed, const Tensor& weight) {
  LinearProduct<Number> call;
  call.rows = row_count(input);
  call.input = rows_of<const Number>(input);
  call.weights = view<Number>(side, packed, weight);
  return call;
}

Tensor empty_with_width(const Tensor& like, std::int64_t width, torch::ScalarType type) {
  auto sizes = like.sizes().vec();
  sizes.back() = width;
  return torch::empty(sizes, type);
}

// The gradient of a dropped product: the same units dropped, in the type of the products.
Tensor through_drop(const Tensor& gradient, const Drop& drop, torch::ScalarType type) {
  const Tensor dense = gradient.contiguous();
  if (drop.probability == 0 && dense.scalar_type() == type) return dense;
  const Tensor out = torch::empty(dense.sizes(), type);
  const kernels::DropRule rule = rule_of(drop, dense);
  with_number(type, [&](auto number) {
    using Number = decltype(number);
    const std::span<const float> from(data_of<const float>(dense), std::size_t(dense.numel()));
    in_parts(kernels::parts_of_numbers(from.size()),
             [&](auto part) { kernels::drop(rule, from, data_of<Number>(out), part); });
  });
  return out;
}

// Whether the layer has a bias, for the backward pass.
void save_bias(AutogradContext* context, const MaybeTensor& bias) {
  context->saved_data["bias"] = bias && bias->defined();
}
bool has_saved_bias(AutogradContext* context) { return context->saved_data["bias"].toBool(); }

struct WeightGradients {
  Tensor weight, bias;  // bias: undefined where the layer has none
};

WeightGradients weight_gradients(const Tensor& d_y, const Tensor& x, bool with_bias) {
  const auto outputs = d_y.size(-1), inputs = x.size(-1);
  const Timing timing("linear, gradient of weights");
  WeightGradients result{torch::empty({outputs, inputs}, torch::kFloat32),
                         with_bias ? torch::empty({outputs}, torch::kFloat32) : Tensor()};
  with_number(x.scalar_type(), [&](auto number) {
    using Number = decltype(number);
    const kernels::WeightGradient<Number> call{row_count(x),
                                               std::size_t(outputs),
                                               std::size_t(inputs),
                                               rows_of<const Number>(d_y),
                                               rows_of<const Number>(x),
                                               rows_of<float>(result.weight),
                                               data_if_defined<float>(result.bias)};
    in_parts(kernels::parts_of(call), [&](auto part) { kernels::weight_gradient(call, part); });
  });
  return result;
}

// d_y W, times the derivative of the activation at `before`, if there is one.
Tensor input_gradient(const Tensor& d_y, const Tensor& weight, Activation activation, const Tensor& before) {
  const Timing timing("linear, gradient of inputs");
  const Tensor packed = pack(WeightSide::kInputGradient, weight, d_y.scalar_type());
  Tensor d_x = empty_with_width(d_y, weight.size(1), d_y.scalar_type());
  with_number(d_y.scalar_type(), [&](auto number) {
    using Number = decltype(number);
    auto call = product<Number>(WeightSide::kInputGradient, d_y, packed, weight);
    call.activation = activation;
    if (before.defined()) call.derivative_at = rows_of<const Number>(before);
    call.output = rows_of<Number>(d_x);
    in_parts(kernels::parts_of(call), [&](auto part) { kernels::linear(call, part); });
  });
  return d_x;
}

struct LinearFunction : torch::autograd::Function<LinearFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, const MaybeTensor& bias) {
    context->save_for_backward({x, weight});
    save_bias(context, bias);
    const Timing timing("linear, forward");
    const Tensor packed = pack(WeightSide::kForward, weight, x.scalar_type());
    Tensor y = empty_with_width(x, weight.size(0), x.scalar_type());
    with_number(x.scalar_type(), [&](auto number) {
      using Number = decltype(number);
      auto call = product<Number>(WeightSide::kForward, x, packed, weight);
      call.bias = data_if_defined<const float>(bias);
      call.output = rows_of<Number>(y);
      in_parts(kernels::parts_of(call), [&](auto part) { kernels::linear(call, part); });
    });
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1];
    const Tensor d_y = through_drop(gradients[0].to(x.scalar_type()), {}, x.scalar_type());
    const WeightGradients d = weight_gradients(d_y, x, has_saved_bias(context));
    return {input_gradient(d_y, weight, Activation::kNone, {}), d.weight, d.bias};
  }
};

// residual + dropped(x W^T + b) in fp32.
Tensor product_onto(const Tensor& residual, const Tensor& x, const Tensor& weight, const MaybeTensor& bias,
                    const Drop& drop) {
  const Timing timing("linear, forward");
  const Tensor packed = pack(WeightSide::kForward, weight, x.scalar_type());
  Tensor y = torch::empty(residual.sizes(), torch::kFloat32);
  with_number(x.scalar_type(), [&](auto number) {
    using Number = decltype(number);
    auto call = product<Number>(WeightSide::kForward, x, packed, weight);
    call.bias = data_if_defined<const float>(bias);
    call.dropout = rule_of(drop, residual);
    call.residual = rows_of<const float>(residual);
    call.wide_output = rows_of<float>(y);
    in_parts(kernels::parts_of(call), [&](auto part) { kernels::linear(call, part); });
  });
  return y;
}

struct LinearOntoFunction : torch::autograd::Function<LinearOntoFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& residual, const Tensor& x, const Tensor& weight,
                        const MaybeTensor& bias, const Drop& drop) {
    context->save_for_backward({x, weight});
    save_bias(context, bias);
    save_drop(context, drop);
    return product_onto(residual, x, weight, bias, drop);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1];
    const Tensor d_y = through_drop(gradients[0], saved_drop(context), x.scalar_type());
    const WeightGradients d = weight_gradients(d_y, x, has_saved_bias(context));
    return {gradients[0], input_gradient(d_y, weight, Activation::kNone, {}), d.weight, d.bias, {}};
  }
};

// The middle of a feed-forward layer, again from the sums before the activation.
Tensor activated(const Tensor& before, Activation activation, bool gated) {
  const Timing timing("activation");
  const auto width = gated ? before.size(-1) / 2 : before.size(-1);
  const Tensor out = empty_with_width(before, width, before.scalar_type());
  with_number(before.scalar_type(), [&](auto number) {
    using Number = decltype(number);
    if (gated) {
      const kernels::GatedForward<Number> call{row_count(out), std::size_t(width), activation,
                                               rows_of<const Number>(before), rows_of<Number>(out)};
      in_parts(kernels::parts_of_rows(call.rows), [&](auto part) { kernels::gated(call, part); });
    } else {
      const std::span<const Number> in(data_of<const Number>(before), std::size_t(before.numel()));
      in_parts(kernels::parts_of_numbers(in.size()),
               [&](auto part) { kernels::activate(activation, in, data_of<Number>(out), part); });
    }
  });
  return out;
}

// The gradient before the gates, in place of the sums themselves.
Tensor gated_gradient(const Tensor& before, const Tensor& d_after, Activation activation) {
  const Timing timing("activation");
  with_number(before.scalar_type(), [&](auto number) {
    using Number = decltype(number);
    const kernels::GatedBackward<Number> call{row_count(d_after),
                                              std::size_t(d_after.size(-1)),
                                              activation,
                                              rows_of<const Number>(before),
                                              rows_of<const Number>(d_after),
                                              rows_of<Number>(before)};
    in_parts(kernels::parts_of_rows(call.rows), [&](auto part) { kernels::gated_gradient(call, part); });
  });
  return before;
}

struct FeedForwardFunction : torch::autograd::Function<FeedForwardFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& residual, const Tensor& x, const Tensor& weight1,
                        const MaybeTensor& bias1, const Tensor& weight2, const MaybeTensor& bias2,
                        const FeedForward& layer) {
    const Tensor before = empty_with_width(x, weight1.size(0), x.scalar_type());
    Tensor after = layer.gated ? Tensor() : torch::empty_like(before);
    with_number(x.scalar_type(), [&](auto number) {
      const Timing timing("linear, forward");
      const Tensor packed = pack(WeightSide::kForward, weight1, x.scalar_type());
      using Number = decltype(number);
      auto call = product<Number>(WeightSide::kForward, x, packed, weight1);
      call.bias = data_if_defined<const float>(bias1);
      if (layer.gated) {
        call.output = rows_of<Number>(before);
      } else {
        call.activation = layer.activation;
        call.before_activation = rows_of<Number>(before);
        call.output = rows_of<Number>(after);
      }
      in_parts(kernels::parts_of(call), [&](auto part) { kernels::linear(call, part); });
    });
    if (layer.gated) after = activated(before, layer.activation, true);
    context->save_for_backward({x, before, weight1, weight2});
    save_bias(context, bias1);
    context->saved_data["activation"] = std::int64_t(layer.activation);
    context->saved_data["gated"] = layer.gated;
    save_drop(context, layer.drop);
    return product_onto(residual, after, weight2, bias2, layer.drop);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &before = saved[1], &weight1 = saved[2], &weight2 = saved[3];
    const auto activation = Activation(context->saved_data["activation"].toInt());
    const bool gated = context->saved_data["gated"].toBool(), biased = has_saved_bias(context);
    const Tensor d_y = through_drop(gradients[0], saved_drop(context), x.scalar_type());
    const WeightGradients d2 = weight_gradients(d_y, activated(before, activation, gated), biased);
    const Tensor d_before =
        gated ? gated_gradient(before, input_gradient(d_y, weight2, Activation::kNone, {}), activation)
              : input_gradient(d_y, weight2, activation, before);
    const WeightGradients d1 = weight_gradients(d_before, x, biased);
    const Tensor d_x = input_gradient(d_before, weight1, Activation::kNone, {});
    return {gradients[0], d_x, d1.weight, d1.bias, d2.weight, d2.bias, {}};
  }
};

}  // namespace

Tensor pack(WeightSide side, const Tensor& weight, torch::ScalarType type) {
  const auto outputs = std::size_t(weight.size(0)), inputs = std::size_t(weight.size(1));
  return with_number(type, [&](auto number) {
    using Number = decltype(number);
    const bool forward = side == WeightSide::kForward;
    const auto size = kernels::packed_size<Number>(forward ? outputs : inputs, forward ? inputs : outputs);
    const Tensor packed = torch::empty({std::int64_t(size)}, type);
    const float* from = data_of<const float>(weight);
    in_parts(kernels::parts_of_rows(forward ? outputs : inputs),
             [&](auto part) { kernels::pack_weights(side, outputs, inputs, from, data_of<Number>(packed), part); });
    return packed;
  });
}

Tensor linear(const Tensor& x, const LinearWeights& weights) {
  return LinearFunction::apply(x.contiguous(), weights.weight, MaybeTensor(weights.bias));
}

Tensor linear_onto(const Tensor& residual, const Tensor& x, const LinearWeights& weights, const Drop& drop) {
  return LinearOntoFunction::apply(residual.contiguous(), x.contiguous(), weights.weight, MaybeTensor(weights.bias),
                                   drop);
}

Tensor feed_forward_onto(const Tensor& residual, const Tensor& x, const FeedForward& layer) {
  return FeedForwardFunction::apply(residual.contiguous(), x.contiguous(), layer.fc1.weight,
                                    MaybeTensor(layer.fc1.bias), layer.fc2.weight, MaybeTensor(layer.fc2.bias), layer);
}

}  // namespace continuo::neural::fused
