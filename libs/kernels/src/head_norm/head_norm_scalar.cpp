#include <algorithm>
#include <cmath>

#include "continuo/kernels/number_types.h"

#include "head_norm/head_norm_table.h"

// What the norm of heads means, in plain C++: the reference for the other instruction sets.
namespace continuo::kernels {
namespace {

template <typename Number>
float inverse_rms(const HeadNormShape& shape, const Number* x) {
  float squares = 0;
  for (std::size_t i = 0; i < shape.head_width; ++i) squares += to_float(x[i]) * to_float(x[i]);
  return 1.0F / std::sqrt(squares / static_cast<float>(shape.head_width) + shape.epsilon);
}

template <typename Number>
void norm_heads(const HeadNormForward<Number>& c) noexcept {
  const std::size_t width = c.shape.head_width;
  for (std::size_t row = 0; row < c.shape.rows; ++row) {
    for (std::size_t head = 0; head < c.shape.heads; ++head) {
      const Number* x = c.input.row(row) + head * width;
      Number* y = c.output.row(row) + head * width;
      const float inverse = inverse_rms(c.shape, x);
      if (c.inverses) c.inverses.row(row)[head] = inverse;
      for (std::size_t i = 0; i < width; ++i) y[i] = number_from<Number>(to_float(x[i]) * inverse * c.shape.scale[i]);
    }
  }
}

// The gradient of one head, with y = x inverse: g = dy scale, dx = inverse (g - y mean(g y)).
template <typename Number>
void head_gradient(const HeadNormBackward<Number>& c, const Number* x, float inverse, Number* gradient) {
  const std::size_t width = c.shape.head_width;
  float weighted = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const float y = to_float(x[i]) * inverse, dy = to_float(gradient[i]);
    weighted += dy * c.shape.scale[i] * y / static_cast<float>(width);
    c.scale_gradient[i] += dy * y;
  }
  for (std::size_t i = 0; i < width; ++i) {
    const float y = to_float(x[i]) * inverse, g = to_float(gradient[i]) * c.shape.scale[i];
    gradient[i] = number_from<Number>((g - y * weighted) * inverse);
  }
}

template <typename Number>
void norm_heads_gradient(const HeadNormBackward<Number>& c) noexcept {
  const std::size_t width = c.shape.head_width;
  std::fill_n(c.scale_gradient, width, 0.0F);
  for (std::size_t row = 0; row < c.shape.rows; ++row) {
    for (std::size_t head = 0; head < c.shape.heads; ++head) {
      const std::size_t at = head * width;
      head_gradient(c, c.input.row(row) + at, c.inverses.row(row)[head], c.gradient.row(row) + at);
    }
  }
}

}  // namespace

template <typename Number>
const HeadNormTable<Number>& scalar_head_norm_table() {
  static constexpr HeadNormTable<Number> kTable = {norm_heads<Number>, norm_heads_gradient<Number>};
  return kTable;
}
template const HeadNormTable<float>& scalar_head_norm_table();
template const HeadNormTable<Bf16>& scalar_head_norm_table();

}  // namespace continuo::kernels
