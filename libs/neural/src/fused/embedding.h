#pragma once

#include <torch/types.h>

namespace continuo::neural::fused {

// Rows of `words` by number, plus those of `positions` in order, with gradients.
// Shape: ids [batch, time] int64, words [vocab, width], positions [time, width] or undefined -> [batch, time, width].
torch::Tensor embed(const torch::Tensor& ids, const torch::Tensor& words, const torch::Tensor& positions);

}  // namespace continuo::neural::fused
