// Vectors of the instruction set that is being compiled: loads and stores of every number type, and the functions
// that are computed with them. Included once per instruction set, by sources that Highway compiles repeatedly.
#if defined(CONTINUO_KERNELS_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONTINUO_KERNELS_VECTORS_INL_H_
#undef CONTINUO_KERNELS_VECTORS_INL_H_
#else
#define CONTINUO_KERNELS_VECTORS_INL_H_
#endif

#include <hwy/highway.h>

#include "continuo/kernels/dropout.h"
#include "continuo/kernels/linear.h"
#include "continuo/kernels/number_types.h"

#define CONTINUO_UNROLL _Pragma("GCC unroll 16")

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::CappedTag<float, 16>;
using Vec = hn::Vec<Tag>;
using BitsTag = hn::RebindToUnsigned<Tag>;
constexpr Tag kTag;
constexpr BitsTag kBitsTag;
constexpr std::size_t kLanes = hn::MaxLanes(Tag());

HWY_INLINE Vec constant(float value) { return hn::Set(kTag, value); }

HWY_INLINE Vec load(const float* from) { return hn::LoadU(kTag, from); }
HWY_INLINE void store(Vec value, float* to) { hn::StoreU(value, kTag, to); }

HWY_INLINE Vec load(const Bf16* from) {
  const hn::Rebind<std::uint16_t, Tag> narrow;
  const auto bits = hn::LoadU(narrow, reinterpret_cast<const std::uint16_t*>(from));
  return hn::BitCast(kTag, hn::ShiftLeft<16>(hn::PromoteTo(kBitsTag, bits)));
}

// Pairs of bf16, each in one word: the first is the lower half.
HWY_INLINE hn::Vec<BitsTag> load_pairs(const Bf16* from) {
  const hn::Repartition<std::uint16_t, BitsTag> halves;
  return hn::BitCast(kBitsTag, hn::LoadU(halves, reinterpret_cast<const std::uint16_t*>(from)));
}

// The bits of numbers as bf16, each in the lower half of a word; rounded as to_bf16 does.
HWY_INLINE hn::Vec<BitsTag> low_bits(Vec value) {
  const auto bits = hn::BitCast(kBitsTag, value);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(kBitsTag, 1));
  return hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(kBitsTag, 0x7fff))));
}

HWY_INLINE void store(Vec value, Bf16* to) {
  const hn::Rebind<std::uint16_t, Tag> narrow;
  hn::StoreU(hn::TruncateTo(narrow, low_bits(value)), narrow, reinterpret_cast<std::uint16_t*>(to));
}

