// Elementwise functions and softmax in Highway's portable vectors, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "elementwise/elementwise_simd.cpp"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "elementwise/elementwise_table.h"
#include "elementwise/functions-inl.h"
#include "isa/simd_targets.h"
#include "isa/vectors-inl.h"

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

// out = function(in, index) for numbers [begin, end).
template <typename From, typename To, typename MapFunction>
HWY_INLINE void map(const From* in, To* out, std::size_t begin, std::size_t end, const MapFunction& function) {
  for (std::size_t i = begin; i < end; i += kLanes) {
    store_up_to(function(load_up_to(in + i, end - i), i), out + i, end - i);
  }
}

template <typename Number>
void activate_range(Activation activation, const Number* in, Number* out, std::size_t begin, std::size_t end) {
  map(in, out, begin, end, [=](Vec x, std::size_t) HWY_ATTR { return activated(activation, x); });
}

template <typename From, typename To>
void drop_range(const DropRule& rule, const From* in, To* out, std::size_t begin, std::size_t end) {
  if (!rule) return map(in, out, begin, end, [](Vec x, std::size_t) HWY_ATTR { return x; });
  map(in, out, begin, end,
      [&](Vec x, std::size_t i) HWY_ATTR { return hn::Mul(x, drop_factors(rule, static_cast<std::uint32_t>(i))); });
}

template <typename Number>
void gated_rows(const GatedForward<Number>& c, std::size_t begin, std::size_t end) {
  for (std::size_t row = begin; row < end; ++row) {
    const Number *gates = c.input.row(row), *values = gates + c.width;
    for (std::size_t i = 0; i < c.width; i += kLanes) {
      const std::size_t count = c.width - i;
      const Vec gate = activated(c.activation, load_up_to(gates + i, count));
      store_up_to(hn::Mul(gate, load_up_to(values + i, count)), c.output.row(row) + i, count);
    }
  }
}

template <typename Number>
void gated_gradient_rows(const GatedBackward<Number>& c, std::size_t begin, std::size_t end) {
  for (std::size_t row = begin; row < end; ++row) {
    const Number *gates = c.input.row(row), *values = gates + c.width;
    Number* out = c.input_gradient.row(row);
    for (std::size_t i = 0; i < c.width; i += kLanes) {
      const std::size_t count = c.width - i;
      const Vec gate = load_up_to(gates + i, count), value = load_up_to(values + i, count);
      const Vec gradient = load_up_to(c.gradient.row(row) + i, count);
      store_up_to(hn::Mul(hn::Mul(gradient, value), derivative(c.activation, gate)), out + i, count);
      store_up_to(hn::Mul(gradient, activated(c.activation, gate)), out + c.width + i, count);
    }
  }
}

template <typename Number>
constexpr ElementwiseTable<Number> kElementwiseTable = {activate_range<Number>,    drop_range<Number, float>,
                                                        drop_range<float, Number>, drop_range<Number, Number>,
                                                        gated_rows<Number>,        gated_gradient_rows<Number>};
constexpr FunctionTable kFunctionTable = {apply_all, normalise_exponentials};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

CONTINUO_SIMD_TABLES_OF_NUMBERS(ElementwiseTable, simd_elementwise_table, kElementwiseTable)
const FunctionTable* simd_function_table(Isa isa) {
  CONTINUO_RETURN_SIMD_TABLE(isa, kFunctionTable);
  return nullptr;
}

}  // namespace continuo::kernels
#endif
