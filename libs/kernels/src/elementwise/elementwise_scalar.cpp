#include <algorithm>
#include <cmath>
#include <cstdint>

#include "continuo/kernels/number_types.h"

#include "elementwise/elementwise_table.h"
#include "elementwise/scalar_functions.h"

// What elementwise functions mean, in plain C++: the reference for the other instruction sets.
namespace continuo::kernels {
namespace {

float evaluate(Function function, float x) {
  switch (function) {
    case Function::kExp:
      return std::exp(std::clamp(x, -87.0F, 87.0F));
    case Function::kTanh:
      return std::tanh(x);
    case Function::kSigmoid:
      return sigmoid(x);
    case Function::kErf:
      return std::erf(x);
    case Function::kGelu:
      return activated(Activation::kGelu, x);
    case Function::kGeluTanh:
      return activated(Activation::kGeluTanh, x);
    case Function::kSilu:
      return activated(Activation::kSilu, x);
  }
  return x;
}

void apply_all(Function function, float* x, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) x[i] = evaluate(function, x[i]);
}

void normalise_exponentials(float* x, std::size_t count, float scale) noexcept {
  const float top = *std::max_element(x, x + count);
  float sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += x[i] = evaluate(Function::kExp, (x[i] - top) * scale);
  for (std::size_t i = 0; i < count; ++i) x[i] /= sum;
}

template <typename Number>
void activate_range(Activation activation, const Number* in, Number* out, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) out[i] = number_from<Number>(activated(activation, to_float(in[i])));
}

template <typename From, typename To>
void drop_range(const DropRule& rule, const From* in, To* out, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    out[i] = number_from<To>(to_float(in[i]) * drop_factor(rule, static_cast<std::uint32_t>(i)));
  }
}

template <typename Number>
void gated_rows(const GatedForward<Number>& c, std::size_t begin, std::size_t end) {
  for (std::size_t row = begin; row < end; ++row) {
    const Number* gates = c.input.row(row);
    for (std::size_t i = 0; i < c.width; ++i) {
      c.output.row(row)[i] =
          number_from<Number>(activated(c.activation, to_float(gates[i])) * to_float(gates[c.width + i]));
    }
  }
}

template <typename Number>
void gated_gradient_rows(const GatedBackward<Number>& c, std::size_t begin, std::size_t end) {
  for (std::size_t row = begin; row < end; ++row) {
    for (std::size_t i = 0; i < c.width; ++i) {
      const float gate = to_float(c.input.row(row)[i]), value = to_float(c.input.row(row)[c.width + i]);
      const float gradient = to_float(c.gradient.row(row)[i]);
      c.input_gradient.row(row)[i] = number_from<Number>(gradient * value * derivative(c.activation, gate));
      c.input_gradient.row(row)[c.width + i] = number_from<Number>(gradient * activated(c.activation, gate));
    }
  }
}

}  // namespace

template <typename Number>
const ElementwiseTable<Number>& scalar_elementwise_table() {
  static constexpr ElementwiseTable<Number> kTable = {activate_range<Number>,    drop_range<Number, float>,
                                                      drop_range<float, Number>, drop_range<Number, Number>,
                                                      gated_rows<Number>,        gated_gradient_rows<Number>};
  return kTable;
}
template const ElementwiseTable<float>& scalar_elementwise_table();
template const ElementwiseTable<Bf16>& scalar_elementwise_table();

const FunctionTable& scalar_function_table() {
  static constexpr FunctionTable kTable = {apply_all, normalise_exponentials};
  return kTable;
}

}  // namespace continuo::kernels
