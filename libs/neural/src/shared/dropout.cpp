#include "shared/dropout.h"

#include <torch/torch.h>

#include "continuo/base/rng.h"
#include "continuo/kernels/elementwise.h"
#include "continuo/neural/parallel.h"

#include "shared/kernel_views.h"
#include "shared/saved_drop.h"

namespace continuo::neural {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// kernels::drop_factor() of each unit in libtorch's functions, so that every device drops the same units. int32 holds
// the bits of uint32: products and sums wrap alike, shifts to the right bring in copies of the sign, which are masked
// away, and the order of unsigned numbers is that of signed ones with the highest bit turned.
torch::Tensor drop_factors(const kernels::DropRule& rule, const torch::Tensor& x) {
  const auto bits = [](std::uint32_t number) { return std::int64_t(std::int32_t(number)); };
  const auto mix = [](torch::Tensor& state, std::int64_t shift) {
    const torch::Tensor high = at::bitwise_right_shift(state, shift);
    state.bitwise_xor_(high.bitwise_and_((std::int64_t{1} << (32 - shift)) - 1));
  };
  constexpr std::uint32_t kHighest = 0x80000000U;
  torch::Tensor state = torch::arange(x.numel(), x.options().dtype(torch::kInt32).requires_grad(false));
  state.add_(bits(rule.first)).bitwise_xor_(bits(rule.low_seed));
  mix(state, 16);
  state.mul_(bits(0x7feb352dU));
  mix(state, 15);
  state.add_(bits(rule.high_seed)).mul_(bits(0x846ca68bU));
  mix(state, 16);
  const torch::Tensor kept = state.bitwise_xor_(bits(kHighest)).ge(bits(rule.threshold ^ kHighest));
  return kept.view(x.sizes()).to(torch::kFloat32).mul_(rule.scale);
}

torch::Tensor drop_contiguous(const kernels::DropRule& rule, const torch::Tensor& x) {
  const torch::Tensor out = torch::empty_like(x);
  with_number(x.scalar_type(), [&](auto number) {
    using Number = decltype(number);
    const std::span<const Number> from(data_of<const Number>(x), std::size_t(x.numel()));
    in_parts(kernels::parts_of_numbers(from.size()),
             [&](auto part) { kernels::drop(rule, from, data_of<Number>(out), part); });
  });
  return out;
}

// Of a tensor that lies in memory as [time, rows, units], as recurrent layers have it.
torch::Tensor drop_transposed(const kernels::DropRule& rule, const torch::Tensor& x) {
  const torch::Tensor in_memory = x.transpose(0, 1);
  const torch::Tensor out = torch::empty_like(in_memory);
  const auto rows = std::size_t(x.size(0)), time = std::size_t(x.size(1)), units = std::size_t(x.size(2));
  with_number(x.scalar_type(), [&](auto number) {
    using Number = decltype(number);
    kernel_threads().share(time, [&](std::size_t t, int) {
      kernels::DropRule of_place = rule;
      for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t from = (t * rows + row) * units;
        of_place.first = rule.first + static_cast<std::uint32_t>((row * time + t) * units);
        kernels::drop(of_place, std::span(data_of<const Number>(in_memory) + from, units), data_of<Number>(out) + from,
                      kernels::Part{});
      }
    });
  });
  return out.transpose(0, 1);
}

torch::Tensor apply_drop(const Drop& drop, const torch::Tensor& x) {
  const kernels::DropRule rule = rule_of(drop, x);
  if (!x.is_cpu()) return (x * drop_factors(rule, x)).to(x.scalar_type());
  return !x.is_contiguous() && x.dim() == 3 && x.transpose(0, 1).is_contiguous()
             ? drop_transposed(rule, x)
             : drop_contiguous(rule, x.contiguous());
}

struct DropFunction : torch::autograd::Function<DropFunction> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x, const Drop& drop) {
    save_drop(context, drop);
    return apply_drop(drop, x);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    return {apply_drop(saved_drop(context), gradients[0]), {}};
  }
};

}  // namespace

Drop drop_of(const Pass& pass, std::size_t place) { return {pass.dropout, mix_seed(pass.seed, place), pass.first_row}; }

torch::Tensor dropped(const torch::Tensor& x, const Drop& drop) {
  return drop.probability == 0 ? x : DropFunction::apply(x, drop);
}

torch::Tensor add_dropped(const torch::Tensor& x, const torch::Tensor& y, const Drop& drop) {
  return x + dropped(y, drop).to(x.scalar_type());
}

}  // namespace continuo::neural
