#include "optimiser/host_copies.h"

#include <cstddef>

#include <torch/torch.h>

namespace continuo::train {

std::span<float> values_of(const torch::Tensor& tensor) {
  TORCH_INTERNAL_ASSERT(tensor.is_cpu() && tensor.is_contiguous());
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

std::span<float> HostCopies::of(const torch::Tensor& tensor) {
  if (tensor.is_cpu()) return values_of(tensor);
  copies_.emplace_back(tensor.detach(), tensor.detach().to(torch::kCPU));
  return values_of(copies_.back().second);
}

void HostCopies::write_back() const {
  const torch::NoGradGuard no_grad;
  for (const auto& [tensor, copy] : copies_) tensor.copy_(copy);
}

}  // namespace continuo::train
