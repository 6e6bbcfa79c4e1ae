// The kernels in Google Highway's portable vectors. This file is compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernel_table.h"
#include "simd_targets.h"
#include "vectors-inl.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

HWY_INLINE Vec evaluate(Function function, Vec x) {
  switch (function) {
    case Function::kExp:
      return exp_of(x);
    case Function::kTanh:
      return tanh_of(x);
    case Function::kSigmoid:
      return sigmoid_of(x);
    case Function::kErf:
      return erf_of(x);
    case Function::kGelu:
      return gelu_of(x);
    case Function::kGeluTanh:
      return gelu_tanh_of(x);
    case Function::kSilu:
      return silu_of(x);
  }
  return x;
}

void apply_all(Function function, float* x, std::size_t count) noexcept {
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) hn::StoreU(evaluate(function, hn::LoadU(kTag, x + i)), kTag, x + i);
  if (i < count) store_part(evaluate(function, load_part(x + i, count - i, 0.0F)), x + i, count - i);
}

HWY_INLINE float total(const float* x, std::size_t count) {
  Vec sum = hn::Zero(kTag);
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) sum = hn::Add(sum, hn::LoadU(kTag, x + i));
  if (i < count) sum = hn::Add(sum, load_part(x + i, count - i, 0.0F));
  return sum_of(sum);
}

HWY_INLINE float squared_distance(const float* x, std::size_t count, float mean) {
  const Vec center = constant(mean);
  Vec sum = hn::Zero(kTag);
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Vec distance = hn::Sub(hn::LoadU(kTag, x + i), center);
    sum = hn::MulAdd(distance, distance, sum);
  }
  if (i < count) {
    const Vec distance = hn::Sub(load_part(x + i, count - i, mean), center);
    sum = hn::MulAdd(distance, distance, sum);
  }
  return sum_of(sum);
}

void norm(const NormWeights& weights, const float* input, float* output, std::size_t width) noexcept {
  const float mean = total(input, width) / static_cast<float>(width);
  const Vec variance = constant(squared_distance(input, width, mean) / static_cast<float>(width) + weights.epsilon);
  const Vec inverse = hn::Div(constant(1.0F), hn::Sqrt(variance));
  const Vec center = constant(mean);
  std::size_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    const Vec x = hn::Mul(hn::Sub(hn::LoadU(kTag, input + i), center), inverse);
    hn::StoreU(hn::MulAdd(x, hn::LoadU(kTag, weights.scale + i), hn::LoadU(kTag, weights.shift + i)), kTag, output + i);
  }
  if (i == width) return;
  const std::size_t left = width - i;
  const Vec x = hn::Mul(hn::Sub(load_part(input + i, left, mean), center), inverse);
  store_part(hn::MulAdd(x, load_part(weights.scale + i, left, 0.0F), load_part(weights.shift + i, left, 0.0F)),
             output + i, left);
}

HWY_INLINE float largest(const float* x, std::size_t count) {
  Vec top = constant(x[0]);
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) top = hn::Max(top, hn::LoadU(kTag, x + i));
  if (i < count) top = hn::Max(top, load_part(x + i, count - i, x[0]));
  return max_of(top);
}

void normalise_exponentials(float* x, std::size_t count, float scale) noexcept {
  const Vec top = constant(largest(x, count));
  const Vec factor = constant(scale);
  Vec sum = hn::Zero(kTag);
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Vec y = exp_of(hn::Mul(hn::Sub(hn::LoadU(kTag, x + i), top), factor));
    hn::StoreU(y, kTag, x + i);
    sum = hn::Add(sum, y);
  }
  if (i < count) {
    const Vec y = exp_of(hn::Mul(hn::Sub(load_part(x + i, count - i, x[0]), top), factor));
    store_part(y, x + i, count - i);
    sum = hn::Add(sum, load_part(x + i, count - i, 0.0F));
  }
  const Vec inverse = constant(1.0F / sum_of(sum));
  for (i = 0; i + kLanes <= count; i += kLanes) {
    hn::StoreU(hn::Mul(hn::LoadU(kTag, x + i), inverse), kTag, x + i);
  }
  if (i < count) store_part(hn::Mul(load_part(x + i, count - i, 0.0F), inverse), x + i, count - i);
}

struct CellState {
  Vec cell;
  Vec hidden;
};

HWY_INLINE CellState advance(Vec input, Vec forget, Vec candidate, Vec output, Vec cell) {
  const Vec kept = hn::Mul(sigmoid_of(forget), cell);
  const Vec next = hn::MulAdd(sigmoid_of(input), tanh_of(candidate), kept);
  return {next, hn::Mul(sigmoid_of(output), tanh_of(next))};
}

void update_cell(const LstmGates& gates, float* cell, float* hidden, std::size_t count) noexcept {
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const CellState state =
        advance(hn::LoadU(kTag, gates.input + i), hn::LoadU(kTag, gates.forget + i),
                hn::LoadU(kTag, gates.candidate + i), hn::LoadU(kTag, gates.output + i), hn::LoadU(kTag, cell + i));
    hn::StoreU(state.cell, kTag, cell + i);
    hn::StoreU(state.hidden, kTag, hidden + i);
  }
  if (i == count) return;
  const std::size_t left = count - i;
  const CellState state = advance(load_part(gates.input + i, left, 0.0F), load_part(gates.forget + i, left, 0.0F),
                                  load_part(gates.candidate + i, left, 0.0F), load_part(gates.output + i, left, 0.0F),
                                  load_part(cell + i, left, 0.0F));
  store_part(state.cell, cell + i, left);
  store_part(state.hidden, hidden + i, left);
}

// panels_simd.cpp
void panel_product(const PanelProduct& p) noexcept;
void prepare_row(LeftForm form, const float* from, std::size_t depth, std::byte* row) noexcept;

constexpr KernelTable kTable = {panel_product, prepare_row, apply_all, norm, normalise_exponentials, update_cell};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

const KernelTable* simd_table(Isa isa) {
  CONTINUO_RETURN_SIMD_TABLE(isa, kTable);
  return nullptr;
}

}  // namespace continuo::kernels
#endif
