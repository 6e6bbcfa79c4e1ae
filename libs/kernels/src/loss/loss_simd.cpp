// Cross-entropy in Highway's portable vectors, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "loss/loss_simd.cpp"
#include <cmath>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "elementwise/functions-inl.h"
#include "isa/simd_targets.h"
#include "isa/vectors-inl.h"
#include "loss/loss_table.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

// How far the logits are below the largest one, on average.
template <typename Number>
float mean_below(const CrossEntropy<Number>& c, const float* logits, float largest) {
  const Vec top = constant(largest);
  Vec sum = hn::Zero(kTag);
  for (std::size_t i = 0; i < c.vocab; i += kLanes) {
    sum = hn::Add(sum, hn::Sub(top, load_up_to(logits + i, c.vocab - i, largest)));
  }
  return sum_of(sum) / float(c.vocab);
}

template <typename Number>
void cross_entropy_rows(const CrossEntropy<Number>& c, std::size_t begin, std::size_t end) {
  constexpr float kNothing = -1e30F;
  const float even = c.smoothing / float(c.vocab), at_target = 1.0F - c.smoothing + even;
  for (std::size_t row = begin; row < end; ++row) {
    const float* logits = c.logits.row(row);
    Vec top = constant(kNothing), sum = hn::Zero(kTag);
    for (std::size_t i = 0; i < c.vocab; i += kLanes) top = hn::Max(top, load_up_to(logits + i, c.vocab - i, kNothing));
    const float largest = max_of(top);
    const auto exponential = [&](std::size_t i) HWY_ATTR {
      const Vec x = load_up_to(logits + i, c.vocab - i, kNothing);
      const Vec y = exp_of(hn::Sub(x, constant(largest)));
      return hn::IfThenZeroElse(hn::Lt(x, constant(0.5F * kNothing)), y);
    };
    for (std::size_t i = 0; i < c.vocab; i += kLanes) sum = hn::Add(sum, exponential(i));
    const float total = sum_of(sum);
    const auto target = static_cast<std::size_t>(c.targets[row]);
    c.losses[row] = std::log(total) + largest - logits[target];
    if (c.smoothing > 0) {
      const float mean = std::log(total) + mean_below(c, logits, largest);
      c.losses[row] = (1 - c.smoothing) * c.losses[row] + c.smoothing * mean;
    }
    if (!c.gradient) continue;
    Number* gradient = c.gradient.row(row);
    const Vec inverse = constant(1.0F / total);
    for (std::size_t i = 0; i < c.vocab; i += kLanes) {
      store_up_to(hn::Sub(hn::Mul(exponential(i), inverse), constant(even)), gradient + i, c.vocab - i);
    }
    gradient[target] = number_from<Number>(std::exp(logits[target] - largest) / total - at_target);
  }
}

template <typename Number>
constexpr LossTable<Number> kLossTable = {cross_entropy_rows<Number>};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

CONTINUO_SIMD_TABLES_OF_NUMBERS(LossTable, simd_loss_table, kLossTable)

}  // namespace continuo::kernels
#endif
