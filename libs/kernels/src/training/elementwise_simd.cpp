// Work on numbers and rows for training in Highway's portable vectors, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/elementwise_simd.cpp"
#include <algorithm>
#include <cmath>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "../simd_targets.h"
#include "elementwise_table.h"
#include "packing-inl.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

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
void cross_entropy_rows(const CrossEntropy<Number>& c, std::size_t begin, std::size_t end) {
  constexpr float kNothing = -1e30F;
  for (std::size_t row = begin; row < end; ++row) {
    const float* logits = c.logits.row(row);
    Vec top = constant(kNothing), sum = hn::Zero(kTag);
    for (std::size_t i = 0; i < c.words; i += kLanes) top = hn::Max(top, load_up_to(logits + i, c.words - i, kNothing));
    const float largest = max_of(top);
    const auto exponential = [&](std::size_t i) HWY_ATTR {
      const Vec x = load_up_to(logits + i, c.words - i, kNothing);
      const Vec y = exp_of(hn::Sub(x, constant(largest)));
      return hn::IfThenZeroElse(hn::Lt(x, constant(0.5F * kNothing)), y);
    };
    for (std::size_t i = 0; i < c.words; i += kLanes) sum = hn::Add(sum, exponential(i));
    const float total = sum_of(sum);
    const auto target = static_cast<std::size_t>(c.targets[row]);
    c.losses[row] = std::log(total) + largest - logits[target];
    if (!c.gradient) continue;
    Number* gradient = c.gradient.row(row);
    const Vec inverse = constant(1.0F / total);
    for (std::size_t i = 0; i < c.words; i += kLanes) {
      store_up_to(hn::Mul(exponential(i), inverse), gradient + i, c.words - i);
    }
    gradient[target] = number_from<Number>(std::exp(logits[target] - largest) / total - 1.0F);
  }
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
      store_up_to(hn::Mul(hn::Mul(gradient, value), slope(c.activation, gate)), out + i, count);
      store_up_to(hn::Mul(gradient, activated(c.activation, gate)), out + c.width + i, count);
    }
  }
}

// Turns a vector of pairs by their angles.
template <typename Number>
HWY_INLINE void turn(Number* first, Number* second, Vec cosine, Vec sine, std::size_t count) {
  const Vec x = load_up_to(first, count), y = load_up_to(second, count);
  store_up_to(hn::NegMulAdd(y, sine, hn::Mul(x, cosine)), first, count);
  store_up_to(hn::MulAdd(x, sine, hn::Mul(y, cosine)), second, count);
}

template <typename Number>
void rotate_rows(const Rotation<Number>& c, std::size_t begin, std::size_t end) {
  const std::size_t half = c.table->rotated / 2;
  for (std::size_t row = begin; row < end; ++row) {
    const std::size_t angles = (row % c.time + c.offset) * half;
    for (std::size_t i = 0; i < half; i += kLanes) {
      const std::size_t count = half - i;
      const Vec cosine = load_up_to(c.table->cosines.data() + angles + i, count);
      Vec sine = load_up_to(c.table->sines.data() + angles + i, count);
      if (c.inverse) sine = hn::Neg(sine);
      Number* x = c.vectors.row(row) + i;
      for (std::size_t head = 0; head < c.heads; ++head, x += c.head_width) turn(x, x + half, cosine, sine, count);
    }
  }
}

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

// Inputs of a panel that are packed while they are in the second cache level; shorter runs of memory cost more.
constexpr std::size_t kPackChunk = 2048;

template <typename Number>
void adamw_and_pack_panels(const PackedAdamw<Number>& c, const AdamwFactors& f, std::size_t begin, std::size_t end) {
  const std::size_t depth = round_up(c.inputs, kGroup<Number>), other_depth = round_up(c.outputs, kGroup<Number>);
  for (std::size_t first = begin * kPanelRows; first < std::min(c.outputs, end * kPanelRows); first += kPanelRows) {
    const std::size_t outputs = std::min(kPanelRows, c.outputs - first);
    const float* values = c.state.values.data() + first * c.inputs;
    for (std::size_t input = 0; input < c.inputs; input += kPackChunk) {
      const std::size_t inputs = std::min(kPackChunk, c.inputs - input);
      for (std::size_t output = first; output < first + outputs; ++output) {
        adamw_range(c.state, f, output * c.inputs + input, output * c.inputs + input + inputs);
      }
      pack_panel_transposed(values + input, c.inputs, outputs, inputs, c.forward + first * depth + input * kPanelRows);
      for (std::size_t i = 0; i < inputs; i += kPanelRows) {
        pack_panel(values + input + i, c.inputs, outputs, std::min(kPanelRows, inputs - i),
                   c.input_gradient + (input + i) * other_depth + first * kPanelRows);
      }
    }
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

template <typename Number>
constexpr ElementwiseTable<Number> kTable = {
    activate_range<Number>,      drop_range<Number, float>,  drop_range<float, Number>,    drop_range<Number, Number>,
    norm_rows<Number>,           norm_gradient_rows<Number>, cross_entropy_rows<Number>,   gated_rows<Number>,
    gated_gradient_rows<Number>, rotate_rows<Number>,        adamw_and_pack_panels<Number>};
constexpr OptimizerTable kOptimizerTable = {adamw_range, sum_squares};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

template <>
const ElementwiseTable<float>* simd_elementwise_table<float>(Isa isa) {
  CONTINUO_RETURN_SIMD_TABLE(isa, kTable<float>);
  return nullptr;
}
template <>
const ElementwiseTable<Bf16>* simd_elementwise_table<Bf16>(Isa isa) {
  CONTINUO_RETURN_SIMD_TABLE(isa, kTable<Bf16>);
  return nullptr;
}
const OptimizerTable* simd_optimizer_table(Isa isa) {
  CONTINUO_RETURN_SIMD_TABLE(isa, kOptimizerTable);
  return nullptr;
}

}  // namespace continuo::kernels
#endif
