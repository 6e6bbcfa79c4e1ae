#include "parts/embedding.h"

#include <torch/torch.h>

#include "fused/embedding.h"

namespace continuo::neural {

torch::Tensor embed(const torch::Tensor& ids, const torch::Tensor& words, const torch::Tensor& positions,
                    const Pass& pass) {
  if (pass.fused) return fused::embed(ids, words, positions);
  const torch::Tensor x = at::embedding(words, ids);
  return positions.defined() ? x + positions : x;
}

}  // namespace continuo::neural
