// Normalisation in Highway's portable vectors, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "norm/norm_simd.cpp"
#include <algorithm>
#include <cmath>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "isa/simd_targets.h"
#include "isa/vectors-inl.h"
#include "norm/norm_table.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

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

void layer_norm_row(const NormWeights& weights, const float* input, float* output, std::size_t width) noexcept {
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

HWY_INLINE RowStatistics statistics_of(const NormShape& shape, const float* x) {
  const auto count = static_cast<float>(shape.width);
  float mean = 0;
  if (shape.shift != nullptr) {
    Vec sum = hn::Zero(kTag);
    for (std::size_t i = 0; i < shape.width; i += kLanes) sum = hn::Add(sum, load_up_to(x + i, shape.width - i));
    mean = sum_of(sum) / count;
  }
  Vec squares = hn::Zero(kTag);
  for (std::size_t i = 0; i < shape.width; i += kLanes) {
    const Vec distance = hn::Sub(load_up_to(x + i, shape.width - i, mean), constant(mean));
    squares = hn::MulAdd(distance, distance, squares);
  }
  return {mean, 1.0F / std::sqrt(sum_of(squares) / count + shape.epsilon)};
}

template <typename Number>
void norm_rows(const NormForward<Number>& c, std::size_t begin, std::size_t end) {
  const std::size_t width = c.shape.width;
  for (std::size_t row = begin; row < end; ++row) {
    const float* x = c.input.row(row);
    const RowStatistics statistics = statistics_of(c.shape, x);
    if (c.statistics != nullptr) c.statistics[row] = statistics;
    const Vec mean = constant(statistics.mean), inverse = constant(statistics.inverse);
    for (std::size_t i = 0; i < width; i += kLanes) {
      const std::size_t count = width - i;
      Vec y = hn::Mul(hn::Sub(load_up_to(x + i, count), mean), inverse);
      y = hn::Mul(y, load_up_to(c.shape.scale + i, count));
      if (c.shape.shift != nullptr) y = hn::Add(y, load_up_to(c.shape.shift + i, count));
      if (c.output) store_up_to(y, c.output.row(row) + i, count);
      if (c.wide_output) store_up_to(y, c.wide_output.row(row) + i, count);
    }
  }
}

template <typename Number>
HWY_INLINE Vec output_gradient(const NormBackward<Number>& c, std::size_t row, std::size_t i, std::size_t count) {
  Vec gradient = hn::Zero(kTag);
  if (c.gradient) gradient = load_up_to(c.gradient.row(row) + i, count);
  if (c.wide_gradient) gradient = hn::Add(gradient, load_up_to(c.wide_gradient.row(row) + i, count));
  return gradient;
}

// dx = inverse (g - mean(g) - x^ mean(g x^)) with g = dy scale and x^ the normalised row.
template <typename Number>
void norm_gradient_rows(const NormBackward<Number>& c, std::size_t begin, std::size_t end, float* sums) {
  const std::size_t width = c.shape.width;
  std::fill_n(sums, 2 * width, 0.0F);
  for (std::size_t row = begin; row < end; ++row) {
    const RowStatistics statistics = c.statistics[row];
    const Vec mean = constant(statistics.mean), inverse = constant(statistics.inverse);
    const float* x = c.input.row(row);
    Vec plain = hn::Zero(kTag), weighted = hn::Zero(kTag);
    for (std::size_t i = 0; i < width; i += kLanes) {
      const std::size_t count = width - i;
      const Vec y = hn::Mul(hn::Sub(load_up_to(x + i, count, statistics.mean), mean), inverse);
      const Vec dy = output_gradient(c, row, i, count);
      const Vec g = hn::Mul(dy, load_up_to(c.shape.scale + i, count));
      plain = hn::Add(plain, g);
      weighted = hn::MulAdd(g, y, weighted);
      store_up_to(hn::MulAdd(dy, y, load_up_to(sums + i, count)), sums + i, count);
      store_up_to(hn::Add(dy, load_up_to(sums + width + i, count)), sums + width + i, count);
    }
    const auto size = static_cast<float>(width);
    const Vec plain_mean = constant(c.shape.shift != nullptr ? sum_of(plain) / size : 0.0F);
    const Vec weighted_mean = constant(sum_of(weighted) / size);
    for (std::size_t i = 0; i < width; i += kLanes) {
      const std::size_t count = width - i;
      const Vec y = hn::Mul(hn::Sub(load_up_to(x + i, count), mean), inverse);
      const Vec g = hn::Mul(output_gradient(c, row, i, count), load_up_to(c.shape.scale + i, count));
      Vec dx = hn::Mul(hn::Sub(hn::Sub(g, plain_mean), hn::Mul(y, weighted_mean)), inverse);
      if (c.residual_gradient) dx = hn::Add(dx, load_up_to(c.residual_gradient.row(row) + i, count));
      store_up_to(dx, c.input_gradient.row(row) + i, count);
    }
  }
}

template <typename Number>
constexpr NormTable<Number> kNormTable = {norm_rows<Number>, norm_gradient_rows<Number>};
constexpr LayerNormTable kLayerNormTable = {layer_norm_row};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

CONTINUO_SIMD_TABLES_OF_NUMBERS(NormTable, simd_norm_table, kNormTable)
const LayerNormTable* simd_layer_norm_table(Isa isa) {
  CONTINUO_RETURN_SIMD_TABLE(isa, kLayerNormTable);
  return nullptr;
}

}  // namespace continuo::kernels
#endif
