// AdamW in Highway's portable vectors, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimiser/optimiser_simd.cpp"
#include <algorithm>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "isa/simd_targets.h"
#include "isa/vectors-inl.h"
#include "optimiser/optimiser_table.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

void adamw_range(const AdamwState& s, const AdamwFactors& f, std::size_t begin, std::size_t end) {
  const Vec keep1 = constant(f.beta1), keep2 = constant(f.beta2);
  const Vec take1 = constant((1 - f.beta1) * f.gradient), take2 = constant((1 - f.beta2) * f.gradient * f.gradient);
  for (std::size_t i = begin; i < end; i += kLanes) {
    const std::size_t count = end - i;
    const Vec g = load_up_to(s.gradient + i, count);
    const Vec m = hn::MulAdd(keep1, load_up_to(s.first_moment + i, count), hn::Mul(take1, g));
    const Vec v = hn::MulAdd(keep2, load_up_to(s.second_moment + i, count), hn::Mul(take2, hn::Mul(g, g)));
    const Vec root = hn::Add(hn::Sqrt(hn::Mul(v, constant(f.second_correction))), constant(f.epsilon));
    const Vec kept = hn::Mul(load_up_to(s.values.data() + i, count), constant(f.decay));
    store_up_to(m, s.first_moment + i, count);
    store_up_to(v, s.second_moment + i, count);
    store_up_to(hn::Sub(kept, hn::Div(hn::Mul(constant(f.step_size), m), root)), s.values.data() + i, count);
  }
}

double sum_squares(const float* values, std::size_t count) {
  // fp32 sums of a few numbers each, so that the sum of the sums decides the accuracy.
  constexpr std::size_t kRun = 32 * kLanes;
  double total = 0;
  for (std::size_t first = 0; first < count; first += kRun) {
    Vec sum = hn::Zero(kTag);
    for (std::size_t i = first; i < std::min(count, first + kRun); i += kLanes) {
      const Vec x = load_up_to(values + i, count - i);
      sum = hn::MulAdd(x, x, sum);
    }
    total += sum_of(sum);
  }
  return total;
}

constexpr OptimiserTable kOptimiserTable = {adamw_range, sum_squares};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

const OptimiserTable* simd_optimiser_table(Isa isa) {
  CONTINUO_RETURN_SIMD_TABLE(isa, kOptimiserTable);
  return nullptr;
}

}  // namespace continuo::kernels
#endif
