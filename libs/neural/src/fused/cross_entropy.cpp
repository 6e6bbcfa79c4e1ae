#include "fused/cross_entropy.h"

#include <torch/torch.h>

#include "continuo/kernels/linear.h"
#include "continuo/kernels/loss.h"
#include "continuo/neural/timing.h"

#include "fused/linear.h"
#include "shared/kernel_views.h"

namespace continuo::neural::fused {
namespace {

using kernels::WeightSide;
using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Rows whose logits exist at the same time.
constexpr std::int64_t kRows = 512;

// Loss and, if wanted, gradients of one call.
struct Head {
  const Tensor &hidden, &weight;  // hidden in the type of the products
  const MaybeTensor& bias;
  const Tensor& targets;
  double smoothing = 0;
  Tensor d_hidden, d_weight, d_bias;  // undefined: not wanted
};

template <typename Number>
double run(Head& head) {
  const bool wanted = head.d_hidden.defined();
  const Timing timing("head and loss");
  const auto rows = head.hidden.size(0), width = head.hidden.size(1), words = head.weight.size(0);
  const Tensor packed = pack(WeightSide::kForward, head.weight, kTypeOf<Number>);
  const Tensor packed_back = wanted ? pack(WeightSide::kInputGradient, head.weight, kTypeOf<Number>) : Tensor();
  const Tensor logits = torch::empty({kRows, words}, torch::kFloat32);
  // Of even width, for kernels that read bf16 in pairs; what is beyond the words stays zero.
  const Tensor d_logits = wanted ? torch::zeros({kRows, words + words % 2}, kTypeOf<Number>) : Tensor();
  const Tensor losses = torch::empty({rows}, torch::kFloat32);
  for (std::int64_t first = 0; first < rows; first += kRows) {
    const auto count = std::size_t(std::min(kRows, rows - first));
    kernels::LinearProduct<Number> forward;
    forward.rows = count;
    forward.input = {rows_of<const Number>(head.hidden).row(std::size_t(first)), std::size_t(width)};
    forward.weights = {data_of<const Number>(packed), std::size_t(words), std::size_t(width)};
    forward.bias = data_if_defined<const float>(head.bias);
    forward.wide_output = rows_of<float>(logits);
    in_parts(kernels::parts_of(forward), [&](auto part) { kernels::linear(forward, part); });

    kernels::CrossEntropy<Number> loss{count, std::size_t(words), rows_of<const float>(logits),
                                       head.targets.data_ptr<std::int64_t>() + first, data_of<float>(losses) + first};
    loss.smoothing = float(head.smoothing);
    if (wanted) loss.gradient = rows_of<Number>(d_logits);
    in_parts(kernels::parts_of_rows(loss.rows), [&](auto part) { kernels::cross_entropy(loss, part); });
    if (!wanted) continue;

    kernels::LinearProduct<Number> backward;
    backward.rows = count;
    backward.input = rows_of<const Number>(d_logits);
    backward.weights = {data_of<const Number>(packed_back), std::size_t(width), std::size_t(words)};
    backward.output = {rows_of<Number>(head.d_hidden).row(std::size_t(first)), std::size_t(width)};
    in_parts(kernels::parts_of(backward), [&](auto part) { kernels::linear(backward, part); });
    const kernels::WeightGradient<Number> gradient{count,
                                                   std::size_t(words),
                                                   std::size_t(width),
                                                   rows_of<const Number>(d_logits),
                                                   forward.input,
                                                   rows_of<float>(head.d_weight),
                                                   data_if_defined<float>(head.d_bias),
                                                   first > 0};
    in_parts(kernels::parts_of(gradient), [&](auto part) { kernels::weight_gradient(gradient, part); });
  }
  double sum = 0;
  for (std::int64_t i = 0; i < rows; ++i) sum += double(data_of<const float>(losses)[i]);
  return sum;
}

struct CrossEntropyFunction : torch::autograd::Function<CrossEntropyFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& hidden, const Tensor& weight, const MaybeTensor& bias,
                        const Tensor& targets, double smoothing, bool wanted) {
    Head head{hidden, weight, bias, targets, smoothing, {}, {}, {}};
    if (wanted) {
      head.d_hidden = torch::empty_like(hidden);
      head.d_weight = torch::zeros_like(weight);
      if (bias && bias->defined()) head.d_bias = torch::zeros_like(*bias);
    }
    const double sum = with_number(hidden.scalar_type(), [&](auto number) { return run<decltype(number)>(head); });
    context->save_for_backward({head.d_hidden, head.d_weight, head.d_bias});
    return torch::tensor(sum, torch::kFloat64).to(torch::kFloat32);  // infinite where it is too large
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto factor = gradients[0].item<float>();
    return {saved[0] * factor, saved[1] * factor, saved[2].defined() ? saved[2] * factor : Tensor(), {}, {}, {}};
  }
};

}  // namespace

Tensor cross_entropy_sum(const Tensor& hidden, const LinearWeights& output, const Tensor& targets,
                         const CrossEntropyOptions& options) {
  const Tensor rows = hidden.to(options.bf16 ? torch::kBFloat16 : torch::kFloat32).contiguous();
  const bool wanted = torch::GradMode::is_enabled() && (hidden.requires_grad() || output.weight.requires_grad());
  return CrossEntropyFunction::apply(rows, output.weight, MaybeTensor(output.bias), targets.contiguous(),
                                     options.smoothing, wanted);
}

}  // namespace continuo::neural::fused
