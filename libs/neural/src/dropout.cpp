#include "dropout.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include "elementwise.h"

namespace continuo::neural {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kGrain = 1 << 15;

Bf16* bf16_data(const torch::Tensor& tensor) { return static_cast<Bf16*>(tensor.data_ptr()); }

template <typename Loop>
void for_ranges(const torch::Tensor& tensor, const Loop& loop) {
  at::parallel_for(0, tensor.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    loop(Range{std::size_t(begin), std::size_t(end)});
  });
}

void remember(AutogradContext* context, const Drop& drop) {
  context->saved_data["probability"] = drop.probability;
  context->saved_data["seed"] = std::int64_t(drop.seed);
}

DropRule remembered_rule(AutogradContext* context) {
  return drop_rule(context->saved_data["probability"].toDouble(), std::uint64_t(context->saved_data["seed"].toInt()));
}

torch::Tensor apply_rule(const DropRule& rule, const torch::Tensor& y) {
  const torch::Tensor dense = y.contiguous();
  torch::Tensor out = torch::empty_like(dense);
  for_ranges(dense, [&](Range range) {
    if (dense.scalar_type() == torch::kBFloat16) {
      drop_bf16(rule, range, bf16_data(dense), bf16_data(out));
    } else {
      drop_f32(rule, range, dense.data_ptr<float>(), out.data_ptr<float>());
    }
  });
  return out;
}

struct DropFunction : torch::autograd::Function<DropFunction> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x, const Drop& drop) {
    remember(context, drop);
    return apply_rule(drop_rule(drop.probability, drop.seed), x);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    return {apply_rule(remembered_rule(context), gradients[0]), {}};
  }
};

struct AddDroppedFunction : torch::autograd::Function<AddDroppedFunction> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x, const torch::Tensor& y,
                               const Drop& drop) {
    remember(context, drop);
    const bool bf16 = y.scalar_type() == torch::kBFloat16;
    context->saved_data["bf16"] = bf16;
    const DropRule rule = drop_rule(drop.probability, drop.seed);
    const torch::Tensor base = x.contiguous(), added = y.contiguous();
    torch::Tensor out = torch::empty_like(base);
    for_ranges(base, [&](Range range) {
      if (bf16) {
        add_dropped_bf16(rule, range, base.data_ptr<float>(), bf16_data(added), out.data_ptr<float>());
      } else {
        add_dropped_f32(rule, range, base.data_ptr<float>(), added.data_ptr<float>(), out.data_ptr<float>());
      }
    });
    return out;
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const DropRule rule = remembered_rule(context);
    const torch::Tensor gradient = gradients[0].contiguous();
    if (!context->saved_data["bf16"].toBool()) return {gradient, apply_rule(rule, gradient), {}};
    torch::Tensor narrowed = torch::empty(gradient.sizes(), gradient.options().dtype(torch::kBFloat16));
    for_ranges(gradient,
               [&](Range range) { drop_to_bf16(rule, range, gradient.data_ptr<float>(), bf16_data(narrowed)); });
    return {gradient, narrowed, {}};
  }
};

}  // namespace

torch::Tensor dropped(const torch::Tensor& x, const Drop& drop) {
  return drop.probability == 0 ? x : DropFunction::apply(x, drop);
}

torch::Tensor add_dropped(const torch::Tensor& x, const torch::Tensor& y, const Drop& drop) {
  return AddDroppedFunction::apply(x, y, drop);
}

}  // namespace continuo::neural
