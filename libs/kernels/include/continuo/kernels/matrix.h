#pragma once

#include <cstddef>
#include <type_traits>

namespace continuo::kernels {

// A matrix whose rows lie inside a larger block of memory: row r starts at data + r * stride. A view; `data` null:
// none.
template <typename Number>
struct Matrix {
  Number* data = nullptr;
  std::size_t stride = 0;  // from one row to the next. Units: numbers

  Number* row(std::size_t index) const { return data + index * stride; }
  // The same columns from this row on.
  Matrix from_row(std::size_t index) const { return {row(index), stride}; }
  explicit operator bool() const { return data != nullptr; }
  operator Matrix<const Number>() const requires(!std::is_const_v<Number>) { return {data, stride}; }
};

}  // namespace continuo::kernels
