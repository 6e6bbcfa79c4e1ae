#pragma once

#include <span>
#include <utility>
#include <vector>

#include <torch/types.h>

namespace continuo::train {

// fp32 tensors as host memory: those of the CPU in place, of others copies, which can be changed and written back.
class HostCopies {
 public:
  // The numbers of a contiguous tensor. Valid until clear(), and in place while the tensor lives.
  std::span<float> of(const torch::Tensor& tensor);
  // Tensors of other devices become what their copies are now.
  void write_back() const;
  void clear() { copies_.clear(); }

 private:
  std::vector<std::pair<torch::Tensor, torch::Tensor>> copies_;  // the tensor, and its copy
};

// Of a contiguous fp32 tensor of the CPU.
std::span<float> values_of(const torch::Tensor& tensor);

}  // namespace continuo::train
