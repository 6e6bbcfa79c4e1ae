// The norm of heads in Highway's portable vectors, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "head_norm/head_norm_simd.cpp"
#include <algorithm>
#include <cmath>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "head_norm/head_norm_table.h"
#include "isa/simd_targets.h"
#include "isa/vectors-inl.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

template <typename Number>
HWY_INLINE float inverse_rms(const HeadNormShape& shape, const Number* x) {
  Vec squares = hn::Zero(kTag);
  for (std::size_t i = 0; i < shape.head_width; i += kLanes) {
    const Vec part = load_up_to(x + i, shape.head_width - i);
    squares = hn::MulAdd(part, part, squares);
  }
  return 1.0F / std::sqrt(sum_of(squares) / static_cast<float>(shape.head_width) + shape.epsilon);
}

template <typename Number>
HWY_INLINE void normalise_head(const HeadNormShape& shape, const Number* x, float inverse, Number* y) {
  const Vec factor = constant(inverse);
  for (std::size_t i = 0; i < shape.head_width; i += kLanes) {
    const std::size_t count = shape.head_width - i;
    const Vec scale = load_up_to(shape.scale + i, count);
    store_up_to(hn::Mul(hn::Mul(load_up_to(x + i, count), factor), scale), y + i, count);
  }
}

template <typename Number>
void norm_heads(const HeadNormForward<Number>& c) noexcept {
  for (std::size_t row = 0; row < c.shape.rows; ++row) {
    const Number* x = c.input.row(row);
    Number* y = c.output.row(row);
    for (std::size_t head = 0; head < c.shape.heads; ++head, x += c.shape.head_width, y += c.shape.head_width) {
      const float inverse = inverse_rms(c.shape, x);
      if (c.inverses) c.inverses.row(row)[head] = inverse;
      normalise_head(c.shape, x, inverse, y);
    }
  }
}

// With y = x inverse and g = dy scale: dx = inverse (g - y mean(g y)).
template <typename Number>
HWY_INLINE void head_gradient(const HeadNormBackward<Number>& c, const Number* x, float inverse, Number* gradient) {
  const std::size_t width = c.shape.head_width;
  const Vec factor = constant(inverse);
  Vec weighted = hn::Zero(kTag);
  for (std::size_t i = 0; i < width; i += kLanes) {
    const std::size_t count = width - i;
    const Vec y = hn::Mul(load_up_to(x + i, count), factor);
    const Vec product = hn::Mul(load_up_to(gradient + i, count), y);
    weighted = hn::MulAdd(product, load_up_to(c.shape.scale + i, count), weighted);
    store_up_to(hn::Add(load_up_to(c.scale_gradient + i, count), product), c.scale_gradient + i, count);
  }
  const Vec mean = constant(sum_of(weighted) / static_cast<float>(width));
  for (std::size_t i = 0; i < width; i += kLanes) {
    const std::size_t count = width - i;
    const Vec y = hn::Mul(load_up_to(x + i, count), factor);
    const Vec g = hn::Mul(load_up_to(gradient + i, count), load_up_to(c.shape.scale + i, count));
    store_up_to(hn::Mul(hn::NegMulAdd(y, mean, g), factor), gradient + i, count);
  }
}

template <typename Number>
void norm_heads_gradient(const HeadNormBackward<Number>& c) noexcept {
  std::fill_n(c.scale_gradient, c.shape.head_width, 0.0F);
  for (std::size_t row = 0; row < c.shape.rows; ++row) {
    for (std::size_t head = 0; head < c.shape.heads; ++head) {
      const std::size_t at = head * c.shape.head_width;
      head_gradient(c, c.input.row(row) + at, c.inverses.row(row)[head], c.gradient.row(row) + at);
    }
  }
}

template <typename Number>
constexpr HeadNormTable<Number> kHeadNormTable = {norm_heads<Number>, norm_heads_gradient<Number>};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

CONTINUO_SIMD_TABLES_OF_NUMBERS(HeadNormTable, simd_head_norm_table, kHeadNormTable)

}  // namespace continuo::kernels
#endif
