// Functions of vectors: exp and what is computed with it, activations and their derivatives, dropout.
#if defined(CONTINUO_KERNELS_FUNCTIONS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONTINUO_KERNELS_FUNCTIONS_INL_H_
#undef CONTINUO_KERNELS_FUNCTIONS_INL_H_
#else
#define CONTINUO_KERNELS_FUNCTIONS_INL_H_
#endif

#include "continuo/kernels/activation.h"
#include "continuo/kernels/dropout.h"

#include "isa/vectors-inl.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

// exp(x) = 2^n exp(r) with |r| <= ln(2)/2; exp(r) by its Taylor polynomial of degree 7.
HWY_INLINE Vec exp_of(Vec x) {
  const hn::RebindToSigned<Tag> integers;
  x = hn::Min(constant(87.0F), hn::Max(constant(-87.0F), x));  // in this order, NaN stays NaN
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

HWY_INLINE Vec relu_of(Vec x) { return hn::Max(constant(0.0F), x); }  // in this order, NaN stays NaN
HWY_INLINE Vec relu2_of(Vec x) { return hn::Mul(relu_of(x), relu_of(x)); }

HWY_INLINE Vec activated(Activation activation, Vec x) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kGelu:
      return gelu_of(x);
    case Activation::kGeluTanh:
      return gelu_tanh_of(x);
    case Activation::kSilu:
      return silu_of(x);
    case Activation::kRelu2:
      return relu2_of(x);
  }
  return x;
}

// Derivatives.
HWY_INLINE Vec gelu_derivative(Vec x) {
  const Vec density = hn::Mul(constant(0.39894228F), exp_of(hn::Mul(constant(-0.5F), hn::Mul(x, x))));
  const Vec below = hn::MulAdd(constant(0.5F), erf_of(hn::Mul(x, constant(0.70710678F))), constant(0.5F));
  return hn::MulAdd(x, density, below);
}

HWY_INLINE Vec gelu_tanh_derivative(Vec x) {
  const Vec square = hn::Mul(x, x);
  const Vec cubic = hn::MulAdd(square, constant(0.044715F), constant(1.0F));
  const Vec s = sigmoid_of(hn::Mul(hn::Mul(constant(1.59576912F), x), cubic));
  const Vec inner = hn::MulAdd(square, constant(1.59576912F * 0.134145F), constant(1.59576912F));
  return hn::Mul(s, hn::MulAdd(hn::Mul(x, hn::Sub(constant(1.0F), s)), inner, constant(1.0F)));
}

HWY_INLINE Vec silu_derivative(Vec x) {
  const Vec s = sigmoid_of(x);
  return hn::Mul(s, hn::MulAdd(x, hn::Sub(constant(1.0F), s), constant(1.0F)));
}

HWY_INLINE Vec relu2_derivative(Vec x) { return hn::Add(relu_of(x), relu_of(x)); }

HWY_INLINE Vec derivative(Activation activation, Vec x) {
  switch (activation) {
    case Activation::kNone:
      return constant(1.0F);
    case Activation::kGelu:
      return gelu_derivative(x);
    case Activation::kGeluTanh:
      return gelu_tanh_derivative(x);
    case Activation::kSilu:
      return silu_derivative(x);
    case Activation::kRelu2:
      return relu2_derivative(x);
  }
  return x;
}

// drop_factor of the units from `first` on.
HWY_INLINE Vec drop_factors(const DropRule& rule, std::uint32_t first) {
  auto x = hn::Xor(hn::Iota(kBitsTag, rule.first + first), hn::Set(kBitsTag, rule.low_seed));
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