// The numbers that are left at the end of a row; the other lanes hold `rest`.
template <typename Number>
HWY_INLINE Vec load_part(const Number* from, std::size_t count, float rest) {
  HWY_ALIGN float lanes[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = i < count ? to_float(from[i]) : rest;
  return hn::Load(kTag, lanes);
}

template <typename Number>
HWY_INLINE void store_part(Vec value, Number* to, std::size_t count) {
  HWY_ALIGN float lanes[kLanes];
  hn::Store(value, kTag, lanes);
  for (std::size_t i = 0; i < count; ++i) to[i] = number_from<Number>(lanes[i]);
}

// Up to a vector of numbers.
template <typename Number>
HWY_INLINE Vec load_up_to(const Number* from, std::size_t count, float rest = 0.0F) {
  return count >= kLanes ? load(from) : load_part(from, count, rest);
}
template <typename Number>
HWY_INLINE void store_up_to(Vec value, Number* to, std::size_t count) {
  if (count >= kLanes) {
    store(value, to);
  } else {
    store_part(value, to, count);
  }
}

HWY_INLINE float sum_of(Vec value) { return hn::GetLane(hn::SumOfLanes(kTag, value)); }
HWY_INLINE float max_of(Vec value) { return hn::GetLane(hn::MaxOfLanes(kTag, value)); }

// exp(x) = 2^n exp(r) with |r| <= ln(2)/2; exp(r) by its Taylor polynomial of degree 7.
HWY_INLINE Vec exp_of(Vec x) {
  const hn::RebindToSigned<Tag> integers;
  x = hn::Min(constant(87.0F), hn::Max(constant(-87.0F), x));  // in this order, what is not a number stays so
  const auto n = hn::NearestInt(hn::Mul(x, constant(1.44269504F)));
  const Vec whole = hn::ConvertTo(kTag, n);
  Vec r = hn::NegMulAdd(whole, constant(0.693359375F), x);
  r = hn::NegMulAdd(whole, constant(-2.12194440e-4F), r);
  Vec y = constant(1.0F / 5040.0F);
  y = hn::MulAdd(y, r, constant(1.0F / 720.0F));
  y = hn::MulAdd(y, r, constant(1.0F / 120.0F));
  y = hn::MulAdd(y, r, constant(1.0F / 24.0F));
  y = hn::MulAdd(y, r, constant(1.0F / 6.0F));
  y = hn::MulAdd(y, r, constant(0.5F));
  y = hn::MulAdd(y, r, constant(1.0F));
  y = hn::MulAdd(y, r, constant(1.0F));
  const auto power = hn::ShiftLeft<23>(hn::Add(n, hn::Set(integers, 127)));
  return hn::Mul(y, hn::BitCast(kTag, power));
}

HWY_INLINE Vec sigmoid_of(Vec x) { return hn::Div(constant(1.0F), hn::Add(constant(1.0F), exp_of(hn::Neg(x)))); }

HWY_INLINE Vec tanh_of(Vec x) {
  const Vec denominator = hn::Add(exp_of(hn::Add(x, x)), constant(1.0F));
  return hn::Sub(constant(1.0F), hn::Div(constant(2.0F), denominator));
}

// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
HWY_INLINE Vec erf_of(Vec x) {
  const Vec magnitude = hn::Abs(x);
  const Vec t = hn::Div(constant(1.0F), hn::MulAdd(constant(0.3275911F), magnitude, constant(1.0F)));
  Vec y = constant(1.061405429F);
  y = hn::MulAdd(y, t, constant(-1.453152027F));
  y = hn::MulAdd(y, t, constant(1.421413741F));
  y = hn::MulAdd(y, t, constant(-0.284496736F));
  y = hn::MulAdd(y, t, constant(0.254829592F));
  const Vec tail = hn::Mul(hn::Mul(y, t), exp_of(hn::Neg(hn::Mul(magnitude, magnitude))));
  return hn::CopySign(hn::Sub(constant(1.0F), tail), x);
}

HWY_INLINE Vec gelu_of(Vec x) {
  return hn::Mul(hn::Mul(constant(0.5F), x), hn::Add(constant(1.0F), erf_of(hn::Mul(x, constant(0.70710678F)))));
}

// (1 + tanh(u)) / 2 is sigmoid(2 u), which saves a step and the cancellation for negative u.
HWY_INLINE Vec gelu_tanh_of(Vec x) {
  const Vec cubic = hn::MulAdd(hn::Mul(x, x), constant(0.044715F), constant(1.0F));
  return hn::Mul(x, sigmoid_of(hn::Mul(hn::Mul(constant(1.59576912F), x), cubic)));
}

HWY_INLINE Vec silu_of(Vec x) { return hn::Mul(x, sigmoid_of(x)); }

HWY_INLINE Vec activated(Activation activation, Vec x) {
  if (activation == Activation::kGelu) return gelu_of(x);
  if (activation == Activation::kGeluTanh) return gelu_tanh_of(x);
  return activation == Activation::kSilu ? silu_of(x) : x;
}

// Derivatives.
HWY_INLINE Vec gelu_slope(Vec x) {
  const Vec density = hn::Mul(constant(0.39894228F), exp_of(hn::Mul(constant(-0.5F), hn::Mul(x, x))));
  const Vec below = hn::MulAdd(constant(0.5F), erf_of(hn::Mul(x, constant(0.70710678F))), constant(0.5F));
  return hn::MulAdd(x, density, below);
}

HWY_INLINE Vec gelu_tanh_slope(Vec x) {
  const Vec square = hn::Mul(x, x);
  const Vec cubic = hn::MulAdd(square, constant(0.044715F), constant(1.0F));
  const Vec s = sigmoid_of(hn::Mul(hn::Mul(constant(1.59576912F), x), cubic));
  const Vec inner = hn::MulAdd(square, constant(1.59576912F * 0.134145F), constant(1.59576912F));
  return hn::Mul(s, hn::MulAdd(hn::Mul(x, hn::Sub(constant(1.0F), s)), inner, constant(1.0F)));
}

HWY_INLINE Vec silu_slope(Vec x) {
  const Vec s = sigmoid_of(x);
  return hn::Mul(s, hn::MulAdd(x, hn::Sub(constant(1.0F), s), constant(1.0F)));
}

HWY_INLINE Vec slope(Activation activation, Vec x) {
  if (activation == Activation::kGelu) return gelu_slope(x);
  if (activation == Activation::kGeluTanh) return gelu_tanh_slope(x);
  return activation == Activation::kSilu ? silu_slope(x) : constant(1.0F);
}

// drop_factor of the units from `first` on.
HWY_INLINE Vec drop_factors(const DropRule& rule, std::uint32_t first) {
  auto x = hn::Xor(hn::Iota(kBitsTag, first), hn::Set(kBitsTag, rule.low_seed));
  x = hn::Xor(x, hn::ShiftRight<16>(x));
  x = hn::Mul(x, hn::Set(kBitsTag, 0x7feb352dU));
  x = hn::Xor(x, hn::ShiftRight<15>(x));
  x = hn::Add(x, hn::Set(kBitsTag, rule.high_seed));
  x = hn::Mul(x, hn::Set(kBitsTag, 0x846ca68bU));
  x = hn::Xor(x, hn::ShiftRight<16>(x));
  // Unsigned comparison by way of the larger of both.
  const auto limit = hn::Set(kBitsTag, rule.threshold);
  const auto kept = hn::RebindMask(kTag, hn::Eq(hn::Max(x, limit), x));
  return hn::IfThenElseZero(kept, constant(rule.scale));
}

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
