#pragma once

#include <torch/types.h>

#include "continuo/neural/pass.h"

namespace continuo::neural {

// Rows of `words` by number, plus those of `positions` in order.
// Shape: ids [batch, time] int64, words [vocab, width], positions [time, width] or undefined -> [batch, time, width].
torch::Tensor embed(const torch::Tensor& ids, const torch::Tensor& words, const torch::Tensor& positions,
                    const Pass& pass);

}  // namespace continuo::neural
