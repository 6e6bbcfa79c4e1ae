#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "optimiser/optimiser.h"

namespace continuo::train {

// What Optimiser does, by libtorch's functions, for tensors of any one device. Muon's matrices of one shape are moved
// together, and AdamW is libtorch's fused one where that exists: many small tensors cost a GPU more than their numbers.
class TensorOptimiser {
 public:
  struct Slot {
    torch::Tensor value;
    bool decays = false;
    double rate = 1;                     // of Update::learning_rate; AdamW alone
    std::vector<std::int64_t> matrices;  // as in Optimiser::Slot
    torch::Tensor first_moment;
    torch::Tensor second_moment;  // AdamW alone; else undefined
  };

  // Requires: fp32, contiguous; the rows of `matrices` are all rows of the value.
  void add(const torch::Tensor& value, bool decays, double rate = 1, std::vector<std::int64_t> matrices = {});
  std::vector<Slot>& slots() { return slots_; }

  // Returns the global norm of the gradients before clipping; when it is not finite nothing is changed. Overwrites
  // the gradients. Requires: one gradient per slot, of its shape, in order; an undefined one leaves its slot alone.
  double step(const std::vector<torch::Tensor>& gradients, const Optimiser::Update& update);

 private:
  std::vector<Slot> slots_;
};

// The nearest matrices whose singular values are all about 1; see kernels::orthogonalise().
// Shape: [count, rows, columns] -> the same.
torch::Tensor orthogonalised(const torch::Tensor& matrices);

}  // namespace continuo::train
