#include "fused/norm.h"

#include <torch/torch.h>

#include "continuo/kernels/norm.h"
#include "continuo/neural/timing.h"

#include "shared/kernel_views.h"

namespace continuo::neural::fused {
namespace {

using kernels::RowStatistics;
using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

kernels::NormShape shape_of(const Tensor& x, const Tensor& scale, const MaybeTensor& shift, double epsilon) {
  return {row_count(x), std::size_t(x.size(-1)), data_of<const float>(scale), data_if_defined<const float>(shift),
          float(epsilon)};
}

RowStatistics* statistics_of(const Tensor& tensor) { return reinterpret_cast<RowStatistics*>(data_of<float>(tensor)); }

// The place of the stream in the function's results is that of its argument (pre-norm) or its norm (post-norm).
struct NormFunction : torch::autograd::Function<NormFunction> {
  static variable_list forward(AutogradContext* context, const Tensor& x, const Tensor& scale, const MaybeTensor& shift,
                               double epsilon, bool post, torch::ScalarType type) {
    const Timing timing("norm, forward");
    const Tensor statistics = torch::empty({std::int64_t(row_count(x)), 2}, torch::kFloat32);
    const bool narrow = type != torch::kFloat32;
    const Tensor input = narrow || !post ? torch::empty(x.sizes(), type) : Tensor();
    const Tensor wide = post ? torch::empty(x.sizes(), torch::kFloat32) : Tensor();
    with_number(type, [&](auto number) {
      using Number = decltype(number);
      kernels::NormForward<Number> call;
      call.shape = shape_of(x, scale, shift, epsilon);
      call.input = rows_of<const float>(x);
      if (input.defined()) call.output = rows_of<Number>(input);
      if (wide.defined()) call.wide_output = rows_of<float>(wide);
      call.statistics = statistics_of(statistics);
      in_parts(kernels::parts_of_rows(call.shape.rows), [&](auto part) { kernels::norm(call, part); });
    });
    context->save_for_backward({x, scale, *shift, statistics});
    context->saved_data["epsilon"] = epsilon;
    context->saved_data["post"] = post;
    context->saved_data["bf16"] = narrow;
    if (!post) return {x, input};
    return narrow ? variable_list{wide, input} : variable_list{wide};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &scale = saved[1], &shift = saved[2], &statistics = saved[3];
    const bool post = context->saved_data["post"].toBool(), bf16 = context->saved_data["bf16"].toBool();
    const Tensor d_stream = gradients[0].defined() ? gradients[0].contiguous() : Tensor();
    const Tensor d_input = gradients.size() > 1 && gradients[1].defined() ? gradients[1].contiguous() : Tensor();
    const Timing timing("norm, backward");
    const Tensor d_x = torch::empty_like(x), d_scale = torch::empty_like(scale);
    const Tensor d_shift = shift.defined() ? torch::empty_like(shift) : Tensor();
    const kernels::NormShape shape = shape_of(x, scale, shift, context->saved_data["epsilon"].toDouble());
    const Tensor sums = torch::empty({std::int64_t(kernels::norm_sums_size(shape))}, torch::kFloat32);
    with_number(bf16 ? torch::kBFloat16 : torch::kFloat32, [&](auto number) {
      using Number = decltype(number);
      kernels::NormBackward<Number> call;
      call.shape = shape;
      call.input = rows_of<const float>(x);
      call.statistics = statistics_of(statistics);
      if (d_input.defined()) call.gradient = rows_of<const Number>(d_input);
      if (d_stream.defined()) (post ? call.wide_gradient : call.residual_gradient) = rows_of<const float>(d_stream);
      call.input_gradient = rows_of<float>(d_x);
      call.sums = data_of<float>(sums);
      in_parts(kernels::parts_of(call), [&](auto part) { kernels::norm_gradient(call, part); });
    });
    kernels::add_norm_sums(shape, data_of<const float>(sums), data_of<float>(d_scale),
                           d_shift.defined() ? data_of<float>(d_shift) : nullptr);
    return {d_x, d_scale, d_shift, {}, {}, {}};
  }
};

}  // namespace

Branch branch_before_norm(const Tensor& stream, const Norm& norm, torch::ScalarType type) {
  const auto results =
      NormFunction::apply(stream.contiguous(), norm.scale, MaybeTensor(norm.shift), norm.epsilon, false, type);
  return {results[0], results[1]};
}

Branch branch_after_norm(const Tensor& stream, const Norm& norm, torch::ScalarType type) {
  const auto results =
      NormFunction::apply(stream.contiguous(), norm.scale, MaybeTensor(norm.shift), norm.epsilon, true, type);
  return {results[0], results.back()};
}

}  // namespace continuo::neural::fused
