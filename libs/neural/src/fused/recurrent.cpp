#include "fused/recurrent.h"

#include <torch/torch.h>

#include "continuo/kernels/recurrent.h"
#include "continuo/neural/timing.h"

#include "fused/linear.h"
#include "shared/kernel_views.h"

namespace continuo::neural::fused {
namespace {

using kernels::WeightSide;
using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

kernels::SequenceShape shape_of(const Tensor& output) {
  return {std::size_t(output.size(0)), std::size_t(output.size(1)), std::size_t(output.size(2))};
}

Tensor packed_gates(const Tensor& recurrent, torch::ScalarType type) {
  const auto hidden = std::size_t(recurrent.size(1)), gates = std::size_t(recurrent.size(0)) / hidden;
  return with_number(type, [&](auto number) {
    using Number = decltype(number);
    const Tensor packed = torch::empty({std::int64_t(kernels::packed_gates_size<Number>(gates, hidden))}, type);
    const float* from = data_of<const float>(recurrent);
    in_parts(kernels::parts_of_rows(hidden),
             [&](auto part) { kernels::pack_gates(gates, hidden, from, data_of<Number>(packed), part); });
    return packed;
  });
}

// The gradient of recurrent weights from those of the sums of `columns` [first, first + count): every step but the
// first meets the output of the step before.
Tensor recurrent_gradient(const Tensor& d_sums, std::int64_t first, std::int64_t count, const Tensor& output) {
  const auto time = output.size(0), batch = output.size(1), hidden = output.size(2);
  const Tensor result = torch::zeros({count, hidden}, torch::kFloat32);
  if (time == 1) return result;
  with_number(output.scalar_type(), [&](auto number) {
    using Number = decltype(number);
    kernels::WeightGradient<Number> call;
    call.rows = std::size_t((time - 1) * batch);
    call.outputs = std::size_t(count);
    call.inputs = std::size_t(hidden);
    call.gradient = rows_of<const Number>(d_sums);
    call.gradient.data = call.gradient.row(std::size_t(batch)) + first;
    call.input = rows_of<const Number>(output);
    call.weights = rows_of<float>(result);
    in_parts(kernels::parts_of(call), [&](auto part) { kernels::weight_gradient(call, part); });
  });
  return result;
}

// What both cells take for their backward pass. The gates' memory becomes that of their gradients.
template <typename Call, typename Number>
void fill_backward(Call& call, const Tensor& output, const Tensor& packed, const Tensor& gates,
                   const Tensor& d_output) {
  call.shape = shape_of(output);
  call.weights = data_of<const Number>(packed);
  call.gates = rows_of<const Number>(gates);
  call.gradient = rows_of<const Number>(d_output);
  call.projection_gradient = rows_of<Number>(gates);
}

// Gets the projections of the inputs, and overwrites them.
struct LstmFunction : torch::autograd::Function<LstmFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& gates, const Tensor& recurrent) {
    const Timing timing("recurrence, forward");
    const auto time = gates.size(0), batch = gates.size(1), hidden = recurrent.size(1);
    const Tensor packed = packed_gates(recurrent, gates.scalar_type());
    const Tensor output = torch::empty({time, batch, hidden}, gates.scalar_type());
    const Tensor cells = torch::empty({time, batch, hidden}, torch::kFloat32);
    with_number(gates.scalar_type(), [&](auto number) {
      using Number = decltype(number);
      const kernels::LstmForward<Number> call{shape_of(output), data_of<const Number>(packed), rows_of<Number>(gates),
                                              rows_of<float>(cells), rows_of<Number>(output)};
      in_parts(kernels::parts_of(call.shape), [&](auto part) { kernels::lstm(call, part); });
    });
    context->save_for_backward({gates, recurrent, cells, output});
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &gates = saved[0], &recurrent = saved[1], &cells = saved[2], &output = saved[3];
    const Tensor d_output = gradients[0].to(output.scalar_type()).contiguous();
    const Timing timing("recurrence, backward");
    const Tensor packed = pack(WeightSide::kInputGradient, recurrent, output.scalar_type());
    with_number(output.scalar_type(), [&](auto number) {
      using Number = decltype(number);
      kernels::LstmBackward<Number> call;
      fill_backward<decltype(call), Number>(call, output, packed, gates, d_output);
      call.cells = rows_of<const float>(cells);
      in_parts(kernels::parts_of(call.shape), [&](auto part) { kernels::lstm_gradient(call, part); });
    });
    return {gates, recurrent_gradient(gates, 0, recurrent.size(0), output)};
  }
};

struct GruFunction : torch::autograd::Function<GruFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& projections, const Tensor& recurrent,
                        const Tensor& recurrent_bias) {
    const Timing timing("recurrence, forward");
    const auto time = projections.size(0), batch = projections.size(1), hidden = recurrent.size(1);
    const auto type = projections.scalar_type();
    const Tensor packed = packed_gates(recurrent, type);
    const Tensor gates = torch::empty({time, batch, 4 * hidden}, type);
    gates.slice(2, 0, 3 * hidden).copy_(projections);
    const Tensor output = torch::empty({time, batch, hidden}, type);
    with_number(type, [&](auto number) {
      using Number = decltype(number);
      const kernels::GruForward<Number> call{shape_of(output), data_of<const Number>(packed),
                                             data_of<const float>(recurrent_bias), rows_of<Number>(gates),
                                             rows_of<Number>(output)};
      in_parts(kernels::parts_of(call.shape), [&](auto part) { kernels::gru(call, part); });
    });
    context->save_for_backward({gates, recurrent, output});
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &gates = saved[0], &recurrent = saved[1], &output = saved[2];
    const Tensor d_output = gradients[0].to(output.scalar_type()).contiguous();
    const Timing timing("recurrence, backward");
    const Tensor packed = pack(WeightSide::kInputGradient, recurrent, output.scalar_type());
    with_number(output.scalar_type(), [&](auto number) {
      using Number = decltype(number);
      kernels::GruBackward<Number> call;
      fill_backward<decltype(call), Number>(call, output, packed, gates, d_output);
      call.output = rows_of<const Number>(output);
      in_parts(kernels::parts_of(call.shape), [&](auto part) { kernels::gru_gradient(call, part); });
    });
    // The gradients of the recurrent part of n come after those of r, z and n.
    const auto hidden = output.size(2);
    const Tensor d_gates = recurrent_gradient(gates, 0, 2 * hidden, output);
    const Tensor d_candidate = recurrent_gradient(gates, 3 * hidden, hidden, output);
    const Tensor d_bias = gates.slice(2, 3 * hidden).to(torch::kFloat32).sum(at::IntArrayRef{0, 1});
    return {gates.slice(2, 0, 3 * hidden), at::cat({d_gates, d_candidate}, 0), d_bias};
  }
};

}  // namespace

Tensor lstm(const Tensor& x, const RecurrentLayer& layer) {
  return LstmFunction::apply(linear(x, {layer.input, layer.bias}), layer.recurrent);
}

Tensor gru(const Tensor& x, const RecurrentLayer& layer) {
  return GruFunction::apply(linear(x, {layer.input, layer.bias}), layer.recurrent, layer.recurrent_bias);
}

}  // namespace continuo::neural::fused
