#include "shared/dropout.h"

#include <torch/torch.h>

#include "continuo/kernels/elementwise.h"

#include "shared/kernel_views.h"
#include "shared/saved_drop.h"

namespace continuo::neural {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

torch::Tensor apply_rule(const kernels::DropRule& rule, const torch::Tensor& x) {
  const torch::Tensor dense = x.contiguous();
  const torch::Tensor out = torch::empty_like(dense);
  with_number(dense.scalar_type(), [&](auto number) {
    using Number = decltype(number);
    const std::span<const Number> from(data_of<const Number>(dense), std::size_t(dense.numel()));
    in_parts(kernels::parts_of_numbers(from.size()),
             [&](auto part) { kernels::drop(rule, from, data_of<Number>(out), part); });
  });
  return out;
}

struct DropFunction : torch::autograd::Function<DropFunction> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x, const Drop& drop) {
    save_drop(context, drop);
    return apply_rule(rule_of(drop), x);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    return {apply_rule(rule_of(saved_drop(context)), gradients[0]), {}};
  }
};

}  // namespace

torch::Tensor dropped(const torch::Tensor& x, const Drop& drop) {
  return drop.probability == 0 ? x : DropFunction::apply(x, drop);
}

torch::Tensor add_dropped(const torch::Tensor& x, const torch::Tensor& y, const Drop& drop) {
  return x + dropped(y, drop).to(x.scalar_type());
}

}  // namespace continuo::neural
