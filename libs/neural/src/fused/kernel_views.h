#pragma once

#include <type_traits>

#include <ATen/Parallel.h>
#include <torch/types.h>

#include "continuo/kernels/number_types.h"

// Between libtorch's tensors and the kernels: views, number types, and how work is spread over libtorch's threads.
namespace continuo::neural::fused {

template <typename Number>
inline constexpr torch::ScalarType kTypeOf =
    std::is_same_v<Number, kernels::Bf16> ? torch::kBFloat16 : torch::kFloat32;

// The memory of a contiguous tensor as the kernels see it.
template <typename Number>
Number* data_of(const torch::Tensor& tensor) {
  using Plain = std::remove_const_t<Number>;
  TORCH_INTERNAL_ASSERT(tensor.scalar_type() == kTypeOf<Plain> && tensor.is_contiguous());
  return static_cast<Number*>(tensor.data_ptr());
}

// A contiguous tensor [..., width] as rows.
template <typename Number>
kernels::Matrix<Number> rows_of(const torch::Tensor& tensor) {
  return {data_of<Number>(tensor), std::size_t(tensor.size(-1))};
}

inline std::size_t row_count(const torch::Tensor& tensor) { return std::size_t(tensor.numel() / tensor.size(-1)); }

// Calls work(Number{}) with the kernels' type for a tensor's type: fp32 or bf16.
template <typename Work>
auto with_number(torch::ScalarType type, const Work& work) {
  return type == torch::kBFloat16 ? work(kernels::Bf16{}) : work(float{});
}

// Calls work(part) for all parts of a function's work, one on each of libtorch's threads.
template <typename Work>
void in_parts(const Work& work) {
  const auto count = std::int64_t(at::get_num_threads());
  at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) work(kernels::Part{std::size_t(i), std::size_t(count)});
  });
}

}  // namespace continuo::neural::fused
