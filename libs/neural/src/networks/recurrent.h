#pragma once

#include <vector>

#include "continuo/neural/network.h"

#include "parts/embedding.h"
#include "parts/recurrent.h"

namespace continuo::neural {

// Stacked LSTM or GRU; every sequence starts from a zero state. Dropout between layers and on the output.
// Source: Zaremba et al., "Recurrent Neural Network Regularization", 2014.
class Recurrent final : public Network {
 public:
  explicit Recurrent(const checkpoint::ModelConfig& config);
  torch::Tensor hidden(const torch::Tensor& tokens, const Pass& pass) const override;

 private:
  EmbeddingWeights embedding_;
  std::vector<fused::RecurrentLayer> layers_;
};

}  // namespace continuo::neural
