#pragma once

#include <type_traits>
#include <utility>

#include <ATen/core/ivalue.h>
#include <torch/types.h>

#include "continuo/kernels/number_types.h"
#include "continuo/neural/parallel.h"

// Between libtorch's tensors and the kernels: views and number types.
namespace continuo::neural {

// How a tensor that may be undefined is given to an autograd function: the optional of this libtorch, which is
// std::optional in newer ones.
using MaybeTensor = decltype(std::declval<torch::IValue>().toOptional<torch::Tensor>());

template <typename Number>
inline constexpr torch::ScalarType kTypeOf = std::is_same_v<Number, kernels::Bf16> ? torch::kBFloat16 : torch::kFloat32;

// The memory of a contiguous tensor as the kernels see it.
template <typename Number>
Number* data_of(const torch::Tensor& tensor) {
  using Plain = std::remove_const_t<Number>;
  TORCH_INTERNAL_ASSERT(tensor.is_cpu() && tensor.scalar_type() == kTypeOf<Plain> && tensor.is_contiguous());
  return static_cast<Number*>(tensor.data_ptr());
}

// A contiguous tensor [..., width] as rows.
template <typename Number>
kernels::Matrix<Number> rows_of(const torch::Tensor& tensor) {
  return {data_of<Number>(tensor), std::size_t(tensor.size(-1))};
}

// Null where the tensor is undefined.
template <typename Number>
Number* data_if_defined(const MaybeTensor& tensor) {
  return tensor && tensor->defined() ? data_of<Number>(*tensor) : nullptr;
}

inline std::size_t row_count(const torch::Tensor& tensor) { return std::size_t(tensor.numel() / tensor.size(-1)); }

// Calls work(Number{}) with the kernels' type for a tensor's type: fp32 or bf16.
template <typename Work>
auto with_number(torch::ScalarType type, const Work& work) {
  return type == torch::kBFloat16 ? work(kernels::Bf16{}) : work(float{});
}

}  // namespace continuo::neural
